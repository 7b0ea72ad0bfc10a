/* refusal.c - why a call is not placed or ended. */
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

const char *room_refusal_text(enum kk_err err, bool is_german)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(refusals); i++) {
		if (refusals[i].err == err)
			return refusals[i].texts[is_german];
	}
	return is_german ? "die Telefonleitungen des Raums antworten nicht" :
			   "the room's telephone lines do not answer";
}
