/* words.c - what is said, in English and German. */
#include <string.h>

#include "konklave_room.h"

struct sentence {
	const char *state;
	const char *texts[LANGUAGES];
};

static const struct sentence states[] = {
	{ "placing", { "dialling", "wird gewählt" } },
	{ "ringing", { "it rings", "es klingelt" } },
	{ "early",
	    { "the line is open, nobody has answered yet",
		"die Leitung ist offen, noch hat niemand abgehoben" } },
	{ "talking", { "answered", "angenommen" } },
	{ "busy", { "busy", "besetzt" } },
	{ "no-answer", { "nobody answers", "niemand hebt ab" } },
	{ "unknown",
	    { "no such number", "kein Anschluss unter dieser Nummer" } },
	{ "unreachable",
	    { "the telephone exchange cannot be reached",
		"die Telefonanlage ist nicht erreichbar" } },
	{ "refused",
	    { "this number may not be called",
		"diese Nummer darf nicht angerufen werden" } },
	{ "failed", { "the call has failed", "der Anruf ist fehlgeschlagen" } },
	{ "ended", { "ended", "beendet" } },
};

struct refusal {
	enum kk_err err;
	const char *texts[LANGUAGES];
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

enum language words_language(const char *name)
{
	return name && !strncmp(name, "de", 2) &&
		(!name[2] || strchr("_-.@", name[2])) ?
	    GERMAN :
	    ENGLISH;
}

const char *words_state(enum language language, const char *state)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(states); i++) {
		if (!strcmp(states[i].state, state))
			return states[i].texts[language];
	}
	return state;
}

const char *words_error(enum language language, enum kk_err err)
{
	static const char *const others[LANGUAGES] = {
		"the room's telephone lines do not answer",
		"die Telefonleitungen des Raums antworten nicht"
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(refusals); i++) {
		if (refusals[i].err == err)
			return refusals[i].texts[language];
	}
	return others[language];
}
