/* conference.c - tests of the state that all members agree on. */
#include <string.h>

#include "conference/conference.h"
#include "harness/tap.h"
#include "mock/alloc.h"

enum { HOST = 2, LINES_OF = 5, OTHER = 9, NEVER = 1000 };

static struct conference_line line_of(uint32_t leaf, uint8_t id)
{
	return (struct conference_line){ .leaf = leaf,
		.id = { id },
		.label = "+49 30 1234",
		.since_ms = 1700000000000,
		.transport = CONFERENCE_SRTP };
}

/* A host, and two lines of one member. */
static void sample(struct conference *c)
{
	*c = (struct conference){ .label = "Intern",
		.hosts = { HOST },
		.host_count = 1 };
	for (uint8_t id = 1; id <= 2; id++) {
		const struct conference_line l = line_of(LINES_OF, id);

		CHECK_OK(conference_line_add(c, &l));
	}
}

static struct conference again;

static void expect_same(const struct conference *c)
{
	struct kk_bytes first, second;

	CHECK_OK(conference_write(c, &first));
	CHECK_OK(conference_parse(&again, kk_bytes_view(&first)));
	CHECK_OK(conference_write(&again, &second));
	CHECK_EQ(first.bytes, second.bytes);
	CHECK_MEM(first.data, second.data, first.bytes);
	CHECK_EQ(again.line_count, c->line_count);
	CHECK_EQ(again.host_count, c->host_count);
	kk_bytes_clear(&first);
	kk_bytes_clear(&second);
}

TEST(what_is_written_is_read_again)
{
	static struct conference c;

	sample(&c);
	c.is_locked = true;
	c.lines[1].is_muted = c.lines[1].has_hand_up = true;
	c.lines[0].is_muted_by_host = true;
	expect_same(&c);
	CHECK(again.is_locked && !again.forbids_lines);
	CHECK_STR(again.label, "Intern");
	CHECK(again.lines[1].is_muted && again.lines[1].has_hand_up);
	CHECK(!again.lines[1].is_muted_by_host);
	CHECK(again.lines[0].is_muted_by_host && !again.lines[0].is_muted);
	CHECK_STR(again.lines[0].label, "+49 30 1234");
	CHECK_EQ(again.lines[0].since_ms, 1700000000000);
	CHECK_EQ(again.lines[0].transport, CONFERENCE_SRTP);
	CHECK(!again.lines[0].waits && !again.lines[0].origin);
	c.lines[0].waits = true;
	c.lines[0].origin = CONFERENCE_EXCHANGE;
	c.lines[1].origin = CONFERENCE_ACCOUNT;
	expect_same(&c);
	CHECK(again.lines[0].waits && !again.lines[1].waits);
	CHECK_EQ(again.lines[0].origin, CONFERENCE_EXCHANGE);
	CHECK_EQ(again.lines[1].origin, CONFERENCE_ACCOUNT);
	c = (struct conference){ .forbids_lines = true };
	expect_same(&c);
	CHECK(again.forbids_lines);
}

TEST(as_many_as_there_may_be_are_read_and_not_one_more)
{
	static struct conference c;
	struct conference_line one = line_of(400, 0);
	struct kk_bytes out;

	c = (struct conference){ .host_count = CONFERENCE_HOSTS_MAX };
	for (size_t i = 0; i < CONFERENCE_HOSTS_MAX; i++)
		c.hosts[i] = (uint32_t)i * 3;
	for (size_t i = CONFERENCE_LINES_MAX; i > 0; i--) {
		struct conference_line l = line_of((uint32_t)i, 1);

		memset(l.label, 'x', CONFERENCE_LABEL_BYTES);
		CHECK_OK(conference_line_add(&c, &l));
	}
	CHECK_ERR(conference_line_add(&c, &one), KK_ELIMIT);
	expect_same(&c);
	c.host_count++;
	CHECK_ERR(conference_write(&c, &out), KK_ELIMIT);
	c.host_count--;
	c.line_count++;
	CHECK_ERR(conference_write(&c, &out), KK_ELIMIT);
}

/* The sample with one byte changed, cut, or longer. */
TEST(any_other_form_of_the_bytes_is_refused)
{
	static struct conference c;
	struct kk_bytes out;

	sample(&c);
	CHECK_OK(conference_write(&c, &out));
	for (size_t cut = 0; cut < out.bytes; cut++)
		CHECK_FAIL(conference_parse(&again, kk_view_of(out.data, cut)));
	for (size_t at = 0; at < out.bytes; at++) {
		for (unsigned value = 0; value < 256; value++) {
			const uint8_t was = out.data[at];
			struct kk_bytes second;

			out.data[at] = (uint8_t)value;
			if (!conference_parse(&again, kk_bytes_view(&out))) {
				CHECK_OK(conference_write(&again, &second));
				CHECK_EQ(second.bytes, out.bytes);
				CHECK_MEM(second.data, out.data, out.bytes);
				kk_bytes_clear(&second);
			} else {
				CHECK_EQ(again.line_count + again.host_count,
				    0);
			}
			out.data[at] = was;
		}
	}
	kk_bytes_clear(&out);
}

static enum kk_err parsed(const char *hex)
{
	uint8_t data[600];
	size_t bytes = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		unsigned value = 0;

		for (size_t i = 0; i < 2; i++)
			value = value * 16 +
			    (unsigned)(hex[i] <= '9' ? hex[i] - '0' :
						       hex[i] - 'a' + 10);
		data[bytes++] = (uint8_t)value;
	}
	return conference_parse(&again, kk_view_of(data, bytes));
}

TEST(each_fault_has_its_error)
{
	CHECK_OK(parsed("0100000000"));
	CHECK_ERR(parsed("0200000000"), KK_EUNSUP);
	CHECK_ERR(parsed(""), KK_ETRUNC);
	CHECK_ERR(parsed("010000000000"), KK_ETRAIL);
	CHECK_ERR(parsed("0104000000"), KK_EFORMAT);
	CHECK_ERR(parsed("010001ff0000"), KK_EFORMAT);
	CHECK_ERR(parsed("0100010a0000"), KK_EFORMAT); /* a line break */
	CHECK_ERR(parsed("01000400410000"
			 "0000"),
	    KK_EFORMAT); /* a zero */
	CHECK_ERR(parsed("0100000800000002000000020"
			 "0"),
	    KK_EFORMAT);
	CHECK_ERR(parsed("010000034000000000"), KK_ETRUNC);
	/* A line: leaf 1, id, no label, since, transport 4. */
	CHECK_OK(parsed("010000001700000001"
			"0102030405060708"
			"00"
			"0000000000000000"
			"01"
			"00"));
	CHECK_ERR(parsed("010000001700000001"
			 "0102030405060708"
			 "00"
			 "0000000000000000"
			 "04"
			 "00"),
	    KK_EFORMAT);
	CHECK_ERR(parsed("010000001700000001"
			 "0102030405060708"
			 "00"
			 "0000000000000000"
			 "01"
			 "40"),
	    KK_EFORMAT);
	/* Of the exchange and of an account. */
	CHECK_ERR(parsed("010000001700000001"
			 "0102030405060708"
			 "00"
			 "0000000000000000"
			 "01"
			 "30"),
	    KK_EFORMAT);
}

TEST(texts_that_cannot_be_shown_are_not_written)
{
	static struct conference c;
	struct kk_bytes out;

	sample(&c);
	memcpy(c.label, "a\nb", 4);
	CHECK_ERR(conference_write(&c, &out), KK_EFORMAT);
	sample(&c);
	c.lines[0].transport = 0;
	CHECK_ERR(conference_write(&c, &out), KK_EFORMAT);
	sample(&c);
	c.lines[0].origin = CONFERENCE_ACCOUNT + 1;
	CHECK_ERR(conference_write(&c, &out), KK_EFORMAT);
	sample(&c);
	c.lines[1] = c.lines[0];
	CHECK_ERR(conference_write(&c, &out), KK_EFORMAT);
}

TEST(lines_have_their_order_and_no_twins)
{
	static struct conference c;
	static const uint8_t id[CONFERENCE_LINE_ID_BYTES] = { 1 };
	struct conference_line l = line_of(LINES_OF, 1);

	sample(&c);
	CHECK_ERR(conference_line_add(&c, &l), KK_EEXIST);
	l = line_of(1, 7);
	CHECK_OK(conference_line_add(&c, &l));
	CHECK_EQ(c.lines[0].leaf, 1);
	expect_same(&c);
	CHECK(conference_line_find(&c, LINES_OF, id) == &c.lines[1]);
	CHECK(!conference_line_find(&c, OTHER, id));
	CHECK_ERR(conference_line_remove(&c, OTHER, id), KK_ENOENT);
	CHECK_OK(conference_line_remove(&c, LINES_OF, id));
	CHECK_EQ(c.line_count, 2);
	expect_same(&c);
	CHECK(conference_leaf_remove(&c, LINES_OF));
	CHECK(conference_leaf_remove(&c, HOST));
	CHECK(!conference_leaf_remove(&c, HOST));
	CHECK_EQ(c.line_count, 1);
	CHECK_EQ(c.host_count, 0);
}

TEST(hosts_come_and_go_and_the_last_one_stays)
{
	static struct conference c;

	sample(&c);
	CHECK_ERR(conference_host_set(&c, HOST, false), KK_ESTATE);
	CHECK_ERR(conference_host_set(&c, HOST, true), KK_EEXIST);
	CHECK_ERR(conference_host_set(&c, OTHER, false), KK_ENOENT);
	CHECK_OK(conference_host_set(&c, OTHER, true));
	CHECK_OK(conference_host_set(&c, 1, true));
	CHECK_EQ(c.host_count, 3);
	expect_same(&c); /* in their order */
	CHECK_OK(conference_host_set(&c, HOST, false));
	CHECK(!conference_is_host(&c, HOST));
	CHECK(conference_is_host(&c, 1) && conference_is_host(&c, OTHER));
	for (uint32_t leaf = 100; c.host_count < CONFERENCE_HOSTS_MAX; leaf++)
		CHECK_OK(conference_host_set(&c, leaf, true));
	CHECK_ERR(conference_host_set(&c, HOST, true), KK_ELIMIT);
	expect_same(&c);
}

TEST(opening_lets_all_in_and_forbidding_ends_all)
{
	static struct conference c;

	sample(&c);
	conference_lock(&c, true);
	c.lines[1].waits = true;
	conference_lock(&c, true);
	CHECK(c.is_locked && c.lines[1].waits);
	conference_lock(&c, false);
	CHECK(!c.is_locked && !c.lines[1].waits);
	conference_lines_allow(&c, true);
	CHECK_EQ(c.line_count, 2);
	conference_lines_allow(&c, false);
	CHECK(c.forbids_lines && c.line_count == 0);
}

/* --- changes ------------------------------------------------------------- */

static bool is_gone(void *arg, uint32_t leaf)
{
	return leaf == *(const uint32_t *)arg;
}

static struct conference before, after;

static void begin(void)
{
	sample(&before);
	after = before;
}

/* Who may commit it: h the host, l whose lines they are, o another one. */
static void allowed(const char *who)
{
	static const struct {
		char name;
		uint32_t leaf;
	} all[] = { { 'h', HOST }, { 'l', LINES_OF }, { 'o', OTHER } };

	for (size_t i = 0; i < KK_ARRAY_LEN(all); i++) {
		uint32_t gone = NEVER;
		const bool may = strchr(who, all[i].name);

		CHECK_ERR(conference_change_check(&before, &after, all[i].leaf,
			      is_gone, &gone),
		    may ? KK_OK : KK_EDENIED);
	}
	begin();
}

TEST(everybody_may_leave_all_as_it_is)
{
	begin();
	allowed("hlo");
}

TEST(settings_are_the_hosts)
{
	begin();
	after.is_locked = true;
	allowed("h");
	after.label[0] = '\0';
	allowed("h");
	after.hosts[after.host_count++] = OTHER;
	allowed("h");
	after.hosts[0] = OTHER;
	allowed("h");
	after.host_count = 0;
	allowed("");
	after.forbids_lines = true;
	allowed("");
	after.forbids_lines = true;
	after.line_count = 0;
	allowed("h");
}

TEST(meeting_without_a_host_gets_one_that_names_itself_alone)
{
	begin();
	before.host_count = 0;
	after = before;
	after.hosts[after.host_count++] = OTHER;
	allowed("o");
	before.host_count = 0;
	after = before;
	after.hosts[after.host_count++] = OTHER;
	after.is_locked = true; /* not at once */
	allowed("");
	before.host_count = 0;
	after = before;
	after.hosts[after.host_count++] = OTHER;
	after.hosts[after.host_count++] = OTHER + 1;
	allowed("");
	before.host_count = 0;
	after = before;
	after.hosts[after.host_count++] = OTHER;
	after.line_count = 1; /* of another member */
	allowed("");
}

TEST(host_that_goes_leaves_its_place_to_nobody_in_the_same_commit)
{
	uint32_t gone = HOST;

	begin();
	after.hosts[0] = OTHER;
	CHECK_ERR(conference_change_check(&before, &after, OTHER, is_gone,
		      &gone),
	    KK_EDENIED);
	after.host_count = 0;
	CHECK_OK(conference_change_check(&before, &after, OTHER, is_gone,
	    &gone));
}

TEST(lines_are_added_by_their_member_alone)
{
	struct conference_line l = line_of(LINES_OF, 3);

	begin();
	CHECK_OK(conference_line_add(&after, &l));
	allowed("l");
	l = line_of(OTHER, 3);
	CHECK_OK(conference_line_add(&after, &l));
	allowed("o");
	l.is_muted_by_host = true;
	CHECK_OK(conference_line_add(&after, &l));
	allowed("");
	l = line_of(LINES_OF, 3);
	before.line_count = 0;
	before.forbids_lines = true;
	after = before;
	CHECK_OK(conference_line_add(&after, &l));
	allowed("");
}

/* Not even the box behind which it is lets a line into a locked meeting. */
TEST(line_of_a_locked_meeting_waits_until_a_host_lets_it_in)
{
	struct conference_line l = line_of(LINES_OF, 3);

	begin();
	before.is_locked = true;
	after = before;
	CHECK_OK(conference_line_add(&after, &l));
	allowed("");
	before.is_locked = true;
	after = before;
	l.waits = true;
	CHECK_OK(conference_line_add(&after, &l));
	allowed("l");
	/* A host could let its own in with its next word. */
	before.is_locked = true;
	after = before;
	l = line_of(HOST, 3);
	CHECK_OK(conference_line_add(&after, &l));
	allowed("h");
	before.is_locked = before.lines[0].waits = true;
	after = before;
	after.lines[0].waits = false;
	allowed("h");
	before.is_locked = before.lines[0].waits = true;
	after = before;
	after.lines[0].has_hand_up = true;
	allowed("l");
	before.is_locked = before.lines[0].waits = true;
	after = before;
	after.lines[0] = after.lines[1];
	after.line_count = 1; /* refused, or hung up */
	allowed("hl");
}

TEST(nobody_makes_a_line_wait_that_was_in)
{
	begin();
	before.is_locked = true;
	after = before;
	after.lines[0].waits = true;
	allowed("");
	after.is_locked = true;
	after.lines[0].waits = true;
	allowed("");
}

TEST(no_line_waits_in_a_meeting_that_is_open)
{
	struct conference_line l = line_of(LINES_OF, 3);

	begin();
	l.waits = true;
	CHECK_OK(conference_line_add(&after, &l));
	allowed("");
	before.is_locked = before.lines[0].waits = true;
	after = before;
	after.is_locked = false;
	allowed("");
	before.is_locked = before.lines[0].waits = true;
	after = before;
	conference_lock(&after, false);
	allowed("h");
}

TEST(lines_go_by_their_member_or_a_host)
{
	begin();
	after.line_count = 1;
	allowed("hl");
}

TEST(what_a_line_is_nobody_changes)
{
	begin();
	after.lines[0].label[0] = '0';
	allowed("");
	after.lines[0].since_ms++;
	allowed("");
	after.lines[0].transport = CONFERENCE_PLAIN;
	allowed("");
	after.lines[0].origin = CONFERENCE_ACCOUNT;
	allowed("");
	after.lines[0].leaf = OTHER; /* order aside, another line */
	after.line_count = 1;
	allowed("");
}

TEST(who_mutes_a_line)
{
	begin();
	after.lines[0].is_muted = true;
	allowed("l");
	after.lines[0].has_hand_up = true;
	allowed("l");
	after.lines[0].is_muted_by_host = true;
	allowed("h");
	before.lines[0].is_muted_by_host = true;
	after = before;
	after.lines[0].is_muted_by_host = false;
	allowed("h");
}

TEST(of_who_is_gone_nothing_stays_and_anybody_takes_it_out)
{
	uint32_t gone = LINES_OF;

	begin();
	CHECK_ERR(conference_change_check(&before, &after, OTHER, is_gone,
		      &gone),
	    KK_EDENIED);
	CHECK(conference_leaf_remove(&after, LINES_OF));
	CHECK_OK(conference_change_check(&before, &after, OTHER, is_gone,
	    &gone));
	gone = HOST;
	begin();
	CHECK_ERR(conference_change_check(&before, &after, OTHER, is_gone,
		      &gone),
	    KK_EDENIED);
	CHECK(conference_leaf_remove(&after, HOST));
	CHECK_OK(conference_change_check(&before, &after, OTHER, is_gone,
	    &gone));
	/* And nothing else beside it. */
	after.is_locked = true;
	CHECK_ERR(conference_change_check(&before, &after, OTHER, is_gone,
		      &gone),
	    KK_EDENIED);
}

TEST(no_memory_is_an_error)
{
	static struct conference c;
	struct kk_bytes out;
	enum kk_err err;

	sample(&c);
	ALLOC_FAULT_LOOP(err, conference_write(&c, &out));
	CHECK_OK(err);
	kk_bytes_clear(&out);
}
