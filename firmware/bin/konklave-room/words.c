/* words.c - what is said, in English and German. */
#include <string.h>

#include "konklave_room.h"
#include "room/refusal.h"

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
	return room_refusal_text(err, language == GERMAN);
}

const char *words_tones_error(enum language language, enum kk_err err)
{
	return room_refusal_tones_text(err, language == GERMAN);
}
