/* modes.c - which mode of a screen is taken. */
#include "drivers/display/modes.h"

#include "harness/tap.h"

enum { MODES_MAX = 6 };

struct monitor {
	drmModeModeInfo modes[MODES_MAX];
	drmModeConnector connector;
};

static void have(struct monitor *m, uint16_t width, uint16_t height,
    uint32_t type, uint32_t flags)
{
	CHECK(m->connector.count_modes < MODES_MAX);
	m->modes[m->connector.count_modes++] =
	    (drmModeModeInfo){ .hdisplay = width,
		    .vdisplay = height,
		    .type = type,
		    .flags = flags };
	m->connector.modes = m->modes;
}

static void size_is(const struct monitor *m, unsigned width, unsigned height)
{
	unsigned w = 0, h = 0;

	CHECK(modes_size(&m->connector, &w, &h));
	CHECK_EQ(w, width);
	CHECK_EQ(h, height);
}

static void mode_is(const struct monitor *m, unsigned of_width,
    unsigned of_height, unsigned width, unsigned height)
{
	const drmModeModeInfo *mode = modes_for(&m->connector, of_width,
	    of_height);

	CHECK(mode != NULL);
	CHECK_EQ(mode ? mode->hdisplay : 0, width);
	CHECK_EQ(mode ? mode->vdisplay : 0, height);
}

TEST(a_picture_has_the_size_that_the_screen_prefers)
{
	struct monitor m = { 0 };

	have(&m, 1024, 768, 0, 0);
	have(&m, 1366, 768, DRM_MODE_TYPE_PREFERRED, 0);
	have(&m, 1920, 1080, 0, 0);
	size_is(&m, 1366, 768);
	mode_is(&m, 1366, 768, 1366, 768);
}

TEST(on_a_large_screen_it_has_that_shape_within_1080_lines)
{
	struct monitor m = { 0 };

	have(&m, 3840, 2160, DRM_MODE_TYPE_PREFERRED, 0);
	have(&m, 1600, 1024, 0, 0);
	have(&m, 1280, 720, 0, 0);
	have(&m, 1920, 1080, 0, 0);
	size_is(&m, 1920, 1080);
	mode_is(&m, 1920, 1080, 1920, 1080);
	mode_is(&m, 1280, 720, 1280, 720);
}

TEST(where_no_mode_has_the_picture_s_size_it_is_the_one_that_is_preferred)
{
	struct monitor m = { 0 };

	have(&m, 800, 600, 0, 0);
	have(&m, 1024, 600, DRM_MODE_TYPE_PREFERRED, 0);
	mode_is(&m, 1280, 720, 1024, 600);
	size_is(&m, 1024, 600);
}

TEST(another_shape_is_taken_where_the_preferred_one_is_too_large)
{
	struct monitor m = { 0 };

	have(&m, 2560, 1080, DRM_MODE_TYPE_PREFERRED, 0);
	have(&m, 1024, 768, 0, 0);
	have(&m, 1680, 1050, 0, 0);
	size_is(&m, 1680, 1050);
	mode_is(&m, 1280, 720, 2560, 1080);
}

TEST(interlaced_modes_are_left_out)
{
	struct monitor m = { 0 };

	have(&m, 1920, 1080, DRM_MODE_TYPE_PREFERRED, DRM_MODE_FLAG_INTERLACE);
	have(&m, 1280, 720, 0, 0);
	size_is(&m, 1280, 720);
	mode_is(&m, 1920, 1080, 1280, 720);
}

TEST(upright_screens_have_no_size_and_those_without_modes_nothing)
{
	struct monitor upright = { 0 }, none = { 0 };
	unsigned width = 1, height = 2;

	have(&upright, 1080, 1920, DRM_MODE_TYPE_PREFERRED, 0);
	CHECK(!modes_size(&upright.connector, &width, &height));
	mode_is(&upright, 1280, 720, 1080, 1920);
	CHECK(!modes_size(&none.connector, &width, &height));
	CHECK(modes_for(&none.connector, 1280, 720) == NULL);
	CHECK_EQ(width, 1);
	CHECK_EQ(height, 2);
}
