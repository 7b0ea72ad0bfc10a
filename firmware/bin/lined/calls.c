/* calls.c - calls as SIP has them: each takes a lane, and leaves it. */
#include <string.h>

#include "lined.h"

enum { BUSY_HERE = 486, NOT_ACCEPTABLE_HERE = 488, SERVER_ERROR = 500 };

/*
 * Lanes.
 */
static bool is_free(const struct lined_lane *lane)
{
	return !lane->call && !lane->is_known && !lane->is_ending;
}

struct lined_call *lined_call_new(struct lined *d, struct ua_call *sip)
{
	size_t lane = 0, lanes = d->options.lines;
	struct lined_call *c;

	if (d->mix.ring && d->mix.lines < lanes)
		lanes = d->mix.lines; /* the others would hear nothing */
	while (lane < lanes && !is_free(&d->lanes[lane]))
		lane++;
	if (lane == lanes)
		return NULL;
	c = kk_calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->lined = d;
	c->lane = lane;
	c->sip = sip;
	c->told = -1;
	c->language = d->options.language;
	d->lanes[lane].call = c;
	return c;
}

void lined_call_free(struct lined_call *c)
{
	struct lined *d = c->lined;
	struct lined_lane *lane = &d->lanes[c->lane];

	lane->call = NULL;
	if (c->has_asked && d->room.is_there) {
		lane->is_ending = true;
		lined_room_end(&d->room, c->lane);
	}
	lined_goodbye_drop(c);
	line_free(c->line);
	rtp_free(c->rtp);
	kk_free_wiped(c, sizeof(*c));
}

void lined_call_hang_up(struct lined_call *c)
{
	if (c->sip && !c->is_ended)
		ua_call_end(c->sip);
	c->is_ended = true;
}

/*
 * Calls that come.
 */
static unsigned status_of(enum kk_err err)
{
	switch (err) {
	case KK_EUNSUP:
	case KK_EPOLICY:
	case KK_EFORMAT:
	case KK_EINVAL:
		return NOT_ACCEPTABLE_HERE;
	case KK_ELIMIT:
		return BUSY_HERE;
	default:
		return SERVER_ERROR;
	}
}

static void refuse(struct lined *d, struct ua_call *call, enum kk_err err)
{
	d->refused++;
	(void)!ua_call_reject(call, status_of(err));
}

/* Who calls again and again would fill the log. */
void lined_counts_tell(struct lined *d)
{
	const uint64_t now_us = rtp_now_us();

	if ((d->refused == d->refused_told && d->skipped == d->skipped_told) ||
	    now_us < d->tell_us)
		return;
	kk_log(&d->log, KK_LOG_WARNING, "calls refused=%llu skipped-ms=%llu",
	    (unsigned long long)d->refused,
	    (unsigned long long)d->skipped * (LINED_TICK_US / 1000));
	d->refused_told = d->refused;
	d->skipped_told = d->skipped;
	d->tell_us = now_us + LINED_TELL_US;
}

/* How it was to be heard, and to hear. */
static void ended_tell(const struct lined_call *c, enum ua_reason reason)
{
	struct phone_stats sound = { .packets = 0 };
	struct rtp_stats packets = { .taken = 0 };

	if (c->line)
		line_stats(c->line, &sound);
	if (c->rtp)
		rtp_stats(c->rtp, &packets);
	kk_log(&c->lined->log, KK_LOG_INFO,
	    "call ended line=%zu reason=%d codec=%s sent=%llu taken=%llu "
	    "late=%llu concealed-ms=%llu strange=%llu unauthentic=%llu "
	    "too-many=%llu",
	    c->lane, (int)reason,
	    c->has_stream ? codec_format(c->stream.codec)->name : "none",
	    (unsigned long long)packets.sent, (unsigned long long)sound.packets,
	    (unsigned long long)sound.late,
	    (unsigned long long)sound.concealed_ms,
	    (unsigned long long)packets.strange,
	    (unsigned long long)packets.unauthentic,
	    (unsigned long long)packets.too_many);
}

static void caller_set(struct lined_call *c, const struct ua_incoming *in)
{
	const struct lined_options *o = &c->lined->options;

	switch (in->origin) {
	case UA_FROM_TRUNK:
		c->caller = lined_caller_of(c->lined, "trunk", in->from_user);
		break;
	case UA_FROM_ACCOUNT:
		c->caller = lined_caller_of(c->lined, "account", in->from_user);
		break;
	case UA_FROM_ANYBODY: /* who can say any name */
		c->caller = lined_caller_of(c->lined, "address", in->address);
		break;
	}
	lined_label_set(c, in->origin, in->from_name, in->from_user);
	for (size_t i = 0; i < o->number_count; i++) {
		if (!strcmp(o->numbers[i].number, in->to_user))
			c->language = o->numbers[i].language;
	}
}

static enum kk_err take(struct lined_call *c, const struct ua_incoming *in)
{
	struct kk_bytes sdp = { NULL, 0 };
	enum kk_err err = lined_media_open(c, in->address);

	if (!err)
		err = in->offer.bytes > 0 ?
		    lined_media_answer(c, in->offer, &sdp) :
		    lined_media_offer(c, &sdp);
	if (!err)
		err = ua_call_answer(c->sip, lined_media_text(&sdp));
	kk_bytes_clear(&sdp);
	if (!err && c->has_stream) {
		err = lined_media_begin(c);
		c->is_answered = true;
	}
	return err;
}

static void incoming(void *arg, struct ua_call *call,
    const struct ua_incoming *in)
{
	struct lined *d = arg;
	struct lined_call *c = lined_call_new(d, call);
	enum kk_err err;

	if (!c) {
		refuse(d, call, KK_ELIMIT);
		return;
	}
	ua_call_set_arg(call, c);
	d->calls++;
	caller_set(c, in);
	err = take(c, in);
	if (!err) {
		kk_log(&d->log, KK_LOG_INFO, "call line=%zu", c->lane);
		return;
	}
	if (c->is_answered)
		lined_call_hang_up(c);
	else
		refuse(d, call, err);
}

/*
 * Calls that go on.
 */

/* Ringing and announcements of the network are for those who called: it comes
 * into the meeting as the line that it is.  It hears nobody yet. */
static enum kk_err early_begin(struct lined_call *c)
{
	enum kk_err err;

	if (c->is_early || c->is_answered)
		return KK_OK;
	err = lined_media_begin(c);
	if (err)
		return err;
	c->is_early = true;
	line_early(c->line, true);
	lined_placed(c, "early");
	return KK_OK;
}

static void early_end(struct lined_call *c)
{
	if (!c->is_early)
		return;
	c->is_early = false;
	c->begin_us = rtp_now_us();
	line_early(c->line, false);
}

static void progress(void *arg, struct ua_call *call, unsigned status,
    struct kk_view sdp)
{
	struct lined_call *c = ua_call_get_arg(call);

	(void)arg;
	(void)status;
	if (!c || !c->is_placed)
		return;
	if (sdp.bytes > 0 && (lined_media_take(c, sdp) || early_begin(c))) {
		lined_call_hang_up(c);
		return;
	}
	if (!c->has_rung && !c->is_early)
		lined_placed(c, "ringing");
	c->has_rung = true;
}

static void answered(void *arg, struct ua_call *call, struct kk_view sdp)
{
	struct lined_call *c = ua_call_get_arg(call);
	const bool is_first = c && !c->is_answered;
	enum kk_err err = KK_OK;

	(void)arg;
	if (!c)
		return;
	if (sdp.bytes > 0)
		err = lined_media_take(c, sdp);
	c->has_offered = false;
	if (!err && is_first)
		err = lined_media_begin(c);
	if (err) {
		lined_call_hang_up(c);
		return;
	}
	early_end(c);
	c->is_answered = true;
	if (is_first && c->is_placed)
		lined_placed(c, "talking");
}

static void offered(void *arg, struct ua_call *call, struct kk_view sdp)
{
	struct lined_call *c = ua_call_get_arg(call);
	struct kk_bytes own = { NULL, 0 };
	enum kk_err err;

	(void)arg;
	if (!c)
		return;
	err = sdp.bytes > 0 ? lined_media_answer(c, sdp, &own) :
			      lined_media_offer(c, &own);
	if (!err)
		err = ua_call_answer(call, lined_media_text(&own));
	if (err)
		(void)!ua_call_reject(call, status_of(err));
	kk_bytes_clear(&own);
}

static void ended(void *arg, struct ua_call *call, enum ua_reason reason,
    unsigned status)
{
	struct lined_call *c = ua_call_get_arg(call);

	(void)arg;
	(void)status;
	if (!c)
		return;
	ended_tell(c, reason);
	if (c->is_placed && !c->is_answered) {
		if (reason == UA_END_UNREACHABLE && !c->has_rung &&
		    !c->is_ended && lined_place_again(c))
			return;
		lined_placed(c, lined_placed_end(reason));
	}
	c->sip = NULL;
	lined_call_free(c);
}

static void trunk(void *arg, size_t trunk, enum ua_trunk_state state)
{
	static const char *const names[] = {
		[UA_TRUNK_OFF] = "off",
		[UA_TRUNK_TRYING] = "trying",
		[UA_TRUNK_READY] = "ready",
		[UA_TRUNK_REFUSED] = "refused",
		[UA_TRUNK_UNREACHABLE] = "unreachable",
	};
	const struct lined *d = arg;

	kk_log(&d->log, KK_LOG_INFO, "trunk %s state=%s",
	    d->trunks[trunk].of.name, names[state]);
}

static void kept(void *arg, struct ua_call *call, struct kk_view bye)
{
	struct lined_call *c = ua_call_get_arg(call);

	(void)arg;
	if (c)
		lined_goodbye_keep(c, bye);
}

const struct ua_handler lined_ua_handler = { .incoming = incoming,
	.progress = progress,
	.answered = answered,
	.offered = offered,
	.ended = ended,
	.trunk = trunk,
	.kept = kept };
