/* init.c - a site's CA begins. */
#include <openssl/err.h>
#include <string.h>

#include "tools/pki/answer.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

static enum kk_err name_check(struct pki *p)
{
	struct kk_view name = kk_view_text(p->o.name ? p->o.name : "");

	if (name.bytes > PKI_NAME_BYTES || !kk_text_is_shown(name))
		return pki_fail(p, PKI_USAGE, PKI_BAD_NAME, "--name", NULL);
	return KK_OK;
}

static enum kk_err ca_make(struct pki *p)
{
	struct pki_plan plan = { .name = p->o.name,
		.from_s = p->now_s - PKI_BACK_S,
		.until_s = p->now_s +
		    (int64_t)(p->o.days ? p->o.days : PKI_CA_DAYS) *
			PKI_DAY_S };
	enum kk_err err = crypto_random(plan.serial, sizeof(plan.serial));

	plan.public = pki_key_public(p->key);
	if (!err)
		err = plan.public ? pki_cert_make_ca(&plan, p->key, &p->ca) :
				    KK_ECRYPTO;
	EVP_PKEY_free(plan.public);
	return err ?
	    pki_fail(p, PKI_FAILED, PKI_BAD_CHECK, kk_err_text(err), NULL) :
	    KK_OK;
}

static enum kk_err ca_write(struct pki *p)
{
	struct pki_event begun = { .act = PKI_BEGUN,
		.at_s = p->now_s,
		.number = 1 };
	struct kk_bytes pem;
	enum kk_err err = pki_cert_pem(p->ca, &pem);

	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_MEMORY, NULL, NULL);
	err = pki_folder_write(p, "ca.pem", kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	(void)snprintf(begun.name, sizeof(begun.name), "%s", p->o.name);
	return err ? err : pki_folder_act(p, &begun, NULL);
}

static enum kk_err made_tell(struct pki *p)
{
	char key[PKI_KEY_TEXT] = "", until[PKI_TIME_TEXT];

	(void)pki_key_fingerprint(X509_get0_pubkey(p->ca), key);
	pki_time_text(pki_asn1_time(X509_get0_notAfter(p->ca)), until);
	if (p->o.is_json)
		return pki_answer(p, "site", p->o.name, "key", key, "until",
		    until, PKI_END);
	pki_tell(p, PKI_TELL_MADE, p->o.name, p->o.folder);
	pki_tell_key(p, key);
	pki_tell(p, PKI_TELL_UNTIL, until, NULL);
	pki_tell(p, PKI_TELL_NEXT, p->o.folder, NULL);
	return KK_OK;
}

enum kk_err pki_init(struct pki *p)
{
	enum kk_err err = name_check(p);

	if (!err)
		err = pki_folder_begin(p);
	if (!err)
		err = pki_key_make(p);
	if (!err)
		err = ca_make(p);
	if (!err)
		err = ca_write(p);
	if (!err)
		err = pki_crl_make(p);
	if (!err)
		err = pki_folder_finish(p);
	if (err)
		return err;
	(void)snprintf(p->note, sizeof(p->note), "%s", p->o.name);
	return made_tell(p);
}
