/* words.c - what the pages say, in English and German. */
#include "welcome/welcome_private.h"

static const char *const words[WORDS][2] = {
	[WORD_ANCHORS] = { "Trusted certificates (ca.pem)",
	    "Vertraute Zertifikate (ca.pem)" },
	[WORD_NOTHING] = { "–", "–" },
	[WORD_LINE] = { "line", "Zeile" },
	[WORD_STICK_WRONG] = { "The profile on the stick is not right:",
	    "Das Profil auf dem Stick stimmt nicht:" },
	[WORD_STICK_ANCHORS] = { "The stick has the site's certificates and no "
				 "profile. The box would trust them.",
	    "Der Stick hat die Zertifikate des Standorts und kein Profil. Das "
	    "Gerät würde ihnen vertrauen." },
	[WORD_STICK_FAILED] = { "There is no stick that can be read. It has to "
				"be formatted as FAT and named KONKLAVE. "
				"Plug it in and try again.",
	    "Es ist kein lesbarer Stick da. Er muss mit FAT formatiert sein "
	    "und KONKLAVE heißen. Stecken Sie ihn ein und versuchen Sie es "
	    "noch einmal." },
	[WORD_KEEP_FAILED] = { "The box could not keep it. Nothing is lost: "
			       "try again, or switch the box off and on.",
	    "Das Gerät konnte es nicht speichern. Es ist nichts verloren: "
	    "Versuchen Sie es noch einmal, oder schalten Sie das Gerät aus und "
	    "ein." },
	[WORD_WRITE_FAILED] = { "The request is not on the stick: none is "
				"there, it was pulled out, it is full or it "
				"cannot be written. It has to be formatted as "
				"FAT and named KONKLAVE. Try again.",
	    "Der Antrag ist nicht auf dem Stick: Es ist keiner da, er wurde "
	    "abgezogen, er ist voll oder lässt sich nicht beschreiben. Er muss "
	    "mit FAT formatiert sein und KONKLAVE heißen. Versuchen Sie es "
	    "noch einmal." },
	[WORD_WRITTEN] = { "The request is on the stick, which can be pulled "
			   "out now. Take it to whoever has the site's CA; the "
			   "certificate (.pem, with the same name) comes back "
			   "on the stick.",
	    "Der Antrag ist auf dem Stick, der jetzt abgezogen werden kann. "
	    "Bringen Sie ihn zur CA des Standorts; das Zertifikat (.pem, mit "
	    "demselben Namen) kommt auf dem Stick zurück." },
	[WORD_NO_CHAIN] = { "The stick has no certificate for this box. Its "
			    "file has the request's name, with .pem at its "
			    "end.",
	    "Der Stick hat kein Zertifikat für dieses Gerät. Die Datei heißt "
	    "wie der Antrag, mit .pem am Ende." },
	[WORD_INSTALLED] = { "The certificate is taken. Others see this box as "
			     "verified.",
	    "Das Zertifikat ist übernommen. Andere sehen dieses Gerät als "
	    "geprüft." },
	[WORD_INSTALL_FOREIGN] = { "This certificate is for another key, or "
				   "from a CA that this box does not trust. "
				   "The site's ca.pem has to be in the "
				   "profile.",
	    "Dieses Zertifikat ist für einen anderen Schlüssel oder von einer "
	    "CA, der dieses Gerät nicht vertraut. Die ca.pem des Standorts "
	    "muss im Profil stehen." },
	[WORD_INSTALL_OVER] = { "This certificate is over, or not valid yet. "
				"The box's clock may be wrong.",
	    "Dieses Zertifikat ist abgelaufen oder gilt noch nicht. Vielleicht "
	    "geht die Uhr des Geräts falsch." },
	[WORD_INSTALL_REVOKED] = { "This certificate was revoked. Ask for a "
				   "new one.",
	    "Dieses Zertifikat wurde widerrufen. Beantragen Sie ein neues." },
	[WORD_INSTALL_BUSY] = { "The box is in a meeting, or its certificate "
				"is given otherwise. Try again later.",
	    "Das Gerät ist in einer Besprechung, oder sein Zertifikat kommt "
	    "von anderswo. Versuchen Sie es später noch einmal." },
	[WORD_INSTALL_FAILED] = { "The certificate could not be taken: the "
				  "file is damaged, or the box could not keep "
				  "it. Try again.",
	    "Das Zertifikat konnte nicht übernommen werden: Die Datei ist "
	    "beschädigt, oder das Gerät konnte es nicht speichern. Versuchen "
	    "Sie es noch einmal." },
	[WORD_NO_KEYS] = { "The box's keys are not ready yet. Try again in a "
			   "moment.",
	    "Die Schlüssel des Geräts sind noch nicht bereit. Versuchen Sie es "
	    "gleich noch einmal." },
	[WORD_NO_TPM] = { "The box's key is to be in a TPM, and this box has "
			  "none that it can use. No key is made anywhere else: "
			  "switch the TPM on in the firmware's setup, or "
			  "choose a sealed file.",
	    "Der Schlüssel des Geräts soll in einem TPM liegen, und dieses "
	    "Gerät hat keins, das es benutzen kann. Woanders wird keiner "
	    "gemacht: Schalten Sie das TPM im Setup der Firmware ein, oder "
	    "wählen Sie eine versiegelte Datei." },
	[WORD_NO_CURVE] = { "The TPM or token that the box's key is to be in "
			    "does not have the kind of key that meetings need "
			    "(P-384). No key is made anywhere else: go back "
			    "and choose a sealed file.",
	    "Das TPM oder Token, in dem der Schlüssel des Geräts liegen soll, "
	    "kann nicht die Art Schlüssel, die Besprechungen brauchen (P-384). "
	    "Woanders wird keiner gemacht: Gehen Sie zurück und wählen Sie "
	    "eine versiegelte Datei." },
	[WORD_NO_TOKEN] = { "The token that the box's key is to be in is not "
			    "there, or this box does not have its library. No "
			    "key is made anywhere else: plug the token in, or "
			    "choose a sealed file; go back, and say yes once "
			    "more.",
	    "Das Token, in dem der Schlüssel des Geräts liegen soll, ist nicht "
	    "da, oder diesem Gerät fehlt seine Bibliothek. Woanders wird "
	    "keiner gemacht: Stecken Sie das Token ein, oder wählen Sie eine "
	    "versiegelte Datei; gehen Sie zurück, und sagen Sie noch einmal "
	    "Ja." },
	[WORD_NO_PIN] = { "The PIN of the token that the box's key is to be in "
			  "is missing, wrong or locked. It is not tried again "
			  "by itself: put it right in the profile (keys-pin).",
	    "Die PIN des Tokens, in dem der Schlüssel des Geräts liegen soll, "
	    "fehlt, ist falsch oder gesperrt. Von selbst wird sie nicht noch "
	    "einmal versucht: Berichtigen Sie sie im Profil (keys-pin)." },
	[WORD_NO_KEY] = { "The box's key cannot be used where it is to be: "
			  "that does not answer, or it was cleared, or it is "
			  "another box's. No key is made anywhere else. The "
			  "box's log has more.",
	    "Der Schlüssel des Geräts lässt sich da, wo er liegen soll, nicht "
	    "benutzen: Es antwortet nicht, wurde geleert oder gehört einem "
	    "anderen Gerät. Woanders wird keiner gemacht. Mehr steht im "
	    "Protokoll des Geräts." },
	[WORD_KEEPS] = { "One moment: the box is set up …",
	    "Einen Moment: Das Gerät wird eingerichtet …" },
	[WORD_WRITES] = { "Do not pull out the stick: it is written …",
	    "Stick nicht abziehen: Er wird beschrieben …" },
	[WORD_READS] = { "One moment …", "Einen Moment …" },
	[WORD_COUNTS_DOWN] = { "Without an answer it goes on by itself in",
	    "Ohne Antwort geht es von selbst weiter in" },
	[WORD_SECONDS] = { "seconds", "Sekunden" },
	[WORD_NAME_IS] = { "Verified as", "Geprüft als" },
	[WORD_KEY_IS] = { "Fingerprint of this box's key",
	    "Fingerabdruck des Schlüssels dieses Geräts" },
};

const char *word_get(enum welcome_word word, bool is_german)
{
	return words[word][is_german];
}

const char *word_button(enum welcome_button button, bool is_german)
{
	static const char *const labels[BUTTONS][2] = {
		[BUTTON_NEXT] = { "Next", "Weiter" },
		[BUTTON_BACK] = { "Back", "Zurück" },
		[BUTTON_YES] = { "Yes, set it up", "Ja, so einrichten" },
		[BUTTON_TAKE] = { "Yes, take it", "Ja, übernehmen" },
		[BUTTON_LEAVE] = { "No", "Nein" },
		[BUTTON_WRITE] = { "Write the request", "Antrag schreiben" },
		[BUTTON_READ] = { "Read the stick", "Stick lesen" },
		[BUTTON_LATER] = { "Done", "Fertig" },
		[BUTTON_ENOUGH] = { "OK", "OK" },
		[BUTTON_CANCEL] = { "Cancel", "Abbrechen" },
		[BUTTON_ERASE] = { "Erase", "Löschen" },
		[BUTTON_SPACE] = { "Space", "Leerzeichen" },
		[BUTTON_SHIFT] = { "Shift", "Groß" },
	};

	return labels[button][is_german];
}

const char *word_title(enum welcome_page page, bool is_german)
{
	static const char *const titles[WELCOME_PAGES][2] = {
		[WELCOME_LANGUAGE] = { "Welcome · Willkommen",
		    "Willkommen · Welcome" },
		[WELCOME_NAME] = { "Which room is this?",
		    "Welcher Raum ist das?" },
		[WELCOME_NETWORK] = { "Network", "Netz" },
		[WELCOME_ACCESS] = { "More of the network", "Mehr zum Netz" },
		[WELCOME_SERVER] = { "Server and page", "Server und Seite" },
		[WELCOME_REVIEW] = { "Is this right?", "Stimmt das so?" },
		[WELCOME_STICK] = { "A stick was found",
		    "Ein Stick wurde gefunden" },
		[WELCOME_ENROL] = { "The box's certificate",
		    "Das Zertifikat des Geräts" },
	};

	return titles[page][is_german];
}

static const char language[] =
    "This box is not set up yet. Choose a language, or plug in a stick with a "
    "profile (konklave.conf) at any time. · Dieses Gerät ist noch nicht "
    "eingerichtet. Wählen Sie eine Sprache, oder stecken Sie jederzeit einen "
    "Stick mit einem Profil (konklave.conf) ein.";

const char *word_hint(enum welcome_page page, bool is_german)
{
	static const char *const hints[WELCOME_PAGES][2] = {
		[WELCOME_LANGUAGE] = { language, language },
		[WELCOME_NAME] = { "Others in a meeting see the name.",
		    "Andere in einer Besprechung sehen den Namen." },
		[WELCOME_NETWORK] = { "With DHCP the rest may stay empty.",
		    "Mit DHCP kann der Rest leer bleiben." },
		[WELCOME_ACCESS] = { "All of it may stay empty.",
		    "Alles davon kann leer bleiben." },
		[WELCOME_SERVER] = { "Your site tells them. Without a server "
				     "the box has no meetings.",
		    "Ihr Standort nennt sie. Ohne Server hat das Gerät keine "
		    "Besprechungen." },
		[WELCOME_REVIEW] = { "Nothing is kept before you say yes.",
		    "Bevor Sie Ja sagen, wird nichts gespeichert." },
		[WELCOME_STICK] = { "Shall this box become that?",
		    "Soll dieses Gerät so eingerichtet werden?" },
		[WELCOME_ENROL] = { "The box is set up. Until it has a "
				    "certificate of your site, others see it "
				    "as a guest; that can be done later. "
				    "Compare the fingerprint when the "
				    "certificate is issued.",
		    "Das Gerät ist eingerichtet. Bis es ein Zertifikat Ihres "
		    "Standorts hat, sehen andere es als Gast; das geht auch "
		    "später. Vergleichen Sie den Fingerabdruck, wenn das "
		    "Zertifikat ausgestellt wird." },
	};

	return hints[page][is_german];
}

const char *welcome_page_name(enum welcome_page page)
{
	static const char *const names[WELCOME_PAGES] = {
		[WELCOME_LANGUAGE] = "language",
		[WELCOME_NAME] = "name",
		[WELCOME_NETWORK] = "network",
		[WELCOME_ACCESS] = "access",
		[WELCOME_SERVER] = "server",
		[WELCOME_REVIEW] = "review",
		[WELCOME_STICK] = "stick",
		[WELCOME_ENROL] = "enrol",
	};

	return (unsigned)page < WELCOME_PAGES ? names[page] : "?";
}
