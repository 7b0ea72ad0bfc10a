/* json.c - the JSON tree over sd-json (libsystemd 257). */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <systemd/sd-json.h>

/* A handle is sd-json's variant, which takes no const anywhere. */
static sd_json_variant *variant(const struct json *v)
{
	return (sd_json_variant *)(uintptr_t)v;
}

static const struct json *handle(sd_json_variant *v)
{
	return (const struct json *)v;
}

/* Reads to the end; sd_json_parse_file() would stop at 64 MiB. */
static enum kk_err read_all(FILE *f, struct kk_bytes *text)
{
	size_t room_bytes = 64 * 1024;
	uint8_t *grown;

	text->data = kk_calloc(room_bytes, 1);
	text->bytes = 0;
	while (text->data) {
		text->bytes += fread(text->data + text->bytes, 1,
		    room_bytes - text->bytes - 1, f);
		if (ferror(f))
			return KK_EIO;
		if (feof(f))
			break;
		if (room_bytes >= JSON_MAX_BYTES)
			return KK_ELIMIT;
		grown = kk_regrow(text->data, room_bytes, 2 * room_bytes, 1);
		if (!grown)
			return KK_ENOMEM;
		text->data = grown;
		room_bytes *= 2;
	}
	if (!text->data)
		return KK_ENOMEM;
	text->data[text->bytes] = 0;
	return KK_OK;
}

static enum kk_err parse_text(const struct json **rootp, const char *text)
{
	sd_json_variant *root = NULL;
	int rc = sd_json_parse(text, 0, &root, NULL, NULL);

	if (rc == -ENOMEM)
		return KK_ENOMEM;
	if (rc < 0)
		return KK_EFORMAT;
	*rootp = handle(root);
	return KK_OK;
}

enum kk_err json_load(const struct json **rootp, const char *path)
{
	struct kk_bytes text = { 0 };
	FILE *f = fopen(path, "re");
	enum kk_err err;

	if (!f)
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	err = read_all(f, &text);
	if (!err)
		err = parse_text(rootp, (const char *)text.data);
	kk_free(text.data);
	(void)fclose(f); /* only read from */
	return err;
}

void json_free(const struct json *root)
{
	if (root)
		(void)sd_json_variant_unref(variant(root));
}

bool json_is_null(const struct json *v)
{
	return !v || sd_json_variant_is_null(variant(v)) > 0;
}

bool json_is_array(const struct json *v)
{
	return v && sd_json_variant_is_array(variant(v)) > 0;
}

bool json_is_object(const struct json *v)
{
	return v && sd_json_variant_is_object(variant(v)) > 0;
}

bool json_is_text(const struct json *v)
{
	return v && sd_json_variant_is_string(variant(v)) > 0;
}

size_t json_len(const struct json *v)
{
	return json_is_array(v) ? sd_json_variant_elements(variant(v)) : 0;
}

const struct json *json_at(const struct json *v, size_t index)
{
	if (index >= json_len(v))
		return NULL;
	return handle(sd_json_variant_by_index(variant(v), index));
}

const struct json *json_get(const struct json *v, const char *key)
{
	if (!json_is_object(v))
		return NULL;
	return handle(sd_json_variant_by_key(variant(v), key));
}

const char *json_key_at(const struct json *v, size_t index)
{
	/* sd-json counts names and values alternately. */
	if (!json_is_object(v) ||
	    index >= sd_json_variant_elements(variant(v)) / 2)
		return NULL;
	return sd_json_variant_string(sd_json_variant_by_index(variant(v),
	    2 * index));
}

const char *json_text(const struct json *v)
{
	return json_is_text(v) ? sd_json_variant_string(variant(v)) : NULL;
}

enum kk_err json_u64(const struct json *v, uint64_t *out)
{
	*out = 0;
	if (!v || sd_json_variant_is_unsigned(variant(v)) <= 0)
		return KK_EFORMAT;
	*out = sd_json_variant_unsigned(variant(v));
	return KK_OK;
}

enum kk_err json_bool(const struct json *v, bool *out)
{
	*out = false;
	if (!v || sd_json_variant_is_boolean(variant(v)) <= 0)
		return KK_EFORMAT;
	*out = sd_json_variant_boolean(variant(v)) > 0;
	return KK_OK;
}
