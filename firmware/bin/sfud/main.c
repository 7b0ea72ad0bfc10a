/* main.c - sfud: starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t */
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "sfud.h"

enum {
	SWEEP_US = 500000,
	SLACK_US = 100000,
	MS_US = 1000,
	S_MS = 1000,
	WRONG_OPTIONS = 2
};

uint64_t sfud_now_us(const struct sfud *s)
{
	uint64_t now_us = 0;

	(void)sd_event_now(s->event, CLOCK_MONOTONIC, &now_us);
	return now_us;
}

static void unused_end(struct sfud *s, uint64_t now_ms)
{
	size_t ended = order_sweep(s->order, now_ms / S_MS, s->options.keep_s);

	if (ended)
		kk_log(&s->log, KK_LOG_INFO,
		    "meetings ended that nobody has used for long count=%zu",
		    ended);
}

static bool is_empty(const struct sfud *s)
{
	for (const struct sfud_conn *c = s->conns; c; c = c->next) {
		if (c->member)
			return false;
	}
	return true;
}

/* Everybody is told; who does not take it is not waited for long. */
static void goodbye(struct sfud *s, uint64_t now_ms)
{
	s->ends_ms = now_ms + SFUD_GOODBYE_MS;
	sfud_conns_say_closed(s);
}

/* due_us is when it should have run: connections may have come since then. */
static int sweep(sd_event_source *source, uint64_t due_us, void *arg)
{
	struct sfud *s = arg;
	uint64_t now_ms = sfud_now_us(s) / MS_US;

	(void)due_us;
	sfud_conns_sweep(s, now_ms);
	unused_end(s, now_ms);
	if (s->drains_until_ms && !s->ends_ms) {
		/* The service manager's patience (TimeoutStopSec=). */
		(void)sd_notify(0, "EXTEND_TIMEOUT_USEC=30000000");
		if (is_empty(s) || now_ms >= s->drains_until_ms)
			goodbye(s, now_ms);
	}
	if (s->ends_ms && (!s->conns || now_ms >= s->ends_ms))
		return sd_event_exit(s->event, 0);
	if (sd_event_source_set_time_relative(source,
		s->ends_ms ? MS_US : SWEEP_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Once: meetings may go on till --drain is over.  Twice: no longer.  Then:
 * nobody is waited for. */
static int end(sd_event_source *source, const struct signalfd_siginfo *info,
    void *arg)
{
	struct sfud *s = arg;
	uint64_t now_ms = sfud_now_us(s) / MS_US;

	(void)source;
	(void)info;
	if (s->ends_ms)
		return sd_event_exit(s->event, 0);
	(void)sd_notify(0, "STOPPING=1");
	if (s->options.drain_s && !s->drains_until_ms && !is_empty(s)) {
		s->drains_until_ms = now_ms + s->options.drain_s * S_MS;
		kk_log(&s->log, KK_LOG_INFO,
		    "draining: no new meetings from now on");
	} else {
		goodbye(s, now_ms);
	}
	if (sd_event_source_set_time(s->sweep, 0) < 0)
		return -1;
	return sd_event_source_set_enabled(s->sweep, SD_EVENT_ONESHOT);
}

/* SIGHUP: a new certificate, for connections that come from now on. */
static int renew(sd_event_source *source, const struct signalfd_siginfo *info,
    void *arg)
{
	struct sfud *s = arg;
	enum kk_err err;

	(void)source;
	(void)info;
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	    sfud_now_us(s));
	err = ws_certificates_renew(s->ws);
	if (err)
		kk_log(&s->log, KK_LOG_ERROR,
		    "the old certificate stays; are --cert and --key PEM files "
		    "that belong together, and valid? err=%s",
		    kk_err_name(err));
	else if (s->options.has_listen)
		kk_log(&s->log, KK_LOG_INFO, "has read its certificate anew");
	(void)sd_notify(0, "READY=1");
	return 0;
}

static enum kk_err events_start(struct sfud *s)
{
	sigset_t ends;

	if (sd_event_new(&s->event) < 0 || sigemptyset(&ends) ||
	    sigaddset(&ends, SIGTERM) || sigaddset(&ends, SIGINT) ||
	    sigaddset(&ends, SIGHUP) || sigprocmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(s->event, NULL, SIGHUP, renew, s) < 0 ||
	    sd_event_add_signal(s->event, NULL, SIGTERM, end, s) < 0 ||
	    sd_event_add_signal(s->event, NULL, SIGINT, end, s) < 0 ||
	    sd_event_add_time_relative(s->event, &s->sweep, CLOCK_MONOTONIC,
		SWEEP_US, SLACK_US, sweep, s) < 0)
		return KK_EIO;
	/* Watched where the service manager asks for it. */
	return sd_event_set_watchdog(s->event, true) < 0 ? KK_EIO : KK_OK;
}

static enum kk_err complain(const struct sfud *s, const char *what,
    enum kk_err err)
{
	if (err)
		kk_log(&s->log, KK_LOG_ERROR, "%s: %s", what, kk_err_text(err));
	return err;
}

static enum kk_err listen_all(struct sfud *s)
{
	const struct sfud_options *o = &s->options;
	struct ws_listen how = { .subprotocol = SIGNAL_SUBPROTOCOL,
		.address = o->listen_address[0] ? o->listen_address : NULL,
		.port = o->listen_port,
		.cert_path = o->cert,
		.key_path = o->key,
		.connections_max = SFUD_CONNECTIONS_MAX,
		.message_max_bytes = SFUD_OUTSIDE_MAX_BYTES,
		.handler = &sfud_handler,
		.arg = s };
	enum kk_err err = KK_OK;

	if (o->has_listen)
		err = complain(s,
		    "cannot listen; is the port (--listen) free, and are "
		    "--cert and --key PEM files that belong together?",
		    ws_listen(s->ws, &how, &s->port));
	if (err || !o->has_loopback)
		return err;
	how.address = "127.0.0.1";
	how.port = o->loopback_port;
	how.cert_path = how.key_path = NULL;
	return complain(s, "cannot listen; is --listen-loopback free?",
	    ws_listen(s->ws, &how, &s->loopback_port));
}

static enum kk_err metrics_listen(struct sfud *s)
{
	const struct ws_page page = { .path = "/metrics",
		.type = "text/plain; version=0.0.4",
		.write = sfud_metrics_write,
		.arg = s };
	const struct ws_listen how = { .address = "127.0.0.1",
		.port = s->options.metrics_port,
		.connections_max = SFUD_METRICS_READERS_MAX,
		.page = &page };

	if (!s->options.has_metrics)
		return KK_OK;
	return complain(s, "cannot listen; is --metrics-loopback free?",
	    ws_listen(s->ws, &how, &s->metrics_port));
}

static enum kk_err media_start(struct sfud *s)
{
	const struct pool_config config = { .workers = s->options.workers,
		.port = s->options.media_port,
		.tcp_port = s->options.tcp_port,
		.over = s->options.over,
		.addresses = s->options.addresses,
		.address_count = s->options.address_count,
		.packets_per_s = s->options.packets_per_s,
		.log = &s->log,
		.event = s->event,
		.transport_changed = sfud_transport_changed,
		.loudest_changed = sfud_loudest_changed,
		.wanted_changed = sfud_wanted_changed };

	return complain(s,
	    "cannot open the media ports; are --media-port and --tcp-port and "
	    "the ones after them, one for each of --workers, free, and is "
	    "each --address one of this machine's?",
	    pool_new(&s->pool, &config));
}

static enum kk_err start(struct sfud *s)
{
	const struct order_hooks hooks = { .event = sfud_event,
		.keep = sfud_store_keep,
		.forget = sfud_store_forget,
		.arg = s };
	enum kk_err err = crypto_init();

	if (!err)
		err = events_start(s);
	if (!err)
		err = complain(s,
		    "cannot read --site-token-hash; it is a file of 32 bytes, "
		    "the SHA-256 of the site's token",
		    sfud_token_hash_read(s->options.site_token_hash,
			s->site_token_hash));
	if (!err)
		err = order_new(&s->order, &hooks);
	if (!err)
		err = complain(s, "cannot use the folder of --state",
		    sfud_store_open(s));
	if (err)
		return err;
	sfud_store_load_all(s);
	err = ws_new(&s->ws, s->event, &s->log);
	if (!err)
		err = listen_all(s);
	if (!err)
		err = metrics_listen(s);
	/* After those, whose ports are the site's choice. */
	return err ? err : media_start(s);
}

static void stop(struct sfud *s)
{
	sfud_conns_free(s);
	ws_free(s->ws);
	order_free(s->order);
	pool_free(s->pool);
	sd_event_source_unref(s->sweep);
	sd_event_unref(s->event);
	if (s->folder >= 0)
		(void)close(s->folder);
}

static void ready_say(const struct sfud *s)
{
	(void)sd_notifyf(0,
	    "READY=1\nSTATUS=port %u, loopback port %u, media port %u, "
	    "metrics port %u",
	    s->port, s->loopback_port, pool_port(s->pool, 0), s->metrics_port);
	kk_log(&s->log, KK_LOG_INFO,
	    "ready meetings=%zu port=%u loopback_port=%u media_port=%u "
	    "workers=%zu",
	    order_meeting_count(s->order), s->port, s->loopback_port,
	    pool_port(s->pool, 0), pool_workers(s->pool));
}

static int serve(struct sfud *s)
{
	int status = EXIT_SUCCESS;
	enum kk_err err;

	if (s->options.logs_json)
		s->log.fn = program_log_write_json;
	err = sfud_sandbox_enter(&s->log);
	if (!err)
		err = start(s);
	if (err) {
		kk_log(&s->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		status = EXIT_FAILURE;
	} else {
		ready_say(s);
		(void)malloc_trim(0); /* starting took more than it keeps */
		if (sd_event_loop(s->event) < 0) {
			kk_log(&s->log, KK_LOG_ERROR, "the loop has failed");
			status = EXIT_FAILURE;
		}
	}
	stop(s);
	return status;
}

int main(int argc, char **argv)
{
	struct sfud s = { .folder = -1,
		.log = { .fn = program_log_write,
		    .module = "sfud",
		    .level = KK_LOG_INFO } };
	int status;

	if (sfud_options_parse(&s.options, argc, argv))
		status = WRONG_OPTIONS;
	else if (s.options.is_done)
		status = EXIT_SUCCESS;
	else if (s.options.command != SFUD_SERVE)
		status = sfud_command_run(&s.options) ? EXIT_FAILURE :
							EXIT_SUCCESS;
	else
		status = serve(&s);
	sfud_options_clear(&s.options);
	return status;
}
