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

#include "metrics.h"
#include "sfud.h"

enum { LINE_BYTES = 256, US_PER_S = 1000000 };

void sfud_metrics_line(struct kk_writer *w, const char *format, ...)
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

void sfud_metrics_head(struct kk_writer *w, const char *name, const char *type,
    const char *help)
{
	sfud_metrics_line(w,
	    "# HELP konklave_sfu_%s %s\n# TYPE konklave_sfu_%s %s\n", name,
	    help, name, type);
}

static void gauge(struct kk_writer *w, const char *name, const char *help,
    size_t n)
{
	sfud_metrics_head(w, name, "gauge", help);
	sfud_metrics_line(w, "konklave_sfu_%s %zu\n", name, n);
}

static void signalling_write(struct kk_writer *w, const struct sfud *s)
{
	const struct ws_counts counts = ws_counts(s->ws);
	size_t connections = 0;

	for (const struct sfud_conn *c = s->conns; c; c = c->next)
		connections++;
	gauge(w, "meetings_registered", "Meetings that can be entered.",
	    order_meeting_count(s->order));
	gauge(w, "connections", "Signalling connections.", connections);
	gauge(w, "unsent_bytes", "Signalling that waits for its readers.",
	    counts.unsent_bytes);
	sfud_metrics_head(w, "slow_readers_total", "counter",
	    "Connections ended because too much waited for them.");
	sfud_metrics_line(w, "konklave_sfu_slow_readers_total %" PRIu64 "\n",
	    counts.slow_readers);
	gauge(w, "draining", "1 while no new meetings begin.",
	    s->drains_until_ms != 0);
	sfud_metrics_head(w, "joins_total", "counter",
	    "Participants that have entered.");
	sfud_metrics_line(w, "konklave_sfu_joins_total %" PRIu64 "\n",
	    s->joins);
	sfud_metrics_head(w, "refusals_total", "counter",
	    "Requests refused, by error.");
	for (unsigned e = SIGNAL_OK + 1; e < SIGNAL_ERROR_COUNT; e++)
		sfud_metrics_line(w,
		    "konklave_sfu_refusals_total{error=\"%s\"} %" PRIu64 "\n",
		    signal_error_name(e), s->refusals[e]);
}

static const struct {
	const char *name, *help;
	size_t offset; /* in struct media_counts */
} counters[] = {
#define COUNTER_AS(name, field, words) \
	{ name, words, offsetof(struct media_counts, field) }
#define COUNTER(field, words) COUNTER_AS(#field "_total", field, words)
	COUNTER(in_packets, "Datagrams received."),
	COUNTER(in_bytes, "Their bytes."),
	COUNTER(out_packets, "Datagrams sent."),
	COUNTER(out_bytes, "Their bytes."),
	COUNTER(out_messages, "Messages that the sent ones went out in."),
	COUNTER(refused_packets, "Received, but of nobody or not authentic."),
	COUNTER(limited_packets, "Received, but more than one may send."),
	COUNTER(refused_connections, "TCP connections ended without a check."),
	COUNTER(dropped_packets, "Not sent: their TCP peer did not read."),
	COUNTER_AS("lost_packets_total", paths.lost_out,
	    "Packets of slots that receivers have reported lost."),
	COUNTER(nacks, "Packets that receivers have asked for again (NACK)."),
	COUNTER(retransmissions, "Packets sent to them again."),
	COUNTER_AS("publisher_nacks_total", paths.nacks_in,
	    "Packets that publishers were asked for again (NACK)."),
	COUNTER_AS("plis_total", paths.plis_out,
	    "Key frames that receivers have asked for (PLI, FIR)."),
	COUNTER(keyframe_requests, "Key frames asked of publishers (PLI)."),
	COUNTER_AS("audio_levels_total", levels,
	    "Packets that told in clear how loud they are."),
	COUNTER(handshakes, "DTLS handshakes done."),
	COUNTER(failed_handshakes, "DTLS handshakes failed."),
#undef COUNTER
#undef COUNTER_AS
};

static void counters_write(struct kk_writer *w, const struct pool_load *loads,
    size_t count)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(counters); i++) {
		sfud_metrics_head(w, counters[i].name, "counter",
		    counters[i].help);
		for (size_t n = 0; n < count; n++) {
			const char *at = (const char *)&loads[n].counts;
			const uint64_t *value = (const void *)(at +
			    counters[i].offset);

			sfud_metrics_line(w,
			    "konklave_sfu_%s{worker=\"%zu\"} %" PRIu64 "\n",
			    counters[i].name, n, *value);
		}
	}
}

static void workers_write(struct kk_writer *w, const struct pool_load *loads,
    size_t count)
{
	sfud_metrics_head(w, "meetings", "gauge",
	    "Meetings with participants.");
	for (size_t n = 0; n < count; n++)
		sfud_metrics_line(w,
		    "konklave_sfu_meetings{worker=\"%zu\"} %zu\n", n,
		    loads[n].meetings);
	sfud_metrics_head(w, "participants", "gauge", "Participants.");
	for (size_t n = 0; n < count; n++)
		sfud_metrics_line(w,
		    "konklave_sfu_participants{worker=\"%zu\"} %zu\n", n,
		    loads[n].peers);
	sfud_metrics_head(w, "cpu_seconds_total", "counter",
	    "CPU time of the worker.");
	for (size_t n = 0; n < count; n++)
		sfud_metrics_line(w,
		    "konklave_sfu_cpu_seconds_total{worker=\"%zu\"} %" PRIu64
		    ".%06" PRIu64 "\n",
		    n, loads[n].cpu_us / US_PER_S, loads[n].cpu_us % US_PER_S);
}

void sfud_metrics_write(void *arg, struct kk_writer *body)
{
	const struct sfud *s = arg;
	size_t count = pool_workers(s->pool);
	struct pool_load *loads = kk_calloc(count, sizeof(*loads));

	if (!loads)
		return; /* an empty page is told as an error */
	for (size_t n = 0; n < count; n++)
		pool_load(s->pool, n, &loads[n]);
	signalling_write(body, s);
	workers_write(body, loads, count);
	counters_write(body, loads, count);
	sfud_metrics_paths(body, loads, count);
	sfud_metrics_engines(body, loads, count);
	kk_free(loads);
}
