/*
 * metrics.c - what Prometheus reads, in its text format, version 0.0.4.
 *
 * Numbers of the whole and of each worker; nothing that tells one meeting,
 * participant or address from another.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "sfud.h"

enum { LINE_BYTES = 256, US_PER_S = 1000000 };

__attribute__((format(printf, 2, 3))) static void line(struct kk_writer *w,
    const char *format, ...)
{
	char text[LINE_BYTES];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > 0 && n < LINE_BYTES)
		kk_write_raw(w, kk_view_of(text, (size_t)n));
}

static void head(struct kk_writer *w, const char *name, const char *type,
    const char *help)
{
	line(w, "# HELP konklave_sfu_%s %s\n# TYPE konklave_sfu_%s %s\n", name,
	    help, name, type);
}

static void gauge(struct kk_writer *w, const char *name, const char *help,
    size_t n)
{
	head(w, name, "gauge", help);
	line(w, "konklave_sfu_%s %zu\n", name, n);
}

static void signalling_write(struct kk_writer *w, const struct sfud *s)
{
	size_t connections = 0;

	for (const struct sfud_conn *c = s->conns; c; c = c->next)
		connections++;
	gauge(w, "meetings_registered", "Meetings that can be entered.",
	    order_meeting_count(s->order));
	gauge(w, "connections", "Signalling connections.", connections);
	gauge(w, "draining", "1 while no new meetings begin.",
	    s->drains_until_ms != 0);
	head(w, "joins_total", "counter", "Participants that have entered.");
	line(w, "konklave_sfu_joins_total %" PRIu64 "\n", s->joins);
	head(w, "refusals_total", "counter", "Requests refused, by error.");
	for (unsigned e = SIGNAL_OK + 1; e < SIGNAL_ERROR_COUNT; e++)
		line(w,
		    "konklave_sfu_refusals_total{error=\"%s\"} %" PRIu64 "\n",
		    signal_error_name(e), s->refusals[e]);
}

static const struct {
	const char *name, *help;
	size_t offset; /* in struct media_counts */
} counters[] = {
#define COUNTER(field, words) \
	{ #field, words, offsetof(struct media_counts, field) }
	COUNTER(in_packets, "Datagrams received."),
	COUNTER(in_bytes, "Their bytes."),
	COUNTER(out_packets, "Datagrams sent."),
	COUNTER(out_bytes, "Their bytes."),
	COUNTER(out_messages, "Messages that the sent ones went out in."),
	COUNTER(refused_packets, "Received, but of nobody or not authentic."),
	COUNTER(limited_packets, "Received, but more than one may send."),
	COUNTER(refused_connections, "TCP connections ended without a check."),
	COUNTER(dropped_packets, "Not sent: their TCP peer did not read."),
	COUNTER(nacks, "Packets that receivers have missed."),
	COUNTER(retransmissions, "Packets sent to them again."),
	COUNTER(keyframe_requests, "Key frames asked of publishers."),
	COUNTER(handshakes, "DTLS handshakes done."),
	COUNTER(failed_handshakes, "DTLS handshakes failed."),
#undef COUNTER
};

static void counters_write(struct kk_writer *w, const struct pool_load *loads,
    size_t count)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(counters); i++) {
		head(w, counters[i].name, "counter", counters[i].help);
		for (size_t n = 0; n < count; n++) {
			const char *at = (const char *)&loads[n].counts;
			const uint64_t *value = (const void *)(at +
			    counters[i].offset);

			line(w,
			    "konklave_sfu_%s_total{worker=\"%zu\"} %" PRIu64
			    "\n",
			    counters[i].name, n, *value);
		}
	}
}

static void workers_write(struct kk_writer *w, const struct pool_load *loads,
    size_t count)
{
	head(w, "meetings", "gauge", "Meetings with participants.");
	for (size_t n = 0; n < count; n++)
		line(w, "konklave_sfu_meetings{worker=\"%zu\"} %zu\n", n,
		    loads[n].meetings);
	head(w, "participants", "gauge", "Participants.");
	for (size_t n = 0; n < count; n++)
		line(w, "konklave_sfu_participants{worker=\"%zu\"} %zu\n", n,
		    loads[n].peers);
	head(w, "cpu_seconds_total", "counter", "CPU time of the worker.");
	for (size_t n = 0; n < count; n++)
		line(w,
		    "konklave_sfu_cpu_seconds_total{worker=\"%zu\"} %" PRIu64
		    ".%06" PRIu64 "\n",
		    n, loads[n].cpu_us / US_PER_S, loads[n].cpu_us % US_PER_S);
}

void sfud_metrics_write(void *arg, struct kk_writer *body)
{
	struct pool_load loads[POOL_WORKERS_MAX];
	const struct sfud *s = arg;
	size_t count = pool_workers(s->pool);

	for (size_t n = 0; n < count; n++)
		loads[n] = pool_load(s->pool, n);
	signalling_write(body, s);
	workers_write(body, loads, count);
	counters_write(body, loads, count);
}
