/* metrics_engines.c - the crypto engines: who serves, how fast, how well. */
#include <inttypes.h>

#include "metrics.h"

enum { NS_PER_S = 1000000000 };

static const char *const
    modes[ENGINE_MODE_COUNT] = { [ENGINE_ONE] = "one", [ENGINE_MANY] = "many" };

/* One line for each engine, cipher and mode that it does. */
static void packet_seconds_write(struct kk_writer *w,
    const struct engine_report *e)
{
	for (unsigned c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		for (unsigned m = 0; m < ENGINE_MODE_COUNT; m++) {
			if (!e->ns[c][m])
				continue;
			sfud_metrics_line(w,
			    "konklave_sfu_crypto_packet_seconds{engine=\"%s\","
			    "cipher=\"%s\",mode=\"%s\"} %u.%09u\n",
			    e->name, engine_cipher_name((enum engine_cipher)c),
			    modes[m], e->ns[c][m] / NS_PER_S,
			    e->ns[c][m] % NS_PER_S);
		}
	}
}

static void serves_write(struct kk_writer *w, size_t worker,
    const struct engine_report *e)
{
	for (unsigned c = 0; c < ENGINE_CIPHER_COUNT; c++) {
		for (unsigned m = 0; m < ENGINE_MODE_COUNT; m++) {
			if (!e->ns[c][m])
				continue;
			sfud_metrics_line(w,
			    "konklave_sfu_crypto_serves{worker=\"%zu\","
			    "engine=\"%s\",cipher=\"%s\",mode=\"%s\"} %d\n",
			    worker, e->name,
			    engine_cipher_name((enum engine_cipher)c), modes[m],
			    e->serves[c][m]);
		}
	}
}

static void each_write(struct kk_writer *w, const char *name,
    const struct pool_load *loads, size_t count, bool is_faults)
{
	for (size_t n = 0; n < count; n++) {
		for (size_t i = 0; i < loads[n].engine_count; i++) {
			const struct engine_report *e = &loads[n].engines[i];

			sfud_metrics_line(w,
			    "konklave_sfu_%s{worker=\"%zu\",engine=\"%s\"} "
			    "%" PRIu64 "\n",
			    name, n, e->name, is_faults ? e->faults : e->jobs);
		}
	}
}

void sfud_metrics_engines(struct kk_writer *w, const struct pool_load *loads,
    size_t count)
{
	sfud_metrics_head(w, "crypto_packet_seconds", "gauge",
	    "CPU time to seal a packet of 1200 bytes, measured at start.");
	for (size_t i = 0; i < loads[0].engine_count; i++)
		packet_seconds_write(w, &loads[0].engines[i]);
	sfud_metrics_head(w, "crypto_serves", "gauge",
	    "1 where this engine has the cipher: of one packet, or of many.");
	for (size_t n = 0; n < count; n++) {
		for (size_t i = 0; i < loads[n].engine_count; i++)
			serves_write(w, n, &loads[n].engines[i]);
	}
	sfud_metrics_head(w, "crypto_jobs_total", "counter",
	    "Packets sealed or opened by an engine.");
	each_write(w, "crypto_jobs_total", loads, count, false);
	sfud_metrics_head(w, "crypto_faults_total", "counter",
	    "Wrong answers and failures, after which an engine is out.");
	each_write(w, "crypto_faults_total", loads, count, true);
}
