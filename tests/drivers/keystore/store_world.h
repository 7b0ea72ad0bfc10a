/* store_world.h - a folder for sealed keys, made for one test. */
#pragma once
#include "drivers/keystore/keystore.h"
#include "harness/tap.h"

struct store_world {
	char folder[64];
	struct keystore *store;
};

extern const uint8_t store_wrap_key[KEYSTORE_WRAP_KEY_BYTES];
struct kk_view store_wrap_view(void);

struct store_world store_world_new(void);
void store_world_free(struct store_world *world); /* with all its files */

/* A file of the folder: "room.key". */
struct kk_bytes store_file_read(const struct store_world *w, const char *file);
void store_file_write(const struct store_world *w, const char *file,
    struct kk_view text);
bool store_file_is_there(const struct store_world *w, const char *file);
/* The path of a file, valid until the next call. */
const char *store_path(const struct store_world *w, const char *file);

/* Makes a P-256 signature key; returns its public key (to be cleared). */
struct kk_bytes store_make(struct keystore *store, const char *name);
/* Only whether it opens: the handle is freed again. */
enum kk_err store_try(struct keystore *store, const char *name);
