/* dd.c - tests of the dependency descriptor. */
#include "wire/dd.h"

#include "harness/tap.h"
#include "wire/dd_make.h"
#include "wire/noise.h"

/*
 * By hand after A.8: frame 7 starts and ends, template 0; structure with offset
 * 0, two targets (L1T2) and three templates: S0T0 key, S0T0, S0T1; one chain;
 * sizes 320x180.
 *
 *     11 000000 0000000000000111 | 1 0 0 0 0 | 000000 00001
 *     layers: 00 01 11
 *     uses: 10 10 / 10 10 / 00 01
 *     references: 0 / 1 0001 0 / 1 0000 0
 *     chains: ns(3) = 1: 10; of each target ns(1): nothing
 *     differences: 0000 / 0010 / 0001
 *     sizes: 1, 319, 179
 */
static const char l1t2_bits[] = "11000000"
				"0000000000000111"
				"10000"
				"000000"
				"00001"
				"000111"
				"1010"
				"1010"
				"0001"
				"0"
				"100010"
				"100000"
				"10"
				"0000"
				"0010"
				"0001"
				"1"
				"0000000100111111"
				"0000000010110011";

static size_t bytes_of(const char *bits, uint8_t *out)
{
	struct dd_bits b = { out, 0 };

	for (; *bits; bits++)
		dd_put(&b, 1, *bits == '1');
	return dd_bytes(&b);
}

static enum kk_err parse(struct wire_dd *dd, struct wire_dd_structure *s,
    const char *bits)
{
	uint8_t in[DD_MAKE_BYTES];

	return wire_dd_parse(dd, s, kk_view_of(in, bytes_of(bits, in)));
}

TEST(a_structure_has_its_templates_targets_chains_and_sizes)
{
	struct wire_dd_structure s = { 0 };
	struct wire_dd dd;

	CHECK_OK(parse(&dd, &s, l1t2_bits));
	CHECK(dd.is_start && dd.is_end && dd.has_structure);
	CHECK_EQ(dd.frame_number, 7);
	CHECK(dd.has_active);
	CHECK_EQ(dd.active, 3);
	CHECK_EQ(s.template_count, 3);
	CHECK_EQ(s.target_count, 2);
	CHECK_EQ(s.chain_count, 1);
	CHECK_EQ(s.spatial_count, 1);
	CHECK_EQ(s.templates[0].ref_count, 0);
	CHECK_EQ(s.templates[1].ref_count, 1);
	CHECK_EQ(s.templates[1].refs[0], 2);
	CHECK_EQ(s.templates[2].temporal, 1);
	CHECK_EQ(s.templates[2].uses[0], WIRE_DD_ABSENT);
	CHECK_EQ(s.templates[2].uses[1], WIRE_DD_DISCARDABLE);
	CHECK_EQ(s.templates[1].chains[0], 2);
	CHECK_EQ(s.targets[0].temporal, 0);
	CHECK_EQ(s.targets[1].temporal, 1);
	CHECK(s.has_sizes);
	CHECK_EQ(s.sizes[0].width, 320);
	CHECK_EQ(s.sizes[0].height, 180);
}

TEST(a_frame_is_its_template_where_it_does_not_say_otherwise)
{
	struct wire_dd_structure s = { 0 };
	struct wire_dd dd;

	CHECK_OK(parse(&dd, &s, l1t2_bits));
	CHECK_OK(parse(&dd, &s,
	    "10000010"
	    "0000000000001000"));
	CHECK(dd.is_start && !dd.is_end && !dd.has_structure);
	CHECK(!dd.has_active);
	CHECK_EQ(dd.frame_number, 8);
	CHECK_EQ(dd.frame.temporal, 1);
	CHECK_EQ(dd.frame.refs[0], 1);
	CHECK_EQ(dd.frame.chains[0], 1);
	/* Active targets, uses, references (17, 300) and chains of its own. */
	CHECK_OK(parse(&dd, &s,
	    "01000001"
	    "0000000000001001"
	    "01111"
	    "10"
	    "1101"
	    "10"
	    "00010000"
	    "11"
	    "000100101011"
	    "00"
	    "11111111"));
	CHECK(dd.has_active);
	CHECK_EQ(dd.active, 2);
	CHECK_EQ(dd.frame.uses[0], WIRE_DD_REQUIRED);
	CHECK_EQ(dd.frame.uses[1], WIRE_DD_DISCARDABLE);
	CHECK_EQ(dd.frame.ref_count, 2);
	CHECK_EQ(dd.frame.refs[0], 17);
	CHECK_EQ(dd.frame.refs[1], 300);
	CHECK_EQ(dd.frame.chains[0], 255);
	CHECK_EQ(s.templates[1].ref_count, 1); /* as it was */
}

static void modes_check(const struct dd_template *table)
{
	struct wire_dd_structure s = { 0 };
	uint8_t in[DD_MAKE_BYTES];
	struct wire_dd dd;

	for (unsigned i = 0; i < 100 * 3; i++) {
		unsigned at = dd_template_of(i % 3, i / 3);
		size_t bytes = dd_make(table, at, 65500 + i, true, true, in);

		CHECK_OK(wire_dd_parse(&dd, &s, kk_view_of(in, bytes)));
		CHECK_EQ(dd.frame_number, (uint16_t)(65500 + i));
		CHECK_EQ(dd.frame.spatial, i % 3);
		CHECK_EQ(dd.frame.temporal, table[at].temporal);
		CHECK_EQ(dd.has_structure, i == 0);
		for (size_t j = 0; j < DD_MAKE_TARGETS; j++)
			CHECK_EQ("-DSR"[dd.frame.uses[j]], table[at].uses[j]);
		CHECK_EQ(dd.frame.ref_count,
		    (table[at].refs[0] > 0) + (table[at].refs[1] > 0));
		for (size_t j = 0; j < dd.frame.ref_count; j++)
			CHECK_EQ(dd.frame.refs[j], table[at].refs[j]);
		CHECK_MEM(dd.frame.chains, table[at].chains, DD_MAKE_CHAINS);
	}
	for (size_t j = 0; j < DD_MAKE_TARGETS; j++) {
		CHECK_EQ(s.targets[j].spatial, j / 3);
		CHECK_EQ(s.targets[j].temporal, j % 3);
		CHECK_EQ(s.targets[j].chain, j / 3);
	}
}

TEST(every_frame_of_l3t3_and_l3t3_key_has_its_layers_and_references)
{
	modes_check(dd_l3t3);
	modes_check(dd_l3t3_key);
}

struct real { /* of a frame's first packet */
	const char *hex;
	uint8_t spatial, temporal;
	const char *uses;
};

static size_t hex_read(const char *hex, uint8_t *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t bytes = 0;

	for (; hex[0] && hex[1]; hex += 2)
		out[bytes++] = (uint8_t)((strchr(digits, hex[0]) - digits)
			<< 4 |
		    (strchr(digits, hex[1]) - digits));
	return bytes;
}

/* A key picture and four more, as Debian's Chromium sent them of a camera of
 * 960x540 in L3T3_KEY. */
TEST(what_chromium_sends_of_l3t3_key_is_understood)
{
	static const struct real real[] = {
		{ "c0000180081485214eaaaaa8000600004000100002aa80a800060000400"
		  "0100002a000a800060000400016d549241b5524906d54923157e001974c"
		  "a864330e222396eca8655304224390eca8775300ef008601df010d03bf"
		  "021b",
		    0, 0, "SSSSSSSSS" },
		{ "850002", 1, 0, "---SSSSSS" },
		{ "8a0003", 2, 0, "------SSS" },
		{ "c30004", 0, 2, "--D------" },
		{ "c80005", 1, 2, "-----D---" },
		{ "cd0006", 2, 2, "--------D" },
		{ "c20007", 0, 1, "-DS------" },
		{ "c70008", 1, 1, "----DS---" },
		{ "cc0009", 2, 1, "-------DS" },
		{ "c4000a", 0, 2, "--D------" },
		{ "c9000b", 1, 2, "-----D---" },
		{ "8e000c", 2, 2, "--------D" },
		{ "c1000d", 0, 0, "SSS------" },
		{ "86000e", 1, 0, "---SSS---" },
		{ "8b000f", 2, 0, "------SSS" },
	};
	struct wire_dd_structure s = { 0 };
	uint8_t in[DD_MAKE_BYTES];
	struct wire_dd dd;

	for (size_t i = 0; i < KK_ARRAY_LEN(real); i++) {
		CHECK_OK(wire_dd_parse(&dd, &s,
		    kk_view_of(in, hex_read(real[i].hex, in))));
		CHECK(dd.is_start);
		CHECK_EQ(dd.has_structure, i == 0);
		CHECK_EQ(dd.frame_number, i + 1);
		CHECK_EQ(dd.frame.spatial, real[i].spatial);
		CHECK_EQ(dd.frame.temporal, real[i].temporal);
		for (size_t j = 0; j < DD_MAKE_TARGETS; j++)
			CHECK_EQ("-DSR"[dd.frame.uses[j]], real[i].uses[j]);
	}
	CHECK_EQ(s.target_count, DD_MAKE_TARGETS);
	CHECK(s.has_sizes && s.spatial_count == 3);
	CHECK(s.sizes[0].width == 240 && s.sizes[0].height == 135);
	CHECK(s.sizes[2].width == 960 && s.sizes[2].height == 540);
}

TEST(what_is_cut_anywhere_is_refused_and_changes_nothing)
{
	struct wire_dd_structure s = { 0 }, before;
	struct wire_dd dd, was;
	uint8_t in[DD_MAKE_BYTES];
	size_t bytes = bytes_of(l1t2_bits, in);

	CHECK_OK(parse(&dd, &s, l1t2_bits));
	s.templates[0].spatial = 1;
	before = s;
	was = dd;
	for (size_t i = 0; i < bytes; i++) {
		if (i == 3) /* a whole one without what is behind */
			continue;
		CHECK_ERR(wire_dd_parse(&dd, &s, kk_view_of(in, i)), KK_ETRUNC);
	}
	CHECK_MEM(&s, &before, sizeof(s));
	CHECK_MEM(&dd, &was, sizeof(dd));
}

TEST(a_template_that_is_not_known_is_refused)
{
	struct wire_dd_structure s = { 0 };
	struct wire_dd dd;

	CHECK_ERR(parse(&dd, &s,
		      "10000000"
		      "0000000000000001"),
	    KK_ENOENT);
	CHECK_OK(parse(&dd, &s, l1t2_bits));
	CHECK_ERR(parse(&dd, &s,
		      "10000011"
		      "0000000000000001"),
	    KK_ENOENT);
	CHECK_ERR(parse(&dd, &s,
		      "10111111"
		      "0000000000000001"),
	    KK_ENOENT);
}

TEST(more_layers_templates_and_references_than_there_can_be_are_refused)
{
	struct wire_dd_structure s = { 0 };
	uint8_t in[DD_MAKE_BYTES];
	struct wire_dd dd;
	struct dd_bits b;

	for (unsigned next = 0; next < 3; next++) { /* same, T, S: for ever */
		b = (struct dd_bits){ in, 0 };
		dd_mandatory_put(&b, true, true, 0, 1);
		dd_put(&b, 5 + 6 + 5, 0x8000);
		for (size_t i = 0; i < 100; i++)
			dd_put(&b, 2, next);
		CHECK_ERR(wire_dd_parse(&dd, &s, kk_view_of(in, dd_bytes(&b))),
		    KK_ELIMIT);
	}
	b = (struct dd_bits){ in, 0 };
	dd_mandatory_put(&b, true, true, 0, 1);
	dd_put(&b, 5 + 6 + 5, 0x8000);
	dd_put(&b, 2 + 2, 0xe); /* one template, one target */
	for (size_t i = 0; i < 100; i++)
		dd_put(&b, 5, 0x10); /* references */
	CHECK_ERR(wire_dd_parse(&dd, &s, kk_view_of(in, dd_bytes(&b))),
	    KK_ELIMIT);
	CHECK_EQ(s.template_count, 0);
}

TEST(noise_never_gives_a_frame_beyond_the_limits)
{
	struct wire_dd_structure s = { 0 };
	struct wire_dd dd = { 0 };
	uint64_t noise = 5;
	uint8_t in[64];
	unsigned good = 0;

	for (unsigned i = 0; i < 200000; i++) {
		for (size_t j = 0; j < sizeof(in); j++)
			in[j] = (uint8_t)noise_next(&noise);
		in[3] |= 0x80;
		if (wire_dd_parse(&dd, &s,
			kk_view_of(in, noise_next(&noise) % sizeof(in))))
			continue;
		good++;
		CHECK(dd.frame.spatial < WIRE_DD_SPATIAL_MAX);
		CHECK(dd.frame.temporal < WIRE_DD_TEMPORAL_MAX);
		CHECK(dd.frame.ref_count <= WIRE_DD_REFS_MAX);
	}
	CHECK(good > 0);
}
