/* revoke.c - what is not to be believed any more, and the list of it. */
#include <string.h>

#include "program/program.h"
#include "tools/pki/answer.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

/* The number is taken first: two lists of one number must never be. */
static enum kk_err number_take(struct pki *p, struct pki_event *e)
{
	const struct pki_event *last = pki_index_crl(&p->index);
	int64_t days = p->o.days && strcmp(p->o.word[0], "crl") == 0 ?
	    p->o.days :
	    PKI_CRL_DAYS;

	*e = (struct pki_event){ .act = PKI_CRL,
		.at_s = p->now_s,
		.until_s = p->now_s + days * PKI_DAY_S,
		.number = last ? last->number + 1 : 1 };
	return pki_folder_act(p, e, NULL);
}

static enum kk_err list_write(struct pki *p, X509_CRL *crl)
{
	struct kk_bytes pem;
	enum kk_err err = pki_crl_pem(crl, &pem);

	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_MEMORY, NULL, NULL);
	err = pki_folder_write(p, "crl.pem", kk_bytes_view(&pem));
	if (!err && p->o.out)
		err = pki_file_write(p, p->o.out, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return err;
}

uint64_t pki_crl_number(const struct pki *p)
{
	struct kk_bytes pem;
	ASN1_INTEGER *n = NULL;
	uint64_t number = 0;
	X509_CRL *crl = NULL;

	if (program_file_read_in(p->folder, "crl.pem", PKI_INDEX_MAX_BYTES,
		&pem))
		return 0;
	crl = pki_crl_of_pem(kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	if (crl)
		n = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	if (!n || ASN1_INTEGER_get_uint64(&number, n) != 1)
		number = 0;
	ASN1_INTEGER_free(n);
	X509_CRL_free(crl);
	return number;
}

enum kk_err pki_crl_make(struct pki *p)
{
	struct pki_event e;
	X509_CRL *crl = NULL;
	enum kk_err err = number_take(p, &e);

	if (err)
		return err;
	err = pki_crl_sign(&p->index, p->ca, p->key, e.number,
	    p->now_s - PKI_BACK_S, e.until_s, &crl);
	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_CHECK, kk_err_text(err),
		    NULL);
	err = list_write(p, crl);
	X509_CRL_free(crl);
	return err;
}

static enum kk_err crl_tell(struct pki *p, const char *revoked)
{
	const struct pki_event *e = pki_index_crl(&p->index);
	char number[24], next[PKI_TIME_TEXT];

	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)e->number);
	pki_time_text(e->until_s, next);
	if (p->o.is_json)
		return pki_answer(p, "revoked", revoked, "crl", number, "next",
		    next, PKI_END);
	if (revoked)
		pki_tell(p, PKI_TELL_REVOKED, revoked, NULL);
	pki_tell(p, PKI_TELL_CRL, number, next);
	return KK_OK;
}

enum kk_err pki_crl(struct pki *p)
{
	enum kk_err err = pki_folder_open(p, true);

	if (!err)
		err = pki_key_load(p);
	if (!err)
		err = pki_crl_make(p);
	if (err)
		return err;
	(void)snprintf(p->note, sizeof(p->note), "%llu",
	    (unsigned long long)pki_index_crl(&p->index)->number);
	return crl_tell(p, NULL);
}

static enum kk_err revoke_one(struct pki *p, const char *serial,
    enum pki_reason reason)
{
	struct pki_event e = { .act = PKI_REVOKED,
		.at_s = p->now_s,
		.reason = reason };

	memcpy(e.serial, serial, sizeof(e.serial));
	return pki_folder_act(p, &e, NULL);
}

/* A key that another has proves nothing, whichever certificate it is in. */
static enum kk_err revoke_same_key(struct pki *p, const char *key)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < p->index.count; i++) {
		const struct pki_event e = p->index.events[i];

		if (e.act == PKI_ISSUED && !strcmp(e.key, key) &&
		    !pki_index_revoked(&p->index, e.serial))
			err = revoke_one(p, e.serial, PKI_KEY_COMPROMISE);
	}
	return err;
}

/* of is a copy: the index moves when it grows. */
static enum kk_err revoke(struct pki *p, const struct pki_event of,
    enum pki_reason reason)
{
	enum kk_err err;

	(void)snprintf(p->note, sizeof(p->note), "%s %s %s", of.serial,
	    pki_reason_name(reason), of.name);
	err = pki_key_load(p);
	if (!err)
		err = revoke_one(p, of.serial, reason);
	if (!err && reason == PKI_KEY_COMPROMISE)
		err = revoke_same_key(p, of.key);
	if (!err)
		err = pki_crl_make(p);
	return err ? err : crl_tell(p, of.serial);
}

enum kk_err pki_revoke(struct pki *p)
{
	const struct pki_event *of = NULL;
	enum pki_reason reason;
	enum kk_err err;

	if (!p->o.reason || !pki_reason_of(p->o.reason, &reason))
		return pki_fail(p, PKI_USAGE, PKI_BAD_REASON,
		    p->o.reason ? p->o.reason : "--reason", NULL);
	err = pki_folder_open(p, true);
	if (!err)
		err = pki_serial_find(p, p->o.word[1], &of);
	if (!err && pki_index_revoked(&p->index, of->serial))
		err = pki_fail(p, PKI_REFUSED, PKI_BAD_REVOKED, of->serial,
		    NULL);
	return err || !of ? err : revoke(p, *of, reason);
}
