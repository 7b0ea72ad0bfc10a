/*
 * json_js.c - the JSON tree of the vector programs over JavaScript's parser.
 *
 * A handle is a place in a table of JavaScript's, and 0 is "not there".  Whole
 * numbers that JavaScript's would round are kept as BigInt.  Texts are copied
 * into the module's memory when they are asked for.  One root at a time.
 */
#include <stddef.h>

#include "vectors/common/json.h"

/* Status: 0, or 1 no such file, 2 cannot be read, 3 no JSON. */
int js_load(const char *path);
void js_free(void);
/* 0 nothing or null, 1 array, 2 object, 3 text, 4 whole number, 5 boolean */
int js_type(uintptr_t v);
size_t js_len(uintptr_t v);
uintptr_t js_at(uintptr_t v, size_t index);
uintptr_t js_get(uintptr_t v, const char *key);
/* A text is copied once; index -1 is the value's own. */
const char *js_text(uintptr_t v, int index);
void js_number(uintptr_t v, uint64_t *out);
int js_bool(uintptr_t v);

enum js_type { JS_NOTHING, JS_ARRAY, JS_OBJECT, JS_TEXT, JS_NUMBER, JS_BOOL };

static uintptr_t number_of(const struct json *v)
{
	return (uintptr_t)v;
}

static const struct json *handle(uintptr_t number)
{
	return (const struct json *)number;
}

static bool is(const struct json *v, enum js_type type)
{
	return v && js_type(number_of(v)) == (int)type;
}

enum kk_err json_load(const struct json **rootp, const char *path)
{
	static const enum kk_err errors[] = { KK_OK, KK_ENOENT, KK_EIO,
		KK_EFORMAT };
	enum kk_err err = errors[js_load(path)];

	if (!err)
		*rootp = handle(1);
	return err;
}

void json_free(const struct json *root)
{
	if (root)
		js_free();
}

bool json_is_null(const struct json *v)
{
	return !v || is(v, JS_NOTHING);
}

bool json_is_array(const struct json *v)
{
	return is(v, JS_ARRAY);
}

bool json_is_object(const struct json *v)
{
	return is(v, JS_OBJECT);
}

bool json_is_text(const struct json *v)
{
	return is(v, JS_TEXT);
}

size_t json_len(const struct json *v)
{
	return json_is_array(v) ? js_len(number_of(v)) : 0;
}

const struct json *json_at(const struct json *v, size_t index)
{
	if (index >= json_len(v))
		return NULL;
	return handle(js_at(number_of(v), index));
}

const struct json *json_get(const struct json *v, const char *key)
{
	return json_is_object(v) ? handle(js_get(number_of(v), key)) : NULL;
}

const char *json_key_at(const struct json *v, size_t index)
{
	if (!json_is_object(v) || index >= js_len(number_of(v)))
		return NULL;
	return js_text(number_of(v), (int)index);
}

const char *json_text(const struct json *v)
{
	return json_is_text(v) ? js_text(number_of(v), -1) : NULL;
}

enum kk_err json_u64(const struct json *v, uint64_t *out)
{
	*out = 0;
	if (!is(v, JS_NUMBER))
		return KK_EFORMAT;
	js_number(number_of(v), out);
	return KK_OK;
}

enum kk_err json_bool(const struct json *v, bool *out)
{
	*out = false;
	if (!is(v, JS_BOOL))
		return KK_EFORMAT;
	*out = js_bool(number_of(v)) == 1;
	return KK_OK;
}
