/* SPDX-License-Identifier: ISC */
/*
 * Why something failed: an errno and one sentence; and what to warn about.
 *
 * Inside, a function returns 0 or -errno and puts one sentence here; a front
 * end prints it.  Nothing below a front end writes to a terminal.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdarg.h>

struct diag {
	int err; /* a positive errno, 0: nothing failed */
	void (*warn)(void *context, const char *text); /* NULL: dropped */
	void *context;
	char text[4608]; /* one sentence; room for a path of PATH_MAX */
	/* Where in a file it is about, if that is known: line 0 if not. */
	struct diag_place {
		unsigned int line, column;
		/* In the text: the file's name, and what follows the place. */
		unsigned int file, file_length, message;
	} place;
};

/* Sets the sentence and returns -ERR.  DIAG may be NULL. */
int diag_set(struct diag *diag, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with errno, and its meaning appended: "unveil /x: No such file". */
int diag_errno(struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " before the sentence that is there. Returns -diag->err. */
int diag_prefix(struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Notes that what is there is about that place, and puts "FILE:LINE:COLUMN: "
 * before it.  Returns -diag->err.
 */
int diag_place(struct diag *diag, const char *file, unsigned int line,
    unsigned int column);

/* Says something that the user should know and that stops nothing. */
void diag_warn(struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
