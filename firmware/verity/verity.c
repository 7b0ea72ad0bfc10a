/* verity.c - the signed command line, and the table that follows from it. */
#include <stdio.h>
#include <string.h>

#include "verity/verity.h"

enum { NUMBER_DIGITS_MAX = 10, SECTORS_A_BLOCK = VERITY_BLOCK_BYTES / 512 };

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\0';
}

/* The next word of line, which is shortened by it; empty at the end. */
static struct kk_view word_take(struct kk_view *line)
{
	struct kk_view word;
	size_t n = 0;

	while (line->bytes && is_space(line->data[0])) {
		line->data++;
		line->bytes--;
	}
	while (n < line->bytes && !is_space(line->data[n]))
		n++;
	word = (struct kk_view){ line->data, n };
	line->data += n;
	line->bytes -= n;
	return word;
}

static bool word_begins(struct kk_view word, const char *key)
{
	const size_t n = strlen(key);

	return word.bytes >= n && !memcmp(word.data, key, n);
}

/* What follows key in the one word that begins with it. */
static enum kk_err value_find(struct kk_view line, const char *key,
    struct kk_view *value)
{
	const size_t n = strlen(key);
	struct kk_view word;
	bool is_found = false;

	while ((word = word_take(&line)).bytes) {
		if (!word_begins(word, key))
			continue;
		if (is_found)
			return KK_EEXIST;
		is_found = true;
		*value = (struct kk_view){ word.data + n, word.bytes - n };
	}
	return is_found ? KK_OK : KK_ENOENT;
}

static enum kk_err hex_read(struct kk_view line, const char *key,
    char out[VERITY_HEX_BYTES])
{
	struct kk_view value = { 0 };
	enum kk_err err = value_find(line, key, &value);

	if (err)
		return err;
	if (value.bytes != VERITY_HEX_BYTES - 1)
		return KK_EFORMAT;
	for (size_t i = 0; i < value.bytes; i++) {
		if (!value.data[i] ||
		    !strchr("0123456789abcdef", value.data[i]))
			return KK_EFORMAT;
		out[i] = (char)value.data[i];
	}
	out[value.bytes] = '\0';
	return KK_OK;
}

static enum kk_err digits_read(struct kk_view digits, uint32_t *out)
{
	uint64_t number = 0;

	if (!digits.bytes || digits.bytes > NUMBER_DIGITS_MAX)
		return KK_EFORMAT;
	for (size_t i = 0; i < digits.bytes; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return KK_EFORMAT;
		number = number * 10 + (unsigned)(digits.data[i] - '0');
	}
	if (number > UINT32_MAX)
		return KK_EFORMAT;
	*out = (uint32_t)number;
	return KK_OK;
}

static enum kk_err slot_read(struct kk_view line, char out[VERITY_LABEL_BYTES])
{
	struct kk_view value = { 0 };
	enum kk_err err = value_find(line, "konklave.slot=", &value);

	if (err)
		return err;
	if (value.bytes != 1 || (value.data[0] != 'a' && value.data[0] != 'b'))
		return KK_EFORMAT;
	(void)snprintf(out, VERITY_LABEL_BYTES, "root-%c", value.data[0]);
	return KK_OK;
}

enum kk_err verity_root_parse(struct verity_root *root, struct kk_view line)
{
	struct kk_view blocks = { 0 };
	struct verity_root r = { 0 };
	enum kk_err err;

	err = slot_read(line, r.label);
	if (!err)
		err = hex_read(line, "konklave.hash=", r.hash);
	if (!err)
		err = hex_read(line, "konklave.salt=", r.salt);
	if (!err)
		err = value_find(line, "konklave.blocks=", &blocks);
	if (!err)
		err = digits_read(blocks, &r.blocks);
	if (!err && !r.blocks)
		err = KK_EFORMAT;
	if (err)
		return err;
	*root = r;
	return KK_OK;
}

uint64_t verity_sectors(const struct verity_root *root)
{
	return (uint64_t)root->blocks * SECTORS_A_BLOCK;
}

static bool is_device(const char *text)
{
	const size_t major = strspn(text, "0123456789");
	const char *rest = text + major;

	return major && *rest == ':' && rest[1] &&
	    !rest[1 + strspn(rest + 1, "0123456789")];
}

enum kk_err verity_table_write(const struct verity_root *root,
    const char *device, enum verity_mode mode, char *out, size_t room_bytes)
{
	const char *end = mode == VERITY_RUN ? " 1 panic_on_corruption" : "";
	int n;

	if (room_bytes)
		out[0] = '\0';
	if (!is_device(device))
		return KK_EINVAL;
	/* Without a superblock the tree begins where the data ends. */
	n = snprintf(out, room_bytes, "1 %s %s %d %d %u %u sha256 %s %s%s",
	    device, device, VERITY_BLOCK_BYTES, VERITY_BLOCK_BYTES,
	    root->blocks, root->blocks, root->hash, root->salt, end);
	if (n >= 0 && (size_t)n < room_bytes)
		return KK_OK;
	if (room_bytes)
		out[0] = '\0';
	return KK_ENOSPC;
}

bool verity_uevent_is(struct kk_view uevent, const char *label)
{
	struct kk_view value = { 0 };

	return !value_find(uevent, "PARTNAME=", &value) &&
	    value.bytes == strlen(label) &&
	    !memcmp(value.data, label, value.bytes);
}

enum kk_err verity_uevent_device(struct kk_view uevent,
    char out[VERITY_DEVICE_BYTES])
{
	struct kk_view text = { 0 };
	uint32_t major = 0, minor = 0;
	enum kk_err err = value_find(uevent, "MAJOR=", &text);

	out[0] = '\0';
	if (!err)
		err = digits_read(text, &major);
	if (!err)
		err = value_find(uevent, "MINOR=", &text);
	if (!err)
		err = digits_read(text, &minor);
	if (!err)
		(void)snprintf(out, VERITY_DEVICE_BYTES, "%u:%u", major, minor);
	return err;
}
