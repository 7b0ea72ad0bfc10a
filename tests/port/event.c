/* event.c - what wpa_supplicant says, and what people are told of it. */
#include <string.h>

#include "../firmware/bin/konklave-port/event.h"
#include "harness/tap.h"

#define EVENT "eth0: CTRL-EVENT-"
#define BEGIN EVENT "EAP-STARTED EAP authentication started\n"
#define FAIL EVENT "EAP-FAILURE EAP authentication failed\n"
#define FAULT(reason)                        \
	EVENT                                \
	"EAP-TLS-CERT-ERROR reason=" reason  \
	" depth=0 subject='/CN=x' err='y'\n" \
	"SSL: SSL3 alert: write (local SSL3 detected an error):fatal:x\n"
#define ALERT(name) \
	"SSL: SSL3 alert: read (remote end reported an error):fatal:" name "\n"
#define OPENED EVENT "CONNECTED - Connection to 01:80:c2:00:00:03 completed\n"
#define CLOSED EVENT "DISCONNECTED bssid=01:80:c2:00:00:03 reason=3\n"

static enum port_state after(struct port_watch *w, const char *text)
{
	while (*text) {
		const size_t bytes = strcspn(text, "\n");

		(void)port_line(w, kk_view_of(text, bytes));
		text += bytes + (text[bytes] == '\n');
	}
	return w->state;
}

static enum port_state of(const char *text)
{
	struct port_watch w = { 0 };

	return after(&w, text);
}

TEST(a_network_that_knows_us_is_open_until_it_does_not_any_more)
{
	struct port_watch w = { 0 };

	CHECK_EQ(after(&w,
		     "Successfully initialized wpa_supplicant\n"
		     "eth0: Associated with 01:80:c2:00:00:03\n"),
	    PORT_STARTING);
	CHECK_EQ(after(&w, BEGIN), PORT_ASKED);
	CHECK_EQ(after(&w, OPENED), PORT_OPEN);
	CHECK(!port_silence(&w));
	CHECK_EQ(after(&w, BEGIN), PORT_OPEN); /* it asks again */
	CHECK_EQ(after(&w, CLOSED), PORT_STARTING);
	CHECK(port_silence(&w));
	CHECK_EQ(w.state, PORT_NO_ANSWER);
	CHECK(!port_silence(&w));
	CHECK_EQ(after(&w, BEGIN OPENED), PORT_OPEN);
}

TEST(what_is_wrong_with_the_server_has_its_name)
{
	CHECK_EQ(of(BEGIN FAULT("1") FAIL), PORT_SERVER_UNTRUSTED);
	CHECK_EQ(of(BEGIN FAULT("3") FAIL), PORT_SERVER_DATE);
	CHECK_EQ(of(BEGIN FAULT("4") FAIL), PORT_SERVER_DATE);
	CHECK_EQ(of(BEGIN FAULT("9") FAIL), PORT_SERVER_NAME);
	CHECK_EQ(of(BEGIN FAULT("10") FAIL), PORT_SERVER_NAME);
	CHECK_EQ(of(BEGIN FAULT("7") FAIL), PORT_SERVER_BAD);
	CHECK_EQ(of(BEGIN FAULT("9999999999") FAIL), PORT_SERVER_BAD);
}

TEST(what_the_server_has_against_us_has_its_name)
{
	CHECK_EQ(of(BEGIN ALERT("certificate expired") FAIL), PORT_OURS_DATE);
	CHECK_EQ(of(BEGIN ALERT("unknown CA") FAIL), PORT_OURS_UNKNOWN);
	CHECK_EQ(of(BEGIN ALERT("access denied") FAIL), PORT_REFUSED);
	CHECK_EQ(of(BEGIN FAIL), PORT_REFUSED);
	CHECK_EQ(of("EAP-TLS: Failed to initialize SSL.\n"), PORT_UNUSABLE);
}

TEST(the_first_fault_is_told_and_stays_while_it_is_tried_again)
{
	struct port_watch w = { 0 };

	CHECK_EQ(after(&w, BEGIN FAULT("10") FAULT("1") FAIL CLOSED),
	    PORT_SERVER_NAME);
	CHECK_EQ(after(&w, BEGIN), PORT_SERVER_NAME);
	CHECK(!port_silence(&w));
	CHECK_EQ(after(&w, FAULT("1") FAIL), PORT_SERVER_UNTRUSTED);
	CHECK_EQ(after(&w, BEGIN OPENED), PORT_OPEN);
}

TEST(what_others_have_written_into_a_line_counts_for_nothing)
{
	CHECK_EQ(of(EVENT "EAP-PEER-CERT depth=0 subject='/CN=x: CTRL-EVENT-"
			  "CONNECTED - '\n"),
	    PORT_STARTING);
	CHECK_EQ(of("x\n:\n\n CTRL-EVENT-CONNECTED \n"), PORT_STARTING);
}

TEST(each_state_has_a_word_and_a_sentence_in_both_languages)
{
	for (unsigned i = 0; i < PORT_STATES; i++) {
		const char *name = port_state_name((enum port_state)i);

		CHECK_EQ(port_state_of(kk_view_text(name)), i);
		CHECK(strlen(port_state_text((enum port_state)i, false)) > 9);
		CHECK(strcmp(port_state_text((enum port_state)i, false),
			  port_state_text((enum port_state)i, true)) != 0);
	}
	CHECK_EQ(port_state_of(kk_view_text("x")), PORT_STATES);
}
