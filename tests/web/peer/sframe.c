/*
 * sframe.c - firmware/sframe for a caller without C: the page's tests.
 *
 * Reads lines, answers each with one: words in, hex or "-" out.
 *
 *     seal EPOCH LEAF STREAM CLEAR KEY FRAME     a sealed frame
 *     open EPOCH MEMBERS CLEAR KEY FRAME         LEAF STREAM FRAME
 *
 * A line's epoch is added where it is not there yet; counters go on from line
 * to line.
 */
#define _GNU_SOURCE /* strtok_r() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sframe/sframe.h"

enum { LINE_BYTES = 65536, FRAME_BYTES = 16384, SEALERS = 64 };

struct sealer {
	uint64_t epoch;
	uint32_t leaf, stream;
	struct sframe_tx *tx;
};

static struct sealer sealers[SEALERS];
static struct sframe_rx *rx;
static char line[LINE_BYTES];

static size_t unhex(const char *text, uint8_t *out)
{
	size_t bytes = 0;

	for (; text[0] && text[1] && bytes < FRAME_BYTES; text += 2) {
		const char pair[3] = { text[0], text[1], '\0' };
		char *end = NULL;

		out[bytes] = (uint8_t)strtoul(pair, &end, 16);
		if (*end)
			break;
		bytes++;
	}
	return bytes;
}

/* The line's next word; without one the other side is mistaken. */
static const char *word(char **rest)
{
	const char *found = strtok_r(NULL, " \n", rest);

	if (!found)
		exit(2);
	return found;
}

static uint32_t number(char **rest)
{
	char *end = NULL;
	unsigned long n = strtoul(word(rest), &end, 10);

	if (*end || n > UINT32_MAX)
		exit(2);
	return (uint32_t)n;
}

static void say_hex(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

static struct sframe_tx *tx_get(uint64_t epoch, uint32_t leaf, uint32_t stream,
    struct kk_view key)
{
	struct sealer *s = sealers;
	struct sframe_epoch *e = NULL;

	while (s < sealers + SEALERS - 1 && s->tx &&
	    (s->epoch != epoch || s->leaf != leaf || s->stream != stream))
		s++;
	if (s->tx)
		return s->tx;
	*s = (struct sealer){ epoch, leaf, stream, NULL };
	if (sframe_epoch_new(&e, SFRAME_AES_256_GCM_SHA512_128, epoch, leaf,
		key) ||
	    sframe_epoch_tx_take(e, stream, 0, &s->tx))
		s->tx = NULL;
	sframe_epoch_free(e);
	return s->tx;
}

static void seal(void)
{
	static uint8_t frame[FRAME_BYTES];
	static uint8_t out[FRAME_BYTES + SFRAME_OVERHEAD_BYTES];
	uint8_t key[FRAME_BYTES];
	size_t out_bytes = sizeof(out), key_bytes, frame_bytes;
	uint32_t epoch, leaf, stream, clear;
	struct sframe_tx *tx;
	char *rest = NULL;

	(void)strtok_r(line, " ", &rest);
	epoch = number(&rest);
	leaf = number(&rest);
	stream = number(&rest);
	clear = number(&rest);
	key_bytes = unhex(word(&rest), key);
	frame_bytes = unhex(word(&rest), frame);
	tx = tx_get(epoch, leaf, stream, kk_view_of(key, key_bytes));
	if (!tx ||
	    sframe_tx_seal(tx, kk_view_of(frame, frame_bytes), clear, out,
		&out_bytes))
		printf("-\n");
	else
		say_hex(out, out_bytes);
}

static void open_frame(void)
{
	static uint8_t frame[FRAME_BYTES], out[FRAME_BYTES];
	uint8_t key[FRAME_BYTES], map[FRAME_BYTES];
	struct sframe_source source;
	size_t out_bytes = sizeof(out), key_bytes, map_bytes, frame_bytes;
	uint32_t epoch, clear;
	char *rest = NULL;
	enum kk_err err;

	(void)strtok_r(line, " ", &rest);
	epoch = number(&rest);
	map_bytes = unhex(word(&rest), map);
	clear = number(&rest);
	key_bytes = unhex(word(&rest), key);
	frame_bytes = unhex(word(&rest), frame);
	err = sframe_rx_epoch_add(rx, epoch, kk_view_of(key, key_bytes),
	    kk_view_of(map, map_bytes));
	if (err && err != KK_EEPOCH)
		exit(2);
	err = sframe_rx_open(rx, kk_view_of(frame, frame_bytes), clear, out,
	    &out_bytes, &source);
	if (err) {
		printf("-\n");
		return;
	}
	printf("%u %u ", source.kid.sender, source.kid.stream);
	say_hex(out, out_bytes);
}

int main(void)
{
	if (crypto_init() || sframe_rx_new(&rx, SFRAME_AES_256_GCM_SHA512_128))
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		if (strncmp(line, "seal", 4) == 0)
			seal();
		else
			open_frame();
		fflush(stdout);
	}
	for (size_t i = 0; i < SEALERS; i++)
		sframe_tx_free(sealers[i].tx);
	sframe_rx_free(rx);
	return 0;
}
