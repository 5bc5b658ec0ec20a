/* SPDX-License-Identifier: ISC */
/* seccompiler's JSON: what is read, what it means, what is written. */
#include "format/format.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/table.h"
#include "child.h"
#include "enforce/seccomp.h"
#include "filter/startup.h"
#include "random.h"
#include "tap.h"

#ifdef HAVE_LIBSECCOMP
# include <seccomp.h>
#endif

#define ALLOW    SECCOMP_RET_ALLOW
#define KILL     SECCOMP_RET_KILL_PROCESS
#define TRAP     SECCOMP_RET_TRAP
#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))

static const struct arch *arch;

/* In these texts, ' stands for ". */
static int
read_text(const char *text, struct filter_file *file, struct diag *diag)
{
	struct format_bytes bytes = { strdup(text), strlen(text) };

	for (char *c = bytes.data; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return format_read("f", bytes, NULL, file, diag);
}

/* --- What is refused, and where --- */

#define START \
 "{'m':{'mismatch_action':'allow','match_action':'trap',\n'filter':["
#define RULE START "{'syscall':'read','args':["
#define END  "]}}"

/* clang-format off */
static const struct { const char *text, *error; } refused[] = {
	{ "[]", "1:1: expected an object of named filters, not an array" },
	{ "{'m':1}", "1:6: expected a filter: {\"mismatch_action\", "
	    "\"match_action\", \"filter\"}, not 1" },
	{ "{'m':{}}", "1:6: the field \"mismatch_action\" is missing" },
	{ "{'m':{'mismatch_action':'allow'}}",
	    "1:6: the field \"match_action\" is missing" },
	{ "{'m':{'mismatch_action':'allow','match_action':'trap'}}",
	    "1:6: the field \"filter\" is missing" },
	{ "{'m':{'mismatch_action':'allow','default_action':'trap',"
	    "'match_action':'log','filter':[]}}",
	    "1:33: \"default_action\" and \"mismatch_action\" are the same field" },
	{ "{'m':{'mismatch_acton':'allow'}}", "1:7: unknown field "
	    "\"mismatch_acton\"; did you mean \"mismatch_action\"?" },
	{ "{'m':{'comment':'x','mismatch_action':'allow'}}",
	    "1:7: unknown field \"comment\"" },
	{ "{'m':{'mismatch_action':'kill'}}",
	    "1:6: the field \"match_action\" is missing" },
	{ "{'m':{'mismatch_action':'kill','match_action':'allow','filter':[]}}",
	    "1:25: unknown action \"kill\"; did you mean \"kill_process\"?" },
	{ "{'m':{'mismatch_action':'Allow','match_action':'trap','filter':[]}}",
	    "1:25: unknown action \"Allow\"; did you mean \"allow\"?" },
	{ "{'m':{'mismatch_action':{'trap':3},'match_action':'log','filter':[]}}",
	    "1:33: the action \"trap\" takes no value" },
	{ "{'m':{'mismatch_action':'errno','match_action':'log','filter':[]}}",
	    "1:25: expected a value: {\"errno\": 1}" },
	{ "{'m':{'mismatch_action':{'errno':-1},'match_action':'log','filter':[]}}",
	    "1:34: expected an errno, an integer from 0 to 4294967295, not -1" },
	{ "{'m':{'mismatch_action':{'errno':1.0},'match_action':'log','filter':[]}}",
	    "1:34: expected an errno, an integer from 0 to 4294967295, not 1.0" },
	{ "{'m':{'mismatch_action':{'errno':4294967296},'match_action':'log',"
	    "'filter':[]}}", "1:34: expected an errno, an integer from 0 to "
	    "4294967295, not 4294967296" },
	{ "{'m':{'mismatch_action':{'errno':'EPERM'},'match_action':'log',"
	    "'filter':[]}}", "1:34: expected an errno, an integer from 0 to "
	    "4294967295, not \"EPERM\"" },
	{ "{'m':{'mismatch_action':{'errno':1,'trace':2},'match_action':'log',"
	    "'filter':[]}}", "1:25: expected an action, like \"allow\" or "
	    "{\"errno\": 1}, not an object" },
	{ "{'m':{'mismatch_action':7,'match_action':'log','filter':[]}}",
	    "1:25: expected an action, like \"allow\" or {\"errno\": 1}, not 7" },
	{ "{'m':{'mismatch_action':'log','match_action':'log','filter':[]}}",
	    "1:46: match_action and mismatch_action are the same, so the rules "
	    "would make no difference" },
	{ "{'m':{'mismatch_action':{'errno':1},'match_action':{'errno':1},"
	    "'filter':[]}}", "1:52: match_action and mismatch_action are the "
	    "same, so the rules would make no difference" },
	{ "{'m':{'mismatch_action':'log','match_action':'trap','filter':{}}}",
	    "1:62: expected an array of rules, not an object" },
	{ START "7" END, "2:11: expected a rule: {\"syscall\", \"args\", "
	    "\"comment\"}, not 7" },
	{ START "{}" END, "2:11: the field \"syscall\" is missing" },
	{ START "{'syscall':7}" END,
	    "2:22: expected a system call's name, a string, not 7" },
	{ START "{'syscall':'read','arg':[]}" END,
	    "2:29: unknown field \"arg\"; did you mean \"args\"?" },
	{ START "{'syscall':'read','args':[]}" END, "2:36: a rule with \"args\" "
	    "needs a condition; leave \"args\" out to match every call" },
	{ START "{'syscall':'read','args':{}}" END,
	    "2:36: expected an array of conditions, not an object" },
	{ START "{'syscall':'read','comment':1}" END,
	    "2:39: expected a comment, a string, not 1" },
	{ START "['read',null]" END, "2:11: expected a rule: {\"syscall\", "
	    "\"args\", \"comment\"}, not an array of 2" },
	{ RULE "{'index':0}" "]}" END, "2:37: the field \"type\" is missing" },
	{ RULE "{'index':6,'type':'dword','op':'eq','val':1}" "]}" END,
	    "2:46: expected an argument's index, an integer from 0 to 5, not 6" },
	{ RULE "{'index':256,'type':'dword','op':'eq','val':1}" "]}" END,
	    "2:46: expected an argument's index, an integer from 0 to 5, not 256" },
	{ RULE "{'index':0,'type':'DWORD','op':'eq','val':1}" "]}" END,
	    "2:55: expected \"dword\" or \"qword\", not \"DWORD\"" },
	{ RULE "{'index':0,'type':'dword','op':'eqq','val':1}" "]}" END,
	    "2:68: unknown operator \"eqq\"; did you mean \"eq\"?" },
	{ RULE "{'index':0,'type':'dword','op':'masked_eq','val':1}" "]}" END,
	    "2:68: expected a mask: {\"masked_eq\": 3}" },
	{ RULE "{'index':0,'type':'dword','op':{'eq':1},'val':1}" "]}" END,
	    "2:74: the operator \"eq\" takes no value" },
	{ RULE "{'index':0,'type':'dword','op':'eq','val':-1}" "]}" END,
	    "2:79: expected a value, an integer from 0 to "
	    "18446744073709551615, not -1" },
	{ RULE "{'index':0,'type':'dword','op':'eq','val':18446744073709551616}"
	    "]}" END, "2:79: expected a value, an integer from 0 to "
	    "18446744073709551615, not 18446744073709551616" },
	{ RULE "{'index':0,'type':'dword','op':'eq','val':'AF_INTE'}" "]}" END,
	    "2:79: unknown symbol \"AF_INTE\"; did you mean \"AF_INET\"?" },
	{ RULE "{'index':0,'type':'dword','op':'eq','val':'O_CREAT|'}" "]}" END,
	    "2:79: unknown symbol \"\"" },
	{ RULE "{'index':0,'type':'dword','op':'eq','val':'O_CREAT+1'}" "]}" END,
	    "2:79: unknown symbol \"O_CREAT+1\"; did you mean \"O_CREAT\"?" },
	{ RULE "{'index':0,'type':'dword','op':'eq','val':'010'}" "]}" END,
	    "2:79: \"010\" is no number of 64 bits; write it like 42 or 0x2a" },
	{ START "{'syscall':'read'},\n{'syscall':'reed'}" END,
	    "3:12: x86_64 has no system call \"reed\"; did you mean \"read\"?" },
	{ START "{'syscall':'read\\u0000x'}" END, "2:22: expected a system "
	    "call's name, a string without \\u0000" },
	{ "{'m':{'mismatch_action':'log','match_action':'trap','filter':[]},"
	    "'m':1}", "1:66: duplicate key \"m\", which stands at 1:2 already" },
	{ "{'m':[]}", "1:6: expected a filter: {\"mismatch_action\", "
	    "\"match_action\", \"filter\"}, not an array of 0" },
};
/* clang-format on */

static void
test_refused(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		cleanup_filter_file struct filter_file file = { 0 };
		struct ruled_filter *ruled = NULL;
		const struct ruleset *set;
		struct diag diag = { 0 };
		int r = read_text(refused[i].text, &file, &diag);

		if (r == 0)
			r = ruleset_choose(&file, NULL, &set, &diag);
		if (r == 0)
			r = ruleset_compile(
			    &file, set, arch_find("x86_64"), &ruled, &diag);
		if (!ok(r < 0 && strncmp(diag.text, "f:", 2) == 0 &&
		            strcmp(diag.text + 2, refused[i].error) == 0,
		        "text %zu is refused at its place", i))
			note("wanted: f:%s\n# said: %s", refused[i].error,
			    diag.text);
		ruled_filter_free(ruled);
	}
}

/* --- What it means --- */

struct probe {
	const char *call;
	uint64_t args[3];
	uint32_t answer;
};

/* clang-format off */
#define ARG(index, type, op, value) \
	"{'index':" #index ",'type':'" type "','op':" op ",'val':" value "}"
static const struct {
	const char *name, *text;
	struct probe probes[8];
} meanings[] = {
	{ "plain rules", START "{'syscall':'read'},{'syscall':'write',"
	    "'args':null,'comment':'c'}" END, {
	    { "read", { 0 }, TRAP }, { "write", { 0 }, TRAP },
	    { "openat", { 0 }, ALLOW } } },
	{ "older names and errno", "{'m':{'default_action':{'errno':70000},"
	    "'filter_action':{'allow':null},'filter':[{'syscall':'read'}]}}", {
	    { "read", { 0 }, ALLOW }, { "write", { 0 }, ERRNO(4464) } } },
	{ "a struct as an array", "{'m':['trap','allow',[['read',null,null],"
	    "['write',[[0,'dword','eq',1,null]],'c']]]}", {
	    { "read", { 0 }, ALLOW }, { "write", { 1 }, ALLOW },
	    { "write", { 2 }, TRAP } } },
	{ "no rules", "{'m':{'mismatch_action':{'trace':5},'match_action':"
	    "'user_notif','filter':[]}}", {
	    { "read", { 0 }, SECCOMP_RET_TRACE | 5 } } },
	{ "an argless rule beside others adds nothing", START
	    "{'syscall':'read'},{'syscall':'read','args':["
	    ARG(0, "dword", "'eq'", "1") "]}" END, {
	    { "read", { 1 }, TRAP }, { "read", { 2 }, ALLOW } } },
	{ "two argless ones are one", START
	    "{'syscall':'read'},{'syscall':'read'}" END, {
	    { "read", { 1 }, TRAP } } },
	{ "dword cuts both", RULE
	    ARG(0, "dword", "'eq'", "4294967297") "]}" END, {
	    { "read", { 1 }, TRAP }, { "read", { 0x100000001 }, TRAP },
	    { "read", { 0x500000001 }, TRAP }, { "read", { 2 }, ALLOW } } },
	{ "qword does not", RULE
	    ARG(0, "qword", "'eq'", "4294967297") "]}" END, {
	    { "read", { 1 }, ALLOW }, { "read", { 0x100000001 }, TRAP } } },
	{ "ne", RULE ARG(1, "qword", "'ne'", "7") "]}" END, {
	    { "read", { 0, 7 }, ALLOW }, { "read", { 0, 0x100000007 }, TRAP } } },
	{ "lt and le", RULE ARG(0, "dword", "'lt'", "5") "," ARG(1, "qword",
	    "'le'", "5") "]}" END, {
	    { "read", { 4, 5 }, TRAP }, { "read", { 5, 5 }, ALLOW },
	    { "read", { 4, 6 }, ALLOW },
	    { "read", { 0x700000004, 5 }, TRAP },
	    { "read", { 4, 0x100000005 }, ALLOW } } },
	{ "gt and ge, unsigned", RULE ARG(0, "qword", "'gt'", "5") ","
	    ARG(1, "dword", "'ge'", "5") "]}" END, {
	    { "read", { 6, 5 }, TRAP }, { "read", { 5, 5 }, ALLOW },
	    { "read", { UINT64_MAX, 4 }, ALLOW },
	    { "read", { UINT64_MAX, UINT64_MAX }, TRAP } } },
	{ "masked_eq masks both", RULE
	    ARG(0, "dword", "{'masked_eq':3}", "6") "]}" END, {
	    { "read", { 2 }, TRAP }, { "read", { 0x16 }, TRAP },
	    { "read", { 3 }, ALLOW } } },
	{ "a mask of 0 asks nothing", RULE
	    ARG(0, "dword", "{'masked_eq':4294967296}", "6") "]}" END, {
	    { "read", { 9 }, TRAP } } },
	{ "a range", RULE ARG(0, "qword", "'ge'", "10") ","
	    ARG(0, "qword", "'lt'", "20") "," ARG(0, "qword", "'ne'", "15") ","
	    ARG(0, "qword", "'ne'", "16") "]}" END, {
	    { "read", { 9 }, ALLOW }, { "read", { 10 }, TRAP },
	    { "read", { 15 }, ALLOW }, { "read", { 16 }, ALLOW },
	    { "read", { 19 }, TRAP }, { "read", { 20 }, ALLOW } } },
	{ "what cannot be", RULE ARG(0, "qword", "'eq'", "1") ","
	    ARG(0, "qword", "'eq'", "2") "]}" END, {
	    { "read", { 1 }, ALLOW }, { "read", { 2 }, ALLOW },
	    { "read", { 3 }, ALLOW } } },
	{ "two masks of one word", RULE ARG(0, "qword", "{'masked_eq':3}", "1")
	    "," ARG(0, "qword", "{'masked_eq':12}", "8") "]}" END, {
	    { "read", { 9 }, TRAP }, { "read", { 1 }, ALLOW },
	    { "read", { 8 }, ALLOW }, { "read", { 25 }, TRAP } } },
	{ "alternatives", RULE ARG(0, "dword", "'eq'", "1") "]},{'syscall':"
	    "'read','args':[" ARG(1, "dword", "'eq'", "1") "]}" END, {
	    { "read", { 1, 0 }, TRAP }, { "read", { 0, 1 }, TRAP },
	    { "read", { 0, 0 }, ALLOW } } },
	{ "symbols", RULE ARG(0, "dword", "'eq'", "'AT_FDCWD'") ","
	    ARG(1, "qword", "'eq'", "'O_CREAT|O_EXCL'") ","
	    ARG(2, "dword", "{'masked_eq':'0x0f'}", "'-1'") "]}" END, {
	    { "read", { (uint64_t)-100, O_CREAT | O_EXCL, 0x1f }, TRAP },
	    { "read", { 0xffffff9c, O_CREAT | O_EXCL, 15 }, TRAP },
	    { "read", { 0xffffff9c, O_CREAT, 15 }, ALLOW },
	    { "read", { 0xffffff9c, O_CREAT | O_EXCL, 14 }, ALLOW } } },
	{ "more tests than a condition holds", RULE
	    ARG(0, "dword", "'gt'", "1") "," ARG(0, "dword", "'lt'", "9") ","
	    ARG(0, "dword", "'ne'", "5") "," ARG(1, "dword", "'gt'", "1") ","
	    ARG(1, "dword", "'lt'", "9") "," ARG(1, "dword", "'ne'", "5") ","
	    ARG(2, "dword", "'gt'", "1") "," ARG(2, "dword", "'lt'", "9")
	    "]},{'syscall':'read','args':[" ARG(0, "qword", "'eq'", "77")
	    "]}" END, {
	    { "read", { 2, 8, 3 }, TRAP }, { "read", { 5, 8, 3 }, ALLOW },
	    { "read", { 2, 5, 3 }, ALLOW }, { "read", { 2, 8, 1 }, ALLOW },
	    { "read", { 2, 8, 9 }, ALLOW }, { "read", { 77, 0, 9 }, TRAP } } },
};
/* clang-format on */

static int
make_ready(const char *text, struct filter_file *file,
    struct ruled_filter **ret_ruled, struct program *program)
{
	const struct ruleset *set;
	struct diag diag = { 0 };
	const struct filter *filters[1];
	int r = read_text(text, file, &diag);

	if (r == 0)
		r = ruleset_choose(file, NULL, &set, &diag);
	if (r == 0)
		r = ruleset_compile(file, set, arch, ret_ruled, &diag);
	if (r == 0) {
		filters[0] = &(*ret_ruled)->filter;
		r = program_compile(filters, 1, program, &diag);
	}
	if (r < 0)
		note("%s", diag.text);
	return r;
}

static void
test_meanings(struct program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		cleanup_filter_file struct filter_file file = { 0 };
		struct ruled_filter *ruled = NULL;
		int wrong =
		    make_ready(meanings[i].text, &file, &ruled, program);

		for (size_t j = 0; wrong == 0 && j < 8; j++) {
			const struct probe *probe = &meanings[i].probes[j];
			struct call call = { .arch = arch->audit };
			uint32_t answer;

			if (probe->call == NULL)
				break;
			call.nr = (uint32_t)arch_number(
			    arch, probe->call, strlen(probe->call));
			memcpy(call.args, probe->args, sizeof(probe->args));
			program_run(program, &call, &answer, NULL, NULL);
			if (answer == probe->answer &&
			    filter_answer(&ruled->filter, &call, NULL) ==
			        answer)
				continue;
			wrong++;
			note("probe %zu: 0x%x", j, answer);
		}
		ok(wrong == 0, "%s", meanings[i].name);
		ruled_filter_free(ruled);
	}
}

/* Numbers that no rule can name; other architectures. */
static void
test_edges(struct program *program)
{
	cleanup_filter_file struct filter_file file = { 0 };
	struct ruled_filter *ruled = NULL;
	struct call call = { .arch = arch->audit, .nr = ARCH_X32_BIT };
	uint32_t x32 = 0, unknown = 0, foreign = 0;

	make_ready("{'m':{'mismatch_action':'log','match_action':"
	           "{'errno':1},'filter':[{'syscall':'read'}]}}",
	    &file, &ruled, program);
	program_run(program, &call, &x32, NULL, NULL);
	call.nr = arch->max + 1;
	program_run(program, &call, &unknown, NULL, NULL);
	call.arch++;
	program_run(program, &call, &foreign, NULL, NULL);
	ok(x32 == SECCOMP_RET_LOG && unknown == SECCOMP_RET_LOG &&
	        foreign == KILL,
	    "x32 and unknown numbers mismatch, other architectures die");
	ruled_filter_free(ruled);
}

/* --- How large it may be --- */

/* COUNT rules of one dword condition: 5 instructions each, and 7. */
static int
read_large(size_t count, const char *clauses, struct diag *diag)
{
	cleanup_filter_file struct filter_file file = { 0 };
	cleanup_strbuf struct strbuf buf = { 0 };
	char *text;
	int r;

	strbuf_puts(&buf, START);
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&buf, "%s{'syscall':'read','args':[%s]}",
		    i > 0 ? "," : "", clauses);
	strbuf_puts(&buf, END);
	text = strbuf_take(&buf);
	r = read_text(text, &file, diag);
	free(text);
	return r;
}

static void
test_size(void)
{
	struct diag diag = { 0 };

	ok(read_large(817, ARG(2, "dword", "'le'", "14"), &diag) == 0,
	    "817 rules of 5 instructions are 4092, few enough");
	ok(read_large(818, ARG(2, "dword", "'le'", "14"), &diag) == -E2BIG &&
	        strstr(diag.text, "makes 4097 instructions") != NULL,
	    "818 are too many: %s", diag.text);
	ok(read_large(1000, ARG(2, "dword", "'le'", "14"), &diag) == -E2BIG &&
	        strstr(diag.text, "makes 5007 instructions") != NULL,
	    "1000 are 5007");
	ok(read_large(454, ARG(2, "qword", "{'masked_eq':1}", "1"), &diag) ==
	            0 &&
	        read_large(455, ARG(2, "qword", "{'masked_eq':1}", "1"),
	            &diag) == -E2BIG,
	    "of 9 instructions, 454 are the most");
}

/* --- Rewriting --- */

static void
test_rewrite(void)
{
	static const char *const text =
	    "{\n"
	    "\t'a \\\\ b': {\n"
	    "\t\t'mismatch_action': { 'errno': 13 },\n"
	    "\t\t'match_action': 'allow',\n"
	    "\t\t'filter': [\n"
	    "\t\t\t{ 'syscall': 'read', 'comment': '\xc3\xa9\\u0007' },\n"
	    "\t\t\t{ 'syscall': 'read', 'args': [\n"
	    "\t\t\t\t\t{ 'index': 0, 'type': 'dword', 'op': { 'masked_eq': "
	    "'O_ACCMODE' }, 'val': 'O_RDWR', 'comment': 'c' },\n"
	    "\t\t\t\t\t{ 'index': 5, 'type': 'qword', 'op': 'ge', 'val': "
	    "18446744073709551615 } ], 'comment': 'd' }\n"
	    "\t\t]\n"
	    "\t},\n"
	    "\t'empty': {\n"
	    "\t\t'mismatch_action': 'allow',\n"
	    "\t\t'match_action': 'user_notif',\n"
	    "\t\t'filter': []\n"
	    "\t}\n"
	    "}\n";
	cleanup_filter_file struct filter_file file = { 0 };
	cleanup_strbuf struct strbuf same = { 0 }, numbers = { 0 };
	struct write_options options = { .arch = arch };
	struct diag diag = { 0 };
	int r = read_text(text, &file, &diag);

	if (r == 0)
		r = file.format->write(&file, &options, &same, &diag);
	options.numbers = true;
	if (r == 0)
		r = file.format->write(&file, &options, &numbers, &diag);
	for (char *c = same.data; r == 0 && *c != '\0'; c++)
		if (*c == '"')
			*c = '\'';
	if (!ok(r == 0 && strcmp(same.data, text) == 0,
	        "comments, symbols, names and order are kept"))
		note("%s", r == 0 ? same.data : diag.text);
	ok(r == 0 && strstr(numbers.data,
	                 "{ \"masked_eq\": 3 }, \"val\": 2,") != NULL,
	    "symbols are written as numbers on request");
}

/* --- Random filters, against an evaluator that knows nothing of ours --- */

#define CLAUSES 9
#define RULES   12

struct made_clause {
	unsigned int arg, width, op;
	uint64_t value, mask;
};
struct made_rule {
	unsigned int call;
	unsigned int count;
	struct made_clause clauses[CLAUSES];
};
struct made_filter {
	uint32_t match, mismatch;
	unsigned int count;
	struct made_rule rules[RULES];
};

/* They ignore their arguments, so that all six can be anything. */
static const struct {
	const char *name;
	long nr;
} harmless[] = { { "getpid", SYS_getpid }, { "getuid", SYS_getuid },
	{ "getgid", SYS_getgid }, { "getppid", SYS_getppid } };

static const char *const op_names[] = { "eq", "ne", "lt", "le", "gt", "ge",
	"masked_eq" };
enum { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_MASKED };

static uint64_t
make_number(struct random *random)
{
	static const uint64_t often[] = { 0, 1, 2, 3, 0xff, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 0x100000001, 0x1ffffffff,
		UINT64_C(1) << 63, UINT64_MAX };

	if (random_below(random, 4) > 0)
		return often[random_below(random, ARRAY_SIZE(often))];
	return random_next(random) >> random_below(random, 64);
}

static void
make_rule(struct random *random, struct made_rule *rule, unsigned int most)
{
	rule->call = (unsigned int)random_below(random, ARRAY_SIZE(harmless));
	rule->count = (unsigned int)random_below(random, most + 1);
	for (unsigned int i = 0; i < rule->count; i++)
		rule->clauses[i] = (struct made_clause){
			.arg = (unsigned int)random_below(random, 6),
			.width = random_below(random, 2) ? 32 : 64,
			.op = (unsigned int)random_below(random, 7),
			.value = make_number(random),
			.mask = make_number(random),
		};
}

/* --- Its text, in one of the ways that it may be written --- */

static void
write_clause(
    struct random *random, const struct made_clause *clause, struct strbuf *buf)
{
	char op[64];

	if (clause->op == OP_MASKED)
		snprintf(
		    op, sizeof(op), "{'masked_eq':%" PRIu64 "}", clause->mask);
	else
		snprintf(op, sizeof(op), "'%s'", op_names[clause->op]);
	if (random_below(random, 8) == 0)
		strbuf_printf(buf, "[%u,'%s',%s,%" PRIu64 ",null]", clause->arg,
		    clause->width == 32 ? "dword" : "qword", op, clause->value);
	else if (random_below(random, 8) == 0)
		strbuf_printf(buf,
		    "{'val':'0x%" PRIx64 "','op':%s,'type':'%s','index':%u}",
		    clause->value, op, clause->width == 32 ? "dword" : "qword",
		    clause->arg);
	else
		strbuf_printf(buf,
		    "{'index':%u,'type':'%s','op':%s,'val':%" PRIu64 "}",
		    clause->arg, clause->width == 32 ? "dword" : "qword", op,
		    clause->value);
}

static char *
write_filter(struct random *random, const struct made_filter *filter)
{
	struct strbuf buf = { 0 };

	/* What a sanitized program does at its end is to be allowed, too. */
	strbuf_printf(&buf, "{'m':{'filter':[{'syscall':'%s'},{'syscall':'%s'}",
	    filter->match == ALLOW ? "exit_group" : "swapon",
	    filter->match == ALLOW ? "sigaltstack" : "swapoff");
	for (unsigned int i = 0; i < filter->count; i++) {
		const struct made_rule *rule = &filter->rules[i];

		strbuf_printf(
		    &buf, ",{'syscall':'%s'", harmless[rule->call].name);
		if (rule->count > 0)
			strbuf_puts(&buf, ",'args':[");
		for (unsigned int j = 0; j < rule->count; j++) {
			strbuf_puts(&buf, j > 0 ? "," : "");
			write_clause(random, &rule->clauses[j], &buf);
		}
		strbuf_puts(&buf, rule->count > 0 ? "]}" : "}");
	}
	if (filter->match == ALLOW)
		strbuf_puts(&buf, "],'mismatch_action':{'errno':77},"
		                  "'match_action':'allow'}}");
	else
		strbuf_puts(&buf, "],'filter_action':{'errno':77},"
		                  "'default_action':'allow'}}");
	return strbuf_take(&buf);
}

/* --- What it answers --- */

static bool
clause_holds(const struct made_clause *clause, const uint64_t *args)
{
	uint64_t arg = args[clause->arg], value = clause->value;
	uint64_t mask = clause->mask;

	if (clause->width == 32) {
		arg = (uint32_t)arg;
		value = (uint32_t)value;
		mask = (uint32_t)mask;
	}
	switch (clause->op) {
	case OP_EQ:
		return arg == value;
	case OP_NE:
		return arg != value;
	case OP_LT:
		return arg < value;
	case OP_LE:
		return arg <= value;
	case OP_GT:
		return arg > value;
	case OP_GE:
		return arg >= value;
	default:
		return (arg & mask) == (value & mask);
	}
}

static bool
rule_holds(const struct made_rule *rule, const uint64_t *args)
{
	for (unsigned int i = 0; i < rule->count; i++)
		if (!clause_holds(&rule->clauses[i], args))
			return false;
	return true;
}

static uint32_t
made_answer(
    const struct made_filter *filter, unsigned int call, const uint64_t *args)
{
	bool named = false, with_args = false, matched = false;

	for (unsigned int i = 0; i < filter->count; i++) {
		const struct made_rule *rule = &filter->rules[i];

		if (rule->call != call)
			continue;
		named = true;
		with_args |= rule->count > 0;
		matched |= rule->count > 0 && rule_holds(rule, args);
	}
	if (named && !with_args)
		matched = true;
	return matched ? filter->match : filter->mismatch;
}

/* Arguments at and beside what the filter compares with. */
static void
make_args(struct random *random, const struct made_filter *filter,
    unsigned int *ret_call, uint64_t *args)
{
	*ret_call = (unsigned int)random_below(random, ARRAY_SIZE(harmless));
	for (int i = 0; i < 6; i++)
		args[i] = make_number(random);
	if (filter->count == 0)
		return;
	for (int i = 0; i < 6; i++) {
		const struct made_rule *rule =
		    &filter->rules[random_below(random, filter->count)];
		const struct made_clause *clause;

		if (i == 0)
			*ret_call = rule->call;
		if (rule->count == 0)
			continue;
		clause = &rule->clauses[random_below(random, rule->count)];
		args[clause->arg] = clause->value + random_below(random, 3) - 1;
		if (random_below(random, 4) == 0)
			args[clause->arg] ^= UINT64_C(1) << 32;
	}
}

static void
make_filter(
    struct random *random, struct made_filter *filter, unsigned int most)
{
	bool denylist = random_below(random, 2) == 0;

	filter->match = denylist ? ERRNO(77) : ALLOW;
	filter->mismatch = denylist ? ALLOW : ERRNO(77);
	filter->count = (unsigned int)random_below(random, RULES + 1);
	for (unsigned int i = 0; i < filter->count; i++)
		make_rule(random, &filter->rules[i], most);
}

/* How many of 80 calls are answered otherwise than they should be. */
static int
compare(struct random *random, const struct made_filter *filter,
    const struct ruled_filter *ruled, const struct program *program)
{
	int wrong = 0;

	for (int i = 0; i < 80; i++) {
		struct call call = { .arch = arch->audit };
		unsigned int which;
		uint32_t wanted, ours = 0;

		make_args(random, filter, &which, call.args);
		call.nr = (uint32_t)harmless[which].nr;
		wanted = made_answer(filter, which, call.args);
		program_run(program, &call, &ours, NULL, NULL);
		wrong += ours != wanted ||
		         filter_answer(&ruled->filter, &call, NULL) != wanted;
	}
	return wrong;
}

static void
test_random(uint64_t seed, struct program *program)
{
	enum { FILTERS = 4000 };
	struct random random = { seed };
	struct made_filter filter;
	int wrong = 0, too_long = 0;

	for (int i = 0; i < FILTERS && wrong == 0; i++) {
		cleanup_filter_file struct filter_file file = { 0 };
		struct ruled_filter *ruled = NULL;
		const struct filter *filters[1];
		const struct ruleset *set;
		struct diag diag = { 0 };
		char *text;
		int r;

		make_filter(&random, &filter, i % 4 == 0 ? CLAUSES : 4);
		text = write_filter(&random, &filter);
		r = read_text(text, &file, &diag);
		free(text);
		if (r == 0)
			r = ruleset_choose(&file, NULL, &set, &diag);
		if (r == 0)
			r = ruleset_compile(&file, set, arch, &ruled, &diag);
		if (r == 0) {
			filters[0] = &ruled->filter;
			r = program_compile(filters, 1, program, &diag);
		}
		if (r == 0)
			wrong += compare(&random, &filter, ruled, program);
		else if (strstr(diag.text, "tests each") != NULL || r == -E2BIG)
			too_long++;
		else
			wrong++;
		if (wrong > 0)
			note("filter %d: %s", i, diag.text);
		ruled_filter_free(ruled);
	}
	ok(wrong == 0 && too_long < FILTERS / 4,
	    "%d random filters answer as they should; %d could not be made",
	    FILTERS, too_long);
}

/* --- Against the kernel --- */

struct installed {
	const struct program *program;
	const struct made_filter *filter;
	uint64_t seed;
};

/* Makes 60 harmless calls under the filter: 1 if any is answered wrongly. */
static int
live(void *context)
{
	const struct installed *installed = context;
	struct random random = { installed->seed };

	if (enforce_no_new_privs(NULL) != 0 ||
	    enforce_seccomp(installed->program, 0, NULL) != 0)
		return 2;
	for (int i = 0; i < 60; i++) {
		unsigned int which;
		uint64_t a[6];
		uint32_t wanted;
		bool denied;

		make_args(&random, installed->filter, &which, a);
		wanted = made_answer(installed->filter, which, a);
		errno = 0;
		denied = syscall(harmless[which].nr, a[0], a[1], a[2], a[3],
		             a[4], a[5]) == -1 &&
		         errno == 77;
		if (denied != (wanted == ERRNO(77)))
			return 1;
	}
	return 0;
}

static void
test_kernel(uint64_t seed, struct program *program)
{
	enum { FILTERS = 300 };
	struct random random = { seed + 1 };
	struct made_filter filter;
	int wrong = 0, run = 0;

	if (prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) == -1) {
		skip("the kernel answers alike", "this kernel has no filters");
		return;
	}
	for (int i = 0; i < FILTERS; i++) {
		cleanup_filter_file struct filter_file file = { 0 };
		struct ruled_filter *ruled = NULL;
		char *text;

		make_filter(&random, &filter, 4);
		text = write_filter(&random, &filter);
		if (make_ready(text, &file, &ruled, program) == 0) {
			struct installed installed = { program, &filter,
				random_next(&random) };

			run++;
			wrong += in_child(live, &installed) != 0;
		}
		free(text);
		ruled_filter_free(ruled);
	}
	ok(wrong == 0 && run > FILTERS / 2,
	    "the kernel answers 60 calls each under %d filters alike", run);
}

/* --- Against libseccomp --- */

#ifdef HAVE_LIBSECCOMP
/*
 * What it can say and compiles correctly: whole words, an argument once in a
 * rule, and one rule for a call (2.5.4 lets rules share the test of an upper
 * word with another one's lower word).
 */
static void
make_sayable(struct random *random, struct made_filter *filter)
{
	unsigned int kept = 0, seen = 0;

	make_filter(random, filter, 2);
	for (unsigned int i = 0; i < filter->count; i++) {
		struct made_rule rule = filter->rules[i];

		if (seen & 1U << rule.call)
			continue;
		seen |= 1U << rule.call;
		for (unsigned int j = 0; j < rule.count; j++) {
			rule.clauses[j].arg = 3 * j + rule.clauses[j].arg % 3;
			rule.clauses[j].width = 64;
		}
		filter->rules[kept++] = rule;
	}
	filter->count = kept;
}

static int
add_to_theirs(scmp_filter_ctx theirs, const struct made_filter *filter)
{
	static const enum scmp_compare ops[] = { SCMP_CMP_EQ, SCMP_CMP_NE,
		SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_GT, SCMP_CMP_GE,
		SCMP_CMP_MASKED_EQ };
	uint32_t match =
	    filter->match == ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(77);
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < filter->count; i++) {
		const struct made_rule *rule = &filter->rules[i];
		struct scmp_arg_cmp compares[2];

		for (unsigned int j = 0; j < rule->count; j++) {
			const struct made_clause *clause = &rule->clauses[j];
			bool masked = clause->op == OP_MASKED;

			compares[j] = (struct scmp_arg_cmp){
				.arg = clause->arg,
				.op = ops[clause->op],
				.datum_a =
				    masked ? clause->mask : clause->value,
				.datum_b =
				    masked ? clause->value & clause->mask : 0,
			};
		}
		r = seccomp_rule_add_array(theirs, match,
		    (int)harmless[rule->call].nr, rule->count, compares);
		if (r == -EEXIST)
			r = 0;
	}
	return r;
}

static int
export_theirs(const struct made_filter *filter, struct program *program)
{
	scmp_filter_ctx theirs = seccomp_init(
	    filter->mismatch == ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(77));
	int fd = memfd_create("theirs", MFD_CLOEXEC);
	ssize_t length = -1;

	program->length = 0;
	if (theirs != NULL && fd >= 0 && add_to_theirs(theirs, filter) == 0 &&
	    seccomp_export_bpf(theirs, fd) == 0) {
		lseek(fd, 0, SEEK_SET);
		length = read(fd, program->code, sizeof(program->code));
	}
	seccomp_release(theirs);
	close(fd);
	if (length > 0)
		program->length =
		    (unsigned short)((size_t)length / sizeof(program->code[0]));
	return length > 0 ? 0 : -1;
}

static int
compare_theirs(struct random *random, const struct made_filter *filter,
    const struct program *ours, const struct program *theirs)
{
	int wrong = 0;

	for (int i = 0; i < 60; i++) {
		struct call call = { .arch = arch->audit };
		uint32_t answers[2] = { 0, 1 };
		unsigned int which;

		make_args(random, filter, &which, call.args);
		call.nr = (uint32_t)harmless[which].nr;
		program_run(ours, &call, &answers[0], NULL, NULL);
		program_run(theirs, &call, &answers[1], NULL, NULL);
		wrong += answers[0] != answers[1];
	}
	return wrong;
}

static void
test_libseccomp(uint64_t seed, struct program *program)
{
	enum { FILTERS = 3000 };
	static struct program theirs;
	struct random random = { seed + 2 };
	struct made_filter filter;
	int wrong = 0, run = 0;

	for (int i = 0; i < FILTERS && wrong == 0; i++) {
		cleanup_filter_file struct filter_file file = { 0 };
		struct ruled_filter *ruled = NULL;
		char *text;

		make_sayable(&random, &filter);
		text = write_filter(&random, &filter);
		if (make_ready(text, &file, &ruled, program) == 0 &&
		    export_theirs(&filter, &theirs) == 0) {
			run++;
			wrong +=
			    compare_theirs(&random, &filter, program, &theirs);
		}
		if (wrong > 0)
			note("filter %d: %s", i, text);
		free(text);
		ruled_filter_free(ruled);
	}
	ok(wrong == 0 && run > FILTERS / 2,
	    "libseccomp makes %d filters that answer alike", run);
}
#else
static void
test_libseccomp(uint64_t seed, struct program *program)
{
	(void)seed;
	(void)program;
	skip("libseccomp makes filters that answer alike",
	    "libseccomp is not installed");
}
#endif

/* --- Start-up --- */

/* clang-format off */
static const struct {
	const char *text;
	enum loader loader;
	const char *call; /* NULL: it can start */
} starts[] = {
	{ START "{'syscall':'getpid'}" END, LOADER_GLIBC, NULL },
	{ START "{'syscall':'openat'}" END, LOADER_GLIBC, "openat" },
	{ START "{'syscall':'openat'}" END, LOADER_MUSL, NULL },
	{ START "{'syscall':'mmap','args':[" ARG(2, "dword",
	    "{'masked_eq':'PROT_EXEC'}", "'PROT_EXEC'") "]}" END,
	    LOADER_GLIBC, "mmap" },
	{ START "{'syscall':'mmap','args':[" ARG(2, "dword",
	    "{'masked_eq':'PROT_EXEC'}", "'PROT_EXEC'") ","
	    ARG(2, "dword", "{'masked_eq':'PROT_WRITE'}", "'PROT_WRITE'")
	    "]}" END, LOADER_GLIBC, NULL },
	{ START "{'syscall':'newfstatat'}" END, LOADER_GLIBC, NULL },
	{ START "{'syscall':'newfstatat'},{'syscall':'fstat'},"
	    "{'syscall':'statx'}" END, LOADER_GLIBC, "newfstatat" },
	{ START "{'syscall':'brk'}" END, LOADER_MUSL, "brk" },
	{ "{'m':{'mismatch_action':'allow','match_action':{'errno':1},"
	    "'filter':[{'syscall':'brk'},{'syscall':'rseq'}]}}",
	    LOADER_GLIBC, NULL },
	{ "{'m':{'mismatch_action':'allow','match_action':{'errno':1},"
	    "'filter':[{'syscall':'mprotect'}]}}", LOADER_MUSL, "mprotect" },
	{ "{'m':{'mismatch_action':'kill_process','match_action':'allow',"
	    "'filter':[{'syscall':'read'}]}}", LOADER_GLIBC, "mmap" },
};
/* clang-format on */

static void
test_starts(struct program *program)
{
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		cleanup_filter_file struct filter_file file = { 0 };
		struct startup_refusal refusal = { "", 0, NULL };
		struct ruled_filter *ruled = NULL;
		bool refuses;

		if (make_ready(starts[i].text, &file, &ruled, program) != 0) {
			ok(false, "start %zu", i);
			continue;
		}
		refuses =
		    startup_refused(&ruled->filter, starts[i].loader, &refusal);
		ok(refuses == (starts[i].call != NULL) &&
		        (!refuses || strcmp(refusal.call, starts[i].call) == 0),
		    "start %zu: %s", i, refuses ? refusal.call : "fine");
		ruled_filter_free(ruled);
	}
}

int
main(void)
{
	static struct program program;
	uint64_t seed = random_seed();

	arch = arch_native();
	test_refused();
	test_meanings(&program);
	test_edges(&program);
	test_size();
	test_rewrite();
	test_random(seed, &program);
	test_kernel(seed, &program);
	test_libseccomp(seed, &program);
	test_starts(&program);
	return tap_done();
}
