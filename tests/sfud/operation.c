/* operation.c - what an operator sees, and how the program is ended. */
#define _GNU_SOURCE /* kill() */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "prometheus.h"
#include "world.h"

TEST(metrics_count_who_is_there_who_has_come_and_who_was_refused)
{
	struct world w = { .args = { "--workers=1", "--metrics-loopback=0" } };
	struct client *c;

	world_start(&w);
	CHECK_EQ(metrics_value(&w, "meetings_registered"), 0);
	meeting_make(&w, 2);
	CHECK_EQ(metrics_value(&w, "joins_total"), 0);
	(void)client_enter(&w, 0, "null");
	(void)client_enter(&w, 1, "null");
	c = client_greet(&w, 2);
	CHECK_STR(ask_fails(c, "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\", "
		      "\"epoch\": null",
		      MEETING, TOKEN),
	    "full");
	CHECK_STR(ask_fails(c, "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\", "
		      "\"epoch\": null",
		      MEETING, OTHER_TOKEN),
	    "denied");
	CHECK_EQ(metrics_value(&w, "meetings_registered"), 1);
	CHECK_EQ(metrics_value(&w, "meetings{worker=\"0\"}"), 1);
	CHECK_EQ(metrics_value(&w, "participants{worker=\"0\"}"), 2);
	CHECK_EQ(metrics_value(&w, "joins_total"), 2);
	CHECK_EQ(metrics_value(&w, "refusals_total{error=\"full\"}"), 1);
	CHECK_EQ(metrics_value(&w, "refusals_total{error=\"denied\"}"), 1);
	CHECK_EQ(metrics_value(&w, "refusals_total{error=\"limit\"}"), 0);
	(void)ask(&w.clients[0], "leave", "%s", "");
	CHECK_EQ(metrics_value(&w, "participants{worker=\"0\"}"), 1);
	CHECK_EQ(metrics_value(&w, "joins_total"), 2);
	world_end(&w);
}

static void page_check(const struct world *w)
{
	char *page = metrics_read(w);
	const char *body = strstr(page, "\r\n\r\n"), *fault;
	unsigned line;

	CHECK(body != NULL);
	fault = prometheus_check(body + 4, &line);
	if (fault)
		tap_diag("line %u: %s in\n%s", line, fault, body + 4);
	CHECK(fault == NULL);
	kk_free(page);
}

TEST(metrics_are_as_prometheus_wants_them)
{
	struct world w = { .args = { "--workers=3", "--metrics-loopback=0" } };

	world_start(&w);
	page_check(&w);
	meeting_make(&w, 2);
	(void)client_enter(&w, 0, "null");
	page_check(&w);
	CHECK_EQ(metrics_value(&w,
		     "estimate_bits_per_second_bucket{worker=\"2\","
		     "le=\"+Inf\"}"),
	    0);
	CHECK_EQ(metrics_value(&w, "receiver_loss_ratio_count{worker=\"0\"}"),
	    0);
	CHECK_EQ(metrics_value(&w, "lost_packets_total{worker=\"1\"}"), 0);
	CHECK_EQ(metrics_value(&w,
		     "crypto_faults_total{worker=\"0\",engine=\"openssl\"}"),
	    0);
	world_end(&w);
}

#define HEAD(name, type)                                                     \
	"# HELP konklave_sfu_" name " x\n# TYPE konklave_sfu_" name " " type \
	"\n"

/* The reader of these tests, too, has to be able to fail. */
TEST(a_page_that_prometheus_would_misread_is_told)
{
	static const char *const good[] = {
		HEAD("a_total", "counter") "konklave_sfu_a_total 1\n",
		HEAD("a", "gauge") "konklave_sfu_a{b=\"c\",d=\"e\"} -1.5\n",
		HEAD("h", "histogram") "konklave_sfu_h_bucket{le=\"0.1\"} 1\n"
				       "konklave_sfu_h_bucket{le=\"+Inf\"} 2\n"
				       "konklave_sfu_h_sum 0.5\n"
				       "konklave_sfu_h_count 2\n",
	};
	static const char *const bad[] = {
		"",
		"konklave_sfu_a 1\n",
		HEAD("a", "gauge"),
		HEAD("a", "gauge") "konklave_sfu_a 1",
		HEAD("a", "gauge") "konklave_sfu_a\n",
		HEAD("a", "gauge") "konklave_sfu_a x\n",
		HEAD("a", "gauge") "konklave_sfu_b 1\n",
		HEAD("a", "gauge") "\nkonklave_sfu_a 1\n",
		HEAD("a", "gauge") "konklave_sfu_a 1\nkonklave_sfu_a 2\n",
		HEAD("a", "gauge") "konklave_sfu_a{b=\"c\" 1\n",
		HEAD("a", "gauge") "konklave_sfu_a{b=c} 1\n",
		HEAD("a", "ratio") "konklave_sfu_a 1\n",
		HEAD("a", "counter") "konklave_sfu_a 1\n",
		HEAD("a", "counter") "konklave_sfu_a_total 1\n",
		HEAD("a_total", "counter") "konklave_sfu_a_total -1\n",
		HEAD("a_total", "gauge") "konklave_sfu_a_total 1\n",
		HEAD("a", "gauge") "konklave_sfu_a 1\n" HEAD("a", "gauge"),
		HEAD("h", "histogram") "konklave_sfu_h_bucket{le=\"1\"} 1\n"
				       "konklave_sfu_h_sum 1\n"
				       "konklave_sfu_h_count 1\n",
		HEAD("h", "histogram") "konklave_sfu_h_bucket{le=\"1\"} 2\n"
				       "konklave_sfu_h_bucket{le=\"+Inf\"} 1\n"
				       "konklave_sfu_h_sum 1\n"
				       "konklave_sfu_h_count 1\n",
		HEAD("h", "histogram") "konklave_sfu_h_bucket{le=\"2\"} 1\n"
				       "konklave_sfu_h_bucket{le=\"1\"} 1\n"
				       "konklave_sfu_h_bucket{le=\"+Inf\"} 1\n"
				       "konklave_sfu_h_sum 1\n"
				       "konklave_sfu_h_count 1\n",
		HEAD("h", "histogram") "konklave_sfu_h_bucket{le=\"+Inf\"} 1\n"
				       "konklave_sfu_h_sum 1\n"
				       "konklave_sfu_h_count 2\n",
		HEAD("h", "histogram") "konklave_sfu_h_bucket{le=\"+Inf\"} 1\n"
				       "konklave_sfu_h_sum 1\n",
	};
	unsigned line;

	for (size_t i = 0; i < KK_ARRAY_LEN(good); i++)
		CHECK(prometheus_check(good[i], &line) == NULL);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK(prometheus_check(bad[i], &line) != NULL);
}

TEST(metrics_tell_no_participant_meeting_or_address)
{
	struct world w = { .args = { "--metrics-loopback=0" } };
	char *page;

	world_start(&w);
	meeting_make(&w, 2);
	(void)client_enter(&w, 0, "null");
	(void)ask(&w.clients[0], "transport", ", \"direction\": \"%s\"",
	    "both");
	page = metrics_read(&w);
	CHECK(strstr(page, w.clients[0].participant) == NULL);
	CHECK(strstr(page, MEETING) == NULL);
	CHECK(strstr(page, "127.0.0.1") == NULL);
	kk_free(page);
	world_end(&w);
}

TEST(a_log_of_json_has_an_object_on_each_line)
{
	struct world w = { .args = { "--log=json" } };
	char *log, *rest = NULL;
	size_t lines = 0;

	world_start(&w);
	log = sfud_log(&w);
	for (char *line = strtok_r(log, "\n", &rest); line;
	    line = strtok_r(NULL, "\n", &rest), lines++) {
		sd_json_variant *v = NULL;

		CHECK(sd_json_parse(line, 0, &v, NULL, NULL) >= 0);
		CHECK_STR(text_of(v, "module"), "sfud");
		CHECK(strlen(text_of(v, "message")) > 0);
		sd_json_variant_unref(v);
	}
	CHECK(lines > 0);
	free(log);
	world_end(&w);
}

static sd_json_variant *other_meeting_make(struct client *c)
{
	return ask(c, "register",
	    ", \"siteToken\": \"%s\", \"meeting\": \"%s\", "
	    "\"tokenHash\": \"%s\", \"participants\": 3",
	    SITE_TOKEN, MEETING_2, TOKEN_HASH);
}

TEST(while_it_drains_meetings_go_on_and_none_begins)
{
	struct world w = { .args = { "--drain=1h", "--metrics-loopback=0" } };
	int status = -1;

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	(void)client_greet(&w, 2);
	(void)other_meeting_make(&w.clients[2]);
	CHECK_EQ(metrics_value(&w, "draining"), 0);
	CHECK_EQ(kill(w.pid, SIGTERM), 0);
	while (metrics_value(&w, "draining") == 0)
		world_turn(&w);
	(void)client_enter(&w, 1, "null");
	CHECK_STR(text_of(event_take(&w.clients[0], "joined"), "participant"),
	    w.clients[1].participant);
	CHECK_STR(ask_fails(&w.clients[2], "enter",
		      ", \"meeting\": \"%s\", \"token\": \"%s\", "
		      "\"epoch\": null",
		      MEETING_2, TOKEN),
	    "busy");
	(void)ask(&w.clients[0], "leave", "%s", "");
	(void)ask(&w.clients[1], "leave", "%s", "");
	while (waitpid(w.pid, &status, WNOHANG) == 0)
		world_turn(&w);
	w.pid = 0;
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	WAIT_FOR(&w, w.clients[2].is_closed);
	world_end(&w);
}

TEST(a_second_sigterm_ends_the_meetings)
{
	struct world w = { .args = { "--drain=1h", "--metrics-loopback=0" } };

	world_start(&w);
	meeting_make(&w, 3);
	(void)client_enter(&w, 0, "null");
	CHECK_EQ(kill(w.pid, SIGTERM), 0);
	while (metrics_value(&w, "draining") == 0)
		world_turn(&w);
	sfud_stop(&w);
	CHECK_STR(text_of(event_take(&w.clients[0], "closed"), "reason"),
	    "shutdown");
	world_end(&w);
}
