/* credential.c - whose credential is good. */
#include <string.h>

#include "meeting/meeting.h"
#include "web/core/core_internal.h"

static enum kk_err chain_check(const struct core_client *client,
    const struct mls_credential *c, struct crypto_checks *checks,
    struct crypto_x509_subject *subject)
{
	struct kk_view certs[CRYPTO_X509_CHAIN_MAX];
	size_t count = KK_ARRAY_LEN(certs);
	enum kk_err err = mls_credential_certs(c, certs, &count);

	if (err)
		return err;
	err = crypto_x509_chain_check(client->trust, certs, count,
	    client->now_s, NULL, checks, subject);
	/* Who joins finds members whose certificates ran out in mid-meeting. */
	if (err == KK_EEXPIRED && client->by_welcome)
		err = crypto_x509_chain_check(client->trust, certs, count,
		    client->now_s - MEETING_EXPIRY_GRACE_S, NULL, checks,
		    subject);
	return err;
}

/* The checks of the chain that is replaced were done when it came. */
static enum kk_err old_name_check(const struct core_client *client,
    const struct mls_credential *old, const char *name)
{
	struct crypto_x509_subject subject;
	struct crypto_checks *checks;
	enum kk_err err = crypto_checks_new(&checks);

	if (err)
		return err;
	err = chain_check(client, old, checks, &subject);
	crypto_checks_free(checks);
	if (err)
		return err;
	return strcmp(subject.name, name) != 0 ? KK_ENAME : KK_OK;
}

/*
 * A member may renew its certificate as long as the old one is valid and both
 * have the same name; with an expired one it has to join anew.
 */
static enum kk_err x509_check(const struct core_client *client,
    const struct mls_leaf_fields *leaf, const struct mls_leaf_fields *old,
    struct crypto_checks *checks)
{
	struct crypto_x509_subject subject;
	enum kk_err err;

	err = chain_check(client, &leaf->credential, checks, &subject);
	if (err)
		return err;
	/* RFC 9420, 5.3: the leaf's key is the end entity's. */
	if (subject.sig != client->suite->sig ||
	    !kk_view_equal(leaf->signature_key,
		kk_view_of(subject.public, subject.public_bytes)))
		return KK_EDENIED;
	if (!old || mls_credential_equal(&leaf->credential, &old->credential))
		return KK_OK;
	if (old->credential.type != MLS_CREDENTIAL_X509)
		return KK_ENAME;
	return old_name_check(client, &old->credential, subject.name);
}

enum kk_err core_hook_credential(void *arg, const struct mls_leaf_fields *leaf,
    const struct mls_leaf_fields *old, struct crypto_checks *checks)
{
	const struct core_client *client = arg;

	if (leaf->credential.type == MLS_CREDENTIAL_X509)
		return x509_check(client, leaf, old, checks);
	if (leaf->credential.type != MLS_CREDENTIAL_BASIC ||
	    !client->accepts_basic)
		return KK_EPOLICY;
	if (old && !mls_credential_equal(&leaf->credential, &old->credential))
		return KK_ENAME;
	return KK_OK;
}

/*
 * The name in a member's certificate.  Only of use for who is, or is about to
 * be, in a group: the signatures are verified there.
 */
enum kk_err core_client_subject(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	struct mls_credential c = { .type = MLS_CREDENTIAL_X509 };
	struct crypto_x509_subject subject;
	struct crypto_checks *checks;
	enum kk_err err;

	c.certs = kk_read_vec(&io->in);
	(void)core_read_now(io, handle);
	err = core_read_end(io);
	if (err)
		return err;
	err = crypto_checks_new(&checks);
	if (err)
		return err;
	err = chain_check(client, &c, checks, &subject);
	crypto_checks_free(checks);
	if (err)
		return err;
	kk_write_vec(&io->out, kk_view_text(subject.name));
	kk_write_u64(&io->out, (uint64_t)subject.not_before_s);
	kk_write_u64(&io->out, (uint64_t)subject.not_after_s);
	return KK_OK;
}
