/* setup.c - certificates by the setup's socket, and their end. */
#include <stdio.h>
#include <string.h>

#include "../firmware/bin/keyd/keyd.h"
#include "enrol.h"

enum { DAY_S = 86400 };

static void file_of(const struct box *b, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", b->folder, name);
}

/* The request of a running box, into a file. */
static void request_save(struct world *w, struct box *b, const char *name)
{
	sd_json_variant *out = ask(w, b->link[SETUP], "MakeRequest", NULL);
	struct kk_bytes pem;
	char path[128];

	CHECK_OK(call_get_bytes(out, "request", 65536, &pem));
	file_of(b, name, path);
	file_write(path, pem.data, pem.bytes);
	kk_bytes_clear(&pem);
}

static sd_json_variant *in_chain(const struct box *b, const char *name)
{
	sd_json_variant *in = NULL;
	char path[128], *text;

	file_of(b, name, path);
	text = file_text(path);
	CHECK(text[0] != '\0');
	CHECK_OK(call_put_bytes(&in, "chain", kk_view_text(text)));
	kk_free(text);
	return in;
}

/* A box that runs, with a CA and a certificate in box.pem. */
static void site_begin(struct world *w, struct box *b, char trust[128])
{
	box_make(b);
	ca_make(b);
	b->options[1] = "--name=Raum 4";
	b->options[0] = "--suite=7";
	box_start_trusting(b, trust);
	request_save(w, b, "box.csr");
	box_run(b, "$pki issue box box.csr $with --out=box.pem");
}

TEST(running_box_gives_its_request_and_takes_its_certificate_in)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	sd_json_variant *out;
	char trust[128], script[512];

	site_begin(&w, b, trust);
	out = ask(&w, b->link[SETUP], "Enrolment", NULL);
	CHECK(!is_true(out, "verified"));
	CHECK(!call_has(out, "until"));
	CHECK_STR(text_of(out, "keystore"), "file");
	/* In one form on both screens. */
	(void)snprintf(script, sizeof(script),
	    "$pki show box.csr | grep -F '  %s'", text_of(out, "fingerprint"));
	CHECK_EQ(strlen(text_of(out, "fingerprint")), 64 + 15);
	box_run(b, script);
	out = ask(&w, b->link[SETUP], "InstallChain", in_chain(b, "box.pem"));
	CHECK_EQ(number_of(out, "suite"), 7);
	/* At once, and after a restart. */
	verified_check(&w, b, "Raum 4");
	out = ask(&w, b->link[POLICY], "Enrolment", NULL);
	CHECK(is_true(out, "verified") && !is_true(out, "endsSoon"));
	CHECK(number_of(out, "until") > (uint64_t)1000 * DAY_S);
	box_stop(b);
	box_start(b);
	verified_check(&w, b, "Raum 4");
	/* Others see it in a meeting that begins then. */
	meeting_create(&w, b);
	out = ask(&w, b->link[POLICY], "Roster", in_meeting());
	out = sd_json_variant_by_index(sd_json_variant_by_key(out, "members"),
	    0);
	CHECK(is_true(out, "verified"));
	world_end(&w);
}

TEST(certificate_is_changed_by_the_setup_alone_and_in_no_meeting)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	sd_json_variant *in;
	char trust[128];

	site_begin(&w, b, trust);
	for (int role = 0; role < SETUP; role++) {
		CHECK_STR(ask_fails(b->link[role], "InstallChain",
			      in_chain(b, "box.pem")),
		    "NotAllowed");
		CHECK_STR(ask_fails(b->link[role], "MakeRequest", NULL),
		    "NotAllowed");
	}
	CHECK_STR(ask_fails(b->link[MEDIA], "Enrolment", NULL), "NotAllowed");
	CHECK_STR(ask_fails(b->link[SETUP], "CreateMeeting", in_open()),
	    "NotAllowed");
	meeting_create(&w, b);
	CHECK_STR(ask_fails(b->link[SETUP], "InstallChain",
		      in_chain(b, "box.pem")),
	    "NotNow");
	/* Nor by naming a meeting that there is not. */
	in = in_chain(b, "box.pem");
	CHECK_OK(call_put_text(&in, "meeting", "bm9uZQ=="));
	(void)ask_fails(b->link[SETUP], "InstallChain", in);
	CHECK(!is_true(ask(&w, b->link[POLICY], "Identity", NULL), "verified"));
	(void)ask(&w, b->link[POLICY], "Forget", in_meeting());
	(void)ask(&w, b->link[SETUP], "InstallChain", in_chain(b, "box.pem"));
	verified_check(&w, b, "Raum 4");
	world_end(&w);
}

TEST(certificate_is_looked_at_in_a_meeting_and_replaced_where_that_is_asked_for)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	sd_json_variant *out;
	char trust[128];

	site_begin(&w, b, trust);
	box_run(b,
	    "$pki init --ca=other --name=Other --passphrase-file=pass; "
	    "$pki issue box box.csr --ca=other --passphrase-file=pass --yes "
	    "--out=foreign.pem");
	for (int role = 0; role < SETUP; role++) {
		CHECK_STR(ask_fails(b->link[role], "ReplaceChain",
			      in_chain(b, "box.pem")),
		    "NotAllowed");
		CHECK_STR(ask_fails(b->link[role], "CheckChain",
			      in_chain(b, "box.pem")),
		    "NotAllowed");
	}
	meeting_create(&w, b);
	out = ask(&w, b->link[SETUP], "CheckChain", in_chain(b, "box.pem"));
	CHECK_EQ(number_of(out, "suite"), 7);
	CHECK_STR(text_of(out, "name"), "Raum 4");
	CHECK(number_of(out, "until") > (uint64_t)1000 * DAY_S);
	CHECK_STR(ask_fails(b->link[SETUP], "CheckChain",
		      in_chain(b, "foreign.pem")),
	    "Untrusted");
	/* Nothing has changed, and a wrong one changes nothing. */
	CHECK_STR(ask_fails(b->link[SETUP], "ReplaceChain",
		      in_chain(b, "foreign.pem")),
	    "Untrusted");
	CHECK(!is_true(ask(&w, b->link[POLICY], "Identity", NULL), "verified"));
	(void)ask(&w, b->link[POLICY], "Roster", in_meeting());
	(void)ask(&w, b->link[SETUP], "ReplaceChain", in_chain(b, "box.pem"));
	verified_check(&w, b, "Raum 4");
	/* Its group is one to be joined anew, also after a restart. */
	CHECK_STR(ask_fails(b->link[POLICY], "Roster", in_meeting()), "NotNow");
	box_stop(b);
	box_start(b);
	CHECK_STR(ask_fails(b->link[POLICY], "Roster", in_meeting()), "NotNow");
	(void)ask(&w, b->link[POLICY], "NewKeyPackage", in_meeting());
	(void)ask(&w, b->link[POLICY], "Forget", in_meeting());
	meeting_create(&w, b);
	out = ask(&w, b->link[POLICY], "Roster", in_meeting());
	out = sd_json_variant_by_index(sd_json_variant_by_key(out, "members"),
	    0);
	CHECK(is_true(out, "verified"));
	world_end(&w);
}

TEST(wrong_certificate_is_refused_by_name_and_the_old_one_goes_on)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	sd_json_variant *in = NULL;
	char trust[128];

	site_begin(&w, b, trust);
	(void)ask(&w, b->link[SETUP], "InstallChain", in_chain(b, "box.pem"));
	box_run(b,
	    "$pki init --ca=other --name=Other --passphrase-file=pass; "
	    "$pki issue box box.csr --ca=other --passphrase-file=pass --yes "
	    "--out=foreign.pem; "
	    "$pki issue server box.csr --san=DNS:box4.site $with "
	    "--out=server.pem");
	CHECK_STR(ask_fails(b->link[SETUP], "InstallChain",
		      in_chain(b, "foreign.pem")),
	    "Untrusted");
	CHECK_STR(ask_fails(b->link[SETUP], "InstallChain",
		      in_chain(b, "server.pem")),
	    "Denied");
	CHECK_STR(ask_fails(b->link[SETUP], "InstallChain",
		      in_chain(b, "box.csr")),
	    "Format");
	CHECK_OK(call_put_u64(&in, "suite", 3));
	CHECK_STR(ask_fails(b->link[SETUP], "MakeRequest", in), "Unsupported");
	verified_check(&w, b, "Raum 4");
	box_run(b, "cmp box.pem state/chain-p384.pem");
	world_end(&w);
}

/* Starts it anew with a certificate that ends so; whether the log warns. */
static bool warned_of(struct world *w, struct box *b, int days)
{
	char script[256], path[128], *log;
	bool is_there;

	box_stop(b);
	(void)snprintf(script, sizeof(script),
	    "$pki issue box box.csr $with --days=%d --out=box.pem; "
	    "$keyd --trust=ca/ca.pem --install=box.pem; : >log",
	    days);
	box_run(b, script);
	box_start(b);
	verified_check(w, b, "Raum 4");
	file_of(b, "log", path);
	log = file_text(path);
	is_there = strstr(log,
		       "the certificate ends soon, have it renewed "
		       "suite=7 days=") != NULL;
	kk_free(log);
	return is_there;
}

TEST(box_warns_of_its_certificate_s_end_a_month_before)
{
	struct world w = { 0 };
	struct box *b = &w.box[0];
	sd_json_variant *out;
	char trust[128];

	site_begin(&w, b, trust);
	CHECK(!warned_of(&w, b, 32));
	out = ask(&w, b->link[POLICY], "Status", NULL);
	CHECK(number_of(out, "daysLeft") == 31 ||
	    number_of(out, "daysLeft") == 32);
	out = ask(&w, b->link[SETUP], "Enrolment", NULL);
	CHECK(!is_true(out, "endsSoon"));
	CHECK(warned_of(&w, b, 29));
	out = ask(&w, b->link[SETUP], "Enrolment", NULL);
	CHECK(is_true(out, "endsSoon"));
	/* The same key, a new certificate: it goes on unasked. */
	box_run(b,
	    "serial=$(openssl x509 -in box.pem -noout -serial | "
	    "cut -d= -f2 | tr A-F a-f | "
	    "sed ':a; s/^.\\{1,31\\}$/0&/; ta'); "
	    "$pki renew $serial box.csr $with --out=next.pem");
	(void)ask(&w, b->link[SETUP], "InstallChain", in_chain(b, "next.pem"));
	out = ask(&w, b->link[SETUP], "Enrolment", NULL);
	CHECK(is_true(out, "verified") && !is_true(out, "endsSoon"));
	world_end(&w);
}

TEST(end_of_a_certificate_is_told_once_a_day_from_its_last_month_on)
{
	const int64_t until_s = INT64_C(1800000000);
	int64_t told_s = 0, days = 0;

	CHECK(!keyd_expiry_is_due(0, until_s, &told_s, &days));
	CHECK(!keyd_expiry_is_due(until_s, 0, &told_s, &days));
	CHECK(!keyd_expiry_is_due(until_s, until_s - 30 * DAY_S, &told_s,
	    &days));
	CHECK(keyd_expiry_is_due(until_s, until_s - 30 * DAY_S + 1, &told_s,
	    &days));
	CHECK_EQ(days, 29);
	CHECK(!keyd_expiry_is_due(until_s, until_s - 29 * DAY_S, &told_s,
	    &days));
	CHECK(keyd_expiry_is_due(until_s, until_s - 29 * DAY_S + 1, &told_s,
	    &days));
	CHECK_EQ(days, 28);
	CHECK(keyd_expiry_is_due(until_s, until_s, &told_s, &days));
	CHECK_EQ(days, 0);
	CHECK(keyd_expiry_is_due(until_s, until_s + DAY_S, &told_s, &days));
	CHECK_EQ(days, -1);
	/* A clock that was set back. */
	CHECK(keyd_expiry_is_due(until_s, until_s - DAY_S, &told_s, &days));
	CHECK_EQ(days, 1);
}
