/* keys.c - the box's key and its certificate, by keyd's role setup. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-varlink.h>

#include "call/call.h"
#include "konklave_welcome.h"

#define KEYS "io.konklave.Keys."

enum {
	ANSWER_S = 20,
	USEC = 1000000,
	STEM_DIGITS = 8,
	STATUS_BYTES = 512,
	CASE = 'a' - 'A'
};

/* One request over a connection of its own; in is taken over.  *out is the
 * caller's. */
static enum kk_err ask(const char *socket, const char *method,
    sd_json_variant *in, sd_json_variant **out)
{
	sd_json_variant *answer = NULL;
	sd_varlink *link = NULL;
	const char *error = NULL;
	enum kk_err err = KK_EIO;

	*out = NULL;
	if (sd_varlink_connect_address(&link, socket) >= 0 &&
	    sd_varlink_set_relative_timeout(link, (uint64_t)ANSWER_S * USEC) >=
		0 &&
	    sd_varlink_call(link, method, in, &answer, &error) >= 0)
		err = call_err_of(error);
	if (!err)
		*out = sd_json_variant_ref(answer);
	sd_json_variant_unref(in);
	(void)sd_varlink_close_unref(link);
	return err;
}

enum kk_err keys_ask(const char *socket, struct welcome_key *key)
{
	sd_json_variant *out = NULL;
	enum kk_err err = ask(socket, KEYS "Enrolment", NULL, &out);

	*key = (struct welcome_key){ 0 };
	if (!err)
		err = call_needed(call_get_text(out, "fingerprint",
		    key->fingerprint, sizeof(key->fingerprint)));
	if (!err)
		err = call_needed(call_get_text(out, "name", key->name,
		    sizeof(key->name)));
	if (!err)
		err = call_needed(call_get_bool(out, "verified",
		    &key->is_verified));
	sd_json_variant_unref(out);
	if (err)
		*key = (struct welcome_key){ 0 };
	return err;
}

enum welcome_trouble keys_trouble(const char *systemctl)
{
	static const char mark[] = "trouble=";
	static const struct {
		const char *word;
		enum welcome_trouble trouble;
	} rows[] = {
		{ "no-tpm", WELCOME_NO_TPM },
		{ "curve", WELCOME_NO_CURVE },
		{ "no-token", WELCOME_NO_TOKEN },
		{ "token", WELCOME_NO_TOKEN },
		{ "no-pin", WELCOME_NO_PIN },
		{ "pin", WELCOME_NO_PIN },
	};
	const char *const argv[] = { systemctl, "show", "--property=StatusText",
		"--value", "keyd.service", NULL };
	char said[STATUS_BYTES] = "";
	char *word = said + sizeof(mark) - 1;

	if (program_run(argv, said, sizeof(said)) ||
	    strncmp(said, mark, sizeof(mark) - 1) != 0)
		return WELCOME_NO_TROUBLE;
	word[strcspn(word, " \n")] = '\0';
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		if (!strcmp(word, rows[i].word))
			return rows[i].trouble;
	}
	return WELCOME_NO_KEY;
}

enum kk_err keys_request(const char *socket, struct kk_bytes *pem)
{
	sd_json_variant *out = NULL;
	enum kk_err err = ask(socket, KEYS "MakeRequest", NULL, &out);

	*pem = (struct kk_bytes){ 0 };
	if (!err)
		err = call_needed(call_get_bytes(out, "request",
		    REQUEST_BYTES_MAX, pem));
	sd_json_variant_unref(out);
	return err;
}

static enum kk_err chain_ask(const char *socket, const char *method,
    struct kk_view pem, sd_json_variant **out)
{
	sd_json_variant *in = NULL;
	enum kk_err err = call_put_bytes(&in, "chain", pem);

	*out = NULL;
	if (!err)
		return ask(socket, method, in, out);
	sd_json_variant_unref(in);
	return err;
}

enum kk_err keys_install(const char *socket, struct kk_view pem)
{
	sd_json_variant *out = NULL;
	enum kk_err err = chain_ask(socket, KEYS "InstallChain", pem, &out);

	sd_json_variant_unref(out);
	return err;
}

enum kk_err keys_check(const char *socket, struct kk_view pem,
    uint64_t *until_s)
{
	sd_json_variant *out = NULL;
	enum kk_err err = chain_ask(socket, KEYS "CheckChain", pem, &out);

	if (!err)
		err = call_needed(call_get_u64(out, "until", INT64_MAX,
		    until_s));
	sd_json_variant_unref(out);
	return err;
}

enum kk_err keys_end(const char *socket, uint64_t *until_s)
{
	sd_json_variant *out = NULL;
	enum kk_err err = ask(socket, KEYS "Enrolment", NULL, &out);
	bool is_verified = false;

	*until_s = 0;
	if (!err)
		err = call_needed(call_get_bool(out, "verified", &is_verified));
	if (!err && is_verified)
		err = call_get_u64(out, "until", INT64_MAX, until_s);
	sd_json_variant_unref(out);
	return err == KK_ENOENT ? KK_OK : err;
}

enum kk_err keys_replace(const char *socket, struct kk_view pem)
{
	sd_json_variant *out = NULL;
	enum kk_err err = chain_ask(socket, KEYS "ReplaceChain", pem, &out);

	sd_json_variant_unref(out);
	return err;
}

/* Eight digits tell a site's boxes apart on one stick. */
bool keys_stem(const char *fingerprint, char stem[STEM_BYTES])
{
	char digits[STEM_DIGITS + 1] = "";
	size_t n = 0;

	for (; *fingerprint && n < STEM_DIGITS; fingerprint++) {
		char c = *fingerprint;

		if (c == ' ')
			continue;
		if (c >= 'A' && c <= 'F')
			c += CASE;
		if (!strchr("0123456789abcdef", c))
			return false;
		digits[n++] = c;
	}
	(void)snprintf(stem, STEM_BYTES, "konklave-%s", digits);
	return n == STEM_DIGITS;
}
