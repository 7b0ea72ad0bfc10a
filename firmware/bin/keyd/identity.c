/* identity.c - the box's keys, its credential, and whom it trusts. */
#define _GNU_SOURCE /* clock_gettime(), O_DIRECTORY */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "keyd.h"

enum {
	SUITE_P384 = 7,
	SUITE_P256 = 2,
	US_PER_MS = 1000,
	PATH_BYTES = 4096,
	CLOCK_SET_S = 1767225600 /* 2026-01-01: before it no clock is right */
};

int64_t keyd_now_s(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) || now.tv_sec < CLOCK_SET_S)
		return 0;
	return now.tv_sec;
}

uint64_t keyd_now_ms(const struct keyd *k)
{
	uint64_t us = 0;

	if (sd_event_now(k->event, CLOCK_MONOTONIC, &us) < 0)
		return 0;
	return us / US_PER_MS;
}

struct keyd_identity *keyd_identity_get(struct keyd *k, uint64_t suite)
{
	for (int i = 0; i < KEYD_IDENTITIES; i++) {
		if (k->who[i].client && k->who[i].suite->id == suite)
			return &k->who[i];
	}
	return NULL;
}

static enum kk_err trust_load(struct keyd *k)
{
	struct kk_bytes pem;
	enum kk_err err = crypto_x509_trust_new(&k->trust);

	if (err || !k->options.trust)
		return err;
	err = program_file_read(k->options.trust, CRYPTO_X509_PEM_MAX_BYTES,
	    &pem);
	if (!err)
		err = crypto_x509_trust_add_ca(k->trust, kk_bytes_view(&pem));
	kk_bytes_clear(&pem);
	for (size_t i = 0; !err && i < k->options.crl_count; i++) {
		err = program_file_read(k->options.crls[i],
		    CRYPTO_X509_PEM_MAX_BYTES, &pem);
		if (!err)
			err = crypto_x509_trust_add_crl(k->trust,
			    kk_bytes_view(&pem));
		kk_bytes_clear(&pem);
	}
	crypto_x509_trust_require_crl(k->trust, k->options.needs_crl);
	return err;
}

static const char *device_trouble(enum kk_err err)
{
	switch (err) {
	case KK_EUNSUP:
		return "the device does not have its curve";
	case KK_EDENIED:
		return "the device is locked or switched off";
	case KK_ELIMIT:
		return "the device has no room for it";
	default:
		return NULL;
	}
}

static const char *key_trouble(enum kk_err err)
{
	switch (err) {
	case KK_EPOLICY:
		return "the token would give it out, or it came from outside";
	case KK_EFORMAT:
		return "it is half a pair, or another kind of key or of "
		       "--keystore: remove it there";
	case KK_EEXIST:
		return "there are two of that name: remove one";
	case KK_EAUTH:
		return "another wrapping key or TPM has sealed it, or it was "
		       "altered";
	default:
		return kk_err_text(err);
	}
}

static void key_trouble_tell(struct keyd *k, const char *name, enum kk_err err)
{
	const char *why = strcmp(k->options.keystore, "file") != 0 ?
	    device_trouble(err) :
	    NULL;
	char text[256];

	(void)snprintf(text, sizeof(text), "no key %s: %s", name,
	    why ? why : key_trouble(err));
	keyd_trouble(k, why && err == KK_EUNSUP ? "curve" : "key", text);
}

static enum kk_err key_get(struct keyd *k, struct keyd_identity *who,
    const char *name)
{
	const struct keystore_type want = keystore_type_sig(who->suite->sig);
	struct keystore_type found = want;
	enum kk_err err = keystore_find(k->store, name, &found, &who->key);

	if (err == KK_ENOENT)
		err = keystore_generate(k->store, name, want, KEYSTORE_NEW,
		    &who->key);
	/* A device does not bind a name to a kind. */
	else if (!err && (found.kind != want.kind || found.id != want.id))
		err = KK_EFORMAT;
	if (err)
		key_trouble_tell(k, name, err);
	else if (keystore_is_silent(k->store))
		kk_log(&k->log, KK_LOG_WARNING,
		    "key store: the token does not tell whether %s was ever "
		    "outside it (CKA_NEVER_EXTRACTABLE)",
		    name);
	return err;
}

enum kk_err keyd_identity_check(struct keyd *k, const struct keyd_identity *who,
    struct keyd_member *m)
{
	struct kk_view public = crypto_key_public(who->key);
	struct mls_leaf_fields leaf = { .signature_key = public,
		.credential = { .type = MLS_CREDENTIAL_X509,
		    .certs = kk_bytes_view(&who->chain) } };
	struct crypto_checks *checks = NULL;
	struct keyd_member unused;
	enum kk_err err = crypto_checks_new(&checks);

	if (!err)
		err = keyd_member_look(k, &leaf, checks, m ? m : &unused);
	if (!err)
		err = crypto_checks_run(checks);
	crypto_checks_free(checks);
	return err;
}

enum kk_err keyd_identity_look(struct keyd *k, const struct keyd_identity *who,
    struct keyd_member *m)
{
	const struct mls_leaf_fields leaf = {
		.signature_key = crypto_key_public(who->key),
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(k->options.name) },
	};
	enum kk_err err = KK_EUNTRUSTED;

	if (who->is_verified)
		err = keyd_identity_check(k, who, m);
	if (err && err != KK_ENOMEM)
		err = keyd_member_look(k, &leaf, NULL, m);
	return err;
}

/* A chain for the other key, or none, leaves this one with the bare name. */
static bool chain_fits(struct keyd *k, struct keyd_identity *who)
{
	struct keyd_member m;
	enum kk_err err;

	if (who->chain.bytes == 0)
		return false;
	err = keyd_identity_check(k, who, &m);
	if (err)
		kk_log(&k->log, KK_LOG_WARNING,
		    "chain does not serve the identity of suite=%u err=%s",
		    who->suite->id, kk_err_name(err));
	else
		who->until_s = m.until_s;
	return !err;
}

/* Others would refuse a name that cannot be shown. */
static enum kk_err name_check(struct keyd *k, const struct keyd_identity *who)
{
	const struct mls_leaf_fields leaf = {
		.signature_key = crypto_key_public(who->key),
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(k->options.name) },
	};
	struct keyd_member m;
	enum kk_err err = keyd_member_look(k, &leaf, NULL, &m);

	if (err)
		kk_log(&k->log, KK_LOG_ERROR, "--name is not to be shown");
	return err;
}

const char *keyd_identity_file(const struct keyd_identity *who)
{
	return who->suite->id == SUITE_P256 ? "chain-p256.pem" :
					      "chain-p384.pem";
}

/* The chain of --chain serves whichever key it is for; without it, each key may
 * have one that was installed. */
static enum kk_err chain_load(struct keyd *k, struct keyd_identity *who)
{
	char path[PATH_BYTES];
	struct kk_bytes pem;
	enum kk_err err;
	int n;

	n = snprintf(path, sizeof(path), "%s/%s", k->options.state,
	    keyd_identity_file(who));
	if (n < 0 || (size_t)n >= sizeof(path))
		return KK_EINVAL;
	err = program_file_read(k->options.chain ? k->options.chain : path,
	    CRYPTO_X509_PEM_MAX_BYTES, &pem);
	if (err == KK_ENOENT && !k->options.chain)
		return KK_OK;
	if (!err)
		err = keyd_pem_certs(kk_bytes_view(&pem), &who->chain);
	kk_bytes_clear(&pem);
	return err;
}

static enum kk_err client_make(struct keyd *k, const struct keyd_identity *who,
    struct mls_client **client)
{
	static const uint8_t known[2] = { KEYD_EXT_STATE >> 8,
		KEYD_EXT_STATE & 0xff };
	struct mls_client_config config = { .suite = who->suite,
		.signer = who->key,
		.refuse_public_handshake = true,
		.extensions = { kk_view_of(known, sizeof(known)) },
		.hooks = { .arg = k,
		    .psk = keyd_psk_hook,
		    .credential = keyd_member_hook } };

	config.credential.type = who->is_verified ? MLS_CREDENTIAL_X509 :
						    MLS_CREDENTIAL_BASIC;
	if (who->is_verified)
		config.credential.certs = kk_bytes_view(&who->chain);
	else
		config.credential.identity = kk_view_text(k->options.name);
	return mls_client_new(client, &config);
}

static enum kk_err identity_start(struct keyd *k, struct keyd_identity *who,
    uint16_t suite, const char *name)
{
	enum kk_err err;

	who->suite = crypto_suite_get(suite);
	if (!who->suite)
		return KK_OK; /* not in this build */
	err = key_get(k, who, name);
	if (!err)
		err = chain_load(k, who);
	if (!err)
		err = name_check(k, who);
	if (err)
		return err;
	who->is_verified = chain_fits(k, who);
	return client_make(k, who, &who->client);
}

static enum kk_err chain_write(struct keyd *k, const struct keyd_identity *who,
    struct kk_view pem)
{
	int folder = open(k->options.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum kk_err err = KK_EIO;

	if (folder < 0)
		return err;
	err = program_file_write(folder, keyd_identity_file(who), pem);
	(void)close(folder);
	return err;
}

enum kk_err keyd_identity_change(struct keyd *k, struct keyd_identity *who,
    struct kk_bytes *chain, struct kk_view pem)
{
	struct keyd_identity next = *who;
	struct mls_client *client = NULL;
	struct keyd_member m;
	enum kk_err err;

	next.chain = kk_bytes_take(chain);
	next.is_verified = true;
	err = keyd_identity_check(k, &next, &m);
	if (!err)
		err = client_make(k, &next, &client);
	if (!err)
		err = chain_write(k, who, pem);
	if (err) {
		mls_client_free(client);
		kk_bytes_clear(&next.chain);
		return err;
	}
	keyd_meetings_leave(k, who); /* their groups stand on the client */
	mls_client_free(who->client);
	kk_bytes_clear(&who->chain);
	next.client = client;
	next.until_s = m.until_s;
	next.told_s = 0;
	*who = next;
	return KK_OK;
}

void keyd_identity_warn(struct keyd *k)
{
	int64_t now_s = keyd_now_s(), days;

	for (int i = 0; i < KEYD_IDENTITIES; i++) {
		struct keyd_identity *who = &k->who[i];

		if (!keyd_expiry_is_due(who->until_s, now_s, &who->told_s,
			&days))
			continue;
		if (days < 0)
			kk_log(&k->log, KK_LOG_ERROR,
			    "the certificate is over, others see a guest "
			    "suite=%u",
			    who->suite->id);
		else
			kk_log(&k->log, KK_LOG_WARNING,
			    "the certificate ends soon, have it renewed "
			    "suite=%u days=%" PRId64,
			    who->suite->id, days);
	}
}

enum kk_err keyd_identity_start(struct keyd *k)
{
	enum kk_err err = trust_load(k);

	if (!err)
		err = identity_start(k, &k->who[0], SUITE_P384,
		    "identity-p384");
	if (!err)
		err = identity_start(k, &k->who[1], SUITE_P256,
		    "identity-p256");
	if (!err)
		keyd_identity_warn(k);
	return err;
}

void keyd_identity_stop(struct keyd *k)
{
	for (int i = 0; i < KEYD_IDENTITIES; i++) {
		mls_client_free(k->who[i].client);
		crypto_key_free(k->who[i].key);
		kk_bytes_clear(&k->who[i].chain);
	}
	crypto_x509_trust_free(k->trust);
	keystore_free(k->store);
}
