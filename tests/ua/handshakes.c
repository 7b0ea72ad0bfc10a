/* handshakes.c - how many TLS handshakes may begin, in a time that is ours. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ua/end.h"
#include "ua/ua_private.h"

enum { BEGIN_MS = 1000000 };

static struct end there;

static void open_with(struct ua_limits limits)
{
	static const struct ua_trunk trunk = { .name = "pbx",
		.domain = "site.example",
		.servers = { "sip:192.0.2.200" },
		.user = "4711",
		.is_static = true,
		.is_unchecked = true };

	end_open(&there,
	    (struct ua_config){ .trunks = &trunk,
		.trunk_count = 1,
		.limits = limits });
}

/* One that is over at once. */
static bool passes(const char *address, int64_t now_ms)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool is_ok;

	CHECK(fd >= 0);
	is_ok = ua_handshake_pass(there.ua, fd, address, now_ms);
	CHECK_EQ(close(fd), 0);
	return is_ok;
}

static unsigned passed(unsigned tries, const char *address, int64_t now_ms)
{
	unsigned count = 0;

	for (unsigned i = 0; i < tries; i++)
		count += passes(address, now_ms);
	return count;
}

/* Each of another address. */
static unsigned strangers_passed(unsigned tries, int64_t now_ms)
{
	unsigned count = 0;
	char address[32];

	for (unsigned i = 0; i < tries; i++) {
		(void)snprintf(address, sizeof(address), "198.51.100.%u",
		    i + 1);
		count += passes(address, now_ms);
	}
	return count;
}

TEST(handshakes_of_one_address_have_a_rate)
{
	open_with((struct ua_limits){ .source_handshakes_per_s = 4 });
	CHECK_EQ(passed(10, "192.0.2.1", BEGIN_MS), 4);
	CHECK_EQ(passed(10, "192.0.2.1", BEGIN_MS + 250), 1);
	CHECK_EQ(passed(10, "192.0.2.1", BEGIN_MS + 60000), 4);
	CHECK_EQ(passed(10, "192.0.2.200", BEGIN_MS), 10); /* the trunk */
	CHECK_EQ(there.ua->counts.handshakes, 19);
	CHECK_EQ(there.ua->counts.handshakes_refused, 21);
	end_close(&there);
}

TEST(handshakes_of_strangers_have_a_rate_that_leaves_the_others_theirs)
{
	struct ua_contact known = { .address = "192.0.2.7" };

	open_with((struct ua_limits){ .handshakes_per_s = 20 });
	there.ua->slots[ua_source_slot(there.ua, known.address)] = &known;
	CHECK_EQ(strangers_passed(100, BEGIN_MS), 20);
	CHECK_EQ(strangers_passed(100, BEGIN_MS + 500), 10);
	CHECK_EQ(passed(10, known.address, BEGIN_MS + 500), 4);
	CHECK_EQ(passed(30, "192.0.2.200", BEGIN_MS + 500), 20);
	there.ua->slots[ua_source_slot(there.ua, known.address)] = NULL;
	end_close(&there);
}

struct pair {
	int ours, theirs;
};

static bool pair_begins(struct pair *p, const char *address, int64_t now_ms)
{
	int fds[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	*p = (struct pair){ fds[0], fds[1] };
	return ua_handshake_pass(there.ua, p->ours, address, now_ms);
}

static bool is_closed(const struct pair *p)
{
	char byte;

	return recv(p->theirs, &byte, 1, MSG_DONTWAIT) == 0;
}

TEST(handshakes_that_wait_are_few_and_are_closed_after_their_time)
{
	enum { MOST = 8, LATE_MS = 10000 };
	struct pair pairs[MOST], more;

	open_with((struct ua_limits){ .handshakes = MOST,
	    .source_handshakes = MOST,
	    .source_handshakes_per_s = 100,
	    .handshakes_per_s = 100 });
	for (size_t i = 0; i < MOST; i++)
		CHECK(pair_begins(&pairs[i], "192.0.2.1", BEGIN_MS));
	CHECK(!passes("192.0.2.2", BEGIN_MS));
	CHECK(passes("192.0.2.200", BEGIN_MS)); /* the trunk */
	/* One that is over makes room for another. */
	CHECK_EQ(close(pairs[0].ours), 0);
	CHECK(pair_begins(&more, "192.0.2.1", BEGIN_MS + LATE_MS / 2));
	CHECK(!passes("192.0.2.1", BEGIN_MS + LATE_MS / 2));
	ua_handshakes_tick(there.ua, BEGIN_MS + LATE_MS - 1);
	CHECK(!is_closed(&pairs[1]));
	ua_handshakes_tick(there.ua, BEGIN_MS + LATE_MS);
	for (size_t i = 1; i < MOST; i++)
		CHECK(is_closed(&pairs[i]));
	CHECK(!is_closed(&more));
	CHECK_EQ(there.ua->counts.closed, MOST - 1);
	CHECK(passes("192.0.2.1", BEGIN_MS + LATE_MS));
	for (size_t i = 1; i < MOST; i++)
		CHECK_EQ(close(pairs[i].ours), 0);
	for (size_t i = 0; i < MOST; i++)
		CHECK_EQ(close(pairs[i].theirs), 0);
	CHECK_EQ(close(more.ours), 0);
	CHECK_EQ(close(more.theirs), 0);
	end_close(&there);
}
