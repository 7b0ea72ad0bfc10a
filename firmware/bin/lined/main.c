/* main.c - lined: starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include "lined.h"
#include "loop.h"
#include "srtp/srtp.h"

enum { MB = 1024 * 1024, ACCOUNTS_MAX_BYTES = 256 * 1024 };

static enum kk_err events_start(struct lined *d)
{
	sigset_t ends;

	(void)signal(SIGPIPE, SIG_IGN);
	if (sd_event_new(&d->event) < 0 || sigemptyset(&ends) ||
	    sigaddset(&ends, SIGTERM) || sigaddset(&ends, SIGINT) ||
	    pthread_sigmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL) < 0)
		return KK_EIO;
	return sd_event_set_watchdog(d->event, true) < 0 ? KK_EIO : KK_OK;
}

static enum kk_err trunk_read(struct lined *d, size_t at)
{
	const char *path = d->options.trunks[at];
	struct kk_bytes file;
	size_t line = 0;
	enum kk_err err = program_secret_read(path, TRUNK_FILE_BYTES, &file);

	if (!err)
		err = trunk_parse(&d->trunks[at], kk_bytes_view(&file), &line);
	kk_bytes_clear(&file);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR, "trunk %s line %zu: %s", path,
		    line, kk_err_text(err));
	return err;
}

static enum kk_err accounts_read(const struct lined *d,
    struct ua_account **accounts, size_t *count)
{
	struct kk_bytes file;
	enum kk_err err;

	*accounts = NULL;
	*count = 0;
	if (!d->options.accounts)
		return KK_OK;
	err = program_secret_read(d->options.accounts, ACCOUNTS_MAX_BYTES,
	    &file);
	if (!err)
		err = ua_accounts_read(accounts, count, kk_bytes_view(&file));
	kk_bytes_clear(&file);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR, "accounts %s: %s",
		    d->options.accounts, kk_err_text(err));
	return err;
}

static enum kk_err ua_open(struct lined *d, const struct ua_account *accounts,
    size_t count)
{
	const struct lined_options *o = &d->options;
	struct ua_listen listens[UA_LISTENS_MAX];
	struct ua_trunk trunks[UA_TRUNKS_MAX];
	struct ua_config config = { .domain = o->domain ? o->domain :
							  "konklave",
		.listens = listens,
		.listen_count = o->listen_count,
		.trunks = trunks,
		.trunk_count = o->trunk_count,
		.accounts = accounts,
		.account_count = count,
		.user_count = o->user_count,
		.rule = o->rule,
		.limits = { .calls = o->lines,
		    .calls_per_s = o->calls_per_second },
		.log = &d->log };

	for (size_t i = 0; i < o->listen_count; i++)
		listens[i] = (struct ua_listen){ o->listens[i].transport,
			o->listens[i].address, o->listens[i].port,
			o->listens[i].transport == UA_TLS ? o->certificate :
							    NULL,
			false };
	for (size_t i = 0; i < o->trunk_count; i++)
		trunks[i] = d->trunks[i].of;
	for (size_t i = 0; i < o->user_count; i++)
		config.users[i] = o->users[i];
	return ua_new(&d->ua, &config, &lined_ua_handler, d);
}

static enum kk_err sip_start(struct lined *d)
{
	struct ua_account *accounts;
	size_t count;
	enum kk_err err = accounts_read(d, &accounts, &count);

	for (size_t i = 0; !err && i < d->options.trunk_count; i++)
		err = trunk_read(d, i);
	if (!err)
		err = ua_open(d, accounts, count);
	ua_accounts_free(accounts, count);
	return err;
}

/* libsofia-sip is an old tree that takes as much as it is sent. */
static enum kk_err memory_limit(const struct lined *d)
{
	const rlim_t bytes = (rlim_t)d->options.memory_mb * MB;
	const struct rlimit limit = { bytes, bytes };

	return bytes > 0 && setrlimit(RLIMIT_AS, &limit) ? KK_EIO : KK_OK;
}

static enum kk_err sounds_start(struct lined *d)
{
	const struct lined_options *o = &d->options;
	enum kk_err err = lined_sounds_read(&d->sounds, o->prompts,
	    o->own_prompts);

	if (!err && d->sounds.missing > 0)
		kk_log(&d->log, KK_LOG_WARNING,
		    "prompts are missing count=%u; nothing is heard for them",
		    d->sounds.missing);
	return err;
}

static enum kk_err start(struct lined *d)
{
	enum kk_err err = memory_limit(d);

	if (!err)
		err = events_start(d);
	if (!err)
		err = rtp_set_new(&d->rtp);
	if (!err)
		err = sounds_start(d);
	if (!err)
		err = srtp_library_init();
	if (!err)
		err = line_voice_new(&d->voice);
	if (!err)
		err = ivr_limits_new(&d->limits);
	if (!err &&
	    getrandom(&d->secret, sizeof(d->secret), 0) != sizeof(d->secret))
		err = KK_EIO;
	if (!err)
		err = lined_ticks_start(d);
	if (err)
		return err;
	d->mix = (struct lined_mix){ .event = d->event,
		.path = d->options.mixd,
		.log = &d->log };
	d->room = (struct lined_room){ .event = d->event,
		.path = d->options.roomd,
		.log = &d->log,
		.handler = lined_room_handler,
		.arg = d };
	err = lined_mix_start(&d->mix);
	if (!err)
		err = lined_room_start(&d->room);
	if (!err)
		err = sip_start(d);
	return err ? err : lined_goodbyes_start(d);
}

/* The user agent ends its calls without a word to us. */
static void stop(struct lined *d)
{
	lined_ticks_stop(d);
	ua_free(d->ua);
	lined_room_stop(&d->room);
	for (size_t i = 0; i < LINED_LINES_MAX; i++) {
		if (d->lanes[i].call)
			lined_call_free(d->lanes[i].call);
	}
	lined_goodbyes_stop(d);
	rtp_set_free(d->rtp);
	lined_mix_stop(&d->mix);
	line_voice_free(d->voice);
	ivr_limits_free(d->limits);
	lined_sounds_clear(&d->sounds);
	for (size_t i = 0; i < UA_TRUNKS_MAX; i++)
		trunk_clear(&d->trunks[i]);
	sd_event_unref(d->event);
}

static int run(struct lined *d)
{
	int status = EXIT_SUCCESS;
	enum kk_err err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &d->log);

	if (!err)
		err = start(d);
	if (err) {
		kk_log(&d->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		status = EXIT_FAILURE;
	} else {
		(void)sd_notify(0, "READY=1");
		kk_log(&d->log, KK_LOG_INFO, "ready lines=%u",
		    d->options.lines);
		if (loop_run(d->event))
			status = EXIT_FAILURE;
		(void)sd_notify(0, "STOPPING=1");
	}
	stop(d);
	return status;
}

int main(int argc, char **argv)
{
	struct lined *d = kk_calloc(1, sizeof(*d));
	int status;

	if (!d)
		return EXIT_FAILURE;
	d->state = -1;
	d->log = (struct kk_log){ .fn = program_log_write,
		.module = "lined",
		.level = KK_LOG_INFO };
	if (lined_options_parse(&d->options, argc, argv)) {
		status = 2;
	} else {
		if (d->options.logs_json)
			d->log.fn = program_log_write_json;
		status = d->options.is_done ? EXIT_SUCCESS : run(d);
	}
	kk_free_wiped(d, sizeof(*d));
	return status;
}
