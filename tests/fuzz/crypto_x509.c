/*
 * crypto_x509.c - certificates, lists and whole chains.
 *
 * First byte modulo 4: 0 a certificate, 1 a revocation list, 2 items with
 * lengths of two bytes (an anchor, a list or nothing, a chain), 3 a bundle in
 * PEM.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/x509_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { NOW_S = 1780315200 };

static void must(bool is_so)
{
	if (!is_so)
		abort();
}

static void fuzz_cert(struct kk_view in)
{
	char name[CRYPTO_X509_NAME_MAX_BYTES + 1];
	struct x509_cert cert;

	if (x509_cert_parse(&cert, in))
		return;
	must(kk_view_equal(cert.raw, in));
	must(cert.public.bytes > 0 && cert.signature.bytes > 0);
	if (x509_name_get(&cert, name) == KK_OK) {
		must(name[0] != '\0' && !strpbrk(name, "\n\r\033"));
		(void)!x509_name_match(&cert, name);
	}
	x509_cert_clear(&cert);
}

static void fuzz_crl(struct kk_view in)
{
	struct x509_crl crl;

	if (x509_crl_parse(&crl, in))
		return;
	for (size_t i = 0; i < crl.serial_count; i++)
		must(x509_crl_has(&crl, crl.serials[i]));
	must(x509_crl_is_stale_to(&crl, &crl));
	x509_crl_clear(&crl);
}

static struct kk_view item_read(struct kk_reader *r)
{
	uint16_t bytes = kk_read_u16(r);

	return kk_read_raw(r, bytes);
}

static void check_chain(const struct crypto_x509_trust *trust,
    const struct kk_view *certs, size_t count)
{
	struct crypto_x509_subject subject;
	struct crypto_checks *checks;

	if (crypto_checks_new(&checks))
		return;
	if (!crypto_x509_chain_check(trust, certs, count, NOW_S, NULL, checks,
		&subject)) {
		/* Somebody must have signed an end entity. */
		must(crypto_checks_count(checks) > 0);
		must(strlen(subject.name) < sizeof(subject.name));
	}
	crypto_checks_free(checks);
}

static void fuzz_chain(struct kk_view in)
{
	struct kk_view certs[CRYPTO_X509_CHAIN_MAX + 1];
	struct crypto_x509_trust *trust;
	struct kk_reader r;
	size_t count = 0;

	if (crypto_x509_trust_new(&trust))
		return;
	kk_reader_init(&r, in);
	(void)!crypto_x509_trust_add_ca(trust, item_read(&r));
	(void)!crypto_x509_trust_add_crl(trust, item_read(&r));
	while (kk_reader_more(&r) && count < KK_ARRAY_LEN(certs))
		certs[count++] = item_read(&r);
	check_chain(trust, certs, count);
	crypto_x509_trust_free(trust);
}

static void fuzz_pem(struct kk_view in)
{
	struct crypto_x509_trust *trust;

	if (crypto_x509_trust_new(&trust))
		return;
	if (crypto_x509_trust_add_ca(trust, in))
		must(trust->anchor_count == 0);
	crypto_x509_trust_free(trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static void (*const targets[])(struct kk_view) = { fuzz_cert, fuzz_crl,
		fuzz_chain, fuzz_pem };

	must(crypto_init() == KK_OK);
	if (bytes > 0)
		targets[data[0] % KK_ARRAY_LEN(targets)](kk_view_of(data + 1,
		    bytes - 1));
	return 0;
}
