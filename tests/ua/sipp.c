/* sipp.c - sipp's scenarios of ours, run against a ua in this process. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ua/end.h"

static struct end here;

/* anna:site.example:secret */
static const char by_md5[] = "anna a9b17a852696035661f5310fff19dcde\n";
static const char by_sha256[] = "anna d1d821c87910971564b83fe99f430e49"
				"217a789550d1bf3c9db9aa967f29782b\n";

struct run {
	GPid pid;
	unsigned is_over;
	int status;
};

static void run_over(GPid pid, gint status, void *arg)
{
	struct run *r = arg;

	r->is_over = 1;
	r->status = status;
	g_spawn_close_pid(pid);
}

static void run_start(struct run *r, const char *scenario)
{
	char to[32], file[64];
	char *argv[] = { (char *)"sipp", (char *)"-sf", file, to, (char *)"-m",
		(char *)"1", (char *)"-i", (char *)"127.0.0.1",
		(char *)"-nostdin", (char *)"-timeout", (char *)"30s",
		(char *)"-timeout_error", NULL };
	GError *error = NULL;

	memset(r, 0, sizeof(*r));
	(void)snprintf(file, sizeof(file), "tests/ua/sipp/%s.xml", scenario);
	(void)snprintf(to, sizeof(to), "127.0.0.1:%u",
	    (unsigned)ua_port(here.ua, UA_UDP));
	if (!g_spawn_async(NULL, argv, NULL,
		G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
		    G_SPAWN_STDOUT_TO_DEV_NULL,
		NULL, NULL, &r->pid, &error))
		tap_diag("%s", error->message);
	CHECK(!error);
	(void)g_child_watch_add(r->pid, run_over, r);
}

static void run_end(struct run *r)
{
	end_wait(r->is_over, 1);
	CHECK_EQ(r->status, 0);
	end_close(&here);
}

static void ua_open_with(enum ua_rule rule, const char *text)
{
	struct ua_account *accounts;
	size_t count;

	CHECK_OK(ua_accounts_read(&accounts, &count, kk_view_text(text)));
	end_open(&here,
	    (struct ua_config){ .rule = rule,
		.accounts = accounts,
		.account_count = count });
	ua_accounts_free(accounts, count);
}

static void ua_open_for(enum ua_rule rule)
{
	ua_open_with(rule, by_md5);
}

/* What is reliable is waited for, before the answer goes out. */
static void ring_and_answer(void)
{
	end_wait(here.incoming, 1);
	CHECK_OK(ua_call_ring(here.call, end_text("v=0\r\n")));
	CHECK_OK(ua_call_answer(here.call, end_text("v=0\r\n")));
}

TEST(reliable_ringing_update_and_change_as_sipp_does_them)
{
	struct run r;

	ua_open_for(UA_RULE_ANYBODY);
	run_start(&r, "prack");
	ring_and_answer();
	end_wait(here.offered, 1);
	CHECK_OK(ua_call_answer(here.call, end_text("v=0\r\n")));
	end_wait(here.offered, 2);
	CHECK_OK(ua_call_answer(here.call, end_text("v=0\r\n")));
	end_wait(here.ended, 1);
	CHECK_EQ(here.reason, UA_END_THEIRS);
	run_end(&r);
}

TEST(session_timer_as_sipp_does_it)
{
	struct run r;

	ua_open_for(UA_RULE_ANYBODY);
	run_start(&r, "timer");
	ring_and_answer();
	end_wait(here.ended, 1);
	CHECK_EQ(here.reason, UA_END_THEIRS);
	CHECK_EQ(here.incoming, 1);
	run_end(&r);
}

TEST(cancel_as_sipp_does_it)
{
	struct run r;

	ua_open_for(UA_RULE_ANYBODY);
	run_start(&r, "cancel");
	end_wait(here.incoming, 1);
	CHECK_OK(ua_call_ring(here.call, end_text("v=0\r\n")));
	end_wait(here.ended, 1);
	CHECK_EQ(here.reason, UA_END_THEIRS);
	run_end(&r);
}

static void registers(const char *account)
{
	struct ua_counts counts;
	struct run r;

	ua_open_with(UA_RULE_KNOWN, account);
	run_start(&r, "register");
	end_wait(r.is_over, 1);
	ua_counts_get(here.ua, &counts);
	CHECK_EQ(counts.contacts, 1);
	run_end(&r);
}

TEST(registration_as_sipp_does_it)
{
	registers(by_md5);
}

TEST(registration_by_sha_256_as_sipp_does_it)
{
	registers(by_sha256);
}
