/*
 * af_alg.c - the kernel's ciphers as an engine, and so what stands behind them:
 * crypto hardware with a driver of its own.
 *
 * A key is a socket that the kernel has keyed (two for CM_SHA1); a job is a
 * message and its answer.  That costs system calls, so in software it is never
 * the fastest; it serves where hardware makes it so.  A kernel without AF_ALG,
 * or a service without the right to it, does not offer it.
 *
 * Source: the kernel's documentation, crypto/userspace-if.
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <linux/if_alg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "drivers/crypto-engine/engine_internal.h"

enum { SHA1_BYTES = 20, NO_FD = -1 };

struct state { /* of a key */
	int cipher, mac; /* mac: CM_SHA1 */
};

struct device {
	bool has[ENGINE_CIPHER_COUNT];
};

/* --- keys ----------------------------------------------------------------- */

/* Out of descriptors, the next engine is the better answer. */
static enum kk_err errno_err(void)
{
	return errno == ENOMEM || errno == ENOBUFS ? KK_ENOMEM : KK_ECRYPTO;
}

/* Of the tag's setting only the length counts. */
static bool is_keyed(int fd, const struct sockaddr_alg *name,
    const uint8_t *key, size_t key_bytes, bool is_aead)
{
	static const uint8_t none[ENGINE_GCM_TAG_BYTES];

	return bind(fd, (const struct sockaddr *)name, sizeof(*name)) == 0 &&
	    setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, (socklen_t)key_bytes) ==
	    0 &&
	    (!is_aead ||
		setsockopt(fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, none,
		    sizeof(none)) == 0);
}

/* The socket that was keyed may go: the kernel keeps what stands behind it. */
static enum kk_err keyed_open(int *fdp, const char *type, const char *algorithm,
    const uint8_t *key, size_t key_bytes)
{
	struct sockaddr_alg name = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	enum kk_err err = KK_OK;

	if (fd < 0)
		return errno_err();
	memcpy(name.salg_type, type, strlen(type));
	memcpy(name.salg_name, algorithm, strlen(algorithm));
	if (is_keyed(fd, &name, key, key_bytes, strcmp(type, "aead") == 0))
		*fdp = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (*fdp < 0)
		err = errno_err();
	(void)close(fd);
	return err;
}

static void key_free(void *device, enum engine_cipher cipher, void *arg)
{
	struct state *state = arg;

	(void)device;
	(void)cipher;
	if (state->cipher >= 0)
		(void)close(state->cipher);
	if (state->mac >= 0)
		(void)close(state->mac);
	kk_free(state);
}

static enum kk_err key_new(void *device, void **statep,
    enum engine_cipher cipher, const struct engine_secret *secret)
{
	const bool is_cm = cipher == ENGINE_AES128_CM_SHA1;
	struct state *state = kk_calloc(1, sizeof(*state));
	enum kk_err err;

	if (!state)
		return KK_ENOMEM;
	state->cipher = state->mac = NO_FD;
	err = keyed_open(&state->cipher, is_cm ? "skcipher" : "aead",
	    is_cm ? "ctr(aes)" : "gcm(aes)", secret->key,
	    engine_key_bytes(cipher));
	if (!err && is_cm)
		err = keyed_open(&state->mac, "hash", "hmac(sha1)",
		    secret->auth, sizeof(secret->auth));
	if (err) {
		key_free(device, cipher, state);
		return err;
	}
	*statep = state;
	return KK_OK;
}

static enum kk_err device_new(void **devicep, void *arg)
{
	static const struct engine_secret none;
	struct device *d = kk_calloc(1, sizeof(*d));
	bool has_any = false;

	(void)arg;
	if (!d)
		return KK_ENOMEM;
	for (enum engine_cipher c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		void *state;
		enum kk_err err = key_new(d, &state, c, &none);

		if (err == KK_ENOMEM) {
			kk_free(d);
			return err;
		}
		if (err)
			continue;
		key_free(d, c, state);
		d->has[c] = has_any = true;
	}
	if (!has_any) {
		kk_free(d);
		return KK_EUNSUP;
	}
	*devicep = d;
	return KK_OK;
}

static void device_free(void *device)
{
	kk_free(device);
}

static bool has(void *device, enum engine_cipher cipher)
{
	const struct device *d = device;

	return d->has[cipher];
}

/* --- messages ------------------------------------------------------------- */

enum { CONTROL_BYTES = 128 };

struct request { /* a message to the kernel */
	struct msghdr msg;
	struct iovec parts[3];
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
};

static struct cmsghdr *control_add(struct request *r, int type, size_t bytes)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)(r->control +
	    r->msg.msg_controllen);

	c->cmsg_level = SOL_ALG;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(bytes);
	r->msg.msg_controllen += CMSG_SPACE(bytes);
	return c;
}

static void number_add(struct request *r, int type, uint32_t n)
{
	memcpy(CMSG_DATA(control_add(r, type, sizeof(n))), &n, sizeof(n));
}

static void request_init(struct request *r, bool is_seal, const uint8_t *iv,
    uint32_t iv_bytes)
{
	uint8_t *at;

	memset(r, 0, sizeof(*r));
	r->msg.msg_control = r->control;
	r->msg.msg_iov = r->parts;
	number_add(r, ALG_SET_OP, is_seal ? ALG_OP_ENCRYPT : ALG_OP_DECRYPT);
	at = CMSG_DATA(control_add(r, ALG_SET_IV, sizeof(iv_bytes) + iv_bytes));
	memcpy(at, &iv_bytes, sizeof(iv_bytes));
	memcpy(at + sizeof(iv_bytes), iv, iv_bytes);
}

static void part_add(struct iovec *parts, size_t *count, const void *data,
    size_t bytes)
{
	if (bytes > 0)
		parts[(*count)++] = (struct iovec){ (void *)(uintptr_t)data,
			bytes };
}

static size_t parts_bytes(const struct iovec *parts, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += parts[i].iov_len;
	return bytes;
}

/* Sends a request, and reads exactly the answer.  KK_EAUTH: the kernel says
 * that a tag is wrong. */
static enum kk_err exchange(int fd, const struct request *r,
    const struct iovec *answer, size_t answer_count)
{
	const size_t bytes = parts_bytes(r->parts, r->msg.msg_iovlen);
	uint8_t none; /* an empty answer has to be read, too */
	const struct iovec nothing = { &none, sizeof(none) };
	ssize_t n;

	do
		n = sendmsg(fd, &r->msg, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (size_t)n != bytes)
		return KK_ECRYPTO;
	do
		n = readv(fd, answer_count ? answer : &nothing,
		    answer_count ? (int)answer_count : 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EBADMSG ? KK_EAUTH : KK_ECRYPTO;
	return (size_t)n == parts_bytes(answer, answer_count) ? KK_OK :
								KK_ECRYPTO;
}

/* --- jobs ----------------------------------------------------------------- */

/* What comes back begins with the AAD. */
static enum kk_err gcm_run(struct engine_job *job, bool is_seal)
{
	const struct state *state = job->state;
	uint8_t aad[ENGINE_AAD_MAX_BYTES];
	struct iovec answer[3];
	size_t answer_count = 0;
	struct request r;

	request_init(&r, is_seal, job->iv, ENGINE_GCM_IV_BYTES);
	number_add(&r, ALG_SET_AEAD_ASSOCLEN, (uint32_t)job->aad.bytes);
	part_add(r.parts, &r.msg.msg_iovlen, job->aad.data, job->aad.bytes);
	part_add(r.parts, &r.msg.msg_iovlen, job->in.data, job->in.bytes);
	part_add(answer, &answer_count, aad, job->aad.bytes);
	part_add(answer, &answer_count, job->out, job->in.bytes);
	if (is_seal)
		part_add(answer, &answer_count, job->tag, ENGINE_GCM_TAG_BYTES);
	else
		part_add(r.parts, &r.msg.msg_iovlen, job->tag,
		    ENGINE_GCM_TAG_BYTES);
	return exchange(state->cipher, &r, answer, answer_count);
}

static enum kk_err ctr_run(struct engine_job *job)
{
	const struct state *state = job->state;
	struct iovec answer = { job->out, job->in.bytes };
	struct request r;

	if (job->in.bytes == 0)
		return KK_OK;
	request_init(&r, true, job->iv, ENGINE_CM_IV_BYTES);
	part_add(r.parts, &r.msg.msg_iovlen, job->in.data, job->in.bytes);
	return exchange(state->cipher, &r, &answer, 1);
}

static enum kk_err mac_run(struct engine_job *job, uint8_t mac[SHA1_BYTES])
{
	const struct state *state = job->state;
	struct iovec answer = { mac, SHA1_BYTES };
	struct request r;

	memset(&r, 0, sizeof(r));
	r.msg.msg_iov = r.parts;
	part_add(r.parts, &r.msg.msg_iovlen, job->auth.data, job->auth.bytes);
	return exchange(state->mac, &r, &answer, 1);
}

static enum kk_err job_seal(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	uint8_t mac[SHA1_BYTES];
	enum kk_err err;

	(void)device;
	if (cipher != ENGINE_AES128_CM_SHA1)
		return gcm_run(job, true);
	err = ctr_run(job);
	if (!err)
		err = mac_run(job, mac);
	if (!err)
		memcpy(job->tag, mac, ENGINE_CM_TAG_BYTES);
	return err;
}

static enum kk_err job_open(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	uint8_t mac[SHA1_BYTES];
	enum kk_err err;

	(void)device;
	if (cipher != ENGINE_AES128_CM_SHA1)
		return gcm_run(job, false);
	err = mac_run(job, mac);
	if (!err && !kk_secret_equal(mac, job->tag, ENGINE_CM_TAG_BYTES))
		return KK_EAUTH;
	return err ? err : ctr_run(job);
}

const struct engine_ops engine_af_alg = { "af-alg", device_new, device_free,
	has, key_new, key_free, job_seal, job_open, NULL };
