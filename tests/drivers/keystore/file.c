/* file.c - what an attacker of the disk, or a crash, may leave behind. */
#define _GNU_SOURCE /* symlink, mode_t */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/keystore/keystore_internal.h"
#include "store_world.h"

#ifdef KK_KEYSTORE_FILE
TEST(keystore_file_opens_its_keys_again)
{
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	struct crypto_key *key;

	keystore_free(w.store);
	CHECK_OK(keystore_file_open(&w.store, w.folder, store_wrap_view()));
	CHECK_OK(keystore_find(w.store, "room", NULL, &key));
	CHECK(kk_view_equal(crypto_key_public(key), kk_bytes_view(&public)));
	crypto_key_free(key);
	kk_bytes_clear(&public);
	store_world_free(&w);
}

TEST(keystore_file_refuses_another_wrapping_key)
{
	uint8_t other[KEYSTORE_WRAP_KEY_BYTES] = { 9 };
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	struct keystore *store;

	CHECK_ERR(keystore_file_open(&store, w.folder, kk_view_of(other, 16)),
	    KK_EINVAL);
	CHECK_ERR(keystore_file_open(&store, w.folder, kk_view_of(other, 0)),
	    KK_EINVAL);
	keystore_free(w.store);
	CHECK_OK(keystore_file_open(&store, w.folder,
	    kk_view_of(other, sizeof(other))));
	CHECK_ERR(store_try(store, "room"), KK_EAUTH);
	keystore_free(store);
	CHECK_OK(keystore_file_open(&w.store, w.folder, store_wrap_view()));
	CHECK_OK(store_try(w.store, "room"));
	kk_bytes_clear(&public);
	store_world_free(&w);
}

TEST(keystore_file_refuses_every_flipped_byte_and_truncation)
{
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	struct kk_bytes text = store_file_read(&w, "room.key");

	for (size_t i = 0; i < text.bytes; i++)
		for (int bit = 0; bit < 8; bit++) {
			text.data[i] ^= (uint8_t)(1 << bit);
			store_file_write(&w, "room.key", kk_bytes_view(&text));
			CHECK_FAIL(store_try(w.store, "room"));
			text.data[i] ^= (uint8_t)(1 << bit);
		}
	for (size_t n = 0; n < text.bytes; n++) {
		store_file_write(&w, "room.key", kk_view_of(text.data, n));
		CHECK_ERR(store_try(w.store, "room"), KK_ETRUNC);
	}
	store_file_write(&w, "room.key", kk_bytes_view(&text));
	CHECK_OK(store_try(w.store, "room"));
	kk_bytes_clear(&text);
	kk_bytes_clear(&public);
	store_world_free(&w);
}

TEST(keystore_file_names_what_is_wrong_with_a_file)
{
	uint8_t big[KEYSTORE_FILE_MAX_BYTES + 1] = { 'K', 'K', 'E', 'Y' };
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	struct kk_bytes text = store_file_read(&w, "room.key");

	store_file_write(&w, "room.key", kk_view_of(big, sizeof(big)));
	CHECK_ERR(store_try(w.store, "room"), KK_EFORMAT);
	memcpy(big, text.data, text.bytes);
	store_file_write(&w, "room.key", kk_view_of(big, text.bytes + 1));
	CHECK_ERR(store_try(w.store, "room"), KK_ETRAIL);
	text.data[0] = 'X';
	store_file_write(&w, "room.key", kk_bytes_view(&text));
	CHECK_ERR(store_try(w.store, "room"), KK_EFORMAT);
	text.data[0] = 'K';
	text.data[5] = 2; /* the version */
	store_file_write(&w, "room.key", kk_bytes_view(&text));
	CHECK_ERR(store_try(w.store, "room"), KK_EUNSUP);
	text.data[5] = 1;
	text.data[text.bytes - 1] ^= 1; /* the tag */
	store_file_write(&w, "room.key", kk_bytes_view(&text));
	CHECK_ERR(store_try(w.store, "room"), KK_EAUTH);
	kk_bytes_clear(&text);
	kk_bytes_clear(&public);
	store_world_free(&w);
}

TEST(keystore_file_folder_is_open_once_at_a_time)
{
	struct store_world w = store_world_new();
	struct keystore *store = NULL;

	CHECK_ERR(keystore_file_open(&store, w.folder, store_wrap_view()),
	    KK_ESTATE);
	CHECK(store == NULL);
	keystore_free(w.store);
	CHECK_OK(keystore_file_open(&w.store, w.folder, store_wrap_view()));
	store_world_free(&w);
}

TEST(keystore_file_refuses_files_that_changed_places)
{
	struct store_world w = store_world_new();
	struct kk_bytes public_a = store_make(w.store, "a");
	struct kk_bytes public_b = store_make(w.store, "b");
	struct kk_bytes a = store_file_read(&w, "a.key");
	struct kk_bytes b = store_file_read(&w, "b.key");

	store_file_write(&w, "a.key", kk_bytes_view(&b));
	store_file_write(&w, "b.key", kk_bytes_view(&a));
	CHECK_ERR(store_try(w.store, "a"), KK_EAUTH);
	CHECK_ERR(store_try(w.store, "b"), KK_EAUTH);
	kk_bytes_clear(&a);
	kk_bytes_clear(&b);
	kk_bytes_clear(&public_a);
	kk_bytes_clear(&public_b);
	store_world_free(&w);
}

/* Well sealed, but the public key is another's: made with the wrapping key. */
TEST(keystore_file_refuses_a_pair_that_does_not_belong_together)
{
	struct store_world w = store_world_new();
	struct keystore_pair *a, *b;
	struct kk_bytes text;

	CHECK_OK(keystore_pair_new(&a,
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256)));
	CHECK_OK(keystore_pair_new(&b,
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256)));
	memcpy(a->public, b->public, b->public_bytes);
	CHECK_OK(keystore_file_seal(&text, store_wrap_view(), "room", a));
	store_file_write(&w, "room.key", kk_bytes_view(&text));
	CHECK_ERR(store_try(w.store, "room"), KK_EFORMAT);
	kk_bytes_clear(&text);
	memset(a->private, 0, a->private_bytes);
	CHECK_OK(keystore_file_seal(&text, store_wrap_view(), "room", a));
	store_file_write(&w, "room.key", kk_bytes_view(&text));
	CHECK_ERR(store_try(w.store, "room"), KK_EFORMAT);
	kk_bytes_clear(&text);
	keystore_pair_free(a);
	keystore_pair_free(b);
	store_world_free(&w);
}

static bool bytes_have(struct kk_view in, struct kk_view what)
{
	for (size_t i = 0; i + what.bytes <= in.bytes; i++)
		if (memcmp(in.data + i, what.data, what.bytes) == 0)
			return true;
	return false;
}

TEST(keystore_file_has_no_piece_of_the_private_key)
{
	struct kk_bytes text;
	struct keystore_pair *pair;

	CHECK_OK(crypto_init());
	CHECK_OK(keystore_pair_new(&pair,
	    keystore_type_sig(CRYPTO_ECDSA_P384_SHA384)));
	CHECK_OK(keystore_file_seal(&text, store_wrap_view(), "room", pair));
	CHECK(bytes_have(kk_bytes_view(&text),
	    kk_view_of(pair->public, pair->public_bytes)));
	for (size_t i = 0; i + 4 <= pair->private_bytes; i++)
		CHECK(!bytes_have(kk_bytes_view(&text),
		    kk_view_of(pair->private + i, 4)));
	kk_bytes_clear(&text);
	keystore_pair_free(pair);
}

TEST(keystore_file_never_seals_twice_alike)
{
	struct kk_bytes a, b;
	struct keystore_pair *pair;

	CHECK_OK(crypto_init());
	CHECK_OK(keystore_pair_new(&pair,
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256)));
	CHECK_OK(keystore_file_seal(&a, store_wrap_view(), "room", pair));
	CHECK_OK(keystore_file_seal(&b, store_wrap_view(), "room", pair));
	CHECK_EQ(a.bytes, b.bytes);
	CHECK(!kk_view_equal(kk_bytes_view(&a), kk_bytes_view(&b)));
	kk_bytes_clear(&a);
	kk_bytes_clear(&b);
	keystore_pair_free(pair);
}

TEST(keystore_file_is_for_its_owner_alone)
{
	struct store_world w = store_world_new();
	mode_t old = umask(0);
	struct kk_bytes public = store_make(w.store, "room");
	struct stat st;

	(void)umask(old);
	CHECK_EQ(stat(store_path(&w, "room.key"), &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0600);
	kk_bytes_clear(&public);
	store_world_free(&w);
}

TEST(keystore_file_refuses_folders_open_to_others)
{
	static const mode_t modes[] = { 0740, 0720, 0710, 0704, 0702, 0701,
		0777 };
	struct store_world w = store_world_new();
	struct keystore *store = NULL;

	for (size_t i = 0; i < KK_ARRAY_LEN(modes); i++) {
		CHECK_EQ(chmod(w.folder, modes[i]), 0);
		CHECK_ERR(keystore_file_open(&store, w.folder,
			      store_wrap_view()),
		    KK_EDENIED);
	}
	CHECK_EQ(chmod(w.folder, 0700), 0);
	CHECK(store == NULL);
	store_world_free(&w);
}

TEST(keystore_file_refuses_folders_of_another_user)
{
	struct store_world w = store_world_new();
	struct keystore *store = NULL;

	if (chown(w.folder, 1, 1) != 0) {
		store_world_free(&w);
		SKIP("only root can give a folder away");
	}
	CHECK_ERR(keystore_file_open(&store, w.folder, store_wrap_view()),
	    KK_EDENIED);
	CHECK_EQ(chown(w.folder, geteuid(), getegid()), 0);
	store_world_free(&w);
}

TEST(keystore_file_refuses_links_and_what_is_no_folder)
{
	struct store_world w = store_world_new();
	struct store_world other = store_world_new();
	struct keystore *store = NULL;

	CHECK_EQ(symlink(other.folder, store_path(&w, "link")), 0);
	CHECK_ERR(keystore_file_open(&store, store_path(&w, "link"),
		      store_wrap_view()),
	    KK_EDENIED);
	store_file_write(&w, "plain", kk_view_text("x"));
	CHECK_ERR(keystore_file_open(&store, store_path(&w, "plain"),
		      store_wrap_view()),
	    KK_EDENIED);
	CHECK_ERR(keystore_file_open(&store, store_path(&w, "nowhere"),
		      store_wrap_view()),
	    KK_ENOENT);
	CHECK(store == NULL);
	store_world_free(&other);
	store_world_free(&w);
}

TEST(keystore_file_refuses_links_pipes_and_readable_files_as_keys)
{
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	char aside[128];

	(void)snprintf(aside, sizeof(aside), "%s/aside", w.folder);
	CHECK_EQ(rename(store_path(&w, "room.key"), aside), 0);
	CHECK_EQ(symlink(aside, store_path(&w, "room.key")), 0);
	CHECK_ERR(store_try(w.store, "room"), KK_EDENIED);
	CHECK_EQ(rename(aside, store_path(&w, "room.key")), 0);
	CHECK_OK(store_try(w.store, "room"));
	CHECK_EQ(chmod(store_path(&w, "room.key"), 0640), 0);
	CHECK_ERR(store_try(w.store, "room"), KK_EDENIED);
	CHECK_EQ(unlink(store_path(&w, "room.key")), 0);
	CHECK_EQ(mkfifo(store_path(&w, "room.key"), 0600), 0);
	CHECK_ERR(store_try(w.store, "room"), KK_EDENIED);
	kk_bytes_clear(&public);
	store_world_free(&w);
}

/* A link in the place of the file to be made must not lead the text away. */
TEST(keystore_file_writes_through_no_link)
{
	struct store_world w = store_world_new();
	struct store_world other = store_world_new();
	struct kk_bytes public, victim;
	char target[128];

	store_file_write(&other, "victim", kk_view_text("whole"));
	(void)snprintf(target, sizeof(target), "%s/victim", other.folder);
	CHECK_EQ(symlink(target, store_path(&w, "room.new")), 0);
	public = store_make(w.store, "room");
	CHECK_OK(store_try(w.store, "room"));
	victim = store_file_read(&other, "victim");
	CHECK(kk_view_equal(kk_bytes_view(&victim), kk_view_text("whole")));
	kk_bytes_clear(&victim);
	kk_bytes_clear(&public);
	store_world_free(&other);
	store_world_free(&w);
}

/* What a crash leaves between the writing and the renaming of a new key. */
TEST(keystore_file_keeps_the_old_key_when_a_change_is_cut_short)
{
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	struct keystore_name names[2];
	struct crypto_key *key;
	size_t count = 2;

	store_file_write(&w, "room.new", kk_view_text("KKEY half a fi"));
	keystore_free(w.store);
	CHECK_OK(keystore_file_open(&w.store, w.folder, store_wrap_view()));
	CHECK_OK(keystore_find(w.store, "room", NULL, &key));
	CHECK(kk_view_equal(crypto_key_public(key), kk_bytes_view(&public)));
	crypto_key_free(key);
	CHECK_OK(keystore_list(w.store, names, &count));
	CHECK_EQ(count, 1);
	/* The next change goes over it. */
	CHECK_OK(keystore_generate(w.store, "room",
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_REPLACE,
	    &key));
	crypto_key_free(key);
	CHECK(!store_file_is_there(&w, "room.new"));
	CHECK_OK(store_try(w.store, "room"));
	kk_bytes_clear(&public);
	store_world_free(&w);
}

TEST(keystore_file_leaves_nothing_behind_when_it_cannot_write)
{
	struct store_world w = store_world_new();
	struct crypto_key *key = NULL;

	/* A folder in the way cannot be unlinked. */
	CHECK_EQ(mkdir(store_path(&w, "room.new"), 0700), 0);
	CHECK_FAIL(keystore_generate(w.store, "room",
	    keystore_type_sig(CRYPTO_ECDSA_P256_SHA256), KEYSTORE_NEW, &key));
	CHECK(key == NULL);
	CHECK_ERR(store_try(w.store, "room"), KK_ENOENT);
	CHECK_EQ(rmdir(store_path(&w, "room.new")), 0);
	store_world_free(&w);
}

static void fill(const struct store_world *w, size_t from, size_t to)
{
	char file[32];

	for (size_t i = from; i < to; i++) {
		(void)snprintf(file, sizeof(file), "k%04zu.key", i);
		store_file_write(w, file, kk_view_text("x"));
	}
}

TEST(keystore_file_bounds_keys_and_listings)
{
	static struct keystore_name names[KEYSTORE_KEYS_MAX];
	struct keystore_type type = keystore_type_sig(CRYPTO_ECDSA_P256_SHA256);
	struct store_world w = store_world_new();
	struct kk_bytes public = store_make(w.store, "room");
	struct crypto_key *key = NULL;
	size_t count = KEYSTORE_KEYS_MAX;

	fill(&w, 0, 999);
	store_file_write(&w, "NOT A NAME.key", kk_view_text("x"));
	store_file_write(&w, "other.txt", kk_view_text("x"));
	CHECK_OK(keystore_list(w.store, names, &count));
	CHECK_EQ(count, 1000);
	CHECK_STR(names[0].text, "k0000");
	CHECK_STR(names[999].text, "room");
	fill(&w, 999, KEYSTORE_KEYS_MAX - 1);
	CHECK_ERR(keystore_generate(w.store, "new", type, KEYSTORE_NEW, &key),
	    KK_ELIMIT);
	CHECK_ERR(keystore_generate(w.store, "new", type, KEYSTORE_REPLACE,
		      &key),
	    KK_ELIMIT);
	CHECK(key == NULL);
	CHECK_OK(keystore_generate(w.store, "room", type, KEYSTORE_REPLACE,
	    &key));
	crypto_key_free(key);
	fill(&w, KEYSTORE_KEYS_MAX, KEYSTORE_KEYS_MAX + 1);
	count = KEYSTORE_KEYS_MAX;
	CHECK_ERR(keystore_list(w.store, names, &count), KK_ELIMIT);
	CHECK_EQ(count, 0);
	kk_bytes_clear(&public);
	store_world_free(&w);
}
#endif
