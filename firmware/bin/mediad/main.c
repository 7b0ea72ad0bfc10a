/* main.c - mediad: starts, serves, ends. */
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "mediad.h"

enum {
	/* The way to the forwarder.  It begins with what a full picture and
	 * its smaller sizes take: most boxes stand in the same building. */
	ROOM_START_BPS = 2200000,
	ROOM_MIN_BPS = 200000,
	ROOM_MAX_BPS = 8000000,
	STATUS_TICKS = 2, /* seconds between two words about pictures */
	NOTICE_FILES_MAX = 16 /* as many programs may tell something */
};

/* --- what the member's end asks for (pipelines/member/member.h) ----------- */

/* For who asks the service manager how it goes (konklave-health(8)). */
static void status_tell(struct mediad *m)
{
	uint64_t drawn, shown;

	studio_pictures_get(m->studio, &drawn, &shown);
	(void)sd_notifyf(0, "STATUS=pictures=%ju shown=%ju", (uintmax_t)drawn,
	    (uintmax_t)shown);
}

/* Of updates and sticks. */
static void notices_look(struct mediad *m)
{
	struct notice all[NOTICE_FILES_MAX];
	struct notices picked;
	const size_t count = program_notices_read(m->options.notices, all,
	    NOTICE_FILES_MAX);

	notice_pick(&picked, all, count, program_notice_now_s());
	studio_notices_set(m->studio, &picked);
}

static void ticked(void *arg)
{
	struct mediad *m = arg;

	studio_tick(m->studio);
	notices_look(m);
	mediad_pad_tick(m);
	if (++m->ticks % STATUS_TICKS == 0)
		status_tell(m);
}

static enum kk_err epoch_set(void *arg, const struct vault_epoch *epoch)
{
	struct mediad *m = arg;

	return studio_epoch_set(m->studio, epoch);
}

static void epochs_clear(void *arg)
{
	struct mediad *m = arg;

	studio_epochs_clear(m->studio);
}

static struct member_state state(void *arg)
{
	const struct mediad *m = arg;
	const struct studio_state s = studio_state(m->studio);

	return (struct member_state){ .is_speaking = s.is_speaking &&
		    s.has_microphone,
		.has_microphone = s.has_microphone,
		.has_camera = s.has_camera,
		.has_epoch = s.has_epoch,
		.may_seal = s.may_seal };
}

static void packet_came(void *arg, uint32_t ssrc, struct kk_view packet)
{
	struct mediad *m = arg;

	studio_packet(m->studio, ssrc, packet);
}

static void key_frame_wanted(void *arg, uint32_t ssrc)
{
	struct mediad *m = arg;

	studio_key_frame(m->studio, ssrc);
}

static void room_changed(void *arg, uint64_t bps)
{
	struct mediad *m = arg;

	studio_room_set(m->studio, bps);
}

static const struct member_calls member_calls = { .plan_came = mediad_plan_came,
	.woken = mediad_view_refresh,
	.ticked = ticked,
	.epoch_set = epoch_set,
	.epochs_clear = epochs_clear,
	.state = state,
	.packet = packet_came,
	.key_frame_wanted = key_frame_wanted,
	.room_changed = room_changed };

/* --- start and end -------------------------------------------------------- */

/* On any thread of the studio's. */
static void studio_send(void *arg, struct kk_view packet)
{
	const struct mediad *m = arg;

	member_send(m->member, packet);
}

static void studio_asks(void *arg, uint32_t ssrc)
{
	const struct mediad *m = arg;

	member_key_frame_ask(m->member, ssrc);
}

static void studio_changed(void *arg)
{
	const struct mediad *m = arg;

	member_wake(m->member);
}

static enum kk_err start(struct mediad *m)
{
	struct studio_config *studio = &m->options.studio;
	const struct member_config config = { .keyd = m->options.keyd,
		.roomd = m->options.roomd,
		.log = &m->log,
		.start_bps = ROOM_START_BPS,
		.min_bps = ROOM_MIN_BPS,
		.max_bps = ROOM_MAX_BPS,
		.calls = &member_calls,
		.arg = m };
	struct sizes sizes;
	enum kk_err err = member_new(&m->member, &config);

	if (err)
		return err;
	studio->log = &m->log;
	studio->send = studio_send;
	studio->key_frame_ask = studio_asks;
	studio->changed = studio_changed;
	studio->arg = m;
	err = studio_new(&m->studio, studio);
	if (!err)
		err = mediad_pad_start(m);
	if (err)
		return err;
	sizes = studio_sizes(m->studio);
	return member_start(m->member, &sizes);
}

/* Nothing is sent or received any more before the studio goes. */
static void stop(struct mediad *m)
{
	if (m->member)
		member_stop(m->member);
	mediad_pad_stop(m);
	studio_free(m->studio);
	member_free(m->member);
}

static int run(struct mediad *m)
{
	int status = EXIT_SUCCESS;
	/* Pictures are too large to be kept from being swapped; the box has no
	 * swap (rootfs/). */
	enum kk_err err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &m->log);

	if (!err)
		err = start(m);
	if (err) {
		kk_log(&m->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		status = EXIT_FAILURE;
	} else {
		(void)sd_notify(0, "READY=1");
		kk_log(&m->log, KK_LOG_INFO, "ready");
		if (sd_event_loop(member_event(m->member)) < 0)
			status = EXIT_FAILURE;
		(void)sd_notify(0, "STOPPING=1");
	}
	stop(m);
	return status;
}

int main(int argc, char **argv)
{
	struct mediad *m = kk_calloc(1, sizeof(*m));
	int status;

	if (!m)
		return EXIT_FAILURE;
	m->log = (struct kk_log){ .fn = program_log_write,
		.module = "mediad",
		.level = KK_LOG_INFO };
	if (mediad_options_parse(&m->options, argc, argv))
		status = 2;
	else
		status = m->options.is_done ? EXIT_SUCCESS : run(m);
	kk_free_wiped(m, sizeof(*m));
	return status;
}
