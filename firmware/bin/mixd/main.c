/* main.c - mixd: starts, mixes, ends. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "crypto/crypto.h"
#include "mixd.h"

enum { EXACT_US = 1, US_PER_S = 1000000, NS_PER_US = 1000, US_PER_MS = 1000 };

static uint64_t now_us(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / NS_PER_US;
}

/* --- what the member's end asks for (pipelines/member/member.h) ----------- */

static void counts_log(struct mixd *m)
{
	const struct lanes_counts l = lanes_counts(m->lanes);
	const struct far_counts f = far_counts(m->far);

	kk_log(&m->log, KK_LOG_INFO,
	    "no line any more, so far heard=%llu missing=%llu dropped=%llu "
	    "wrong=%llu unheard=%llu members-heard=%llu members-dropped=%llu",
	    (unsigned long long)l.heard, (unsigned long long)l.missing,
	    (unsigned long long)l.dropped, (unsigned long long)l.wrong,
	    (unsigned long long)l.unheard, (unsigned long long)f.heard,
	    (unsigned long long)f.dropped);
}

static void plan_came(void *arg, const struct plan *plan)
{
	struct mixd *m = arg;
	const bool is_in = plan->view.phase == VIEW_IN;
	const bool had_lines = lanes_open_count(m->lanes) > 0;

	m->publish = plan->publish;
	far_others_set(m->far, plan->others, is_in ? plan->other_count : 0,
	    plan->view.epoch);
	lanes_set(m->lanes, plan->lanes, is_in ? plan->lane_count : 0);
	if (had_lines && lanes_open_count(m->lanes) == 0)
		counts_log(m);
}

/* Once for each of a row: a machine that is too slow is not to be kept busy
 * with its log. */
static void ticked(void *arg)
{
	struct mixd *m = arg;

	vault_expire(m->vault, now_us() / US_PER_MS);
	if (m->pace.skipped == m->told_skipped)
		return;
	kk_log(&m->log, KK_LOG_WARNING, "mixed too late skipped-ms=%llu",
	    (unsigned long long)(m->pace.skipped - m->told_skipped) *
		MIX_TICK_MS);
	m->told_skipped = m->pace.skipped;
}

static enum kk_err epoch_set(void *arg, const struct vault_epoch *epoch)
{
	struct mixd *m = arg;
	const uint64_t now = now_us();
	enum kk_err err = vault_epoch_set(m->vault, epoch, now / US_PER_MS);

	if (!err)
		far_retry(m->far, now);
	return err;
}

static void epochs_clear(void *arg)
{
	struct mixd *m = arg;

	vault_clear(m->vault);
	far_forget(m->far);
}

static struct member_state state(void *arg)
{
	const struct mixd *m = arg;
	const bool has_lines = lanes_open_count(m->lanes) > 0;

	return (struct member_state){ .has_microphone = has_lines,
		.is_speaking = has_lines && lanes_are_speaking(m->lanes),
		.has_epoch = vault_has_epoch(m->vault),
		.may_seal = vault_may_seal(m->vault) };
}

static void packet_came(void *arg, uint32_t ssrc, struct kk_view packet)
{
	const struct mixd *m = arg;

	(void)ssrc;
	far_packet(m->far, packet, now_us());
}

static const struct member_calls member_calls = { .plan_came = plan_came,
	.ticked = ticked,
	.epoch_set = epoch_set,
	.epochs_clear = epochs_clear,
	.state = state,
	.packet = packet_came };

/* --- the mix -------------------------------------------------------------- */

/* While no line is there, nothing is sent: that there is none is known. */
static void lines_send(struct mixd *m, const int16_t *pcm)
{
	const struct uplink_stream stream = { m->publish.audio_ssrc,
		m->publish.audio_payload_type, m->publish.tells_level,
		lanes_are_speaking(m->lanes) };
	uint8_t packet[UPLINK_PACKET_BYTES];
	size_t bytes = sizeof(packet);

	if (lanes_open_count(m->lanes) == 0 || !m->publish.audio_ssrc)
		uplink_skip(m->uplink, 1);
	else if (!uplink_packet(m->uplink, pcm, &stream, packet, &bytes))
		member_send(m->member, kk_view_of(packet, bytes));
}

static void tick(struct mixd *m, uint64_t at_us)
{
	lanes_take(m->lanes);
	far_tick(m->far, lanes_mix(m->lanes), at_us);
	lines_send(m, lanes_give(m->lanes));
}

static int ticks_are_due(sd_event_source *source, uint64_t due_us, void *arg)
{
	struct mixd *m = arg;
	const uint64_t skipped = m->pace.skipped;
	uint64_t at_us;

	(void)due_us;
	while (pace_take(&m->pace, now_us(), &at_us))
		tick(m, at_us);
	uplink_skip(m->uplink, m->pace.skipped - skipped);
	if (m->was_speaking != lanes_are_speaking(m->lanes))
		member_report(m->member);
	m->was_speaking = lanes_are_speaking(m->lanes);
	if (sd_event_source_set_time(source, m->pace.next_us) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static enum kk_err ticks_start(struct mixd *m)
{
	pace_start(&m->pace, now_us());
	if (sd_event_add_time(member_event(m->member), &m->ticks,
		CLOCK_MONOTONIC, m->pace.next_us, EXACT_US, ticks_are_due,
		m) < 0 ||
	    sd_event_source_set_priority(m->ticks,
		SD_EVENT_PRIORITY_IMPORTANT - 1) < 0)
		return KK_EIO;
	return KK_OK;
}

/* --- start and end -------------------------------------------------------- */

static enum kk_err start(struct mixd *m)
{
	const struct member_config config = { .keyd = m->options.keyd,
		.roomd = m->options.roomd,
		.log = &m->log,
		.is_audio_only = true,
		.calls = &member_calls,
		.arg = m };
	enum kk_err err = member_new(&m->member, &config);

	if (!err)
		err = vault_new(&m->vault);
	if (!err)
		err = far_new(&m->far, m->vault);
	if (!err)
		err = lanes_new(&m->lanes, m->options.lines);
	if (!err)
		err = uplink_new(&m->uplink, m->vault);
	if (!err)
		err = mixd_serve_start(m);
	if (!err)
		err = ticks_start(m);
	return err ? err : member_start(m->member, NULL);
}

/* Nothing is sent or received any more before the rest goes. */
static void stop(struct mixd *m)
{
	if (m->member)
		member_stop(m->member);
	sd_event_source_disable_unref(m->ticks);
	mixd_serve_stop(m);
	uplink_free(m->uplink);
	lanes_free(m->lanes);
	far_free(m->far);
	vault_free(m->vault);
	member_free(m->member);
}

static int run(struct mixd *m)
{
	int status = EXIT_SUCCESS;
	enum kk_err err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &m->log);

	if (!err)
		err = crypto_init();
	if (!err)
		err = start(m);
	if (err) {
		kk_log(&m->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		status = EXIT_FAILURE;
	} else {
		(void)sd_notify(0, "READY=1");
		kk_log(&m->log, KK_LOG_INFO, "ready lines=%u",
		    m->options.lines);
		if (sd_event_loop(member_event(m->member)) < 0)
			status = EXIT_FAILURE;
		(void)sd_notify(0, "STOPPING=1");
	}
	stop(m);
	return status;
}

int main(int argc, char **argv)
{
	struct mixd *m = kk_calloc(1, sizeof(*m));
	int status;

	if (!m)
		return EXIT_FAILURE;
	m->log = (struct kk_log){ .fn = program_log_write,
		.module = "mixd",
		.level = KK_LOG_INFO };
	if (mixd_options_parse(&m->options, argc, argv))
		status = 2;
	else
		status = m->options.is_done ? EXIT_SUCCESS : run(m);
	kk_free_wiped(m, sizeof(*m));
	return status;
}
