/* words.c - a profile as a text, and what is wrong with one, in words. */
#include <stdio.h>
#include <string.h>

#include "profile/profile.h"

static const char *const wrongs[PROFILE_WRONG_COUNT][2] = {
	[PROFILE_RIGHT] = { "nothing is wrong", "nichts ist falsch" },
	[PROFILE_NO_PAIR] = { "this line is not \"key = value\"",
	    "diese Zeile ist kein \"Schlüssel = Wert\"" },
	[PROFILE_UNKNOWN] = { "there is no such key",
	    "diesen Schlüssel gibt es nicht" },
	[PROFILE_TWICE] = { "this key was there before",
	    "dieser Schlüssel stand schon da" },
	[PROFILE_VALUE] = { "this key does not take that value",
	    "diesen Wert nimmt der Schlüssel nicht" },
	[PROFILE_MISSING] = { "this key is missing", "dieser Schlüssel fehlt" },
	[PROFILE_ANCHOR] = { "no whole certificate in PEM stands here",
	    "hier steht kein ganzes Zertifikat in PEM" },
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
	[PROFILE_PROXY] = { "http://HOST:PORT", "http://HOST:PORT" },
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

enum kk_err profile_write(const struct profile *p, struct kk_bytes *out)
{
	static const char section[] = "[anchors]\n";
	size_t room = (size_t)PROFILE_KEYS * (PROFILE_VALUE_MAX + 16) +
	    sizeof(section) + p->anchors.bytes + 1;
	char *text;
	size_t at = 0;

	for (size_t i = 0; i < p->other_count; i++)
		room += p->others[i].line.bytes + 1;
	text = kk_calloc(1, room);

	*out = (struct kk_bytes){ NULL, 0 };
	if (!text)
		return KK_ENOMEM;
	for (unsigned i = 0; i < PROFILE_KEYS; i++) {
		if (p->values[i][0])
			at += (size_t)snprintf(text + at, room - at,
			    "%s = %s\n", profile_key_name(i), p->values[i]);
	}
	for (size_t i = 0; i < p->other_count; i++) {
		const struct kk_view line = p->others[i].line;

		memcpy(text + at, line.data, line.bytes);
		at += line.bytes;
		text[at++] = '\n';
	}
	if (p->anchors.bytes > 0) {
		memcpy(text + at, section, sizeof(section) - 1);
		at += sizeof(section) - 1;
		memcpy(text + at, p->anchors.data, p->anchors.bytes);
		at += p->anchors.bytes;
	}
	*out = (struct kk_bytes){ (uint8_t *)text, at };
	return KK_OK;
}
