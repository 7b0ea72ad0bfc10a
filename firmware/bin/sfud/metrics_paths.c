/* metrics_paths.c - loss and estimates, as histograms. */
#include <inttypes.h>
#include <stddef.h>

#include "metrics.h"

enum { FRACTION_PARTS = 256, PART_E8 = 390625 /* 1/256 in 10^-8 */ };

struct histogram {
	const char *name, *help;
	size_t offset; /* of a struct sfu_spread in struct sfu_paths */
	const struct sfu_step *steps;
	size_t count;
	bool is_fraction; /* in 1/256; else whole */
};

static const struct histogram histograms[] = {
	{ "estimate_bits_per_second",
	    "What paths to receivers carry, by each one's estimate, once a "
	    "second.",
	    offsetof(struct sfu_paths, estimate), sfu_rate_steps,
	    SFU_RATE_STEPS, false },
	{ "receiver_loss_ratio",
	    "Lost of what a slot was sent, by the receivers' reports.",
	    offsetof(struct sfu_paths, loss_out), sfu_loss_steps,
	    SFU_LOSS_STEPS, true },
	{ "publisher_loss_ratio",
	    "Lost of what a publisher has sent, once a second.",
	    offsetof(struct sfu_paths, loss_in), sfu_loss_steps, SFU_LOSS_STEPS,
	    true },
};

static void sum_write(struct kk_writer *w, const struct histogram *h,
    size_t worker, uint64_t sum)
{
	sfud_metrics_line(w, "konklave_sfu_%s_sum{worker=\"%zu\"} %" PRIu64,
	    h->name, worker, h->is_fraction ? sum / FRACTION_PARTS : sum);
	if (h->is_fraction)
		sfud_metrics_line(w, ".%08" PRIu64,
		    sum % FRACTION_PARTS * PART_E8);
	sfud_metrics_line(w, "\n");
}

static void histogram_write(struct kk_writer *w, const struct histogram *h,
    size_t worker, const struct sfu_spread *spread)
{
	uint64_t count = 0;

	for (size_t i = 0; i < h->count; i++) {
		count += spread->counts[i];
		sfud_metrics_line(w,
		    "konklave_sfu_%s_bucket{worker=\"%zu\",le=\"%s\"} %" PRIu64
		    "\n",
		    h->name, worker, h->steps[i].name, count);
	}
	count += spread->counts[h->count];
	sfud_metrics_line(w,
	    "konklave_sfu_%s_bucket{worker=\"%zu\",le=\"+Inf\"} %" PRIu64 "\n",
	    h->name, worker, count);
	sum_write(w, h, worker, spread->sum);
	sfud_metrics_line(w,
	    "konklave_sfu_%s_count{worker=\"%zu\"} %" PRIu64 "\n", h->name,
	    worker, count);
}

void sfud_metrics_paths(struct kk_writer *w, const struct pool_load *loads,
    size_t count)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(histograms); i++) {
		const struct histogram *h = &histograms[i];

		sfud_metrics_head(w, h->name, "histogram", h->help);
		for (size_t n = 0; n < count; n++) {
			const char *at = (const char *)&loads[n].counts.paths;

			histogram_write(w, h, n,
			    (const void *)(at + h->offset));
		}
	}
}
