/* pattern.c - the picture with a nonce, and whatever is not one. */
#include <string.h>

#include "harness/tap.h"
#include "pipelines/loopback/pattern.h"

enum { WIDTH = 160, HEIGHT = 90, BYTES = WIDTH * HEIGHT * 4 };

static uint8_t pixels[BYTES];
static const struct pattern_picture picture = { pixels, (size_t)WIDTH * 4,
	WIDTH, HEIGHT };
static const uint8_t nonce[PATTERN_NONCE_BYTES] = { 0x5a, 0x0f, 0xff, 0x00,
	0x13, 0x37, 0x80, 0x01, 0xca, 0xfe, 0x99, 0x42, 0x10, 0xee };

static enum kk_err picture_read(const uint8_t *of, uint16_t *number)
{
	struct pattern_means means;

	CHECK_OK(pattern_means_take(&means, &picture));
	return pattern_means_read(&means, of, number);
}

/* Always the same ones. */
static uint32_t seed;
static int next(void)
{
	seed = seed * 1664525U + 1013904223U;
	return (int)(seed >> 8);
}

TEST(each_number_is_read_from_its_picture)
{
	static const uint16_t numbers[] = { 0, 1, 2, 255, 256, 0x5555, 0xaaaa,
		0x7fff, 0x8000, 0xffff };

	for (size_t i = 0; i < KK_ARRAY_LEN(numbers); i++) {
		uint16_t number = (uint16_t)~numbers[i];

		pattern_draw(&picture, nonce, numbers[i]);
		CHECK_OK(picture_read(nonce, &number));
		CHECK_EQ(number, numbers[i]);
	}
}

TEST(picture_of_a_nonce_with_one_other_bit_is_refused)
{
	pattern_draw(&picture, nonce, 7);
	for (size_t bit = 0; bit < 8 * sizeof(nonce); bit++) {
		uint8_t other[PATTERN_NONCE_BYTES];
		uint16_t number = 9;

		memcpy(other, nonce, sizeof(other));
		other[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK_ERR(picture_read(other, &number), KK_EVERIFY);
		CHECK_EQ(number, 9);
	}
}

TEST(number_whose_complement_is_another_is_refused)
{
	uint16_t number = 9;

	/* The last cell. */
	pattern_draw(&picture, nonce, 7);
	for (unsigned y = HEIGHT - 10; y < HEIGHT; y++) {
		for (unsigned x = 4 * (WIDTH - 10); x < 4 * WIDTH; x++)
			pixels[y * WIDTH * 4 + x] ^= 0xff;
	}
	CHECK_ERR(picture_read(nonce, &number), KK_EVERIFY);
}

TEST(black_white_and_noise_are_no_pattern)
{
	uint16_t number = 9;

	memset(pixels, 0, BYTES);
	CHECK_ERR(picture_read(nonce, &number), KK_EVERIFY);
	memset(pixels, 255, BYTES);
	CHECK_ERR(picture_read(nonce, &number), KK_EVERIFY);
	seed = 1;
	for (size_t i = 0; i < BYTES; i++)
		pixels[i] = (uint8_t)next();
	CHECK_ERR(picture_read(nonce, &number), KK_EVERIFY);
}

/* As a coder of few bits leaves it. */
TEST(noise_upon_the_picture_does_no_harm)
{
	uint16_t number = 9;

	pattern_draw(&picture, nonce, 1234);
	seed = 2;
	for (size_t i = 0; i < BYTES; i++) {
		int value = pixels[i] + next() % 121 - 60;

		pixels[i] = (uint8_t)(value < 0 ? 0 :
			value > 255             ? 255 :
						  value);
	}
	CHECK_OK(picture_read(nonce, &number));
	CHECK_EQ(number, 1234);
}

TEST(too_small_a_picture_has_no_cells)
{
	const struct pattern_picture small = { pixels, (size_t)WIDTH * 4, 127,
		HEIGHT };
	struct pattern_means means;

	CHECK_ERR(pattern_means_take(&means, &small), KK_EINVAL);
}

TEST(pictures_are_alike_when_their_cells_are_and_not_all_of_one_colour)
{
	struct pattern_means a, b;

	pattern_draw(&picture, nonce, 3);
	CHECK_OK(pattern_means_take(&a, &picture));
	CHECK(pattern_means_alike(&a, &a));
	memset(pixels, 90, BYTES);
	CHECK_OK(pattern_means_take(&b, &picture));
	CHECK(!pattern_means_alike(&a, &b));
	CHECK(!pattern_means_alike(&b, &b));
}
