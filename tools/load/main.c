/* main.c - load: puts load on a forwarder, and counts what it delivers. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "program/program.h"
#include "tools/load/load.h"

enum { NS_PER_S = 1000000000, IDENTITY_S = 86400 };

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t = { 0 };

	(void)clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t load_now_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / LOAD_NS_PER_US;
}

uint64_t load_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

void load_random(void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes > 0) {
		ssize_t n = getrandom(at, bytes, 0);

		if (n < 0)
			continue; /* a signal: this request cannot fail else */
		at += n;
		bytes -= (size_t)n;
	}
}

void load_fail(struct load *load, const char *format, ...)
{
	va_list args;

	if (load->has_failed)
		return;
	load->has_failed = true;
	(void)fputs("load: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputs("\n", stderr);
	if (load->event)
		(void)sd_event_exit(load->event, EXIT_FAILURE);
}

/* Two descriptors of each participant. */
static void files_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct load_adapter *adapter_of(enum load_server server)
{
	switch (server) {
	case LOAD_JANUS:
		return &load_janus;
	case LOAD_FLOOR:
		return &load_floor;
	default:
		return &load_sfud;
	}
}

static enum kk_err start(struct load *load)
{
	const struct load_adapter *adapter = load->adapter;
	enum kk_err err = srtp_library_init();
	struct in_addr address;

	if (err)
		return err;
	if (inet_pton(AF_INET, load->options.address, &address) != 1) {
		load_fail(load, "--address: not a v4 address");
		return KK_EINVAL;
	}
	load->address = address;
	if (sd_event_new(&load->event) < 0)
		return KK_ENOMEM;
	err = dtls_identity_new(&load->identity, DTLS_BACKEND_OPENSSL,
	    clock_ns(CLOCK_REALTIME) / NS_PER_S, IDENTITY_S);
	if (!err)
		err = ws_new(&load->ws, load->event, &load->log);
	if (!err)
		err = load_members_new(load);
	if (!err)
		err = load_receive_start(load);
	if (!err)
		err = load_publish_start(load);
	if (!err)
		err = adapter->open(load);
	return err ? err : load_run_start(load);
}

static void stop(struct load *load)
{
	load_members_free(load);
	adapter_of(load->options.server)->close(load);
	load_receive_stop(load);
	sd_event_source_disable_unref(load->camera);
	sd_event_source_disable_unref(load->tick);
	ws_free(load->ws);
	dtls_identity_free(load->identity);
	sd_event_unref(load->event);
	load_series_clear(&load->result.join_us);
	load_series_clear(&load->result.shake_us);
	load_series_clear(&load->result.first_us);
	load_series_clear(&load->result.late_us);
}

int main(int argc, char **argv)
{
	static struct load load = { .log = { .fn = program_log_write,
					.module = "load",
					.level = KK_LOG_WARNING },
		.epoll = -1,
		.floor = -1 };
	enum kk_err err;

	if (load_options_parse(&load.options, argc, argv))
		return 2;
	if (load.options.is_done)
		return EXIT_SUCCESS;
	(void)signal(SIGPIPE, SIG_IGN);
	load.adapter = adapter_of(load.options.server);
	files_allow();
	err = start(&load);
	if (err)
		load_fail(&load, "cannot start: %s", kk_err_text(err));
	else if (sd_event_loop(load.event) < 0)
		load_fail(&load, "cannot go on: %s", kk_err_text(KK_EIO));
	if (!load.has_failed)
		load_report(&load);
	stop(&load);
	return load.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
