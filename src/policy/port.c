/* SPDX-License-Identifier: ISC */
#include "policy/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int
port_compare(struct port a, struct port b)
{
	if (a.protocol != b.protocol)
		return (int)a.protocol - (int)b.protocol;
	return (int)a.number - (int)b.number;
}

int
port_parse(const char *text, struct port *ret_port, struct diag *diag)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    number > UINT16_MAX)
		return diag_set(diag, EINVAL,
		    "\"%s\" is no port; write a "
		    "number from 0 to 65535",
		    text);
	*ret_port = TCP_PORT((uint16_t)number);
	return 0;
}

const char *
port_text(struct port port, char ret_text[PORT_TEXT])
{
	snprintf(ret_text, PORT_TEXT, "%u", port.number);
	return ret_text;
}

bool
ports_have(const struct ports *ports, struct port port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (port_equals(ports->port[i], port))
			return true;
	return false;
}

int
ports_add(struct ports *ports, struct port port, struct diag *diag)
{
	if (ports->count == POLICY_PORTS)
		return diag_set(
		    diag, E2BIG, "more than %d ports", POLICY_PORTS);
	ports->port[ports->count++] = port;
	return 0;
}

int
ports_add_text(struct ports *ports, const char *text, struct diag *diag)
{
	struct port port;
	int r = port_parse(text, &port, diag);

	return r == 0 ? ports_add(ports, port, diag) : r;
}
