/* store_world.c - a folder for sealed keys, made for one test. */
#define _GNU_SOURCE
#include "store_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const uint8_t store_wrap_key[KEYSTORE_WRAP_KEY_BYTES] = { 1, 2, 3, 4, 5, 6, 7,
	8, 9 };

struct kk_view store_wrap_view(void)
{
	return kk_view_of(store_wrap_key, sizeof(store_wrap_key));
}

#ifdef KK_KEYSTORE_FILE
struct store_world store_world_new(void)
{
	struct store_world w = { .folder = "/tmp/konklave-keys-XXXXXX" };

	CHECK_OK(crypto_init());
	CHECK(mkdtemp(w.folder) != NULL);
	CHECK_OK(keystore_file_open(&w.store, w.folder, store_wrap_view()));
	return w;
}

void store_world_free(struct store_world *world)
{
	DIR *dir = opendir(world->folder);
	struct dirent *entry;
	int fd = dir ? dirfd(dir) : -1;

	keystore_free(world->store);
	while (fd >= 0 && (entry = readdir(dir)))
		(void)unlinkat(fd, entry->d_name, 0);
	if (dir)
		(void)closedir(dir);
	CHECK_EQ(rmdir(world->folder), 0);
}
#endif

const char *store_path(const struct store_world *w, const char *file)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", w->folder, file);
	return path;
}

struct kk_bytes store_file_read(const struct store_world *w, const char *file)
{
	struct kk_bytes b = { 0 };
	struct stat st = { 0 };
	int fd = open(store_path(w, file), O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	b.bytes = (size_t)st.st_size;
	b.data = kk_calloc(b.bytes, 1);
	CHECK(b.data != NULL);
	CHECK_EQ(read(fd, b.data, b.bytes), b.bytes);
	(void)close(fd);
	return b;
}

void store_file_write(const struct store_world *w, const char *file,
    struct kk_view text)
{
	int fd = open(store_path(w, file),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text.data, text.bytes), text.bytes);
	(void)close(fd);
}

bool store_file_is_there(const struct store_world *w, const char *file)
{
	return access(store_path(w, file), F_OK) == 0;
}

struct kk_bytes store_make(struct keystore *store, const char *name)
{
	struct crypto_key *key;
	struct kk_bytes public;

	CHECK_OK(keystore_generate(store, name,
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_NEW, &key));
	CHECK_OK(kk_bytes_copy(&public, crypto_key_public(key)));
	crypto_key_free(key);
	return public;
}

enum kk_err store_try(struct keystore *store, const char *name)
{
	struct crypto_key *key;
	enum kk_err err = keystore_find(store, name, NULL, &key);

	if (!err)
		crypto_key_free(key);
	return err;
}
