/* sections.c - reading a case, and the header section. */
#include "sections.h"

bool case_hex(struct report *r, const struct json *v, const char *key,
    struct kk_bytes *out)
{
	return report_ok(r, json_get_hex(v, key, out), key);
}

bool case_u64(struct report *r, const struct json *v, const char *key,
    uint64_t *out)
{
	return report_ok(r, json_get_u64(v, key, out), key);
}

bool case_room(struct report *r, struct kk_bytes *out, size_t bytes)
{
	out->data = kk_calloc(bytes, 1);
	out->bytes = out->data ? bytes : 0;
	return report_ok(r, out->data ? KK_OK : KK_ENOMEM, "buffer");
}

const struct sframe_params *case_params(struct report *r, const struct json *v)
{
	const struct sframe_params *params = NULL;
	uint64_t suite;

	if (!case_u64(r, v, "cipher_suite", &suite))
		return NULL;
	if (suite <= UINT16_MAX)
		params = sframe_params_get((enum sframe_suite)suite);
	if (!params)
		report_fail(r, "cipher_suite %ju is unknown", (uintmax_t)suite);
	return params;
}

static void header_check(struct report *r, uint64_t kid, uint64_t ctr,
    struct kk_view encoded)
{
	uint8_t out[WIRE_SFRAME_MAX_BYTES];
	size_t bytes = wire_sframe_write(kid, ctr, out);
	struct wire_sframe hdr;

	if (!report_equal(r, encoded, kk_view_of(out, bytes), "encoded") ||
	    !report_ok(r, wire_sframe_parse(&hdr, encoded), "parsing"))
		return;
	if (hdr.kid != kid || hdr.ctr != ctr || hdr.bytes != encoded.bytes)
		report_fail(r, "parsed kid %ju, ctr %ju, %zu bytes",
		    (uintmax_t)hdr.kid, (uintmax_t)hdr.ctr, hdr.bytes);
}

void header_case_run(struct report *r, const struct json *v)
{
	struct kk_bytes encoded = { 0 };
	uint64_t kid, ctr;

	if (case_u64(r, v, "kid", &kid) && case_u64(r, v, "ctr", &ctr) &&
	    case_hex(r, v, "encoded", &encoded))
		header_check(r, kid, ctr, kk_bytes_view(&encoded));
	kk_bytes_clear(&encoded);
}
