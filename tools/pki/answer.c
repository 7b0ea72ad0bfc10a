/* answer.c - what commands answer. */
#define _GNU_SOURCE /* libsystemd's headers ask for it */
#include "tools/pki/answer.h"

#include <stdarg.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "base/text.h"

enum { KEY_SPACED = PKI_KEY_TEXT + PKI_KEY_TEXT / 4, SAN = 300 };

enum kk_err pki_answer(struct pki *p, ...)
{
	sd_json_variant *v = NULL;
	const char *name;
	int ret = 0;
	va_list list;

	va_start(list, p);
	while (ret >= 0 && (name = va_arg(list, const char *))) {
		const char *value = va_arg(list, const char *);

		if (value && *value)
			ret = sd_json_variant_set_field_string(&v, name, value);
	}
	va_end(list);
	if (ret >= 0)
		ret = sd_json_variant_dump(v, SD_JSON_FORMAT_NEWLINE, stdout,
		    NULL);
	sd_json_variant_unref(v);
	return ret < 0 ? pki_fail(p, PKI_FAILED, PKI_BAD_MEMORY, NULL, NULL) :
			 KK_OK;
}

void pki_tell_key(const struct pki *p, const char *key)
{
	char spaced[KEY_SPACED];

	kk_text_blocks(key, spaced, sizeof(spaced));
	pki_tell(p, PKI_TELL_KEY, spaced, NULL);
}

void pki_tell_sans(const struct pki *p, const GENERAL_NAMES *sans)
{
	char text[SAN];

	for (int i = 0; sans && i < sk_GENERAL_NAME_num(sans); i++)
		if (pki_san_text(sk_GENERAL_NAME_value(sans, i), text,
			sizeof(text)))
			pki_tell(p, PKI_TELL_SAN, text, NULL);
}

char *pki_sans_text(const GENERAL_NAMES *sans)
{
	size_t count = sans ? (size_t)sk_GENERAL_NAME_num(sans) : 0, at = 0;
	size_t room = count * SAN + 1;
	char *all = kk_calloc(room, 1);

	for (size_t i = 0; all && i < count; i++) {
		char text[SAN];
		int n;

		if (!pki_san_text(sk_GENERAL_NAME_value(sans, (int)i), text,
			sizeof(text)))
			continue;
		n = snprintf(all + at, room - at, "%s%s", at ? " " : "", text);
		at += n > 0 ? (size_t)n : 0;
	}
	return all;
}

const char *pki_state(const struct pki *p, const struct pki_event *issued)
{
	if (pki_index_revoked(&p->index, issued->serial))
		return "revoked";
	return issued->until_s < p->now_s ? "over" : "good";
}
