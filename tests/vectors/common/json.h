/*
 * json.h - a read-only JSON tree for the vector programs.  One thread.
 *
 * Hides the JSON library: native it is sd-json (json.c), in WebAssembly
 * JavaScript's parser.  A value is a handle, never looked into and perhaps no
 * address at all; it is valid until json_free() of its root.  NULL stands for
 * "not there", and every function takes it, so lookups can be nested.
 */
#pragma once
#include "base/base.h"

struct json;

/*
 * Parses a whole file.  On success *rootp is the caller's, to be released with
 * json_free().  Errors: KK_ENOENT no such file, KK_EIO, KK_EFORMAT not JSON,
 * KK_ELIMIT over JSON_MAX_BYTES, KK_ENOMEM.
 */
enum { JSON_MAX_BYTES = 512 * 1024 * 1024 };
MUST_CHECK enum kk_err json_load(const struct json **rootp, const char *path);
void json_free(const struct json *root); /* NULL is fine */

bool json_is_null(const struct json *v); /* null, or not there */
bool json_is_array(const struct json *v);
bool json_is_object(const struct json *v);
bool json_is_text(const struct json *v);

size_t json_len(const struct json *v); /* an array's; 0 for anything else */
const struct json *json_at(const struct json *v, size_t index);
const struct json *json_get(const struct json *v, const char *key);

/* The name of an object's nth member; NULL past the last. */
const char *json_key_at(const struct json *v, size_t index);

/* Borrowed, zero-terminated, valid until json_free(); NULL unless a string. */
const char *json_text(const struct json *v);

/*
 * Values.  On error *out is empty, 0 or false.  A number is exact up to
 * 2^64 - 1.  Errors: KK_EFORMAT another type, a sign, a fraction, or no hex;
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err json_hex(const struct json *v, struct kk_bytes *out);
MUST_CHECK enum kk_err json_u64(const struct json *v, uint64_t *out);
MUST_CHECK enum kk_err json_bool(const struct json *v, bool *out);

/* The same for an object's member: json_hex(json_get(v, key), out). */
MUST_CHECK enum kk_err json_get_hex(const struct json *v, const char *key,
    struct kk_bytes *out);
MUST_CHECK enum kk_err json_get_u64(const struct json *v, const char *key,
    uint64_t *out);
MUST_CHECK enum kk_err json_get_bool(const struct json *v, const char *key,
    bool *out);
