/* words.c - what is wrong with a profile, in words. */
#include "profile/profile_private.h"

static const char *const wrongs[PROFILE_WRONG_COUNT][2] = {
	[PROFILE_RIGHT] = { "nothing is wrong", "nichts ist falsch" },
	[PROFILE_NO_PAIR] = { "this line is not \"key = value\"",
	    "diese Zeile ist kein \"Schlüssel = Wert\"" },
	[PROFILE_UNKNOWN] = { "there is no such key or part",
	    "diesen Schlüssel oder Abschnitt gibt es nicht" },
	[PROFILE_TWICE] = { "this was there before", "das stand schon da" },
	[PROFILE_VALUE] = { "this key does not take that value",
	    "diesen Wert nimmt der Schlüssel nicht" },
	[PROFILE_MISSING] = { "this key is missing", "dieser Schlüssel fehlt" },
	[PROFILE_NO_PART] = { "its part is missing: [telephones] of "
			      "telephones, else [anchors] (or [8021x-anchors])",
	    "sein Abschnitt fehlt: [telephones] zu telephones, sonst [anchors] "
	    "(oder [8021x-anchors])" },
	[PROFILE_ANCHOR] = { "no whole certificate in PEM stands here",
	    "hier steht kein ganzes Zertifikat in PEM" },
	[PROFILE_ACCOUNT] = { "this line is not \"USER HA1\", or that user was "
			      "there before, or there are too many",
	    "diese Zeile ist nicht \"USER HA1\", oder diesen Benutzer gab es "
	    "schon, oder es sind zu viele" },
	[PROFILE_SECRET] = { "it holds a private key; a box makes its own, and "
			     "none ever leaves it",
	    "es enthält einen privaten Schlüssel; ein Gerät macht seinen "
	    "eigenen, und keiner verlässt es je" },
	[PROFILE_TOO_LONG] = { "it is too long", "es ist zu lang" },
	[PROFILE_QUOTES] = { "a quotation mark is not closed, or something "
			     "stands behind it",
	    "ein Anführungszeichen ist nicht geschlossen, oder es steht etwas "
	    "dahinter" },
	[PROFILE_COLUMNS] = { "the first line has another number of columns",
	    "die erste Zeile hat eine andere Anzahl Spalten" },
};

static const char *const takes[PROFILE_KEYS][2] = {
	[PROFILE_NAME] = { "a name of one line", "ein Name in einer Zeile" },
	[PROFILE_SITE] = { "a name of one line", "ein Name in einer Zeile" },
	[PROFILE_LANGUAGE] = { "en or de", "en oder de" },
	[PROFILE_NETWORK] = { "dhcp, or static with address",
	    "dhcp, oder static mit address" },
	[PROFILE_ADDRESS] = { "ADDRESS/PREFIX, as 192.0.2.10/24",
	    "ADRESSE/PRÄFIX, wie 192.0.2.10/24" },
	[PROFILE_GATEWAY] = { "an address", "eine Adresse" },
	[PROFILE_DNS] = { "up to four addresses, with commas",
	    "bis zu vier Adressen, mit Kommas" },
	[PROFILE_VLAN] = { "1 to 4094", "1 bis 4094" },
	[PROFILE_8021X] = { "eap-tls", "eap-tls" },
	[PROFILE_8021X_IDENTITY] = { "a name of one line",
	    "ein Name in einer Zeile" },
	[PROFILE_8021X_SERVER] = { "up to four names, with commas",
	    "bis zu vier Namen, mit Kommas" },
	[PROFILE_PROXY] = { "http://HOST:PORT or "
			    "http://USER:PASSWORD@HOST:PORT",
	    "http://HOST:PORT oder http://USER:PASSWORD@HOST:PORT" },
	[PROFILE_NO_PROXY] = { "hosts, .DOMAINs or addresses, with commas",
	    "Rechner, .DOMÄNEN oder Adressen, mit Kommas" },
	[PROFILE_TIME] = { "a server's name or address",
	    "Name oder Adresse eines Servers" },
	[PROFILE_FORWARDER] = { "https://HOST or https://HOST:PORT",
	    "https://HOST oder https://HOST:PORT" },
	[PROFILE_PAGE] = { "https://HOST or https://HOST:PORT",
	    "https://HOST oder https://HOST:PORT" },
	[PROFILE_UPDATES] = { "https://HOST/PATH or https://HOST:PORT/PATH",
	    "https://HOST/PFAD oder https://HOST:PORT/PFAD" },
	[PROFILE_TOKEN] = { "64 hexadecimal digits",
	    "64 hexadezimale Ziffern" },
	[PROFILE_KEYSTORE] = { "file, tpm, or "
			       "pkcs11:token=NAME?module-path=/FILE.so",
	    "file, tpm oder pkcs11:token=NAME?module-path=/DATEI.so" },
	[PROFILE_KEYSTORE_PIN] = { "a token's PIN, up to 64 letters",
	    "PIN eines Tokens, bis zu 64 Zeichen" },
	[PROFILE_CAMERA] = { "auto, none, or words of its name",
	    "auto, none oder Wörter aus ihrem Namen" },
	[PROFILE_MICROPHONE] = { "auto, none, or words of its card's name",
	    "auto, none oder Wörter aus dem Namen der Karte" },
	[PROFILE_LOUDSPEAKER] = { "auto, none, or words of its card's name",
	    "auto, none oder Wörter aus dem Namen der Karte" },
	[PROFILE_SCREEN_SIZE] = { "auto, 1280x720 or 1920x1080",
	    "auto, 1280x720 oder 1920x1080" },
	[PROFILE_LINES] = { "1 to 256", "1 bis 256" },
	[PROFILE_DIAL_IN] = { "1 to 12 digits", "1 bis 12 Ziffern" },
	[PROFILE_DIAL_PIN] = { "4 to 12 digits", "4 bis 12 Ziffern" },
	[PROFILE_DIAL_PREFIXES] = { "up to 16 beginnings of numbers, with "
				    "commas",
	    "bis zu 16 Anfänge von Nummern, mit Kommas" },
	[PROFILE_TALK_MINUTES] = { "0 (no end) to 1440",
	    "0 (ohne Ende) bis 1440" },
	[PROFILE_SRTP] = { "require, prefer or never",
	    "require, prefer oder never" },
	[PROFILE_CALLS_FROM] = { "trunks, known or anybody",
	    "trunks, known oder anybody" },
	[PROFILE_CALLERS] = { "part, full or none", "part, full oder none" },
	[PROFILE_EXCHANGE] = { "sip:HOST, sip:HOST:PORT, and "
			       ";transport=udp, tcp or tls behind it",
	    "sip:HOST, sip:HOST:PORT, und dahinter ;transport=udp, tcp oder "
	    "tls" },
	[PROFILE_EXCHANGE_SPARE] = { "the same as exchange",
	    "dasselbe wie exchange" },
	[PROFILE_EXCHANGE_DOMAIN] = { "a host's name", "Name eines Rechners" },
	[PROFILE_EXCHANGE_USER] = { "a user of SIP", "ein Benutzer von SIP" },
	[PROFILE_EXCHANGE_LOGIN] = { "a name of one line",
	    "ein Name in einer Zeile" },
	[PROFILE_EXCHANGE_PASSWORD] = { "one line", "eine Zeile" },
	[PROFILE_TELEPHONES] = { "a host's name", "Name eines Rechners" },
};

const char *profile_wrong_text(enum profile_wrong what, bool is_german)
{
	return (unsigned)what < PROFILE_WRONG_COUNT ? wrongs[what][is_german] :
						      "?";
}

const char *profile_key_text(enum profile_key key, bool is_german)
{
	return (unsigned)key < PROFILE_KEYS ? takes[key][is_german] : "?";
}
