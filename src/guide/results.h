/* SPDX-License-Identifier: ISC */
/* What a child has left, read. */
#ifndef GUIDE_RESULTS_H
#define GUIDE_RESULTS_H

#include "guide/state.h"
#include "guide/watch.h"

struct results {
	char *failure; /* why the command was not run; NULL: it was */
	struct findings findings; /* of a watched run */
	struct missing missing;   /* of a confined one */
};

/* FILES are descriptors, RESULT_FILES of them.  -errno and a sentence. */
int results_read(const int *files, bool watched, struct results *ret_results,
    struct diag *diag);
void results_free(struct results *results);

/* A name for descriptor FD in this process and those that it forks. */
#define RESULTS_PATH_SIZE 40
const char *results_path(int fd, char *buffer);

#endif
