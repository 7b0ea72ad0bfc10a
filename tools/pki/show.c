/* show.c - what there is: one certificate, one request, all, and the log. */
#define _GNU_SOURCE /* libsystemd's headers ask for it */
#include <string.h>
#include <systemd/sd-json.h>
#include <unistd.h>

#include "program/program.h"
#include "tools/pki/answer.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

enum { BEGINNING_MIN = 6, SOON_DAYS = 60 };

enum kk_err pki_serial_find(struct pki *p, const char *beginning,
    const struct pki_event **event)
{
	size_t bytes = strlen(beginning);

	*event = NULL;
	for (size_t i = 0; bytes >= BEGINNING_MIN && i < p->index.count; i++) {
		const struct pki_event *e = &p->index.events[i];

		if (e->act != PKI_ISSUED ||
		    strncmp(e->serial, beginning, bytes) != 0)
			continue;
		if (*event)
			return pki_fail(p, PKI_REFUSED, PKI_BAD_SERIAL_TWO,
			    beginning, NULL);
		*event = e;
	}
	return *event ?
	    KK_OK :
	    pki_fail(p, PKI_REFUSED, PKI_BAD_SERIAL, beginning, NULL);
}

static enum kk_err request_show(struct pki *p, const char *path)
{
	struct pki_request r;
	struct kk_bytes text;
	enum pki_flaw flaw;
	enum kk_err err = program_file_read(path, PKI_REQUEST_MAX_BYTES, &text);
	char *sans;

	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_READ, path,
		    kk_err_text(err));
	flaw = pki_request_read(&r, kk_bytes_view(&text));
	kk_bytes_clear(&text);
	if (flaw)
		return pki_fail(p, PKI_REFUSED,
		    (enum pki_word)(PKI_FLAW_WORDS + flaw - 1), path, NULL);
	if (p->o.is_json) {
		sans = pki_sans_text(r.sans);
		err = pki_answer(p, "name", r.name, "key", r.key, "names", sans,
		    PKI_END);
		kk_free(sans);
	} else {
		pki_tell(p, PKI_TELL_NAME, r.name, NULL);
		pki_tell_sans(p, r.sans);
		pki_tell_key(p, r.key);
	}
	pki_request_clear(&r);
	return err;
}

static enum kk_err cert_show(struct pki *p, const struct pki_event *e)
{
	const struct pki_event *end = pki_index_revoked(&p->index, e->serial);
	char at[PKI_TIME_TEXT], until[PKI_TIME_TEXT], over[PKI_TIME_TEXT] = "";
	const char *reason = end ? pki_reason_name(end->reason) : "";

	pki_time_text(e->at_s, at);
	pki_time_text(e->until_s, until);
	if (end)
		pki_time_text(end->at_s, over);
	if (p->o.is_json)
		return pki_answer(p, "serial", e->serial, "kind",
		    pki_kind_name(e->kind), "name", e->name, "key", e->key,
		    "issued", at, "until", until, "state", pki_state(p, e),
		    "revoked", over, "reason", reason, "renewed", e->renewed,
		    PKI_END);
	pki_tell(p, PKI_TELL_SERIAL, e->serial, NULL);
	pki_tell(p, PKI_TELL_KIND, pki_kind_name(e->kind), NULL);
	pki_tell(p, PKI_TELL_NAME, e->name, NULL);
	pki_tell_key(p, e->key);
	pki_tell(p, PKI_TELL_FROM, at, NULL);
	pki_tell(p, PKI_TELL_UNTIL, until, NULL);
	pki_tell(p, PKI_TELL_STATE, pki_state(p, e), NULL);
	if (end)
		(void)printf("  %s %s\n", over, reason);
	(void)printf("  %s/issued/%s.pem\n", p->o.folder, e->serial);
	return KK_OK;
}

enum kk_err pki_show(struct pki *p)
{
	const struct pki_event *e = NULL;
	enum kk_err err;

	if (!access(p->o.word[1], F_OK))
		return request_show(p, p->o.word[1]);
	err = pki_folder_open(p, false);
	if (!err)
		err = pki_serial_find(p, p->o.word[1], &e);
	return err || !e ? err : cert_show(p, e);
}

static int issued_append(const struct pki *p, const struct pki_event *e,
    sd_json_variant **list)
{
	char at[PKI_TIME_TEXT], until[PKI_TIME_TEXT];

	pki_time_text(e->at_s, at);
	pki_time_text(e->until_s, until);
	return sd_json_variant_append_arraybo(list,
	    SD_JSON_BUILD_PAIR_STRING("serial", e->serial),
	    SD_JSON_BUILD_PAIR_STRING("kind", pki_kind_name(e->kind)),
	    SD_JSON_BUILD_PAIR_STRING("name", e->name),
	    SD_JSON_BUILD_PAIR_STRING("key", e->key),
	    SD_JSON_BUILD_PAIR_STRING("issued", at),
	    SD_JSON_BUILD_PAIR_STRING("until", until),
	    SD_JSON_BUILD_PAIR_STRING("state", pki_state(p, e)));
}

static enum kk_err list_json(struct pki *p)
{
	sd_json_variant *list = NULL;
	int ret = sd_json_variant_new_array(&list, NULL, 0);

	for (size_t i = 0; ret >= 0 && i < p->index.count; i++)
		if (p->index.events[i].act == PKI_ISSUED)
			ret = issued_append(p, &p->index.events[i], &list);
	if (ret >= 0)
		ret = sd_json_variant_dump(list, SD_JSON_FORMAT_NEWLINE, stdout,
		    NULL);
	sd_json_variant_unref(list);
	return ret < 0 ? pki_fail(p, PKI_FAILED, PKI_BAD_MEMORY, NULL, NULL) :
			 KK_OK;
}

/* Revoked, and in no list yet: an act that was cut short. */
bool pki_crl_is_behind(const struct pki *p)
{
	for (size_t i = p->index.count; i > 0; i--) {
		if (p->index.events[i - 1].act == PKI_REVOKED)
			return true;
		if (p->index.events[i - 1].act == PKI_CRL)
			return pki_crl_number(p) <
			    p->index.events[i - 1].number;
	}
	return false;
}

static void crl_tell(struct pki *p)
{
	const struct pki_event *crl = pki_index_crl(&p->index);
	char until[PKI_TIME_TEXT] = "";

	if (crl)
		pki_time_text(crl->until_s, until);
	if (pki_crl_is_behind(p))
		pki_tell(p, PKI_TELL_CRL_BEHIND, NULL, NULL);
	else if (crl && crl->until_s < p->now_s)
		pki_tell(p, PKI_TELL_CRL_OLD, until, NULL);
}

static bool is_followed(const struct pki *p, const char *serial)
{
	for (size_t i = 0; i < p->index.count; i++)
		if (p->index.events[i].act == PKI_ISSUED &&
		    !strcmp(p->index.events[i].renewed, serial))
			return true;
	return false;
}

/* Good, and soon over, and nothing follows. */
static void soon_tell(struct pki *p)
{
	char count[24];
	size_t soon = 0;

	for (size_t i = 0; i < p->index.count; i++) {
		const struct pki_event *e = &p->index.events[i];

		if (e->act == PKI_ISSUED && e->until_s >= p->now_s &&
		    e->until_s < p->now_s + (int64_t)SOON_DAYS * PKI_DAY_S &&
		    !pki_index_revoked(&p->index, e->serial) &&
		    !is_followed(p, e->serial))
			soon++;
	}
	(void)snprintf(count, sizeof(count), "%zu", soon);
	if (soon > 0)
		pki_tell(p, PKI_TELL_SOON, count, NULL);
}

enum kk_err pki_list(struct pki *p)
{
	enum kk_err err = pki_folder_open(p, false);
	char until[PKI_TIME_TEXT];
	size_t count = 0;

	if (err)
		return err;
	if (p->o.is_json)
		return list_json(p);
	pki_tell(p, PKI_TELL_SITE, p->index.events[0].name, NULL);
	for (size_t i = 0; i < p->index.count; i++) {
		const struct pki_event *e = &p->index.events[i];

		if (e->act != PKI_ISSUED)
			continue;
		count++;
		pki_time_text(e->until_s, until);
		(void)printf("%.12s  %-8s  %.10s  %-7s  %s\n", e->serial,
		    pki_kind_name(e->kind), until, pki_state(p, e), e->name);
	}
	if (count == 0)
		pki_tell(p, PKI_TELL_NONE, NULL, NULL);
	soon_tell(p);
	crl_tell(p);
	return KK_OK;
}

enum kk_err pki_log(struct pki *p)
{
	struct kk_bytes text = { 0 };
	enum kk_err err = pki_folder_open(p, false);

	if (!err)
		err = pki_folder_read(p, "log.txt", &text);
	if (!err && text.bytes > 0)
		(void)fwrite(text.data, 1, text.bytes, stdout);
	kk_bytes_clear(&text);
	return err;
}
