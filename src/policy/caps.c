/* SPDX-License-Identifier: ISC */
#include "policy/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "base/suggest.h"

#define BIT(name) (UINT64_C(1) << CAP_##name)

const struct cap_row cap_rows[CAP_ROWS] = {
	{ "dac_read_search", BIT(DAC_READ_SEARCH), PROMISE(RPATH),
	    "read files and search directories whose mode refuses it" },
	{ "dac_override", BIT(DAC_OVERRIDE), PROMISE(WPATH) | PROMISE(CPATH),
	    "read, write and create where owner and mode refuse it" },
	{ "fowner", BIT(FOWNER), PROMISE(FATTR),
	    "change modes and times of others' files" },
};

uint64_t
caps_of_files(void)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < CAP_ROWS; i++)
		caps |= cap_rows[i].bit;
	return caps;
}

int
caps_add(uint64_t *caps, const char *word, struct diag *diag)
{
	struct suggest suggest = { .wanted = word };

	for (size_t i = 0; i < CAP_ROWS; i++) {
		suggest_consider(&suggest, cap_rows[i].name);
		if (strcmp(cap_rows[i].name, word) != 0)
			continue;
		*caps |= cap_rows[i].bit;
		return 0;
	}
	return diag_set(diag, EINVAL,
	    "no capability \"%s\" to keep: write dac_read_search, "
	    "dac_override or fowner; others stand behind promises%s",
	    word, suggest_text(&suggest));
}

void
caps_write(struct strbuf *buf, uint64_t caps)
{
	for (size_t i = 0; i < CAP_ROWS; i++)
		if (caps & cap_rows[i].bit)
			strbuf_printf(buf, " %s", cap_rows[i].name);
}
