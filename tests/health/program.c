/* program.c - konklave-health before boxes that work and boxes that do not. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "harness/process.h"
#include "harness/tap.h"

enum { OUT = 4096, ARG = 128 };

/* For a box that works: it does not wait so long.  And for one that does not.
 */
#define LONG "--limit=300"
#define SHORT "--limit=1"
/* Long enough for two looks. */
#define TWICE "--limit=5"

/* Its status; what it said is in out. */
static int run(const struct box *box, const char *limit, const char *more,
    char out[OUT])
{
	char manager[ARG], keyd[ARG], roomd[ARG], sys[ARG];
	const char *const args[] = { manager, keyd, roomd, sys,
		"--unit=keyd.service", "--unit=mediad.service",
		"--unit=lined.service", "--unit=konklave-port@*.service",
		"--call=konklave-loopback.service", limit, more, NULL };

	(void)snprintf(manager, ARG, "--manager=%s/systemd", box->path);
	(void)snprintf(keyd, ARG, "--keyd=%s/keyd", box->path);
	(void)snprintf(roomd, ARG, "--roomd=%s/roomd", box->path);
	(void)snprintf(sys, ARG, "--sys=%s/sys", box->path);
	return process_run("konklave-health", args, out, OUT);
}

static int remove_in(const struct box *box, const char *name)
{
	char path[ARG];

	(void)snprintf(path, sizeof(path), "%s/%s", box->path, name);
	return unlink(path);
}

static void says(const char *out, const char *text)
{
	if (!strstr(out, text))
		(void)fprintf(stderr, "# %s\n", out);
	CHECK(strstr(out, text) != NULL);
}

TEST(box_that_works_is_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 0);
	says(out, "services: passed");
	says(out, "keys: passed");
	says(out, "room: passed");
	says(out, "forwarder: off");
	says(out, "watchdog: passed");
	says(out, "picture: passed");
	says(out, "call: passed");
	says(out, "konklave: well\n");
	CHECK_EQ(run(&box, LONG, "--json", out), 0);
	says(out, "\"isWell\":true");
	says(out, "{\"check\":\"keys\",\"result\":\"passed\",\"tookMs\":");
	box_end(&box);
}

TEST(box_without_screen_watchdog_and_site_is_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.screen = "disconnected\n";
	box.is_showing = false;
	box.watchdog = NULL;
	box.units[1] = (struct box_unit){ "roomd.service", "inactive", true,
		false };
	box.roomd_answers = false;
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 0);
	says(out, "room: off");
	says(out, "watchdog: off");
	says(out, "no screen is connected");
	box_end(&box);
}

/* Several things at once, since each of these boxes is waited for. */
TEST(what_does_not_work_is_named)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[0].active = "failed";
	box.keyd_answers = false;
	box.is_drawing = false;
	box.watchdog = "inactive\n";
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, NULL, out), 1);
	says(out, "not well: services: keyd.service has failed");
	says(out, "not well: keys: keyd does not answer");
	says(out, "not well: picture: nothing is drawn");
	says(out, "not well: watchdog: nobody feeds it");
	says(out, "room: passed");
	CHECK(strstr(out, "konklave: well") == NULL);
	box_end(&box);
}

TEST(keyd_that_has_no_key_says_why)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.keyd_answers = false;
	box.keyd = "trouble=no-tpm no TPM there";
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, NULL, out), 1);
	says(out, "not well: keys: no TPM there\n");
	box_end(&box);
}

TEST(watchdog_that_was_started_and_is_not_fed_is_named)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.is_feeding = false;
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, NULL, out), 1);
	says(out, "not well: watchdog: nobody feeds it");
	box_end(&box);
}

TEST(box_without_a_profile_shows_its_first_boot_screen)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[2].active = "inactive";
	box.units[2].is_unmet = true;
	box.units[5] = (struct box_unit){ "konklave-welcome.service", "active",
		false, false };
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 0);
	says(out, "picture: passed");
	box_end(&box);
	box.units[5].active = "failed";
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, NULL, out), 1);
	says(out, "not well: picture: mediad does not say what it draws");
	box_end(&box);
}

TEST(each_wired_port_that_there_is_has_to_run_or_to_have_ended_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[5] = (struct box_unit){ "konklave-port@lan0.service",
		"active", false, false };
	box.units[6] = (struct box_unit){ "konklave-port@lan1.service",
		"inactive", false, false };
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 0);
	says(out, "services: passed");
	box_end(&box);
	box.units[6].active = "activating"; /* it is started anew and anew */
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, NULL, out), 1);
	says(out, "services: konklave-port@lan1.service has not started yet");
	box_end(&box);
	box.units[6].active = "failed";
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, NULL, out), 1);
	says(out, "services: konklave-port@lan1.service has failed");
	box_end(&box);
}

TEST(box_that_holds_no_call_is_not_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[4].active = "failed";
	box.call = "sound: it does not come back";
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 1);
	says(out, "not well: call: sound: it does not come back\n");
	box_end(&box);
}

TEST(call_that_goes_on_for_too_long_is_not_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[4].active = "activating";
	box.call = "";
	box_start(&box);
	CHECK_EQ(run(&box, TWICE, NULL, out), 1);
	says(out, "not well: call: it is not held yet\n");
	box_end(&box);
}

TEST(call_that_fails_without_a_word_and_one_that_is_no_unit_are_named)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[4].active = "failed";
	box.call = "";
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 1);
	says(out, "not well: call: its unit has failed\n");
	box_end(&box);
	box_init(&box);
	box.units[4].active = NULL;
	box_start(&box);
	CHECK_EQ(run(&box, LONG, NULL, out), 1);
	says(out, "not well: call: there is no such unit\n");
	box_end(&box);
}

TEST(service_that_was_started_just_now_is_not_enough)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.units[0].is_young = true;
	box.roomd_answers = false;
	box_start(&box);
	CHECK_EQ(run(&box, SHORT, "--json", out), 1);
	says(out, "\"isWell\":false");
	says(out, "keyd.service runs, but not for long");
	says(out, "roomd does not answer");
	box_end(&box);
}

TEST(box_that_draws_and_shows_nothing_is_not_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box.is_showing = false;
	box.units[0].active = NULL;
	box_start(&box);
	CHECK_EQ(run(&box, TWICE, NULL, out), 1);
	says(out, "not well: services: keyd.service is no unit");
	says(out, "not well: picture: a screen is connected and shows nothing");
	says(out, "keys: passed");
	box_end(&box);
}

TEST(box_whose_systemd_and_forwarder_do_not_answer_is_not_well)
{
	struct box box;
	char out[OUT];

	box_init(&box);
	box_start(&box);
	CHECK_EQ(remove_in(&box, "systemd"), 0);
	/* Nobody listens at port 1. */
	CHECK_EQ(run(&box, SHORT, "--forwarder=1", out), 1);
	says(out, "not well: forwarder: sfud does not say that it serves");
	says(out, "keyd.service is a unit that systemd says nothing of");
	says(out, "not well: picture: mediad does not say what it draws");
	box_end(&box);
}

TEST(wrong_options_are_told)
{
	char out[OUT];
	const char *const none[] = { NULL };
	const char *const no_keyd[] = { "--unit=a.service", NULL };
	const char *const limit[] = { "--limit=0", NULL };

	CHECK_EQ(process_run("konklave-health", none, out, OUT), 2);
	says(out, "--unit");
	CHECK_EQ(process_run("konklave-health", no_keyd, out, OUT), 2);
	says(out, "--keyd");
	CHECK_EQ(process_run("konklave-health", limit, out, OUT), 2);
	says(out, "0: not a number from 1");
}
