/* main.c - mediad: starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t, CLOCK_MONOTONIC */
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "mediad.h"

enum { TICK_US = 1000000, SLACK_US = 100000 };

void mediad_wake(struct mediad *m)
{
	/* It fails when it is full of wakes: then the loop is awake. */
	(void)!eventfd_write(m->wake_fd, 1);
}

static int woken(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct mediad *m = arg;
	eventfd_t count;

	(void)source;
	(void)events;
	(void)!eventfd_read(fd, &count);
	mediad_view_refresh(m);
	mediad_report(m);
	return 0;
}

static int tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct mediad *m = arg;

	studio_tick(m->studio);
	mediad_transport_retry(m);
	mediad_report(m);
	if (sd_event_source_set_time(source, now_us + TICK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static enum kk_err events_start(struct mediad *m)
{
	sigset_t ends;

	m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Blocked before any thread is there, so that all of them have it. */
	if (m->wake_fd < 0 || sd_event_new(&m->event) < 0 ||
	    sigemptyset(&ends) || sigaddset(&ends, SIGTERM) ||
	    sigaddset(&ends, SIGINT) ||
	    pthread_sigmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(m->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(m->event, NULL, SIGINT, NULL, NULL) < 0 ||
	    sd_event_add_io(m->event, &m->wakes, m->wake_fd, EPOLLIN, woken,
		m) < 0 ||
	    sd_event_add_time_relative(m->event, &m->timer, CLOCK_MONOTONIC,
		TICK_US, SLACK_US, tick, m) < 0)
		return KK_EIO;
	/* Watched where the service manager asks for it. */
	return sd_event_set_watchdog(m->event, true) < 0 ? KK_EIO : KK_OK;
}

static void changed(void *arg)
{
	mediad_wake(arg);
}

static enum kk_err start(struct mediad *m)
{
	struct studio_config *studio = &m->options.studio;
	enum kk_err err = events_start(m);

	if (err)
		return err;
	studio->log = &m->log;
	studio->send = transport_send;
	studio->key_frame_ask = transport_key_frame_ask;
	studio->changed = changed;
	studio->arg = m;
	err = studio_new(&m->studio, studio);
	if (err)
		return err;
	m->keyd = (struct client){ .event = m->event,
		.path = m->options.keyd,
		.method = "io.konklave.Keys.EpochKeys",
		/* In front of plans, which take long on a busy machine: the
		 * others wipe the old key after 10 s. */
		.priority = SD_EVENT_PRIORITY_IMPORTANT,
		.came = mediad_keys_came,
		.arg = m,
		.log = &m->log };
	m->roomd = (struct client){ .event = m->event,
		.path = m->options.roomd,
		.method = "io.konklave.Room.Plan",
		.came = mediad_plan_came,
		.lost = mediad_room_lost,
		.arg = m,
		.log = &m->log };
	err = client_start(&m->keyd);
	return err ? err : client_start(&m->roomd);
}

/* Nothing is sent or received any more before the studio goes. */
static void stop(struct mediad *m)
{
	client_stop(&m->roomd);
	client_stop(&m->keyd);
	mediad_report_stop(m);
	mediad_transport_stop(m);
	studio_free(m->studio);
	mediad_keys_stop(m);
	sd_event_source_unref(m->timer);
	sd_event_source_unref(m->wakes);
	sd_event_unref(m->event);
	(void)pthread_mutex_destroy(&m->transport.lock);
	if (m->wake_fd >= 0)
		(void)close(m->wake_fd);
}

static int run(struct mediad *m)
{
	int status = EXIT_SUCCESS;
	/* Pictures are too large to be kept from being swapped; the box has no
	 * swap (rootfs/). */
	enum kk_err err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &m->log);

	if (!err)
		err = start(m);
	if (err) {
		kk_log(&m->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		status = EXIT_FAILURE;
	} else {
		(void)sd_notify(0, "READY=1");
		kk_log(&m->log, KK_LOG_INFO, "ready");
		if (sd_event_loop(m->event) < 0)
			status = EXIT_FAILURE;
		(void)sd_notify(0, "STOPPING=1");
	}
	stop(m);
	return status;
}

int main(int argc, char **argv)
{
	struct mediad *m = kk_calloc(1, sizeof(*m));
	int status;

	if (!m)
		return EXIT_FAILURE;
	m->wake_fd = -1;
	m->log = (struct kk_log){ .fn = program_log_write,
		.module = "mediad",
		.level = KK_LOG_INFO };
	(void)pthread_mutex_init(&m->transport.lock, NULL);
	if (mediad_options_parse(&m->options, argc, argv))
		status = 2;
	else
		status = m->options.is_done ? EXIT_SUCCESS : run(m);
	kk_free_wiped(m, sizeof(*m));
	return status;
}
