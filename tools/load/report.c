/* report.c - what came out, as text or as JSON. */
#include <stdio.h>

#include "tools/load/load.h"

enum { US_PER_MS_3 = 1000, MEDIAN = 500, NEARLY_ALL = 990, ALL = 1000 };

struct figures {
	struct load_counts counts;
	uint64_t sent, due, opened, key_requests;
	double seconds; /* from the first packet to the last */
	double cpu_s, user_s, system_s;
	double us_per_packet, packets_per_s, cores;
	double join_cpu_s, join_s, memory_each;
	unsigned threads;
};

static double per(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static struct load_counts counts_between(const struct load_totals *from,
    const struct load_totals *to)
{
	const struct load_counts *a = &from->counts, *b = &to->counts;

	return (struct load_counts){
		.delivered = b->delivered - a->delivered,
		.missing = b->missing > a->missing ? b->missing - a->missing :
						     0,
		.twice = b->twice - a->twice,
		.late = b->late - a->late,
	};
}

static struct figures figures_make(const struct load *load)
{
	const struct load_result *r = &load->result;
	const struct load_snapshot *from = &r->measured[0];
	const struct load_snapshot *to = &r->measured[1];
	const struct load_snapshot *joins = r->joins;
	size_t receivers = load->options.meetings * load->options.receivers;
	struct figures f = {
		.counts = counts_between(&from->totals, &to->totals),
		.sent = to->totals.sent - from->totals.sent,
		.due = to->totals.due - from->totals.due,
		.opened = to->totals.opened - from->totals.opened,
		.key_requests = to->totals.key_requests,
		.seconds = (double)(r->last_us - r->sending_us) / LOAD_US_PER_S,
		.cpu_s = (double)(to->usage.run_ns - from->usage.run_ns) / 1e9,
		.user_s = (double)(to->usage.user_ms - from->usage.user_ms) /
		    1e3,
		.system_s =
		    (double)(to->usage.system_ms - from->usage.system_ms) / 1e3,
		.join_cpu_s = (double)(joins[1].usage.run_ns -
				  joins[0].usage.run_ns) /
		    1e9,
		.join_s = (double)(joins[1].us - joins[0].us) / LOAD_US_PER_S,
		.memory_each = ((double)joins[1].memory -
				   (double)joins[0].memory) /
		    (double)receivers,
		.threads = to->usage.threads,
	};
	double delivered = (double)f.counts.delivered;

	f.us_per_packet = per(f.cpu_s * 1e6, delivered);
	f.packets_per_s = per(delivered, f.seconds);
	f.cores = per(f.cpu_s, f.seconds);
	return f;
}

static double ms_of(struct load_series *s, unsigned permille)
{
	return load_series_get(s, permille) / (double)US_PER_MS_3;
}

static void text_write(struct load *load, const struct figures *f)
{
	const struct load_options *o = &load->options;
	struct load_result *r = &load->result;
	const struct load_totals *t = &load->totals;

	printf("%s: %u meetings of %u publishers and %u receivers, %u "
	       "packets/s of %u bytes each\n",
	    load_server_name(o->server), o->meetings, o->publishers,
	    o->receivers, o->rate, o->bytes);
	printf("  sent       %llu, due %llu\n", (unsigned long long)f->sent,
	    (unsigned long long)f->due);
	printf("  delivered  %llu (%.0f/s); missing %llu, twice %llu, late "
	       "%llu\n",
	    (unsigned long long)f->counts.delivered, f->packets_per_s,
	    (unsigned long long)f->counts.missing,
	    (unsigned long long)f->counts.twice,
	    (unsigned long long)f->counts.late);
	printf("  opened     %llu, forged %llu, wrong %llu, strange %llu\n",
	    (unsigned long long)f->opened, (unsigned long long)t->forged,
	    (unsigned long long)t->wrong, (unsigned long long)t->strangers);
	printf("  latency ms p50 %.2f, p99 %.2f, worst %.2f\n",
	    ms_of(&r->late_us, MEDIAN), ms_of(&r->late_us, NEARLY_ALL),
	    ms_of(&r->late_us, ALL));
	printf("  joins      %.1f ms (p99 %.1f), DTLS %.1f (%.1f), first "
	       "packet %.1f (%.1f)\n",
	    ms_of(&r->join_us, MEDIAN), ms_of(&r->join_us, NEARLY_ALL),
	    ms_of(&r->shake_us, MEDIAN), ms_of(&r->shake_us, NEARLY_ALL),
	    ms_of(&r->first_us, MEDIAN), ms_of(&r->first_us, NEARLY_ALL));
	if (!o->pid)
		return;
	printf("  CPU        %.2f us a packet (user %.2f s, system %.2f s), "
	       "%.2f cores, %u threads\n",
	    f->us_per_packet, f->user_s, f->system_s, f->cores, f->threads);
	printf("  a core     %.0f packets/s, %.0f joins/s\n",
	    per(1e6, f->us_per_packet),
	    per((double)(o->meetings * o->receivers), f->join_cpu_s));
	printf("  memory     %.1f kB a receiver\n", f->memory_each / 1e3);
}

static void series_write(const char *name, struct load_series *s)
{
	printf(", \"%s\": {\"count\": %zu, \"p50\": %u, \"p99\": %u, "
	       "\"max\": %u}",
	    name, s->count, load_series_get(s, MEDIAN),
	    load_series_get(s, NEARLY_ALL), load_series_get(s, ALL));
}

static void json_write(struct load *load, const struct figures *f)
{
	const struct load_options *o = &load->options;
	struct load_result *r = &load->result;
	const struct load_totals *t = &load->totals;

	printf("{\"server\": \"%s\", \"meetings\": %u, \"publishers\": %u, "
	       "\"receivers\": %u, \"rate\": %u, \"bytes\": %u",
	    load_server_name(o->server), o->meetings, o->publishers,
	    o->receivers, o->rate, o->bytes);
	printf(", \"sent\": %llu, \"due\": %llu, \"delivered\": %llu, "
	       "\"missing\": %llu, \"twice\": %llu, \"late\": %llu",
	    (unsigned long long)f->sent, (unsigned long long)f->due,
	    (unsigned long long)f->counts.delivered,
	    (unsigned long long)f->counts.missing,
	    (unsigned long long)f->counts.twice,
	    (unsigned long long)f->counts.late);
	printf(", \"opened\": %llu, \"forged\": %llu, \"wrong\": %llu, "
	       "\"strange\": %llu, \"keyRequests\": %llu",
	    (unsigned long long)f->opened, (unsigned long long)t->forged,
	    (unsigned long long)t->wrong, (unsigned long long)t->strangers,
	    (unsigned long long)f->key_requests);
	series_write("latencyUs", &r->late_us);
	series_write("joinUs", &r->join_us);
	series_write("dtlsUs", &r->shake_us);
	series_write("firstPacketUs", &r->first_us);
	printf(", \"seconds\": %.3f, \"packetsPerS\": %.1f, \"joinS\": %.3f",
	    f->seconds, f->packets_per_s, f->join_s);
	if (o->pid)
		printf(", \"cpuS\": %.4f, \"userS\": %.2f, \"systemS\": %.2f, "
		       "\"usPerPacket\": %.3f, \"cores\": %.3f, "
		       "\"joinCpuS\": %.4f, \"bytesPerReceiver\": %.0f, "
		       "\"threads\": %u",
		    f->cpu_s, f->user_s, f->system_s, f->us_per_packet,
		    f->cores, f->join_cpu_s, f->memory_each, f->threads);
	printf("}\n");
}

void load_report(struct load *load)
{
	const struct figures f = figures_make(load);

	if (load->options.is_json)
		json_write(load, &f);
	else
		text_write(load, &f);
}
