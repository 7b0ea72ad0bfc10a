/* cancel.c - what the canceller does to echo, speech, noise and level. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/base.h"
#include "mock/alloc.h"
#include "room.h"

enum { SECONDS = 16, SETTLED = 8 };

static const char far_text[] =
    "The train to the coast leaves at seven from "
    "platform four. Please mind the gap, and hold on to your hat.";
static const char near_text[] =
    "We have looked at the plan twice, and we "
    "would rather begin with the kitchen than with the roof.";

static struct echo *canceller(bool cancels, bool suppresses, bool controls)
{
	struct echo_config config = { cancels, suppresses, controls };
	struct echo *echo = NULL;
	enum kk_err err = echo_webrtc_new(&echo, &config);

	if (err == KK_EUNSUP)
		SKIP("the canceller is not in this build");
	CHECK_OK(err);
	return echo;
}

static double loss_of_echo(unsigned delay_ms)
{
	struct echo *echo = canceller(true, false, false);
	struct sound far = sound_speech("en", far_text, SECONDS, -20);
	struct sound mic = room_echo(far, 6);
	double before = sound_level_db(mic, SETTLED, SECONDS), after;

	room_run(echo, far, &mic, delay_ms);
	after = sound_level_db(mic, SETTLED, SECONDS);
	tap_diag("delay %u: echo %.1f dB, left %.1f dB", delay_ms, before,
	    after);
	sound_free(&far);
	sound_free(&mic);
	echo_free(echo);
	return before - after;
}

TEST(echo_is_30_db_weaker_once_the_room_is_known)
{
	CHECK(loss_of_echo(ROOM_DELAY_MS) >= 30);
}

TEST(a_wrong_guess_of_the_delay_does_no_harm)
{
	CHECK(loss_of_echo(0) >= 30);
	CHECK(loss_of_echo(ECHO_DELAY_MAX_MS) >= 30);
}

TEST(speech_passes_when_the_far_end_is_silent)
{
	struct echo *echo = canceller(true, false, false);
	struct sound far = sound_silence(SECONDS);
	struct sound near = sound_speech("en+f3", near_text, SECONDS, -20);
	struct sound mic = sound_copy(near);
	double before, after;

	room_run(echo, far, &mic, ROOM_DELAY_MS);
	before = sound_level_db(near, SETTLED, SECONDS);
	after = sound_level_db(mic, SETTLED, SECONDS);
	tap_diag("before %.1f dB, after %.1f dB, likeness %.3f", before, after,
	    sound_likeness(near, mic, SETTLED, SETTLED + 2));
	CHECK(fabs(before - after) < 2);
	CHECK(sound_likeness(near, mic, SETTLED, SETTLED + 2) > 0.9);
	sound_free(&far);
	sound_free(&near);
	sound_free(&mic);
	echo_free(echo);
}

TEST(in_double_talk_what_is_left_is_the_near_speech)
{
	struct echo *echo = canceller(true, false, false);
	struct sound far = sound_speech("en", far_text, SECONDS, -20);
	struct sound near = sound_speech("en+f3", near_text, SECONDS, -22);
	struct sound late = room_echo(far, 6);
	struct sound mic = sound_copy(late);
	double to_near, to_echo, before, after;

	sound_quiet(&near, 0, SETTLED); /* the room is learnt */
	before = sound_level_db(near, SETTLED, SECONDS);
	sound_add(&mic, near);
	CHECK(sound_likeness(late, mic, SETTLED, SECONDS) > 0.6);
	room_run(echo, far, &mic, ROOM_DELAY_MS);
	to_near = sound_likeness(near, mic, SETTLED, SECONDS);
	to_echo = sound_likeness(late, mic, SETTLED, SECONDS);
	after = sound_level_db(mic, SETTLED, SECONDS);
	tap_diag("like the near %.3f, the echo %.3f; level %.1f dB, then %.1f",
	    to_near, to_echo, before, after);
	CHECK(to_near > 0.6);
	CHECK(to_echo < 0.15);
	CHECK(after > before - 6);
	sound_free(&far);
	sound_free(&near);
	sound_free(&late);
	sound_free(&mic);
	echo_free(echo);
}

TEST(steady_noise_is_suppressed_when_asked_for)
{
	struct echo *echo = canceller(false, true, false);
	struct sound far = sound_silence(SECONDS);
	struct sound mic = sound_noise(SECONDS, -45);
	double before = sound_level_db(mic, SETTLED, SECONDS), after;

	room_run(echo, far, &mic, 0);
	after = sound_level_db(mic, SETTLED, SECONDS);
	tap_diag("noise %.1f dB, left %.1f dB", before, after);
	CHECK(before - after > 10);
	sound_free(&far);
	sound_free(&mic);
	echo_free(echo);
}

TEST(quiet_speech_is_raised_when_asked_for)
{
	struct echo *echo = canceller(false, false, true);
	struct sound far = sound_silence(SECONDS);
	struct sound mic = sound_speech("en+f3", near_text, SECONDS, -40);
	double before = sound_level_db(mic, SETTLED, SECONDS), after;

	room_run(echo, far, &mic, 0);
	after = sound_level_db(mic, SETTLED, SECONDS);
	tap_diag("before %.1f dB, after %.1f dB", before, after);
	CHECK(after - before > 3);
	sound_free(&far);
	sound_free(&mic);
	echo_free(echo);
}

TEST(the_sandbox_leaves_sound_alone)
{
	struct sound noise = sound_noise(1, -20), mic = sound_copy(noise);
	struct echo *echo = NULL;

	CHECK_OK(echo_sandbox_new(&echo));
	room_run(echo, noise, &mic, 100);
	CHECK_MEM(mic.samples, noise.samples,
	    mic.count * sizeof(mic.samples[0]));
	echo_free(echo);
	sound_free(&noise);
	sound_free(&mic);
}

TEST(a_delay_out_of_range_is_refused_and_the_frame_stays)
{
	struct echo *echo = canceller(true, true, true);
	int16_t frame[ECHO_FRAME_SAMPLES], same[ECHO_FRAME_SAMPLES];

	memset(frame, 0x15, sizeof(frame));
	memcpy(same, frame, sizeof(frame));
	CHECK_ERR(echo_capture(echo, frame, ECHO_DELAY_MAX_MS + 1), KK_EINVAL);
	CHECK_MEM(frame, same, sizeof(frame));
	CHECK_OK(echo_capture(echo, frame, ECHO_DELAY_MAX_MS));
	echo_free(echo);
}

struct side {
	struct echo *echo;
	unsigned failures;
};

static void *reverse_run(void *arg)
{
	struct sound far = sound_noise(2, -20);
	struct side *side = arg;

	for (size_t at = 0; at + ECHO_FRAME_SAMPLES <= far.count;
	    at += ECHO_FRAME_SAMPLES)
		side->failures += echo_reverse(side->echo, far.samples + at) !=
		    KK_OK;
	sound_free(&far);
	return NULL;
}

TEST(two_threads_may_use_its_two_sides)
{
	struct side side = { canceller(true, true, true), 0 };
	struct sound mic = sound_noise(2, -30);
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, reverse_run, &side), 0);
	for (size_t at = 0; at + ECHO_FRAME_SAMPLES <= mic.count;
	    at += ECHO_FRAME_SAMPLES)
		CHECK_OK(echo_capture(side.echo, mic.samples + at, 50));
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(side.failures, 0);
	sound_free(&mic);
	echo_free(side.echo);
}

static enum kk_err webrtc_try(void)
{
	struct echo_config config = { true, true, true };
	struct echo *echo = NULL;
	enum kk_err err = echo_webrtc_new(&echo, &config);

	echo_free(echo);
	return err;
}

static enum kk_err sandbox_try(void)
{
	struct echo *echo = NULL;
	enum kk_err err = echo_sandbox_new(&echo);

	echo_free(echo);
	return err;
}

TEST(failed_allocations_are_reported_and_nothing_is_left)
{
	enum kk_err err;

	echo_free(NULL);
	echo_free(canceller(false, false, false));
	ALLOC_FAULT_LOOP(err, webrtc_try());
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, sandbox_try());
	CHECK_OK(err);
}
