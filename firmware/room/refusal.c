/* refusal.c - why a call is not placed or ended, or takes no tones. */
#include "room/refusal.h"

struct refusal {
	enum kk_err err;
	const char *texts[2]; /* English, German */
};

static const struct refusal refusals[] = {
	{ KK_EDENIED,
	    { "this number may not be called from here, or lines are forbidden "
	      "in this meeting",
		"diese Nummer darf von hier nicht angerufen werden, oder "
		"Leitungen sind in dieser Besprechung verboten" } },
	{ KK_EEXIST,
	    { "another call is on its way", "ein anderer Anruf läuft noch" } },
	{ KK_ELIMIT, { "all lines are in use", "alle Leitungen sind belegt" } },
	{ KK_ESTATE,
	    { "the room is in no meeting, or its telephone lines are not ready",
		"der Raum ist in keiner Besprechung, oder seine "
		"Telefonleitungen sind nicht bereit" } },
	{ KK_ENOENT, { "there is no such call", "es gibt keinen Anruf" } },
	{ KK_EUNSUP,
	    { "this room has no telephone lines",
		"dieser Raum hat keine Telefonleitungen" } },
	{ KK_EINVAL, { "this is no number", "das ist keine Nummer" } },
};

static const struct refusal tones[] = {
	{ KK_ENOENT, { "there is no call", "es gibt keinen Anruf" } },
	{ KK_ESTATE,
	    { "nothing is heard of the call yet: try again when it is",
		"vom Anruf ist noch nichts zu hören: danach noch einmal "
		"versuchen" } },
	{ KK_EUNSUP,
	    { "the other end takes no tones",
		"die Gegenseite nimmt keine Töne an" } },
	{ KK_EINVAL,
	    { "tones are 0 to 9, * and #", "Töne sind 0 bis 9, * und #" } },
	{ KK_ELIMIT,
	    { "no more tones can be sent in this call: call again",
		"in diesem Anruf können keine Töne mehr gesendet werden: neu "
		"anrufen" } },
};

static const char *text_of(const struct refusal *of, size_t count,
    enum kk_err err, bool is_german)
{
	for (size_t i = 0; i < count; i++) {
		if (of[i].err == err)
			return of[i].texts[is_german];
	}
	return is_german ? "die Telefonleitungen des Raums antworten nicht" :
			   "the room's telephone lines do not answer";
}

const char *room_refusal_text(enum kk_err err, bool is_german)
{
	return text_of(refusals, KK_ARRAY_LEN(refusals), err, is_german);
}

const char *room_refusal_tones_text(enum kk_err err, bool is_german)
{
	return text_of(tones, KK_ARRAY_LEN(tones), err, is_german);
}
