/* SPDX-License-Identifier: ISC */
#include "judge/account.h"

#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "json/write.h"

#define STAYING_SHOWN 3 /* calls that stay refused */

static void
put_line(const struct account *account, const struct strbuf *buf)
{
	account->output->line(account->output->context,
	    buf->failed ? "out of memory" : buf->data);
}

/* TIMES 0: as it happens. */
static void
put_denial(const struct account *account, const struct denial *denial,
    unsigned long times)
{
	cleanup_strbuf struct strbuf buf = { 0 };

	if (account->output->json)
		denial_json(&buf, denial, (long long)times);
	else
		denial_write(&buf, denial);
	if (times > 1 && !account->output->json)
		strbuf_printf(&buf, " (%lu times)", times);
	put_line(account, &buf);
}

/* --- While it runs --- */

void
account_denied(
    struct account *account, pid_t process, const struct denial *denial)
{
	struct denial_row *row;
	bool first = denials_add(&account->denials, denial, &row);

	outcomes_denied(&account->outcomes, &account->denials, process, row);
	/* Whether a probe did harm is told at the end. */
	if (account->output->json || (first && !denial->probe))
		put_denial(account, denial, 0);
}

bool
account_again(
    struct account *account, pid_t process, pid_t tid, const char *call)
{
	struct denial_row *row = denials_again(&account->denials, call);
	struct denial again;

	if (row == NULL)
		return false;
	outcomes_denied(&account->outcomes, &account->denials, process, row);
	again = row->denial;
	again.pid = tid;
	if (account->output->json)
		put_denial(account, &again, 0);
	return true;
}

void
account_ordinary(
    struct account *account, pid_t process, const struct denial *denial)
{
	struct denial_row *row;

	outcomes_explained(&account->outcomes, process);
	denials_add(&account->ordinary, denial, &row);
}

void
account_ended(struct account *account, pid_t process, int status)
{
	outcomes_ended(&account->outcomes, &account->denials, process, status);
}

/* --- At the end --- */

/* Somebody wanted it to end, as with a head(1) behind it. */
static bool
was_asked(int status)
{
	return status == 128 + SIGINT || status == 128 + SIGTERM ||
	       status == 128 + SIGHUP || status == 128 + SIGPIPE;
}

void
account_close(struct account *account, int status, bool broken_off)
{
	struct denials *denials = &account->denials;
	bool as_known = status != 0 && status == account->known_status;
	const char *harmless = "its program went on and succeeded";

	outcomes_close(&account->outcomes, denials);
	account->failed =
	    status != 0 && !broken_off && !was_asked(status) && !as_known;
	if (as_known)
		harmless = "it ends like this where nothing is refused, too";
	else if (account->failed)
		harmless = "programs go on without it";
	for (size_t i = 0; i < denials->count; i++) {
		struct denial_row *row = &denials->rows[i];

		/* Whoever is killed does not go on. */
		row->suspect = (row->suspect && account->failed) ||
		               (row->denial.refused && row->denial.err == 0);
	}
	denials_settle(denials, harmless);
}

bool
account_found(const struct account *account)
{
	return account->denials.total > account->denials.harmless;
}

/* " but clone(CLONE_NEWUSER), which stays refused" */
static void
put_staying(struct strbuf *buf, const struct denials *denials)
{
	size_t count = 0;

	for (size_t i = 0; i < denials->count; i++) {
		const struct denial *denial = &denials->rows[i].denial;

		if (denial->harmless != NULL || denial->rule.file != NULL ||
		    (denial->reason == NULL && denial->wide == NULL))
			continue;
		if (count++ >= STAYING_SHOWN)
			continue;
		strbuf_puts(buf, count == 1 ? " but " : ", ");
		strbuf_puts(buf, denial->call);
	}
	if (count > STAYING_SHOWN)
		strbuf_printf(buf, " and %zu more", count - STAYING_SHOWN);
	if (count > 0)
		strbuf_puts(buf, count == 1 ? ", which stays refused"
		                            : ", which stay refused");
}

/* Each line of TEXT by itself, after HEAD. */
static void
put_lines(const struct account *account, const char *head, const char *text)
{
	cleanup_strbuf struct strbuf buf = { 0 };
	size_t length;

	strbuf_puts(&buf, head);
	put_line(account, &buf);
	for (; *text != '\0'; text += length) {
		length = strcspn(text, "\n") + 1;
		buf.length = 0;
		strbuf_puts(&buf, "  ");
		strbuf_add(&buf, text, length - 1);
		put_line(account, &buf);
	}
}

/* Who has a policy in a file, goes on with that file. */
static void
put_file_lines(
    const struct account *account, const struct suggestion_request *request)
{
	cleanup_strbuf struct strbuf head = { 0 }, lines = { 0 };

	if (request->options.file == NULL ||
	    !suggestion_write_lines(&lines, &account->denials, request) ||
	    lines.failed || lines.length == 0)
		return;
	strbuf_puts(&head, "or add to ");
	quote_shell(&head, request->options.file);
	strbuf_putc(&head, ':');
	put_lines(account, strbuf_text(&head, "out of memory"), lines.data);
}

static void
put_suggestion(
    const struct account *account, const struct suggestion_request *request)
{
	const struct denials *denials = &account->denials;
	cleanup_strbuf struct strbuf buf = { 0 }, command = { 0 },
	                             lines = { 0 };
	struct json_writer json = { .buf = &buf };
	bool found = suggestion_write(&command, denials, request);

	if (account->output->json) {
		json_open(&json, NULL, '{');
		json_string(&json, "event", "summary");
		json_number(&json, "denied", (long long)denials->total);
		json_number(&json, "harmless", (long long)denials->harmless);
		if (account->blind || account->unheard)
			json_bool(&json, "blind", true);
		if (denials->unlisted > 0)
			json_number(
			    &json, "unlisted", (long long)denials->unlisted);
		if (found && !command.failed)
			json_string(&json, "suggestion", command.data);
		if (suggestion_write_lines(&lines, denials, request) &&
		    !lines.failed)
			json_string(&json, "lines", lines.data);
		json_close(&json, '}');
	} else if (found && !command.failed) {
		strbuf_printf(&buf, "to allow everything that %s",
		    denials->by_rules > 0 ? "no filter of yours refused"
		                          : "was denied");
		put_staying(&buf, denials);
		strbuf_printf(&buf, ": %s", command.data);
	}
	if (buf.length > 0)
		put_line(account, &buf);
	if (!account->output->json)
		put_file_lines(account, request);
}

static void
put_head(const struct account *account)
{
	const struct denials *denials = &account->denials;
	unsigned long serious = denials->total - denials->harmless;
	cleanup_strbuf struct strbuf buf = { 0 };

	if (serious > 0)
		strbuf_printf(&buf, "summary: %lu denied", serious);
	else if (account->blind)
		strbuf_puts(&buf,
		    "what was denied cannot be told: without /proc, nothing is "
		    "seen of paths");
	else if (account->unheard)
		strbuf_puts(&buf,
		    "what was denied cannot be told: what a compiled program "
		    "refuses is not heard");
	else if (denials->total == 0)
		strbuf_puts(&buf, "nothing was denied");
	else
		strbuf_puts(
		    &buf, "nothing was denied but what programs do without");
	if (denials->unlisted > 0)
		strbuf_printf(&buf,
		    "; %lu of them, of too many kinds, are not listed",
		    denials->unlisted);
	put_line(account, &buf);
}

static void
put_rows(const struct account *account, bool harmless)
{
	const struct denials *denials = &account->denials;

	for (size_t i = 0; i < denials->count; i++) {
		const struct denial_row *row = &denials->rows[i];

		if ((row->denial.harmless != NULL) == harmless)
			put_denial(account, &row->denial, row->times);
	}
}

/* They matter to a command that failed. */
static void
put_ordinary(const struct account *account)
{
	const struct denials *ordinary = &account->ordinary;

	for (size_t i = 0; account->failed && i < ordinary->count; i++)
		put_denial(account, &ordinary->rows[i].denial,
		    ordinary->rows[i].times);
}

void
account_summary(
    const struct account *account, const struct suggestion_request *request)
{
	bool quiet = account->output->quiet && !account->output->json;

	if (quiet && !account_found(account) && !account->blind &&
	    !account->unheard)
		return;
	if (!account->output->json)
		put_head(account);
	put_rows(account, false);
	put_ordinary(account);
	if (!quiet)
		put_rows(account, true);
	put_suggestion(account, request);
}

void
account_free(struct account *account)
{
	denials_free(&account->denials);
	denials_free(&account->ordinary);
	outcomes_free(&account->outcomes);
}
