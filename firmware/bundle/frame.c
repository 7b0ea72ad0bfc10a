/* frame.c - the end of a bundle, and what it says of the rest. */
#include <string.h>

#include "bundle/bundle_private.h"

enum field { COMPATIBLE, VERSION, FORMAT, ROOT, SALT, TREE_SIZE, FIELDS };

/* RAUC, "Manifest": a file of sections with key=value. */
static const struct {
	const char *section, *key;
} fields[FIELDS] = {
	[COMPATIBLE] = { "[update]", "compatible" },
	[VERSION] = { "[update]", "version" },
	[FORMAT] = { "[bundle]", "format" },
	[ROOT] = { "[bundle]", "verity-hash" },
	[SALT] = { "[bundle]", "verity-salt" },
	[TREE_SIZE] = { "[bundle]", "verity-size" },
};

static enum kk_err line_take(struct kk_view value[FIELDS],
    struct kk_view section, struct kk_view line)
{
	const struct kk_view key = bundle_cut(&line, '=');

	for (size_t i = 0; i < FIELDS; i++) {
		if (!kk_view_equal(section, kk_view_text(fields[i].section)) ||
		    !kk_view_equal(key, kk_view_text(fields[i].key)))
			continue;
		if (value[i].data || line.bytes == 0)
			return KK_EFORMAT;
		value[i] = line;
	}
	return KK_OK;
}

static enum kk_err fields_find(struct kk_view value[FIELDS],
    struct kk_view text)
{
	struct kk_view section = kk_view_of(NULL, 0), line;
	enum kk_err err = KK_OK;

	while (!err && text.bytes > 0) {
		line = bundle_cut(&text, '\n');
		if (line.bytes > 0 && line.data[0] == '[')
			section = line;
		else
			err = line_take(value, section, line);
	}
	for (size_t i = 0; !err && i < FIELDS; i++)
		err = value[i].data ? KK_OK : KK_EFORMAT;
	return err;
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hash_read(struct kk_view hex, uint8_t out[BUNDLE_HASH_BYTES])
{
	if (hex.bytes != 2 * (size_t)BUNDLE_HASH_BYTES)
		return false;
	for (size_t i = 0; i < BUNDLE_HASH_BYTES; i++) {
		const int high = digit_of(hex.data[2 * i]),
			  low = digit_of(hex.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static enum kk_err manifest_read(struct bundle_frame *f, struct kk_view text)
{
	struct kk_view value[FIELDS] = { 0 };

	if (fields_find(value, text))
		return KK_EFORMAT;
	return bundle_is_board(value[COMPATIBLE]) &&
		bundle_text_copy(value[COMPATIBLE], f->board,
		    sizeof(f->board)) &&
		bundle_number_read(value[VERSION], &f->version) &&
		f->version > 0 &&
		kk_view_equal(value[FORMAT], kk_view_text("verity")) &&
		hash_read(value[ROOT], f->root) &&
		hash_read(value[SALT], f->salt) &&
		bundle_number_read(value[TREE_SIZE], &f->tree_bytes) ?
	    KK_OK :
	    KK_EFORMAT;
}

/* What is left of the whole is the payload, and it has this tree. */
static enum kk_err sizes_check(struct bundle_frame *f, uint64_t bytes)
{
	const uint64_t behind = f->seal_bytes + BUNDLE_SIZE_BYTES;

	if (f->tree_bytes == 0 || f->tree_bytes > bytes ||
	    behind > bytes - f->tree_bytes)
		return KK_EFORMAT;
	f->payload_bytes = bytes - behind - f->tree_bytes;
	return f->tree_bytes == bundle_tree_bytes(f->payload_bytes) ?
	    KK_OK :
	    KK_EFORMAT;
}

static enum kk_err seal_find(struct kk_view tail, struct kk_view *seal)
{
	const size_t end = tail.bytes - BUNDLE_SIZE_BYTES;
	uint64_t bytes = 0;

	if (tail.bytes < BUNDLE_SIZE_BYTES)
		return KK_ETRUNC;
	for (size_t i = 0; i < BUNDLE_SIZE_BYTES; i++)
		bytes = bytes << 8 | tail.data[end + i];
	if (bytes == 0 || bytes > BUNDLE_SEAL_BYTES_MAX)
		return KK_EFORMAT;
	if (bytes > end)
		return KK_ETRUNC;
	*seal = kk_view_of(tail.data + end - bytes, (size_t)bytes);
	return KK_OK;
}

enum kk_err bundle_frame_read(struct bundle_frame *f, struct kk_view tail,
    uint64_t bytes)
{
	struct kk_view seal, manifest;
	enum kk_err err;

	*f = (struct bundle_frame){ 0 };
	if (bytes > BUNDLE_BYTES_MAX)
		return KK_ELIMIT;
	if (tail.bytes > bytes)
		return KK_EFORMAT;
	err = seal_find(tail, &seal);
	if (!err)
		err = bundle_seal_read(seal, &manifest);
	if (err)
		return err;
	f->seal_bytes = seal.bytes;
	err = manifest_read(f, manifest);
	if (!err)
		err = sizes_check(f, bytes);
	if (err)
		*f = (struct bundle_frame){ 0 };
	return err;
}
