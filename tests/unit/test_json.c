/* SPDX-License-Identifier: ISC */
#include "json/read.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "base/table.h"
#include "json/write.h"
#include "random.h"
#include "tap.h"

static int
read_bytes(struct json_document *json, const void *text, size_t length,
    struct diag *diag)
{
	char *copy = malloc(length + 1);

	memcpy(copy, text, length);
	return json_read(json, NULL, copy, length, diag);
}

/* What was understood, as text. */
static void
dump(const struct json *value, struct strbuf *buf)
{
	static const char *const words[] = { [JSON_NULL] = "null",
		[JSON_FALSE] = "false",
		[JSON_TRUE] = "true" };
	const struct json *child;

	switch (value->type) {
	case JSON_NUMBER:
		strbuf_printf(buf, "%.*s", (int)value->length, value->text);
		break;
	case JSON_STRING:
		strbuf_printf(buf, "<%zu:%s>", value->length, value->text);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		strbuf_putc(buf, value->type == JSON_ARRAY ? '[' : '{');
		for (child = value->first; child; child = child->next) {
			if (child->name != NULL)
				strbuf_printf(buf, "%s=", child->name);
			dump(child, buf);
			strbuf_putc(buf, ' ');
		}
		strbuf_printf(buf, "%zu", value->count);
		strbuf_putc(buf, value->type == JSON_ARRAY ? ']' : '}');
		break;
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		strbuf_puts(buf, words[value->type]);
	}
}

/* clang-format off */
static const struct { const char *text, *dumped; } good[] = {
	{ "null", "null" },
	{ " \t\r\n true \n", "true" },
	{ "false", "false" },
	{ "0", "0" },
	{ "-0", "-0" },
	{ "18446744073709551616", "18446744073709551616" },
	{ "-1.50e+10", "-1.50e+10" },
	{ "1E5", "1E5" },
	{ "\"\"", "<0:>" },
	{ "\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "<10:a\"\\/\b\f\n\r\tz>" },
	{ "\"\\u00e9\\u20AC\\uD83D\\ude00\"", "<9:\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80>" },
	{ "\"\xc3\xa9\xf4\x8f\xbf\xbf\x7f\"", "<7:\xc3\xa9\xf4\x8f\xbf\xbf\x7f>" },
	{ "\"a\\u0000b\"", "<3:a>" },
	{ "[]", "[0]" },
	{ "[ 1 , [ ] , {} ]", "[1 [0] {0} 3]" },
	{ "{}", "{0}" },
	{ "{\"b\":1,\"a\":{\"b\":\"\"}}", "{b=1 a={b=<0:> 1} 2}" },
	{ "{\"a\":1,\"A\":2,\"\":3,\"aa\":4}", "{a=1 A=2 =3 aa=4 4}" },
};

static const struct { const char *text, *error; } bad[] = {
	{ "", "1:1: expected a JSON value, not the end of the text" },
	{ " \n\n  ", "3:3: expected a JSON value, not the end of the text" },
	{ "nul", "1:1: expected a JSON value, not \"n\"" },
	{ "nullx", "1:5: expected the end of the text, not \"x\"" },
	{ "NaN", "1:1: expected a JSON value, not \"N\"" },
	{ "Infinity", "1:1: expected a JSON value, not \"I\"" },
	{ "-Infinity", "1:2: expected a digit, not \"I\"" },
	{ "+1", "1:1: expected a JSON value, not \"+\"" },
	{ ".5", "1:1: expected a JSON value, not \".\"" },
	{ "1.", "1:3: expected a digit, not the end of the text" },
	{ "1e", "1:3: expected a digit, not the end of the text" },
	{ "1e+", "1:4: expected a digit, not the end of the text" },
	{ "-", "1:2: expected a digit, not the end of the text" },
	{ "01", "1:1: a number does not begin with 0" },
	{ "-01", "1:2: a number does not begin with 0" },
	{ "0x10", "1:2: expected the end of the text, not \"x\"" },
	{ "1 2", "1:3: expected the end of the text, not \"2\"" },
	{ "\xef\xbb\xbf{}", "1:1: expected a JSON value, not a byte order mark" },
	{ "\x01", "1:1: expected a JSON value, not byte 0x01" },
	{ "[1,]", "1:4: expected a JSON value, not \"]\"" },
	{ "[1 2]", "1:4: expected \",\" or \"]\", not \"2\"" },
	{ "[1", "1:3: expected \",\" or \"]\", not the end of the text" },
	{ "[", "1:2: expected a JSON value, not the end of the text" },
	{ "[}", "1:2: expected a JSON value, not \"}\"" },
	{ "{", "1:2: expected a key in quotes, not the end of the text" },
	{ "{a:1}", "1:2: expected a key in quotes, not \"a\"" },
	{ "{'a':1}", "1:2: expected a key in quotes, not \"'\"" },
	{ "{\"a\" 1}", "1:6: expected \":\", not \"1\"" },
	{ "{\"a\":}", "1:6: expected a JSON value, not \"}\"" },
	{ "{\"a\":1,}", "1:8: expected a key in quotes, not \"}\"" },
	{ "{\"a\":1;}", "1:7: expected \",\" or \"}\", not \";\"" },
	{ "{\"a\":1}\n// x", "2:1: expected the end of the text, not \"/\"" },
	{ "{\"a\":1,\n \"b\":2,\n  \"a\":3}",
	    "3:3: duplicate key \"a\", which stands at 1:2 already" },
	{ "{\"\\u0061\":1,\"a\":3}",
	    "1:13: duplicate key \"a\", which stands at 1:2 already" },
	{ "[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]",
	    "1:20: duplicate key \"a\", which stands at 1:8 already" },
	{ "\"abc", "1:1: this string has no end" },
	{ "\"abc\\", "1:5: unknown escape; JSON has \\\" \\\\ \\/ \\b \\f \\n "
	    "\\r \\t and \\uXXXX" },
	{ "\"\\x41\"", "1:2: unknown escape; JSON has \\\" \\\\ \\/ \\b \\f \\n "
	    "\\r \\t and \\uXXXX" },
	{ "\"a\tb\"", "1:3: write control characters as \\n, \\t or \\u00XX in "
	    "a string" },
	{ "\"a\nb\"", "1:3: write control characters as \\n, \\t or \\u00XX in "
	    "a string" },
	{ "\"\\u12g4\"", "1:2: expected four digits after \\u" },
	{ "\"\\u123", "1:2: expected four digits after \\u" },
	{ "\"\\ud800\"", "1:2: the second half of this pair is missing" },
	{ "\"\\ud800\\u0041\"", "1:2: the second half of this pair is missing" },
	{ "\"\\udc00\"", "1:2: the first half of this pair is missing" },
	{ "\"\x80\"", "1:2: this is no UTF-8" },
	{ "\"a\xc0\xaf\"", "1:3: this is no UTF-8" },
	{ "\"\xed\xa0\x80\"", "1:2: this is no UTF-8" },
	{ "\"\xf4\x90\x80\x80\"", "1:2: this is no UTF-8" },
	{ "\"\xe2\x82\"", "1:2: this is no UTF-8" },
	{ "\"\xc3", "1:2: this is no UTF-8" },
};

static const struct {
	const char *text;
	bool has_u64, has_i64;
	uint64_t u64;
	int64_t i64;
} numbers[] = {
	{ "0", true, true, 0, 0 },
	{ "7", true, true, 7, 7 },
	{ "9223372036854775807", true, true, INT64_MAX, INT64_MAX },
	{ "9223372036854775808", true, false, UINT64_C(1) << 63, 0 },
	{ "18446744073709551615", true, false, UINT64_MAX, 0 },
	{ "18446744073709551616", false, false, 0, 0 },
	{ "99999999999999999999999", false, false, 0, 0 },
	{ "-1", false, true, 0, -1 },
	{ "-9223372036854775808", false, true, 0, INT64_MIN },
	{ "-9223372036854775809", false, false, 0, 0 },
	{ "1.0", false, false, 0, 0 },
	{ "1e3", false, false, 0, 0 },
	{ "-0", false, true, 0, 0 },
	{ "\"1\"", false, false, 0, 0 },
};
/* clang-format on */

static void
test_tables(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		cleanup_json struct json_document json = { 0 };
		cleanup_strbuf struct strbuf buf = { 0 };
		struct diag diag = { 0 };
		int r = read_bytes(
		    &json, good[i].text, strlen(good[i].text), &diag);

		if (r == 0)
			dump(json.root, &buf);
		ok(r == 0 && strcmp(buf.data, good[i].dumped) == 0,
		    "text %zu is read: %s", i, r == 0 ? "" : diag.text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cleanup_json struct json_document json = { 0 };
		struct diag diag = { 0 };
		int r =
		    read_bytes(&json, bad[i].text, strlen(bad[i].text), &diag);

		if (!ok(r == -EINVAL && strcmp(diag.text, bad[i].error) == 0 &&
		            json.root == NULL && json.text == NULL,
		        "text %zu is refused at its place", i))
			note("wanted: %s\n# said: %s", bad[i].error, diag.text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		cleanup_json struct json_document json = { 0 };
		uint64_t u64 = 0;
		int64_t i64 = 0;
		bool has_u64, has_i64;

		read_bytes(
		    &json, numbers[i].text, strlen(numbers[i].text), NULL);
		has_u64 = json_u64(json.root, &u64);
		has_i64 = json_i64(json.root, &i64);
		ok(has_u64 == numbers[i].has_u64 &&
		        has_i64 == numbers[i].has_i64 &&
		        (!has_u64 || u64 == numbers[i].u64) &&
		        (!has_i64 || i64 == numbers[i].i64),
		    "the number %s", numbers[i].text);
	}
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* COUNT times TEXT, between two others. */
static int
read_many(const char *before, const char *text, size_t count, const char *after,
    struct diag *diag)
{
	cleanup_json struct json_document json = { 0 };
	cleanup_strbuf struct strbuf buf = { 0 };

	strbuf_puts(&buf, before);
	for (size_t i = 0; i < count; i++)
		strbuf_puts(&buf, text);
	strbuf_puts(&buf, after);
	return read_bytes(&json, buf.data, buf.length, diag);
}

static void
test_limits(void)
{
	struct diag diag = { 0 };
	double start = seconds();

	ok(read_many("", "[", 63, "[]", &diag) == -EINVAL &&
	        strstr(diag.text, "1:66: expected") != NULL,
	    "64 arrays may be within each other: %s", diag.text);
	ok(read_many("", "[", 64, "[", &diag) == -EINVAL &&
	        strcmp(diag.text, "1:65: more than 64 arrays and objects "
	                          "within each other") == 0,
	    "65 may not: %s", diag.text);
	ok(read_many("", "[", 10000, "", &diag) == -EINVAL, "nor may 10,000");
	ok(read_many("", "{\"a\":", 10000, "", &diag) == -EINVAL,
	    "nor may 10,000 objects");
	ok(read_many("[0", ",0", JSON_VALUES - 2, "]", &diag) == 0,
	    "there may be 2^18 values");
	ok(read_many("[0", ",0", JSON_VALUES - 1, "]", &diag) == -E2BIG,
	    "there may not be more: %s", diag.text);
	ok(read_many("\"", "x", 4 << 20, "\"", &diag) == 0,
	    "a string may be long");
	ok(read_bytes(&(struct json_document){ 0 }, "1\0", 2, &diag) == -EINVAL,
	    "a NUL byte is no end: %s", diag.text);
	ok(seconds() - start < 5, "all that is read at once");
}

static const struct json_field fields[] = {
	{ "index", NULL, true },
	{ "mismatch_action", "default_action", false },
};

static void
test_fields(void)
{
	/* clang-format off */
	static const struct { const char *text, *error; } rows[] = {
		{ "{\"index\":1}", NULL },
		{ "{\"default_action\":1,\"index\":1}", NULL },
		{ "{}", "1:1: the field \"index\" is missing" },
		{ "{\"index\":1,\n \"indx\":2}", "2:2: unknown field \"indx\"; "
		    "did you mean \"index\"?" },
		{ "{\"default_action\":1,\"index\":1,\"mismatch_action\":2}",
		    "1:31: \"mismatch_action\" and \"default_action\" are the "
		    "same field" },
		{ "{\"ind\\u0000\":1}", "1:2: unknown field \"ind\"" },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_json struct json_document json = { 0 };
		const struct json *found[2];
		struct diag diag = { 0 };
		int r;

		read_bytes(&json, rows[i].text, strlen(rows[i].text), NULL);
		r = json_fields(&json, json.root, fields, 2, found, &diag);
		if (rows[i].error == NULL)
			ok(r == 0 && found[0] != NULL &&
			        json_find(json.root, "index") == found[0],
			    "fields of %s", rows[i].text);
		else
			ok(r == -EINVAL && strncmp(diag.text, rows[i].error,
			                       strlen(rows[i].error)) == 0,
			    "%s", diag.text);
	}
}

/* What is written reads back equal, whatever bytes there are. */
static void
test_round_trip(uint64_t seed)
{
	struct random random = { seed };
	int wrong = 0;

	for (int i = 0; i < 2000; i++) {
		cleanup_json struct json_document json = { 0 };
		cleanup_strbuf struct strbuf buf = { 0 };
		char text[16] = "";
		size_t length = random_below(&random, sizeof(text));

		for (size_t j = 0; j < length; j++)
			text[j] = (char)(1 + random_below(&random, 127));
		json_quote(&buf, text);
		if (read_bytes(&json, buf.data, buf.length, NULL) != 0 ||
		    !json_equals(json.root, text))
			wrong++;
	}
	ok(wrong == 0, "2000 strings are written and read back");
}

/* What a terminal would obey does not stand there as it is. */
static void
test_sly(void)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
		{ "\033[2J", "\"\\u001b[2J\"" },
		{ "a\177b", "\"a\\u007fb\"" },
		{ "\xc2\x9b"
		  "31m",
		    "\"\\u009b31m\"" },
		{ "\xe2\x80\xae", "\"\\u202e\"" },
		{ "\xe2\x81\xa6", "\"\\u2066\"" },
		{ "\xc2\xa0\xe2\x82\xac", "\"\xc2\xa0\xe2\x82\xac\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_json struct json_document json = { 0 };
		cleanup_strbuf struct strbuf buf = { 0 };

		json_quote(&buf, rows[i].text);
		ok(strcmp(buf.data, rows[i].written) == 0 &&
		        read_bytes(&json, buf.data, buf.length, NULL) == 0 &&
		        json_equals(json.root, rows[i].text),
		    "written as %s", buf.data);
	}
}

/* --- Random documents, and damaged ones --- */

static void
make_string(struct random *random, struct strbuf *buf)
{
	static const char *const pieces[] = { "a", "b", "\\n", "\\u0041",
		"\xc3\xa9", "\\ud83d\\ude00", "\\\"", "\\/", " ", "key" };

	strbuf_putc(buf, '"');
	for (uint64_t i = random_below(random, 4); i > 0; i--)
		strbuf_puts(
		    buf, pieces[random_below(random, ARRAY_SIZE(pieces))]);
	strbuf_putc(buf, '"');
}

static void
make_value(struct random *random, struct strbuf *buf, int depth)
{
	static const char *const atoms[] = { "null", "true", "false", "0", "-1",
		"1.5", "-2e3", "9223372036854775807", " 12 ", "\n3" };
	uint64_t kind = random_below(random, depth < 5 ? 6 : 3);
	uint64_t count = random_below(random, 4);

	if (kind < 2) {
		strbuf_puts(
		    buf, atoms[random_below(random, ARRAY_SIZE(atoms))]);
		return;
	}
	if (kind == 2) {
		make_string(random, buf);
		return;
	}
	strbuf_putc(buf, kind < 5 ? '[' : '{');
	for (uint64_t i = 0; i < count; i++) {
		strbuf_puts(buf, i > 0 ? " ," : "");
		if (kind == 5) {
			make_string(random, buf);
			strbuf_putc(buf, ':');
		}
		make_value(random, buf, depth + 1);
	}
	strbuf_putc(buf, kind < 5 ? ']' : '}');
}

/* One byte gone, changed, or doubled: perhaps still JSON. */
static void
damage(struct random *random, struct strbuf *buf)
{
	static const char bytes[] =
	    "{}[]\",:0123456789.eE+-\\u \n\tntf\x80\xc3";
	size_t at = random_below(random, buf->length);

	switch (random_below(random, 3)) {
	case 0:
		memmove(buf->data + at, buf->data + at + 1, buf->length - at);
		buf->length--;
		break;
	case 1:
		buf->data[at] = bytes[random_below(random, sizeof(bytes) - 1)];
		break;
	default:
		strbuf_putc(buf, ' ');
		memmove(
		    buf->data + at + 1, buf->data + at, buf->length - at - 1);
	}
}

/*
 * jansson's names are ours, too, so it is loaded at run time; these are its
 * interface's shapes and numbers (jansson.h, 2.x).
 */
enum {
	THEIR_OBJECT,
	THEIR_ARRAY,
	THEIR_STRING,
	THEIR_INTEGER,
	THEIR_REAL,
	THEIR_TRUE,
	THEIR_FALSE,
	THEIR_NULL,
};
struct their_value {
	int type;
	size_t references;
};
struct their_error {
	int line, column, position;
	char source[80];
	char text[160]; /* the last byte is a code */
};
enum { REJECT_DUPLICATES = 1, DECODE_ANY = 4, ALLOW_NUL = 16 };
enum { NUL_IN_KEY = 13, OVERFLOW = 15 };

static struct {
	struct their_value *(*loadb)(const char *text, size_t length,
	    size_t flags, struct their_error *error);
	void (*delete)(struct their_value *value);
	size_t (*object_size)(const struct their_value *object);
	struct their_value *(*object_get)(
	    const struct their_value *object, const char *key);
	size_t (*array_size)(const struct their_value *array);
	struct their_value *(*array_get)(
	    const struct their_value *array, size_t index);
	const char *(*string_value)(const struct their_value *string);
	size_t (*string_length)(const struct their_value *string);
	long long (*integer_value)(const struct their_value *integer);
	double (*real_value)(const struct their_value *real);
} theirs;

static bool
load_oracle(void)
{
	const struct {
		const char *name;
		void *function;
	} names[] = {
		{ "json_loadb", &theirs.loadb },
		{ "json_delete", &theirs.delete },
		{ "json_object_size", &theirs.object_size },
		{ "json_object_get", &theirs.object_get },
		{ "json_array_size", &theirs.array_size },
		{ "json_array_get", &theirs.array_get },
		{ "json_string_value", &theirs.string_value },
		{ "json_string_length", &theirs.string_length },
		{ "json_integer_value", &theirs.integer_value },
		{ "json_real_value", &theirs.real_value },
	};
	void *library = dlopen("libjansson.so.4", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library != NULL && i < ARRAY_SIZE(names); i++) {
		void *found = dlsym(library, names[i].name);

		if (found == NULL)
			return false;
		memcpy(names[i].function, &found, sizeof(found));
	}
	return library != NULL;
}

static bool same(const struct json *ours, const struct their_value *other);

static bool
same_children(const struct json *ours, const struct their_value *other)
{
	const struct json *child;
	size_t i = 0;

	if (ours->type == JSON_ARRAY) {
		if (theirs.array_size(other) != ours->count)
			return false;
		for (child = ours->first; child; child = child->next)
			if (!same(child, theirs.array_get(other, i++)))
				return false;
		return true;
	}
	if (theirs.object_size(other) != ours->count)
		return false;
	for (child = ours->first; child; child = child->next)
		if (!same(child, theirs.object_get(other, child->name)))
			return false;
	return true;
}

static bool
same_number(const struct json *ours, const struct their_value *other)
{
	int64_t number;
	bool integer = json_i64(ours, &number);

	if (other->type == THEIR_INTEGER)
		return integer && number == theirs.integer_value(other);
	return other->type == THEIR_REAL && !integer &&
	       strtod(ours->text, NULL) == theirs.real_value(other);
}

static bool
same(const struct json *ours, const struct their_value *other)
{
	static const int types[] = { [JSON_NULL] = THEIR_NULL,
		[JSON_FALSE] = THEIR_FALSE,
		[JSON_TRUE] = THEIR_TRUE,
		[JSON_STRING] = THEIR_STRING,
		[JSON_ARRAY] = THEIR_ARRAY,
		[JSON_OBJECT] = THEIR_OBJECT };

	if (other == NULL)
		return false;
	if (ours->type == JSON_NUMBER)
		return same_number(ours, other);
	if (types[ours->type] != other->type)
		return false;
	if (ours->type == JSON_STRING)
		return ours->length == theirs.string_length(other) &&
		       memcmp(ours->text, theirs.string_value(other),
		           ours->length) == 0;
	if (ours->type == JSON_ARRAY || ours->type == JSON_OBJECT)
		return same_children(ours, other);
	return true;
}

/* Whether both readers think alike of TEXT. */
static bool
agree(const struct strbuf *text, bool *ret_accepted)
{
	cleanup_json struct json_document json = { 0 };
	struct their_error error = { 0 };
	struct their_value *value;
	bool alike;
	int code;

	*ret_accepted = read_bytes(&json, text->data, text->length, NULL) == 0;
	value = theirs.loadb(text->data, text->length,
	    REJECT_DUPLICATES | DECODE_ANY | ALLOW_NUL, &error);
	alike = (value != NULL) == *ret_accepted;
	if (value != NULL && *ret_accepted)
		alike = same(json.root, value);
	/* It has 63 bits for a number, and no NUL in a key. */
	code = (unsigned char)error.text[sizeof(error.text) - 1];
	if (value == NULL && (code == OVERFLOW || code == NUL_IN_KEY))
		alike = true;
	if (value != NULL && value->references == 1)
		theirs.delete(value);
	return alike;
}

static void
test_oracle(uint64_t seed)
{
	struct random random = { seed };
	int wrong = 0, accepted = 0, refused = 0;

	if (!load_oracle()) {
		skip("jansson reads alike", "jansson is not installed");
		return;
	}
	for (int i = 0; i < 40000; i++) {
		cleanup_strbuf struct strbuf buf = { 0 };
		bool accept;

		make_value(&random, &buf, 0);
		for (uint64_t j = random_below(&random, 3); j > 0; j--)
			if (buf.length > 0)
				damage(&random, &buf);
		if (!agree(&buf, &accept)) {
			wrong++;
			note("disagreed in round %d", i);
		}
		accepted += accept;
		refused += !accept;
	}
	ok(wrong == 0 && accepted > 1000 && refused > 1000,
	    "jansson reads alike: %d texts accepted, %d refused", accepted,
	    refused);
}

int
main(void)
{
	uint64_t seed = random_seed();

	test_tables();
	test_limits();
	test_fields();
	test_round_trip(seed);
	test_sly();
	test_oracle(seed);
	return tap_done();
}
