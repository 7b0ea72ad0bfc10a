/* janus_text.c - see janus_text.h. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "tools/load/janus_text.h"

#include <string.h>

#include "call/call.h"
#include "tools/load/sdp.h"

/* An id of Janus has 53 bits; 0 where there is none. */
static uint64_t id_get(sd_json_variant *in)
{
	sd_json_variant *v = in ? sd_json_variant_by_key(in, "id") : NULL;

	return v && sd_json_variant_is_unsigned(v) ?
	    sd_json_variant_unsigned(v) :
	    0;
}

/* A text that is too long is cut: it is for people, or none that we know. */
static void text_get(sd_json_variant *in, const char *name, char *out,
    size_t room)
{
	sd_json_variant *v = in ? sd_json_variant_by_key(in, name) : NULL;
	size_t bytes;

	if (*out || !v || !sd_json_variant_is_string(v))
		return;
	bytes = strnlen(sd_json_variant_string(v), room - 1);
	memcpy(out, sd_json_variant_string(v), bytes);
	out[bytes] = '\0';
}

static sd_json_variant *object_get(sd_json_variant *in, const char *name)
{
	sd_json_variant *v = in ? sd_json_variant_by_key(in, name) : NULL;

	return v && sd_json_variant_is_object(v) ? v : NULL;
}

static enum kk_err sdp_get(struct janus_text *t, sd_json_variant *in)
{
	sd_json_variant *v = in ? sd_json_variant_by_key(in, "sdp") : NULL;
	size_t bytes;

	if (!v || !sd_json_variant_is_string(v))
		return KK_OK;
	bytes = strlen(sd_json_variant_string(v));
	if (bytes > SDP_TEXT_MAX_BYTES)
		return KK_ELIMIT;
	t->sdp = kk_calloc(1, bytes + 1);
	if (!t->sdp)
		return KK_ENOMEM;
	memcpy(t->sdp, sd_json_variant_string(v), bytes);
	return KK_OK;
}

static enum kk_err object_read(struct janus_text *t, sd_json_variant *in)
{
	sd_json_variant *plugin;
	size_t measured;
	enum kk_err err;

	if (!sd_json_variant_is_object(in))
		return KK_EFORMAT;
	err = call_json_measure(in, &measured);
	if (err)
		return err;
	text_get(in, "janus", t->what, sizeof(t->what));
	if (!*t->what)
		return KK_EFORMAT;
	t->id = id_get(object_get(in, "data"));
	text_get(object_get(in, "error"), "reason", t->why, sizeof(t->why));
	plugin = object_get(object_get(in, "plugindata"), "data");
	text_get(plugin, "videoroom", t->room, sizeof(t->room));
	text_get(plugin, "error", t->why, sizeof(t->why));
	t->feed = id_get(plugin);
	return sdp_get(t, object_get(in, "jsep"));
}

enum kk_err janus_text_parse(struct janus_text *t, const char *text,
    size_t bytes)
{
	sd_json_variant *in = NULL;
	enum kk_err err;

	*t = (struct janus_text){ 0 };
	if (bytes > JANUS_TEXT_MAX_BYTES)
		return KK_ELIMIT;
	if (strlen(text) != bytes ||
	    sd_json_parse(text, 0, &in, NULL, NULL) < 0)
		return KK_EFORMAT;
	err = object_read(t, in);
	sd_json_variant_unref(in);
	if (err)
		janus_text_clear(t);
	return err;
}

void janus_text_clear(struct janus_text *t)
{
	kk_free(t->sdp);
	*t = (struct janus_text){ 0 };
}
