/* protect_private.c - encrypting framed content (RFC 9420, 6.3). */
#include "mls/protect.h"

#include <string.h>

enum {
	REUSE_GUARD_BYTES = 4, /* 6.3.1 */
	SENDER_DATA_BYTES = 4 + 4 + REUSE_GUARD_BYTES
};

struct sender_data { /* 6.3.2 */
	uint32_t leaf;
	uint32_t generation;
	uint8_t reuse_guard[REUSE_GUARD_BYTES];
};

static enum mls_ratchet ratchet_of(uint8_t content_type)
{
	return content_type == MLS_CONTENT_APPLICATION ?
	    MLS_RATCHET_APPLICATION :
	    MLS_RATCHET_HANDSHAKE;
}

/* SenderDataAAD; the AAD of the content is the same with authenticated_data
 * behind it, as PrivateContentAAD. */
static void aad_write(struct kk_writer *w, const struct mls_private_message *m)
{
	kk_write_vec(w, m->group_id);
	kk_write_u64(w, m->epoch);
	kk_write_u8(w, m->type);
}

static void nonce_guard(struct mls_message_key *key, const uint8_t *guard)
{
	for (size_t i = 0; i < REUSE_GUARD_BYTES; i++)
		key->nonce[i] ^= guard[i];
}

/* PrivateContentAAD. */
static enum kk_err content_aad(const struct mls_private_message *m,
    struct kk_bytes *aad)
{
	struct kk_writer w;

	kk_writer_init(&w);
	aad_write(&w, m);
	kk_write_vec(&w, m->authenticated_data);
	return kk_writer_take(&w, aad);
}

static enum kk_err content_seal(const struct mls_private_keys *keys,
    struct kk_view plain, const struct mls_private_message *m,
    const struct mls_message_key *key, uint8_t *out)
{
	struct kk_bytes aad;
	enum kk_err err = content_aad(m, &aad);

	if (!err)
		err = crypto_aead_seal(keys->suite->aead,
		    kk_view_of(key->key, keys->suite->aead_key_bytes),
		    kk_view_of(key->nonce, sizeof(key->nonce)),
		    kk_bytes_view(&aad), plain, out);
	kk_bytes_clear(&aad);
	return err;
}

static enum kk_err content_open(const struct mls_private_keys *keys,
    const struct mls_private_message *m, const struct mls_message_key *key,
    uint8_t *out)
{
	struct kk_bytes aad;
	enum kk_err err = content_aad(m, &aad);

	if (!err)
		err = crypto_aead_open(keys->suite->aead,
		    kk_view_of(key->key, keys->suite->aead_key_bytes),
		    kk_view_of(key->nonce, sizeof(key->nonce)),
		    kk_bytes_view(&aad), m->ciphertext, out);
	kk_bytes_clear(&aad);
	return err;
}

static enum kk_err sender_data_seal(const struct mls_private_keys *keys,
    const struct sender_data *data, const struct mls_private_message *m,
    uint8_t *out)
{
	struct mls_message_key key;
	struct kk_writer plain, aad;
	enum kk_err err;

	err = mls_sender_data_key(keys->suite, keys->sender_data, m->ciphertext,
	    &key);
	if (err)
		return err;
	kk_writer_init(&plain);
	kk_writer_init(&aad);
	kk_write_u32(&plain, data->leaf);
	kk_write_u32(&plain, data->generation);
	kk_write_raw(&plain, kk_view_of(data->reuse_guard, REUSE_GUARD_BYTES));
	aad_write(&aad, m);
	err = plain.err ? plain.err : aad.err;
	if (!err)
		err = crypto_aead_seal(keys->suite->aead,
		    kk_view_of(key.key, keys->suite->aead_key_bytes),
		    kk_view_of(key.nonce, sizeof(key.nonce)),
		    kk_writer_view(&aad), kk_writer_view(&plain), out);
	kk_writer_clear(&plain);
	kk_writer_clear(&aad);
	kk_wipe(&key, sizeof(key));
	return err;
}

static enum kk_err sender_data_open(const struct mls_private_keys *keys,
    const struct mls_private_message *m, struct sender_data *data)
{
	uint8_t plain[SENDER_DATA_BYTES];
	struct mls_message_key key;
	struct kk_writer aad;
	struct kk_reader r;
	enum kk_err err;

	if (m->sender_data.bytes != sizeof(plain) + CRYPTO_AEAD_TAG_BYTES)
		return KK_EFORMAT;
	err = mls_sender_data_key(keys->suite, keys->sender_data, m->ciphertext,
	    &key);
	if (err)
		return err;
	kk_writer_init(&aad);
	aad_write(&aad, m);
	err = aad.err;
	if (!err)
		err = crypto_aead_open(keys->suite->aead,
		    kk_view_of(key.key, keys->suite->aead_key_bytes),
		    kk_view_of(key.nonce, sizeof(key.nonce)),
		    kk_writer_view(&aad), m->sender_data, plain);
	kk_writer_clear(&aad);
	kk_wipe(&key, sizeof(key));
	if (err)
		return err;
	kk_reader_init(&r, kk_view_of(plain, sizeof(plain)));
	data->leaf = kk_read_u32(&r);
	data->generation = kk_read_u32(&r);
	memcpy(data->reuse_guard, r.p, REUSE_GUARD_BYTES);
	return KK_OK;
}

/* Encrypts the written plaintext; m gets ciphertext and sender data. */
static enum kk_err message_seal(const struct mls_private_keys *keys,
    struct kk_view plain, uint32_t leaf, struct mls_private_message *m,
    struct kk_bytes *message)
{
	uint8_t sender_ct[SENDER_DATA_BYTES + CRYPTO_AEAD_TAG_BYTES];
	struct sender_data data = { .leaf = leaf };
	struct mls_message_key key;
	struct kk_writer w;
	uint8_t *ct;
	enum kk_err err;

	err = crypto_random(data.reuse_guard, REUSE_GUARD_BYTES);
	if (err)
		return err;
	ct = kk_calloc(1, plain.bytes + CRYPTO_AEAD_TAG_BYTES);
	if (!ct)
		return KK_ENOMEM;
	err = mls_secret_tree_next(keys->tree, leaf, ratchet_of(m->type), &key,
	    &data.generation);
	if (!err) {
		nonce_guard(&key, data.reuse_guard);
		err = content_seal(keys, plain, m, &key, ct);
		kk_wipe(&key, sizeof(key));
	}
	m->ciphertext = kk_view_of(ct, plain.bytes + CRYPTO_AEAD_TAG_BYTES);
	if (!err)
		err = sender_data_seal(keys, &data, m, sender_ct);
	if (!err) {
		m->sender_data = kk_view_of(sender_ct, sizeof(sender_ct));
		kk_writer_init(&w);
		mls_message_write_header(&w, MLS_PRIVATE_MESSAGE);
		mls_private_message_write(&w, m);
		err = kk_writer_take(&w, message);
	}
	kk_free(ct);
	return err;
}

enum kk_err mls_private_protect(const struct mls_private_keys *keys,
    const struct mls_content *content, const struct mls_auth *auth,
    size_t padding_bytes, struct kk_bytes *message)
{
	struct mls_private_message m = {
		.group_id = content->group_id,
		.epoch = content->epoch,
		.type = content->type,
		.authenticated_data = content->authenticated_data,
	};
	struct kk_writer plain;
	size_t over;
	enum kk_err err;

	if (content->sender.type != MLS_SENDER_MEMBER)
		return KK_EINVAL;
	kk_writer_init(&plain);
	mls_private_content_write(&plain, content, auth, 0);
	over = padding_bytes > 1 ? plain.bytes % padding_bytes : 0;
	for (size_t i = over; over > 0 && i < padding_bytes; i++)
		kk_write_u8(&plain, 0);
	err = plain.err;
	if (!err)
		err = message_seal(keys, kk_writer_view(&plain),
		    content->sender.index, &m, message);
	kk_writer_clear(&plain);
	return err;
}

static enum kk_err plain_parse(struct mls_opened *opened,
    const struct mls_private_message *m, uint32_t leaf)
{
	struct mls_content *c = &opened->content;
	struct kk_reader r;

	kk_reader_init(&r, kk_bytes_view(&opened->plain));
	*c = (struct mls_content){
		.group_id = m->group_id,
		.epoch = m->epoch,
		.sender = { MLS_SENDER_MEMBER, leaf },
		.authenticated_data = m->authenticated_data,
		.type = m->type,
	};
	mls_private_content_read(&r, c, &opened->auth);
	return kk_reader_end(&r);
}

enum kk_err mls_private_open(const struct mls_private_keys *keys,
    const struct mls_private_message *m, struct mls_opened *opened)
{
	struct mls_message_key key;
	struct sender_data data;
	enum kk_err err;

	*opened = (struct mls_opened){ 0 };
	if (m->ciphertext.bytes < CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	err = sender_data_open(keys, m, &data);
	if (!err)
		err = mls_secret_tree_peek(keys->tree, data.leaf,
		    ratchet_of(m->type), data.generation, &key);
	if (err)
		return err;
	opened->plain.bytes = m->ciphertext.bytes - CRYPTO_AEAD_TAG_BYTES;
	opened->plain.data = kk_calloc(1, opened->plain.bytes);
	opened->generation = data.generation;
	nonce_guard(&key, data.reuse_guard);
	err = KK_ENOMEM;
	if (opened->plain.data)
		err = content_open(keys, m, &key, opened->plain.data);
	kk_wipe(&key, sizeof(key));
	if (!err)
		err = plain_parse(opened, m, data.leaf);
	if (err)
		mls_opened_clear(opened);
	return err;
}

enum kk_err mls_private_consume(const struct mls_private_keys *keys,
    const struct mls_opened *opened)
{
	return mls_secret_tree_consume(keys->tree, opened->content.sender.index,
	    ratchet_of(opened->content.type), opened->generation);
}

void mls_opened_clear(struct mls_opened *opened)
{
	kk_bytes_clear(&opened->plain);
	*opened = (struct mls_opened){ 0 };
}
