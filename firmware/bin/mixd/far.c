/* far.c */
#include "far.h"

#include <pthread.h>
#include <string.h>

#include "wire/rtp.h"

enum {
	TYPE_OPUS = 111, /* ours alone: packets are put together anew */
	TYPE_NONE = 127, /* nobody sends digits here */
	PACKET_BYTES = LINK_PACKET_MAX_BYTES,
	IDLE_US = 5000000 /* then a member's place is free */
};

struct other {
	bool is_there;
	uint64_t who, first_epoch;
};

struct speaker {
	struct phone_rx *rx; /* NULL: this place is free */
	uint32_t leaf;
	uint64_t came_us; /* the last packet */
};

struct waiting {
	uint64_t came_us;
	size_t bytes; /* 0: this place is free */
	uint8_t packet[PACKET_BYTES];
};

struct far {
	struct vault *vault;
	pthread_mutex_t lock; /* of all below */
	struct other others[SFRAME_SENDERS_MAX];
	struct speaker speakers[FAR_MEMBERS_MAX];
	/* A ring: the oldest is at first. */
	struct waiting waiting[FAR_WAITING_MAX];
	size_t first, waiting_count;
	struct far_counts counts;
	uint8_t opened[PACKET_BYTES];
	uint8_t packet[WIRE_RTP_FIXED_BYTES + PACKET_BYTES];
	int16_t pcm[MIX_SAMPLES];
};

_Static_assert((int)CODEC_TICK_SAMPLES == (int)MIX_SAMPLES, "one tick");

enum kk_err far_new(struct far **fp, struct vault *vault)
{
	struct far *f = kk_calloc(1, sizeof(*f));

	if (!f)
		return KK_ENOMEM;
	f->vault = vault;
	(void)pthread_mutex_init(&f->lock, NULL);
	*fp = f;
	return KK_OK;
}

static void speaker_clear(struct speaker *s)
{
	phone_rx_free(s->rx);
	*s = (struct speaker){ 0 };
}

static void forget(struct far *f)
{
	for (size_t i = 0; i < FAR_MEMBERS_MAX; i++)
		speaker_clear(&f->speakers[i]);
	f->waiting_count = 0;
}

void far_free(struct far *f)
{
	if (!f)
		return;
	forget(f);
	(void)pthread_mutex_destroy(&f->lock);
	kk_free_wiped(f, sizeof(*f));
}

void far_forget(struct far *f)
{
	(void)pthread_mutex_lock(&f->lock);
	forget(f);
	(void)pthread_mutex_unlock(&f->lock);
}

/* --- who is there --------------------------------------------------------- */

static void leaf_forget(struct far *f, uint32_t leaf)
{
	for (size_t i = 0; i < FAR_MEMBERS_MAX; i++) {
		if (f->speakers[i].rx && f->speakers[i].leaf == leaf)
			speaker_clear(&f->speakers[i]);
	}
}

static void others_set(struct far *f, const struct plan_other *list,
    size_t count, uint64_t epoch)
{
	struct other now[SFRAME_SENDERS_MAX] = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (list[i].leaf < SFRAME_SENDERS_MAX)
			now[list[i].leaf] = (struct other){ true, list[i].who,
				epoch };
	}
	for (uint32_t leaf = 0; leaf < SFRAME_SENDERS_MAX; leaf++) {
		const struct other *was = &f->others[leaf];

		if (was->is_there && now[leaf].is_there &&
		    was->who == now[leaf].who)
			now[leaf].first_epoch = was->first_epoch;
		else if (was->is_there)
			leaf_forget(f, leaf);
	}
	memcpy(f->others, now, sizeof(now));
}

void far_others_set(struct far *f, const struct plan_other *others,
    size_t count, uint64_t epoch)
{
	(void)pthread_mutex_lock(&f->lock);
	others_set(f, others, count, epoch);
	(void)pthread_mutex_unlock(&f->lock);
}

/* --- packets -------------------------------------------------------------- */

static bool is_heard(const struct far *f, const struct sframe_kid *kid)
{
	const struct other *o;

	if (kid->stream != VAULT_MICROPHONE ||
	    kid->sender >= SFRAME_SENDERS_MAX)
		return false;
	o = &f->others[kid->sender];
	return o->is_there && kid->epoch >= o->first_epoch;
}

/* Its own place, a free one, or that of who said nothing for longest. */
static struct speaker *speaker_find(struct far *f, uint32_t leaf)
{
	struct speaker *place = &f->speakers[0];

	for (size_t i = 0; i < FAR_MEMBERS_MAX; i++) {
		struct speaker *s = &f->speakers[i];

		if (s->rx && s->leaf == leaf)
			return s;
		if (place->rx && (!s->rx || s->came_us < place->came_us))
			place = s;
	}
	speaker_clear(place);
	place->leaf = leaf;
	return place;
}

static enum kk_err sound_put(struct far *f, uint32_t leaf,
    const struct wire_rtp *rtp, uint64_t came_us)
{
	const struct phone_config config = { CODEC_OPUS, TYPE_OPUS, TYPE_NONE,
		0 };
	struct speaker *s = speaker_find(f, leaf);
	enum kk_err err = s->rx ? KK_OK : phone_rx_new(&s->rx, &config);
	struct wire_out out;

	if (err)
		return err;
	s->came_us = came_us;
	wire_out_init(&out, f->packet, sizeof(f->packet));
	wire_rtp_write(&out, rtp);
	return out.err ? out.err :
			 phone_rx_put(s->rx, wire_out_view(&out), came_us);
}

/* Errors: those of vault_open() and phone_rx_put(); KK_EDENIED it is nobody's
 * who is heard. */
static enum kk_err packet_open(struct far *f, struct kk_view packet,
    uint64_t came_us)
{
	struct sframe_source source;
	size_t bytes = sizeof(f->opened);
	struct wire_rtp rtp;
	enum kk_err err = wire_rtp_parse(&rtp, packet);

	if (!err)
		err = vault_open(f->vault, rtp.payload, 0, f->opened, &bytes,
		    &source);
	if (err)
		return err;
	if (!is_heard(f, &source.kid))
		return KK_EDENIED;
	return sound_put(f, source.kid.sender,
	    &(struct wire_rtp){ .payload_type = TYPE_OPUS,
		.seq = rtp.seq,
		.timestamp = rtp.timestamp,
		.ssrc = rtp.ssrc,
		.payload = kk_view_of(f->opened, bytes) },
	    came_us);
}

static void waiting_add(struct far *f, struct kk_view packet, uint64_t came_us)
{
	struct waiting *w;

	if (f->waiting_count == FAR_WAITING_MAX) {
		f->first = (f->first + 1) % FAR_WAITING_MAX;
		f->waiting_count--;
		f->counts.dropped++;
	}
	w = &f->waiting[(f->first + f->waiting_count++) % FAR_WAITING_MAX];
	w->came_us = came_us;
	w->bytes = packet.bytes;
	memcpy(w->packet, packet.data, packet.bytes);
}

static void packet_take(struct far *f, struct kk_view packet, uint64_t came_us,
    uint64_t now_us)
{
	enum kk_err err = packet_open(f, packet, came_us);

	if (err == KK_ENOKEY && now_us - came_us < FAR_WAITING_US) {
		f->counts.waited += came_us == now_us;
		waiting_add(f, packet, came_us);
	} else if (err) {
		f->counts.dropped++;
	} else {
		f->counts.heard++;
	}
}

void far_packet(struct far *f, struct kk_view packet, uint64_t now_us)
{
	if (packet.bytes > PACKET_BYTES)
		return; /* the link has none such */
	(void)pthread_mutex_lock(&f->lock);
	packet_take(f, packet, now_us, now_us);
	(void)pthread_mutex_unlock(&f->lock);
}

/* Each once, in the order of their coming; some go on waiting. */
static void waiting_retry(struct far *f, uint64_t now_us)
{
	for (size_t left = f->waiting_count; left > 0; left--) {
		struct waiting w = f->waiting[f->first];

		f->first = (f->first + 1) % FAR_WAITING_MAX;
		f->waiting_count--;
		packet_take(f, kk_view_of(w.packet, w.bytes), w.came_us,
		    now_us);
	}
}

void far_retry(struct far *f, uint64_t now_us)
{
	(void)pthread_mutex_lock(&f->lock);
	waiting_retry(f, now_us);
	(void)pthread_mutex_unlock(&f->lock);
}

/* --- sound ---------------------------------------------------------------- */

void far_tick(struct far *f, struct mix *mix, uint64_t now_us)
{
	(void)pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < FAR_MEMBERS_MAX; i++) {
		struct speaker *s = &f->speakers[i];

		if (!s->rx)
			continue;
		phone_rx_tick(s->rx, f->pcm, now_us);
		mix_far_put(mix, f->pcm);
		if (now_us > s->came_us + IDLE_US)
			speaker_clear(s);
	}
	(void)pthread_mutex_unlock(&f->lock);
}

struct far_counts far_counts(struct far *f)
{
	struct far_counts counts;

	(void)pthread_mutex_lock(&f->lock);
	counts = f->counts;
	(void)pthread_mutex_unlock(&f->lock);
	return counts;
}
