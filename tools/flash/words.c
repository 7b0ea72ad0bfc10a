/* words.c - what people read, in English and German. */
#include "program/words.h"
#include "tools/flash/flash.h"

/* {1} to {3} are replaced by flash_tell()'s values. */
static const char *const words[FLASH_WORDS][2] = {
	[WORD_DISKS_NONE] = { "There is no disk and no stick. Plug one in, and "
			      "try again.",
	    "Keine Festplatte und kein Stick da. Stecken Sie etwas an und "
	    "versuchen Sie es noch einmal." },
	[WORD_USED] = { "in use", "in Gebrauch" },
	[WORD_SYSTEM] = { "this computer's own", "gehört diesem Rechner" },
	[WORD_READ_ONLY] = { "read-only", "schreibgeschützt" },
	[WORD_DENIED] = { "not allowed; try as root",
	    "nicht erlaubt; als root versuchen" },
	[WORD_EMPTY] = { "empty or unknown", "leer oder unbekannt" },
	[WORD_WRITING] = { "writing", "schreibt" },
	[WORD_READING] = { "reading back", "liest zurück" },
	[WORD_PACKING] = { "packing", "packt" },
	[WORD_IMAGE] = { "Konklave {2} for {1}, signed by \"{3}\"",
	    "Konklave {2} für {1}, signiert von \"{3}\"" },
	[WORD_ASK] = { "All that is on {1} will be lost. To go on, type its "
		       "name ({1}):",
	    "Alles auf {1} geht verloren. Um fortzufahren, geben Sie den Namen "
	    "ein ({1}):" },
	[WORD_NOT_ASKED] = { "Nothing was written. Where nobody can be asked, "
			     "--yes goes on.",
	    "Es wurde nichts geschrieben. Wo niemand gefragt werden kann, "
	    "fährt --yes fort." },
	[WORD_DONE] = { "{1} is written, and was read back without a "
			"difference.",
	    "{1} ist geschrieben und wurde ohne Unterschied "
	    "zurückgelesen." },
	[WORD_PERSONAL] = { "It will be \"{1}\".", "Es wird \"{1}\"." },
	[WORD_NEXT] = { "At its first start the box makes its own key and "
			"shows its fingerprint: compare it when you issue the "
			"certificate.",
	    "Beim ersten Start macht das Gerät seinen eigenen Schlüssel und "
	    "zeigt dessen Fingerabdruck: Vergleichen Sie ihn, wenn Sie das "
	    "Zertifikat ausstellen." },
	[WORD_BOARD] = { "The image is for {1}, not for {2}. Nothing was "
			 "written.",
	    "Das Image ist für {1}, nicht für {2}. Es wurde nichts "
	    "geschrieben." },
	[WORD_SMALL] = { "Too small: {1}, and the image takes {2}. Nothing was "
			 "written.",
	    "Zu klein: {1}, und das Image braucht {2}. Es wurde nichts "
	    "geschrieben." },
	[WORD_IS_USED] = { "{1} is in use ({2}). Unmount it, or say --over={1} "
			   "if it may be overwritten all the same.",
	    "{1} ist in Gebrauch ({2}). Hängen Sie es aus, oder sagen Sie "
	    "--over={1}, wenn es trotzdem überschrieben werden darf." },
	[WORD_IS_SYSTEM] = { "{1} belongs to the running system ({2}). Only "
			     "--over={1} together with --system writes there.",
	    "{1} gehört zum laufenden System ({2}). Nur --over={1} zusammen "
	    "mit --system schreibt dorthin." },
	[WORD_DIFFERS] = { "What was read back at {1} is not what was written. "
			   "The disk is bad or was pulled; it does not boot. "
			   "Try another one.",
	    "Was bei {1} zurückgelesen wurde, ist nicht, was geschrieben "
	    "wurde. Der Datenträger ist schlecht oder wurde gezogen; er "
	    "startet nicht. Nehmen Sie einen anderen." },
	[WORD_LOST] = { "{1} could not be written or read. Plug it in again "
			"and repeat with --resume, or try another one.",
	    "{1} ließ sich nicht schreiben oder lesen. Stecken Sie es neu ein "
	    "und wiederholen Sie mit --resume, oder nehmen Sie ein anderes." },
	[WORD_BROKEN] = { "{1} is not a whole image package. Get it once more.",
	    "{1} ist kein ganzes Image-Paket. Holen Sie es noch einmal." },
	[WORD_UNTRUSTED] = { "{1} is not signed by anybody in the trusted "
			     "certificates. Nothing was written.",
	    "{1} ist von niemandem aus den vertrauten Zertifikaten signiert. "
	    "Es wurde nichts geschrieben." },
	[WORD_NO_PLACE] = { "This image has no place for a profile.",
	    "Dieses Image hat keinen Platz für ein Profil." },
	[WORD_PROFILE] = { "{1}, line {2}: {3}.", "{1}, Zeile {2}: {3}." },
	[WORD_ROW] = { "There is no row {1} in {2}.",
	    "Es gibt keine Zeile {1} in {2}." },
	[WORD_OPEN] = { "{1}: {2}.", "{1}: {2}." },
	[WORD_LEFT] = { "{1} left", "noch {1}" },
	[WORD_STICK_NONE] = { "The stick that this was started from cannot be "
			      "found.",
	    "Der Stick, von dem dies gestartet ist, ist nicht zu finden." },
	[WORD_STICKS] = { "There are several of these sticks. Leave one.",
	    "Es stecken mehrere solche Sticks. Lassen Sie nur einen." },
	[WORD_STICK_PROFILE] = { "The profile on the stick is not whole. Write "
				 "the stick anew. Nothing was written.",
	    "Das Profil auf dem Stick ist nicht ganz. Schreiben Sie den Stick "
	    "neu. Es wurde nichts geschrieben." },
	[WORD_DISK_NONE] = { "This box has no disk of its own that could be "
			     "written.",
	    "Dieses Gerät hat keine eigene Festplatte, die sich schreiben "
	    "ließe." },
	[WORD_DISK_SMALL] = { "The box's disk is too small for the image.",
	    "Die Festplatte des Geräts ist zu klein für das Image." },
	[WORD_COUNT] = { "All that is on {1} will be overwritten in {2} s. Any "
			 "key with Enter stops it.",
	    "In {2} s wird alles auf {1} überschrieben. Eine Taste und Enter "
	    "hält es an." },
	[WORD_WHICH] = { "Which disk is to be overwritten? Its number and "
			 "Enter; anything else: none.",
	    "Welche Festplatte soll überschrieben werden? Ihre Nummer und "
	    "Enter; alles andere: keine." },
	[WORD_NOT_INSTALLED] = { "Nothing was written.",
	    "Es wurde nichts geschrieben." },
	[WORD_INSTALLED] = { "Pull out the stick.",
	    "Ziehen Sie den Stick ab." },
	[WORD_INSTALL_FAILED] = { "{1} could not be written ({2}). It does not "
				  "boot. Try once more, or with another disk.",
	    "{1} ließ sich nicht schreiben ({2}). Sie startet nicht. Versuchen "
	    "Sie es noch einmal, oder mit einer anderen Festplatte." },
	[WORD_OFF] = { "Enter switches off, and so do five minutes.",
	    "Enter schaltet aus, und fünf Minuten auch." },
};

const char *flash_word(enum flash_word word)
{
	return words[word][program_wants_german()];
}

void flash_tell(FILE *out, enum flash_word word, const char *one,
    const char *two, const char *three)
{
	program_say(out, flash_word(word),
	    (const char *const[]){ one, two, three });
}

void flash_json_text(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			(void)fprintf(out, "\\%c", c);
		else if (c < ' ')
			(void)fprintf(out, "\\u%04x", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

void flash_size_text(char text[16], uint64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB" };
	const char comma = program_wants_german() ? ',' : '.';
	uint64_t tenths = bytes / 100;
	size_t unit = 0;

	while (tenths >= 10000 && unit + 1 < KK_ARRAY_LEN(units)) {
		tenths /= 1000;
		unit++;
	}
	(void)snprintf(text, 16, "%u%c%u %s", (unsigned)(tenths / 10 % 100000),
	    comma, (unsigned)(tenths % 10), units[unit]);
}
