/* file_json.c - what is on the picture, for programs. */
#include <systemd/sd-json.h>

#include "drivers/display/display_internal.h"

static int tile_make(sd_json_variant **v, const struct display_tile *t)
{
	return sd_json_buildo(v, SD_JSON_BUILD_PAIR_UNSIGNED("leaf", t->leaf),
	    SD_JSON_BUILD_PAIR_STRING("name", t->name),
	    SD_JSON_BUILD_PAIR_UNSIGNED("x", t->x),
	    SD_JSON_BUILD_PAIR_UNSIGNED("y", t->y),
	    SD_JSON_BUILD_PAIR_UNSIGNED("width", t->width),
	    SD_JSON_BUILD_PAIR_UNSIGNED("height", t->height),
	    SD_JSON_BUILD_PAIR_BOOLEAN("isSelf", t->is_self),
	    SD_JSON_BUILD_PAIR_BOOLEAN("isScreen", t->is_screen),
	    SD_JSON_BUILD_PAIR_BOOLEAN("hasPicture", t->has_picture));
}

static int tiles_make(sd_json_variant **tiles,
    const struct display_picture *picture)
{
	int r = sd_json_variant_new_array(tiles, NULL, 0);

	for (size_t i = 0; r >= 0 && i < picture->tile_count; i++) {
		sd_json_variant *tile = NULL;

		r = tile_make(&tile, &picture->tiles[i]);
		if (r >= 0)
			r = sd_json_variant_append_array(tiles, tile);
		sd_json_variant_unref(tile);
	}
	return r;
}

enum kk_err display_json_make(const struct display_picture *picture,
    char **text)
{
	sd_json_variant *tiles = NULL, *pad = NULL, *all = NULL;
	int r = tiles_make(&tiles, picture);

	if (r >= 0)
		r = sd_json_buildo(&pad,
		    SD_JSON_BUILD_PAIR_STRING("number", picture->pad_number),
		    SD_JSON_BUILD_PAIR_STRING("notice", picture->pad_notice));
	if (r >= 0)
		r = sd_json_buildo(&all,
		    SD_JSON_BUILD_PAIR_UNSIGNED("number", picture->number),
		    SD_JSON_BUILD_PAIR_UNSIGNED("width", picture->width),
		    SD_JSON_BUILD_PAIR_UNSIGNED("height", picture->height),
		    SD_JSON_BUILD_PAIR_STRING("phase", picture->phase),
		    SD_JSON_BUILD_PAIR_STRING("trouble", picture->trouble),
		    SD_JSON_BUILD_PAIR_STRING("code", picture->code),
		    SD_JSON_BUILD_PAIR_STRING("lines", picture->lines),
		    SD_JSON_BUILD_PAIR_STRING("waiting", picture->waiting),
		    SD_JSON_BUILD_PAIR_STRING("call", picture->call),
		    SD_JSON_BUILD_PAIR_CONDITION(picture->notice[0] != 0,
			"notice", SD_JSON_BUILD_STRING(picture->notice)),
		    SD_JSON_BUILD_PAIR_CONDITION(picture->has_pad, "pad",
			SD_JSON_BUILD_VARIANT(pad)),
		    SD_JSON_BUILD_PAIR_VARIANT("tiles", tiles));
	if (r >= 0)
		r = sd_json_variant_format(all, SD_JSON_FORMAT_NEWLINE, text);
	sd_json_variant_unref(all);
	sd_json_variant_unref(pad);
	sd_json_variant_unref(tiles);
	return r < 0 ? KK_ENOMEM : KK_OK;
}
