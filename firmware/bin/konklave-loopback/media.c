/* media.c - a participant's link, and what it sends and receives. */
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trial.h"
#include "wire/rtp.h"

enum { SOUND, PICTURE };

enum {
	AUDIO_HZ = 48000,
	VIDEO_HZ = 90000,
	AUDIO_TYPE = 111,
	VIDEO_TYPE = 96,
	SSRC_AT = 8,
	TYPE_AT = 1,
	TYPE_MASK = 0x7f,
	CNAME_BYTES = 12
};

/* --- called by the participant's threads ---------------------------------- */

static void packet_send(void *arg, bool is_video, uint8_t *packet, size_t bytes)
{
	struct trial_end *e = arg;
	const uint8_t type = is_video ? VIDEO_TYPE : AUDIO_TYPE;

	if (bytes < WIRE_RTP_FIXED_BYTES)
		return;
	wire_put_u32(packet + SSRC_AT, e->ssrcs[is_video ? PICTURE : SOUND]);
	packet[TYPE_AT] = (uint8_t)((packet[TYPE_AT] & ~TYPE_MASK) | type);
	(void)pthread_mutex_lock(&e->lock);
	/* What does not go is lost, as on any network. */
	if (e->link)
		(void)!link_send_rtp(e->link, kk_view_of(packet, bytes));
	(void)pthread_mutex_unlock(&e->lock);
}

static void key_frame_ask(void *arg)
{
	struct trial_end *e = arg;

	(void)pthread_mutex_lock(&e->lock);
	if (e->link)
		link_key_frame_ask(e->link, e->slots[PICTURE].ssrc);
	(void)pthread_mutex_unlock(&e->lock);
}

/* --- called by the link's thread ------------------------------------------ */

static void packet_came(void *arg, struct kk_view packet)
{
	const struct trial_way *way = arg;

	loopback_packet(way->end->loopback, way->is_video, packet);
}

static void key_frame_wanted(void *arg, uint32_t ssrc)
{
	const struct trial_end *e = arg;

	(void)ssrc;
	loopback_key_frame(e->loopback);
}

static void state_changed(void *arg, enum link_state state, enum kk_err why)
{
	struct trial_end *e = arg;

	kk_log(&e->trial->log, KK_LOG_INFO, "link=%u state=%s why=%s", e->index,
	    link_state_name(state), kk_err_name(why));
	atomic_store(&e->state, (int)state);
	if (state == LINK_CONNECTED)
		loopback_key_frame(e->loopback);
}

/* --- on the loop ---------------------------------------------------------- */

static enum kk_err cname_make(char out[2 * CNAME_BYTES + 1])
{
	uint8_t random[CNAME_BYTES];
	enum kk_err err = crypto_random(random, sizeof(random));

	for (int i = 0; i < CNAME_BYTES; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", random[i]);
	return err;
}

static enum kk_err link_make(struct trial_end *e, struct link **linkp)
{
	static const char *const address = "127.0.0.1";
	char cname[2 * CNAME_BYTES + 1];
	const struct link_config config = { .log = &e->trial->log,
		.addresses = &address,
		.address_count = 1,
		.cname = cname,
		.connect_ms = e->trial->options.limit_s * 1000,
		.state_changed = state_changed,
		.key_frame_wanted = key_frame_wanted,
		.arg = e };
	const struct link_sender senders[] = {
		{ .ssrc = e->ssrcs[SOUND], .clock_hz = AUDIO_HZ },
		{ .ssrc = e->ssrcs[PICTURE], .clock_hz = VIDEO_HZ },
	};
	struct link *link = NULL;
	enum kk_err err = cname_make(cname);

	if (!err)
		err = link_new(&link, &config);
	for (size_t i = 0; !err && i < KK_ARRAY_LEN(senders); i++)
		err = link_sender_add(link, &senders[i]);
	if (err)
		link_free(link);
	else
		*linkp = link;
	return err;
}

static void config_fill(struct trial_end *e)
{
	const struct trial_options *o = &e->trial->options;
	const bool is_first = e->index == 0;

	e->config.width = TRIAL_WIDTH;
	e->config.height = TRIAL_HEIGHT;
	e->config.fps = o->fps;
	e->config.camera = is_first ? o->camera : NULL;
	e->config.microphone = is_first && o->microphone ?
	    o->microphone :
	    e->trial->sounds[e->index];
	e->config.loudspeaker = is_first ? o->loudspeaker : NULL;
	e->config.log = &e->trial->log;
	e->config.send = packet_send;
	e->config.key_frame_ask = key_frame_ask;
	e->config.arg = e;
}

static void link_put(struct trial_end *e, struct link *link)
{
	struct link *old;

	(void)pthread_mutex_lock(&e->lock);
	old = e->link;
	e->link = link;
	(void)pthread_mutex_unlock(&e->lock);
	link_free(old); /* not under the lock: it waits for its thread */
}

enum kk_err trial_media_prepare(struct trial_end *e)
{
	config_fill(e);
	return loopback_new(&e->loopback, &e->config);
}

/* The types are those of every slot (docs/protocol.md). */
enum kk_err trial_media_expect(struct trial_end *e)
{
	const struct trial_end *other =
	    &e->trial->ends[(e->index + 1) % TRIAL_ENDS];

	return loopback_expect(e->loopback, other->loopback, AUDIO_TYPE,
	    VIDEO_TYPE);
}

enum kk_err trial_media_start(struct trial_end *e)
{
	struct link *link = NULL;
	enum kk_err err = link_make(e, &link);

	if (!err)
		link_put(e, link);
	return err;
}

enum kk_err trial_media_connect(struct trial_end *e)
{
	struct link_candidate list[ROOM_CANDIDATES_MAX];
	struct link_remote remote = { .ufrag = e->remote->ufrag,
		.pwd = e->remote->pwd,
		.fingerprint = e->remote->fingerprint,
		.candidates = list };

	for (size_t i = 0; i < e->remote->candidate_count; i++) {
		const struct room_candidate *c = &e->remote->candidates[i];

		if (strcmp(c->protocol, "udp") != 0)
			continue;
		list[remote.candidate_count++] = (struct link_candidate){
			.address = c->address,
			.port = c->port,
			.priority = (uint32_t)c->priority,
			.foundation = c->foundation,
		};
	}
	return link_remote_set(e->link, &remote);
}

enum kk_err trial_media_receive(struct trial_end *e)
{
	enum kk_err err = e->slots[SOUND].payload_type == AUDIO_TYPE &&
		e->slots[PICTURE].payload_type == VIDEO_TYPE ?
	    KK_OK :
	    KK_EFORMAT;

	for (int i = SOUND; !err && i <= PICTURE; i++) {
		const struct link_receiver receiver = {
			.ssrc = e->slots[i].ssrc,
			.payload_type = e->slots[i].payload_type,
			.clock_hz = i == SOUND ? AUDIO_HZ : VIDEO_HZ,
			.is_video = i == PICTURE,
			.packet = packet_came,
			.arg = &e->ways[i]
		};

		err = link_receiver_add(e->link, &receiver);
	}
	return err;
}

void trial_media_stop(struct trial_end *e)
{
	if (e->trial)
		link_put(e, NULL);
}

enum kk_err trial_keys_set(struct trial *t)
{
	const struct trial_group *group = &t->group;
	enum kk_err err = KK_OK;

	for (unsigned i = 0; !err && i < TRIAL_ENDS; i++) {
		const uint32_t other = group->leaves[(i + 1) % TRIAL_ENDS];
		const uint8_t members = (uint8_t)(1U << other);
		const struct vault_epoch epoch = { .epoch = group->epoch,
			.suite = SFRAME_AES_256_GCM_SHA512_128,
			.base_key = kk_view_of(group->keys[i], TRIAL_KEY_BYTES),
			.own_leaf = group->leaves[i],
			.members = kk_view_of(&members, sizeof(members)),
			.may_seal = true };

		err = loopback_epoch_set(t->ends[i].loopback, &epoch);
	}
	return err;
}
