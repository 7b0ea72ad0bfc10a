/* issue.c - certificates from requests: new ones, and ones that follow. */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "program/program.h"
#include "tools/pki/answer.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

/* How long, where --days does not tell: people and rooms change, the key of
 * updates is built into images. */
static const unsigned kind_days[PKI_KINDS] = { [PKI_BOX] = 1095,
	[PKI_PERSON] = 730,
	[PKI_RECORDER] = 1095,
	[PKI_SERVER] = 820,
	[PKI_UPDATE] = 3650,
	[PKI_NETWORK] = 1095 };

struct issue {
	struct pki_request request;
	enum pki_kind kind;
	struct pki_plan plan;
	GENERAL_NAMES *sans; /* the request's, and those of --san */
	const struct pki_event *old; /* what it follows, or NULL */
	struct pki_event event;
};

static void issue_clear(struct issue *i)
{
	if (i->sans != i->request.sans)
		GENERAL_NAMES_free(i->sans);
	pki_request_clear(&i->request);
}

static enum kk_err request_take(struct pki *p, const char *path,
    struct pki_request *request)
{
	struct kk_bytes text;
	enum pki_flaw flaw;
	enum kk_err err = program_file_read(path, PKI_REQUEST_MAX_BYTES, &text);

	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_READ, path,
		    kk_err_text(err));
	flaw = pki_request_read(request, kk_bytes_view(&text));
	kk_bytes_clear(&text);
	if (flaw)
		return pki_fail(p, PKI_REFUSED,
		    (enum pki_word)(PKI_FLAW_WORDS + flaw - 1), path, NULL);
	return KK_OK;
}

static enum kk_err sans_take(struct pki *p, struct issue *i)
{
	if (i->request.sans) {
		i->sans = i->request.sans;
		i->request.sans = NULL;
	}
	for (size_t n = 0; n < p->o.name_count; n++)
		if (!pki_san_add(&i->sans, p->o.names[n]))
			return pki_fail(p, PKI_USAGE, PKI_BAD_SAN,
			    p->o.names[n], NULL);
	return KK_OK;
}

/* Names by which programs are called belong to servers, addresses of people to
 * people: a box's name is its common name. */
static enum kk_err sans_check(struct pki *p, const struct issue *i)
{
	int count = i->sans ? sk_GENERAL_NAME_num(i->sans) : 0;

	if (i->kind == PKI_SERVER && count == 0)
		return pki_fail(p, PKI_REFUSED, PKI_BAD_SERVER_NAMES, NULL,
		    NULL);
	for (int n = 0; n < count; n++) {
		int type = sk_GENERAL_NAME_value(i->sans, n)->type;

		if ((i->kind == PKI_SERVER) == (type == GEN_EMAIL) ||
		    (i->kind != PKI_SERVER && i->kind != PKI_PERSON))
			return pki_fail(p, PKI_REFUSED, PKI_BAD_PERSON_NAMES,
			    NULL, NULL);
	}
	return KK_OK;
}

static enum kk_err plan_name(struct pki *p, struct issue *i)
{
	struct kk_view name;

	i->plan.name = p->o.name ? p->o.name : i->request.name;
	name = kk_view_text(i->plan.name);
	if (name.bytes > PKI_NAME_BYTES || !kk_text_is_shown(name))
		return pki_fail(p, PKI_USAGE, PKI_BAD_NAME, "--name", NULL);
	if (i->old && strcmp(i->old->name, i->plan.name) != 0)
		return pki_fail(p, PKI_REFUSED, PKI_BAD_RENEW_NAME,
		    i->plan.name, i->old->name);
	return KK_OK;
}

/* A key that was given away once is no proof of anybody any more. */
static enum kk_err key_check(struct pki *p, const struct issue *i)
{
	for (size_t n = 0; n < p->index.count; n++) {
		const struct pki_event *e = &p->index.events[n];
		const struct pki_event *end;

		if (e->act != PKI_ISSUED || strcmp(e->key, i->request.key) != 0)
			continue;
		end = pki_index_revoked(&p->index, e->serial);
		if (end && end->reason == PKI_KEY_COMPROMISE)
			return pki_fail(p, PKI_REFUSED, PKI_BAD_KEY_REVOKED,
			    e->serial, NULL);
	}
	return KK_OK;
}

/* No certificate outlives the CA's. */
static enum kk_err plan_make(struct pki *p, struct issue *i)
{
	int64_t ca_until_s = pki_asn1_time(X509_get0_notAfter(p->ca));
	int64_t ca_from_s = pki_asn1_time(X509_get0_notBefore(p->ca));
	int64_t days = p->o.days ? p->o.days : kind_days[i->kind];

	i->plan.kind = i->kind;
	i->plan.public = i->request.public;
	i->plan.sans = i->sans;
	i->plan.from_s = p->now_s - PKI_BACK_S;
	if (i->plan.from_s < ca_from_s)
		i->plan.from_s = ca_from_s;
	i->plan.until_s = p->now_s + days * PKI_DAY_S;
	if (i->plan.until_s > ca_until_s)
		i->plan.until_s = ca_until_s;
	if (crypto_random(i->plan.serial, sizeof(i->plan.serial)))
		return pki_fail(p, PKI_FAILED, PKI_BAD_MEMORY, NULL, NULL);
	return KK_OK;
}

static void event_make(struct pki *p, struct issue *i)
{
	i->event = (struct pki_event){ .act = PKI_ISSUED,
		.at_s = p->now_s,
		.kind = i->kind,
		.until_s = i->plan.until_s };
	pki_serial_text(i->plan.serial, i->event.serial);
	memcpy(i->event.key, i->request.key, sizeof(i->event.key));
	(void)snprintf(i->event.name, sizeof(i->event.name), "%s",
	    i->plan.name);
	if (i->old)
		memcpy(i->event.renewed, i->old->serial,
		    sizeof(i->event.renewed));
}

static void plan_tell(const struct pki *p, const struct issue *i)
{
	char until[PKI_TIME_TEXT];

	if (p->o.is_json)
		return;
	pki_time_text(i->plan.until_s, until);
	pki_tell(p, PKI_TELL_KIND, pki_kind_name(i->kind), NULL);
	pki_tell(p, PKI_TELL_NAME, i->plan.name, NULL);
	pki_tell_sans(p, i->sans);
	pki_tell_key(p, i->request.key);
	pki_tell(p, PKI_TELL_UNTIL, until, NULL);
	pki_tell(p, PKI_TELL_COMPARE, NULL, NULL);
}

static enum kk_err issued_tell(struct pki *p, const struct issue *i)
{
	char until[PKI_TIME_TEXT];

	(void)snprintf(p->note, sizeof(p->note), "%s %s %s",
	    pki_kind_name(i->kind), i->event.serial, i->event.name);
	pki_time_text(i->plan.until_s, until);
	if (p->o.is_json)
		return pki_answer(p, "serial", i->event.serial, "kind",
		    pki_kind_name(i->kind), "name", i->event.name, "key",
		    i->event.key, "until", until, "renewed", i->event.renewed,
		    PKI_END);
	pki_tell(p, PKI_TELL_ISSUED, i->event.serial, NULL);
	if (p->o.out)
		pki_tell(p, PKI_TELL_CARRY, p->o.out, NULL);
	return KK_OK;
}

/* Signed, and tried as a box would, before anything is written. */
static enum kk_err cert_make(struct pki *p, struct issue *i,
    struct kk_bytes *pem)
{
	X509 *cert = NULL;
	enum kk_err err = pki_cert_make(&i->plan, p->ca, p->key, &cert);

	*pem = (struct kk_bytes){ 0 };
	if (!err)
		err = pki_cert_check(cert, p->ca, NULL, p->now_s);
	if (!err)
		err = pki_cert_pem(cert, pem);
	X509_free(cert);
	return err ?
	    pki_fail(p, PKI_FAILED, PKI_BAD_CHECK, kk_err_text(err), NULL) :
	    KK_OK;
}

static enum kk_err issue_make(struct pki *p, struct issue *i)
{
	struct kk_bytes pem = { 0 };
	enum kk_err err = pki_ask_sure(p, i->request.key);

	if (!err)
		err = pki_key_load(p);
	if (!err)
		err = cert_make(p, i, &pem);
	if (!err)
		err = pki_folder_act(p, &i->event, &pem);
	if (!err && p->o.out)
		err = pki_file_write(p, p->o.out, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return err ? err : issued_tell(p, i);
}

static enum kk_err issue_run(struct pki *p, struct issue *i, const char *path)
{
	enum kk_err err = request_take(p, path, &i->request);

	if (!err)
		err = sans_take(p, i);
	if (!err)
		err = sans_check(p, i);
	if (!err)
		err = plan_name(p, i);
	if (!err)
		err = key_check(p, i);
	if (!err)
		err = plan_make(p, i);
	if (!err) {
		event_make(p, i);
		plan_tell(p, i);
		err = issue_make(p, i);
	}
	issue_clear(i);
	return err;
}

enum kk_err pki_issue(struct pki *p)
{
	struct issue i = { 0 };
	enum kk_err err;

	if (!pki_kind_of(p->o.word[1], &i.kind))
		return pki_fail(p, PKI_USAGE, PKI_BAD_KIND, p->o.word[1], NULL);
	err = pki_folder_open(p, true);
	return err ? err : issue_run(p, &i, p->o.word[2]);
}

enum kk_err pki_renew(struct pki *p)
{
	struct issue i = { 0 };
	struct pki_event old;
	const struct pki_event *found = NULL;
	enum kk_err err = pki_folder_open(p, true);

	if (!err)
		err = pki_serial_find(p, p->o.word[1], &found);
	if (!err && pki_index_revoked(&p->index, found->serial))
		err = pki_fail(p, PKI_REFUSED, PKI_BAD_REVOKED, found->serial,
		    NULL);
	if (err)
		return err;
	old = *found; /* the index moves when it grows */
	i.old = &old;
	i.kind = old.kind;
	return issue_run(p, &i, p->o.word[2]);
}
