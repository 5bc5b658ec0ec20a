/* SPDX-License-Identifier: ISC */
/* Between the files that write a page; others ask page.h. */
#ifndef PAGE_PAGE_PARTS_H
#define PAGE_PAGE_PARTS_H

#include "page/page.h"

extern const char page_style[];

/* The lanes that have calls, one a row. */
void page_write_chart(const struct page *page, struct strbuf *buf);

/* The paths as a tree.  JUDGED: with what is not granted. */
void page_write_tree(struct page *page, bool judged, struct strbuf *buf);

/* 1234567 -> 1,234,567 */
void page_number(struct strbuf *buf, uint64_t number);

/* 0.0123 -> 12.3 ms */
void page_seconds(struct strbuf *buf, double seconds);

#endif
