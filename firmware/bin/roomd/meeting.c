/* meeting.c - which meeting the box is in. */
#define _GNU_SOURCE /* getrandom() */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "roomd.h"

enum kk_err roomd_random(void *out, size_t bytes)
{
	uint8_t *at = out;

	while (bytes > 0) {
		ssize_t n = getrandom(at, bytes, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		at += n;
		bytes -= (size_t)n;
	}
	return KK_OK;
}

static void room_stop(struct roomd *d)
{
	if (!d->room)
		return;
	room_leave(d->room, roomd_now_ms(d));
	roomd_drive(d); /* says goodbye */
	room_free(d->room);
	d->room = NULL;
}

/* 0 means none here and there. */
static bool ssrc_is_new(const uint32_t *ssrcs, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (ssrcs[i] == ssrcs[at])
			return false;
	}
	return ssrcs[at] != 0;
}

static enum kk_err ssrcs_make(struct room_config *c)
{
	uint32_t all[1 + 2 * ROOM_ENCODINGS_MAX];
	enum kk_err err = KK_OK;

	for (size_t i = 0; i < KK_ARRAY_LEN(all) && !err;) {
		err = roomd_random(&all[i], sizeof(all[i]));
		if (!err && ssrc_is_new(all, i))
			i++;
	}
	if (err)
		return err;
	c->microphone_ssrc = all[0];
	memcpy(c->camera_ssrcs, all + 1, sizeof(c->camera_ssrcs));
	memcpy(c->camera_rtx_ssrcs, all + 1 + ROOM_ENCODINGS_MAX,
	    sizeof(c->camera_rtx_ssrcs));
	return KK_OK;
}

static enum kk_err config_make(const struct roomd *d, struct room_config *c)
{
	const struct roomd_meeting *m = &d->meeting;
	enum kk_err err;

	*c = (struct room_config){ .has_token = m->has_token,
		.has_site_token = d->has_site_token,
		.is_creator = m->is_creator,
		.is_sound_only = d->lines != NULL,
		.log = &d->log };
	memcpy(c->id, m->link.id, sizeof(c->id));
	memcpy(c->token, m->token, sizeof(c->token));
	memcpy(c->token_hash, m->token_hash, sizeof(c->token_hash));
	memcpy(c->site_token, d->site_token, sizeof(c->site_token));
	err = ssrcs_make(c);
	return err ? err : roomd_random(&c->seed, sizeof(c->seed));
}

static enum kk_err room_begin(struct roomd *d)
{
	struct room_config config;
	enum kk_err err = config_make(d, &config);

	if (!err)
		err = room_new(&d->room, &config);
	kk_wipe(&config, sizeof(config));
	if (err)
		return err;
	d->serial++;
	room_start(d->room, roomd_now_ms(d));
	roomd_keys_tell(d);
	roomd_drive(d);
	return KK_OK;
}

static enum kk_err meeting_make(const struct roomd *d, const char *link,
    struct roomd_meeting *m)
{
	enum kk_err err;

	*m = (struct roomd_meeting){ .is_there = true };
	if (link)
		return room_link_parse(&m->link, link);
	if (!d->has_site_token)
		return KK_EDENIED;
	m->is_creator = true;
	m->link = d->options.page;
	err = roomd_random(m->link.id, sizeof(m->link.id));
	return err ? err : roomd_random(m->link.secret, sizeof(m->link.secret));
}

static bool is_same(const struct room_link *a, const struct room_link *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0 &&
	    kk_secret_equal(a->secret, b->secret, sizeof(a->secret));
}

/* Out of the old one for good: keyd forgets its keys. */
static void old_forget(struct roomd *d)
{
	room_stop(d);
	if (d->meeting.is_there)
		roomd_keys_forget(d, d->meeting.link.id);
	kk_wipe(&d->meeting, sizeof(d->meeting));
}

enum kk_err roomd_meeting_enter(struct roomd *d, const char *link)
{
	struct roomd_meeting m;
	enum kk_err err = meeting_make(d, link, &m);

	if (!err && d->meeting.is_there && d->room &&
	    is_same(&m.link, &d->meeting.link))
		goto out; /* we are on our way already */
	if (!err) {
		old_forget(d);
		d->meeting = m;
		err = roomd_saved_write(d);
		if (!err)
			err = room_begin(d);
		if (err)
			kk_wipe(&d->meeting, sizeof(d->meeting));
		roomd_plan_tell(d);
	}
out:
	kk_wipe(&m, sizeof(m));
	return err;
}

void roomd_meeting_leave(struct roomd *d)
{
	old_forget(d);
	roomd_drive(d); /* lines end with it */
	roomd_saved_delete(d);
	roomd_plan_tell(d);
}

/* What was saved goes on, unless another link is given. */
enum kk_err roomd_meeting_start(struct roomd *d)
{
	struct roomd_meeting wanted = { .is_there = false };
	enum kk_err err = roomd_saved_read(d, &d->meeting);

	if (err && err != KK_ENOENT)
		kk_log(&d->log, KK_LOG_ERROR,
		    "saved meeting cannot be read err=%s", kk_err_name(err));
	err = d->options.link ? meeting_make(d, d->options.link, &wanted) :
				KK_OK;
	if (!err && d->options.link && !is_same(&wanted.link, &d->meeting.link))
		err = roomd_meeting_enter(d, d->options.link);
	else if (!err && d->meeting.is_there)
		err = room_begin(d);
	else if (!err && d->has_site_token)
		err = roomd_meeting_enter(d, NULL);
	kk_wipe(&wanted, sizeof(wanted));
	return err;
}
