/* kms.c - the kernel's screen, where the kernel's cards are the test's. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "drivers/display/display.h"
#include "harness/tap.h"

enum { CONNECTORS = 2, FIRST = 31 /* a connector's number */ };

/* card0 renders only, card1 has two connectors. */
static struct {
	bool is_there;
	bool is_connected[CONNECTORS];
	uint16_t width, height; /* of what is connected */
	int file; /* of card1 */
} card;

static char driver[] = "virtio_gpu";

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
drmVersionPtr __wrap_drmGetVersion(int fd);
void __wrap_drmFreeVersion(drmVersionPtr version);
drmModeResPtr __wrap_drmModeGetResources(int fd);
void __wrap_drmModeFreeResources(drmModeResPtr res);
drmModeConnectorPtr __wrap_drmModeGetConnector(int fd, uint32_t id);
drmModeConnectorPtr __wrap_drmModeGetConnectorCurrent(int fd, uint32_t id);
void __wrap_drmModeFreeConnector(drmModeConnectorPtr connector);

int __wrap_open(const char *path, int flags, ...)
{
	va_list more;
	int mode;

	va_start(more, flags);
	mode = flags & O_CREAT ? va_arg(more, int) : 0;
	va_end(more);
	if (strncmp(path, "/dev/dri/", 9) != 0)
		return __real_open(path, flags, mode);
	errno = ENOENT;
	if (!card.is_there)
		return -1;
	if (!strcmp(path, "/dev/dri/card0"))
		return __real_open("/dev/null", O_RDWR | O_CLOEXEC);
	if (strcmp(path, "/dev/dri/card1") != 0)
		return -1;
	card.file = __real_open("/dev/null", O_RDWR | O_CLOEXEC);
	return card.file;
}

drmVersionPtr __wrap_drmGetVersion(int fd)
{
	drmVersionPtr version = calloc(1, sizeof(*version));

	(void)fd;
	if (version)
		version->name = driver;
	return version;
}

void __wrap_drmFreeVersion(drmVersionPtr version)
{
	free(version);
}

drmModeResPtr __wrap_drmModeGetResources(int fd)
{
	static uint32_t numbers[CONNECTORS] = { FIRST, FIRST + 1 };
	drmModeResPtr all = NULL;

	if (fd == card.file)
		all = calloc(1, sizeof(*all));
	if (all) {
		all->count_connectors = CONNECTORS;
		all->connectors = numbers;
	}
	return all;
}

void __wrap_drmModeFreeResources(drmModeResPtr res)
{
	free(res);
}

drmModeConnectorPtr __wrap_drmModeGetConnector(int fd, uint32_t id)
{
	static drmModeModeInfo mode;
	drmModeConnectorPtr c = calloc(1, sizeof(*c));

	CHECK_EQ(fd, card.file);
	CHECK(id == FIRST || id == FIRST + 1);
	if (!c)
		return NULL;
	c->connector_id = id;
	c->connection = DRM_MODE_DISCONNECTED;
	if (card.is_connected[id - FIRST]) {
		mode = (drmModeModeInfo){ .hdisplay = card.width,
			.vdisplay = card.height,
			.type = DRM_MODE_TYPE_PREFERRED };
		c->connection = DRM_MODE_CONNECTED;
		c->count_modes = 1;
		c->modes = &mode;
	}
	return c;
}

drmModeConnectorPtr __wrap_drmModeGetConnectorCurrent(int fd, uint32_t id)
{
	return __wrap_drmModeGetConnector(fd, id);
}

void __wrap_drmModeFreeConnector(drmModeConnectorPtr connector)
{
	free(connector);
}

static void plug(unsigned connector, uint16_t width, uint16_t height)
{
	card.is_there = true;
	card.is_connected[connector] = true;
	card.width = width;
	card.height = height;
}

TEST(the_screen_that_is_connected_is_taken_with_its_size)
{
	struct display *d = NULL;
	unsigned width = 0, height = 0;

	memset(&card, 0, sizeof(card));
	plug(1, 1920, 1080);
	CHECK_OK(display_open(&d, "kms"));
	CHECK(display_size_get(d, &width, &height));
	CHECK_EQ(width, 1920);
	CHECK_EQ(height, 1080);
	CHECK_OK(display_renew(d, width, height));
	CHECK_STR(display_launch(d),
	    "videoconvert ! kmssink driver-name=virtio_gpu connector-id=32 "
	    "force-modesetting=true sync=false");
	CHECK(!display_is_other(d));
	display_close(d);
}

TEST(a_screen_without_the_picture_s_size_gets_it_scaled)
{
	struct display *d = NULL;

	memset(&card, 0, sizeof(card));
	plug(0, 1024, 768);
	CHECK_OK(display_open(&d, "kms"));
	CHECK_OK(display_renew(d, 1280, 720));
	CHECK(strstr(display_launch(d),
		  "videoconvertscale add-borders=true ! "
		  "video/x-raw,width=1024,height=768,pixel-aspect-ratio=1/1 ! "
		  "videoconvert ! kmssink ") == display_launch(d));
	display_close(d);
}

TEST(a_screen_may_come_go_and_change)
{
	unsigned width = 1, height = 2;
	struct display *d = NULL;

	memset(&card, 0, sizeof(card));
	card.is_there = true;
	CHECK_OK(display_open(&d, "kms"));
	CHECK(!display_size_get(d, &width, &height));
	CHECK_EQ(width, 1);
	CHECK_ERR(display_renew(d, 1280, 720), KK_ENOENT);
	plug(0, 1280, 720);
	CHECK_OK(display_renew(d, 1280, 720));
	CHECK(strstr(display_launch(d), "connector-id=31 ") != NULL);
	card.is_connected[0] = false;
	CHECK(display_is_other(d));
	plug(1, 1280, 720);
	CHECK(display_is_other(d));
	CHECK_OK(display_renew(d, 1280, 720));
	CHECK(strstr(display_launch(d), "connector-id=32 ") != NULL);
	CHECK(!display_is_other(d));
	card.is_there = false;
	CHECK(display_is_other(d));
	display_close(d);
}

TEST(a_machine_without_a_card_for_screens_has_none)
{
	struct display *d = NULL;

	memset(&card, 0, sizeof(card));
	CHECK_ERR(display_open(&d, "kms"), KK_ENOENT);
	CHECK(d == NULL);
}

TEST(a_driver_whose_name_is_no_plain_word_is_not_asked_for)
{
	struct display *d = NULL;

	memset(&card, 0, sizeof(card));
	plug(0, 1280, 720);
	driver[6] = ' ';
	CHECK_ERR(display_open(&d, "kms"), KK_ENOENT);
	driver[6] = '_';
	CHECK(d == NULL);
}
