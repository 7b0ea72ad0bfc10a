/* vec.c - members of a case, and the memory behind them. */
#include "vec.h"

#include <string.h>

struct vec_held {
	struct vec_held *next;
	struct kk_bytes bytes;
};

bool vec_failed(const struct vec *v)
{
	return v->report.has_failed;
}

void vec_release(struct vec *v)
{
	while (v->held) {
		struct vec_held *held = v->held;

		v->held = held->next;
		kk_bytes_clear(&held->bytes);
		kk_free(held);
	}
}

struct kk_view vec_hold_bytes(struct vec *v, struct kk_bytes b)
{
	struct vec_held *held = kk_calloc(1, sizeof(*held));

	if (!held) {
		kk_bytes_clear(&b);
		(void)vec_ok(v, KK_ENOMEM, "memory");
		return (struct kk_view){ 0 };
	}
	held->bytes = b;
	held->next = v->held;
	v->held = held;
	return kk_bytes_view(&held->bytes);
}

void *vec_alloc(struct vec *v, size_t bytes)
{
	struct kk_bytes b = { kk_calloc(bytes, 1), bytes };

	if (!b.data) {
		(void)vec_ok(v, KK_ENOMEM, "memory");
		return NULL;
	}
	return (void *)(uintptr_t)vec_hold_bytes(v, b).data;
}

struct kk_view vec_hold_writer(struct vec *v, struct kk_writer *w)
{
	struct kk_bytes b;

	if (!vec_ok(v, kk_writer_take(w, &b), "writing"))
		return (struct kk_view){ 0 };
	return vec_hold_bytes(v, b);
}

struct kk_view vec_hex_of(struct vec *v, const struct json *value,
    const char *what)
{
	struct kk_bytes b;

	if (!vec_ok(v, json_hex(value, &b), what))
		return (struct kk_view){ 0 };
	return vec_hold_bytes(v, b);
}

struct kk_view vec_hex(struct vec *v, const struct json *obj, const char *key)
{
	return vec_hex_of(v, json_get(obj, key), key);
}

uint64_t vec_u64(struct vec *v, const struct json *obj, const char *key)
{
	uint64_t n;

	(void)vec_ok(v, json_get_u64(obj, key, &n), key);
	return n;
}

uint32_t vec_u32_of(struct vec *v, const struct json *value, const char *what)
{
	uint64_t n;

	if (vec_ok(v, json_u64(value, &n), what))
		(void)vec_true(v, n <= UINT32_MAX, what);
	return (uint32_t)n;
}

uint32_t vec_u32(struct vec *v, const struct json *obj, const char *key)
{
	return vec_u32_of(v, json_get(obj, key), key);
}

const char *vec_text(struct vec *v, const struct json *obj, const char *key)
{
	const char *text = json_text(json_get(obj, key));

	(void)vec_true(v, text, key);
	return text ? text : "";
}

struct mls_secret vec_secret(struct vec *v, const struct json *obj,
    const char *key)
{
	struct kk_view bytes = vec_hex(v, obj, key);
	struct mls_secret secret = { 0 };

	if (vec_true(v, bytes.bytes == v->suite->hash_bytes, key))
		memcpy(secret.data, bytes.data, bytes.bytes);
	return secret;
}

const struct json *vec_array(struct vec *v, const struct json *obj,
    const char *key)
{
	const struct json *array = json_get(obj, key);

	(void)vec_true(v, json_is_array(array), key);
	return array;
}

bool vec_ok(struct vec *v, enum kk_err err, const char *what)
{
	return report_ok(&v->report, err, what);
}

bool vec_true(struct vec *v, bool is_true, const char *what)
{
	if (!is_true)
		report_fail(&v->report, "%s: wrong or missing", what);
	return is_true;
}

bool vec_equal(struct vec *v, struct kk_view want, struct kk_view got,
    const char *what)
{
	return report_equal(&v->report, want, got, what);
}

bool vec_expect(struct vec *v, const struct json *obj, const char *key,
    struct kk_view got)
{
	struct kk_view want = vec_hex(v, obj, key);

	return !vec_failed(v) && vec_equal(v, want, got, key);
}

bool vec_expect_secret(struct vec *v, const struct json *obj, const char *key,
    const struct mls_secret *got)
{
	return vec_expect(v, obj, key, vec_secret_view(v, got));
}

struct kk_view vec_secret_view(const struct vec *v,
    const struct mls_secret *secret)
{
	return kk_view_of(secret->data, v->suite->hash_bytes);
}
