/* commands.c - what a technician and a box's units ask for. */
#define _GNU_SOURCE /* scandir() */
#include <dirent.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <time.h>

#include "port.h"

enum word {
	WORD_MADE, /* {1} fingerprint */
	WORD_NO_8021X,
	WORD_NO_REQUEST,
	WORD_FAILED, /* {1} of what, {2} why */
	WORD_NO_PORT,
	WORD_PUT,  /* {1} the file */
	WORD_FLAWS /* PORT_FLAWS of them */
};

enum { WORDS = WORD_FLAWS + PORT_FLAWS };

/* {1} is the file. */
static const char *const words[WORDS][2] = {
	[WORD_FLAWS + PORT_FITS] = { "{1}: kept", "{1}: übernommen" },
	[WORD_FLAWS + PORT_FITS_ALONE] = { "{1}: kept. Its CA is none of the "
					   "profile's: the network has to know "
					   "it.",
	    "{1}: übernommen. Seine CA steht nicht im Profil: das Netz muss "
	    "sie kennen." },
	[WORD_FLAWS + PORT_NO_PEM] = { "{1}: not a chain of certificates "
				       "(PEM), this box's first",
	    "{1}: keine Kette von Zertifikaten (PEM), das dieses Geräts als "
	    "erstes" },
	[WORD_FLAWS + PORT_OTHER_KEY] = { "{1}: the certificate is of another "
					  "key than this box's request",
	    "{1}: das Zertifikat gehört zu einem anderen Schlüssel als dem "
	    "dieses Geräts" },
	[WORD_FLAWS + PORT_NO_CHAIN] = { "{1}: one of the certificates is not "
					 "issued by the one behind it",
	    "{1}: eines der Zertifikate ist nicht vom nächsten ausgestellt" },
	[WORD_FLAWS + PORT_NO_CLIENT] = { "{1}: the certificate is not for "
					  "client authentication",
	    "{1}: das Zertifikat ist nicht zur Anmeldung (Client "
	    "Authentication)" },
	[WORD_FLAWS + PORT_OVER] = { "{1}: the certificate is over, or this "
				     "box's clock is wrong",
	    "{1}: das Zertifikat ist abgelaufen, oder die Uhr dieses Geräts "
	    "geht falsch" },
	[WORD_FLAWS + PORT_NOT_YET] = { "{1}: the certificate is not good yet, "
					"or this box's clock is wrong",
	    "{1}: das Zertifikat gilt noch nicht, oder die Uhr dieses Geräts "
	    "geht falsch" },
	[WORD_MADE] = { "The key for the network has the fingerprint {1}",
	    "Der Schlüssel für das Netz hat den Fingerabdruck {1}" },
	[WORD_NO_8021X] = { "The profile does not ask for 802.1X.",
	    "Das Profil verlangt kein 802.1X." },
	[WORD_NO_REQUEST] = { "There is no request yet: konklave-port prepare "
			      "makes it.",
	    "Es gibt noch keine Anfrage: konklave-port prepare macht sie." },
	[WORD_FAILED] = { "{1}: {2}", "{1}: {2}" },
	[WORD_NO_PORT] = { "No port waits for 802.1X.",
	    "Kein Anschluss wartet auf 802.1X." },
	[WORD_PUT] = { "{1}: the request for the network's certificate",
	    "{1}: die Anfrage nach dem Zertifikat für das Netz" },
};

static void say(const struct port_options *o, enum word word, const char *of,
    const char *why)
{
	const bool is_good = word == WORD_MADE || word == WORD_PUT ||
	    word == WORD_NO_8021X || word <= WORD_FLAWS + PORT_FITS_ALONE;
	const char *const values[PROGRAM_VALUES] = { of, why };
	sd_json_variant *v = NULL;

	if (!o->is_json)
		program_say(stderr, words[word][program_wants_german()],
		    values);
	else if (sd_json_buildo(&v, SD_JSON_BUILD_PAIR_BOOLEAN("ok", is_good),
		     SD_JSON_BUILD_PAIR_STRING("text", words[word][0]),
		     SD_JSON_BUILD_PAIR_STRING("of", of ? of : "")) >= 0)
		(void)sd_json_variant_dump(v, SD_JSON_FORMAT_NEWLINE, stdout,
		    NULL);
	sd_json_variant_unref(v);
}

static bool fail(const struct port_options *o, const char *of, enum kk_err err)
{
	say(o, WORD_FAILED, of, kk_err_text(err));
	return false;
}

/* --- the key -------------------------------------------------------------- */

static void made_tell(const struct port_options *o, struct kk_view request)
{
	char print[PORT_PRINT_BYTES], blocks[PORT_PRINT_BYTES * 2];

	if (port_request_print(request, print))
		return;
	kk_text_blocks(print, blocks, sizeof(blocks));
	say(o, WORD_MADE, blocks, NULL);
}

/* The request comes last: with it there is a key that opens. */
static enum kk_err both_make(const struct port_options *o,
    const char identity[PORT_IDENTITY_BYTES])
{
	uint8_t der[PORT_KEY_BYTES];
	size_t bytes = 0;
	struct kk_bytes request;
	enum kk_err err = port_key_make(identity, der, &bytes, &request);

	if (!err)
		err = port_key_seal(o->root, kk_view_of(der, bytes));
	kk_wipe(der, sizeof(der));
	if (!err)
		err = port_write(o->root, PORT_REQUEST,
		    kk_bytes_view(&request));
	if (!err)
		made_tell(o, kk_bytes_view(&request));
	kk_bytes_clear(&request);
	return err;
}

static bool prepare(const struct port_options *o)
{
	char identity[PORT_IDENTITY_BYTES];
	struct kk_bytes request;
	enum kk_err err = port_identity(o->root, identity);

	if (err == KK_ENOENT) {
		say(o, WORD_NO_8021X, NULL, NULL);
		return true;
	}
	if (err)
		return fail(o, "profile", err);
	err = port_read(o->root, PORT_REQUEST, &request);
	kk_bytes_clear(&request);
	if (!err && port_key_is_there(o->root))
		return true;
	err = both_make(o, identity);
	return err ? fail(o, "port.key", err) : true;
}

/* Public: for the CA. */
static bool request(const struct port_options *o)
{
	struct kk_bytes text;
	const enum kk_err err = port_read(o->root, PORT_REQUEST, &text);
	bool is_done = false;

	if (err == KK_ENOENT)
		say(o, WORD_NO_REQUEST, NULL, NULL);
	else if (err)
		return fail(o, PORT_REQUEST, err);
	else
		is_done = fwrite(text.data, 1, text.bytes, stdout) ==
		    text.bytes;
	if (is_done)
		made_tell(o, kk_bytes_view(&text));
	kk_bytes_clear(&text);
	return is_done;
}

/* --- the certificate ------------------------------------------------------ */

static enum port_flaw chain_look(const struct port_options *o,
    struct kk_view chain, struct kk_view asked)
{
	char path[PORT_PATH_BYTES];
	struct kk_bytes anchors = { 0 };
	enum port_flaw flaw;

	if (snprintf(path, sizeof(path), "%s/run/konklave/config/anchors.pem",
		o->root) >= (int)sizeof(path) ||
	    program_file_read(path, PORT_FILE_BYTES, &anchors))
		anchors = (struct kk_bytes){ 0 };
	flaw = port_chain_check(chain, asked, kk_bytes_view(&anchors),
	    (int64_t)time(NULL));
	kk_bytes_clear(&anchors);
	return flaw;
}

static bool certificate_take(const struct port_options *o, const char *path)
{
	struct kk_bytes chain, asked = { 0 };
	enum port_flaw flaw;
	enum kk_err err = program_file_read(path, PORT_FILE_BYTES, &chain);

	if (err)
		return fail(o, path, err);
	err = port_read(o->root, PORT_REQUEST, &asked);
	if (err) {
		kk_bytes_clear(&chain);
		say(o, WORD_NO_REQUEST, NULL, NULL);
		return false;
	}
	flaw = chain_look(o, kk_bytes_view(&chain), kk_bytes_view(&asked));
	if (flaw <= PORT_FITS_ALONE)
		err = port_write(o->root, PORT_CERTIFICATE,
		    kk_bytes_view(&chain));
	kk_bytes_clear(&asked);
	kk_bytes_clear(&chain);
	if (err)
		return fail(o, PORT_CERTIFICATE, err);
	say(o, (enum word)(WORD_FLAWS + (int)flaw), path, NULL);
	return flaw <= PORT_FITS_ALONE;
}

static bool certificate(const struct port_options *o)
{
	return certificate_take(o, o->word);
}

/* --- a stick -------------------------------------------------------------- */

/* port-XXXXXXXX.EXT, by the key's first digits: a stick serves many boxes. */
static bool stick_path(const struct port_options *o, const char *print,
    const char *ext, char out[PORT_PATH_BYTES])
{
	return snprintf(out, PORT_PATH_BYTES, "%s/port-%.8s.%s", o->word, print,
		   ext) < PORT_PATH_BYTES;
}

static enum kk_err put(const char *path, struct kk_view text)
{
	FILE *file = fopen(path, "we");
	bool is_done;

	if (!file)
		return KK_EIO;
	is_done = fwrite(text.data, 1, text.bytes, file) == text.bytes;
	return fclose(file) == 0 && is_done ? KK_OK : KK_EIO;
}

/* On the room's picture. */
static void picture_tell(const struct port_options *o, enum notice_kind kind,
    const char *path)
{
	char folder[PORT_PATH_BYTES];

	if (snprintf(folder, sizeof(folder), "%s" PROGRAM_NOTICES, o->root) <
	    (int)sizeof(folder))
		(void)program_notice_tell(folder, "port", kind, path);
}

static bool stick_take(const struct port_options *o, const char *path)
{
	const bool is_taken = certificate_take(o, path);

	picture_tell(o, is_taken ? NOTICE_PORT_TAKEN : NOTICE_PORT_REFUSED,
	    path);
	return is_taken;
}

static bool stick_serve(const struct port_options *o, struct kk_view asked)
{
	char print[PORT_PRINT_BYTES], path[PORT_PATH_BYTES];
	struct kk_bytes chain;
	enum kk_err err;

	if (port_request_print(asked, print) ||
	    !stick_path(o, print, "pem", path))
		return fail(o, PORT_REQUEST, KK_EFORMAT);
	err = program_file_read(path, PORT_FILE_BYTES, &chain);
	kk_bytes_clear(&chain);
	if (err != KK_ENOENT)
		return stick_take(o, path);
	if (!stick_path(o, print, "csr", path))
		return fail(o, o->word, KK_ELIMIT);
	err = put(path, asked);
	picture_tell(o, err ? NOTICE_REQUEST_FAILED : NOTICE_REQUEST_PUT, path);
	if (err)
		return fail(o, path, err);
	say(o, WORD_PUT, path, NULL);
	return true;
}

static bool stick(const struct port_options *o)
{
	struct kk_bytes asked;
	bool is_done;

	if (port_read(o->root, PORT_REQUEST, &asked)) {
		say(o, WORD_NO_REQUEST, NULL, NULL);
		return false;
	}
	is_done = stick_serve(o, kk_bytes_view(&asked));
	kk_bytes_clear(&asked);
	return is_done;
}

/* --- how it stands -------------------------------------------------------- */

static int is_state(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && !strstr(entry->d_name, ".new");
}

static enum port_state state_read(const char *folder, const char *port)
{
	char path[PORT_PATH_BYTES];
	struct kk_bytes text = { 0 };
	enum port_state state = PORT_STATES;

	if (snprintf(path, sizeof(path), "%s/%s", folder, port) <
		(int)sizeof(path) &&
	    !program_file_read(path, 64, &text) && text.bytes > 0)
		state = port_state_of(kk_view_of(text.data, text.bytes - 1));
	kk_bytes_clear(&text);
	return state;
}

static void state_tell(const struct port_options *o, const char *port,
    enum port_state state, sd_json_variant **all)
{
	if (!o->is_json)
		(void)printf("%s: %s\n", port,
		    port_state_text(state, program_wants_german()));
	else
		(void)sd_json_variant_set_field_string(all, port,
		    port_state_name(state));
}

static bool status(const struct port_options *o)
{
	char folder[PORT_PATH_BYTES];
	sd_json_variant *all = NULL;
	struct dirent **list = NULL;
	int count = 0;

	(void)snprintf(folder, sizeof(folder), "%s/run/konklave/port", o->root);
	(void)sd_json_variant_new_object(&all, NULL, 0);
	count = scandir(folder, &list, is_state, alphasort);
	for (int i = 0; i < count; i++) {
		const enum port_state state = state_read(folder,
		    list[i]->d_name);

		if (state < PORT_STATES)
			state_tell(o, list[i]->d_name, state, &all);
		kk_free(list[i]);
	}
	kk_free(list);
	if (o->is_json)
		(void)sd_json_variant_dump(all, SD_JSON_FORMAT_NEWLINE, stdout,
		    NULL);
	else if (count <= 0)
		say(o, WORD_NO_PORT, NULL, NULL);
	sd_json_variant_unref(all);
	return true;
}

bool port_command(const struct port_options *o)
{
	static const struct {
		const char *name;
		bool (*run)(const struct port_options *o);
	} commands[] = {
		{ "prepare", prepare },
		{ "request", request },
		{ "certificate", certificate },
		{ "stick", stick },
		{ "status", status },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(commands); i++) {
		if (!strcmp(o->verb, commands[i].name))
			return commands[i].run(o);
	}
	return false;
}
