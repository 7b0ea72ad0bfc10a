/* libs: crypto */
/*
 * keystore_file.c - files of a key store, altered on the disk.
 *
 * First byte odd: the rest is a file.  Even: the rest is a pair (kind, id,
 * length and bytes of the public and of the private key), sealed
 * rightly, so that the fuzzer gets behind the seal.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/keystore/keystore_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#ifdef KK_KEYSTORE_FILE
static struct kk_view wrap_key(void)
{
	static const uint8_t key[KEYSTORE_WRAP_KEY_BYTES] = { 1 };

	return kk_view_of(key, sizeof(key));
}

static void open_file(struct kk_view file)
{
	struct keystore_pair *pair = keystore_secret_new(sizeof(*pair));
	struct crypto_key *key;

	if (!pair)
		return;
	if (!keystore_file_unseal(pair, wrap_key(), "room", file) &&
	    !keystore_handle_new(&key, pair))
		crypto_key_free(key);
	keystore_pair_free(pair);
}

static size_t copy_some(uint8_t *to, size_t room, struct kk_reader *r)
{
	struct kk_view v = kk_read_raw(r, kk_read_u8(r) % (room + 1));

	if (v.bytes > 0)
		memcpy(to, v.data, v.bytes);
	return v.bytes;
}

static void open_sealed(struct kk_view in)
{
	struct keystore_pair pair = { 0 };
	struct kk_reader r;
	struct kk_bytes file;

	kk_reader_init(&r, in);
	pair.type.kind = kk_read_u8(&r);
	pair.type.id = kk_read_u16(&r);
	pair.public_bytes = copy_some(pair.public, sizeof(pair.public), &r);
	pair.private_bytes = copy_some(pair.private, sizeof(pair.private), &r);
	if (keystore_file_seal(&file, wrap_key(), "room", &pair))
		return;
	open_file(kk_bytes_view(&file));
	kk_bytes_clear(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (crypto_init())
		abort();
	if (bytes > 0 && data[0] % 2)
		open_file(kk_view_of(data + 1, bytes - 1));
	else if (bytes > 0)
		open_sealed(kk_view_of(data + 1, bytes - 1));
	return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	(void)data;
	(void)bytes;
	return 0; /* this configuration has no such files */
}
#endif
