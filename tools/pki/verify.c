/* verify.c - would a file's certificate be taken today, here? */
#include "program/program.h"
#include "tools/pki/answer.h"
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

enum { CERT_MAX_BYTES = 65536 };

static enum kk_err crl_read(struct pki *p, X509_CRL **crl)
{
	struct kk_bytes pem;
	enum kk_err err = pki_folder_read(p, "crl.pem", &pem);

	if (err)
		return err;
	*crl = pki_crl_of_pem(kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return *crl ? KK_OK :
		      pki_fail(p, PKI_FAILED, PKI_BAD_CERT, "crl.pem", NULL);
}

static enum kk_err cert_read(struct pki *p, const char *path, X509 **cert)
{
	struct kk_bytes pem;
	enum kk_err err = program_file_read(path, CERT_MAX_BYTES, &pem);

	if (err)
		return pki_fail(p, PKI_FAILED, PKI_BAD_READ, path,
		    kk_err_text(err));
	*cert = pki_cert_of_pem(kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	return *cert ? KK_OK :
		       pki_fail(p, PKI_REFUSED, PKI_BAD_CERT, path, NULL);
}

static enum kk_err good_tell(struct pki *p, X509 *cert)
{
	char serial[PKI_SERIAL_TEXT] = "", key[PKI_KEY_TEXT] = "";
	char until[PKI_TIME_TEXT];
	enum pki_kind kind = PKI_BOX;

	(void)pki_cert_serial(cert, serial);
	(void)pki_cert_kind(cert, &kind);
	(void)pki_key_fingerprint(X509_get0_pubkey(cert), key);
	pki_time_text(pki_asn1_time(X509_get0_notAfter(cert)), until);
	if (p->o.is_json)
		return pki_answer(p, "verdict", "good", "serial", serial,
		    "kind", pki_kind_name(kind), "key", key, "until", until,
		    PKI_END);
	pki_tell(p, PKI_TELL_GOOD, p->o.word[1], NULL);
	pki_tell(p, PKI_TELL_SERIAL, serial, NULL);
	pki_tell(p, PKI_TELL_KIND, pki_kind_name(kind), NULL);
	pki_tell_key(p, key);
	pki_tell(p, PKI_TELL_UNTIL, until, NULL);
	return KK_OK;
}

enum kk_err pki_verify(struct pki *p)
{
	X509 *cert = NULL;
	X509_CRL *crl = NULL;
	enum kk_err err = pki_folder_open(p, false), bad;

	if (!err)
		err = cert_read(p, p->o.word[1], &cert);
	if (!err)
		err = crl_read(p, &crl);
	if (!err) {
		bad = pki_cert_check(cert, p->ca, crl, p->now_s);
		err = bad ? pki_fail(p, PKI_REFUSED, PKI_BAD_VERIFY,
				p->o.word[1], kk_err_text(bad)) :
			    good_tell(p, cert);
	}
	X509_free(cert);
	X509_CRL_free(crl);
	return err;
}
