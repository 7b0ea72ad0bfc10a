/* words.c - what the screen says. */
#include "pipelines/graphs/words.h"

#include <string.h>

static const char *const texts[WORDS_COUNT][WORDS_LANGUAGES] = {
	[WORDS_ENCRYPTED] = { "End-to-end encrypted",
	    "Ende-zu-Ende verschlüsselt" },
	[WORDS_NOT_CONNECTED] = { "Not connected", "Nicht verbunden" },
	[WORDS_SECURITY_CODE] = { "Security code", "Sicherheitscode" },
	[WORDS_VERIFIED] = { "verified", "geprüft" },
	[WORDS_GUEST] = { "guest, not verified", "Gast, nicht geprüft" },
	[WORDS_MICROPHONE_OFF] = { "microphone off", "Mikrofon aus" },
	[WORDS_SCREEN_OF] = { "Screen of", "Bildschirm von" },
	[WORDS_LINES_OF] = { "Lines of", "Leitungen von" },
	[WORDS_LINE_BEYOND] = { "telephone line, unprotected beyond",
	    "Telefonleitung, ungeschützt hinter" },
	[WORDS_LINES_BEYOND] = { "telephone lines, unprotected beyond",
	    "Telefonleitungen, ungeschützt hinter" },
	[WORDS_LINE_WAITS] = { "caller waits to be let in:",
	    "Anruf wartet auf Einlass:" },
	[WORDS_LINES_WAIT] = { "callers wait to be let in:",
	    "Anrufe warten auf Einlass:" },
	[WORDS_WAIT_MORE] = { "more", "weitere" },
	[WORDS_LINE_UNKNOWN] = { "unknown number", "Nummer unbekannt" },
	[WORDS_CLAIM_OPENS] = { "unverified “", "ungeprüft „" },
	[WORDS_CLAIM_ENDS] = { "”", "“" },
	[WORDS_AND] = { "and", "und" },
	[WORDS_MORE] = { "more", "weiteren" },
	[WORDS_LOCKED] = { "Locked for callers", "Für Anrufe abgeschlossen" },
	[WORDS_CALL] = { "Call:", "Anruf:" },
	[WORDS_CALL_PLACING] = { "dialling …", "wird gewählt …" },
	[WORDS_CALL_RINGING] = { "it rings …", "es klingelt …" },
	[WORDS_CALL_EARLY] = { "line is open", "Leitung offen" },
	[WORDS_CALL_TALKING] = { "answered", "angenommen" },
	[WORDS_CALL_BUSY] = { "busy", "besetzt" },
	[WORDS_CALL_NO_ANSWER] = { "no answer", "keine Antwort" },
	[WORDS_CALL_UNKNOWN] = { "no such number", "kein Anschluss" },
	[WORDS_CALL_UNREACHABLE] = { "not reachable", "unerreichbar" },
	[WORDS_CALL_REFUSED] = { "not allowed", "nicht erlaubt" },
	[WORDS_CALL_FAILED] = { "failed", "fehlgeschlagen" },
	[WORDS_CALL_ENDED] = { "ended", "beendet" },
	[WORDS_PAD_NUMBER] = { "Number", "Nummer" },
	[WORDS_PAD_BOOK] = { "Address book", "Adressbuch" },
	[WORDS_PAD_ERASE] = { "Erase", "Löschen" },
	[WORDS_PAD_CLOSE] = { "Close", "Schließen" },
	[WORDS_PAD_CALL] = { "Call", "Anrufen" },
	[WORDS_PAD_HANG_UP] = { "Hang up", "Auflegen" },
	[WORDS_PAD_EMPTY] = { "Type a number first.",
	    "Bitte zuerst eine Nummer eingeben." },
	[WORDS_PAD_FORBIDDEN] = { "Telephone lines are forbidden in this "
				  "meeting.",
	    "Telefonleitungen sind in dieser Besprechung verboten." },
	[WORDS_PAD_TONES] = { "The keys send tones into the call.",
	    "Die Tasten senden Töne in den Anruf." },
	[WORDS_PAD_LOCKED] = { "The meeting is locked: who is called waits to "
			       "be let in.",
	    "Die Besprechung ist abgeschlossen: Wer angerufen wird, wartet auf "
	    "Einlass." },
	[WORDS_SELF] = { "This room", "Dieser Raum" },
	[WORDS_NOBODY] = { "Nobody else is here yet",
	    "Noch ist niemand sonst da" },
	[WORDS_NOBODY_HINT] = { "The meeting is open.",
	    "Die Besprechung ist offen." },
	[WORDS_OFF] = { "No meeting", "Keine Besprechung" },
	[WORDS_OFF_HINT] = { "The room is ready.", "Der Raum ist bereit." },
	[WORDS_CONNECTING] = { "Connecting …",
	    "Verbindung wird hergestellt …" },
	[WORDS_CONNECTING_HINT] = { "Looking for the meeting's server.",
	    "Der Server der Besprechung wird gesucht." },
	[WORDS_JOINING] = { "Joining …", "Beitritt läuft …" },
	[WORDS_JOINING_HINT] = { "Waiting for somebody in the meeting to let "
				 "this room in.",
	    "Jemand in der Besprechung muss diesen Raum einlassen." },
	[WORDS_REFUSED] = { "Cannot join", "Beitritt nicht möglich" },
	[WORDS_DISCONNECTED] = { "The connection is gone",
	    "Die Verbindung ist unterbrochen" },
	[WORDS_DISCONNECTED_HINT] = { "It is being made again. Nothing leaves "
				      "unencrypted.",
	    "Sie wird neu aufgebaut. Nichts geht unverschlüsselt hinaus." },
};

struct trouble {
	const char *error;
	const char *texts[WORDS_LANGUAGES];
};

/* docs/protocol.md, "Signalling", roomd(8) and mediad(8). */
static const struct trouble troubles[] = {
	{ "version",
	    { "This box and the server need the same software version.",
		"Gerät und Server brauchen denselben Softwarestand." } },
	{ "denied",
	    { "The link does not fit this meeting. Ask for a new link.",
		"Der Link passt nicht zu dieser Besprechung. Bitte einen "
		"neuen Link anfordern." } },
	{ "unknown-meeting",
	    { "This meeting does not exist, or is over.",
		"Diese Besprechung gibt es nicht, oder sie ist vorbei." } },
	{ "full", { "The meeting is full.", "Die Besprechung ist voll." } },
	{ "busy",
	    { "The server has too much to do. Trying again.",
		"Der Server ist ausgelastet. Es wird erneut versucht." } },
	{ "limit",
	    { "The server does not allow more.",
		"Der Server lässt nicht mehr zu." } },
	{ "internal",
	    { "The server has failed. Trying again.",
		"Der Server hat einen Fehler. Es wird erneut versucht." } },
	{ "untrusted",
	    { "The server's certificate is not valid. Tell the operator.",
		"Das Zertifikat des Servers ist nicht gültig. Bitte den "
		"Betreiber verständigen." } },
	{ "wrong-secret",
	    { "The link is not complete or not right. Ask for a new link.",
		"Der Link ist unvollständig oder falsch. Bitte einen neuen "
		"Link anfordern." } },
	{ "expired",
	    { "A certificate has expired. Tell the operator.",
		"Ein Zertifikat ist abgelaufen. Bitte den Betreiber "
		"verständigen." } },
	{ "foreign",
	    { "A certificate is not of this site. Tell the operator.",
		"Ein Zertifikat gehört nicht zu diesem Standort. Bitte den "
		"Betreiber verständigen." } },
	{ "revoked",
	    { "A certificate was revoked. Tell the operator.",
		"Ein Zertifikat wurde widerrufen. Bitte den Betreiber "
		"verständigen." } },
	{ "removed",
	    { "This room was removed from the meeting.",
		"Dieser Raum wurde aus der Besprechung entfernt." } },
	{ "unreachable",
	    { "The server does not answer. Trying again.",
		"Der Server antwortet nicht. Es wird erneut versucht." } },
	{ "no-relay",
	    { "The relay (TURN server) does not let this room in. Tell the "
	      "operator.",
		"Die Vermittlung (TURN-Server) lässt diesen Raum nicht zu. "
		"Bitte den Betreiber verständigen." } },
	{ "not-admitted",
	    { "Nobody let this room in.",
		"Niemand hat diesen Raum eingelassen." } },
};

static const struct trouble other = { "",
	{ "Something went wrong. Try again, or tell the operator.",
	    "Etwas ist schiefgegangen. Bitte erneut versuchen oder den "
	    "Betreiber verständigen." } };

const char *words_get(enum words_language language, enum words what)
{
	return texts[what][language];
}

const char *words_trouble(enum words_language language, const char *error)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(troubles); i++) {
		if (!strcmp(troubles[i].error, error))
			return troubles[i].texts[language];
	}
	return other.texts[language];
}

enum words_language words_language_of(const char *name)
{
	bool is_german = !strncmp(name, "de", 2) &&
	    (name[2] == '\0' || strchr("_-.@", name[2]));

	return is_german ? WORDS_DE : WORDS_EN;
}

const char *view_phase_name(enum view_phase phase)
{
	static const char *const names[VIEW_PHASE_COUNT] = { "off",
		"connecting", "joining", "in", "refused" };

	return phase < VIEW_PHASE_COUNT ? names[phase] : "unknown";
}

enum view_call view_call_of(const char *name)
{
	static const char *const names[VIEW_CALL_COUNT] = {
		[VIEW_CALL_NONE] = "none",
		[VIEW_CALL_PLACING] = "placing",
		[VIEW_CALL_RINGING] = "ringing",
		[VIEW_CALL_EARLY] = "early",
		[VIEW_CALL_TALKING] = "talking",
		[VIEW_CALL_BUSY] = "busy",
		[VIEW_CALL_NO_ANSWER] = "no-answer",
		[VIEW_CALL_UNKNOWN] = "unknown",
		[VIEW_CALL_UNREACHABLE] = "unreachable",
		[VIEW_CALL_REFUSED] = "refused",
		[VIEW_CALL_FAILED] = "failed",
		[VIEW_CALL_ENDED] = "ended",
	};

	for (size_t i = 0; i < VIEW_CALL_COUNT; i++) {
		if (!strcmp(names[i], name))
			return (enum view_call)i;
	}
	return VIEW_CALL_NONE;
}

const char *view_trouble(const struct view *view)
{
	return view->phase == VIEW_IN && view->has_no_relay ? "no-relay" :
							      view->trouble;
}

bool view_has_media(const struct view *view)
{
	return view->phase == VIEW_IN && !view->has_no_relay;
}

uint64_t view_screen(const struct view *view)
{
	uint64_t newest = 0;

	for (size_t i = 0; i < view->people_count; i++) {
		if (view->people[i].screen > newest)
			newest = view->people[i].screen;
	}
	return newest;
}
