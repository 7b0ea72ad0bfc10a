/* file.c - the room's picture as a PNG file, its tiles as JSON beside it. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <cairo.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/display/display_internal.h"

enum { PATH_BYTES = 4096, INTERVAL_MS = 1000 };

struct paths {
	char png[PATH_BYTES], png_new[PATH_BYTES];
	char json[PATH_BYTES], json_new[PATH_BYTES];
};

static cairo_status_t part_write(void *fd, const unsigned char *data,
    unsigned bytes)
{
	while (bytes > 0) {
		ssize_t n = write(*(int *)fd, data, bytes);

		if (n <= 0)
			return CAIRO_STATUS_WRITE_ERROR;
		data += n;
		bytes -= (unsigned)n;
	}
	return CAIRO_STATUS_SUCCESS;
}

static int new_open(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
}

static enum kk_err png_write(const char *path,
    const struct display_picture *picture)
{
	cairo_surface_t *surface = cairo_image_surface_create_for_data(
	    (uint8_t *)(uintptr_t)picture->pixels, CAIRO_FORMAT_RGB24,
	    (int)picture->width, (int)picture->height,
	    (int)picture->stride_bytes);
	int fd = new_open(path);
	cairo_status_t status = CAIRO_STATUS_WRITE_ERROR;

	if (fd >= 0)
		status = cairo_surface_write_to_png_stream(surface, part_write,
		    &fd);
	cairo_surface_destroy(surface);
	if (fd < 0 || close(fd))
		return KK_EIO;
	return status == CAIRO_STATUS_SUCCESS ? KK_OK :
	    status == CAIRO_STATUS_NO_MEMORY  ? KK_ENOMEM :
						KK_EIO;
}

static enum kk_err json_write(const char *path,
    const struct display_picture *picture)
{
	char *text = NULL;
	enum kk_err err = display_json_make(picture, &text);
	int fd;

	if (err)
		return err;
	fd = new_open(path);
	if (fd < 0 || part_write(&fd, (uint8_t *)text, (unsigned)strlen(text)))
		err = KK_EIO;
	if (fd >= 0 && close(fd))
		err = KK_EIO;
	kk_free(text);
	return err;
}

/* Both are whole before either name is theirs; who reads the number in the
 * JSON before and after the picture knows that they belong together. */
static enum kk_err file_show(void *ctx, const struct display_picture *picture)
{
	struct paths *p = ctx;
	enum kk_err err = png_write(p->png_new, picture);

	if (!err)
		err = json_write(p->json_new, picture);
	if (!err &&
	    (rename(p->png_new, p->png) || rename(p->json_new, p->json)))
		err = KK_EIO;
	return err;
}

static void file_close(void *ctx)
{
	kk_free(ctx);
}

static const struct display_ops file_ops = { .show = file_show,
	.close = file_close,
	.interval_ms = INTERVAL_MS };

static bool path_make(char out[PATH_BYTES], const char *stem, int stem_bytes,
    const char *ending)
{
	int n = snprintf(out, PATH_BYTES, "%.*s%s", stem_bytes, stem, ending);

	return n > 0 && n < PATH_BYTES;
}

enum kk_err display_file_open(struct display **displayp, const char *path)
{
	struct paths *p = kk_calloc(1, sizeof(*p));
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - path) :
						    strlen(path);

	if (!p)
		return KK_ENOMEM;
	if (n > PATH_BYTES || !path_make(p->png, path, PATH_BYTES, "") ||
	    !path_make(p->png_new, path, PATH_BYTES, ".new") ||
	    !path_make(p->json, path, (int)n, ".json") ||
	    !path_make(p->json_new, path, (int)n, ".json.new")) {
		kk_free(p);
		return KK_EINVAL;
	}
	return display_new(displayp, &file_ops, p);
}
