/* stick.c - what a stick says, and what becomes of it. */
#include <stdio.h>
#include <string.h>

#include "welcome/welcome_private.h"

/* A profile's name is asked for; certificates alone have none. */
static const char head[] = "name = -\n[anchors]\n";

static enum kk_err anchors_text(struct kk_view pem, struct kk_bytes *out)
{
	const size_t head_bytes = sizeof(head) - 1;

	*out = (struct kk_bytes){ 0 };
	if (pem.bytes > PROFILE_BYTES_MAX - head_bytes)
		return KK_ELIMIT;
	out->data = kk_calloc(1, head_bytes + pem.bytes);
	if (!out->data)
		return KK_ENOMEM;
	out->bytes = head_bytes + pem.bytes;
	memcpy(out->data, head, head_bytes);
	memcpy(out->data + head_bytes, pem.data, pem.bytes);
	return KK_OK;
}

static void problem_say(struct welcome *w, const struct profile_problem *p)
{
	const bool is_german = welcome_is_german(w);
	const bool has_key = p->key < PROFILE_KEYS;
	char line[64] = "";

	if (p->line && !w->is_offer_anchors)
		(void)snprintf(line, sizeof(line),
		    "%s %zu: ", word_get(WORD_LINE, is_german), p->line);
	welcome_say(w, true, "%s %s: %s%s%s%s%s%s%s",
	    word_get(WORD_STICK_WRONG, is_german),
	    w->is_offer_anchors ? "ca.pem" : "konklave.conf", line,
	    has_key ? profile_key_name(p->key) : "", has_key ? ": " : "",
	    profile_wrong_text(p->what, is_german),
	    p->what == PROFILE_VALUE && has_key ? " (" : "",
	    p->what == PROFILE_VALUE && has_key ?
		profile_key_text(p->key, is_german) :
		"",
	    p->what == PROFILE_VALUE && has_key ? ")" : "");
}

static void offer_make(struct welcome *w)
{
	struct profile_problem problem = { .key = PROFILE_KEYS };
	const char *language = w->offered.values[PROFILE_LANGUAGE];

	w->is_offer_right = !profile_parse(&w->offered,
				kk_bytes_view(&w->offer), &problem) &&
	    !profile_check(&w->offered, &problem);
	/* Its reader's language, unless somebody has chosen one. */
	if (!w->said.values[PROFILE_LANGUAGE][0] && language[0])
		memcpy(w->said.values[PROFILE_LANGUAGE], language,
		    sizeof(w->said.values[PROFILE_LANGUAGE]));
	if (!w->is_offer_right)
		problem_say(w, &problem);
	else if (w->is_offer_anchors)
		welcome_say_word(w, false, WORD_STICK_ANCHORS);
	else
		pages_tpm_check(w, &w->offered);
}

static bool is_before_review(const struct welcome *w)
{
	return w->page <= WELCOME_REVIEW || w->page == WELCOME_STICK;
}

enum welcome_act welcome_stick(struct welcome *w,
    const struct welcome_stick *stick)
{
	const bool is_asked = w->busy == WELCOME_READ;
	enum kk_err err;

	if (is_asked)
		w->busy = WELCOME_NOTHING;
	if (w->busy)
		return WELCOME_NOTHING;
	w->message[0] = '\0';
	if (!is_before_review(w)) {
		if (stick->has_chain)
			w->busy = WELCOME_INSTALL;
		else if (is_asked)
			welcome_say_word(w, true, WORD_NO_CHAIN);
		view_refresh(w);
		return w->busy;
	}
	if (stick->profile.bytes == 0 && stick->anchors.bytes == 0)
		return WELCOME_NOTHING;
	w->is_offer_right = false; /* nothing of the one before is shown */
	kk_bytes_clear(&w->offer);
	w->is_offer_anchors = stick->profile.bytes == 0;
	err = w->is_offer_anchors ? anchors_text(stick->anchors, &w->offer) :
				    kk_bytes_copy(&w->offer, stick->profile);
	if (err)
		return WELCOME_NOTHING;
	if (w->page != WELCOME_STICK)
		w->before_stick = w->page;
	page_go(w, WELCOME_STICK);
	offer_make(w);
	w->left_s = WELCOME_UNATTENDED_S;
	view_make(w, WELCOME_BUTTON,
	    w->is_offer_right ? BUTTON_TAKE : BUTTON_BACK);
	return WELCOME_NOTHING;
}

void stick_take(struct welcome *w)
{
	if (!w->is_offer_right || w->busy)
		return;
	if (!w->is_offer_anchors) {
		/* As it is: konklave-config would keep no other. */
		kk_bytes_clear(&w->kept);
		w->kept = kk_bytes_take(&w->offer);
		w->is_offer_right = false;
		w->busy = WELCOME_KEEP;
		view_refresh(w);
		return;
	}
	kk_bytes_clear(&w->anchors);
	w->anchors = kk_bytes_take(&w->offer);
	w->said.parts[PROFILE_ANCHORS] = kk_view_of(w->anchors.data +
		sizeof(head) - 1,
	    w->anchors.bytes - (sizeof(head) - 1));
	w->is_offer_right = false;
	page_go(w, w->before_stick);
}
