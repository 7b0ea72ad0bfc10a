/*
 * x509_world.h - certificates made for the tests, and OpenSSL's opinion.
 *
 * tests/crypto/x509-make runs once per program; its folder goes with it.
 */
#pragma once
#include "crypto/x509_internal.h"
#include "harness/tap.h"

enum { WORLD_FILES_MAX = 8 };

#define WORLD_NOW_S INT64_C(1780315200) /* 2026-06-01 12:00:00 UTC */

/* A file of the world ("leaf.der"), to be cleared by the caller. */
struct kk_bytes world_file(const char *name);
struct kk_bytes world_cert(const char *name); /* without ".der" */
struct kk_bytes world_crl(const char *name); /* without ".crl.der" */

/* A chain by names, end entity first: "leaf inter". */
struct world_chain {
	struct kk_bytes files[WORLD_FILES_MAX];
	struct kk_view views[WORLD_FILES_MAX];
	size_t count;
};

struct world_chain world_chain_load(const char *names);
void world_chain_clear(struct world_chain *chain);

/* A store with the named anchors: "root root384". */
struct crypto_x509_trust *world_trust(const char *anchors);
enum kk_err world_add_crl(struct crypto_x509_trust *trust, const char *name);
enum kk_err world_add_issuer(struct crypto_x509_trust *trust, const char *name);

/* Checks a chain and its signatures at now_s; the first error of the two. */
enum kk_err world_check_at(const struct crypto_x509_trust *trust,
    const struct world_chain *chain, int64_t now_s, const char *name);
/* The same for a chain by names, in June of 2026. */
enum kk_err world_check(const struct crypto_x509_trust *trust,
    const char *names, const char *name);

/*
 * What `openssl verify` says of the chain with these anchors at WORLD_NOW_S.
 * option is one more argument and its value, or NULL: "-crl_check", "-CRLfile".
 */
bool world_openssl_accepts(const char *anchors, const char *names,
    const char *const *options, size_t option_count);

/* The path of a world's file, valid until the next call. */
const char *world_path(const char *name, const char *ending);
