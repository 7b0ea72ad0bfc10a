/* workers.c - meetings on several threads. */
#include "world.h"

enum { MEETINGS = 6 };

static const char register_fields[] =
    ", \"siteToken\": \"%s\", \"meeting\": \"%s\", \"tokenHash\": \"%s\", "
    "\"participants\": 3";

static sd_json_variant *transport_open(struct client *c)
{
	return ask(c, "transport", ", \"direction\": \"%s\"", "both");
}

static unsigned port_of(sd_json_variant *transport)
{
	sd_json_variant *list = sd_json_variant_by_key(transport, "candidates");

	return (unsigned)number_of(sd_json_variant_by_index(list, 0), "port");
}

static void meeting_enter(struct world *w, struct client *c, const char *id)
{
	const char *meeting = b64(w, id);

	(void)ask(c, "register", register_fields, SITE_TOKEN, meeting,
	    TOKEN_HASH);
	(void)ask(c, "enter",
	    ", \"meeting\": \"%s\", \"token\": \"%s\", \"epoch\": null",
	    meeting, TOKEN);
}

TEST(a_meeting_has_one_worker_and_meetings_are_spread_over_all)
{
	char id[] = "meeting 000000 0";
	struct world w = { .args = { "--workers=3" } };
	unsigned ports[MEETINGS], counts[3] = { 0 };

	world_start(&w);
	for (size_t i = 0; i < MEETINGS; i++) {
		struct client *a = client_greet(&w, 2 * i);
		struct client *b = client_greet(&w, 2 * i + 1);

		id[sizeof(id) - 2] = (char)('0' + i);
		meeting_enter(&w, a, id);
		meeting_enter(&w, b, id);
		ports[i] = port_of(transport_open(a));
		CHECK_EQ(port_of(transport_open(b)), ports[i]);
	}
	for (size_t i = 0; i < MEETINGS; i++) {
		size_t at = 0;

		while (ports[at] != ports[i])
			at++;
		CHECK(at < 3);
		counts[at]++;
	}
	for (size_t i = 0; i < 3; i++)
		CHECK_EQ(counts[i], MEETINGS / 3);
	world_end(&w);
}

TEST(a_worker_that_is_free_again_gets_the_next_meeting)
{
	struct world w = { .args = { "--workers=2" } };
	unsigned first, second;

	world_start(&w);
	for (size_t i = 0; i < 3; i++)
		(void)client_greet(&w, i);
	meeting_enter(&w, &w.clients[0], "meeting 000000 a");
	first = port_of(transport_open(&w.clients[0]));
	meeting_enter(&w, &w.clients[1], "meeting 000000 b");
	second = port_of(transport_open(&w.clients[1]));
	CHECK(first != second);
	(void)ask(&w.clients[1], "leave", "%s", "");
	meeting_enter(&w, &w.clients[2], "meeting 000000 c");
	CHECK_EQ(port_of(transport_open(&w.clients[2])), second);
	world_end(&w);
}

/* Threads end in order, whatever they have open. */
TEST(the_program_ends_well_with_transports_on_all_workers)
{
	struct world w = { .args = { "--workers=4" } };
	char id[] = "meeting 000000 0";

	world_start(&w);
	for (size_t i = 0; i < 8; i++) {
		struct client *c = client_greet(&w, i);

		id[sizeof(id) - 2] = (char)('0' + i);
		meeting_enter(&w, c, id);
		for (size_t n = 0; n < 4; n++)
			(void)transport_open(c);
	}
	sfud_stop(&w);
	world_end(&w);
}
