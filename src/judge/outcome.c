/* SPDX-License-Identifier: ISC */
#include "judge/outcome.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static struct outcome *
find_outcome(struct outcomes *outcomes, pid_t process)
{
	for (size_t i = outcomes->count; i-- > 0;)
		if (outcomes->rows[i].process == process)
			return &outcomes->rows[i];
	return NULL;
}

static struct outcome *
add_outcome(struct outcomes *outcomes, pid_t process)
{
	size_t capacity = outcomes->capacity * 2 + 16;
	struct outcome *rows;

	if (outcomes->count == OUTCOMES)
		return NULL;
	if (outcomes->count == outcomes->capacity) {
		rows = realloc(outcomes->rows, capacity * sizeof(*rows));
		if (rows == NULL)
			return NULL;
		outcomes->rows = rows;
		outcomes->capacity = capacity;
	}
	outcomes->rows[outcomes->count] =
	    (struct outcome){ .process = process };
	return &outcomes->rows[outcomes->count++];
}

/* That of PROCESS; NULL: it cannot be kept. */
static struct outcome *
get_outcome(struct outcomes *outcomes, pid_t process)
{
	struct outcome *outcome = find_outcome(outcomes, process);

	return outcome != NULL ? outcome : add_outcome(outcomes, process);
}

void
outcomes_explained(struct outcomes *outcomes, pid_t process)
{
	struct outcome *outcome = get_outcome(outcomes, process);

	if (outcome != NULL)
		outcome->explained = true;
}

void
outcomes_denied(struct outcomes *outcomes, const struct denials *denials,
    pid_t process, const struct denial_row *row)
{
	struct outcome *outcome =
	    row != NULL ? get_outcome(outcomes, process) : NULL;
	uint32_t at;

	if (outcome == NULL)
		return;
	/* Whoever is killed, is killed for that. */
	if (!row->denial.probe ||
	    (row->denial.refused && row->denial.err == 0)) {
		outcome->explained = true;
		return;
	}
	at = (uint32_t)(row - denials->rows);
	for (size_t i = 0; i < outcome->count; i++)
		if (outcome->probes[i] == at)
			return;
	if (outcome->count < OUTCOME_PROBES)
		outcome->probes[outcome->count++] = at;
}

static void
suspect(const struct outcome *outcome, struct denials *denials)
{
	for (size_t i = 0; !outcome->explained && i < outcome->count; i++)
		denials->rows[outcome->probes[i]].suspect = true;
}

void
outcomes_ended(struct outcomes *outcomes, struct denials *denials,
    pid_t process, int status)
{
	struct outcome *outcome = find_outcome(outcomes, process);

	if (outcome == NULL)
		return;
	if (status != 0)
		suspect(outcome, denials);
	*outcome = outcomes->rows[--outcomes->count];
}

void
outcomes_close(struct outcomes *outcomes, struct denials *denials)
{
	for (size_t i = 0; i < outcomes->count; i++)
		if (kill(outcomes->rows[i].process, 0) < 0 && errno == ESRCH)
			suspect(&outcomes->rows[i], denials);
	outcomes->count = 0;
}

void
outcomes_free(struct outcomes *outcomes)
{
	free(outcomes->rows);
	*outcomes = (struct outcomes){ 0 };
}
