/* strip.c - the test strip, and the picture that carries it. */
#include "drivers/camera/strip.h"

#include <string.h>

#include "drivers/camera/camera.h"
#include "harness/tap.h"

enum { WIDTH = 640, HEIGHT = 360, PIXEL_BYTES = 4, STRIDE = WIDTH * 4 };

struct canvas {
	uint8_t pixels[HEIGHT * STRIDE];
};

static struct canvas *canvas_new(void)
{
	struct canvas *c = kk_calloc(1, sizeof(*c));

	CHECK(c != NULL);
	return c;
}

static struct strip_picture picture_of(struct canvas *c, unsigned width,
    unsigned height)
{
	return (struct strip_picture){ c->pixels, (size_t)width * PIXEL_BYTES,
		width, height };
}

TEST(every_number_and_many_times_are_read_as_they_were_written)
{
	struct canvas *c = canvas_new();
	struct strip_picture p = picture_of(c, WIDTH, HEIGHT);

	for (unsigned i = 0; i < 4096; i++) {
		struct strip in = { i % 16, (uint16_t)(i * 16 + i / 256) };
		struct strip out = { 0 };

		strip_write(&p, &in);
		CHECK_OK(strip_read(&out, &p));
		CHECK_EQ(out.number, in.number);
		CHECK_EQ(out.time_10ms, in.time_10ms);
	}
	kk_free(c);
}

TEST(a_flipped_cell_of_the_payload_is_found)
{
	struct canvas *c = canvas_new();
	struct strip_picture p = picture_of(c, WIDTH, HEIGHT);
	struct strip in = { 11, 0xbeef }, out = { 3, 4 };

	for (unsigned cell = 8; cell < STRIP_CELLS; cell++) {
		strip_write(&p, &in);
		for (unsigned y = HEIGHT - HEIGHT / STRIP_PART; y < HEIGHT; y++)
			for (unsigned x = cell * 20; x < cell * 20 + 20; x++)
				c->pixels[y * STRIDE + x * PIXEL_BYTES + 1] ^=
				    0xff;
		CHECK_ERR(strip_read(&out, &p), KK_EVERIFY);
	}
	CHECK_EQ(out.number, 3);
	CHECK_EQ(out.time_10ms, 4);
	kk_free(c);
}

TEST(a_picture_without_strip_has_none)
{
	struct canvas *c = canvas_new();
	struct strip_picture p = picture_of(c, WIDTH, HEIGHT);
	struct strip out;

	CHECK_ERR(strip_read(&out, &p), KK_EFORMAT);
	memset(c->pixels, 200, sizeof(c->pixels));
	CHECK_ERR(strip_read(&out, &p), KK_EFORMAT);
	p.width = 127;
	CHECK_ERR(strip_read(&out, &p), KK_EINVAL);
	kk_free(c);
}

/* By the mean of each target pixel's sources, as a scaler does. */
static void halve(struct canvas *to, const struct canvas *from)
{
	for (unsigned y = 0; y < HEIGHT / 2; y++)
		for (unsigned x = 0; x < STRIDE / 2; x++) {
			unsigned at = 2 * y * STRIDE + 2 * (x & ~3U) + (x & 3);
			unsigned sum = from->pixels[at] +
			    from->pixels[at + PIXEL_BYTES] +
			    from->pixels[at + STRIDE] +
			    from->pixels[at + STRIDE + PIXEL_BYTES];

			to->pixels[y * (STRIDE / 2) + x] = (uint8_t)(sum / 4);
		}
}

TEST(a_tile_of_320x180_with_round_corners_and_noise_is_still_read)
{
	struct canvas *c = canvas_new(), *tile = canvas_new();
	struct strip_picture p = picture_of(c, WIDTH, HEIGHT);
	struct strip_picture small = picture_of(tile, WIDTH / 2, HEIGHT / 2);
	struct strip in = { 5, 12345 }, out = { 0 };
	uint32_t noise = 1;

	strip_write(&p, &in);
	halve(tile, c);
	for (size_t i = 0; i < sizeof(tile->pixels); i++) {
		noise = noise * 1103515245 + 12345;
		tile->pixels[i] = (uint8_t)(tile->pixels[i] / 2 + 40 +
		    (noise >> 16) % 60);
	}
	for (unsigned y = HEIGHT / 2 - 3; y < HEIGHT / 2; y++)
		memset(tile->pixels + y * STRIDE / 2, 0, 3 * PIXEL_BYTES);
	CHECK_OK(strip_read(&out, &small));
	CHECK_EQ(out.number, 5);
	CHECK_EQ(out.time_10ms, 12345);
	kk_free(c);
	kk_free(tile);
}

TEST(the_synthetic_room_says_its_number_and_time_and_moves)
{
	struct canvas *a = canvas_new(), *b = canvas_new();
	struct strip_picture p = picture_of(b, WIDTH, HEIGHT);
	struct camera_config config = { .kind = "synthetic",
		.name = "Raum 4",
		.number = CAMERA_NUMBER_OF_NAME,
		.width = WIDTH,
		.height = HEIGHT };
	struct camera *camera = NULL;
	struct strip strip;

	CHECK_OK(camera_open(&camera, &config));
	CHECK(camera_launch(camera) == NULL);
	camera_draw(camera, a->pixels, STRIDE, 1000);
	camera_draw(camera, b->pixels, STRIDE, 655370 + 1230);
	CHECK_OK(strip_read(&strip, &p));
	CHECK_EQ(strip.number, camera_number_of("Raum 4"));
	CHECK_EQ(strip.time_10ms, (65537 + 123) % 65536);
	CHECK(memcmp(a->pixels, b->pixels, STRIDE * HEIGHT / 16 * 15) != 0);
	camera_close(camera);
	kk_free(a);
	kk_free(b);
}

TEST(a_number_that_is_given_wins_over_the_names)
{
	struct canvas *c = canvas_new();
	struct strip_picture p = picture_of(c, WIDTH, HEIGHT);
	struct camera_config config = { "synthetic", "Raum 4", 9, WIDTH,
		HEIGHT };
	struct camera *camera = NULL;
	struct strip strip;

	CHECK_OK(camera_open(&camera, &config));
	camera_draw(camera, c->pixels, STRIDE, 0);
	CHECK_OK(strip_read(&strip, &p));
	CHECK_EQ(strip.number, 9);
	camera_close(camera);
	kk_free(c);
}
