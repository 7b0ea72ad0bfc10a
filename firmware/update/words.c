/* words.c - what people read, in English and German. */
#include "update/update.h"

static const char *const states[UPDATE_STATES][2] = {
	[UPDATE_STARTING] = { "The box is starting.", "Das Gerät startet." },
	[UPDATE_UNCONFIRMED] = { "The box has started and checks itself.",
	    "Das Gerät ist gestartet und prüft sich selbst." },
	[UPDATE_TRYING] = { "The new version runs for the first time and is "
			    "being checked.",
	    "Die neue Version läuft zum ersten Mal und wird geprüft." },
	[UPDATE_CONFIRMING] = { "All checks have passed; this is being noted.",
	    "Alle Prüfungen sind bestanden; das wird gerade vermerkt." },
	[UPDATE_SICK] = { "The new version does not work well. After the "
			  "meeting the box goes back to the old one.",
	    "Die neue Version arbeitet nicht richtig. Nach der Besprechung "
	    "kehrt das Gerät zur alten zurück." },
	[UPDATE_RETURNING] = { "The box restarts with the old version.",
	    "Das Gerät startet mit der alten Version neu." },
	[UPDATE_IDLE] = { "No update is under way.",
	    "Es läuft keine Aktualisierung." },
	[UPDATE_CHECKING] = { "The update is being checked.",
	    "Die Aktualisierung wird geprüft." },
	[UPDATE_WRITING] = { "The update is being written.",
	    "Die Aktualisierung wird geschrieben." },
	[UPDATE_COMMITTING] = { "The update is written and is being set up for "
				"the next start.",
	    "Die Aktualisierung ist geschrieben und wird für den nächsten "
	    "Start eingerichtet." },
	[UPDATE_WAITING] = { "The update is installed and waits for the end of "
			     "the meeting.",
	    "Die Aktualisierung ist installiert und wartet auf das Ende der "
	    "Besprechung." },
	[UPDATE_RESTARTING] = { "The box restarts with the new version.",
	    "Das Gerät startet mit der neuen Version neu." },
};

static const char *const reasons[UPDATE_REASONS][2] = {
	[UPDATE_SAYS_NOTHING] = { "", "" },
	[UPDATE_SAYS_MEETING] = { "A meeting is on. Please try again when it "
				  "is over.",
	    "Es läuft eine Besprechung. Bitte versuchen Sie es danach "
	    "erneut." },
	[UPDATE_SAYS_UNCONFIRMED] = { "The running version has not passed all "
				      "checks yet. Updates are possible after "
				      "that.",
	    "Die laufende Version hat noch nicht alle Prüfungen bestanden. "
	    "Danach sind Aktualisierungen möglich." },
	[UPDATE_SAYS_UNDER_WAY] = { "An update is under way already.",
	    "Es läuft schon eine Aktualisierung." },
	[UPDATE_SAYS_READY] = { "An update is installed. The box restarts "
				"after the meeting.",
	    "Eine Aktualisierung ist installiert. Das Gerät startet nach der "
	    "Besprechung neu." },
	[UPDATE_SAYS_SIGNATURE] = { "The update is not signed by anybody whom "
				    "this box trusts. Nothing was written.",
	    "Die Aktualisierung ist von niemandem signiert, dem dieses Gerät "
	    "vertraut. Es wurde nichts geschrieben." },
	[UPDATE_SAYS_BOARD] = { "The update is for another kind of box. "
				"Nothing was written.",
	    "Die Aktualisierung ist für eine andere Art von Gerät. Es wurde "
	    "nichts geschrieben." },
	[UPDATE_SAYS_OLDER] = { "The update is older than what is allowed "
				"here. Nothing was written.",
	    "Die Aktualisierung ist älter als hier erlaubt. Es wurde nichts "
	    "geschrieben." },
	[UPDATE_SAYS_SAME] = { "This version runs already. Nothing was "
			       "written.",
	    "Diese Version läuft schon. Es wurde nichts geschrieben." },
	[UPDATE_SAYS_FORMAT] = { "The file is damaged or no update. Nothing "
				 "was written.",
	    "Die Datei ist beschädigt oder keine Aktualisierung. Es wurde "
	    "nichts geschrieben." },
	[UPDATE_SAYS_WRITE_FAILED] = { "The update could not be written. The "
				       "running version stays.",
	    "Die Aktualisierung konnte nicht geschrieben werden. Die laufende "
	    "Version bleibt." },
	[UPDATE_SAYS_COMMIT_FAILED] = { "The update could not be set up for "
					"the next start. The running version "
					"stays.",
	    "Die Aktualisierung konnte nicht für den nächsten Start "
	    "eingerichtet werden. Die laufende Version bleibt." },
	[UPDATE_SAYS_CANCELLED] = { "The update was cancelled. The running "
				    "version stays.",
	    "Die Aktualisierung wurde abgebrochen. Die laufende Version "
	    "bleibt." },
	[UPDATE_SAYS_UNWELL] = { "Not all checks have passed.",
	    "Nicht alle Prüfungen sind bestanden." },
	[UPDATE_SAYS_CAME_BACK] = { "The new version did not work. The box has "
				    "gone back to the old one.",
	    "Die neue Version hat nicht funktioniert. Das Gerät ist zur alten "
	    "zurückgekehrt." },
	[UPDATE_SAYS_NOT_CONFIRMED] = { "It could not be noted that this "
					"version works.",
	    "Es konnte nicht vermerkt werden, dass diese Version "
	    "funktioniert." },
	[UPDATE_SAYS_NO_SOURCE] = { "This box's profile names no server for "
				    "updates (key \"updates\").",
	    "Das Profil dieses Geräts nennt keinen Server für "
	    "Aktualisierungen (Schlüssel \"updates\")." },
	[UPDATE_SAYS_NO_FETCHER] = { "The service that loads updates "
				     "(konklave-fetch) does not answer.",
	    "Der Dienst, der Aktualisierungen lädt (konklave-fetch), antwortet "
	    "nicht." },
	[UPDATE_SAYS_UNREACHABLE] = { "The server cannot be reached, or broke "
				      "off too often. What was loaded is kept: "
				      "please try again later.",
	    "Der Server ist nicht zu erreichen oder hat zu oft abgebrochen. "
	    "Was geladen ist, bleibt: Bitte versuchen Sie es später erneut." },
	[UPDATE_SAYS_CERTIFICATE] = { "The server's certificate is of nobody "
				      "whom this box trusts. Please check the "
				      "anchors in its profile, and its clock.",
	    "Das Zertifikat des Servers ist von niemandem, dem dieses Gerät "
	    "vertraut. Bitte prüfen Sie die Anker im Profil und die Uhr." },
	[UPDATE_SAYS_SERVER] = { "The server does not answer as it has to: the "
				 "file is not there, is not the one that it "
				 "announced, is somewhere else, or cannot be "
				 "had in parts.",
	    "Der Server antwortet nicht, wie er muss: Die Datei fehlt, ist "
	    "nicht die angekündigte, liegt woanders oder ist nicht in Teilen "
	    "zu haben." },
	[UPDATE_SAYS_NOT_OFFERED] = { "The server has no update for this kind "
				      "of box.",
	    "Der Server hat keine Aktualisierung für diese Art von Gerät." },
	[UPDATE_SAYS_NO_ROOM] = { "The box's disk has no room for the update. "
				  "Nothing was loaded.",
	    "Auf dem Datenträger des Geräts ist kein Platz für die "
	    "Aktualisierung. Es wurde nichts geladen." },
	[UPDATE_SAYS_UNREADABLE] = { "The file could not be read to its end. "
				     "Was the stick pulled? Nothing was "
				     "written.",
	    "Die Datei ließ sich nicht bis zum Ende lesen. Wurde der Stick "
	    "abgezogen? Es wurde nichts geschrieben." },
	[UPDATE_SAYS_FAILED_BEFORE] = { "This version was tried here and did "
					"not work. It is not installed again "
					"by itself.",
	    "Diese Version wurde hier versucht und hat nicht funktioniert. Sie "
	    "wird nicht noch einmal von selbst installiert." },
	[UPDATE_SAYS_DONE] = { "The new version works.",
	    "Die neue Version funktioniert." },
};

static const char *const fetches[UPDATE_FETCHES][2] = {
	[UPDATE_FETCH_NONE] = { "", "" },
	[UPDATE_FETCH_LOOKING] = { "The server is being asked.",
	    "Der Server wird gefragt." },
	[UPDATE_FETCH_LOADING] = { "The update is being loaded, and each part "
				   "of it checked.",
	    "Die Aktualisierung wird geladen und Stück für Stück geprüft." },
	[UPDATE_FETCH_READY] = { "The update is loaded. It is installed as "
				 "soon as no meeting is on.",
	    "Die Aktualisierung ist geladen. Sie wird installiert, sobald "
	    "keine Besprechung läuft." },
};

const char *update_state_word(enum update_state state, bool is_german)
{
	return states[state][is_german];
}

const char *update_reason_word(enum update_reason reason, bool is_german)
{
	return reasons[reason][is_german];
}

const char *update_fetch_word(enum update_fetch fetch, bool is_german)
{
	return fetches[fetch][is_german];
}
