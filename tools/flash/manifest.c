/* manifest.c - what a package holds, as the text that is signed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/flash/flash.h"

enum { LINE_BYTES_MAX = 128, FORMAT = 1 };

struct lines {
	struct kk_view left;
	char line[LINE_BYTES_MAX];
};

/* The next line, without its end.  False: there is none, or it is no line. */
static bool line_take(struct lines *l)
{
	const uint8_t *end = l->left.bytes > 0 ?
	    memchr(l->left.data, '\n', l->left.bytes) :
	    NULL;
	const size_t bytes = end ? (size_t)(end - l->left.data) : 0;

	if (!end || bytes >= LINE_BYTES_MAX ||
	    (bytes > 0 && memchr(l->left.data, 0, bytes)))
		return false;
	memcpy(l->line, l->left.data, bytes);
	l->line[bytes] = '\0';
	l->left.data = end + 1;
	l->left.bytes -= bytes + 1;
	return true;
}

/* What stands behind a word and a space; NULL: the line has another word. */
static const char *behind(const char *line, const char *word)
{
	const size_t bytes = strlen(word);

	return !strncmp(line, word, bytes) && line[bytes] == ' ' ?
	    line + bytes + 1 :
	    NULL;
}

static bool number_take(const char **textp, uint64_t max, uint64_t *n)
{
	const char *text = *textp;

	if (*text < '1' || *text > '9')
		return false;
	for (*n = 0; *text >= '0' && *text <= '9'; text++) {
		*n = *n * 10 + (uint64_t)(*text - '0');
		if (*n > max)
			return false;
	}
	*textp = text;
	return true;
}

static bool name_take(const char *text, char name[FLASH_NAME_BYTES])
{
	static const char taken[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const size_t bytes = text ? strspn(text, taken) : 0;

	if (bytes == 0 || bytes >= FLASH_NAME_BYTES || text[bytes])
		return false;
	memcpy(name, text, bytes + 1);
	return true;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hash_take(const char *text, uint8_t hash[FLASH_HASH_BYTES])
{
	for (size_t i = 0; i < FLASH_HASH_BYTES; i++) {
		const int high = digit_of(text[2 * i]);
		const int low = high < 0 ? -1 : digit_of(text[2 * i + 1]);

		if (low < 0)
			return false;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * (size_t)FLASH_HASH_BYTES] == '\0';
}

static enum kk_err chunk_take(struct flash_manifest *m, const char *line,
    size_t i, uint64_t *at)
{
	struct flash_chunk *c = &m->chunks[i];
	const char *text = behind(line, "chunk");
	uint64_t bytes;

	if (!strcmp(line, "hole"))
		return KK_OK;
	/* A frame is hardly larger than what is in it: RFC 8878, 3.1.1.2. */
	if (!text || !number_take(&text, m->chunk_bytes + 65536U, &bytes) ||
	    *text++ != ' ' || !hash_take(text, c->hash))
		return KK_EFORMAT;
	c->frame_bytes = (uint32_t)bytes;
	c->at = *at;
	*at += bytes;
	return KK_OK;
}

/* What the next line says behind its word; NULL: it has another, or there is
 * none. */
static const char *next_take(struct lines *l, const char *word)
{
	return line_take(l) ? behind(l->line, word) : NULL;
}

static bool number_line(struct lines *l, const char *word, uint64_t max,
    uint64_t *n)
{
	const char *text = next_take(l, word);

	return text && number_take(&text, max, n) && !*text;
}

static enum kk_err head_take(struct flash_manifest *m, struct lines *l)
{
	const uint64_t most = (uint64_t)FLASH_CHUNKS_MAX * FLASH_CHUNK_MAX;
	uint64_t n;

	if (!number_line(l, "konklave-image", UINT32_MAX, &n))
		return KK_EFORMAT;
	if (n != FORMAT)
		return KK_EUNSUP;
	if (!name_take(next_take(l, "board"), m->board) ||
	    !name_take(next_take(l, "version"), m->version) ||
	    !number_line(l, "image-bytes", most, &m->image_bytes) ||
	    !number_line(l, "chunk-bytes", FLASH_CHUNK_MAX, &n))
		return KK_EFORMAT;
	if (n < FLASH_CHUNK_MIN || (n & (n - 1)) != 0)
		return KK_EFORMAT;
	m->chunk_bytes = (uint32_t)n;
	if ((m->image_bytes + n - 1) / n > FLASH_CHUNKS_MAX)
		return KK_ELIMIT;
	m->count = (size_t)((m->image_bytes + n - 1) / n);
	return KK_OK;
}

enum kk_err flash_manifest_parse(struct flash_manifest *m, struct kk_view text)
{
	struct lines l = { .left = text };
	uint64_t at = 0;
	enum kk_err err;

	memset(m, 0, sizeof(*m));
	if (text.bytes > FLASH_MANIFEST_MAX)
		return KK_ELIMIT;
	err = head_take(m, &l);
	if (err)
		return err;
	m->chunks = kk_calloc(m->count, sizeof(*m->chunks));
	if (!m->chunks)
		return KK_ENOMEM;
	for (size_t i = 0; !err && i < m->count; i++)
		err = line_take(&l) ? chunk_take(m, l.line, i, &at) :
				      KK_EFORMAT;
	if (!err && l.left.bytes > 0)
		err = KK_EFORMAT;
	if (err)
		flash_manifest_clear(m);
	return err;
}

void flash_manifest_clear(struct flash_manifest *m)
{
	kk_free(m->chunks);
	m->chunks = NULL;
	m->count = 0;
}

size_t flash_chunk_bytes(const struct flash_manifest *m, size_t i)
{
	const uint64_t at = (uint64_t)i * m->chunk_bytes;
	const uint64_t left = m->image_bytes - at;

	return left < m->chunk_bytes ? (size_t)left : m->chunk_bytes;
}

static int chunk_write(char *to, size_t room, const struct flash_chunk *c)
{
	char hex[2 * FLASH_HASH_BYTES + 1];

	if (c->frame_bytes == 0)
		return snprintf(to, room, "hole\n");
	for (size_t i = 0; i < FLASH_HASH_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", c->hash[i]);
	return snprintf(to, room, "chunk %" PRIu32 " %s\n", c->frame_bytes,
	    hex);
}

enum kk_err flash_manifest_write(const struct flash_manifest *m,
    struct kk_bytes *out)
{
	const size_t room = (m->count + 5) * LINE_BYTES_MAX;
	char *text = kk_calloc(1, room);
	size_t at;

	*out = (struct kk_bytes){ NULL, 0 };
	if (!text)
		return KK_ENOMEM;
	at = (size_t)snprintf(text, room,
	    "konklave-image %d\nboard %s\nversion %s\nimage-bytes %" PRIu64
	    "\nchunk-bytes %" PRIu32 "\n",
	    FORMAT, m->board, m->version, m->image_bytes, m->chunk_bytes);
	for (size_t i = 0; i < m->count; i++)
		at += (size_t)chunk_write(text + at, room - at, &m->chunks[i]);
	*out = (struct kk_bytes){ (uint8_t *)text, at };
	return KK_OK;
}
