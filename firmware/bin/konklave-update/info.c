/* info.c - what rauc says of a bundle. */
#include <string.h>

#include "driver.h"

enum { NUMBER_BYTES = 24 };

static enum kk_err info_read(struct bundle_info *info, sd_json_variant *v)
{
	char format[NUMBER_BYTES], number[NUMBER_BYTES];
	const char *at = number;
	enum kk_err err;

	if (!sd_json_variant_is_object(v))
		return KK_EFORMAT;
	err = call_get_text(v, "format", format, sizeof(format));
	if (!err && strcmp(format, "verity") != 0)
		err = KK_EFORMAT;
	if (!err)
		err = call_get_text(v, "version", number, sizeof(number));
	if (!err &&
	    (!program_number_take(&at, 1, UINT64_MAX, &info->version) || *at))
		err = KK_EFORMAT;
	if (!err)
		err = call_get_text(v, "compatible", info->board,
		    sizeof(info->board));
	return err;
}

enum kk_err bundle_info_parse(struct bundle_info *info, const char *text)
{
	sd_json_variant *v = NULL;
	enum kk_err err = KK_EFORMAT;

	*info = (struct bundle_info){ 0 };
	if (strlen(text) < BUNDLE_INFO_BYTES &&
	    sd_json_parse(text, 0, &v, NULL, NULL) >= 0 && !info_read(info, v))
		err = KK_OK;
	else
		*info = (struct bundle_info){ 0 };
	sd_json_variant_unref(v);
	return err;
}
