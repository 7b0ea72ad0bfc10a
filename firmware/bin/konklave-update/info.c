/* info.c - what rauc says of a bundle, and konklave-fetch of a download. */
#include <string.h>

#include "driver.h"

enum { NUMBER_BYTES = 24, NAME_BYTES = 32 };

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

static enum update_fetch fetch_named(const char *name)
{
	for (size_t i = 0; i < UPDATE_FETCHES; i++) {
		if (!strcmp(name, update_fetch_name((enum update_fetch)i)))
			return (enum update_fetch)i;
	}
	return UPDATE_FETCH_NONE;
}

static bool reason_named(const char *name, enum update_reason *why)
{
	for (size_t i = 0; i < UPDATE_REASONS; i++) {
		if (!strcmp(name, update_reason_name((enum update_reason)i))) {
			*why = (enum update_reason)i;
			return true;
		}
	}
	return false;
}

/* All of an answer, or nothing. */
enum kk_err download_parse(struct download *out, sd_json_variant *in)
{
	struct download n = { 0 };
	char state[NAME_BYTES], says[NAME_BYTES];
	enum kk_err err = call_needed(call_get_text(in, "state", state,
	    sizeof(state)));

	if (!err)
		err = call_needed(call_get_text(in, "says", says,
		    sizeof(says)));
	if (!err)
		err = call_optional(call_get_text(in, "source", n.source,
		    sizeof(n.source)));
	if (!err)
		err = call_optional(call_get_u64(in, "offered", INT64_MAX,
		    &n.offered));
	if (!err)
		err = call_needed(call_get_u64(in, "bytes", INT64_MAX,
		    &n.bytes));
	if (!err)
		err = call_needed(call_get_u64(in, "total", INT64_MAX,
		    &n.total));
	if (!err)
		err = call_needed(call_get_u64(in, "rate", INT64_MAX, &n.rate));
	if (!err && (!reason_named(says, &n.says) || n.bytes > n.total))
		err = KK_EFORMAT;
	if (err)
		return err;
	n.state = fetch_named(state);
	n.is_automatic = out->is_automatic;
	*out = n;
	return KK_OK;
}
