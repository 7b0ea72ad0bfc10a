/*
 * flooder.h - strangers who send requests without end: a process that says, at
 * a rate, what telephones say and what is no SIP at all, from many addresses
 * over UDP and from some over TCP and TLS.  All is made before it begins.
 */
#pragma once
#include <sys/types.h>

#include "base/base.h"

enum flooder_way { FLOODER_UDP, FLOODER_TCP, FLOODER_TLS, FLOODER_WAYS };

struct flooder_config {
	uint16_t port, tls_port; /* of 127.0.0.1: UDP and TCP; TLS */
	unsigned per_s;
	uint64_t count; /* that it is about; then it goes on until its end */
};

/* Written by the process, while it is read. */
struct flooder_counts {
	_Atomic uint64_t sent[FLOODER_WAYS]; /* of count; to the last byte */
	_Atomic uint64_t connections;
	_Atomic uint64_t took_us; /* 0: not all were sent yet */
};

struct flooder {
	pid_t pid;
	struct flooder_counts *counts;
};

/* Ends with the test.  Checks end a test. */
void flooder_start(struct flooder *f, const struct flooder_config *config);
bool flooder_is_done(const struct flooder *f); /* all of count were sent */
void flooder_stop(struct flooder *f);
