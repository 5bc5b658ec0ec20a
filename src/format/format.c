/* SPDX-License-Identifier: ISC */
#include "format/format.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "base/suggest.h"
#include "base/table.h"
#include "format/refused.h"

/* Those that are surest of their own first. */
const struct format *const formats[] = {
	&format_oci,
	&format_systemd,
	&format_minijail,
	&format_seccompiler,
	&format_bpf,
};
const size_t format_count = ARRAY_SIZE(formats);

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; i < format_count; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

int
format_choose(
    const char *name, const struct format **ret_format, struct diag *diag)
{
	struct suggest suggest = { .wanted = name };
	cleanup_strbuf struct strbuf all = { 0 };

	*ret_format = format_find(name);
	if (*ret_format != NULL)
		return 0;
	for (size_t i = 0; i < format_count; i++) {
		suggest_consider(&suggest, formats[i]->name);
		strbuf_printf(
		    &all, "%s%s", i == 0 ? "" : ", ", formats[i]->name);
	}
	suggest_text(&suggest);
	return diag_set(diag, EINVAL, "unknown format \"%s\"%s%s", name,
	    suggest.text[0] != '\0' ? suggest.text : "; there are ",
	    suggest.text[0] != '\0' ? "" : strbuf_text(&all, ""));
}

static const struct format *
recognise(const struct format_bytes *bytes)
{
	for (size_t i = 0; i < format_count; i++)
		if (formats[i]->recognise(bytes))
			return formats[i];
	return NULL;
}

int
format_read(const char *path, struct format_bytes bytes,
    const struct format *format, struct filter_file *ret_file,
    struct diag *diag)
{
	int r;

	if (format == NULL && (r = refused_check(path, &bytes, diag)) < 0) {
		free(bytes.data);
		*ret_file = (struct filter_file){ 0 };
		return r;
	}
	if (format == NULL)
		format = recognise(&bytes);
	*ret_file = (struct filter_file){ .path = path, .format = format };
	if (format == NULL) {
		free(bytes.data);
		return diag_set(diag, EINVAL,
		    "%s: this looks like no filter in any format known here",
		    path);
	}
	r = format->read(&bytes, ret_file, diag);
	free(bytes.data);
	if (r < 0)
		filter_file_free(ret_file);
	return r;
}

int
format_read_file(const char *path, const struct format *format,
    struct filter_file *ret_file, struct diag *diag)
{
	struct format_bytes bytes = { .is_file = true };
	int r;

	*ret_file = (struct filter_file){ 0 };
	r = file_read(
	    path, FORMAT_FILE_LIMIT, &bytes.data, &bytes.length, diag);
	if (r < 0)
		return r;
	return format_read(path, bytes, format, ret_file, diag);
}
