/* tell.c - the result, for people and for programs. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <inttypes.h>
#include <stdio.h>

#include "call/call.h"
#include "trial.h"

enum { US_PER_MS = 1000, MS_PER_S = 1000, COLOUR_BYTES = 8 };

static const char *const marks[TRIAL_MARKS] = {
	[TRIAL_SERVES] = "forwarder",
	[TRIAL_GROUPED] = "group",
	[TRIAL_CONNECTED] = "connected",
	[TRIAL_OPENED] = "opened",
	[TRIAL_HEARD] = "sound",
	[TRIAL_SEEN] = "picture",
};

static enum kk_err mark_put(const struct trial *t, unsigned mark,
    sd_json_variant **list)
{
	sd_json_variant *v = NULL;
	enum kk_err err = call_put_text(&v, "mark", marks[mark]);

	if (!err)
		err = call_put_u64(&v, "atMs", t->marks_us[mark] / US_PER_MS);
	if (!err)
		err = call_list_add(list, v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err colours_put(const struct loopback_seen *seen,
    sd_json_variant **out)
{
	char text[LOOPBACK_COLUMNS * COLOUR_BYTES], *at = text;

	for (int i = 0; i < LOOPBACK_COLUMNS; i++)
		at += snprintf(at, COLOUR_BYTES, "%s%02x%02x%02x", i ? " " : "",
		    seen->colours[i][0], seen->colours[i][1],
		    seen->colours[i][2]);
	return call_put_text(out, "colours", text);
}

static enum kk_err end_put(const struct loopback_seen *seen,
    sd_json_variant **list)
{
	sd_json_variant *v = NULL;
	enum kk_err err = call_put_u64(&v, "frames", seen->frames);

	if (!err)
		err = call_put_u64(&v, "opened", seen->opened);
	if (!err)
		err = call_put_u64(&v, "refused", seen->refused);
	if (!err)
		err = call_put_u64(&v, "readable", seen->readable);
	if (!err)
		err = call_put_u64(&v, "soundPercent", seen->sound_percent);
	if (!err)
		err = call_put_u64(&v, "pictures", seen->pictures);
	if (!err)
		err = colours_put(seen, &v);
	if (!err)
		err = call_list_add(list, v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err lists_put(const struct trial *t, sd_json_variant **out)
{
	sd_json_variant *times = NULL, *ends = NULL;
	enum kk_err err = KK_OK;

	for (unsigned i = 0; !err && i < TRIAL_MARKS; i++) {
		if (t->marks_us[i])
			err = mark_put(t, i, &times);
	}
	if (!err && times)
		err = call_put_value(out, "marks", times);
	for (int i = 0; !err && i < TRIAL_ENDS; i++)
		err = end_put(&t->ends[i].seen, &ends);
	if (!err)
		err = call_put_value(out, "participants", ends);
	sd_json_variant_unref(times);
	sd_json_variant_unref(ends);
	return err;
}

/* What the first participant has in place of patterns. */
static enum kk_err devices_put(const struct trial_options *o,
    sd_json_variant **out)
{
	const struct {
		const char *name, *kind;
	} rows[] = { { "camera", o->camera }, { "microphone", o->microphone },
		{ "loudspeaker", o->loudspeaker } };
	sd_json_variant *v = NULL;
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < KK_ARRAY_LEN(rows); i++) {
		if (rows[i].kind)
			err = call_put_text(&v, rows[i].name, rows[i].kind);
	}
	if (!err && v)
		err = call_put_value(out, "devices", v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err json_tell(const struct trial *t, uint64_t took_us)
{
	const bool is_held = t->verdict.part == LOOPBACK_NOTHING;
	sd_json_variant *v = NULL;
	enum kk_err err = call_put_bool(&v, "isHeld", is_held);

	if (!err && !is_held)
		err = call_put_text(&v, "failed",
		    loopback_part_name(t->verdict.part));
	if (!err && !is_held)
		err = call_put_text(&v, "why", t->why);
	if (!err)
		err = call_put_u64(&v, "tookMs", took_us / US_PER_MS);
	if (!err)
		err = devices_put(&t->options, &v);
	if (!err)
		err = lists_put(t, &v);
	if (!err &&
	    sd_json_variant_dump(v, SD_JSON_FORMAT_NEWLINE, stdout, NULL) < 0)
		err = KK_EIO;
	sd_json_variant_unref(v);
	return err;
}

static void time_print(const char *what, uint64_t us)
{
	const uint64_t ms = us / US_PER_MS;

	(void)printf("%s after %" PRIu64 ".%03" PRIu64 " s\n", what,
	    ms / MS_PER_S, ms % MS_PER_S);
}

enum kk_err trial_tell(const struct trial *t)
{
	const uint64_t took_us = trial_now_us() - t->begun_us;

	if (t->options.is_json)
		return json_tell(t, took_us);
	for (unsigned i = 0; i < TRIAL_MARKS; i++) {
		if (t->marks_us[i])
			time_print(marks[i], t->marks_us[i]);
	}
	if (t->verdict.part == LOOPBACK_NOTHING)
		time_print("a call was held", took_us);
	else
		(void)printf("no call is held: %s: %s\n",
		    loopback_part_name(t->verdict.part), t->why);
	return ferror(stdout) ? KK_EIO : KK_OK;
}
