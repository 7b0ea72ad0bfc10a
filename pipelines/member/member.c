/* member.c - the loop, and what runs in it. */
#define _GNU_SOURCE /* sigset_t, CLOCK_MONOTONIC */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "pipelines/member/member_private.h"

enum { TICK_US = 1000000, SLACK_US = 100000 };

void member_wake(struct member *m)
{
	/* It fails when it is full of wakes: then the loop is awake. */
	(void)!eventfd_write(m->wake_fd, 1);
}

static int woken(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct member *m = arg;
	eventfd_t count;

	(void)source;
	(void)events;
	(void)!eventfd_read(fd, &count);
	if (m->calls.woken)
		m->calls.woken(m->config.arg);
	member_report(m);
	return 0;
}

static int tick(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct member *m = arg;

	m->calls.ticked(m->config.arg);
	member_transport_retry(m);
	member_report(m);
	if (sd_event_source_set_time(source, now_us + TICK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static enum kk_err events_start(struct member *m)
{
	sigset_t ends;

	m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->wake_fd < 0 || sd_event_new(&m->event) < 0 ||
	    sigemptyset(&ends) || sigaddset(&ends, SIGTERM) ||
	    sigaddset(&ends, SIGINT) ||
	    pthread_sigmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(m->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(m->event, NULL, SIGINT, NULL, NULL) < 0)
		return KK_EIO;
	/* Watched where the service manager asks for it. */
	return sd_event_set_watchdog(m->event, true) < 0 ? KK_EIO : KK_OK;
}

enum kk_err member_new(struct member **mp, const struct member_config *config)
{
	struct member *m = kk_calloc(1, sizeof(*m));
	enum kk_err err;

	if (!m)
		return KK_ENOMEM;
	m->config = *config;
	m->calls = *config->calls;
	m->log = config->log;
	(void)pthread_mutex_init(&m->transport.lock, NULL);
	err = events_start(m);
	if (err)
		member_free(m);
	else
		*mp = m;
	return err;
}

sd_event *member_event(struct member *m)
{
	return m->event;
}

enum kk_err member_start(struct member *m, const struct sizes *sizes)
{
	enum kk_err err;

	if (sizes)
		m->sizes = *sizes;
	if (sd_event_add_io(m->event, &m->wakes, m->wake_fd, EPOLLIN, woken,
		m) < 0 ||
	    sd_event_add_time_relative(m->event, &m->timer, CLOCK_MONOTONIC,
		TICK_US, SLACK_US, tick, m) < 0)
		return KK_EIO;
	m->keyd = (struct client){ .event = m->event,
		.path = m->config.keyd,
		.method = "io.konklave.Keys.EpochKeys",
		/* In front of plans, which take long on a busy machine: the
		 * others wipe the old key after 10 s. */
		.priority = SD_EVENT_PRIORITY_IMPORTANT,
		.came = member_keys_came,
		.arg = m,
		.log = m->log };
	m->roomd = (struct client){ .event = m->event,
		.path = m->config.roomd,
		.method = "io.konklave.Room.Plan",
		.came = member_plan_came,
		.lost = member_room_lost,
		.arg = m,
		.log = m->log };
	err = client_start(&m->keyd);
	return err ? err : client_start(&m->roomd);
}

void member_stop(struct member *m)
{
	client_stop(&m->roomd);
	client_stop(&m->keyd);
	member_report_stop(m);
	member_transport_stop(m);
	m->timer = sd_event_source_disable_unref(m->timer);
	m->wakes = sd_event_source_disable_unref(m->wakes);
}

void member_free(struct member *m)
{
	if (!m)
		return;
	member_keys_stop(m);
	sd_event_unref(m->event);
	(void)pthread_mutex_destroy(&m->transport.lock);
	if (m->wake_fd >= 0)
		(void)close(m->wake_fd);
	kk_free_wiped(m, sizeof(*m));
}
