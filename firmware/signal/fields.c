/* fields.c - readers of a request's fields. */
#include <string.h>

#include "signal/signal_private.h"

const char *const signal_kind_names[2] = { "audio", "video" };
const char *const signal_source_names[SIGNAL_SOURCE_COUNT] = { "microphone",
	"camera", "screen" };

enum signal_kind signal_source_kind(enum signal_source source)
{
	return source == SIGNAL_MICROPHONE ? SIGNAL_AUDIO : SIGNAL_VIDEO;
}

void signal_read_fail(struct signal_reader *r, enum signal_error error)
{
	if (r->error == SIGNAL_OK)
		r->error = error;
}

static void fail_by(struct signal_reader *r, enum kk_err err)
{
	if (err == KK_ENOMEM)
		signal_read_fail(r, SIGNAL_EINTERNAL);
	else if (err == KK_ELIMIT)
		signal_read_fail(r, SIGNAL_ELIMIT);
	else if (err)
		signal_read_fail(r, SIGNAL_EFORMAT);
}

bool signal_read_has(const struct signal_reader *r, const char *name)
{
	return r->error == SIGNAL_OK && call_has(r->in, name);
}

uint64_t signal_read_u64(struct signal_reader *r, const char *name,
    uint64_t min, uint64_t max)
{
	uint64_t n = 0;

	if (r->error)
		return 0;
	fail_by(r, call_get_u64(r->in, name, max, &n));
	if (!r->error && n < min)
		signal_read_fail(r, SIGNAL_ELIMIT);
	return r->error ? 0 : n;
}

bool signal_read_bool(struct signal_reader *r, const char *name)
{
	bool is_true = false;

	if (r->error)
		return false;
	fail_by(r, call_get_bool(r->in, name, &is_true));
	return is_true;
}

void signal_read_exact(struct signal_reader *r, const char *name, uint8_t *out,
    size_t bytes)
{
	struct kk_bytes b = { 0 };

	if (r->error)
		return;
	fail_by(r, call_get_bytes(r->in, name, bytes, &b));
	if (!r->error && b.bytes != bytes)
		signal_read_fail(r, SIGNAL_EFORMAT);
	if (!r->error)
		memcpy(out, b.data, bytes);
	kk_bytes_clear(&b);
}

void signal_read_meeting(struct signal_reader *r, struct signal_meeting *out)
{
	struct kk_bytes b = { 0 };

	if (r->error)
		return;
	fail_by(r,
	    call_get_bytes(r->in, "meeting", SIGNAL_MEETING_MAX_BYTES, &b));
	if (!r->error && b.bytes == 0)
		signal_read_fail(r, SIGNAL_EFORMAT);
	if (!r->error) {
		memcpy(out->id, b.data, b.bytes);
		out->bytes = b.bytes;
	}
	kk_bytes_clear(&b);
}

void signal_read_message(struct signal_reader *r, const char *name,
    struct kk_bytes *out)
{
	if (r->error)
		return;
	fail_by(r, call_get_bytes(r->in, name, SIGNAL_TEXT_MAX_BYTES, out));
	if (!r->error && out->bytes == 0)
		signal_read_fail(r, SIGNAL_EFORMAT);
}

static const char *text_get(struct signal_reader *r, const char *name)
{
	sd_json_variant *v;

	if (r->error)
		return NULL;
	v = sd_json_variant_by_key(r->in, name);
	if (!v || !sd_json_variant_is_string(v)) {
		signal_read_fail(r, SIGNAL_EFORMAT);
		return NULL;
	}
	return sd_json_variant_string(v);
}

void signal_read_text(struct signal_reader *r, const char *name, char *out,
    size_t max_bytes)
{
	const char *text = text_get(r, name);
	size_t bytes = text ? strlen(text) : 0;

	if (text && bytes == 0)
		signal_read_fail(r, SIGNAL_EFORMAT);
	if (bytes > max_bytes)
		signal_read_fail(r, SIGNAL_ELIMIT);
	if (text && !r->error)
		memcpy(out, text, bytes + 1);
}

unsigned signal_read_choice(struct signal_reader *r, const char *name,
    const char *const *names, size_t count)
{
	const char *text = text_get(r, name);

	for (unsigned i = 0; text && i < count; i++) {
		if (!strcmp(text, names[i]))
			return i;
	}
	signal_read_fail(r, SIGNAL_EFORMAT);
	return 0;
}

sd_json_variant *signal_read_list(struct signal_reader *r, const char *name,
    size_t max_count, size_t *count)
{
	sd_json_variant *list = NULL;

	*count = 0;
	if (r->error)
		return NULL;
	fail_by(r, call_get_list(r->in, name, max_count, &list, count));
	if (!r->error && !list)
		signal_read_fail(r, SIGNAL_EFORMAT);
	for (size_t i = 0; i < *count && !r->error; i++) {
		if (!sd_json_variant_is_object(sd_json_variant_by_index(list,
			i)))
			signal_read_fail(r, SIGNAL_EFORMAT);
	}
	if (r->error)
		*count = 0;
	return r->error ? NULL : list;
}
