/* words.c - what the room's picture says of them, in English and German. */
#include <stdio.h>
#include <string.h>

#include "notice/notice.h"

/* # stands for the number, @ for the name. */
struct words {
	const char *title[2], *hint[2]; /* English, German */
	bool needs_care;
};

/* clang-format off */
static const struct words words[NOTICE_KINDS] = {
	[NOTICE_NONE] = { { "", "" }, { "", "" }, false },
	[NOTICE_UPDATE_LOADING] = {
		{ "An update is being loaded: # %",
		  "Eine Aktualisierung wird geladen: # %" },
		{ "The room can be used meanwhile.",
		  "Der Raum kann solange benutzt werden." }, false },
	[NOTICE_UPDATE_LOADED] = {
		{ "An update is loaded",
		  "Eine Aktualisierung ist geladen" },
		{ "It is installed by itself when the meeting is over.",
		  "Sie wird nach der Besprechung von selbst installiert." },
		false },
	[NOTICE_UPDATE_CHECKING] = {
		{ "An update is being checked",
		  "Eine Aktualisierung wird geprüft" },
		{ "Please leave the box switched on, and a stick in it.",
		  "Bitte das Gerät eingeschaltet und einen Stick stecken "
		  "lassen." }, false },
	[NOTICE_UPDATE_WRITING] = {
		{ "An update is being installed: # %",
		  "Eine Aktualisierung wird installiert: # %" },
		{ "Please leave the box switched on. A stick can be pulled "
		  "out.",
		  "Bitte das Gerät eingeschaltet lassen. Ein Stick kann "
		  "abgezogen werden." }, false },
	[NOTICE_UPDATE_WAITING] = {
		{ "An update is ready",
		  "Eine Aktualisierung ist bereit" },
		{ "The box restarts by itself when the meeting is over.",
		  "Das Gerät startet nach der Besprechung von selbst neu." },
		false },
	[NOTICE_UPDATE_RESTARTING] = {
		{ "The update is ready: the box restarts in # s",
		  "Die Aktualisierung ist bereit: Neustart in # s" },
		{ "A meeting that begins before that goes first.",
		  "Eine Besprechung, die vorher beginnt, geht vor." }, false },
	[NOTICE_UPDATE_TRYING] = {
		{ "The new version is being tried",
		  "Die neue Version wird erprobt" },
		{ "Please leave the box switched on for some minutes.",
		  "Bitte das Gerät einige Minuten eingeschaltet lassen." },
		false },
	[NOTICE_UPDATE_DONE] = {
		{ "The update works",
		  "Die Aktualisierung funktioniert" },
		{ "The box uses the new version from now on.",
		  "Das Gerät benutzt von jetzt an die neue Version." }, false },
	[NOTICE_UPDATE_SICK] = {
		{ "The new version does not work well",
		  "Die neue Version arbeitet nicht richtig" },
		{ "The box goes back to the one before when the meeting is "
		  "over.",
		  "Das Gerät kehrt nach der Besprechung zur vorigen zurück." },
		true },
	[NOTICE_UPDATE_RETURNING] = {
		{ "The new version does not work: restart in # s",
		  "Die neue Version arbeitet nicht: Neustart in # s" },
		{ "The box goes back to the version before.",
		  "Das Gerät kehrt zur vorigen Version zurück." }, true },
	[NOTICE_UPDATE_CAME_BACK] = {
		{ "The update did not work; the version before is back",
		  "Die Aktualisierung ging nicht; die vorige Version ist "
		  "zurück" },
		{ "The room can be used. Please tell the operator.",
		  "Der Raum kann benutzt werden. Bitte den Betreiber "
		  "verständigen." }, true },
	[NOTICE_UPDATE_MEETING] = {
		{ "No update in a meeting: put the stick in again afterwards",
		  "Keine Aktualisierung in einer Besprechung: Stick danach "
		  "neu stecken" },
		{ "Nothing was changed. In the minute after a meeting or a "
		  "start it may still be too early.",
		  "Es wurde nichts geändert. In der Minute nach einer "
		  "Besprechung oder einem Start kann es noch zu früh sein." },
		true },
	[NOTICE_UPDATE_UNCONFIRMED] = {
		{ "No update yet: the box still checks itself",
		  "Noch keine Aktualisierung: Das Gerät prüft sich noch" },
		{ "Please put the stick in again in some minutes.",
		  "Bitte den Stick in einigen Minuten noch einmal "
		  "einstecken." }, true },
	[NOTICE_UPDATE_SIGNATURE] = {
		{ "The update is not signed for this box",
		  "Die Aktualisierung ist nicht für dieses Gerät signiert" },
		{ "Nothing was changed. Please get the update from the "
		  "operator, and copy it anew.",
		  "Es wurde nichts geändert. Bitte die Aktualisierung vom "
		  "Betreiber holen und neu kopieren." }, true },
	[NOTICE_UPDATE_BOARD] = {
		{ "This update is for another kind of box",
		  "Diese Aktualisierung ist für eine andere Art von Gerät" },
		{ "Nothing was changed. This one needs the file @",
		  "Es wurde nichts geändert. Dieses braucht die Datei @" },
		true },
	[NOTICE_UPDATE_OLDER] = {
		{ "This update is older than what is allowed here",
		  "Diese Aktualisierung ist älter als hier erlaubt" },
		{ "Nothing was changed. Please take a newer one.",
		  "Es wurde nichts geändert. Bitte eine neuere nehmen." },
		true },
	[NOTICE_UPDATE_SAME] = {
		{ "The box has the version of this update already",
		  "Das Gerät hat die Version dieser Aktualisierung schon" },
		{ "Nothing needs to be done. A stick can be pulled out.",
		  "Es ist nichts zu tun. Ein Stick kann abgezogen werden." },
		false },
	[NOTICE_UPDATE_FORMAT] = {
		{ "The update is damaged",
		  "Die Aktualisierung ist beschädigt" },
		{ "Nothing was changed. Please copy it onto the stick anew.",
		  "Es wurde nichts geändert. Bitte neu auf den Stick "
		  "kopieren." }, true },
	[NOTICE_UPDATE_NOT_WRITTEN] = {
		{ "The update could not be installed",
		  "Die Aktualisierung konnte nicht installiert werden" },
		{ "The version before stays. Please try again; if that does "
		  "not help, tell the operator.",
		  "Die vorige Version bleibt. Bitte noch einmal versuchen; "
		  "hilft das nicht, den Betreiber verständigen." }, true },
	[NOTICE_UPDATE_NOT_SET] = {
		{ "The update could not be made the next start",
		  "Die Aktualisierung ließ sich nicht zum Start einrichten" },
		{ "The version before stays. Please tell the operator: it is "
		  "the firmware's memory.",
		  "Die vorige Version bleibt. Bitte den Betreiber "
		  "verständigen: Es ist der Speicher der Firmware." }, true },
	[NOTICE_UPDATE_CANCELLED] = {
		{ "The update was cancelled",
		  "Die Aktualisierung wurde abgebrochen" },
		{ "The version before stays.",
		  "Die vorige Version bleibt." }, false },
	[NOTICE_UPDATE_UNREADABLE] = {
		{ "The stick could not be read to its end",
		  "Der Stick ließ sich nicht bis zum Ende lesen" },
		{ "Nothing was changed. Please put it in again, and leave it "
		  "in for some minutes.",
		  "Es wurde nichts geändert. Bitte noch einmal einstecken und "
		  "einige Minuten stecken lassen." }, true },
	[NOTICE_UPDATE_FAILED_BEFORE] = {
		{ "This update was tried here and did not work",
		  "Diese Aktualisierung wurde hier schon vergeblich erprobt" },
		{ "It is not tried again by itself. Please pull the stick out "
		  "and tell the operator.",
		  "Sie wird nicht von selbst wieder erprobt. Bitte den Stick "
		  "abziehen und den Betreiber verständigen." }, true },
	[NOTICE_STICK_READING] = {
		{ "A USB stick is being read",
		  "Ein USB-Stick wird gelesen" },
		{ "Please leave it in.",
		  "Bitte stecken lassen." }, false },
	[NOTICE_STICK_NOTHING] = {
		{ "The USB stick has nothing for this box",
		  "Auf dem USB-Stick ist nichts für dieses Gerät" },
		{ "Please look at the names of its files: they have to be "
		  "right to the letter.",
		  "Bitte die Namen der Dateien prüfen: Jeder Buchstabe muss "
		  "stimmen." }, true },
	[NOTICE_PROFILE_THERE] = {
		{ "The box is set up already: the stick's profile is not taken",
		  "Das Gerät ist schon eingerichtet: Profil nicht "
		  "übernommen" },
		{ "Nothing was changed. A box takes a profile from a stick "
		  "after a factory reset alone.",
		  "Es wurde nichts geändert. Nur nach dem Zurücksetzen nimmt "
		  "ein Gerät ein Profil von einem Stick." }, true },
	[NOTICE_RESET_SET] = {
		{ "The next start erases all that this box keeps",
		  "Der nächste Start löscht alles, was dieses Gerät aufhebt" },
		{ "To have that done: pull the stick out, switch the box off "
		  "and on. Was it not you? Tell the operator before that.",
		  "Wenn das so sein soll: Stick abziehen, Gerät aus- und "
		  "einschalten. Sonst vorher den Betreiber verständigen." },
		true },
	[NOTICE_RESET_OTHER] = {
		{ "The stick asks another box to erase itself",
		  "Der Stick will ein anderes Gerät löschen" },
		{ "Nothing is erased here. konklave-reset.txt has to have this "
		  "box's UUID.",
		  "Hier wird nichts gelöscht. In konklave-reset.txt muss die "
		  "UUID dieses Geräts stehen." }, true },
	[NOTICE_CERTIFICATE_WAITS] = {
		{ "A certificate waits for the end of the meeting",
		  "Ein Zertifikat wartet auf das Ende der Besprechung" },
		{ "It is taken by itself then. The stick can be pulled out.",
		  "Dann wird es von selbst übernommen. Der Stick kann "
		  "abgezogen werden." }, false },
	[NOTICE_CERTIFICATE_TAKEN] = {
		{ "The certificate is taken",
		  "Das Zertifikat ist übernommen" },
		{ "The stick can be pulled out.",
		  "Der Stick kann abgezogen werden." }, false },
	[NOTICE_CERTIFICATE_SAME] = {
		{ "The box has a certificate that lasts as long",
		  "Das Gerät hat ein Zertifikat, das so lange gilt" },
		{ "Nothing was changed. The stick can be pulled out.",
		  "Es wurde nichts geändert. Der Stick kann abgezogen "
		  "werden." }, false },
	[NOTICE_CERTIFICATE_OTHER] = {
		{ "The stick's certificate is for another box",
		  "Das Zertifikat auf dem Stick ist für ein anderes Gerät" },
		{ "Nothing was changed. This one needs the file @",
		  "Es wurde nichts geändert. Dieses braucht die Datei @" },
		true },
	[NOTICE_CERTIFICATE_FOREIGN] = {
		{ "The certificate does not fit this box",
		  "Das Zertifikat passt nicht zu diesem Gerät" },
		{ "It is for another key, or of a CA that is not in the box's "
		  "profile. Please issue it anew, or tell the operator.",
		  "Es ist für einen anderen Schlüssel oder von einer CA, die "
		  "nicht im Profil steht. Bitte neu ausstellen lassen." },
		true },
	[NOTICE_CERTIFICATE_OVER] = {
		{ "The certificate is over, or not valid yet",
		  "Das Zertifikat ist abgelaufen oder gilt noch nicht" },
		{ "Please look at the box's clock, or have a new one issued.",
		  "Bitte die Uhr des Geräts prüfen oder ein neues ausstellen "
		  "lassen." }, true },
	[NOTICE_CERTIFICATE_REVOKED] = {
		{ "The certificate was revoked",
		  "Das Zertifikat wurde widerrufen" },
		{ "Please have a new one issued.",
		  "Bitte ein neues ausstellen lassen." }, true },
	[NOTICE_CERTIFICATE_FAILED] = {
		{ "The certificate could not be taken",
		  "Das Zertifikat konnte nicht übernommen werden" },
		{ "Please copy it onto the stick anew and try again; if that "
		  "does not help, tell the operator.",
		  "Bitte neu auf den Stick kopieren und noch einmal versuchen; "
		  "hilft das nicht, den Betreiber verständigen." }, true },
	[NOTICE_REQUEST_PUT] = {
		{ "The request for a certificate is on the stick",
		  "Der Antrag auf ein Zertifikat ist auf dem Stick" },
		{ "The stick can be pulled out. The file is @",
		  "Der Stick kann abgezogen werden. Die Datei ist @" }, false },
	[NOTICE_REQUEST_FAILED] = {
		{ "The stick does not take the request for a certificate",
		  "Der Stick nimmt den Antrag auf ein Zertifikat nicht an" },
		{ "Is it full, or protected? Please take another one.",
		  "Ist er voll oder geschützt? Bitte einen anderen nehmen." },
		true },
	[NOTICE_PORT_TAKEN] = {
		{ "The network's certificate is taken",
		  "Das Zertifikat für das Netz ist übernommen" },
		{ "The box uses it now; if it is in the network already, from "
		  "its next start.",
		  "Das Gerät nutzt es jetzt; ist es schon im Netz, ab dem "
		  "nächsten Start." },
		false },
	[NOTICE_PORT_REFUSED] = {
		{ "The network's certificate is not taken",
		  "Das Zertifikat für das Netz wird nicht übernommen" },
		{ "It does not fit this box's request, or is over. Please have "
		  "it issued anew.",
		  "Es passt nicht zum Antrag dieses Geräts oder ist "
		  "abgelaufen. Bitte neu ausstellen lassen." }, true },
};
/* clang-format on */

static void fill(char *out, size_t room, const char *text,
    const struct notice *n)
{
	char number[16];
	size_t at = 0;

	(void)snprintf(number, sizeof(number), "%u", n->number);
	for (; *text && at + 1 < room; text++) {
		const char *value = *text == '#' ? number :
		    *text == '@'                 ? n->name :
						   NULL;

		if (!value)
			out[at++] = *text;
		while (value && *value && at + 1 < room)
			out[at++] = *value++;
	}
	out[at] = '\0';
}

void notice_title(const struct notice *n, bool is_german,
    char out[NOTICE_TITLE_BYTES])
{
	fill(out, NOTICE_TITLE_BYTES, words[n->kind].title[is_german], n);
}

void notice_hint(const struct notice *n, bool is_german,
    char out[NOTICE_HINT_BYTES])
{
	fill(out, NOTICE_HINT_BYTES, words[n->kind].hint[is_german], n);
}

bool notice_needs_care(enum notice_kind kind)
{
	return words[kind].needs_care;
}
