/* code.c - the security code on the room's screen, as a telephone reads it. */
#include <glib/gstdio.h>
#include <string.h>

#include "face.h"

/* What zbarimg reads in the last picture; "" where it finds no QR code. */
static char *qr_read(const struct face *f)
{
	g_autofree char *folder = g_dir_make_tmp("kk-code-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "room.png", NULL);
	char *argv[] = { (char[]){ "zbarimg" }, (char[]){ "--quiet" },
		(char[]){ "--nodbus" }, (char[]){ "--raw" },
		(char[]){ "-Sdisable" }, (char[]){ "-Sqrcode.enable" }, path,
		NULL };
	char *out = NULL;

	face_write(f, path);
	CHECK(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
	    &out, NULL, NULL, NULL));
	CHECK_EQ(g_remove(path), 0);
	CHECK_EQ(g_rmdir(folder), 0);
	return g_strchomp(out);
}

TEST(the_security_code_stands_there_as_digits_and_as_a_qr_code)
{
	static const unsigned sizes[][2] = { { 1920, 1080 }, { 1280, 720 },
		{ 640, 360 } };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		struct face f;
		struct view view;
		g_autofree char *first = NULL, *then = NULL;
		g_autofree char *name = g_strdup_printf("code-%u", sizes[i][1]);

		face_start(&f, sizes[i][0], sizes[i][1], WORDS_EN);
		view_make(&view, VIEW_IN, 2);
		face_show(&f, &view, name);
		first = qr_read(&f);
		CHECK_STR(first, view.code);
		memcpy(view.code, "86420", 5);
		face_show(&f, &view, "code-next");
		then = qr_read(&f);
		CHECK_STR(then, view.code);
		face_end(&f);
	}
}

TEST(no_code_is_shown_outside_of_a_meeting_nor_where_it_has_no_room)
{
	struct face f;
	struct view view;
	g_autofree char *out = NULL, *small = NULL;

	face_start(&f, 1280, 720, WORDS_EN);
	view_make(&view, VIEW_IN, 1);
	view.phase = VIEW_CONNECTING;
	face_show(&f, &view, "code-none");
	out = qr_read(&f);
	CHECK_STR(out, "");
	face_end(&f);
	face_start(&f, 320, 180, WORDS_EN);
	view.phase = VIEW_IN;
	face_show(&f, &view, "code-small");
	small = qr_read(&f);
	CHECK_STR(small, "");
	face_end(&f);
}
