/* letter.c - reading and writing what members tell each other. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "call/call.h"
#include "room/letter.h"

static enum kk_err here_read(sd_json_variant *in, struct room_letter *l)
{
	struct kk_bytes b;
	enum kk_err err = call_get_bytes(in, "participant", ROOM_PEER_BYTES,
	    &b);

	if (!err && b.bytes != ROOM_PEER_BYTES)
		err = KK_EFORMAT;
	if (!err)
		memcpy(l->peer.bytes, b.data, ROOM_PEER_BYTES);
	kk_bytes_clear(&b);
	return err;
}

static enum kk_err media_read(sd_json_variant *in, struct room_letter *l)
{
	enum kk_err err = call_get_bool(in, "microphone", &l->has_microphone);

	if (!err)
		err = call_get_bool(in, "camera", &l->has_camera);
	return err ? err :
		     call_optional(call_get_bool(in, "screen", &l->has_screen));
}

static enum kk_err speaking_read(sd_json_variant *in, struct room_letter *l)
{
	return call_get_bool(in, "speaking", &l->is_speaking);
}

static const struct {
	const char *name;
	enum kk_err (*read)(sd_json_variant *in, struct room_letter *l);
} types[ROOM_LETTER_OTHER] = {
	[ROOM_LETTER_HERE] = { "here", here_read },
	[ROOM_LETTER_MEDIA] = { "media", media_read },
	[ROOM_LETTER_SPEAKING] = { "speaking", speaking_read },
};

static enum kk_err object_read(sd_json_variant *in, struct room_letter *l)
{
	sd_json_variant *type;
	size_t measured;
	enum kk_err err;

	if (!sd_json_variant_is_object(in))
		return KK_EFORMAT;
	err = call_json_measure(in, &measured);
	if (err)
		return err;
	type = sd_json_variant_by_key(in, "type");
	if (!type || !sd_json_variant_is_string(type))
		return KK_EFORMAT;
	l->type = ROOM_LETTER_HERE;
	while (l->type < ROOM_LETTER_OTHER &&
	    strcmp(sd_json_variant_string(type), types[l->type].name) != 0)
		l->type++;
	if (l->type == ROOM_LETTER_OTHER)
		return KK_OK;
	err = types[l->type].read(in, l);
	return err == KK_ENOENT || err == KK_ELIMIT ? KK_EFORMAT : err;
}

enum kk_err room_letter_parse(struct room_letter *letter, struct kk_view data)
{
	struct room_letter got = { .type = ROOM_LETTER_OTHER };
	sd_json_variant *in = NULL;
	enum kk_err err = KK_EFORMAT;
	char *text;

	*letter = got;
	if (data.bytes > ROOM_LETTER_MAX_BYTES)
		return KK_ELIMIT;
	text = kk_calloc(1, data.bytes + 1);
	if (!text)
		return KK_ENOMEM;
	if (data.bytes)
		memcpy(text, data.data, data.bytes);
	if (strlen(text) == data.bytes &&
	    sd_json_parse(text, SD_JSON_PARSE_SENSITIVE, &in, NULL, NULL) >= 0)
		err = object_read(in, &got);
	sd_json_variant_unref(in);
	kk_free_wiped(text, data.bytes + 1);
	if (!err)
		*letter = got;
	return err;
}

static enum kk_err fields_put(const struct room_letter *l,
    sd_json_variant **out)
{
	enum kk_err err;

	switch (l->type) {
	case ROOM_LETTER_HERE:
		return call_put_bytes(out, "participant",
		    kk_view_of(l->peer.bytes, sizeof(l->peer.bytes)));
	case ROOM_LETTER_MEDIA:
		err = call_put_bool(out, "microphone", l->has_microphone);
		if (!err)
			err = call_put_bool(out, "camera", l->has_camera);
		return err ? err : call_put_bool(out, "screen", l->has_screen);
	case ROOM_LETTER_SPEAKING:
		return call_put_bool(out, "speaking", l->is_speaking);
	default:
		return KK_EINVAL;
	}
}

enum kk_err room_letter_write(const struct room_letter *letter,
    struct kk_bytes *out)
{
	sd_json_variant *v = NULL;
	char *text = NULL;
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	if ((unsigned)letter->type >= ROOM_LETTER_OTHER)
		return KK_EINVAL;
	err = call_put_text(&v, "type", types[letter->type].name);
	if (!err)
		err = fields_put(letter, &v);
	if (!err && sd_json_variant_format(v, 0, &text) < 0)
		err = KK_ENOMEM;
	sd_json_variant_unref(v);
	if (!err)
		err = kk_bytes_copy(out, kk_view_text(text));
	kk_free(text);
	return err;
}
