/* SPDX-License-Identifier: ISC */
#include "base/table.h"
#include "page/html.h"
#include "page/page_parts.h"

void
page_number(struct strbuf *buf, uint64_t number)
{
	char digits[32], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	for (int i = 1;; i++) {
		*--at = (char)('0' + number % 10);
		number /= 10;
		if (number == 0)
			break;
		if (i % 3 == 0)
			*--at = ',';
	}
	strbuf_puts(buf, at);
}

void
page_seconds(struct strbuf *buf, double seconds)
{
	static const struct {
		double least, unit;
		const char *name;
	} units[] = { { 1, 1, "s" }, { 1e-3, 1e-3, "ms" }, { 0, 1e-6, "us" } };
	size_t i = 0;
	double number;

	if (seconds <= 0) {
		strbuf_puts(buf, "0");
		return;
	}
	while (seconds < units[i].least)
		i++;
	number = seconds / units[i].unit;
	strbuf_printf(buf, "%.*f&nbsp;%s",
	    number < 10    ? 2
	    : number < 100 ? 1
	                   : 0,
	    number, units[i].name);
}

static void
add_tile(struct strbuf *buf, const char *name, uint64_t number)
{
	strbuf_printf(buf, "<div><dt>%s</dt><dd>", name);
	page_number(buf, number);
	strbuf_puts(buf, "</dd></div>");
}

static void
add_header(
    const struct page *page, const struct page_about *about, struct strbuf *buf)
{
	uint64_t calls = 0, failed = 0;

	for (size_t i = 0; i < PAGE_LANES; i++) {
		calls += page->lanes[i].calls;
		failed += page->lanes[i].failed;
	}
	strbuf_printf(buf, "<header><h1>seccomp-pledge %s</h1><code><bdi>",
	    about->program);
	html_text(buf, about->command);
	strbuf_puts(buf, "</bdi></code><dl>");
	strbuf_puts(buf, "<div><dt>ended</dt><dd>");
	html_text(buf, about->ending);
	strbuf_puts(buf, "</dd></div><div><dt>time</dt><dd>");
	page_seconds(buf, about->seconds);
	strbuf_puts(buf, "</dd></div>");
	add_tile(buf, "calls", calls);
	/* Who sees calls begin alone knows nothing of that. */
	if (about->total_count > 0)
		add_tile(buf, "failed", failed);
	add_tile(buf,
	    about->processes_title != NULL ? about->processes_title
	                                   : "processes",
	    about->processes);
	add_tile(buf, "paths", page->path_count);
	strbuf_puts(buf, "</dl></header>\n");
}

static void
add_line(struct strbuf *buf, const struct page_line *line)
{
	static const char *const classes[] = { [PAGE_PLAIN] = "plain",
		[PAGE_USED] = "used",
		[PAGE_UNUSED] = "unused",
		[PAGE_MISSING] = "missing" };
	static const char *const states[] = { [PAGE_USED] = "used",
		[PAGE_UNUSED] = "not needed",
		[PAGE_MISSING] = "missing" };

	strbuf_printf(buf, "<li class=\"%s\"><bdi>", classes[line->state]);
	html_text(buf, line->text);
	strbuf_puts(buf, "</bdi>");
	if (line->state != PAGE_PLAIN)
		strbuf_printf(buf, "<span class=\"state\">%s</span>",
		    states[line->state]);
	if (line->note != NULL) {
		strbuf_puts(buf, "<small>");
		html_text(buf, line->note);
		strbuf_puts(buf, "</small>");
	}
	strbuf_puts(buf, "</li>\n");
}

static void
add_policy(const struct page_about *about, struct strbuf *buf)
{
	strbuf_puts(buf, "<section class=\"card\"><h2>");
	html_text(buf, about->policy_title);
	strbuf_puts(buf, "</h2>\n<ul class=\"policy\">\n");
	for (size_t i = 0; i < about->line_count; i++)
		add_line(buf, &about->lines[i]);
	strbuf_puts(buf, "</ul>\n");
	if (about->policy_note != NULL) {
		strbuf_puts(buf, "<p class=\"hint\">");
		html_text(buf, about->policy_note);
		strbuf_puts(buf, "</p>\n");
	}
	strbuf_puts(buf, "</section>\n");
}

static void
add_totals(const struct page_about *about, struct strbuf *buf)
{
	if (about->total_count == 0)
		return;
	strbuf_puts(buf,
	    "<section class=\"card\"><h2>Calls</h2><div class=\"scroll\">\n"
	    "<table><thead><tr><th>call</th><th>times</th><th>errors</th>"
	    "<th>time</th><th>allowed by</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < about->total_count; i++) {
		const struct page_total *total = &about->totals[i];

		strbuf_printf(buf, "<tr data-call=\"%s\"><td>%s</td><td>",
		    total->name, total->name);
		page_number(buf, total->calls);
		strbuf_puts(buf, "</td><td>");
		if (total->errors > 0)
			page_number(buf, total->errors);
		strbuf_puts(buf, "</td><td>");
		page_seconds(buf, total->seconds);
		strbuf_puts(buf, "</td><td>");
		html_text(buf, total->promises);
		strbuf_puts(buf, "</td></tr>\n");
	}
	strbuf_puts(buf, "</tbody></table></div></section>\n");
}

/* No script runs and nothing is fetched, even if a word were not escaped. */
static void
add_head(const struct page_about *about, struct strbuf *buf)
{
	strbuf_puts(buf,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	html_text(buf, about->program);
	strbuf_puts(buf, ": ");
	html_text(buf, about->command);
	strbuf_puts(buf, "</title>\n<style>\n");
	strbuf_puts(buf, page_style);
	strbuf_puts(buf, "</style></head>\n<body><main>\n");
}

void
page_write(
    struct page *page, const struct page_about *about, struct strbuf *buf)
{
	add_head(about, buf);
	add_header(page, about, buf);
	strbuf_puts(buf, "<div class=\"columns\"><div>\n");
	page_write_chart(page, buf);
	page_write_tree(page, about->judged, buf);
	strbuf_puts(buf, "</div><div>\n");
	add_policy(about, buf);
	add_totals(about, buf);
	strbuf_puts(buf, "</div></div></main></body></html>\n");
	buf->failed |= page->failed;
}
