/* SPDX-License-Identifier: ISC */
/*
 * gen-resolved ARCH
 *
 * Writes src/filter/resolved.c: the lists of calls of the tables of policy/,
 * which are names, as the numbers that they have on ARCH.
 */
#include <stdio.h>
#include <string.h>

#include "call/arch.h"
#include "filter/named.h"
#include "filter/resolved.h"
#include "policy/calls.h"
#include "policy/promise.h"

static struct filter filter;
static struct run_conditions conditions;

static unsigned int
number_condition(const struct condition *condition)
{
	if (condition == NULL)
		return 0;
	for (unsigned int i = 0; i < RUN_CONDITIONS; i++)
		if (run_condition(&conditions, i) == condition)
			return RESOLVED_RUN + i;
	return (unsigned int)(condition - condition_rows) + 1;
}

static int
write_calls(const char *table, size_t index, const char *calls)
{
	struct diag diag = { 0 };

	filter.count = 0;
	if (filter_add_named(&filter, calls, &conditions, 0, 0, &diag) < 0) {
		fprintf(stderr, "gen-resolved: %s %zu: %s\n", table, index,
		    diag.text);
		return -1;
	}
	printf(
	    "static const struct resolved_call %s_%zu[] = {\n", table, index);
	for (size_t i = 0; i < filter.count; i++)
		printf("\t{ %u, %#x },\n", filter.rules[i].nr,
		    number_condition(filter.rules[i].condition));
	/* No array may be empty. */
	printf("\t{ 0, 0 }\n};\n#define COUNT_%s_%zu %zu\n", table, index,
	    filter.count);
	return 0;
}

static void
write_lists(const char *table, size_t count)
{
	printf("const struct resolved_list resolved_%ss[] = {\n", table);
	for (size_t i = 0; i < count; i++)
		printf("\t{ %s_%zu, COUNT_%s_%zu },\n", table, i, table, i);
	puts("};");
}

int
main(int argc, char **argv)
{
	int r = 0;

	filter.arch = argc == 2 ? arch_find(argv[1]) : NULL;
	if (filter.arch == NULL) {
		fputs("usage: gen-resolved ARCH\n", stderr);
		return 1;
	}
	run_conditions_make(&conditions, &(struct run_values){ .pid = 0 });
	puts("/* Written by tools/gen-resolved.c. */\n"
	     "#include \"filter/resolved.h\"\n");
	printf("const uint32_t resolved_audit = %#x;\n", filter.arch->audit);
	for (size_t i = 0; i < PROMISE_COUNT && r == 0; i++)
		r = write_calls("promise", i, promise_rows[i].calls);
	for (size_t i = 0; i < grant_row_count && r == 0; i++)
		r = write_calls("grant", i, grant_rows[i].calls);
	for (size_t i = 0; i < answer_row_count && r == 0; i++)
		r = write_calls("answer", i, answer_rows[i].calls);
	write_lists("promise", PROMISE_COUNT);
	write_lists("grant", grant_row_count);
	write_lists("answer", answer_row_count);
	return r < 0 || fflush(stdout) == EOF ? 1 : 0;
}
