/* raw.h - a WebSocket client by hand, that reads as slowly as a test wants. */
#pragma once
#include "world.h"

enum { RAW_TEXTS_MAX = 512, RAW_FRAME_BYTES = 8192 };

struct raw {
	struct world *world;
	int fd;
	bool is_closed; /* by the server */
	uint8_t frame[RAW_FRAME_BYTES]; /* that has not come as a whole */
	size_t bytes;
	char *texts[RAW_TEXTS_MAX]; /* that came */
	size_t count;
};

/* Connects with as small a buffer as the system has, and says hello. */
void raw_open(struct raw *r, struct world *w);
void raw_close(struct raw *r); /* frees what came, too */
void raw_send(struct raw *r, const char *text); /* up to 125 bytes or 64 KiB */
/* Reads up to so many bytes of what is there; gives how many. */
size_t raw_read(struct raw *r, size_t bytes);
