/*
 * world.h - a box of plain files: firmware's variables, slots, an ESP, a rauc
 * that believes what a bundle says, and the real konklave-boot and
 * konklave-update.
 */
#pragma once
#include "base/base.h"
#include "harness/process.h"

enum { WORLD_OUT = 4096, WORLD_OPTIONS_MAX = 4 };

struct world {
	char path[64];
	pid_t service;
	const char *options[WORLD_OPTIONS_MAX]; /* more of the service's */
};

/* Slot a runs version 3, started; it was not confirmed in this boot. */
void world_open(struct world *w);
void world_close(struct world *w);
/* Another boot: of that slot and version, counted. */
void world_boot(struct world *w, const char *slot, unsigned version);
void world_start(struct world *w); /* the service */
void world_stop(struct world *w);
/* Runs konklave-update with words; gives its status. */
int world_run(struct world *w, const char *const words[3], char out[WORLD_OUT]);
/* The same with a command and a file of the world, or NULL; says what came. */
int world_do(struct world *w, const char *command, const char *file);
/* Its status, as JSON, has this text. */
void world_says(struct world *w, const char *text);
/* The room's picture is told this, a regular expression of the whole line, now
 * or in a while. */
void world_tells(struct world *w, const char *line);
/* Runs sh in its folder; it must end with status 0. */
void world_script(struct world *w, const char *script);

enum world_bundle {
	WORLD_RIGHT,
	WORLD_UNSIGNED,
	WORLD_DAMAGED,
	WORLD_BAD_SEAL,
	WORLD_SLOTS_SWAPPED, /* each kernel image says the other slot */
	WORLD_OTHER_VERSION /* the kernel images say another one */
};

/* Makes it at that name in the world's folder. */
void world_bundle(struct world *w, const char *name, enum world_bundle kind,
    const char *board, unsigned version);

/* A signature that RAUC has made, of tests/fuzz/corpus; to be cleared. */
struct kk_bytes world_seal(void);
