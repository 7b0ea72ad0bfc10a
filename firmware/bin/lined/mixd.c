/* mixd.c - the memory that mixd gives us, and whether it is still there. */
#define _GNU_SOURCE /* F_GET_SEALS, EPOLLRDHUP */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lined.h"

enum { SLACK_US = 50000 };

static void ring_drop_all(struct lined_mix *m)
{
	ring_free(m->ring);
	m->ring = NULL;
	m->lines = 0;
	if (m->memory)
		(void)munmap(m->memory, m->memory_bytes);
	m->memory = NULL;
}

static void link_drop(struct lined_mix *m)
{
	sd_varlink *link = m->link;

	m->link = NULL;
	m->gone = sd_event_source_disable_unref(m->gone);
	sd_varlink_close_unref(link);
	ring_drop_all(m);
}

static void retry_later(struct lined_mix *m)
{
	if (sd_event_source_set_time_relative(m->retry, LINED_RETRY_US) < 0 ||
	    sd_event_source_set_enabled(m->retry, SD_EVENT_ONESHOT) < 0)
		(void)sd_event_exit(m->event, -1); /* no call would be heard */
}

static int gone(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct lined_mix *m = arg;

	(void)source;
	(void)fd;
	(void)events;
	kk_log(m->log, KK_LOG_WARNING, "mixd is gone; calls hear silence");
	link_drop(m);
	retry_later(m);
	return 0;
}

/* What could be shrunk under us is not mapped. */
static enum kk_err memory_map(struct lined_mix *m, int fd, size_t lines)
{
	struct stat st;
	const int seals = fcntl(fd, F_GET_SEALS);

	if (lines == 0 || lines > RING_LINES_MAX)
		return KK_ELIMIT;
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) ||
	    st.st_size < 0 || (uint64_t)st.st_size < ring_bytes(lines))
		return KK_EFORMAT;
	m->memory_bytes = ring_bytes(lines);
	m->memory = mmap(NULL, m->memory_bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (m->memory == MAP_FAILED) {
		m->memory = NULL;
		return KK_ENOMEM;
	}
	return ring_new(&m->ring, RING_LINED, m->memory, m->memory_bytes,
	    lines);
}

static enum kk_err attach(struct lined_mix *m, sd_varlink *link,
    sd_json_variant *in)
{
	uint32_t lines = 0, at = 0;
	enum kk_err err = call_needed(call_get_u32(in, "lines", RING_LINES_MAX,
	    &lines));
	int fd;

	if (!err)
		err = call_needed(call_get_u32(in, "memory", INT32_MAX, &at));
	if (err)
		return err;
	fd = sd_varlink_take_fd(link, at);
	if (fd < 0)
		return KK_EFORMAT;
	err = memory_map(m, fd, lines);
	(void)close(fd);
	m->lines = err ? 0 : lines;
	return err;
}

/* From here on the connection only tells whether mixd lives. */
static bool watch_end(struct lined_mix *m)
{
	const int fd = sd_varlink_get_fd(m->link);

	sd_varlink_detach_event(m->link);
	return fd >= 0 &&
	    sd_event_add_io(m->event, &m->gone, fd, EPOLLRDHUP, gone, m) >= 0;
}

static int attached(sd_varlink *link, sd_json_variant *in, const char *error,
    sd_varlink_reply_flags_t flags, void *userdata)
{
	struct lined_mix *m = userdata;
	enum kk_err err = error ? KK_EIO : attach(m, link, in);

	(void)flags;
	if (!err && !watch_end(m))
		err = KK_EIO;
	if (!err) {
		kk_log(m->log, KK_LOG_INFO, "mixd is there lines=%zu",
		    m->lines);
		m->is_told = false;
		return 0;
	}
	if (!m->is_told)
		kk_log(m->log, KK_LOG_WARNING,
		    "mixd gives no memory why=%s; trying again",
		    error ? error : kk_err_name(err));
	m->is_told = true;
	link_drop(m);
	retry_later(m);
	return 0;
}

static bool ask(struct lined_mix *m)
{
	if (sd_varlink_connect_address(&m->link, m->path) < 0) {
		m->link = NULL;
		return false;
	}
	(void)sd_varlink_set_userdata(m->link, m);
	if (sd_varlink_set_allow_fd_passing_input(m->link, true) < 0 ||
	    sd_varlink_bind_reply(m->link, attached) < 0 ||
	    sd_varlink_attach_event(m->link, m->event, 0) < 0 ||
	    sd_varlink_invoke(m->link, "io.konklave.Mix.Attach", NULL) < 0) {
		link_drop(m);
		return false;
	}
	return true;
}

static int retry(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct lined_mix *m = arg;

	(void)source;
	(void)now_us;
	if (ask(m))
		return 0;
	if (!m->is_told)
		kk_log(m->log, KK_LOG_WARNING,
		    "mixd does not answer yet; trying again");
	m->is_told = true;
	retry_later(m);
	return 0;
}

enum kk_err lined_mix_start(struct lined_mix *m)
{
	return sd_event_add_time_relative(m->event, &m->retry, CLOCK_MONOTONIC,
		   0, SLACK_US, retry, m) < 0 ?
	    KK_EIO :
	    KK_OK;
}

void lined_mix_stop(struct lined_mix *m)
{
	m->retry = sd_event_source_disable_unref(m->retry);
	link_drop(m);
}
