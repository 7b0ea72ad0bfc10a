/* place.c - calls that the room places: whom it may call, and by which way. */
#include <string.h>

#include "lined.h"

enum { DIGITS_MAX = 20 }; /* ITU-T E.164 has 15; and a prefix for a line */

void lined_placed(struct lined_call *c, const char *state)
{
	const bool has_tones = c->line && c->stream.event_type >= 0;

	lined_room_placed(&c->lined->room, c->serial, c->lane, state,
	    has_tones);
}

/* Whether tones can be sent may be another now. */
void lined_placed_again(struct lined_call *c)
{
	if (c->is_placed && !c->is_ended && (c->is_answered || c->is_early))
		lined_placed(c, c->is_answered ? "talking" : "early");
}

const char *lined_placed_end(enum ua_reason reason)
{
	switch (reason) {
	case UA_END_BUSY:
	case UA_END_DECLINED:
		return "busy";
	case UA_END_NO_ANSWER:
	case UA_END_OURS:
		return "no-answer";
	case UA_END_NOT_FOUND:
		return "unknown";
	case UA_END_UNREACHABLE:
		return "unreachable";
	default:
		return "failed";
	}
}

static bool is_number(const char *number)
{
	const size_t digits = strspn(number, "+0123456789*#");

	return digits > 0 && digits <= DIGITS_MAX && !number[digits] &&
	    (!strchr(number, '+') || strrchr(number, '+') == number);
}

/* None may be called unless it was allowed: calls cost money. */
bool lined_may_call(const struct lined_options *o, const char *number)
{
	if (!is_number(number))
		return false;
	for (size_t i = 0; i < o->prefix_count; i++) {
		if (!strcmp(o->prefixes[i], "all") ||
		    !strncmp(number, o->prefixes[i], strlen(o->prefixes[i])))
			return true;
	}
	return false;
}

static enum kk_err place_at(struct lined_call *c, size_t trunk,
    struct kk_view offer)
{
	const struct ua_place place = { .trunk = trunk,
		.to_user = c->number,
		.offer = offer,
		.arg = c };

	return ua_call_place(c->lined->ua, &place, &c->sip);
}

static enum kk_err trunks_try(struct lined_call *c, struct kk_view offer)
{
	enum kk_err err = KK_ENOENT;

	while (c->trunk_next < c->lined->options.trunk_count) {
		err = place_at(c, c->trunk_next++, offer);
		if (!err || err == KK_ELIMIT || err == KK_ENOMEM)
			break;
	}
	return err;
}

/* An own telephone of this name; or the first exchange that is ready. */
static enum kk_err way_choose(struct lined_call *c, struct kk_view offer)
{
	const struct lined_options *o = &c->lined->options;
	enum kk_err err = place_at(c, UA_NO_TRUNK, offer);

	if (err != KK_ENOENT) {
		c->trunk_next = o->trunk_count;
		return err;
	}
	if (!lined_may_call(o, c->number))
		return KK_EPOLICY;
	return trunks_try(c, offer);
}

bool lined_place_again(struct lined_call *c)
{
	struct kk_bytes offer = { NULL, 0 };
	enum kk_err err = lined_media_offer(c, &offer);

	c->sip = NULL;
	if (!err)
		err = trunks_try(c, lined_media_text(&offer));
	kk_bytes_clear(&offer);
	return !err;
}

static enum kk_err place(struct lined *d, const struct lined_dial *dial)
{
	struct lined_call *c = lined_call_new(d, NULL);
	struct kk_bytes offer = { NULL, 0 };
	enum kk_err err;

	if (!c)
		return KK_ELIMIT;
	c->is_placed = true;
	c->serial = dial->serial;
	memcpy(c->number, dial->number, strlen(dial->number) + 1);
	lined_label_set(c, UA_FROM_TRUNK, "", dial->number);
	err = is_number(dial->number) ? lined_media_open(c, NULL) : KK_EPOLICY;
	if (!err)
		err = lined_media_offer(c, &offer);
	if (!err)
		err = way_choose(c, lined_media_text(&offer));
	kk_bytes_clear(&offer);
	if (err)
		lined_call_free(c);
	return err;
}

static void give_up(struct lined *d, uint64_t serial)
{
	for (size_t i = 0; i < d->options.lines; i++) {
		struct lined_call *c = d->lanes[i].call;

		if (c && c->is_placed && !c->is_answered && c->serial != serial)
			lined_call_hang_up(c);
	}
}

void lined_dial(struct lined *d, const struct lined_dial *dial)
{
	enum kk_err err;

	give_up(d, dial->number ? dial->serial : 0);
	if (!dial->number || dial->serial <= d->dial_serial)
		return;
	d->dial_serial = dial->serial;
	err = place(d, dial);
	if (!err)
		return;
	kk_log(&d->log, KK_LOG_WARNING, "no call is placed err=%s",
	    kk_err_name(err));
	lined_room_placed(&d->room, dial->serial, 0,
	    err == KK_EPOLICY    ? "refused" :
		err == KK_ESTATE ? "unreachable" :
				   "failed",
	    false);
}

static struct lined_call *placed_find(const struct lined *d, uint64_t serial)
{
	for (size_t i = 0; i < d->options.lines; i++) {
		struct lined_call *c = d->lanes[i].call;

		if (c && c->is_placed && !c->is_ended && c->line &&
		    c->serial == serial)
			return c;
	}
	return NULL;
}

void lined_tones(struct lined *d, const struct lined_tones *tones)
{
	const size_t count = strlen(tones->digits);
	struct lined_call *c = placed_find(d, tones->serial);
	enum kk_err err;

	if (!c || count <= c->tones_sent)
		return;
	err = line_press(c->line, tones->digits + c->tones_sent);
	c->tones_sent = count;
	if (err) /* roomd was told meanwhile that it takes none */
		kk_log(&d->log, KK_LOG_WARNING, "no tones are sent err=%s",
		    kk_err_name(err));
}
