/* words.c - what people read, in English and German. */
#include <string.h>

#include "program/words.h"
#include "tools/sandbox/sandbox.h"

/* {1} to {3} are replaced by sandbox_tell()'s values. */
static const char *const words[WORD_COUNT][2] = {
	[WORD_SFUD] = { "forwards sealed media; holds no key and no name",
	    "leitet versiegelte Medien weiter; hat weder Schlüssel noch "
	    "Namen" },
	[WORD_WEBD] = { "serves the page for guests",
	    "liefert die Seite für Gäste aus" },
	[WORD_KEYD] = { "holds the room's identity and the meeting's keys; has "
			"no network",
	    "hält die Identität des Raums und die Schlüssel der Besprechung; "
	    "hat kein Netz" },
	[WORD_ROOMD] = { "runs the meeting: who is in it, whose turn it is",
	    "führt die Besprechung: wer dabei ist, wer an der Reihe ist" },
	[WORD_MEDIAD] = { "camera, sound and screen; seals and opens the media",
	    "Kamera, Ton und Bildschirm; versiegelt und öffnet die Medien" },
	[WORD_MIXD] = { "mixes what telephones and the meeting say",
	    "mischt, was Telefone und die Besprechung sagen" },
	[WORD_LINED] = { "telephone lines; knows nothing of the meeting",
	    "Telefonleitungen; weiß nichts von der Besprechung" },
	[WORD_LINES_KEYD] = { "the keys of the telephone lines' own member",
	    "die Schlüssel der Telefonleitungen, die ein eigenes Mitglied "
	    "sind" },
	[WORD_LINES_ROOMD] = { "takes part in the meeting for the lines: which "
			       "of them is in it",
	    "nimmt für die Leitungen an der Besprechung teil: welche in ihr "
	    "ist" },
	[WORD_STARTING] = { "Konklave sandbox: starting",
	    "Konklave-Sandkasten: startet" },
	[WORD_OPEN] = { "Open this link in a browser on this PC:",
	    "Öffnen Sie diesen Link in einem Browser auf diesem PC:" },
	[WORD_OTHER] = { "Scan this with another device in this network:",
	    "Scannen Sie dies mit einem anderen Gerät in diesem Netz:" },
	[WORD_WARNING] = { "(Its browser warns of the certificate, which is "
			   "the sandbox's own: {1}/ca.pem)",
	    "(Dessen Browser warnt vor dem Zertifikat, denn es ist vom "
	    "Sandkasten selbst: {1}/ca.pem)" },
	[WORD_CALL] = { "By telephone: call {1} with any SIP telephone.",
	    "Per Telefon: Rufen Sie {1} mit einem beliebigen SIP-Telefon an." },
	[WORD_CALL_KEYS] = { "When asked, enter number {1} and PIN {2}, "
			     "each followed by #.",
	    "Geben Sie dort die Nummer {1} und die PIN {2} ein, jeweils mit # "
	    "am Ende." },
	[WORD_WINDOW] = { "The room's picture is in a window; every second "
			  "also in {1}",
	    "Das Bild des Raums ist in einem Fenster; jede Sekunde auch in "
	    "{1}" },
	[WORD_PICTURE] = { "The room's picture, new every second: {1}",
	    "Das Bild des Raums, jede Sekunde neu: {1}" },
	[WORD_LOGS] = { "Logs: {1}/log", "Protokolle: {1}/log" },
	[WORD_END] = { "Ctrl-C ends everything.", "Strg-C beendet alles." },
	[WORD_ENDING] = { "Ending (Ctrl-C again: at once) ...",
	    "Wird beendet (noch einmal Strg-C: sofort) ..." },
	[WORD_ENDED] = { "Ended.", "Beendet." },
	[WORD_AGAIN] = { "{1} ended ({2}) and is started again",
	    "{1} ist ausgefallen ({2}) und wird neu gestartet" },
	[WORD_FAILED] = { "{1} does not start. What it said: {2}/log/{3}.log",
	    "{1} startet nicht. Was es meldete: {2}/log/{3}.log" },
	[WORD_PORT] = { "Port {1} ({2}) is in use by another program. Choose "
			"others, for example: make run PORT={3}",
	    "Port {1} ({2}) ist von einem anderen Programm belegt. Wählen Sie "
	    "andere, zum Beispiel: make run PORT={3}" },
	[WORD_RUNS] = { "A sandbox runs already with the folder {1}. End it, "
			"or choose another: make run STATE=FOLDER PORT=N",
	    "Mit dem Ordner {1} läuft schon ein Sandkasten. Beenden Sie ihn, "
	    "oder wählen Sie einen anderen: make run STATE=ORDNER PORT=N" },
};

const char *sandbox_word(bool is_german, enum sandbox_word word)
{
	return words[word][is_german];
}

void sandbox_tell(const struct sandbox *s, enum sandbox_word word,
    const char *one, const char *two, const char *three)
{
	program_say(stdout, sandbox_word(s->is_german, word),
	    (const char *const[]){ one, two, three });
}

char *sandbox_local_link(const struct sandbox *s)
{
	const char *meeting = strchr(s->box[0].link, '#');

	if (!meeting)
		return sandbox_text("%s", "");
	return sandbox_text("http://localhost:%u/%s",
	    sandbox_port(&s->options, SANDBOX_PAGE_PLAIN), meeting);
}

static enum sandbox_word word_of(const struct sandbox_child *c)
{
	static const enum sandbox_word what[SANDBOX_PROGRAMS] = {
		[SANDBOX_LINED] = WORD_LINED,
		[SANDBOX_MIXD] = WORD_MIXD,
		[SANDBOX_MEDIAD] = WORD_MEDIAD,
		[SANDBOX_ROOMD] = WORD_ROOMD,
		[SANDBOX_KEYD] = WORD_KEYD,
		[SANDBOX_WEBD] = WORD_WEBD,
		[SANDBOX_SFUD] = WORD_SFUD,
	};

	if (c->box == SANDBOX_LINES && c->program == SANDBOX_KEYD)
		return WORD_LINES_KEYD;
	if (c->box == SANDBOX_LINES && c->program == SANDBOX_ROOMD)
		return WORD_LINES_ROOMD;
	return what[c->program];
}

static void children_tell(const struct sandbox *s)
{
	struct sandbox_child *c;
	size_t count = 0;

	while (sandbox_child_at(s, count))
		count++;
	while (count > 0) {
		c = sandbox_child_at(s, --count);
		(void)printf("  %-*s %s\n", s->options.lines ? 11 : 8, c->label,
		    sandbox_word(s->is_german, word_of(c)));
	}
}

static void other_tell(const struct sandbox *s)
{
	if (!s->has_host)
		return;
	(void)printf("\n%s\n\n", sandbox_word(s->is_german, WORD_OTHER));
	sandbox_qr_print(s->box[0].link, s->has_colour);
	(void)printf("\n  %s\n  ", s->box[0].link);
	sandbox_tell(s, WORD_WARNING, s->site, NULL, NULL);
}

static void lines_tell(const struct sandbox *s)
{
	const size_t digits = strcspn(s->dial_in, " ");
	char number[SANDBOX_DIAL_IN_BYTES], *uri;

	if (!s->options.lines || !s->dial_in[digits])
		return;
	(void)snprintf(number, sizeof(number), "%.*s", (int)digits, s->dial_in);
	uri = sandbox_text("sip:konklave@%s:%u",
	    s->has_host ? s->host : "127.0.0.1",
	    sandbox_port(&s->options, SANDBOX_SIP));
	sandbox_tell(s, WORD_CALL, uri ? uri : "", NULL, NULL);
	sandbox_tell(s, WORD_CALL_KEYS, number, s->dial_in + digits + 1, NULL);
	(void)puts("");
	kk_free(uri);
}

/* Everything is there: tells people, once. */
void sandbox_announce(struct sandbox *s)
{
	bool has_window = s->options.has_window;
	char *link = sandbox_local_link(s);

	(void)puts("");
	children_tell(s);
	other_tell(s);
	(void)printf("\n%s\n\n  %s%s%s\n\n",
	    sandbox_word(s->is_german, WORD_OPEN),
	    s->has_colour ? "\033[1m" : "", link ? link : "",
	    s->has_colour ? "\033[0m" : "");
	kk_free(link);
	lines_tell(s);
	for (unsigned i = 0; i < s->options.boxes; i++)
		sandbox_tell(s,
		    has_window && i == 0 ? WORD_WINDOW : WORD_PICTURE,
		    s->box[i].picture, NULL, NULL);
	sandbox_tell(s, WORD_LOGS, s->options.state, NULL, NULL);
	sandbox_tell(s, WORD_END, NULL, NULL, NULL);
}
