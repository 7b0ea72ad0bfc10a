/* kid.c - tests of KIDs. */
#include "support.h"

TEST(kid_is_the_sum_that_rfc_9605_5_2_writes)
{
	const struct sframe_kid parts = { .epoch = 0x1234,
		.sender = 513,
		.stream = 5,
		.layer = 6 };
	const uint64_t context = 5 << 3 | 6;
	uint64_t kid;

	CHECK_OK(sframe_kid_make(&kid, &parts));
	CHECK_EQ(kid, (context << (8 + 10)) + (513 << 8) + 0x1234 % 256);
}

TEST(kid_comes_apart_into_what_it_was_made_of)
{
	static const uint32_t senders[] = { 0, 1, 255, 512, 1023 };
	static const uint32_t streams[] = { 0, 1, 7, 8, 0xffff, UINT32_MAX };

	for (size_t i = 0; i < KK_ARRAY_LEN(senders); i++) {
		for (size_t j = 0; j < KK_ARRAY_LEN(streams); j++) {
			for (uint32_t layer = 0; layer < 8; layer++) {
				struct sframe_kid in = { 0xabcd, senders[i],
					streams[j], layer };
				struct sframe_kid out;
				uint64_t kid;

				CHECK_OK(sframe_kid_make(&kid, &in));
				CHECK_OK(sframe_kid_split(&out, kid));
				CHECK_EQ(out.epoch, 0xcd);
				CHECK_EQ(out.sender, in.sender);
				CHECK_EQ(out.stream, in.stream);
				CHECK_EQ(out.layer, in.layer);
			}
		}
	}
}

TEST(kid_refuses_a_sender_or_layer_that_would_run_into_its_neighbour)
{
	struct sframe_kid sender = { .sender = SFRAME_SENDERS_MAX };
	struct sframe_kid layer = { .layer = SFRAME_LAYERS_MAX };
	uint64_t kid = 42;

	CHECK_ERR(sframe_kid_make(&kid, &sender), KK_EINVAL);
	CHECK_ERR(sframe_kid_make(&kid, &layer), KK_EINVAL);
	CHECK_EQ(kid, 42);
}

TEST(kid_with_more_than_a_stream_number_is_refused)
{
	const uint64_t highest = (UINT64_C(1) << (32 + 3 + 10 + 8)) - 1;
	struct sframe_kid parts;

	CHECK_OK(sframe_kid_split(&parts, highest));
	CHECK_ERR(sframe_kid_split(&parts, highest + 1), KK_EINVAL);
	CHECK_ERR(sframe_kid_split(&parts, UINT64_MAX), KK_EINVAL);
}

TEST(kid_of_the_last_of_eight_streams_takes_three_bytes)
{
	struct sframe_kid parts = { UINT64_MAX, 1023, 7, 7 };
	uint8_t out[WIRE_SFRAME_MAX_BYTES];
	uint64_t kid;

	CHECK_OK(sframe_kid_make(&kid, &parts));
	CHECK_EQ(wire_sframe_write(kid, 0, out), 4);
}
