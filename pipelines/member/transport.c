/* transport.c - the link of the plan's generation. */
#include "pipelines/link/link.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "pipelines/member/member_private.h"

enum { AUDIO_HZ = 48000, VIDEO_HZ = 90000, CNAME_RANDOM_BYTES = 12 };

static void packet_came(void *arg, struct kk_view packet)
{
	const struct receiver *r = arg;
	const struct member *m = r->member;

	m->calls.packet(m->config.arg, r->ssrc, packet);
}

/* On the link's thread, so nothing waits. */
static bool is_relayed(struct transport *t)
{
	bool is = false;

	(void)pthread_mutex_lock(&t->lock);
	if (t->link)
		is = link_counts(t->link).is_relayed;
	(void)pthread_mutex_unlock(&t->lock);
	return is;
}

static void state_log(struct member *m, enum link_state state, enum kk_err why)
{
	const char *name = link_state_name(state);

	if (state == LINK_LOST)
		kk_log(m->log, KK_LOG_WARNING, "link state=%s why=%s", name,
		    kk_err_name(why));
	else if (state == LINK_SILENT)
		kk_log(m->log, KK_LOG_WARNING, "link state=%s", name);
	else if (state == LINK_CONNECTED)
		kk_log(m->log, KK_LOG_INFO, "link state=%s way=%s", name,
		    is_relayed(&m->transport) ? "relay" : "direct");
	else
		kk_log(m->log, KK_LOG_INFO, "link state=%s", name);
}

static void state_changed(void *arg, enum link_state state, enum kk_err why)
{
	struct member *m = arg;
	int before;

	state_log(m, state, why);
	if (state == LINK_LOST || state == LINK_CONNECTED)
		atomic_store(&m->transport.has_no_relay, why == KK_EPOLICY);
	before = atomic_exchange(&m->transport.state, (int)state);
	if (state == LINK_CONNECTED) {
		/* Who was silent goes on with the estimate that it has. */
		if (before != LINK_SILENT && m->calls.room_changed)
			m->calls.room_changed(m->config.arg,
			    m->config.start_bps);
		if (m->calls.key_frame_wanted)
			m->calls.key_frame_wanted(m->config.arg, 0);
	}
	member_wake(m);
}

static void key_frame_wanted(void *arg, uint32_t ssrc)
{
	struct member *m = arg;

	if (m->calls.key_frame_wanted)
		m->calls.key_frame_wanted(m->config.arg, ssrc);
}

static void room_changed(void *arg, uint64_t bps)
{
	struct member *m = arg;

	if (m->calls.room_changed)
		m->calls.room_changed(m->config.arg, bps);
}

void member_send(void *member, struct kk_view packet)
{
	struct member *m = member;
	struct transport *t = &m->transport;

	(void)pthread_mutex_lock(&t->lock);
	/* What does not go is lost, as on any network. */
	if (t->link && link_send_rtp(t->link, packet))
		t->unsent++;
	(void)pthread_mutex_unlock(&t->lock);
}

void member_key_frame_ask(void *member, uint32_t ssrc)
{
	struct member *m = member;
	struct transport *t = &m->transport;

	(void)pthread_mutex_lock(&t->lock);
	if (t->link)
		link_key_frame_ask(t->link, ssrc);
	(void)pthread_mutex_unlock(&t->lock);
}

/* Not under the lock: it waits for the link's thread, which may wait for
 * that. */
static void counts_log(struct member *m, struct link *link, const char *when)
{
	const struct link_counts c = link_counts(link);

	kk_log(m->log, KK_LOG_INFO,
	    "link %s out=%llu in=%llu nacked=%llu resent=%llu recovered=%llu "
	    "lost=%llu",
	    when, (unsigned long long)c.out_packets,
	    (unsigned long long)c.in_packets, (unsigned long long)c.nacked,
	    (unsigned long long)c.resent, (unsigned long long)c.recovered,
	    (unsigned long long)c.lost);
}

/* Nor is freeing under the lock, for the same reason. */
static void link_put(struct member *m, struct link *link)
{
	struct transport *t = &m->transport;
	struct link *old;

	(void)pthread_mutex_lock(&t->lock);
	old = t->link;
	t->link = link;
	(void)pthread_mutex_unlock(&t->lock);
	if (old)
		counts_log(m, old, "ends");
	link_free(old);
}

static enum kk_err sender_add(struct link *link,
    const struct link_sender *sender)
{
	return sender->ssrc ? link_sender_add(link, sender) : KK_OK;
}

static enum kk_err senders_add(struct link *link, const struct member *m)
{
	const struct studio_publish *p = &m->plan.publish;
	const size_t sizes = m->sizes.count;
	struct link_sender sender = { .ssrc = p->audio_ssrc,
		.clock_hz = AUDIO_HZ };
	enum kk_err err = sender_add(link, &sender);

	for (size_t i = 0; !err && i < sizes; i++) {
		sender = (struct link_sender){ p->video_ssrcs[i], VIDEO_HZ,
			m->plan.rtx_ssrcs[i], m->plan.rtx_payload_type };
		err = sender_add(link, &sender);
	}
	return err;
}

/* A place for a slot's receiver, or NULL: it has one, or needs none. */
static struct receiver *receiver_place(struct member *m,
    const struct studio_slot *slot)
{
	struct transport *t = &m->transport;
	struct receiver *place = NULL;

	if (slot->is_video && m->config.is_audio_only)
		return NULL;
	for (size_t i = 0; i < STUDIO_SLOTS_MAX; i++) {
		if (t->receivers[i].ssrc == slot->ssrc)
			return NULL;
		if (!place && !t->receivers[i].ssrc)
			place = &t->receivers[i];
	}
	return place;
}

static enum kk_err receivers_add(struct member *m, struct link *link)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < m->plan.slot_count; i++) {
		const struct plan_slot *s = &m->plan.slots[i];
		struct receiver *r = receiver_place(m, &s->slot);
		struct link_receiver receiver = { .ssrc = s->slot.ssrc,
			.payload_type = s->slot.payload_type,
			.rtx_ssrc = s->rtx_ssrc,
			.rtx_payload_type = s->rtx_payload_type,
			.vp9_payload_type = s->slot.vp9_payload_type,
			.vp9_rtx_payload_type = s->vp9_rtx_payload_type,
			.clock_hz = s->slot.is_video ? VIDEO_HZ : AUDIO_HZ,
			.is_video = s->slot.is_video,
			.packet = packet_came,
			.arg = r };

		if (!r)
			continue;
		*r = (struct receiver){ m, s->slot.ssrc };
		err = link_receiver_add(link, &receiver);
		if (err)
			r->ssrc = 0;
	}
	return err;
}

/* Random, and new for each link (RFC 7022, 4.2). */
static enum kk_err cname_make(char out[2 * CNAME_RANDOM_BYTES + 1])
{
	uint8_t random[CNAME_RANDOM_BYTES];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return KK_EIO;
	for (int i = 0; i < CNAME_RANDOM_BYTES; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", random[i]);
	return KK_OK;
}

static size_t servers_copy(const struct plan_transport *t,
    struct link_server *out)
{
	for (size_t i = 0; i < t->server_count; i++) {
		const struct plan_server *s = &t->servers[i];

		out[i] = (struct link_server){ s->kind, s->host, s->port,
			s->user, s->password };
	}
	return t->server_count;
}

static enum kk_err link_make(struct member *m, struct link **linkp)
{
	struct link_server servers[LINK_SERVERS_MAX];
	char cname[2 * CNAME_RANDOM_BYTES + 1];
	struct link_config config = { .log = m->log,
		.cname = cname,
		.servers = servers,
		.server_count = servers_copy(&m->transport.remote, servers),
		.is_relay_only = m->transport.remote.is_relay_only,
		.state_changed = state_changed,
		.key_frame_wanted = key_frame_wanted,
		.start_bps = m->config.start_bps,
		.min_bps = m->config.min_bps,
		.max_bps = m->config.max_bps,
		.estimate_changed = room_changed,
		.arg = m };
	struct link *link = NULL;
	enum kk_err err = cname_make(cname);

	if (!err)
		err = link_new(&link, &config);
	if (!err)
		err = senders_add(link, m);
	if (!err)
		err = receivers_add(m, link);
	if (err)
		link_free(link);
	else
		*linkp = link;
	return err;
}

void member_transport_stop(struct member *m)
{
	struct transport *t = &m->transport;

	member_connect_stop(m);
	link_put(m, NULL);
	t->generation = 0;
	t->is_told = false;
	atomic_store(&t->state, LINK_WAITING);
	memset(t->receivers, 0, sizeof(t->receivers));
}

static void transport_start(struct member *m)
{
	struct transport *t = &m->transport;
	struct link *link = NULL;
	enum kk_err err;

	t->generation = m->plan.generation;
	t->remote = m->plan.transport;
	err = link_make(m, &link);
	if (err) {
		kk_log(m->log, KK_LOG_ERROR, "no link err=%s",
		    kk_err_name(err));
		atomic_store(&t->state, LINK_LOST);
		return;
	}
	link_put(m, link);
	member_connect_send(m, t->generation, link_fingerprint(link));
}

static struct link_remote remote_of(const struct transport *t,
    struct link_candidate candidates[PLAN_CANDIDATES_MAX])
{
	for (size_t i = 0; i < t->remote.candidate_count; i++) {
		const struct plan_candidate *c = &t->remote.candidates[i];

		candidates[i] = (struct link_candidate){ c->address, c->port,
			c->priority, c->foundation, c->is_tcp };
	}
	return (struct link_remote){ .ufrag = t->remote.ufrag,
		.pwd = t->remote.pwd,
		.fingerprint = t->remote.fingerprint,
		.candidates = candidates,
		.candidate_count = t->remote.candidate_count };
}

static void unusable(struct member *m, enum kk_err err)
{
	kk_log(m->log, KK_LOG_ERROR, "the transport is unusable err=%s",
	    kk_err_name(err));
	atomic_store(&m->transport.state, LINK_LOST);
	member_wake(m);
}

/* ICE anew, where roomd has credentials for it. */
static void transport_restart(struct member *m)
{
	struct transport *t = &m->transport;
	struct link_candidate candidates[PLAN_CANDIDATES_MAX];
	struct link_server servers[LINK_SERVERS_MAX];
	struct link_remote remote;
	enum kk_err err;

	if (!t->link || m->plan.transport.restarts == t->remote.restarts)
		return;
	t->remote = m->plan.transport;
	if (!t->is_told)
		return; /* it begins with these */
	counts_log(m, t->link, "begins ICE anew");
	remote = remote_of(t, candidates);
	err = link_restart(t->link, &remote, servers,
	    servers_copy(&t->remote, servers));
	if (err && err != KK_ESTATE) /* that is lost, and told */
		unusable(m, err);
}

void member_transport_update(struct member *m)
{
	struct transport *t = &m->transport;
	bool is_wanted = m->plan.has_transport;

	if (t->generation &&
	    (!is_wanted || t->generation != m->plan.generation))
		member_transport_stop(m);
	if (!is_wanted)
		return;
	if (!t->generation) {
		transport_start(m);
		return;
	}
	transport_restart(m);
	if (t->link && receivers_add(m, t->link))
		kk_log(m->log, KK_LOG_ERROR, "a slot has no receiver");
}

void member_transport_retry(struct member *m)
{
	struct transport *t = &m->transport;

	if (t->link && !t->is_told && !m->connecting)
		member_connect_send(m, t->generation,
		    link_fingerprint(t->link));
}

void member_transport_connected(struct member *m)
{
	struct transport *t = &m->transport;
	struct link_candidate candidates[PLAN_CANDIDATES_MAX];
	struct link_remote remote;
	enum kk_err err;

	if (!t->link || t->is_told)
		return;
	t->is_told = true;
	remote = remote_of(t, candidates);
	err = link_remote_set(t->link, &remote);
	if (err)
		unusable(m, err);
}

bool member_has_no_relay(struct member *m)
{
	return atomic_load(&m->transport.has_no_relay);
}

const char *member_transport_state(struct member *m)
{
	switch (atomic_load(&m->transport.state)) {
	case LINK_CONNECTED:
		return "connected";
	case LINK_SILENT:
		return "silent";
	case LINK_LOST:
		return "lost";
	default:
		return "waiting";
	}
}
