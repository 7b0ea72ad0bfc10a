/*
 * vec.h - one case of an official vector file while it runs.  One thread.
 *
 * The getters fail the case (report.h) when a member is not there or of
 * another type, and give zero or nothing; a kind reads all it needs and asks
 * vec_failed() once before it goes on.
 */
#pragma once
#include "../common/report.h"
#include "mls/schedule.h"

struct vec {
	struct report report;
	const struct crypto_suite
	    *suite; /* of this case; NULL: kind has none */
	struct vec_held *held; /* memory of this case */
};

/* One kind of file.  run() checks one case of it. */
struct vec_kind {
	const char *name; /* the official file's name without its ending */
	bool has_suite;
	void (*run)(struct vec *v, const struct json *c);
};

/* NULL for an unknown name. */
const struct vec_kind *vec_kind_get(const char *name);

bool vec_failed(const struct vec *v);
void vec_release(struct vec *v); /* wipes and frees what the case holds */

/* Zeroed memory until the case ends; NULL fails the case. */
void *vec_alloc(struct vec *v, size_t bytes);
/* The case takes over what is in a writer. */
struct kk_view vec_hold_writer(struct vec *v, struct kk_writer *w);
struct kk_view vec_hold_bytes(struct vec *v, struct kk_bytes b);

/* Members of a case.  Views are valid until the case ends. */
struct kk_view vec_hex(struct vec *v, const struct json *obj, const char *key);
struct kk_view vec_hex_of(struct vec *v, const struct json *value,
    const char *what);
uint64_t vec_u64(struct vec *v, const struct json *obj, const char *key);
uint32_t vec_u32(struct vec *v, const struct json *obj, const char *key);
uint32_t vec_u32_of(struct vec *v, const struct json *value, const char *what);
const char *vec_text(struct vec *v, const struct json *obj, const char *key);
/* A secret with as many bytes as the suite's hash. */
struct mls_secret vec_secret(struct vec *v, const struct json *obj,
    const char *key);
const struct json *vec_array(struct vec *v, const struct json *obj,
    const char *key);

/* Checks; each fails the case naming what, and returns whether all is well. */
bool vec_ok(struct vec *v, enum kk_err err, const char *what);
bool vec_true(struct vec *v, bool is_true, const char *what);
bool vec_equal(struct vec *v, struct kk_view want, struct kk_view got,
    const char *what);
/* The member equals the bytes. */
bool vec_expect(struct vec *v, const struct json *obj, const char *key,
    struct kk_view got);
bool vec_expect_secret(struct vec *v, const struct json *obj, const char *key,
    const struct mls_secret *got);

struct kk_view vec_secret_view(const struct vec *v,
    const struct mls_secret *secret);
