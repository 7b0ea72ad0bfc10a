/* sandbox.c - an engine with faults, for tests. */
#include "drivers/crypto-engine/sandbox.h"

#include "drivers/crypto-engine/engine_internal.h"

struct device {
	struct engine_sandbox *owner;
	void *ossl;
};

static enum kk_err device_new(void **devicep, void *arg)
{
	struct device *d = kk_calloc(1, sizeof(*d));
	enum kk_err err;

	if (!d)
		return KK_ENOMEM;
	d->owner = arg;
	err = engine_ossl.device_new(&d->ossl, NULL);
	if (err) {
		kk_free(d);
		return err;
	}
	*devicep = d;
	return KK_OK;
}

static void device_free(void *device)
{
	struct device *d = device;

	engine_ossl.device_free(d->ossl);
	kk_free(d);
}

static bool has(void *device, enum engine_cipher cipher)
{
	const struct device *d = device;

	return engine_ossl.has(d->ossl, cipher);
}

static enum kk_err key_new(void *device, void **statep,
    enum engine_cipher cipher, const struct engine_secret *secret)
{
	const struct device *d = device;

	if (d->owner->fault == ENGINE_FAULT_KEY)
		return KK_ECRYPTO;
	return engine_ossl.key_new(d->ossl, statep, cipher, secret);
}

static void key_free(void *device, enum engine_cipher cipher, void *state)
{
	const struct device *d = device;

	engine_ossl.key_free(d->ossl, cipher, state);
}

static void fault_seal(const struct device *d, struct engine_job *job)
{
	if (d->owner->fault == ENGINE_FAULT_TEXT && job->in.bytes > 0)
		job->out[job->in.bytes - 1] ^= 1;
	if (d->owner->fault == ENGINE_FAULT_TAG)
		job->tag[0] ^= 1;
}

static enum kk_err job_seal(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	const struct device *d = device;
	enum kk_err err;

	d->owner->jobs++;
	if (d->owner->fault == ENGINE_FAULT_ERROR)
		return KK_ECRYPTO;
	err = engine_ossl.seal(d->ossl, cipher, job);
	if (!err)
		fault_seal(d, job);
	return err;
}

static enum kk_err job_open(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	const struct device *d = device;
	enum kk_err err;

	d->owner->jobs++;
	if (d->owner->fault == ENGINE_FAULT_ERROR)
		return KK_ECRYPTO;
	err = engine_ossl.open(d->ossl, cipher, job);
	if (err == KK_EAUTH && d->owner->fault == ENGINE_FAULT_ACCEPT)
		return KK_OK;
	if (!err && d->owner->fault == ENGINE_FAULT_TAG)
		return KK_EAUTH;
	if (!err && d->owner->fault == ENGINE_FAULT_TEXT && job->in.bytes > 0)
		job->out[0] ^= 1;
	return err;
}

const struct engine_ops engine_sandbox_ops = { "sandbox", device_new,
	device_free, has, key_new, key_free, job_seal, job_open, NULL };
