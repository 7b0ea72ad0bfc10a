/* parts.c - options, trunks' files and addresses. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mock/alloc.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "world.h"

static enum kk_err options(struct lined_options *o, const char *a,
    const char *b)
{
	static char needed[][32] = { "lined", "--roomd=r", "--mixd=m",
		"--prompts=p", "--listen=udp:127.0.0.1:5060" };
	static char one[64], two[64]; /* options borrow them */
	char *argv[] = { needed[0], needed[1], needed[2], needed[3], needed[4],
		one, two, NULL };

	(void)snprintf(one, sizeof(one), "%s", a);
	if (b)
		(void)snprintf(two, sizeof(two), "%s", b);
	return lined_options_parse(o, b ? 7 : 6, argv);
}

TEST(options_are_read_and_wrong_ones_refused)
{
	static const char *const wrong[] = { "--listen=sctp:127.0.0.1:1",
		"--listen=udp:5060", "--listen=udp:example.org:5060",
		"--listen=tls:127.0.0.1:5061", "--rtp-ports=10-20",
		"--rtp-ports=20000-20001", "--rtp-ports=20000", "--srtp=maybe",
		"--language=fr", "--language=:de", "--calls-from=friends",
		"--accounts=a", "--lines=0", "--lines=257",
		"--media-address=here", "--log=xml", "--may-call=" };
	static struct lined_options o;

	CHECK_OK(options(&o, "--language=de", "--language=9001:en"));
	CHECK_EQ(o.language, LINED_DE);
	CHECK_EQ(o.number_count, 1);
	CHECK_STR(o.numbers[0].number, "9001");
	CHECK_EQ(o.numbers[0].language, LINED_EN);
	CHECK_EQ(o.srtp, OFFER_SRTP_PREFER);
	CHECK_EQ(o.rule, UA_RULE_KNOWN);
	CHECK_OK(options(&o, "--listen=tls:[::1]:5061", "--certificate=c"));
	CHECK_EQ(o.listen_count, 2);
	CHECK_STR(o.listens[1].address, "::1");
	CHECK_EQ(o.listens[1].transport, UA_TLS);
	CHECK_OK(options(&o, "--rtp-ports=20000-20003", "--may-call=all"));
	CHECK(lined_may_call(&o, "0900123"));
	CHECK(!lined_may_call(&o, "0900;x"));
	CHECK(!lined_may_call(&o, "49+30"));
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(options(&o, wrong[i], NULL), KK_EINVAL);
}

TEST(trunks_file_is_read_whole_or_not_at_all)
{
	static const char good[] = "# the exchange\nname=pbx\r\n"
				   "domain=example.org\nserver=sip:a\n"
				   "server=sip:b\n\nuser=room4\nauth-user=x\n"
				   "password=p=w\nexpires=300\n";
	static const struct {
		const char *text;
		size_t line;
	} bad[] = {
		{ "", 0 },
		{ "domain=d\nuser=u\n", 0 },
		{ "domain=d\nserver=s\nuser=u\nuser=v\n", 4 },
		{ "domain=d\nserver=s\nserver=s\nserver=s\nuser=u\n", 4 },
		{ "domain=\n", 1 },
		{ "colour=red\n", 1 },
		{ "domain=d\nstatic\nstatic\n", 3 },
		{ "unchecked\nunchecked\n", 2 },
		{ "domain=a\tb\n", 1 },
		{ "expires=59\n", 1 },
		{ "expires=86401\n", 1 },
		{ "expires=4294967296\n", 1 },
	};
	struct trunk t;
	size_t line;
	enum kk_err err;

	CHECK_OK(trunk_parse(&t, kk_view_text(good), &line));
	CHECK_STR(t.of.name, "pbx");
	CHECK_STR(t.of.servers[1], "sip:b");
	CHECK_STR(t.of.password, "p=w");
	CHECK_EQ(t.of.expires_s, 300);
	trunk_clear(&t);
	CHECK_OK(trunk_parse(&t,
	    kk_view_text("domain=d\nserver=s\nuser=u\nunchecked\nstatic"),
	    &line));
	CHECK(t.of.is_static && t.of.is_unchecked);
	CHECK_STR(t.of.name, "d");
	trunk_clear(&t);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		CHECK_ERR(trunk_parse(&t, kk_view_text(bad[i].text), &line),
		    KK_EFORMAT);
		CHECK_EQ(line, bad[i].line);
		CHECK(!t.text && !t.of.domain);
	}
	ALLOC_FAULT_LOOP(err, trunk_parse(&t, kk_view_text(good), &line));
	CHECK_OK(err);
	trunk_clear(&t);
}

static void expect_label(struct lined_call *c, enum ua_origin from,
    const char *name, const char *user, const char *label)
{
	lined_label_set(c, from, name, user);
	CHECK_STR(c->label, label);
}

TEST(label_shows_a_name_or_no_more_of_a_number_than_who_knows_it_needs)
{
	static struct lined d;
	static struct lined_call c = { .lined = &d };

	expect_label(&c, UA_FROM_ANYBODY, "Anna", "+49301234", "Anna");
	expect_label(&c, UA_FROM_ANYBODY, "\"A \\\"b\\\" \\\\\"", "1",
	    "A \"b\" \\");
	expect_label(&c, UA_FROM_ANYBODY, "\"\"", "12", "12");
	expect_label(&c, UA_FROM_ANYBODY, "", "+4930123456", "+49******56");
	expect_label(&c, UA_FROM_ANYBODY, "\x1b[2J", "12", "12");
	expect_label(&c, UA_FROM_ANYBODY, "", "", "");
	CHECK_STR(c.origin, "caller");
}

TEST(label_is_of_an_account_or_the_exchange_only_where_that_vouches_for_it)
{
	static struct lined d;
	static struct lined_call c = { .lined = &d };

	expect_label(&c, UA_FROM_ACCOUNT, "The Boss", "anna", "anna");
	CHECK_STR(c.origin, "account");
	expect_label(&c, UA_FROM_TRUNK, "The Boss", "+4930123456",
	    "+49******56");
	CHECK_STR(c.origin, "exchange");
	expect_label(&c, UA_FROM_TRUNK, "The Boss", "anonymous", "The Boss");
	CHECK_STR(c.origin, "caller");
	expect_label(&c, UA_FROM_TRUNK, "", "", "");
	CHECK_STR(c.origin, "caller");
	expect_label(&c, UA_FROM_ANYBODY, "", "anna", "anna");
	CHECK_STR(c.origin, "caller");
}

TEST(numbers_are_shown_as_the_site_says)
{
	static struct lined d;
	static struct lined_call c = { .lined = &d };

	d.options.numbers_shown = LINED_SHOWN_FULL;
	expect_label(&c, UA_FROM_TRUNK, "", "+4930123456", "+4930123456");
	d.options.numbers_shown = LINED_SHOWN_NONE;
	expect_label(&c, UA_FROM_TRUNK, "Anna", "+4930123456", "");
	CHECK_STR(c.origin, "exchange");
	expect_label(&c, UA_FROM_ANYBODY, "", "+4930123456", "");
	expect_label(&c, UA_FROM_ACCOUNT, "", "4711", "4711");
}

static void no_packet(void *arg, struct kk_view packet, uint64_t now_us)
{
	(void)arg;
	(void)packet;
	(void)now_us;
}

TEST(ports_come_in_pairs_and_end)
{
	const struct rtp_ports two = { 28001, 28005 };
	struct rtp *a, *b, *c = NULL;
	struct rtp_set *set;

	CHECK_OK(rtp_set_new(&set));
	CHECK_OK(rtp_new(&a, set, "127.0.0.1", two, no_packet, NULL));
	CHECK_OK(rtp_new(&b, set, "127.0.0.1", two, no_packet, NULL));
	CHECK(rtp_port(a) % 2 == 0 && rtp_port(b) % 2 == 0);
	CHECK_EQ(rtp_port(a) + rtp_port(b), 28002 + 28004);
	CHECK_ERR(rtp_new(&c, set, "127.0.0.1", two, no_packet, NULL),
	    KK_ELIMIT);
	CHECK_ERR(rtp_new(&c, set, "nowhere", two, no_packet, NULL), KK_EINVAL);
	CHECK(!c);
	rtp_free(a);
	rtp_free(b);
	rtp_set_free(set);
}

/* A telephone's report of what came of ssrc. */
static void report(int fd, const struct sockaddr_in *to, uint32_t ssrc,
    uint8_t fraction_lost)
{
	const struct wire_rtcp_report of = { .ssrc = ssrc,
		.fraction_lost = fraction_lost };
	uint8_t data[64];
	struct wire_out w;

	wire_out_init(&w, data, sizeof(data));
	wire_rtcp_rr_write(&w, 1, &of, 1);
	CHECK_OK(w.err);
	CHECK(sendto(fd, data, w.bytes, 0, (const struct sockaddr *)to,
		  sizeof(*to)) == (ssize_t)w.bytes);
}

/* On loopback it is there when it was sent. */
static bool may_lose(struct rtp_set *set, const struct rtp *r,
    uint64_t later_us)
{
	rtp_set_take(set);
	return rtp_may_lose(r, rtp_now_us() + later_us);
}

TEST(telephone_that_reports_tells_whether_it_loses_packets)
{
	enum { OURS = 77, MINUTE_US = 60 * 1000000 };
	const struct rtp_ports ports = { 28010, 28020 };
	static const uint8_t sound[20];
	const struct wire_rtp packet = { .ssrc = OURS,
		.payload_type = 8,
		.payload = kk_view_of(sound, sizeof(sound)) };
	struct offer_stream stream = { .codec = CODEC_PCMA,
		.payload_type = 8,
		.address = "127.0.0.1",
		.port = 28030,
		.rtcp_port = 28031 };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct rtp_set *set = NULL;
	struct wire_out w;
	uint8_t data[64];
	struct rtp *r = NULL;

	CHECK(fd >= 0);
	CHECK_OK(rtp_set_new(&set));
	CHECK_OK(rtp_new(&r, set, "127.0.0.1", ports, no_packet, NULL));
	to.sin_port = htons((uint16_t)(rtp_port(r) + 1));
	CHECK_OK(rtp_agree(r, &stream));
	report(fd, &to, 0, 0); /* of what? */
	CHECK(may_lose(set, r, 0));
	wire_out_init(&w, data, sizeof(data));
	wire_rtp_write(&w, &packet);
	rtp_send(r, wire_out_view(&w));
	CHECK(may_lose(set, r, 0)); /* nobody knows */
	report(fd, &to, OURS + 1, 0);
	CHECK(may_lose(set, r, 0));
	report(fd, &to, OURS, 2);
	CHECK(!may_lose(set, r, 0));
	report(fd, &to, OURS, 3);
	CHECK(may_lose(set, r, 0));
	report(fd, &to, OURS, 0);
	CHECK(may_lose(set, r, 0));
	CHECK(!may_lose(set, r, MINUTE_US));
	stream.port = 28040; /* it is elsewhere from now on */
	CHECK_OK(rtp_agree(r, &stream));
	CHECK(may_lose(set, r, MINUTE_US));
	(void)close(fd);
	rtp_free(r);
	rtp_set_free(set);
}

/*
 * When packets are taken.
 */
enum { TYPE = 8, FLOOD = 120 };

struct arrivals {
	unsigned count;
	uint64_t last_us;
};

static void packet_came(void *arg, struct kk_view packet, uint64_t now_us)
{
	struct arrivals *a = arg;

	(void)packet;
	a->count++;
	a->last_us = now_us;
}

struct sounding {
	struct arrivals arrivals;
	struct rtp_set *set;
	struct rtp *rtp;
	int telephone; /* its socket, connected */
};

static uint16_t telephone_open(struct sounding *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);

	s->telephone = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(s->telephone >= 0);
	CHECK_EQ(bind(s->telephone, (const struct sockaddr *)&a, bytes), 0);
	CHECK_EQ(getsockname(s->telephone, (struct sockaddr *)&a, &bytes), 0);
	return ntohs(a.sin_port);
}

static void sounding_open(struct sounding *s)
{
	const struct rtp_ports ports = { 28050, 28070 };
	struct offer_stream stream = { .codec = CODEC_PCMA,
		.payload_type = TYPE,
		.address = "127.0.0.1",
		.rtcp_port = 28081 };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	memset(s, 0, sizeof(*s));
	stream.port = telephone_open(s);
	CHECK_OK(rtp_set_new(&s->set));
	CHECK_OK(rtp_new(&s->rtp, s->set, "127.0.0.1", ports, packet_came,
	    &s->arrivals));
	CHECK_OK(rtp_agree(s->rtp, &stream));
	to.sin_port = htons(rtp_port(s->rtp));
	CHECK_EQ(
	    connect(s->telephone, (const struct sockaddr *)&to, sizeof(to)), 0);
}

static void sounding_close(struct sounding *s)
{
	rtp_free(s->rtp);
	rtp_set_free(s->set);
	(void)close(s->telephone);
}

static struct kk_view packet_of(uint16_t seq, uint8_t *room, size_t bytes)
{
	static const uint8_t sound[20];
	const struct wire_rtp packet = { .ssrc = 1,
		.seq = seq,
		.payload_type = TYPE,
		.payload = kk_view_of(sound, sizeof(sound)) };
	struct wire_out w;

	wire_out_init(&w, room, bytes);
	wire_rtp_write(&w, &packet);
	CHECK_OK(w.err);
	return wire_out_view(&w);
}

static void packet_say(const struct sounding *s, uint16_t seq)
{
	uint8_t room[64];
	const struct kk_view packet = packet_of(seq, room, sizeof(room));

	CHECK_EQ(send(s->telephone, packet.data, packet.bytes, 0),
	    (ssize_t)packet.bytes);
}

static void packet_hear(const struct sounding *s, uint16_t seq)
{
	uint8_t room[64];

	rtp_send(s->rtp, packet_of(seq, room, sizeof(room)));
}

/* Packets of which each is the one that is due. */
static unsigned heard_take(const struct sounding *s, uint16_t due)
{
	uint8_t data[64];
	struct wire_rtp rtp;
	unsigned count = 0;
	ssize_t n;

	while ((n = recv(s->telephone, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(data, (size_t)n)));
		CHECK_EQ(rtp.seq, due + count);
		count++;
	}
	return count;
}

/* The time that is told of a packet which waits for LATE_US, was it the one at
 * which it came?  (Clocks are read one after the other.) */
static bool is_told_in_time(struct sounding *s, uint16_t seq)
{
	enum { LATE_US = 30000, CLOCKS_US = 1000 };
	const unsigned count = s->arrivals.count;
	const uint64_t before_us = rtp_now_us();
	uint64_t after_us;

	packet_say(s, seq);
	after_us = rtp_now_us();
	while (rtp_now_us() < after_us + LATE_US)
		;
	CHECK_EQ(s->arrivals.count, count); /* nobody has asked */
	rtp_set_take(s->set);
	CHECK_EQ(s->arrivals.count, count + 1);
	CHECK_EQ(rtp_last_us(s->rtp), s->arrivals.last_us);
	return s->arrivals.last_us + CLOCKS_US >= before_us &&
	    s->arrivals.last_us <= after_us + CLOCKS_US;
}

TEST(packet_that_is_taken_late_has_the_time_at_which_it_came)
{
	enum { TRIES = 200 };
	struct sounding s;
	uint16_t seq = 0;

	sounding_open(&s);
	/* The kernel begins with it some time after it was asked to. */
	while (!is_told_in_time(&s, seq) && seq < TRIES)
		seq++;
	CHECK(seq < TRIES);
	CHECK(is_told_in_time(&s, (uint16_t)(seq + 1)));
	sounding_close(&s);
}

TEST(telephone_that_sends_too_much_holds_up_no_tick_and_is_taken_again_later)
{
	struct sounding s;
	struct rtp_stats stats;

	sounding_open(&s);
	for (uint16_t i = 0; i < FLOOD; i++)
		packet_say(&s, i);
	rtp_set_take(s.set);
	rtp_stats(s.rtp, &stats);
	CHECK_EQ(s.arrivals.count, RTP_PACKETS_PER_TICK);
	CHECK(stats.taken + stats.too_many < FLOOD / 2);
	for (int i = 0; i < FLOOD && stats.taken + stats.too_many < FLOOD;
	    i++) {
		rtp_tick(s.rtp, rtp_now_us());
		rtp_set_take(s.set);
		rtp_stats(s.rtp, &stats);
	}
	CHECK_EQ(stats.taken + stats.too_many, FLOOD);
	rtp_tick(s.rtp, rtp_now_us());
	s.arrivals.count = 0;
	packet_say(&s, FLOOD);
	rtp_set_take(s.set);
	CHECK_EQ(s.arrivals.count, 1);
	sounding_close(&s);
}

TEST(packets_wait_for_others_of_their_tick_but_not_without_end_nor_in_vain)
{
	enum { MANY = 100 };
	struct sounding s;
	unsigned count;

	sounding_open(&s);
	packet_hear(&s, 0);
	packet_hear(&s, 1);
	CHECK_EQ(heard_take(&s, 0), 0);
	rtp_set_send(s.set);
	CHECK_EQ(heard_take(&s, 0), 2);
	rtp_set_send(s.set); /* once */
	CHECK_EQ(heard_take(&s, 2), 0);
	for (uint16_t i = 0; i < MANY; i++)
		packet_hear(&s, i);
	count = heard_take(&s, 0);
	CHECK(count > 0 && count < MANY); /* there was no more room */
	rtp_free(s.rtp);
	s.rtp = NULL;
	CHECK_EQ(count + heard_take(&s, (uint16_t)count), MANY);
	sounding_close(&s);
}

TEST(strangers_at_the_port_of_reports_take_no_sound_away)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sounding s;

	CHECK(fd >= 0);
	sounding_open(&s);
	to.sin_port = htons((uint16_t)(rtp_port(s.rtp) + 1));
	for (int i = 0; i < FLOOD; i++)
		CHECK_EQ(sendto(fd, &i, sizeof(i), 0,
			     (const struct sockaddr *)&to, sizeof(to)),
		    sizeof(i));
	rtp_set_take(s.set);
	packet_say(&s, 0); /* in the same tick */
	rtp_set_take(s.set);
	CHECK_EQ(s.arrivals.count, 1);
	sounding_close(&s);
	(void)close(fd);
}
