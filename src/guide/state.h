/* SPDX-License-Identifier: ISC */
/* Between the files of the conversation; others ask guide.h and act.h. */
#ifndef GUIDE_STATE_H
#define GUIDE_STATE_H

#include "base/arena.h"
#include "format/format.h"
#include "guide/guide.h"
#include "policy/policy.h"

#define GUIDE_FILTERS 8
#define GUIDE_RULES   64 /* of one filter */

/* In the order in which they are asked. */
enum question {
	ASK_COMMAND,
	ASK_WATCH,
	ASK_INPUT,
	ASK_CALLS,
	ASK_PROMISES,
	ASK_PATHS,
	ASK_FILTERS,
	ASK_FILTER_NAME, /* of each filter, up to ASK_MISMATCH */
	ASK_CALL,        /* of each rule */
	ASK_WHEN,
	ASK_ARGUMENT, /* of each test of an argument */
	ASK_OPERATOR,
	ASK_SIZE,
	ASK_VALUE,
	ASK_COMMENT,
	ASK_MATCH,
	ASK_MISMATCH,
	ASK_REVIEW,
	ASK_SAVE_FILTERS,
	ASK_SAVE_POLICY,
	ASK_SAVE_TRACE,
	ASK_RUN,
	ASK_ADD,
	ASK_SAVE_AGAIN,
	ASK_REPLACE, /* within any of those that save */
	ASK_NOTHING, /* the end */
	ASK_AGAIN,   /* the same once more */
};

/* Where the conversation stands. */
struct position {
	enum question question;
	size_t filter, rule, clause;
};

/* What a watched run called. */
struct seen_call {
	char *name, *promise, *example;
	unsigned long long count;
};

struct findings {
	bool there;
	int status; /* exit status */
	struct seen_call *calls;
	size_t count, capacity;
	unsigned long long total;
	char *trace; /* JSON, an object a line */
	size_t trace_length;
	bool trace_cut;
	struct policy suggestion;
	bool suggests;
};

/* What a confined run was denied, and what would allow it. */
struct missing {
	char **texts; /* a sentence each */
	size_t count;
	promise_set promises;
	struct policy paths; /* unveils and ports alone */
};

enum file { FILE_FILTERS, FILE_POLICY, FILE_TRACE, FILE_COUNT };

struct guide {
	char **argv; /* NULL: not known yet */
	char *lead;
	struct machine machine;
	const struct policy *ceiling; /* of the watched run; NULL: none */
	const char *unwatched; /* why there is no such run; NULL: there is */

	enum guide_want want;
	struct position at, *past;
	size_t past_count, past_capacity;
	struct strbuf text, prompt;
	int status;
	bool has_run;

	char *input; /* of the watched run; NULL: /dev/null */
	struct findings findings;
	struct policy policy;
	struct filter_file filters; /* its sets are GUIDE_FILTERS */
	struct missing missing;

	char *saved[FILE_COUNT]; /* under which path; NULL: not */
	bool changed;            /* the policy, since it was saved */
	struct {
		enum file file;
		char *path;
		bool replace, exists;
		enum question question, next;
	} saving;
};

/* One question. */
struct question_row {
	const char *prompt;
	const char *help;
	bool (*applies)(const struct guide *); /* NULL: always */
	void (*show)(struct guide *);          /* NULL: the prompt says it */
	/* The next question, or ASK_AGAIN, or -errno: what is wrong. */
	int (*take)(struct guide *, const char *text, struct diag *);
	const char *(*word)(const struct guide *, size_t index);
	bool paths;
};
extern const struct question_row question_rows[ASK_NOTHING];

/* Says one paragraph, wrapped. */
void guide_say(struct guide *guide, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, each line indented. */
void guide_say_indented(struct guide *guide, size_t indent, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
/* TEXT harmless, "...": in an arena of the guide. */
const char *guide_quote(struct guide *guide, const char *text);

/* Adds FROM's unveils to those of TO. */
int guide_add_unveils(
    struct policy *to, const struct policy *from, struct diag *diag);

/* What was asked for is done: on with the next question, or with QUESTION. */
void guide_go_on(struct guide *guide);
void guide_go_to(struct guide *guide, enum question question);

/* The command: copied, -ENOMEM; for people; and its last name: "ls". */
int guide_set_argv(struct guide *guide, char *const *argv);
void guide_write_command(const struct guide *guide, struct strbuf *buf);
const char *guide_command_name(const struct guide *guide);

/* What stands at the position. */
struct ruleset *guide_filter(const struct guide *guide);
struct entry *guide_rule(const struct guide *guide);
struct clause *guide_clause(const struct guide *guide);

/* Where the filters were saved, or would be; to be freed. */
char *guide_filters_path(const struct guide *guide);

/* The policy's filters, as they are in the file PATH; NULL: no filters. */
int guide_name_filters(
    struct guide *guide, const char *path, struct diag *diag);
/* That file. */
int guide_write_filters(
    const struct guide *guide, struct strbuf *buf, struct diag *diag);

/* For act.c: what came of it. */
void guide_watched(struct guide *guide, const struct findings *findings);
void guide_failed(struct guide *guide, const char *text);
void guide_ran(struct guide *guide, int status, const struct missing *missing);
void findings_free(struct findings *findings);
void missing_free(struct missing *missing);
/* Its sentences speak of the filters' file by its name, which was PATH. */
void missing_rename(
    struct missing *missing, const char *path, const struct guide *guide);

/* The rows' parts, one file each subject. */
void guide_greet(struct guide *guide);
int take_command(struct guide *guide, const char *text, struct diag *diag);
void show_watch(struct guide *guide);
int take_watch(struct guide *guide, const char *text, struct diag *diag);
int take_input(struct guide *guide, const char *text, struct diag *diag);
bool calls_apply(const struct guide *guide);
void show_calls(struct guide *guide);
int take_calls(struct guide *guide, const char *text, struct diag *diag);
const char *calls_word(const struct guide *guide, size_t index);

void show_promises(struct guide *guide);
int take_promises(struct guide *guide, const char *text, struct diag *diag);
const char *promise_word(const struct guide *guide, size_t index);
void show_paths(struct guide *guide);
int take_paths(struct guide *guide, const char *text, struct diag *diag);

/* ASK_FILTERS, or what follows if there can be none, which is said. */
int guide_next_filters(struct guide *guide);
void show_filters(struct guide *guide);
int take_filters(struct guide *guide, const char *text, struct diag *diag);
void show_filter_name(struct guide *guide);
int take_filter_name(struct guide *guide, const char *text, struct diag *diag);
void show_call(struct guide *guide);
int take_call(struct guide *guide, const char *text, struct diag *diag);
const char *call_word(const struct guide *guide, size_t index);
void show_when(struct guide *guide);
int take_when(struct guide *guide, const char *text, struct diag *diag);
void show_argument(struct guide *guide);
int take_argument(struct guide *guide, const char *text, struct diag *diag);
const char *argument_word(const struct guide *guide, size_t index);
void show_operator(struct guide *guide);
int take_operator(struct guide *guide, const char *text, struct diag *diag);
const char *operator_word(const struct guide *guide, size_t index);
void show_size(struct guide *guide);
int take_size(struct guide *guide, const char *text, struct diag *diag);
void show_value(struct guide *guide);
int take_value(struct guide *guide, const char *text, struct diag *diag);
const char *size_word(const struct guide *guide, size_t index);
const char *value_word(const struct guide *guide, size_t index);
void show_comment(struct guide *guide);
int take_comment(struct guide *guide, const char *text, struct diag *diag);
void show_match(struct guide *guide);
int take_match(struct guide *guide, const char *text, struct diag *diag);
void show_mismatch(struct guide *guide);
int take_mismatch(struct guide *guide, const char *text, struct diag *diag);
const char *action_word(const struct guide *guide, size_t index);

void show_review(struct guide *guide);
int take_review(struct guide *guide, const char *text, struct diag *diag);
const char *review_word(const struct guide *guide, size_t index);
bool save_filters_applies(const struct guide *guide);
void show_save(struct guide *guide);
int take_save(struct guide *guide, const char *text, struct diag *diag);
bool save_trace_applies(const struct guide *guide);
bool save_again_applies(const struct guide *guide);
int take_replace(struct guide *guide, const char *text, struct diag *diag);
void show_replace(struct guide *guide);
bool replace_applies(const struct guide *guide);
int take_run(struct guide *guide, const char *text, struct diag *diag);
bool add_applies(const struct guide *guide);
void show_add(struct guide *guide);
int take_add(struct guide *guide, const char *text, struct diag *diag);

#endif
