/* SPDX-License-Identifier: ISC */
/*
 * The paths that were touched, as a tree: a directory opens and closes by
 * itself, without a script.  What is not granted is shown before anything else
 * when a tree has to be cut.
 */
#include <stdlib.h>
#include <string.h>

#include "page/html.h"
#include "page/page_parts.h"

#define NODES  4000 /* shown at all */
#define LEAVES 60   /* shown of one directory */
#define DEPTH  40   /* browsers nest no deeper than some hundreds */
#define OPEN   14   /* directories that have fewer paths are open */

struct tree {
	const struct page_path *paths;
	struct strbuf *buf;
	bool judged;
	size_t nodes, cut;
};

/* Some paths in order, all with the same first `length` bytes. */
struct range {
	size_t from, to, length;
	unsigned int depth;
};

static unsigned int
lacks(const struct tree *tree, const struct page_path *row)
{
	return tree->judged ? row->uses & ~row->granted : 0;
}

/* A directory's paths stand together, and behind itself. */
static int
compare_paths(const void *left, const void *right)
{
	const char *a = ((const struct page_path *)left)->path;
	const char *b = ((const struct page_path *)right)->path;

	while (*a == *b && *a != '\0')
		a++, b++;
	if (*a == '/' || *b == '/')
		return *a == '\0' || (*b != '\0' && *a == '/') ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static void
add_letters(const struct tree *tree, unsigned int uses, unsigned int missing)
{
	static const char letters[] = "rwxc";

	for (unsigned int i = 0; i < 4; i++) {
		if (!(uses & 1u << i))
			continue;
		strbuf_printf(tree->buf, "<em class=\"%s\">%c</em>",
		    !tree->judged       ? "seen"
		    : missing & 1u << i ? "no"
		                        : "yes",
		    letters[i]);
	}
}

static void
add_counts(const struct tree *tree, uint64_t calls, uint64_t failed)
{
	strbuf_puts(tree->buf, "<i>");
	page_number(tree->buf, calls);
	strbuf_puts(tree->buf, "&times;</i>");
	if (failed > 0 && failed == calls)
		strbuf_puts(tree->buf, "<s>failed</s>");
}

static void
add_leaf(struct tree *tree, const struct page_path *row, size_t length)
{
	const char *name = row->path + length;
	unsigned int missing = lacks(tree, row);

	tree->nodes++;
	strbuf_printf(tree->buf, "<li class=\"%s%s\" title=\"",
	    missing != 0 ? "denied" : "",
	    row->failed == row->calls ? " absent" : "");
	html_text(tree->buf, row->path);
	strbuf_puts(tree->buf, "\"><bdi>");
	html_text(tree->buf, *name != '\0' ? name : ".");
	strbuf_puts(tree->buf, "</bdi>");
	add_letters(tree, row->uses, missing);
	add_counts(tree, row->calls, row->failed);
	strbuf_puts(tree->buf, "</li>\n");
}

/* What all paths of RANGE have in common, up to a slash. */
static size_t
common_length(const struct tree *tree, const struct range *range)
{
	const char *first = tree->paths[range->from].path;
	const char *last = tree->paths[range->to - 1].path;
	size_t length = range->length;

	for (size_t i = range->length; first[i] == last[i]; i++) {
		if (first[i] == '\0')
			break;
		if (first[i] == '/')
			length = i + 1;
	}
	return length;
}

/* Whether the first of RANGE is the directory itself of all others. */
static bool
leads(const struct tree *tree, size_t from, size_t to)
{
	size_t length = strlen(tree->paths[from].path);

	return from + 1 < to && length > 1 &&
	       strncmp(tree->paths[from + 1].path, tree->paths[from].path,
	           length) == 0 &&
	       tree->paths[from + 1].path[length] == '/';
}

static void add_range(struct tree *tree, struct range range);

static void
add_directory(struct tree *tree, struct range range)
{
	unsigned int uses = 0, missing = 0;
	uint64_t calls = 0;
	const char *first = tree->paths[range.from].path;
	bool itself = leads(tree, range.from, range.to);
	size_t common =
	    itself ? strlen(first) + 1 : common_length(tree, &range);

	for (size_t i = range.from; i < range.to; i++) {
		uses |= tree->paths[i].uses;
		missing |= lacks(tree, &tree->paths[i]);
		calls += tree->paths[i].calls;
	}
	tree->nodes++;
	strbuf_printf(tree->buf,
	    "<li><details%s><summary class=\"%s\" title=\"",
	    range.to - range.from <= OPEN || range.depth == 0 || missing != 0
	        ? " open"
	        : "",
	    missing != 0 ? "denied" : "");
	html_part(tree->buf, first, itself ? common - 1 : common);
	strbuf_puts(tree->buf, "\"><bdi>");
	html_part(tree->buf, first + range.length,
	    (itself ? common - 1 : common) - range.length);
	strbuf_puts(tree->buf, itself ? "/</bdi>" : "</bdi>");
	add_letters(tree, uses, missing);
	add_counts(tree, calls, 0);
	strbuf_puts(tree->buf, "</summary>\n");
	range.from += itself;
	range.length = common;
	range.depth++;
	add_range(tree, range);
	strbuf_puts(tree->buf, "</details></li>\n");
}

/* Where those end that go on as the path at FROM does to its next slash. */
static size_t
find_end(const struct tree *tree, const struct range *range, size_t from)
{
	size_t end = from + 1;
	const char *path =
	    tree->paths[leads(tree, from, range->to) ? end : from].path;
	size_t length = strcspn(path + range->length, "/");

	if (path[range->length + length] == '\0')
		return end;
	length += range->length + 1;
	while (end < range->to &&
	       strncmp(tree->paths[end].path, path, length) == 0)
		end++;
	return end;
}

/* Whether there is room for the path, or directory, at FROM..END. */
static bool
is_shown(const struct tree *tree, size_t from, size_t end, size_t shown)
{
	if (tree->nodes >= NODES)
		return false;
	if (shown < LEAVES)
		return true;
	for (size_t i = from; i < end; i++)
		if (lacks(tree, &tree->paths[i]) != 0)
			return true;
	return false;
}

static void
add_range(struct tree *tree, struct range range)
{
	size_t shown = 0, cut = 0, end;

	strbuf_puts(tree->buf, "<ul>\n");
	for (size_t at = range.from; at < range.to; at = end) {
		struct range inner = { at, 0, range.length, range.depth };

		end = range.depth < DEPTH ? find_end(tree, &range, at) : at + 1;
		inner.to = end;
		if (!is_shown(tree, at, end, shown)) {
			cut += end - at;
			continue;
		}
		shown++;
		if (end - at > 1)
			add_directory(tree, inner);
		else
			add_leaf(tree, &tree->paths[at], range.length);
	}
	tree->cut += cut;
	if (cut > 0) {
		strbuf_puts(tree->buf, "<li class=\"cut\">and ");
		page_number(tree->buf, cut);
		strbuf_puts(tree->buf, " more here</li>\n");
	}
	strbuf_puts(tree->buf, "</ul>\n");
}

static void
add_key(const struct tree *tree)
{
	strbuf_puts(tree->buf,
	    "<p class=\"hint\"><em class=\"seen\">r</em> read "
	    "<em class=\"seen\">w</em> written <em class=\"seen\">x</em> run "
	    "<em class=\"seen\">c</em> made or removed; without a letter: only "
	    "looked at.");
	if (tree->judged)
		strbuf_puts(tree->buf,
		    " <em class=\"yes\">r</em> the policy grants it, "
		    "<em class=\"no\">r</em> it does not.");
	strbuf_puts(tree->buf, "</p>\n");
}

void
page_write_tree(struct page *page, bool judged, struct strbuf *buf)
{
	struct tree tree = { page->paths, buf, judged, 0, 0 };
	struct range all = { 0, page->path_count, 0, 0 };

	strbuf_puts(buf, "<section class=\"card\"><h2>Paths</h2>\n");
	add_key(&tree);
	if (page->path_count == 0) {
		strbuf_puts(buf, "<p>None were touched.</p></section>\n");
		return;
	}
	qsort(
	    page->paths, page->path_count, sizeof(*page->paths), compare_paths);
	strbuf_puts(buf, "<div class=\"tree\">");
	add_range(&tree, all);
	strbuf_puts(buf, "</div>");
	if (tree.cut > 0 || page->paths_cut > 0) {
		strbuf_puts(buf, "<p class=\"cut\">Cut: ");
		page_number(buf, tree.cut);
		strbuf_puts(buf, " paths are not shown");
		if (page->paths_cut > 0) {
			strbuf_puts(buf, ", and ");
			page_number(buf, page->paths_cut);
			strbuf_puts(
			    buf, " calls named paths beyond the first ");
			page_number(buf, PAGE_PATHS);
		}
		strbuf_puts(buf, ".</p>");
	}
	strbuf_puts(buf, "</section>\n");
}
