/* saved.c - the meeting, over restarts.
 *
 * FOLDER/meeting is JSON with all that is needed; FOLDER/link has the link
 * alone, for people.  Both have the meeting's secret, hence mode 0600. */
#define _GNU_SOURCE /* openat() */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "roomd.h"

static const char meeting_name[] = "meeting", link_name[] = "link";

static enum kk_err meeting_read(sd_json_variant *in, struct roomd_meeting *m)
{
	sd_json_variant *link = sd_json_variant_is_object(in) ?
	    sd_json_variant_by_key(in, "link") :
	    NULL;
	enum kk_err err;

	if (!link || !sd_json_variant_is_string(link))
		return KK_EFORMAT;
	err = room_link_parse(&m->link, sd_json_variant_string(link));
	if (!err)
		err = call_get_bool(in, "isCreator", &m->is_creator);
	if (!err && call_has(in, "token")) {
		err = call_get_exact(in, "token", m->token, ROOM_TOKEN_BYTES);
		if (!err)
			err = call_get_exact(in, "tokenHash", m->token_hash,
			    ROOM_TOKEN_BYTES);
		m->has_token = !err;
	}
	m->is_there = !err;
	return err;
}

enum kk_err roomd_saved_read(struct roomd *d, struct roomd_meeting *m)
{
	char path[4096], text[ROOMD_FILE_MAX_BYTES + 1] = "";
	sd_json_variant *in = NULL;
	struct kk_bytes file;
	enum kk_err err;

	*m = (struct roomd_meeting){ .is_there = false };
	(void)snprintf(path, sizeof(path), "%s/%s", d->options.state,
	    meeting_name);
	err = program_file_read(path, ROOMD_FILE_MAX_BYTES, &file);
	if (err)
		return err;
	if (file.bytes)
		memcpy(text, file.data, file.bytes);
	kk_bytes_clear(&file);
	err = sd_json_parse(text, SD_JSON_PARSE_SENSITIVE, &in, NULL, NULL) <
		0 ?
	    KK_EFORMAT :
	    meeting_read(in, m);
	sd_json_variant_unref(in);
	kk_wipe(text, sizeof(text));
	if (err)
		kk_wipe(m, sizeof(*m));
	return err;
}

static enum kk_err meeting_put(const struct roomd_meeting *m, const char *link,
    sd_json_variant **out)
{
	enum kk_err err = call_put_secret_text(out, "link", link);

	if (!err)
		err = call_put_bool(out, "isCreator", m->is_creator);
	if (!err && m->has_token)
		err = call_put_secret(out, "token",
		    kk_view_of(m->token, sizeof(m->token)));
	if (!err && m->has_token)
		err = call_put_bytes(out, "tokenHash",
		    kk_view_of(m->token_hash, sizeof(m->token_hash)));
	return err;
}

enum kk_err roomd_saved_write(struct roomd *d)
{
	char link[ROOM_LINK_BYTES + 1];
	sd_json_variant *out = NULL;
	char *text = NULL;
	enum kk_err err = room_link_write(&d->meeting.link, link);

	if (!err)
		err = meeting_put(&d->meeting, link, &out);
	if (!err && sd_json_variant_format(out, 0, &text) < 0)
		err = KK_ENOMEM;
	if (!err)
		err = program_file_write(d->folder, meeting_name,
		    kk_view_text(text));
	if (!err) {
		link[strlen(link) + 1] = '\0';
		link[strlen(link)] = '\n';
		err = program_file_write(d->folder, link_name,
		    kk_view_text(link));
	}
	sd_json_variant_unref(out);
	kk_free_wiped(text, text ? strlen(text) : 0);
	kk_wipe(link, sizeof(link));
	return err;
}

void roomd_saved_delete(struct roomd *d)
{
	(void)unlinkat(d->folder, meeting_name, 0);
	(void)unlinkat(d->folder, link_name, 0);
}
