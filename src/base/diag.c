/* SPDX-License-Identifier: ISC */
#include "base/diag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
diag_set(struct diag *diag, int err, const char *format, ...)
{
	va_list ap;

	if (diag == NULL)
		return -err;
	diag->err = err;
	diag->place.line = 0;
	va_start(ap, format);
	vsnprintf(diag->text, sizeof(diag->text), format, ap);
	va_end(ap);
	return -err;
}

int
diag_errno(struct diag *diag, const char *format, ...)
{
	int err = errno;
	size_t used;
	va_list ap;

	if (diag == NULL)
		return -err;
	diag->err = err;
	diag->place.line = 0;
	va_start(ap, format);
	vsnprintf(diag->text, sizeof(diag->text), format, ap);
	va_end(ap);
	used = strlen(diag->text);
	snprintf(diag->text + used, sizeof(diag->text) - used, ": %s",
	    strerror(err));
	return -err;
}

int
diag_prefix(struct diag *diag, const char *format, ...)
{
	char prefix[512];
	size_t length;
	va_list ap;

	if (diag == NULL)
		return -EINVAL;
	va_start(ap, format);
	vsnprintf(prefix, sizeof(prefix) - 3, format, ap);
	va_end(ap);
	length = strlen(prefix);
	memcpy(prefix + length, ": ", sizeof(": "));
	length += 2;
	memmove(
	    diag->text + length, diag->text, sizeof(diag->text) - length - 1);
	memcpy(diag->text, prefix, length);
	diag->text[sizeof(diag->text) - 1] = '\0';
	diag->place.file += (unsigned int)length;
	diag->place.message += (unsigned int)length;
	return -diag->err;
}

int
diag_place(
    struct diag *diag, const char *file, unsigned int line, unsigned int column)
{
	char text[512];

	if (diag == NULL)
		return -EINVAL;
	snprintf(text, sizeof(text) - 32, "%s", file);
	diag->place = (struct diag_place){ .line = line,
		.column = column,
		.file_length = (unsigned int)strlen(text) };
	snprintf(text + strlen(text), 32, ":%u:%u", line, column);
	diag_prefix(diag, "%s", text);
	diag->place.file = 0;
	return -diag->err;
}

void
diag_warn(struct diag *diag, const char *format, ...)
{
	char text[sizeof(diag->text)];
	va_list ap;

	if (diag == NULL || diag->warn == NULL)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	diag->warn(diag->context, text);
}
