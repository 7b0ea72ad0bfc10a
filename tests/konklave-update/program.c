/* program.c - the service and its commands, from a bundle to the first boot
 * that was marked good. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "world.h"

static void confirmed(struct world *w)
{
	world_start(w);
	CHECK_EQ(world_do(w, "mark-good", NULL), 0);
	world_says(w, "\"state\":\"idle\"");
}

TEST(new_version_is_written_tried_and_marked_good)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_bundle(&w, "new.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "new.raucb"), 0);
	world_says(&w, "\"next\":\"b\"");
	/* The running slot is as it was. */
	world_script(&w,
	    "head -c 300000 /dev/zero | tr '\\0' A | cmp - slot-a\n"
	    "head -c 250000 /dev/zero | tr '\\0' N | cmp -n 250000 - slot-b\n"
	    "grep -q 'new konklave.slot=b ' esp/EFI/konklave/b.efi\n"
	    "grep -q 'old a' esp/EFI/konklave/a.efi\n"
	    "grep -q 'old a' esp/EFI/BOOT/BOOTX64.EFI\n"
	    "test -z \"$(ls state | grep -v tried)\"\n"
	    "while [ ! -e reboots ]; do sleep 0.02; done\n"
	    "grep -q -x reboot reboots\n");
	world_stop(&w);

	world_boot(&w, "b", 4);
	world_start(&w);
	world_says(&w, "\"state\":\"trying\"");
	CHECK_EQ(world_do(&w, "install", "new.raucb"), 1);
	world_says(&w, "\"says\":\"unconfirmed\"");
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	world_says(&w, "\"state\":\"idle\"");
	world_says(&w, "\"says\":\"done\"");
	world_says(&w, "\"floor\":4");
	world_says(&w, "\"next\":\"b\"");
	world_script(&w, "test ! -e state/tried");

	/* And the other way round, after a restart of the service. */
	world_stop(&w);
	world_start(&w);
	world_says(&w, "\"state\":\"idle\"");
	world_bundle(&w, "konklave-test.raucb", WORLD_RIGHT, "test", 5);
	CHECK_EQ(world_do(&w, "install", "."), 0);
	world_says(&w, "\"next\":\"a\"");
	/* Without variables the firmware starts what still has its root. */
	world_script(&w,
	    "cmp -n 250000 slot-a slot-b\n"
	    "grep -q 'new konklave.slot=a konklave.version=5' "
	    "esp/EFI/konklave/a.efi\n"
	    "cmp esp/EFI/konklave/b.efi esp/EFI/BOOT/BOOTX64.EFI\n");
	world_close(&w);
}

TEST(wrong_bundle_is_refused_and_nothing_is_written)
{
	static const struct {
		enum world_bundle kind;
		const char *board;
		unsigned version;
		const char *says;
	} rows[] = {
		{ WORLD_UNSIGNED, "test", 4, "signature" },
		{ WORLD_BAD_SEAL, "test", 4, "signature" },
		{ WORLD_RIGHT, "other", 4, "board" },
		{ WORLD_RIGHT, "test", 2, "older" },
		{ WORLD_RIGHT, "test", 3, "same" },
		{ WORLD_RIGHT, "test", 0, "format" },
		{ WORLD_DAMAGED, "test", 4, "format" },
		{ WORLD_SLOTS_SWAPPED, "test", 4, "format" },
		{ WORLD_OTHER_VERSION, "test", 4, "format" },
	};
	struct world w;
	char want[64];

	world_open(&w);
	confirmed(&w);
	world_script(&w,
	    "cp -a slot-a slot-b vars esp before 2>/dev/null || "
	    "{ mkdir before; cp -a slot-a slot-b vars esp before; }");
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		world_bundle(&w, "b.raucb", rows[i].kind, rows[i].board,
		    rows[i].version);
		CHECK_EQ(world_do(&w, "check", "b.raucb"), 1);
		CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
		(void)snprintf(want, sizeof(want), "\"says\":\"%s\"",
		    rows[i].says);
		world_says(&w, want);
		world_says(&w, "\"state\":\"idle\"");
		world_script(&w,
		    "for f in slot-a slot-b vars esp; do\n"
		    "	diff -r $f before/$f\n"
		    "done\n"
		    "test -z \"$(ls state)\"\n");
	}
	/* What is no bundle at all. */
	world_script(&w, ": >empty; mkfifo pipe; mkdir folder");
	CHECK_EQ(world_do(&w, "install", "empty"), 1);
	CHECK_EQ(world_do(&w, "install", "pipe"), 1);
	CHECK_EQ(world_do(&w, "install", "folder"), 1);
	CHECK_EQ(world_do(&w, "install", "slot-a"), 1);
	CHECK_EQ(world_do(&w, "install", "absent"), 1);
	world_says(&w, "\"says\":\"signature\"");
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "check", "b.raucb"), 0);
	world_script(&w,
	    "diff -r vars before/vars && cmp slot-b before/slot-b");
	world_close(&w);
}

TEST(nothing_is_written_before_this_boot_was_confirmed)
{
	struct world w;

	world_open(&w);
	world_start(&w);
	world_says(&w, "\"state\":\"unconfirmed\"");
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_says(&w, "\"says\":\"unconfirmed\"");
	world_script(&w, "test -z \"$(ls state)\"");
	/* Who confirms need not be us. */
	world_script(&w, "./boot set-state a good");
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_close(&w);
}

TEST(old_slot_tells_that_the_new_one_did_not_work)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_stop(&w);
	world_boot(&w, "a", 3);
	world_start(&w);
	world_says(&w, "\"says\":\"came_back\"");
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	world_says(&w, "\"says\":\"came_back\"");
	world_says(&w, "\"next\":\"a\"");
	world_close(&w);
}

TEST(new_version_that_is_not_marked_good_in_time_restarts_into_the_old_one)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_script(&w, "while [ ! -e reboots ]; do sleep 0.02; done");
	world_stop(&w);
	world_script(&w, "rm reboots");
	world_boot(&w, "b", 4);
	w.options[0] = "--health-seconds=1";
	world_start(&w);
	world_script(&w, "while [ ! -e reboots ]; do sleep 0.02; done");
	world_says(&w, "\"state\":\"returning\"");
	world_close(&w);
}

TEST(new_version_that_is_marked_bad_restarts_into_the_old_one_at_once)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	/* What works is not called bad any more, and nothing restarts. */
	CHECK_EQ(world_do(&w, "mark-bad", NULL), 1);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_script(&w, "while [ ! -e reboots ]; do sleep 0.02; done");
	world_stop(&w);
	world_script(&w, "rm reboots");
	world_boot(&w, "b", 4);
	world_start(&w);
	CHECK_EQ(world_do(&w, "mark-bad", NULL), 0);
	CHECK_EQ(world_do(&w, "mark-bad", NULL), 0);
	world_says(&w, "\"state\":\"returning\"");
	world_script(&w, "while [ ! -e reboots ]; do sleep 0.02; done");
	world_close(&w);
}

TEST(old_slot_that_is_marked_bad_says_so_and_goes_on)
{
	struct world w;

	world_open(&w);
	world_start(&w);
	CHECK_EQ(world_do(&w, "mark-bad", NULL), 0);
	world_says(&w, "\"state\":\"unconfirmed\"");
	world_says(&w, "\"says\":\"unwell\"");
	/* It may get well later. */
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	world_says(&w, "\"state\":\"idle\"");
	world_script(&w, "test ! -e reboots");
	world_close(&w);
}

TEST(no_update_begins_while_a_meeting_may_be_on)
{
	struct world w;
	char roomd[96];

	world_open(&w);
	/* Nobody tells: a meeting may be on. */
	(void)snprintf(roomd, sizeof(roomd), "--roomd=%s/roomd", w.path);
	w.options[0] = roomd;
	w.options[1] = "--lost-seconds=600";
	confirmed(&w);
	world_says(&w, "\"isInMeeting\":true");
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_says(&w, "\"says\":\"meeting\"");
	world_script(&w, "test -z \"$(ls state)\"");
	world_stop(&w);
	/* Long enough nobody: there is no room. */
	w.options[1] = "--lost-seconds=0";
	world_start(&w);
	world_script(&w,
	    "until $bin/konklave-update status --json "
	    "--socket=control:$PWD/control | grep -q isInMeeting.:false; do\n"
	    "	sleep 0.05\n"
	    "done\n");
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_close(&w);
}

/* roomd, of which nobody hears but the phase that the file says. */
static const char roomd_serve[] =
    "cat >roomd.py <<'END'\n"
    "import json, os, socket\n"
    "s = socket.socket(socket.AF_UNIX)\n"
    "s.bind('roomd')\n"
    "s.listen(1)\n"
    "if os.fork():\n"
    "    os._exit(0)\n"
    "c, _ = s.accept()\n"
    "while c.recv(1)[0]:\n"
    "    pass\n"
    "said = {'parameters': json.load(open('plan')), 'continues': True}\n"
    "c.sendall(json.dumps(said).encode() + b'\\0')\n"
    "while c.recv(100):\n" /* until the service ends */
    "    pass\n"
    "END\n"
    "rm -f roomd\n"
    "python3 roomd.py >roomd.log 2>&1\n";

TEST(box_that_does_not_find_its_server_has_no_meeting)
{
	struct world w;
	char roomd[96];

	world_open(&w);
	(void)snprintf(roomd, sizeof(roomd), "--roomd=%s/roomd", w.path);
	w.options[0] = roomd;
	w.options[1] = "--lost-seconds=0";
	/* People are in the room: that stays. */
	world_script(&w,
	    "echo '{\"phase\":\"in\",\"people\":[{\"isSelf\":false}]}' "
	    ">plan");
	world_script(&w, roomd_serve);
	confirmed(&w);
	world_says(&w, "\"isInMeeting\":true");
	world_stop(&w);
	world_script(&w, "echo '{\"phase\":\"connecting\"}' >plan");
	world_script(&w, roomd_serve);
	world_start(&w);
	world_script(&w,
	    "until $bin/konklave-update status --json "
	    "--socket=control:$PWD/control | grep -q isInMeeting.:false; do\n"
	    "	sleep 0.05\n"
	    "done\n");
	world_close(&w);
}

TEST(slot_that_is_too_small_fails_and_the_old_version_stays)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_script(&w, "truncate -s 1000 slot-b");
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_says(&w, "\"says\":\"write_failed\"");
	world_says(&w, "\"next\":\"a\"");
	world_script(&w,
	    "test $(stat -c %s slot-b) = 1000\n"
	    "grep -q 'old b' esp/EFI/konklave/b.efi\n"
	    "test -z \"$(ls state)\"\n");
	world_close(&w);
}

TEST(check_that_is_cancelled_ends_and_leaves_nothing)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	world_script(&w,
	    ": >hold\n"
	    "$bin/konklave-update install b.raucb "
	    "--socket=control:$PWD/control >install.out 2>&1 &\n"
	    "until $bin/konklave-update status --json "
	    "--socket=control:$PWD/control | grep -q checking; do\n"
	    "	sleep 0.02\n"
	    "done\n");
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_says(&w, "\"says\":\"under_way\"");
	CHECK_EQ(world_do(&w, "cancel", NULL), 0);
	world_says(&w, "\"says\":\"cancelled\"");
	world_script(&w, "rm hold; test -z \"$(ls state)\"");
	CHECK_EQ(world_do(&w, "cancel", NULL), 1);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_close(&w);
}
