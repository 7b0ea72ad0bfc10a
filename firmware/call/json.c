/* json.c - reading and writing parameters. */
#include <errno.h>
#include <string.h>

#include "call/call.h"

/* An array of depth CALL_JSON_DEPTH_MAX is walked without recursion. */
struct place {
	sd_json_variant *v;
	size_t next;
};

static bool is_branch(sd_json_variant *v)
{
	return sd_json_variant_is_array(v) || sd_json_variant_is_object(v);
}

/* Of an object's elements every other one is a name, and a string too. */
static size_t text_bytes(sd_json_variant *v)
{
	return sd_json_variant_is_string(v) ?
	    strlen(sd_json_variant_string(v)) :
	    sizeof(uint64_t);
}

enum kk_err call_json_measure(sd_json_variant *v, size_t *bytes)
{
	struct place at[CALL_JSON_DEPTH_MAX];
	size_t depth = 0, nodes = 0;

	*bytes = 0;
	if (!v)
		return KK_OK;
	at[depth++] = (struct place){ v, 0 };
	while (depth > 0) {
		struct place *p = &at[depth - 1];
		sd_json_variant *child;

		if (!is_branch(p->v) ||
		    p->next >= sd_json_variant_elements(p->v)) {
			depth--;
			continue;
		}
		child = sd_json_variant_by_index(p->v, p->next++);
		if (++nodes > CALL_JSON_NODES_MAX)
			return KK_ELIMIT;
		*bytes += text_bytes(child);
		if (!is_branch(child))
			continue;
		if (depth == CALL_JSON_DEPTH_MAX)
			return KK_ELIMIT;
		at[depth++] = (struct place){ child, 0 };
	}
	return KK_OK;
}

/* NULL where it is not there, or null. */
static sd_json_variant *value_get(sd_json_variant *in, const char *name)
{
	sd_json_variant *v = in ? sd_json_variant_by_key(in, name) : NULL;

	return v && sd_json_variant_is_null(v) ? NULL : v;
}

bool call_has(sd_json_variant *in, const char *name)
{
	return value_get(in, name) != NULL;
}

enum kk_err call_value_bytes(sd_json_variant *value, size_t max_bytes,
    struct kk_bytes *out)
{
	enum kk_err err;
	void *data = NULL;
	size_t bytes = 0;
	int r;

	*out = (struct kk_bytes){ 0 };
	if (!sd_json_variant_is_string(value))
		return KK_EFORMAT;
	/* Four letters for three bytes: what cannot fit is not decoded. */
	if (strlen(sd_json_variant_string(value)) / 4 * 3 > max_bytes + 2)
		return KK_ELIMIT;
	r = sd_json_variant_unbase64(value, &data, &bytes);
	if (r < 0)
		return r == -ENOMEM ? KK_ENOMEM : KK_EFORMAT;
	err = bytes > max_bytes ? KK_ELIMIT :
				  kk_bytes_copy(out, kk_view_of(data, bytes));
	kk_free_wiped(data, bytes);
	return err;
}

enum kk_err call_get_bytes(sd_json_variant *in, const char *name,
    size_t max_bytes, struct kk_bytes *out)
{
	sd_json_variant *v = value_get(in, name);

	*out = (struct kk_bytes){ 0 };
	return v ? call_value_bytes(v, max_bytes, out) : KK_ENOENT;
}

enum kk_err call_get_u64(sd_json_variant *in, const char *name, uint64_t max,
    uint64_t *out)
{
	sd_json_variant *v = value_get(in, name);

	*out = 0;
	if (!v)
		return KK_ENOENT;
	if (!sd_json_variant_is_unsigned(v))
		return KK_EFORMAT;
	if (sd_json_variant_unsigned(v) > max)
		return KK_ELIMIT;
	*out = sd_json_variant_unsigned(v);
	return KK_OK;
}

enum kk_err call_get_u32(sd_json_variant *in, const char *name, uint32_t max,
    uint32_t *out)
{
	uint64_t n;
	enum kk_err err = call_get_u64(in, name, max, &n);

	*out = (uint32_t)n;
	return err;
}

enum kk_err call_get_exact(sd_json_variant *in, const char *name, uint8_t *out,
    size_t bytes)
{
	struct kk_bytes b;
	enum kk_err err = call_get_bytes(in, name, bytes, &b);

	if (!err && b.bytes != bytes)
		err = KK_EFORMAT;
	if (!err && bytes)
		memcpy(out, b.data, bytes);
	kk_bytes_clear(&b);
	return err;
}

enum kk_err call_get_text(sd_json_variant *in, const char *name, char *out,
    size_t room_bytes)
{
	sd_json_variant *v = value_get(in, name);
	const char *text;

	*out = '\0';
	if (!v)
		return KK_ENOENT;
	if (!sd_json_variant_is_string(v))
		return KK_EFORMAT;
	text = sd_json_variant_string(v);
	if (strlen(text) >= room_bytes)
		return KK_ELIMIT;
	memcpy(out, text, strlen(text) + 1);
	return KK_OK;
}

enum kk_err call_needed(enum kk_err err)
{
	return err == KK_ENOENT ? KK_EFORMAT : err;
}

enum kk_err call_optional(enum kk_err err)
{
	return err == KK_ENOENT ? KK_OK : err;
}

enum kk_err call_get_bool(sd_json_variant *in, const char *name, bool *out)
{
	sd_json_variant *v = value_get(in, name);

	*out = false;
	if (!v)
		return KK_ENOENT;
	if (!sd_json_variant_is_boolean(v))
		return KK_EFORMAT;
	*out = sd_json_variant_boolean(v);
	return KK_OK;
}

enum kk_err call_get_list(sd_json_variant *in, const char *name,
    size_t max_count, sd_json_variant **list, size_t *count)
{
	sd_json_variant *v = value_get(in, name);

	*list = NULL;
	*count = 0;
	if (!v)
		return KK_OK;
	if (!sd_json_variant_is_array(v))
		return KK_EFORMAT;
	if (sd_json_variant_elements(v) > max_count)
		return KK_ELIMIT;
	*list = v;
	*count = sd_json_variant_elements(v);
	return KK_OK;
}

static enum kk_err err_of(int r)
{
	return r < 0 ? KK_ENOMEM : KK_OK;
}

static enum kk_err field_put(sd_json_variant **out, const char *name,
    sd_json_variant *v)
{
	int r = sd_json_variant_set_field(out, name, v);

	sd_json_variant_unref(v);
	return err_of(r);
}

enum kk_err call_put_bytes(sd_json_variant **out, const char *name,
    struct kk_view bytes)
{
	sd_json_variant *v = NULL;

	if (sd_json_variant_new_base64(&v, bytes.data, bytes.bytes) < 0)
		return KK_ENOMEM;
	return field_put(out, name, v);
}

/* RFC 4648, 4. */
static void base64_write(char *to, struct kk_view bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.bytes; i += 3, to += 4) {
		const size_t left = bytes.bytes - i;
		const uint32_t n = (uint32_t)bytes.data[i] << 16 |
		    (left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0) |
		    (left > 2 ? bytes.data[i + 2] : 0);

		to[0] = letters[n >> 18];
		to[1] = letters[n >> 12 & 63];
		to[2] = to[3] = '=';
		if (left > 1)
			to[2] = letters[n >> 6 & 63];
		if (left > 2)
			to[3] = letters[n & 63];
	}
}

/* Libsystemd's own encoder leaves a copy behind. */
enum kk_err call_put_secret(sd_json_variant **out, const char *name,
    struct kk_view bytes)
{
	const size_t room = (bytes.bytes + 2) / 3 * 4 + 1;
	char *text = kk_calloc(1, room);
	enum kk_err err;

	if (!text)
		return KK_ENOMEM;
	base64_write(text, bytes);
	err = call_put_secret_text(out, name, text);
	kk_free_wiped(text, room);
	return err;
}

enum kk_err call_put_secret_text(sd_json_variant **out, const char *name,
    const char *text)
{
	sd_json_variant *v = NULL;

	if (sd_json_variant_new_string(&v, text) < 0)
		return KK_ENOMEM;
	sd_json_variant_sensitive(v);
	return field_put(out, name, v);
}

enum kk_err call_put_text(sd_json_variant **out, const char *name,
    const char *text)
{
	return err_of(sd_json_variant_set_field_string(out, name, text));
}

enum kk_err call_put_u64(sd_json_variant **out, const char *name, uint64_t n)
{
	return err_of(sd_json_variant_set_field_unsigned(out, name, n));
}

enum kk_err call_put_bool(sd_json_variant **out, const char *name, bool is_true)
{
	return err_of(sd_json_variant_set_field_boolean(out, name, is_true));
}

enum kk_err call_put_value(sd_json_variant **out, const char *name,
    sd_json_variant *value)
{
	return err_of(sd_json_variant_set_field(out, name, value));
}

enum kk_err call_put_empty_list(sd_json_variant **out, const char *name)
{
	sd_json_variant *v = NULL;
	int r = sd_json_variant_new_array(&v, NULL, 0);

	if (r >= 0)
		r = sd_json_variant_set_field(out, name, v);
	sd_json_variant_unref(v);
	return err_of(r);
}

enum kk_err call_list_add(sd_json_variant **list, sd_json_variant *element)
{
	return err_of(sd_json_variant_append_array(list, element));
}
