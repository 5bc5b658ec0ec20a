/* SPDX-License-Identifier: ISC */
/* The keys of a container's profile, read as Go's encoding/json does. */
#include "format/oci.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"

static int
name_error(const struct oci_object *object, const struct json *member,
    struct diag *diag, const char *text)
{
	diag_set(
	    diag, EINVAL, "unknown field \"%.100s\"%s", member->name, text);
	return diag_place(
	    diag, object->json->file, member->name_line, member->name_column);
}

/* Once for each name. */
static void
note_ignored(struct oci_ignored *ignored, const struct json *member)
{
	char shown[64];
	size_t length = strcspn(member->name, "\"\\ ");

	if (length >= sizeof(shown) - 3)
		length = sizeof(shown) - 3;
	shown[0] = ' ';
	memcpy(shown + 1, member->name, length);
	memcpy(shown + 1 + length, " ", 2);
	if (ignored->names.data != NULL &&
	    strstr(ignored->names.data, shown) != NULL)
		return;
	if (ignored->count++ == 0)
		ignored->first =
		    (struct place){ member->name_line, member->name_column };
	strbuf_puts(&ignored->names, shown);
}

/* A member that no field is: harmless, or a field misspelt. */
static int
read_unknown(const struct oci_object *object, const struct json *member,
    const struct oci_field *fields, size_t count, struct diag *diag)
{
	struct suggest meant = { .wanted = member->name };
	const char *text;

	for (size_t i = 0; i < count; i++)
		suggest_consider(&meant, fields[i].name);
	text = suggest_text(&meant);
	for (size_t i = 0; i < count && *text != '\0'; i++)
		if (strcmp(fields[i].name, meant.best) == 0 &&
		    !(fields[i].flags & FIELD_REMARK))
			return name_error(object, member, diag, text);
	note_ignored(object->ignored, member);
	return 0;
}

static int
sort_member(const struct oci_object *object, const struct json *member,
    const struct oci_field *fields, size_t count, const struct json **values)
{
	(void)object;
	for (size_t i = 0; i < count; i++) {
		if (strlen(member->name) != member->name_length ||
		    strcasecmp(member->name, fields[i].name) != 0)
			continue;
		if (values[i] != NULL)
			return -EEXIST;
		values[i] = member;
		return 1;
	}
	return 0;
}

int
oci_fields(const struct oci_object *object, const struct oci_field *fields,
    size_t count, const struct json **ret_values, struct diag *diag)
{
	const struct json *member;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		ret_values[i] = NULL;
	for (member = object->value->first; member != NULL && r >= 0;
	     member = member->next) {
		r = sort_member(object, member, fields, count, ret_values);
		if (r == -EEXIST)
			return json_error(object->json, member, diag,
			    "\"%.100s\" stands twice, in other letters",
			    member->name);
		if (r == 0)
			r = read_unknown(object, member, fields, count, diag);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		if ((fields[i].flags & FIELD_REQUIRED) && ret_values[i] == NULL)
			return json_error(object->json, object->value, diag,
			    "the field \"%s\" is missing", fields[i].name);
	return 0;
}

void
oci_warn_ignored(const struct filter_file *file,
    const struct oci_ignored *ignored, struct diag *diag)
{
	if (ignored->count == 0)
		return;
	ruleset_warn(file, ignored->first, diag,
	    "ignored, as the runtimes do, %s:%s",
	    ignored->count == 1 ? "a key that is not theirs"
	                        : "keys that are not theirs",
	    strbuf_text(&ignored->names, " (out of memory)"));
}
