/* verified.c - boxes with certificates of a site, and guests. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

/* Files of a CA of that name in the box's folder, with a chain for the box. */
struct papers {
	char chain[128], trust[128];
	const char *not_after; /* ASN.1's form; "": in ten days */
};

static void papers_make(struct world *w, struct box *b, const char *ca,
    const char *subject, struct papers *p)
{
	const char *key = text_of(ask(w, b->link[POLICY], "Identity", NULL),
	    "publicKey");
	int status = 0;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		if (p->not_after[0])
			execl("tests/keyd/ca", "ca", b->folder, ca, subject,
			    key, "-not_before", "20250101000000Z", "-not_after",
			    p->not_after, (char *)NULL);
		else
			execl("tests/keyd/ca", "ca", b->folder, ca, subject,
			    key, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)snprintf(p->chain, sizeof(p->chain), "--chain=%s/%s.chain.pem",
	    b->folder, ca);
	(void)snprintf(p->trust, sizeof(p->trust), "--trust=%s/%s.pem",
	    b->folder, ca);
}

/* Starts a box again with these options. */
static void box_restart_with(struct box *b, const char *first,
    const char *second)
{
	box_stop(b);
	b->options[0] = first;
	b->options[1] = second;
	box_start(b);
}

static sd_json_variant *member_of(struct world *w, struct box *b, size_t i)
{
	sd_json_variant *roster = ask(w, b->link[POLICY], "Roster",
	    in_meeting());

	return sd_json_variant_by_index(
	    sd_json_variant_by_key(roster, "members"), i);
}

TEST(box_with_a_chain_is_verified_by_name_and_one_without_is_a_guest)
{
	struct world w;
	struct papers p = { .not_after = "" };
	sd_json_variant *who;

	world_start(&w, 2);
	papers_make(&w, &w.box[0], "site", "Room 4", &p);
	box_restart_with(&w.box[0], p.chain, p.trust);
	box_restart_with(&w.box[1], "--name=Gast Müller", p.trust);
	who = ask(&w, w.box[0].link[POLICY], "Identity", NULL);
	CHECK(is_true(who, "verified"));
	CHECK_STR(text_of(who, "name"), "Room 4");
	meeting_create(&w, &w.box[0]);
	meeting_join(&w, &w.box[0], &w.box[1]);
	agree(&w, 2);
	for (size_t i = 0; i < 2; i++) {
		sd_json_variant *a = member_of(&w, &w.box[i], 0);
		sd_json_variant *b = member_of(&w, &w.box[i], 1);

		CHECK_STR(text_of(a, "name"), "Room 4");
		CHECK(is_true(a, "verified"));
		CHECK_STR(text_of(a, "fingerprint"),
		    text_of(who, "fingerprint"));
		CHECK_STR(text_of(b, "name"), "Gast Müller");
		CHECK(!is_true(b, "verified"));
	}
	world_end(&w);
}

TEST(box_of_a_foreign_site_is_refused)
{
	struct world w;
	struct papers here = { .not_after = "" };
	struct papers there = { .not_after = "" };
	sd_json_variant *info;

	world_start(&w, 2);
	papers_make(&w, &w.box[0], "here", "Room 4", &here);
	papers_make(&w, &w.box[1], "there", "Room 4", &there);
	box_restart_with(&w.box[0], here.chain, here.trust);
	box_restart_with(&w.box[1], there.chain, there.trust);
	meeting_create(&w, &w.box[0]);
	(void)ask(&w, w.box[1].link[POLICY], "OpenMeeting", in_open());
	info = ask(&w, w.box[0].link[POLICY], "GroupInfo", in_meeting());
	/* It does not believe the other one, and would not be believed. */
	CHECK_STR(ask_fails(w.box[1].link[POLICY], "JoinExternal",
		      in_with("groupInfo", text_of(info, "groupInfo"))),
	    "Untrusted");
	world_end(&w);
}

TEST(chain_of_another_key_or_an_unknown_ca_gives_no_verified_name)
{
	struct world w;
	struct papers p = { .not_after = "" };
	char *log;

	world_start(&w, 2);
	papers_make(&w, &w.box[0], "site", "Room 4", &p);
	box_restart_with(&w.box[0], p.chain, NULL);
	box_restart_with(&w.box[1], p.chain, p.trust);
	for (size_t i = 0; i < 2; i++)
		CHECK(!is_true(ask(&w, w.box[i].link[POLICY], "Identity", NULL),
		    "verified"));
	log = box_log(&w.box[1]);
	CHECK(strstr(log, "chain does not serve") != NULL);
	free(log);
	world_end(&w);
}

TEST(identity_says_why_its_chain_proves_nothing)
{
	struct papers late = { .not_after = "20250201000000Z" };
	struct papers good = { .not_after = "" };
	struct papers foreign = { .not_after = "" };
	struct world w;
	sd_json_variant *who;

	world_start(&w, 2);
	CHECK(!call_has(ask(&w, w.box[0].link[POLICY], "Identity", NULL),
	    "trouble"));
	papers_make(&w, &w.box[0], "site", "Room 4", &late);
	box_restart_with(&w.box[0], late.chain, late.trust);
	who = ask(&w, w.box[0].link[POLICY], "Identity", NULL);
	CHECK_STR(text_of(who, "trouble"), "Expired");
	CHECK(!is_true(who, "verified"));
	papers_make(&w, &w.box[0], "site", "Room 4", &good);
	papers_make(&w, &w.box[1], "other", "Room 5", &foreign);
	box_restart_with(&w.box[0], good.chain, foreign.trust);
	CHECK_STR(text_of(ask(&w, w.box[0].link[POLICY], "Identity", NULL),
		      "trouble"),
	    "Untrusted");
	box_restart_with(&w.box[0], good.chain, good.trust);
	who = ask(&w, w.box[0].link[POLICY], "Identity", NULL);
	CHECK(!call_has(who, "trouble"));
	CHECK(is_true(who, "verified"));
	world_end(&w);
}
