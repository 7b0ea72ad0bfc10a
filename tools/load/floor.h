/*
 * floor.h - how load and the floor (tests/bench/sfu/floor.c) speak: over a
 * SOCK_SEQPACKET socket, a struct floor_member for each participant, answered
 * by a struct floor_hello.  Both are of one build and one machine.
 */
#pragma once
#include <netinet/in.h>
#include <stdint.h>

enum { FLOOR_KEY_BYTES = 16, FLOOR_SALT_BYTES = 12, FLOOR_MEETINGS_MAX = 200 };

struct floor_hello {
	struct sockaddr_in media;
};

struct floor_member {
	uint32_t meeting; /* below FLOOR_MEETINGS_MAX */
	uint32_t is_publisher; /* else a receiver of all publishers' packets */
	struct sockaddr_in at;
	/* What a publisher seals with, or the floor for a receiver. */
	uint8_t key[FLOOR_KEY_BYTES + FLOOR_SALT_BYTES];
};
