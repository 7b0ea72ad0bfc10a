/* tell.c - the result, for people and for programs. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "call/call.h"
#include "probe.h"

static enum kk_err check_put(const struct health *health,
    enum health_check check, sd_json_variant **list)
{
	const struct health_told t = health_told(health, check);
	sd_json_variant *v = NULL;
	enum kk_err err = call_put_text(&v, "check", health_check_name(check));

	if (!err)
		err = call_put_text(&v, "result", health_result_name(t.result));
	if (!err)
		err = call_put_u64(&v, "tookMs", t.took_ms);
	if (!err && t.why[0])
		err = call_put_text(&v, "why", t.why);
	if (!err)
		err = call_list_add(list, v);
	sd_json_variant_unref(v);
	return err;
}

static enum kk_err json_tell(const struct health *health, FILE *out)
{
	sd_json_variant *list = NULL, *v = NULL;
	enum kk_err err = call_put_bool(&v, "isWell", health_is_well(health));

	for (unsigned i = 0; !err && i < HEALTH_CHECKS; i++)
		err = check_put(health, (enum health_check)i, &list);
	if (!err)
		err = call_put_value(&v, "checks", list);
	if (!err &&
	    sd_json_variant_dump(v, SD_JSON_FORMAT_NEWLINE, out, NULL) < 0)
		err = KK_EIO;
	sd_json_variant_unref(list);
	sd_json_variant_unref(v);
	return err;
}

static void text_tell(const struct health *health, FILE *out)
{
	for (unsigned i = 0; i < HEALTH_CHECKS; i++) {
		const enum health_check check = (enum health_check)i;
		const struct health_told t = health_told(health, check);

		(void)fprintf(out, "%s: %s after %ju s%s%s\n",
		    health_check_name(check), health_result_name(t.result),
		    (uintmax_t)(t.took_ms / 1000), t.why[0] ? ": " : "", t.why);
	}
	for (unsigned i = 0; i < HEALTH_CHECKS; i++) {
		const enum health_check check = (enum health_check)i;
		const struct health_told t = health_told(health, check);

		if (t.result == HEALTH_FAILED)
			(void)fprintf(out, "konklave: not well: %s: %s\n",
			    health_check_name(check), t.why);
	}
	if (health_is_well(health))
		(void)fprintf(out, "konklave: well\n");
}

enum kk_err probe_tell(const struct health *health, bool is_json, FILE *out)
{
	if (is_json)
		return json_tell(health, out);
	text_tell(health, out);
	return ferror(out) ? KK_EIO : KK_OK;
}
