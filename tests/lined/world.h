/*
 * world.h - lined's parts in the test's process, between a roomd, a mixd, a
 * user agent and telephones that are the test's.  In real time, by one thread.
 * Checks end a test.
 */
#pragma once
#include "../firmware/bin/lined/lined.h"
#include "harness/tap.h"
#include "srtp/srtp.h"

enum {
	LANES = 3,
	PHONES = 3,
	PROMPT_TICKS = 6,
	CONFERENCE_HZ = 2100,
	MUSIC_HZ = 2300,
	EVENTS = 101
};

/* What the program may take; 0: all, since the sanitizer's shadow is larger
 * than any limit, and it keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
enum { PROGRAM_MB = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { PROGRAM_MB = 0 };
#else
enum { PROGRAM_MB = 512 };
#endif
#else
enum { PROGRAM_MB = 512 };
#endif

/* Each prompt is a tone of its own. */
double prompt_hz(enum ivr_prompt prompt);

/* ua_fake.c */
struct ua_call {
	struct ua_call *next;
	void *arg;
	enum ua_transport transport;
	bool is_live, wants_end, is_placed;
	enum ua_reason reason;
	unsigned rejected; /* status, or 0 */
	struct kk_bytes sdp; /* of lined, the last */
	char to_user[32];
	size_t trunk;
};

struct ua_fake {
	struct ua_handler handler;
	void *arg;
	struct ua_call *calls;
	bool trunk_is_ready;
	struct ua_call *placed; /* the last one */
	unsigned ended; /* calls that lined ended */
};

struct ua_fake *ua_fake(void);
struct ua_call *ua_fake_incoming(const char *name, const char *number,
    const char *address, enum ua_transport transport, struct kk_view offer);
void ua_fake_end(struct ua_call *call, enum ua_reason reason);
void ua_fake_step(void); /* what was ended is ended */
void ua_fake_clear(void);

/* phone.c */
struct phone {
	int fd; /* -1: none */
	struct ua_call *call;
	struct offer_local local;
	struct offer_stream stream; /* what was agreed on */
	struct phone_tx *tx;
	struct codec_tx *says;
	struct codec_rx *hears;
	bool has_no_events; /* nor offers any: its keys are sound */
	struct phone_rx *keys; /* NULL: none was pressed for it yet */
	char pressed[32]; /* for it */
	struct srtp_tx *seals;
	struct srtp_rx *opens;
	uint16_t event_seq;
	unsigned packets, unreadable;
	unsigned lost; /* by their numbers */
	unsigned skipped; /* ticks of which there is none, by their times */
	uint16_t seq; /* of the last one */
	uint32_t timestamp;
	int16_t heard[CODEC_PACKET_SAMPLES];
	double hears_hz; /* 0: nobody counts */
	unsigned row; /* packets in a row that had that tone */
	unsigned times; /* such packets in all */
	uint32_t said; /* ticks */
};

struct world {
	char folder[32];
	sd_event *event;
	struct lined lined;
	struct call_server *roomd, *mixd;
	struct call_server *old[8]; /* that calls may still be under way to */
	size_t old_count;
	sd_varlink *watcher, *attacher;
	/* What was asked, and is answered. */
	unsigned asks, tells, ends, placed;
	char number[16], pin[16], label[80], origin[16], transport[16];
	size_t lane;
	const char *answer;
	const char *right; /* NULL, or all keys that are not "wrong" */
	bool is_muted, has_hand_up;
	char placed_state[16];
	bool has_tones;
	/* What is told. */
	const char *states[LANES]; /* NULL: not there */
	bool is_muted_by_host[LANES];
	uint64_t serial;
	const char *dial, *tones; /* NULL: none */
	/* mixd */
	int memory;
	void *map;
	struct ring *ring;
	sd_event_source *mix_timer;
	uint64_t mix_us;
	uint32_t mix_tick;
	/* Of each sixty ticks it is late with two, which come with the next. */
	bool mix_stalls;
	unsigned mix_held;
	int16_t heard[LANES][CODEC_TICK_SAMPLES]; /* from lines, the last */
	unsigned heard_ticks[LANES];
	struct phone phones[PHONES];
	pid_t pid; /* of the program, where it is that */
};

void world_open(struct world *w, const char *const *options);
void world_close(struct world *w);
void world_step(struct world *w);
/* The same with the program itself, that listens for SIP at a port. */
void program_open(struct world *w, uint16_t port, const char *option);
void program_open_with(struct world *w, uint16_t port,
    const char *const *options); /* up to NULL */
void program_open_at(struct world *w, const char *listen,
    const char *const *options);
void program_close(struct world *w); /* it must end well */
void program_kill(struct world *w); /* kill -9; then fakes_end() */
void fakes_end(struct world *w);
void world_tell(struct world *w); /* roomd: as states and dial stand */
void roomd_start(struct world *w);
void roomd_stop(struct world *w);
void mixd_start(struct world *w);
void mixd_stop(struct world *w);

#define UNTIL(w, condition)            \
	do {                           \
		while (!(condition))   \
			world_step(w); \
	} while (0)

/* codec: the only one that it has. */
void phone_open(struct phone *p, enum codec_id codec, enum offer_srtp srtp,
    const char *address);
void phone_offer(const struct phone *p, struct kk_bytes *offer);
void phone_call(struct world *w, struct phone *p, const char *number);
void phone_agree(struct phone *p); /* as lined's answer has it */
void phone_take(struct phone *p, struct kk_view answer); /* likewise */
/* The called telephone's answer to lined's offer. */
void phone_answer(struct phone *p, struct kk_bytes *answer);
void phone_close(struct phone *p);
void phone_step(struct phone *p); /* reads what has come */
void phone_say(struct phone *p, double hz); /* a tick */
void phone_send(struct phone *p, const int16_t *pcm); /* likewise */
void phone_press(struct world *w, struct phone *p, const char *keys);
bool phone_hears(const struct phone *p, double hz);
bool is_tone(const int16_t *pcm, double hz);
void phone_packet_send(struct phone *p, int fd, struct kk_view packet);
