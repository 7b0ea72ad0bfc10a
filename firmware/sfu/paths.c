/* paths.c - counts of all ways together. */
#include "sfu/paths.h"

#include "sfu/sfu_internal.h"

const struct sfu_step sfu_loss_steps[SFU_LOSS_STEPS] = { { 0, "0" },
	{ 2, "0.01" }, { 5, "0.02" }, { 12, "0.05" }, { 25, "0.1" },
	{ 51, "0.2" }, { 128, "0.5" } };

const struct sfu_step sfu_rate_steps[SFU_RATE_STEPS] = { { 100000, "100000" },
	{ 250000, "250000" }, { 500000, "500000" }, { 1000000, "1e+06" },
	{ 2500000, "2.5e+06" }, { 5000000, "5e+06" }, { 10000000, "1e+07" },
	{ 25000000, "2.5e+07" } };

static void spread_add(struct sfu_spread *spread, const struct sfu_step *steps,
    size_t count, uint64_t value)
{
	size_t i = 0;

	while (i < count && value > steps[i].most)
		i++;
	spread->counts[i]++;
	spread->sum += value;
}

static struct sfu_paths *paths_of(const struct sfu_link *link)
{
	return &link->config.counts->paths;
}

void sfu_paths_tick(struct sfu_link *link)
{
	struct estimate_state state = sfu_link_estimate(link);

	if (state.is_known)
		spread_add(&paths_of(link)->estimate, sfu_rate_steps,
		    SFU_RATE_STEPS, state.bps);
}

/* Of what is not being sent nothing is lost. */
void sfu_paths_told(const struct sfu_encoding *encoding,
    const struct wire_rtcp_report *report, uint64_t now_us)
{
	if (now_us - encoding->came_us < SFU_REPORT_EVERY_US)
		spread_add(&paths_of(encoding->source->link)->loss_in,
		    sfu_loss_steps, SFU_LOSS_STEPS, report->fraction_lost);
}

/* A receiver can say what it likes: but not more often than others, nor that it
 * has lost more than it was sent. */
void sfu_paths_reported(struct sfu_slot *slot,
    const struct wire_rtcp_report *report, uint64_t now_us)
{
	struct sfu_paths *paths = paths_of(slot->link);
	uint32_t lost = report->lost_count > 0 ? (uint32_t)report->lost_count :
						 0;

	if (report->ssrc != slot->config.ssrc ||
	    now_us - slot->reported_us < SFU_REPORT_EVERY_US / 2)
		return;
	slot->reported_us = now_us;
	spread_add(&paths->loss_out, sfu_loss_steps, SFU_LOSS_STEPS,
	    report->fraction_lost);
	if (lost > slot->tx.packets)
		lost = slot->tx.packets;
	if (lost <= slot->reported_lost)
		return;
	paths->lost_out += lost - slot->reported_lost;
	slot->reported_lost = lost;
}
