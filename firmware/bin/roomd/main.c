/* main.c - roomd: starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t, O_DIRECTORY */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "roomd.h"

enum { SLACK_US = 1000 };

static int timer_fired(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct roomd *d = arg;

	(void)source;
	(void)now_us;
	if (d->room)
		room_tick(d->room, roomd_now_ms(d));
	roomd_drive(d);
	return 0;
}

static enum kk_err events_start(struct roomd *d)
{
	sigset_t ends;

	if (sd_event_new(&d->event) < 0 || sigemptyset(&ends) ||
	    sigaddset(&ends, SIGTERM) || sigaddset(&ends, SIGINT) ||
	    sigprocmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL) < 0 ||
	    sd_event_add_time_relative(d->event, &d->timer, CLOCK_MONOTONIC, 0,
		SLACK_US, timer_fired, d) < 0)
		return KK_EIO;
	/* Watched where the service manager asks for it. */
	return sd_event_set_watchdog(d->event, true) < 0 ? KK_EIO : KK_OK;
}

static enum kk_err site_token_read(struct roomd *d)
{
	struct kk_bytes token;
	enum kk_err err;

	if (!d->options.site_token)
		return KK_OK;
	err = program_file_read(d->options.site_token, ROOM_TOKEN_BYTES,
	    &token);
	if (!err && token.bytes != ROOM_TOKEN_BYTES)
		err = KK_EINVAL;
	if (!err)
		memcpy(d->site_token, token.data, ROOM_TOKEN_BYTES);
	d->has_site_token = !err;
	kk_bytes_clear(&token);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "--site-token is not a file of 32 bytes err=%s",
		    kk_err_name(err));
	return err;
}

static enum kk_err start(struct roomd *d)
{
	enum kk_err err = site_token_read(d);

	d->folder = open(d->options.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!err && d->folder < 0)
		err = KK_EIO;
	if (!err)
		err = roomd_turn_read(d);
	if (!err)
		err = roomd_lines_new(d);
	if (!err)
		err = events_start(d);
	if (!err)
		err = roomd_server_start(d);
	if (!err)
		err = roomd_keys_start(d);
	if (!err)
		err = roomd_methods_start(d);
	if (!err)
		err = roomd_lines_start(d);
	if (!err)
		err = roomd_teller_start(d);
	if (!err)
		err = roomd_follow_start(d);
	return err ? err : roomd_meeting_start(d);
}

static void stop(struct roomd *d)
{
	roomd_follow_stop(d);
	roomd_teller_stop(d);
	roomd_lines_stop(d);
	roomd_methods_stop(d);
	roomd_keys_stop(d);
	roomd_server_stop(d);
	room_free(d->room);
	roomd_lines_free(d);
	sd_event_source_unref(d->timer);
	sd_event_unref(d->event);
	if (d->folder >= 0)
		(void)close(d->folder);
	kk_free_wiped(d, sizeof(*d));
}

static int run(struct roomd *d)
{
	/* It knows the meeting's secret. */
	enum kk_err err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &d->log);
	int status = EXIT_SUCCESS;

	if (!err)
		err = start(d);
	if (err) {
		kk_log(&d->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		return EXIT_FAILURE;
	}
	(void)sd_notify(0, "READY=1");
	kk_log(&d->log, KK_LOG_INFO, "ready");
	if (sd_event_loop(d->event) < 0)
		status = EXIT_FAILURE;
	(void)sd_notify(0, "STOPPING=1");
	return status;
}

int main(int argc, char **argv)
{
	struct roomd *d = kk_calloc(1, sizeof(*d));
	int status;

	if (!d)
		return EXIT_FAILURE;
	d->folder = -1;
	d->log = (struct kk_log){ .fn = program_log_write,
		.module = "roomd",
		.level = KK_LOG_INFO };
	if (roomd_options_parse(&d->options, argc, argv))
		status = 2;
	else if (d->options.is_done)
		status = EXIT_SUCCESS;
	else
		status = run(d);
	stop(d);
	return status;
}
