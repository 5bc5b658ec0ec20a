/* SPDX-License-Identifier: ISC */
/* What else can be said of a learned policy. */
#ifndef RUN_LEARN_MORE_H
#define RUN_LEARN_MORE_H

#include "base/strbuf.h"
#include "run/learn.h"
#include "run/learn_see.h"

/* How many files each directory of LEARNED grants, on this machine. */
void learn_count_files(struct learned *learned, char *const *argv);

/* One object: what the policy file says, and STATUS. */
void learn_json(const struct learned *learned, int status, struct strbuf *buf);

/* Adds what one run needed to what was used of the ceiling's paths. */
void learn_note_use(struct learn *learn, const struct learning *learning,
    const struct sandbox_path *paths);

/* What the ceiling grants and no run used: a line each. */
void learn_write_unused(const struct learn *learn, struct strbuf *buf);
void learn_json_unused(
    const struct learn *learn, int status, struct strbuf *buf);

#endif
