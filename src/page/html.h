/* SPDX-License-Identifier: ISC */
/* Foreign words on a page: they can be read, and do nothing. */
#ifndef PAGE_HTML_H
#define PAGE_HTML_H

#include <stddef.h>

#include "base/strbuf.h"

/*
 * TEXT as text or as a quoted attribute's value: controls, broken UTF-8 and
 * what reorders a line as on a terminal (quote_terminal()), then what HTML
 * knows as entities.
 */
void html_text(struct strbuf *buf, const char *text);

/* LENGTH bytes of it. */
void html_part(struct strbuf *buf, const char *text, size_t length);

#endif
