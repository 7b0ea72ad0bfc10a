/* meeting.c - the meetings that keyd knows. */
#include <string.h>

#include "keyd.h"

/* From which phase to which. */
static const uint32_t moves[] = {
	[KEYD_NONE] = CALL_STATE(KEYD_WAITING) | CALL_STATE(KEYD_REJOIN),
	[KEYD_WAITING] = CALL_STATE(KEYD_JOINED),
	[KEYD_JOINED] = CALL_STATE(KEYD_JOINED) | CALL_STATE(KEYD_ENDED) |
	    CALL_STATE(KEYD_REJOIN),
	[KEYD_ENDED] = 0,
	[KEYD_REJOIN] = CALL_STATE(KEYD_JOINED) | CALL_STATE(KEYD_REJOIN),
};

enum kk_err keyd_meeting_move(struct keyd_meeting *m, enum keyd_phase to)
{
	if (!(moves[m->phase] & CALL_STATE(to)))
		return KK_ESTATE;
	m->phase = to;
	return KK_OK;
}

enum kk_err keyd_meeting_new(struct keyd *k, struct kk_view id,
    struct kk_view secret, struct keyd_identity *who, struct keyd_meeting **mp)
{
	struct keyd_meeting *m;
	enum kk_err err;

	if (k->meeting_count == KEYD_MEETINGS_MAX)
		return KK_ELIMIT;
	m = kk_calloc(1, sizeof(*m));
	if (!m)
		return KK_ENOMEM;
	err = meeting_keys_new(&m->keys, id, secret);
	if (err) {
		kk_free(m);
		return err;
	}
	memcpy(m->secret, secret.data, sizeof(m->secret));
	m->who = who;
	m->next = k->meetings;
	k->meetings = m;
	k->meeting_count++;
	*mp = m;
	return KK_OK;
}

static void contents_clear(struct keyd_meeting *m)
{
	keyd_staged_drop_all(m);
	mls_key_package_free(m->kp);
	mls_group_free(m->group);
	m->kp = NULL;
	m->group = NULL;
}

void keyd_meeting_free(struct keyd *k, struct keyd_meeting *m)
{
	struct keyd_meeting **at = &k->meetings;

	while (*at && *at != m)
		at = &(*at)->next;
	if (*at) {
		*at = m->next;
		k->meeting_count--;
	}
	contents_clear(m);
	meeting_keys_free(m->keys);
	kk_free_wiped(m, sizeof(*m));
}

struct keyd_meeting *keyd_meeting_find(struct keyd *k, struct kk_view id)
{
	struct keyd_meeting *m = k->meetings;

	while (m && !kk_view_equal(meeting_keys_id(m->keys), id))
		m = m->next;
	return m;
}

struct keyd_meeting *keyd_meeting_of(struct keyd *k, sd_json_variant *in)
{
	struct keyd_meeting *m = NULL;
	struct kk_bytes id;

	if (!call_get_bytes(in, "meeting", MEETING_ID_MAX_BYTES, &id))
		m = keyd_meeting_find(k, kk_bytes_view(&id));
	kk_bytes_clear(&id);
	return m;
}

unsigned keyd_state(void *arg, sd_json_variant *in)
{
	const struct keyd *k = arg;
	const struct keyd_meeting *m = keyd_meeting_of(arg, in);

	if (m)
		return m->phase;
	return call_has(in, "meeting") || !k->meetings ? KEYD_NONE : KEYD_BUSY;
}

static void meeting_give_up(struct keyd *k, struct keyd_meeting *m)
{
	contents_clear(m);
	m->forget_ms = 0;
	m->may_seal = false;
	m->phase = KEYD_REJOIN; /* out of any phase: nothing else is safe */
	keyd_epochs_end(k, m);
	kk_log(&k->log, KK_LOG_ERROR,
	    "meeting could not be saved, it has to be joined anew");
}

enum kk_err keyd_meeting_keep(struct keyd *k, struct keyd_meeting *m)
{
	enum kk_err err = keyd_store_save(k, m);

	if (!err)
		return KK_OK;
	meeting_give_up(k, m);
	return KK_EIO;
}

enum kk_err keyd_meeting_enter(struct keyd *k, struct keyd_meeting *m)
{
	enum kk_err err;

	keyd_staged_drop_all(m);
	mls_key_package_free(m->kp);
	m->kp = NULL;
	m->may_seal = true;
	m->forget_ms = keyd_now_ms(k) + KEYD_RETIRE_MS;
	err = keyd_meeting_keep(k, m);
	if (!err)
		keyd_epochs_tell(k, m);
	return err;
}

void keyd_meetings_leave(struct keyd *k, const struct keyd_identity *who)
{
	for (struct keyd_meeting *m = k->meetings; m; m = m->next) {
		if (m->who != who)
			continue;
		contents_clear(m);
		m->forget_ms = 0;
		m->may_seal = false;
		if (m->phase == KEYD_JOINED) {
			m->phase = KEYD_REJOIN;
			keyd_epochs_end(k, m);
		}
		if (keyd_store_save(k, m))
			continue; /* it was logged; the old group's keys go */
	}
}

/* Of another group's PSK, or of one that no join of ours knows: nothing. */
enum kk_err keyd_psk_hook(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret)
{
	struct keyd *k = arg;
	struct keyd_meeting *m = k->joining;

	if (!m || id->type != MLS_PSK_EXTERNAL ||
	    !kk_view_equal(id->id, meeting_keys_psk_id(m->keys)))
		return KK_ENOENT;
	m->psk_is_asked = true;
	return kk_bytes_copy(secret, meeting_keys_psk(m->keys));
}

struct mls_psk_want keyd_meeting_psk(const struct keyd_meeting *m)
{
	return (struct mls_psk_want){ .type = MLS_PSK_EXTERNAL,
		.id = meeting_keys_psk_id(m->keys) };
}
