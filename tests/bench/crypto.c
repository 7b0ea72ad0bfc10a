/*
 * crypto.c - what the primitives cost, in microseconds of CPU.
 *
 * Each line is the best of five rounds.  suite.c's choice between libraries
 * rests on these figures; build without KK_CRYPTO_OPENSSL to see mbedTLS alone.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/crypto.h"

enum { ROUNDS = 5, ROUND_US = 40000, TEXT_BYTES = 1200 };

struct bench {
	const struct crypto_suite *suite;
	struct crypto_key *sig, *kem;
	struct crypto_aead_key *aead;
	uint8_t text[TEXT_BYTES], out[TEXT_BYTES + CRYPTO_AEAD_TAG_BYTES];
	uint8_t signature[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t signature_bytes;
	uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES], ct[64];
};

static struct kk_view text_of(struct bench *b, size_t bytes)
{
	return kk_view_of(b->text, bytes);
}

static enum kk_err run_sign(struct bench *b)
{
	b->signature_bytes = sizeof(b->signature);
	return crypto_sign(b->sig, text_of(b, 200), b->signature,
	    &b->signature_bytes);
}

static enum kk_err run_verify(struct bench *b)
{
	return crypto_verify(b->suite->sig, crypto_key_public(b->sig),
	    text_of(b, 200), kk_view_of(b->signature, b->signature_bytes));
}

static enum kk_err run_keygen(struct bench *b)
{
	struct crypto_key *key;
	enum kk_err err = crypto_kem_key_generate(&key, b->suite->kem);

	if (!err)
		crypto_key_free(key);
	return err;
}

static enum kk_err run_seal(struct bench *b)
{
	return crypto_hpke_seal(b->suite, crypto_key_public(b->kem),
	    text_of(b, 16), text_of(b, 0), text_of(b, 48), NULL, b->enc, b->ct);
}

static enum kk_err run_open(struct bench *b)
{
	return crypto_hpke_open(b->suite, b->kem,
	    kk_view_of(b->enc, b->suite->kem_public_bytes), text_of(b, 16),
	    text_of(b, 0), kk_view_of(b->ct, 64), NULL, b->out);
}

static enum kk_err run_public_check(struct bench *b)
{
	return crypto_kem_public_check(b->suite->kem,
	    crypto_key_public(b->kem));
}

static enum kk_err run_derive(struct bench *b)
{
	return crypto_derive_secret(b->suite, text_of(b, b->suite->hash_bytes),
	    "tree", b->out);
}

static enum kk_err run_hash(struct bench *b)
{
	struct kk_view text = text_of(b, 200);

	return crypto_hash(b->suite->hash, &text, 1, b->out);
}

static enum kk_err run_aead(struct bench *b)
{
	return crypto_aead_key_seal(b->aead, b->text, text_of(b, 16),
	    text_of(b, TEXT_BYTES), b->out);
}

static enum kk_err run_aead_once(struct bench *b)
{
	return crypto_aead_seal(b->suite->aead,
	    text_of(b, b->suite->aead_key_bytes), text_of(b, 12),
	    text_of(b, 16), text_of(b, 100), b->out);
}

/* In this order: signatures and sealed texts are made before they are used. */
static const struct {
	const char *name;
	enum kk_err (*run)(struct bench *b);
} rows[] = {
	{ "sign 200 bytes", run_sign },
	{ "verify", run_verify },
	{ "KEM key generation", run_keygen },
	{ "HPKE seal", run_seal },
	{ "HPKE open", run_open },
	{ "public key check", run_public_check },
	{ "DeriveSecret", run_derive },
	{ "hash of 200 bytes", run_hash },
	{ "AEAD of 1200 bytes, kept key", run_aead },
	{ "AEAD of 100 bytes, one-shot", run_aead_once },
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(enum kk_err err)
{
	if (!err)
		return;
	fprintf(stderr, "bench-crypto: %s\n", kk_err_text(err));
	exit(1);
}

/* The mean of one round of about ROUND_US. */
static double round_us(struct bench *b, enum kk_err (*run)(struct bench *b))
{
	const double start = now_us();
	double spent = 0;
	unsigned int runs = 0;

	while (spent < ROUND_US) {
		for (int i = 0; i < 8; i++)
			must(run(b));
		runs += 8;
		spent = now_us() - start;
	}
	return spent / runs;
}

static void bench_suite(struct bench *b)
{
	must(crypto_sig_key_generate(&b->sig, b->suite->sig));
	must(crypto_kem_key_generate(&b->kem, b->suite->kem));
	must(crypto_aead_key_new(&b->aead, b->suite->aead,
	    text_of(b, b->suite->aead_key_bytes)));
	printf("%s\n", b->suite->name);
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		double best = round_us(b, rows[i].run);

		for (int r = 1; r < ROUNDS; r++) {
			double us = round_us(b, rows[i].run);

			best = us < best ? us : best;
		}
		printf("  %-32s %10.2f us\n", rows[i].name, best);
	}
	crypto_key_free(b->sig);
	crypto_key_free(b->kem);
	crypto_aead_key_free(b->aead);
}

int main(void)
{
	must(crypto_init());
	for (uint16_t id = 1; id <= 7; id++) {
		struct bench b = { .suite = crypto_suite_get(id) };

		if (b.suite)
			bench_suite(&b);
	}
	return 0;
}
