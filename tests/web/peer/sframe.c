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
	unsigned int byte;

	for (; sscanf(text, "%2x", &byte) == 1 && bytes < FRAME_BYTES;
	    text += 2)
		out[bytes++] = (uint8_t)byte;
	return bytes;
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
	static char key_text[200], frame_text[2 * FRAME_BYTES + 1];
	static uint8_t frame[FRAME_BYTES];
	static uint8_t out[FRAME_BYTES + SFRAME_OVERHEAD_BYTES];
	uint8_t key[FRAME_BYTES / 8];
	unsigned long epoch, clear;
	unsigned int leaf, stream;
	size_t out_bytes = sizeof(out);
	struct sframe_tx *tx;

	if (sscanf(line, "seal %lu %u %u %lu %199s %32768s", &epoch, &leaf,
		&stream, &clear, key_text, frame_text) != 6)
		exit(2);
	tx = tx_get(epoch, leaf, stream, kk_view_of(key, unhex(key_text, key)));
	if (!tx ||
	    sframe_tx_seal(tx, kk_view_of(frame, unhex(frame_text, frame)),
		clear, out, &out_bytes))
		printf("-\n");
	else
		say_hex(out, out_bytes);
}

static void open_frame(void)
{
	static char key_text[200], frame_text[2 * FRAME_BYTES + 1];
	static uint8_t frame[FRAME_BYTES], out[FRAME_BYTES];
	uint8_t key[FRAME_BYTES / 8], map[SFRAME_SENDERS_MAX / 8];
	struct sframe_source source;
	unsigned long epoch, clear;
	size_t out_bytes = sizeof(out), key_bytes;
	char members[2 * sizeof(map) + 1];
	enum kk_err err;

	if (sscanf(line, "open %lu %256s %lu %199s %32768s", &epoch, members,
		&clear, key_text, frame_text) != 5)
		exit(2);
	key_bytes = unhex(key_text, key);
	err = sframe_rx_epoch_add(rx, epoch, kk_view_of(key, key_bytes),
	    kk_view_of(map, unhex(members, map)));
	if (err && err != KK_EEPOCH)
		exit(2);
	err = sframe_rx_open(rx, kk_view_of(frame, unhex(frame_text, frame)),
	    clear, out, &out_bytes, &source);
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
