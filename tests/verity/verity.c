/* verity.c - tests of the signed command line and of the verity table. */
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "verity/verity.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SALT "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define GOOD                                                \
	"console=ttyS0 konklave.slot=b konklave.hash=" HASH \
	" konklave.salt=" SALT " konklave.blocks=30000 quiet\n"

static struct kk_view view(const char *text)
{
	return (struct kk_view){ (const uint8_t *)text, strlen(text) };
}

static enum kk_err parse(struct verity_root *root, const char *text)
{
	return verity_root_parse(root, view(text));
}

TEST(a_signed_line_says_slot_hash_salt_and_size)
{
	struct verity_root r;

	CHECK_OK(parse(&r, GOOD));
	CHECK_STR(r.label, "root-b");
	CHECK_STR(r.hash, HASH);
	CHECK_STR(r.salt, SALT);
	CHECK_EQ(r.blocks, 30000);
	CHECK_EQ(verity_sectors(&r), 240000);
}

TEST(each_of_the_four_words_must_be_there)
{
	static const char *const keys[] = { "konklave.slot=", "konklave.hash=",
		"konklave.salt=", "konklave.blocks=" };
	char line[sizeof(GOOD)];
	struct verity_root r = { .blocks = 7 };

	for (size_t i = 0; i < KK_ARRAY_LEN(keys); i++) {
		memcpy(line, GOOD, sizeof(line));
		*strstr(line, keys[i]) = 'K';
		CHECK_ERR(parse(&r, line), KK_ENOENT);
	}
	CHECK_EQ(r.blocks, 7);
}

TEST(a_word_that_is_there_twice_is_refused)
{
	struct verity_root r;

	CHECK_ERR(parse(&r, GOOD " konklave.slot=b"), KK_EEXIST);
	CHECK_ERR(parse(&r, GOOD " konklave.hash=" HASH), KK_EEXIST);
	CHECK_ERR(parse(&r, GOOD " konklave.salt=" SALT), KK_EEXIST);
	CHECK_ERR(parse(&r, GOOD " konklave.blocks=1"), KK_EEXIST);
}

static enum kk_err parse_with(const char *slot, const char *hash,
    const char *salt, const char *blocks)
{
	char line[512];
	struct verity_root r;

	(void)snprintf(line, sizeof(line),
	    "konklave.slot=%s konklave.hash=%s konklave.salt=%s "
	    "konklave.blocks=%s",
	    slot, hash, salt, blocks);
	return parse(&r, line);
}

TEST(words_of_another_form_are_refused)
{
	CHECK_OK(parse_with("a", HASH, SALT, "1"));
	CHECK_ERR(parse_with("c", HASH, SALT, "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("", HASH, SALT, "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("ab", HASH, SALT, "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH "0", SALT, "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", &HASH[1], SALT, "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, &SALT[2], "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, "", "1"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, SALT, ""), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, SALT, "0"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, SALT, "-1"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, SALT, "1k"), KK_EFORMAT);
	CHECK_OK(parse_with("a", HASH, SALT, "4294967295"));
	CHECK_ERR(parse_with("a", HASH, SALT, "4294967296"), KK_EFORMAT);
	CHECK_ERR(parse_with("a", HASH, SALT, "00000000001"), KK_EFORMAT);
}

TEST(hashes_in_capitals_and_with_other_signs_are_refused)
{
	char hash[] = HASH;

	hash[63] = 'F';
	CHECK_ERR(parse_with("a", hash, SALT, "1"), KK_EFORMAT);
	hash[63] = 'g';
	CHECK_ERR(parse_with("a", hash, SALT, "1"), KK_EFORMAT);
	hash[63] = '\t';
	CHECK_ERR(parse_with("a", hash, SALT, "1"), KK_EFORMAT);
}

TEST(the_table_names_device_sizes_hash_and_salt)
{
	char out[VERITY_TABLE_BYTES];
	struct verity_root r;

	CHECK_OK(parse(&r, GOOD));
	CHECK_OK(verity_table_write(&r, "254:2", VERITY_PROBE, out,
	    sizeof(out)));
	CHECK_STR(out,
	    "1 254:2 254:2 4096 4096 30000 30000 sha256 " HASH " " SALT);
	CHECK_OK(verity_table_write(&r, "254:2", VERITY_RUN, out, sizeof(out)));
	CHECK_STR(out,
	    "1 254:2 254:2 4096 4096 30000 30000 sha256 " HASH " " SALT
	    " 1 panic_on_corruption");
}

TEST(a_table_that_does_not_fit_or_has_no_device_is_none)
{
	char out[VERITY_TABLE_BYTES] = "x";
	struct verity_root r;

	CHECK_OK(parse(&r, GOOD));
	CHECK_ERR(verity_table_write(&r, "1:1", VERITY_RUN, out, 60),
	    KK_ENOSPC);
	CHECK_STR(out, "");
	CHECK_ERR(verity_table_write(&r, "1:1", VERITY_RUN, NULL, 0),
	    KK_ENOSPC);
	CHECK_ERR(verity_table_write(&r, "sda 1", VERITY_RUN, out, sizeof(out)),
	    KK_EINVAL);
	CHECK_ERR(verity_table_write(&r, "8:", VERITY_RUN, out, sizeof(out)),
	    KK_EINVAL);
	CHECK_ERR(verity_table_write(&r, "8:1 x", VERITY_RUN, out, sizeof(out)),
	    KK_EINVAL);
}

TEST(a_partition_is_known_by_its_whole_label)
{
	const struct kk_view event = view(
	    "MAJOR=254\nMINOR=2\nDEVNAME=vda2\n"
	    "DEVTYPE=partition\nPARTN=2\nPARTNAME=root-a\n");
	char out[VERITY_DEVICE_BYTES];

	CHECK(verity_uevent_is(event, "root-a"));
	CHECK(!verity_uevent_is(event, "root-b"));
	CHECK(!verity_uevent_is(event, "root"));
	CHECK(!verity_uevent_is(view("MAJOR=254\n"), "root-a"));
	CHECK_OK(verity_uevent_device(event, out));
	CHECK_STR(out, "254:2");
}

TEST(a_device_without_its_numbers_is_named_so)
{
	char out[VERITY_DEVICE_BYTES];

	CHECK_ERR(verity_uevent_device(view("MAJOR=254\n"), out), KK_ENOENT);
	CHECK_STR(out, "");
	CHECK_ERR(verity_uevent_device(view("MAJOR=x\nMINOR=1\n"), out),
	    KK_EFORMAT);
	CHECK_STR(out, "");
}
