/* SPDX-License-Identifier: ISC */
/*
 * Calls by promise over time: a lane a promise, each with its own height, as
 * `stdio` would flatten all others.  A lane is one path; the browser stretches
 * it to the width that there is.
 */
#include "page/html.h"
#include "page/page_parts.h"

#define HEIGHT 40.0
#define TICKS  4

static const char *
lane_name(size_t lane)
{
	if (lane == PAGE_ALWAYS)
		return "always allowed";
	return lane == PAGE_NEVER ? "no promise" : promise_rows[lane].name;
}

static const char *
lane_text(size_t lane)
{
	if (lane == PAGE_ALWAYS)
		return "allowed whatever is promised";
	if (lane == PAGE_NEVER)
		return "no promise allows these";
	return promise_rows[lane].text;
}

/* How many slots the run lasted. */
static size_t
count_slots(const struct page *page)
{
	size_t count =
	    page->slot > 0 ? (size_t)(page->end / page->slot) + 1 : 1;

	return count < PAGE_SLOTS ? count : PAGE_SLOTS;
}

/* The square root of 0..1, near enough for a picture. */
static double
root(double part)
{
	double guess = 1;

	for (int i = 0; i < 20; i++)
		guess = (guess + part / guess) / 2;
	return guess;
}

/* Square roots, so that one call is seen beside a thousand. */
static void
add_bars(struct strbuf *buf, const struct page_lane *lane, size_t count)
{
	uint32_t most = 1;

	for (size_t i = 0; i < count; i++)
		if (lane->slots[i] > most)
			most = lane->slots[i];
	strbuf_printf(buf,
	    "<svg viewBox=\"0 0 %zu %.0f\" preserveAspectRatio=\"none\" "
	    "role=\"img\" aria-hidden=\"true\"><path d=\"",
	    count * 10, HEIGHT);
	for (size_t i = 0; i < count; i++) {
		double height =
		    root((double)lane->slots[i] / (double)most) * (HEIGHT - 2);

		if (lane->slots[i] == 0)
			continue;
		strbuf_printf(buf, "M%zu %.0fv-%.1fh9v%.1fz", i * 10, HEIGHT,
		    height < 3 ? 3 : height, height < 3 ? 3 : height);
	}
	strbuf_puts(buf, "\"/></svg>");
}

static void
add_lane(
    struct strbuf *buf, const struct page *page, size_t which, size_t count)
{
	const struct page_lane *lane = &page->lanes[which];

	strbuf_printf(buf, "<div class=\"lane%s\" title=\"",
	    which == PAGE_NEVER    ? " bad"
	    : which == PAGE_ALWAYS ? " quiet"
	                           : "");
	html_text(buf, lane_text(which));
	strbuf_printf(buf,
	    "\"><b data-lane=\"%s\">%s</b><i data-calls=\"%llu\">",
	    lane_name(which), lane_name(which),
	    (unsigned long long)lane->calls);
	page_number(buf, lane->calls);
	if (lane->failed > 0) {
		strbuf_puts(buf, " <s title=\"failed\">");
		page_number(buf, lane->failed);
		strbuf_puts(buf, " failed</s>");
	}
	strbuf_puts(buf, "</i>");
	add_bars(buf, lane, count);
	strbuf_puts(buf, "</div>\n");
}

static void
add_axis(struct strbuf *buf, double seconds)
{
	strbuf_puts(buf, "<div class=\"axis\"><span>");
	for (int i = 0; i <= TICKS; i++) {
		strbuf_puts(buf, "<u>");
		page_seconds(buf, seconds * i / TICKS);
		strbuf_puts(buf, "</u>");
	}
	strbuf_puts(buf, "</span></div>\n");
}

void
page_write_chart(const struct page *page, struct strbuf *buf)
{
	size_t count = count_slots(page);

	strbuf_puts(buf,
	    "<section class=\"card\"><h2>Calls by promise over time</h2>\n"
	    "<div class=\"chart\">\n");
	for (size_t i = 0; i < PAGE_LANES; i++)
		if (page->lanes[i].calls > 0)
			add_lane(buf, page, i, count);
	add_axis(buf, page->slot * (double)count);
	strbuf_puts(buf,
	    "</div><p class=\"hint\">Each promise is drawn to its own height. A "
	    "call that several promises allow stands at the first of "
	    "them.</p></section>\n");
}
