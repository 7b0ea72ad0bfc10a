/* client.c - clients: who we are, and whom we trust. */
#include "web/core/core_internal.h"

void core_client_free(struct core_client *client)
{
	if (!client)
		return;
	mls_client_free(client->mls);
	crypto_x509_trust_free(client->trust);
	for (size_t i = 0; i < client->psk_count; i++) {
		kk_bytes_clear(&client->psks[i].id);
		kk_bytes_clear(&client->psks[i].secret);
	}
	kk_free_wiped(client, sizeof(*client));
}

static struct mls_credential read_credential(struct kk_reader *in)
{
	struct mls_credential c = { .type = kk_read_u16(in) };
	struct kk_view content = kk_read_vec(in);

	if (c.type == MLS_CREDENTIAL_X509)
		c.certs = content;
	else if (c.type == MLS_CREDENTIAL_BASIC)
		c.identity = content;
	else
		kk_reader_fail(in, KK_EUNSUP);
	return c;
}

static struct mls_limits read_limits(struct kk_reader *in)
{
	struct mls_limits limits = { .members = kk_read_u32(in) };

	limits.message_bytes = kk_read_u32(in);
	limits.forward = kk_read_u32(in);
	limits.past_epochs = kk_read_u32(in);
	return limits;
}

static void read_config(struct kk_reader *in, struct mls_client_config *config)
{
	config->credential = read_credential(in);
	config->extensions.raw = kk_read_vec(in);
	config->refuse_public_handshake = kk_read_present(in);
	config->lifetime_s = kk_read_u32(in);
	config->padding_bytes = kk_read_u32(in);
	config->limits = read_limits(in);
}

static enum kk_err client_fill(struct core_client *client,
    struct mls_client_config *config)
{
	enum kk_err err;

	client->suite = config->suite;
	config->hooks.arg = client;
	config->hooks.psk = core_hook_psk;
	config->hooks.credential = core_hook_credential;
	err = crypto_x509_trust_new(&client->trust);
	return err ? err : mls_client_new(&client->mls, config);
}

/* suite, signer, accepts basic credentials, then read_config() */
enum kk_err core_client_new(struct core_io *io)
{
	struct mls_client_config config = { 0 };
	struct core_client *client;
	uint32_t signer;
	bool accepts_basic;
	enum kk_err err;

	config.suite = crypto_suite_get(kk_read_u16(&io->in));
	config.signer = core_read_thing(io, CORE_SIGNER, &signer);
	accepts_basic = kk_read_present(&io->in);
	read_config(&io->in, &config);
	err = core_read_end(io);
	if (err)
		return err;
	if (!config.suite)
		return KK_EUNSUP;
	client = kk_calloc(1, sizeof(*client));
	if (!client)
		return KK_ENOMEM;
	client->accepts_basic = accepts_basic;
	err = client_fill(client, &config);
	if (!err)
		return core_give(io, CORE_CLIENT, client, signer);
	core_client_free(client);
	return err;
}

enum trust_kind { TRUST_CA, TRUST_ISSUER, TRUST_CRL, TRUST_REQUIRE_CRL };

enum kk_err core_client_trust(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	enum trust_kind kind = kk_read_u8(&io->in);
	struct kk_view bytes = kk_read_vec(&io->in);
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	switch (kind) {
	case TRUST_CA:
		return crypto_x509_trust_add_ca(client->trust, bytes);
	case TRUST_ISSUER:
		return crypto_x509_trust_add_issuer(client->trust, bytes);
	case TRUST_CRL:
		return crypto_x509_trust_add_crl(client->trust, bytes);
	case TRUST_REQUIRE_CRL:
		crypto_x509_trust_require_crl(client->trust, true);
		return KK_OK;
	default:
		return KK_EINVAL;
	}
}

static struct core_psk *psk_find(struct core_client *client, struct kk_view id)
{
	for (size_t i = 0; i < client->psk_count; i++)
		if (kk_view_equal(kk_bytes_view(&client->psks[i].id), id))
			return &client->psks[i];
	return NULL;
}

static void psk_remove(struct core_client *client, struct core_psk *psk)
{
	if (!psk)
		return;
	kk_bytes_clear(&psk->id);
	kk_bytes_clear(&psk->secret);
	*psk = client->psks[--client->psk_count];
}

enum kk_err core_client_psk_add(struct core_client *client, struct kk_view id,
    struct kk_view secret)
{
	struct core_psk psk;
	enum kk_err err;

	if (psk_find(client, id))
		return KK_EEXIST;
	if (client->psk_count == CORE_PSKS_MAX)
		return KK_ELIMIT;
	err = kk_bytes_copy(&psk.id, id);
	if (err)
		return err;
	err = kk_bytes_copy(&psk.secret, secret);
	if (err) {
		kk_bytes_clear(&psk.id);
		return err;
	}
	client->psks[client->psk_count++] = psk;
	return KK_OK;
}

/* An empty secret takes the PSK out. */
enum kk_err core_client_psk(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	struct kk_view id = kk_read_vec(&io->in);
	struct kk_view secret = kk_read_vec(&io->in);
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	if (secret.bytes > 0)
		return core_client_psk_add(client, id, secret);
	psk_remove(client, psk_find(client, id));
	return KK_OK;
}

enum kk_err core_hook_psk(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret)
{
	struct core_client *client = arg;
	struct core_psk *psk = NULL;

	if (id->type == MLS_PSK_EXTERNAL)
		psk = psk_find(client, id->id);
	if (!psk)
		return KK_ENOENT;
	client->psk_uses++;
	return kk_bytes_copy(secret, kk_bytes_view(&psk->secret));
}

/*
 * A join that was made without a PSK is one by somebody who need not know it:
 * who joins compares the count before and after.
 */
enum kk_err core_client_psk_uses(struct core_io *io)
{
	uint32_t handle;
	struct core_client *client = core_read_thing(io, CORE_CLIENT, &handle);
	enum kk_err err = core_read_end(io);

	if (!err)
		kk_write_u32(&io->out, client->psk_uses);
	return err;
}
