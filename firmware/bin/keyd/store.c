/* store.c - meetings on the disk, sealed.  docs/protocol.md, "Saved state". */
#define _GNU_SOURCE /* O_DIRECTORY */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyd.h"

enum {
	FILE_VERSION = 1,
	HEAD_BYTES = 4,
	FILE_MAX_BYTES = 64 * 1024 * 1024,
	PATH_BYTES = 4096,
	NAME_BYTES = 2 * MEETING_ID_MAX_BYTES + 1
};

static const uint8_t head[HEAD_BYTES] = { 'K', 'K', 'D', FILE_VERSION };

struct content { /* of a file: views into it */
	struct kk_view id, secret, kp, group, own;
	uint16_t suite;
	uint8_t phase;
	uint64_t last_handle, own_handle;
};

static enum kk_err folder_make(const char *top, const char *name, char *path)
{
	int n = snprintf(path, PATH_BYTES, "%s/%s", top, name);

	if (n < 0 || n >= PATH_BYTES)
		return KK_EINVAL;
	return mkdir(path, 0700) && errno != EEXIST ? KK_EIO : KK_OK;
}

static enum kk_err key_derive(struct kk_view wrap_key, const char *label,
    uint8_t out[32])
{
	uint8_t prk[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err = crypto_hkdf_extract(CRYPTO_SHA256,
	    kk_view_text("Konklave 1 keyd"), wrap_key, prk);

	if (!err)
		err = crypto_hkdf_expand(CRYPTO_SHA256,
		    kk_view_of(prk, crypto_hash_bytes(CRYPTO_SHA256)),
		    kk_view_text(label), out, 32);
	kk_wipe(prk, sizeof(prk));
	return err;
}

enum kk_err keyd_store_open(struct keyd *k, struct kk_view wrap_key)
{
	char path[PATH_BYTES];
	enum kk_err err = key_derive(wrap_key, "files", k->file_key);

	if (!err)
		err = key_derive(wrap_key, "groups", k->mls_key);
	if (!err)
		err = folder_make(k->options.state, "meetings", path);
	if (err)
		return err;
	k->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->folder < 0)
		return KK_EIO;
	/* One process has the state, wherever its keys are; and no other tries
	 * a token's PIN. */
	if (flock(k->folder, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? KK_ESTATE : KK_EIO;
	return keyd_device_open(k, wrap_key);
}

static void name_make(const struct keyd_meeting *m, char name[NAME_BYTES])
{
	struct kk_view id = meeting_keys_id(m->keys);

	for (size_t i = 0; i < id.bytes; i++)
		(void)snprintf(name + 2 * i, 3, "%02x", id.data[i]);
}

/* What of the meeting the group's library saves, each empty where not there. */
struct saved {
	struct kk_bytes kp, group, own;
	uint64_t own_handle;
};

static void saved_clear(struct saved *s)
{
	kk_bytes_clear(&s->kp);
	kk_bytes_clear(&s->group);
	kk_bytes_clear(&s->own);
}

static enum kk_err saved_make(struct keyd *k, const struct keyd_meeting *m,
    struct saved *s)
{
	enum kk_err err = KK_OK;

	*s = (struct saved){ 0 };
	if (m->kp)
		err = mls_key_package_save(m->kp, k->mls_key, &s->kp);
	if (!err && m->group && m->phase == KEYD_JOINED)
		err = mls_group_save(m->group, k->mls_key, &s->group);
	for (size_t i = 0; !err && m->group && i < KEYD_STAGED_MAX; i++) {
		const struct keyd_staged *st = &m->staged[i];

		if (!st->handle || !st->is_own)
			continue;
		err = mls_staged_save(st->staged, k->mls_key, &s->own);
		s->own_handle = st->handle;
		break;
	}
	return err;
}

static void content_write(struct kk_writer *w, const struct keyd_meeting *m,
    const struct saved *s)
{
	kk_write_vec(w, meeting_keys_id(m->keys));
	kk_write_vec(w, kk_view_of(m->secret, sizeof(m->secret)));
	kk_write_u16(w, m->who->suite->id);
	kk_write_u8(w, (uint8_t)m->phase);
	kk_write_u64(w, m->last_handle);
	kk_write_vec(w, kk_bytes_view(&s->kp));
	kk_write_vec(w, kk_bytes_view(&s->group));
	kk_write_u64(w, s->own_handle);
	kk_write_vec(w, kk_bytes_view(&s->own));
}

static enum kk_err content_read(struct content *c, struct kk_view in)
{
	struct kk_reader r;

	kk_reader_init(&r, in);
	c->id = kk_read_vec(&r);
	c->secret = kk_read_vec(&r);
	c->suite = kk_read_u16(&r);
	c->phase = kk_read_u8(&r);
	c->last_handle = kk_read_u64(&r);
	c->kp = kk_read_vec(&r);
	c->group = kk_read_vec(&r);
	c->own_handle = kk_read_u64(&r);
	c->own = kk_read_vec(&r);
	return kk_reader_end(&r);
}

/* head | nonce | ciphertext and tag; the head is the AAD. */
static enum kk_err file_seal(struct keyd *k, struct kk_view plain,
    struct kk_bytes *out)
{
	const size_t front = HEAD_BYTES + CRYPTO_AEAD_NONCE_BYTES;
	enum kk_err err;

	out->bytes = front + plain.bytes + CRYPTO_AEAD_TAG_BYTES;
	out->data = kk_calloc(1, out->bytes);
	if (!out->data) {
		out->bytes = 0;
		return KK_ENOMEM;
	}
	memcpy(out->data, head, HEAD_BYTES);
	err = crypto_random(out->data + HEAD_BYTES, CRYPTO_AEAD_NONCE_BYTES);
	if (!err)
		err = crypto_aead_seal(CRYPTO_AES_256_GCM,
		    kk_view_of(k->file_key, sizeof(k->file_key)),
		    kk_view_of(out->data + HEAD_BYTES, CRYPTO_AEAD_NONCE_BYTES),
		    kk_view_of(head, HEAD_BYTES), plain, out->data + front);
	return err;
}

/* Opens in place; *plain is a view into file. */
static enum kk_err file_open(struct keyd *k, struct kk_bytes *file,
    struct kk_view *plain)
{
	const size_t front = HEAD_BYTES + CRYPTO_AEAD_NONCE_BYTES;
	enum kk_err err;

	if (file->bytes < front + CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	if (memcmp(file->data, head, HEAD_BYTES) != 0)
		return KK_EUNSUP;
	err = crypto_aead_open(CRYPTO_AES_256_GCM,
	    kk_view_of(k->file_key, sizeof(k->file_key)),
	    kk_view_of(file->data + HEAD_BYTES, CRYPTO_AEAD_NONCE_BYTES),
	    kk_view_of(head, HEAD_BYTES),
	    kk_view_of(file->data + front, file->bytes - front),
	    file->data + front);
	*plain = kk_view_of(file->data + front,
	    file->bytes - front - CRYPTO_AEAD_TAG_BYTES);
	return err;
}

enum kk_err keyd_store_save(struct keyd *k, const struct keyd_meeting *m)
{
	struct kk_bytes sealed = { 0 };
	char name[NAME_BYTES];
	struct kk_writer w;
	struct saved s;
	enum kk_err err;

	kk_writer_init(&w);
	err = saved_make(k, m, &s);
	if (!err) {
		content_write(&w, m, &s);
		err = w.err;
	}
	if (!err)
		err = file_seal(k, kk_writer_view(&w), &sealed);
	if (!err) {
		name_make(m, name);
		err = program_file_write(k->folder, name,
		    kk_bytes_view(&sealed));
	}
	kk_bytes_clear(&sealed);
	kk_writer_clear(&w);
	saved_clear(&s);
	if (err)
		kk_log(&k->log, KK_LOG_ERROR, "saving failed err=%s",
		    kk_err_name(err));
	return err;
}

static enum kk_err group_restore(struct keyd *k, struct keyd_meeting *m,
    const struct content *c)
{
	struct mls_staged *own = NULL;
	enum kk_err err;

	err = mls_group_restore(&m->group, m->who->client, k->mls_key,
	    c->group);
	if (err || c->own.bytes == 0)
		return err;
	err = mls_staged_restore(&own, m->group, k->mls_key, c->own);
	if (!err)
		err = crypto_checks_run(mls_staged_checks(own));
	if (err) {
		mls_staged_free(own);
		return err;
	}
	m->staged[0] = (struct keyd_staged){ .handle = c->own_handle,
		.staged = own,
		.is_own = true };
	return KK_OK;
}

static enum kk_err meeting_restore(struct keyd *k, const struct content *c)
{
	struct keyd_identity *who = keyd_identity_get(k, c->suite);
	struct keyd_meeting *m;
	enum kk_err err;

	if (!who || c->phase > KEYD_REJOIN)
		return KK_EUNSUP;
	err = keyd_meeting_new(k, c->id, c->secret, who, &m);
	if (err)
		return err;
	m->last_handle = c->last_handle;
	m->phase = (enum keyd_phase)c->phase;
	if (c->kp.bytes)
		err = mls_key_package_restore(&m->kp, who->client, k->mls_key,
		    c->kp);
	if (!err && c->group.bytes)
		err = group_restore(k, m, c);
	if (!err && m->phase == KEYD_JOINED && !m->group)
		err = KK_EFORMAT;
	if (!err)
		return KK_OK;
	/* The secret is good, its group is not: that can be told. */
	kk_log(&k->log, KK_LOG_WARNING,
	    "a group cannot be restored, it has to be joined anew err=%s",
	    kk_err_name(err));
	keyd_staged_drop_all(m);
	mls_group_free(m->group);
	m->group = NULL;
	m->phase = KEYD_REJOIN;
	return keyd_store_save(k, m);
}

static void file_load(struct keyd *k, const char *name)
{
	char path[PATH_BYTES];
	struct content c = { .phase = KEYD_NONE };
	struct kk_view plain = { 0 };
	struct kk_bytes file = { 0 };
	enum kk_err err;
	int n = snprintf(path, sizeof(path), "%s/meetings/%s", k->options.state,
	    name);

	if (n < 0 || n >= PATH_BYTES)
		return;
	err = program_file_read(path, FILE_MAX_BYTES, &file);
	if (!err)
		err = file_open(k, &file, &plain);
	if (!err)
		err = content_read(&c, plain);
	if (!err && c.secret.bytes != MEETING_SECRET_BYTES)
		err = KK_EFORMAT;
	if (!err)
		err = meeting_restore(k, &c);
	if (err)
		kk_log(&k->log, KK_LOG_ERROR,
		    "a meeting's file is not to be read err=%s",
		    kk_err_name(err));
	kk_bytes_clear(&file);
}

void keyd_store_load_all(struct keyd *k)
{
	int fd = dup(k->folder);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!folder) {
		if (fd >= 0)
			(void)close(fd);
		kk_log(&k->log, KK_LOG_ERROR, "meetings cannot be listed");
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		/* A name with a dot is "." or a write that was cut short. */
		if (!strchr(entry->d_name, '.'))
			file_load(k, entry->d_name);
	}
	(void)closedir(folder);
}

void keyd_store_delete(struct keyd *k, const struct keyd_meeting *m)
{
	char name[NAME_BYTES];

	name_make(m, name);
	if (unlinkat(k->folder, name, 0) || fsync(k->folder))
		kk_log(&k->log, KK_LOG_WARNING,
		    "a meeting's file is not deleted");
}
