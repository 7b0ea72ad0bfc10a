/* sfud.h - the forwarder's signalling half: what its files share. */
#pragma once
#include <systemd/sd-event.h>

#include "base/base.h"
#include "order/order.h"
#include "pool.h"
#include "program/options.h"
#include "program/program.h"
#include "signal/signal.h"
#include "ws/ws.h"

enum {
	SFUD_ADDRESSES_MAX = 16,
	SFUD_CONNECTIONS_MAX = 4096, /* of each listener */
	SFUD_METRICS_READERS_MAX = 16,
	/* Of two listeners, of media over TCP, and others. */
	SFUD_FILES_MAX = 4 * SFUD_CONNECTIONS_MAX,
	/* Who is in no meeting has nothing long to say. */
	SFUD_OUTSIDE_MAX_BYTES = 8 * 1024,
	SFUD_REQUESTS_PER_SECOND = 200,
	SFUD_REQUESTS_BURST = 400,
	/* What comes too often is still looked at for its id, up to this. */
	SFUD_BUSY_MAX_BYTES = 64 * 1024,
	/* How often it is told so before the connection is closed. */
	SFUD_BUSY_PER_SECOND = 100,
	SFUD_BUSY_BURST = 1000,
	SFUD_HELLO_MS = 10000,
	SFUD_SLOTS_MAX = 128, /* of one client, all transports */
	SFUD_GOODBYE_MS = 2000,
	SFUD_DRAIN_RETRY_MS = 10000
};

enum sfud_command { SFUD_SERVE, SFUD_CHECK, SFUD_HEALTH, SFUD_MAKE_TOKEN };

struct sfud_options {
	const char *program; /* our name on the command line */
	const char *config; /* a file of options */
	struct program_config file; /* what it says */
	enum sfud_command command;
	bool is_check, is_health;
	const char *make_token; /* a file */
	const char *state;
	const char *site_token_hash; /* a file */
	uint64_t keep_s; /* a meeting without anybody; 0: for ever */
	uint16_t media_port, tcp_port; /* 0: that of media_port */
	enum media_over over;
	unsigned packets_per_s; /* of a transport */
	unsigned workers; /* 0: one for each core */
	const char *addresses[SFUD_ADDRESSES_MAX];
	size_t address_count;
	uint64_t drain_s; /* 0: ends at once */
	bool allows_audio_levels; /* in header extensions, which it can read */
	bool logs_json;
	bool has_listen, has_loopback, has_metrics;
	char listen_address[64]; /* empty: all */
	uint16_t listen_port, loopback_port, metrics_port;
	const char *cert, *key;
	bool is_done; /* --help was answered */
};

struct sfud_conn {
	struct sfud *sfud;
	struct sfud_conn *next, **back;
	struct ws_conn *ws;
	enum signal_state state;
	bool is_closing; /* nothing is answered any more */
	bool must_close; /* by sfud_conns_settle() */
	bool has_last_id;
	uint64_t last_id;
	struct order_rate rate, busy_rate;
	uint64_t opened_ms;
	struct order_member *member; /* inside a meeting */
	struct pool_peer *peer;
	struct media_slot *slots;
	size_t slot_count;
};

struct sfud {
	struct sfud_options options;
	struct kk_log log;
	sd_event *event;
	sd_event_source *sweep;
	struct ws *ws;
	struct pool *pool;
	struct order *order;
	struct sfud_conn *conns;
	int folder; /* of the meetings' files */
	uint8_t site_token_hash[ORDER_TOKEN_BYTES];
	uint16_t port, loopback_port;
	/* No new meetings from SIGTERM on, until then; 0: not yet. */
	uint64_t drains_until_ms;
	uint64_t ends_ms; /* 0: not ending */
	uint64_t joins, refusals[SIGNAL_ERROR_COUNT];
	uint16_t metrics_port;
	struct ws_conn *to[ORDER_PARTICIPANTS_MAX]; /* to send to */
};

/* options.c.  Errors, which are said: KK_EINVAL; KK_EIO the file. */
MUST_CHECK enum kk_err sfud_options_parse(struct sfud_options *o, int argc,
    char **argv);
void sfud_options_clear(struct sfud_options *o);

/* command.c: what is not serving.  Says what is wrong; any error. */
MUST_CHECK enum kk_err sfud_command_run(const struct sfud_options *o);
MUST_CHECK enum kk_err sfud_token_hash_read(const char *path,
    uint8_t hash[ORDER_TOKEN_BYTES]);

/* health.c.  Errors, which are said: KK_EIO nobody answers as it should. */
MUST_CHECK enum kk_err sfud_health_tell(const char *program, uint16_t port);

extern const char sfud_version[]; /* version.c */

/* sandbox.c.  Errors: KK_EIO. */
MUST_CHECK enum kk_err sfud_sandbox_enter(const struct kk_log *log);

/* store.c: meetings on the disk.  Errors: KK_EIO, KK_ENOMEM. */
MUST_CHECK enum kk_err sfud_store_open(struct sfud *s);
void sfud_store_load_all(struct sfud *s); /* damaged ones are set aside */
enum kk_err sfud_store_keep(void *arg, struct kk_view meeting_id,
    struct kk_view record, bool replaces);
void sfud_store_forget(void *arg, struct kk_view meeting_id);

/* conn.c */
extern const struct ws_handler sfud_handler;
uint64_t sfud_now_us(const struct sfud *s);
/* Gives the text away; a connection that cannot have it is closed. */
void sfud_send(struct sfud_conn *conn, enum kk_err err, struct kk_bytes *text);
void sfud_conn_close(struct sfud_conn *conn); /* after what is queued */
void sfud_conn_leave(struct sfud_conn *conn, bool is_lost); /* its meeting */
void sfud_conns_settle(struct sfud *s); /* closes those that must */
void sfud_conns_sweep(struct sfud *s, uint64_t now_ms); /* no hello */
void sfud_conns_say_closed(struct sfud *s); /* at the end */
void sfud_conns_free(struct sfud *s);

/* metrics.c */
void sfud_metrics_write(void *arg, struct kk_writer *body);

/* request.c: one text, whatever it is. */
void sfud_request(struct sfud_conn *conn, const char *text, size_t bytes);
/* A request's handler answers, or gives an error; *words may say more. */
struct sfud_failed {
	enum signal_error error;
	const char *words;
	uint64_t epoch; /* of SIGNAL_ESTALE */
	uint64_t retry_ms; /* of SIGNAL_EBUSY */
};
typedef struct sfud_failed sfud_handler_fn(struct sfud_conn *conn,
    const struct signal_request *rq);

/* request_meeting.c, request_media.c */
sfud_handler_fn sfud_hello, sfud_register, sfud_unregister, sfud_enter,
    sfud_begin, sfud_commit, sfud_message, sfud_leave;
sfud_handler_fn sfud_transport, sfud_restart, sfud_connect, sfud_disconnect,
    sfud_publish, sfud_unpublish, sfud_slots, sfud_watch;
struct sfud_failed sfud_done(struct sfud_conn *conn,
    const struct signal_request *rq);

/* events.c */
void sfud_event(void *arg, struct order_member *const *to, size_t count,
    const struct order_event *event);
void sfud_transport_changed(void *owner, uint32_t transport, bool is_connected);
void sfud_wanted_changed(void *owner, enum media_source source,
    size_t encodings);
void sfud_loudest_changed(void *owner, const struct pool_heard *heard,
    size_t count);
