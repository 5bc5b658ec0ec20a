/* SPDX-License-Identifier: ISC */
#include "base/cleanup.h"
#include "filter/filter.h"
#include "json/write.h"
#include "report/denial.h"

static void
put_json_unveil(
    struct json_writer *json, unsigned int permissions, const char *path)
{
	cleanup_strbuf struct strbuf letters = { 0 };

	unveil_write_letters(&letters, permissions);
	json_string(json, "permissions", letters.failed ? "" : letters.data);
	json_path(json, "path", "path_hex", path);
}

static void
put_json_unveils(struct json_writer *json, const struct denial *denial)
{
	json_open(json, "unveil", '[');
	for (size_t i = 0; i < denial->path_count; i++) {
		json_open(json, NULL, '{');
		put_json_unveil(json, denial->permissions[i], denial->paths[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
	if (denial->instead == NULL)
		return;
	json_open(json, "instead", '{');
	put_json_unveil(json, denial->instead_permissions, denial->instead);
	json_close(json, '}');
}

static void
put_json_words(struct json_writer *json, promise_set words)
{
	json_open(json, "promises", '[');
	for (int i = 0; i < PROMISE_COUNT; i++)
		if (words & UINT64_C(1) << i)
			json_string(json, NULL, promise_rows[i].name);
	json_close(json, ']');
}

static void
put_json_rule(struct json_writer *json, const struct denial_rule *rule)
{
	char text[ANSWER_TEXT];

	json_open(json, "filter", '{');
	json_path(json, "path", "path_hex", rule->file);
	json_number(json, "line", rule->line);
	json_number(json, "column", rule->column);
	if (rule->name != NULL)
		json_string(json, "name", rule->name);
	json_string(json, "answer", answer_text(rule->answer, text));
	if (rule->comment != NULL)
		json_string(json, "comment", rule->comment);
	json_close(json, '}');
}

void
denial_json(struct strbuf *buf, const struct denial *denial, long long times)
{
	cleanup_strbuf struct strbuf text = { 0 };
	struct json_writer json = { .buf = buf };

	denial_write(&text, denial);
	json_open(&json, NULL, '{');
	json_string(&json, "event",
	    !denial_is_one(denial) ? "ordinary"
	    : times == 0           ? "denied"
	                           : "counted");
	if (times == 0)
		json_number(&json, "pid", denial->pid);
	else
		json_number(&json, "times", times);
	json_string(&json, "call", denial->call);
	json_number(&json, "errno", denial->err);
	put_json_words(&json, denial->words);
	put_json_unveils(&json, denial);
	if (port_is_set(denial->connect))
		json_number(&json, "connect", denial->connect.number);
	if (port_is_set(denial->bind))
		json_number(&json, "bind", denial->bind.number);
	if (denial->reason != NULL)
		json_string(&json, "reason", denial->reason);
	if (denial->rule.file != NULL)
		put_json_rule(&json, &denial->rule);
	if (denial->replaced != NULL)
		json_path(&json, "replaced", "replaced_hex", denial->replaced);
	if (denial->wide != NULL) {
		json_open(&json, "wide", '{');
		put_json_unveil(&json, denial->wide_permissions, denial->wide);
		json_close(&json, '}');
	}
	if (denial->ordinary != NULL)
		json_string(&json, "ordinary", denial->ordinary);
	if (denial->probe)
		json_bool(&json, "probe", true);
	if (denial->harmless != NULL)
		json_string(&json, "harmless", denial->harmless);
	json_string(&json, "text", text.failed ? "" : text.data);
	json_close(&json, '}');
}
