/* engine.c - the engines of this machine, and who of them serves. */
#include "drivers/crypto-engine/engine.h"

#include <string.h>

#include "drivers/crypto-engine/engine_internal.h"

/* The first one is always built, and has to be fit. */
static const struct engine_ops *const all_ops[] = {
	&engine_ossl,
#ifdef KK_CRYPTO_ENGINE_IPSEC_MB
	&engine_ipsec_mb,
#endif
#ifdef KK_CRYPTO_ENGINE_AF_ALG
	&engine_af_alg,
#endif
};

static const struct {
	const char *name;
	size_t key_bytes;
} ciphers[ENGINE_CIPHER_COUNT] = {
	[ENGINE_AES128_GCM] = { "AES-128-GCM", 16 },
	[ENGINE_AES256_GCM] = { "AES-256-GCM", 32 },
	[ENGINE_AES128_CM_SHA1] = { "AES-128-CM-SHA1", 16 },
};

size_t engine_key_bytes(enum engine_cipher cipher)
{
	return ciphers[cipher].key_bytes;
}

const char *engine_cipher_name(enum engine_cipher cipher)
{
	return ciphers[cipher].name;
}

/* --- the choice ----------------------------------------------------------- */

static bool is_fit(const struct engine *engine, enum engine_cipher cipher)
{
	return engine->device && !engine->is_out && engine->can[cipher];
}

size_t engine_best(const struct engine_set *set, enum engine_cipher cipher,
    enum engine_mode mode, size_t apart)
{
	size_t best = ENGINE_ENGINES_MAX;

	for (size_t i = 0; i < set->count; i++) {
		const struct engine *engine = &set->engines[i];

		if (i == apart || !is_fit(engine, cipher))
			continue;
		if (set->wanted && !strcmp(set->wanted, engine->ops->name))
			return i;
		if (best == ENGINE_ENGINES_MAX ||
		    engine->ns[cipher][mode] <
			set->engines[best].ns[cipher][mode])
			best = i;
	}
	return best;
}

static bool choose(struct engine_set *set)
{
	bool has_all = true;

	for (enum engine_cipher c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		for (enum engine_mode m = 0; m < ENGINE_MODE_COUNT; m++) {
			set->serving[c][m] = engine_best(set, c, m,
			    ENGINE_ENGINES_MAX);
			if (set->serving[c][m] == ENGINE_ENGINES_MAX)
				has_all = false;
		}
	}
	return has_all;
}

void engine_take_out(struct engine_set *set, struct engine *engine,
    const char *why)
{
	engine->is_out = true;
	engine->faults++;
	kk_log(set->log, KK_LOG_ERROR, "crypto engine is out name=%s reason=%s",
	    engine->ops->name, why);
	if (!choose(set) && set->is_ready)
		kk_log(set->log, KK_LOG_ERROR, "no crypto engine is left");
}

/* --- tests at start ------------------------------------------------------- */

/* What never changes once a set is made: its thread may be at work. */
static bool measurement_copy(struct engine *engine, const struct engine *from,
    enum engine_cipher cipher)
{
	if (from->ops != engine->ops || !from->ns[cipher][ENGINE_ONE])
		return false;
	memcpy(engine->ns[cipher], from->ns[cipher],
	    sizeof(engine->ns[cipher]));
	return true;
}

/* Both tests, then the measurement.  Errors: KK_ENOMEM, KK_ECRYPTO. */
static enum kk_err cipher_test(struct engine_set *set,
    const struct engine_set *like, size_t at, enum engine_cipher cipher,
    const char **why)
{
	struct engine *engine = &set->engines[at];
	enum kk_err err;

	*why = "known-answer-test";
	err = engine_vectors_check(engine, cipher);
	if (!err && at != set->ossl) {
		*why = "disagreement";
		err = engine_agree_check(engine, &set->engines[set->ossl],
		    cipher);
	}
	if (err)
		return err;
	if (like && measurement_copy(engine, &like->engines[at], cipher))
		return KK_OK;
	*why = "measurement";
	return engine_measure(engine, cipher);
}

/* A wrong answer to one cipher makes the engine unfit for all. */
static enum kk_err engine_test(struct engine_set *set,
    const struct engine_set *like, size_t at)
{
	struct engine *engine = &set->engines[at];

	for (enum engine_cipher c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		const char *why;
		enum kk_err err;

		if (!engine->device || engine->is_out ||
		    !engine->ops->has(engine->device, c))
			continue;
		err = cipher_test(set, like, at, c, &why);
		if (err == KK_ENOMEM)
			return err;
		if (err)
			engine_take_out(set, engine, why);
		else
			engine->can[c] = true;
	}
	return KK_OK;
}

static void choice_log(const struct engine_set *set)
{
	for (enum engine_cipher c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		const size_t one = set->serving[c][ENGINE_ONE];
		const size_t many = set->serving[c][ENGINE_MANY];

		for (size_t i = 0; i < set->count; i++) {
			if (!is_fit(&set->engines[i], c))
				continue;
			kk_log(set->log, KK_LOG_INFO,
			    "crypto engine cipher=%s name=%s one_ns=%u "
			    "many_ns=%u serves=%s",
			    engine_cipher_name(c), set->engines[i].ops->name,
			    (unsigned)set->engines[i].ns[c][ENGINE_ONE],
			    (unsigned)set->engines[i].ns[c][ENGINE_MANY],
			    i == one && i == many ? "all" :
				i == one          ? "one" :
				i == many         ? "many" :
						    "no");
		}
	}
}

static enum kk_err engine_add(struct engine_set *set,
    const struct engine_ops *ops, void *arg)
{
	struct engine *engine = &set->engines[set->count++];
	enum kk_err err;

	engine->ops = ops;
	err = ops->device_new(&engine->device, arg);
	if (err == KK_EUNSUP)
		kk_log(set->log, KK_LOG_INFO,
		    "crypto engine is not on this machine name=%s", ops->name);
	else if (err && err != KK_ENOMEM)
		engine_take_out(set, engine, kk_err_name(err));
	return err == KK_ENOMEM ? err : KK_OK;
}

static enum kk_err engines_add(struct engine_set *set,
    const struct engine_config *config)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < KK_ARRAY_LEN(all_ops); i++)
		err = engine_add(set, all_ops[i], NULL);
	if (!err && config->sandbox)
		err = engine_add(set, &engine_sandbox_ops, config->sandbox);
	return err;
}

static bool is_wanted_fit(const struct engine_set *set)
{
	for (enum engine_cipher c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		const size_t at = set->serving[c][ENGINE_ONE];

		if (!strcmp(set->engines[at].ops->name, set->wanted))
			return true;
	}
	return false;
}

static enum kk_err set_make(struct engine_set *set,
    const struct engine_config *config)
{
	enum kk_err err = engines_add(set, config);

	if (err)
		return err;
	for (size_t i = 0; !err && i < set->count; i++)
		err = engine_test(set, config->like, i);
	if (err)
		return err;
	if (!choose(set) || !set->engines[set->ossl].device)
		return KK_ECRYPTO;
	if (set->wanted && !is_wanted_fit(set))
		return KK_ENOENT;
	set->is_ready = true;
	if (!config->like)
		choice_log(set);
	return KK_OK;
}

enum kk_err engine_set_new(struct engine_set **setp,
    const struct engine_config *config)
{
	struct engine_set *set = kk_calloc(1, sizeof(*set));
	enum kk_err err;

	if (!set)
		return KK_ENOMEM;
	set->log = config->log;
	set->wanted = config->wanted;
	set->check_every = config->check_every ? config->check_every :
						 ENGINE_CHECK_EVERY;
	err = set_make(set, config);
	if (err) {
		engine_set_free(set);
		return err;
	}
	*setp = set;
	return KK_OK;
}

void engine_set_free(struct engine_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++) {
		if (set->engines[i].device)
			set->engines[i].ops->device_free(
			    set->engines[i].device);
	}
	kk_free_wiped(set, sizeof(*set));
}

/* --- for metrics ---------------------------------------------------------- */

size_t engine_set_count(const struct engine_set *set)
{
	return set->count;
}

void engine_set_report(const struct engine_set *set, size_t index,
    struct engine_report *report)
{
	const struct engine *engine = &set->engines[index];

	*report = (struct engine_report){ .name = engine->ops->name,
		.is_here = engine->device != NULL,
		.is_out = engine->is_out,
		.jobs = engine->jobs,
		.checks = engine->checks,
		.faults = engine->faults };
	memcpy(report->ns, engine->ns, sizeof(report->ns));
	for (enum engine_cipher c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		for (enum engine_mode m = 0; m < ENGINE_MODE_COUNT; m++)
			report->serves[c][m] = set->serving[c][m] == index;
	}
}

/* --- keys ----------------------------------------------------------------- */

enum kk_err engine_key_new(struct engine_key **keyp, struct engine_set *set,
    enum engine_cipher cipher, struct kk_view key, struct kk_view auth)
{
	const size_t auth_bytes = cipher == ENGINE_AES128_CM_SHA1 ?
	    ENGINE_AUTH_KEY_BYTES :
	    0;
	struct engine_key *made;

	if (key.bytes != engine_key_bytes(cipher) || auth.bytes != auth_bytes)
		return KK_EINVAL;
	made = kk_calloc(1, sizeof(*made));
	if (!made)
		return KK_ENOMEM;
	made->set = set;
	made->cipher = cipher;
	memcpy(made->secret.key, key.data, key.bytes);
	if (auth_bytes)
		memcpy(made->secret.auth, auth.data, auth_bytes);
	*keyp = made;
	return KK_OK;
}

void engine_key_free(struct engine_key *key)
{
	if (!key)
		return;
	for (size_t i = 0; i < key->set->count; i++) {
		const struct engine *engine = &key->set->engines[i];

		if (key->state[i])
			engine->ops->key_free(engine->device, key->cipher,
			    key->state[i]);
	}
	kk_free_wiped(key, sizeof(*key));
}

enum kk_err engine_keystream(struct engine_set *set, struct kk_view key,
    const uint8_t *iv, uint8_t *out, size_t bytes)
{
	if ((key.bytes != 16 && key.bytes != 32) ||
	    bytes > ENGINE_RUN_MAX_BYTES)
		return KK_EINVAL;
	return engine_ossl_keystream(set->engines[set->ossl].device, key, iv,
	    out, bytes);
}
