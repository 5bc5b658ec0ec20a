/* SPDX-License-Identifier: ISC */
/*
 * A port of the network: of which protocol, and which.  In words "443" is
 * TCP's.
 */
#ifndef POLICY_PORT_H
#define POLICY_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

enum port_protocol {
	PORT_NONE, /* no port at all */
	PORT_TCP,
};

struct port {
	uint16_t protocol; /* enum port_protocol */
	uint16_t number;   /* of bind: 0 is one of the kernel's choice */
};
#define TCP_PORT(number) ((struct port){ PORT_TCP, (number) })
#define DNS_PORT         53 /* RFC 1035, 4.2 */

static inline bool
port_is_set(struct port port)
{
	return port.protocol != PORT_NONE;
}

static inline bool
port_equals(struct port a, struct port b)
{
	return a.protocol == b.protocol && a.number == b.number;
}

/* Of PORT_NONE first; below zero: A, above: B, 0: they are the same. */
int port_compare(struct port a, struct port b);

/* Reads all of TEXT; -EINVAL and what would do. */
int port_parse(const char *text, struct port *ret_port, struct diag *diag);

/* The same, to be read back. */
#define PORT_TEXT 16
const char *port_text(struct port port, char ret_text[PORT_TEXT]);

#define POLICY_PORTS 128

struct ports {
	struct port port[POLICY_PORTS];
	size_t count;
	unsigned int line[POLICY_PORTS]; /* of a policy file; 0: of none */
};

bool ports_have(const struct ports *ports, struct port port);
/* -E2BIG: there is no room for more. */
int ports_add(struct ports *ports, struct port port, struct diag *diag);
int ports_add_text(struct ports *ports, const char *text, struct diag *diag);

#endif
