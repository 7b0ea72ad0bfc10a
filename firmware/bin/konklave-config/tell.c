/* tell.c - what people and scripts are told. */
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "config.h"

static const char reset_asks[] =
    "At its next start this box would erase all that it keeps: its profile, "
    "its keys,\ncertificates and log. Nothing brings them back. To confirm: "
    "konklave-config reset {1}";
static const char reset_fragt[] =
    "Beim nächsten Start würde dieses Gerät alles löschen, was es aufhebt: "
    "Profil, Schlüssel,\nZertifikate und Protokoll. Nichts bringt sie zurück. "
    "Zum Bestätigen: konklave-config reset {1}";

static const char reset_marked[] =
    "At its next start this box erases all that it keeps. To take that back: "
    "konklave-config reset cancel";
static const char reset_gemerkt[] =
    "Beim nächsten Start löscht dieses Gerät alles, was es aufhebt. Zum "
    "Zurücknehmen: konklave-config reset cancel";

static const char no_tpm[] =
    "keys = tpm: this box has no TPM that it can use. No key is made anywhere "
    "else, so it takes\npart in no meeting: switch the TPM on in the "
    "firmware's setup, or take another line (keys = file).";
static const char kein_tpm[] =
    "keys = tpm: Dieses Gerät hat kein TPM, das es benutzen kann. Es wird "
    "nirgends sonst ein Schlüssel\ngemacht, und es nimmt an keiner "
    "Besprechung teil: Schalten Sie das TPM im Setup der Firmware\nein, oder "
    "nehmen Sie eine andere Zeile (keys = file).";

static const char no_module[] =
    "keys: this box does not have the token's library (module-path). No key "
    "is made anywhere\nelse, so it takes part in no meeting: take an image "
    "that has it, or another line (keys = file).";
static const char kein_modul[] =
    "keys: Diesem Gerät fehlt die Bibliothek des Tokens (module-path). Es "
    "wird nirgends sonst ein\nSchlüssel gemacht, und es nimmt an keiner "
    "Besprechung teil: Nehmen Sie ein Image, das sie hat,\noder eine andere "
    "Zeile (keys = file).";

static const char *const words[CONFIG_WORDS][2] = {
	[CONFIG_RIGHT] = { "{1}: nothing is wrong", "{1}: nichts ist falsch" },
	[CONFIG_STORED] = { "{1}: kept; it counts from the next start",
	    "{1}: übernommen; es gilt ab dem nächsten Start" },
	[CONFIG_TAKEN] = { "{1}: this is what the box is",
	    "{1}: so ist das Gerät eingerichtet" },
	[CONFIG_NONE] = { "This box has no profile yet.",
	    "Dieses Gerät hat noch kein Profil." },
	[CONFIG_THERE] = { "This box has a profile already.",
	    "Dieses Gerät hat schon ein Profil." },
	[CONFIG_BROKEN] = { "The profile on the disk is damaged.",
	    "Das Profil auf dem Datenträger ist beschädigt." },
	[CONFIG_FILE] = { "{1}: {2}", "{1}: {2}" },
	[CONFIG_RESET_ASK] = { reset_asks, reset_fragt },
	[CONFIG_RESET_CODE] = { "This is not the code of this start.",
	    "Das ist nicht der Code dieses Starts." },
	[CONFIG_RESET_MARKED] = { reset_marked, reset_gemerkt },
	[CONFIG_RESET_CANCELLED] = { "Nothing will be erased.",
	    "Es wird nichts gelöscht." },
	[CONFIG_RESET_OTHER] = { "{1}: asks another box to erase itself",
	    "{1}: ein anderes Gerät soll sich löschen" },
	[CONFIG_STICK_NOTHING] = { "{1}: nothing for this box",
	    "{1}: nichts für dieses Gerät" },
	[CONFIG_NO_TPM] = { no_tpm, kein_tpm },
	[CONFIG_NO_MODULE] = { no_module, kein_modul },
};

static void json_print(sd_json_variant *v)
{
	(void)sd_json_variant_dump(v, SD_JSON_FORMAT_NEWLINE, stdout, NULL);
	(void)fflush(stdout);
	sd_json_variant_unref(v);
}

void tell_word(const struct config_tell *t, enum config_word word,
    enum kk_err err)
{
	const char *const values[PROGRAM_VALUES] = { t->file,
		kk_err_text(err) };
	sd_json_variant *v = NULL;

	if (!t->is_json) {
		program_say(stderr, words[word][t->is_german], values);
		return;
	}
	if (sd_json_buildo(&v, SD_JSON_BUILD_PAIR_BOOLEAN("ok", !err),
		SD_JSON_BUILD_PAIR_STRING("error", kk_err_name(err)),
		SD_JSON_BUILD_PAIR_STRING("of", t->file)) >= 0)
		json_print(v);
}

/* What is wrong, after the key: as konklave-flash says it. */
static void problem_write(char *out, size_t room, bool is_german,
    const struct profile_problem *problem)
{
	const bool has_key = problem->key < PROFILE_KEYS;
	const bool tells = has_key && problem->what == PROFILE_VALUE;

	(void)snprintf(out, room, "%s%s%s%s%s%s",
	    has_key ? profile_key_name(problem->key) : "", has_key ? ": " : "",
	    profile_wrong_text(problem->what, is_german), tells ? " (" : "",
	    tells ? profile_key_text(problem->key, is_german) : "",
	    tells ? ")" : "");
}

static int problem_build(sd_json_variant **v, bool is_ok, bool is_german,
    const struct profile_problem *problem)
{
	const bool has_key = problem->key < PROFILE_KEYS;
	char text[512];

	problem_write(text, sizeof(text), is_german, problem);
	return sd_json_buildo(v,
	    SD_JSON_BUILD_PAIR_CONDITION(!is_ok, "ok",
		SD_JSON_BUILD_BOOLEAN(false)),
	    SD_JSON_BUILD_PAIR_UNSIGNED("line", problem->line),
	    SD_JSON_BUILD_PAIR_CONDITION(has_key, "key",
		SD_JSON_BUILD_STRING(profile_key_name(problem->key))),
	    SD_JSON_BUILD_PAIR_STRING("text", text));
}

static void problem_say(const struct config_tell *t,
    const struct profile_problem *problem, bool is_warning)
{
	static const char *const kept[2] = {
		" (kept for another version, not used)",
		" (für eine andere Version aufgehoben, nicht benutzt)"
	};
	char line[32], text[512];
	const char *const values[PROGRAM_VALUES] = { t->file, line, text };

	(void)snprintf(line, sizeof(line), "%s %zu",
	    t->is_german ? "Zeile" : "line", problem->line);
	problem_write(text, sizeof(text), t->is_german, problem);
	if (is_warning)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s", kept[t->is_german]);
	/* What is missing stands in no line. */
	program_say(stderr, problem->line ? "{1}: {2}: {3}" : "{1}: {3}",
	    values);
}

void tell_problem(const struct config_tell *t,
    const struct profile_problem *problem)
{
	sd_json_variant *v = NULL;

	if (!t->is_json)
		problem_say(t, problem, false);
	else if (problem_build(&v, false, t->is_german, problem) >= 0)
		json_print(v);
}

static int warnings_build(const struct config_tell *t, const struct profile *p,
    sd_json_variant **list)
{
	int r = sd_json_variant_new_array(list, NULL, 0);

	for (size_t i = 0; r >= 0 && i < p->other_count; i++) {
		sd_json_variant *one = NULL;

		r = problem_build(&one, true, t->is_german, &p->others[i].why);
		if (r >= 0)
			r = sd_json_variant_append_array(list, one);
		sd_json_variant_unref(one);
	}
	if (r >= 0 && t->lacks != CONFIG_WORDS)
		r = sd_json_variant_append_arraybo(list,
		    SD_JSON_BUILD_PAIR_UNSIGNED("line", 0),
		    SD_JSON_BUILD_PAIR_STRING("key",
			profile_key_name(PROFILE_KEYSTORE)),
		    SD_JSON_BUILD_PAIR_STRING("text",
			words[t->lacks][t->is_german]));
	return r;
}

void tell_right(const struct config_tell *t, enum config_word word,
    const struct profile *p)
{
	sd_json_variant *v = NULL, *warnings = NULL;

	if (!t->is_json) {
		for (size_t i = 0; i < p->other_count; i++)
			problem_say(t, &p->others[i].why, true);
		if (t->lacks != CONFIG_WORDS)
			tell_word(t, t->lacks, KK_OK);
		tell_word(t, word, KK_OK);
		return;
	}
	if (warnings_build(t, p, &warnings) >= 0 &&
	    sd_json_buildo(&v, SD_JSON_BUILD_PAIR_BOOLEAN("ok", true),
		SD_JSON_BUILD_PAIR_VARIANT("warnings", warnings)) >= 0)
		json_print(v);
	sd_json_variant_unref(warnings);
}

/* --- what the box has ----------------------------------------------------- */

void tell_profile(const struct config_tell *t, const struct profile *p)
{
	sd_json_variant *v = NULL;
	int r = sd_json_variant_new_object(&v, NULL, 0);
	char shown[PROFILE_SHOWN_BYTES];

	for (unsigned i = 0; r >= 0 && i < PROFILE_KEYS; i++) {
		const enum profile_key key = (enum profile_key)i;

		if (!p->values[i][0])
			continue;
		profile_value_show(p, key, shown);
		if (!t->is_json)
			(void)printf("%s = %s\n", profile_key_name(key), shown);
		else
			r = sd_json_variant_set_field_string(&v,
			    profile_key_name(key), shown);
	}
	if (t->is_json && r >= 0)
		json_print(sd_json_variant_ref(v));
	sd_json_variant_unref(v);
}
