/* world.c - see world.h. */
#define _GNU_SOURCE /* mkdtemp() */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "call/call.h"
#include "crypto/crypto.h"
#include "ws/ws_private.h"

enum { SECONDS = 40, TURN_US = 20000, S_US = 1000000 };

/* 32 times one letter, and their SHA-256. */
const char SITE_TOKEN[] = "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=";
const char OTHER_TOKEN[] = "b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28=";
const char TOKEN[] = "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ=";
const char TOKEN_HASH[] = "hAjG0qeyhrFtUmMV5eghbPNqcUjNu9bgZHYs117FrmY=";
const char OTHER_HASH[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const char MEETING[] = "bWVldGluZyBudW1iZXIgMQ==";
const char MEETING_2[] = "bWVldGluZyBudW1iZXIgMg==";

/* On a busy machine much that is sent to one takes long. */
static const struct ws_times patient = { 5 * S_US, 60 * S_US, 30 * S_US };

static unsigned number_after(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	CHECK(at != NULL);
	return (unsigned)strtoul(at + strlen(words), NULL, 10);
}

static void turn(void *arg)
{
	world_turn(arg);
}

static struct process process_of(struct world *w,
    const struct process_args *args)
{
	return (struct process){ .name = "sfud",
		.folder = w->folder,
		.log = w->log,
		.args = args,
		.arg = w };
}

void sfud_start(struct world *w)
{
	char text[PROCESS_READY_BYTES];
	struct process_args args = { 0 };
	const struct process p = process_of(w, &args);

	process_arg_add(&args, "--state=%s/state", w->folder);
	process_arg_add(&args, "--site-token-hash=%s/site", w->folder);
	process_arg_add(&args, "--media-port=0");
	process_arg_add(&args, "--address=127.0.0.1");
	process_arg_add(&args, "--listen-loopback=0");
	for (size_t i = 0; i < ARGS_MAX && w->args[i]; i++)
		process_arg_add(&args, "%s", w->args[i]);
	w->pid = process_start(&p, text);
	w->port = number_after(text, "STATUS=port ");
	w->loopback_port = number_after(text, "loopback port ");
	w->media_port = number_after(text, "media port ");
	w->metrics_port = number_after(text, "metrics port ");
}

void sfud_kill(struct world *w)
{
	const struct process p = process_of(w, NULL);

	process_kill(&p, &w->pid);
}

void sfud_stop(struct world *w)
{
	struct process p = process_of(w, NULL);

	p.turn = turn; /* clients go on meanwhile */
	process_stop(&p, &w->pid);
}

char *sfud_log(const struct world *w)
{
	return file_text(w->log);
}

void world_turn(struct world *w)
{
	static time_t end; /* of this test, set by world_start() */
	struct timespec now;

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	if (!w) {
		end = now.tv_sec + SECONDS;
		return;
	}
	CHECK(now.tv_sec < end);
	CHECK(sd_event_run(w->event, TURN_US) >= 0);
	if (w->turned)
		w->turned(w->turned_arg);
}

void world_start(struct world *w)
{
	const uint8_t token[32] = "ssssssssssssssssssssssssssssssss";
	const struct kk_view parts[] = { { token, sizeof(token) } };
	const char *args[ARGS_MAX];
	const bool is_patient = w->is_patient;
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	char path[96];

	memcpy(args, w->args, sizeof(args));
	*w = (struct world){ .folder = "/tmp/kk-sfud-XXXXXX",
		.is_patient = is_patient };
	memcpy(w->args, args, sizeof(args));
	CHECK(mkdtemp(w->folder) != NULL);
	(void)snprintf(w->log, sizeof(w->log), "%s/log", w->folder);
	(void)snprintf(path, sizeof(path), "%s/state", w->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	CHECK_OK(crypto_init());
	CHECK_OK(crypto_hash(CRYPTO_SHA256, parts, 1, hash));
	(void)snprintf(path, sizeof(path), "%s/site", w->folder);
	file_write(path, hash, 32);
	CHECK(sd_event_new(&w->event) >= 0);
	CHECK_OK(ws_new(&w->ws, w->event, NULL));
	if (is_patient)
		ws_times_set(w->ws, &patient);
	for (size_t i = 0; i < WORLD_CLIENTS; i++)
		w->clients[i].world = w;
	world_turn(NULL);
	sfud_start(w);
}

void world_end(struct world *w)
{
	if (w->pid)
		sfud_stop(w);
	for (size_t i = 0; i < WORLD_CLIENTS; i++) {
		client_drop(&w->clients[i]);
		while (w->clients[i].text_count > 0)
			sd_json_variant_unref(
			    w->clients[i].texts[--w->clients[i].text_count]);
	}
	ws_free(w->ws);
	sd_event_unref(w->event);
	while (w->kept_count > 0)
		sd_json_variant_unref(w->kept[--w->kept_count]);
	folder_remove(w->folder);
}
