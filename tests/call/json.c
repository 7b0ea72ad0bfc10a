/* json.c - parameters, errors, and the contract's file of the errors. */
#include <stdio.h>
#include <string.h>

#include "call/call.h"
#include "harness/tap.h"
#include "mock/alloc.h"

static sd_json_variant *parse(const char *text)
{
	sd_json_variant *v = NULL;

	CHECK_EQ(sd_json_parse(text, 0, &v, NULL, NULL), 0);
	return v;
}

TEST(measure_counts_names_and_texts_and_refuses_depth)
{
	sd_json_variant *v = parse("{\"abc\":\"defgh\",\"l\":[\"xy\",1]}");
	sd_json_variant *six = parse("[[[[[[1]]]]]]");
	sd_json_variant *seven = parse("[[[[[[[1]]]]]]]");
	size_t bytes;

	CHECK_OK(call_json_measure(v, &bytes));
	/* The list itself and the number count as eight. */
	CHECK_EQ(bytes, 3 + 5 + 1 + 8 + 2 + 8);
	CHECK_OK(call_json_measure(six, &bytes));
	CHECK_ERR(call_json_measure(seven, &bytes), KK_ELIMIT);
	CHECK_OK(call_json_measure(NULL, &bytes));
	CHECK_EQ(bytes, 0);
	sd_json_variant_unref(v);
	sd_json_variant_unref(six);
	sd_json_variant_unref(seven);
}

TEST(measure_refuses_too_many_values)
{
	sd_json_variant *list = NULL, *one = parse("1");
	sd_json_variant *many[CALL_JSON_NODES_MAX + 1];
	size_t bytes;

	for (size_t i = 0; i < KK_ARRAY_LEN(many); i++)
		many[i] = one;
	CHECK_EQ(sd_json_variant_new_array(&list, many, CALL_JSON_NODES_MAX),
	    0);
	CHECK_OK(call_json_measure(list, &bytes));
	sd_json_variant_unref(list);
	CHECK_EQ(sd_json_variant_new_array(&list, many, KK_ARRAY_LEN(many)), 0);
	CHECK_ERR(call_json_measure(list, &bytes), KK_ELIMIT);
	sd_json_variant_unref(list);
	sd_json_variant_unref(one);
}

TEST(bytes_are_read_within_their_bound_alone)
{
	sd_json_variant *v = parse("{\"b\":\"AAEC/w==\",\"n\":5,\"x\":\"?\","
				   "\"z\":null,\"e\":\"\"}");
	const uint8_t want[] = { 0, 1, 2, 255 };
	struct kk_bytes out;

	CHECK_OK(call_get_bytes(v, "b", 4, &out));
	CHECK_EQ(out.bytes, 4);
	CHECK_MEM(out.data, want, 4);
	kk_bytes_clear(&out);
	CHECK_OK(call_get_bytes(v, "e", 4, &out));
	CHECK_EQ(out.bytes, 0);
	CHECK_ERR(call_get_bytes(v, "b", 3, &out), KK_ELIMIT);
	CHECK_ERR(call_get_bytes(v, "b", 0, &out), KK_ELIMIT);
	CHECK_ERR(call_get_bytes(v, "n", 9, &out), KK_EFORMAT);
	CHECK_ERR(call_get_bytes(v, "x", 9, &out), KK_EFORMAT);
	CHECK_ERR(call_get_bytes(v, "z", 9, &out), KK_ENOENT);
	CHECK_ERR(call_get_bytes(v, "no", 9, &out), KK_ENOENT);
	CHECK_ERR(call_get_bytes(NULL, "b", 9, &out), KK_ENOENT);
	CHECK(out.data == NULL);
	sd_json_variant_unref(v);
}

TEST(numbers_flags_and_lists_are_read_by_their_types)
{
	sd_json_variant *v = parse("{\"n\":7,\"m\":-1,\"b\":true,"
				   "\"l\":[1,2],\"s\":\"7\"}");
	sd_json_variant *list;
	size_t count;
	uint64_t n;
	bool b;

	CHECK_OK(call_get_u64(v, "n", 7, &n));
	CHECK_EQ(n, 7);
	CHECK_ERR(call_get_u64(v, "n", 6, &n), KK_ELIMIT);
	CHECK_ERR(call_get_u64(v, "m", 9, &n), KK_EFORMAT);
	CHECK_ERR(call_get_u64(v, "s", 9, &n), KK_EFORMAT);
	CHECK_ERR(call_get_u64(v, "no", 9, &n), KK_ENOENT);
	CHECK_OK(call_get_bool(v, "b", &b));
	CHECK(b);
	CHECK_ERR(call_get_bool(v, "n", &b), KK_EFORMAT);
	CHECK_ERR(call_get_bool(v, "no", &b), KK_ENOENT);
	CHECK_OK(call_get_list(v, "l", 2, &list, &count));
	CHECK_EQ(count, 2);
	CHECK_ERR(call_get_list(v, "l", 1, &list, &count), KK_ELIMIT);
	CHECK_ERR(call_get_list(v, "n", 9, &list, &count), KK_EFORMAT);
	CHECK_OK(call_get_list(v, "no", 9, &list, &count));
	CHECK_EQ(count, 0);
	sd_json_variant_unref(v);
}

TEST(written_fields_are_read_again_and_secrets_stay_marked)
{
	sd_json_variant *out = NULL, *list = NULL;
	struct kk_bytes b;
	char *text = NULL;

	CHECK_OK(call_put_bytes(&out, "bytes", kk_view_text("open")));
	CHECK(!sd_json_variant_is_sensitive_recursive(out));
	CHECK_OK(call_put_secret(&out, "key", kk_view_text("hidden")));
	CHECK_OK(call_put_text(&out, "text", "t"));
	CHECK_OK(call_put_u64(&out, "n", UINT64_MAX));
	CHECK_OK(call_put_bool(&out, "flag", false));
	CHECK_OK(call_put_empty_list(&out, "none"));
	CHECK_OK(call_list_add(&list, out));
	CHECK_OK(call_put_value(&out, "list", list));
	CHECK(sd_json_variant_is_sensitive_recursive(out));
	CHECK_OK(call_get_bytes(out, "key", 6, &b));
	CHECK(kk_view_equal(kk_bytes_view(&b), kk_view_text("hidden")));
	kk_bytes_clear(&b);
	/* As libsystemd would log it. */
	CHECK(sd_json_variant_format(out, SD_JSON_FORMAT_CENSOR_SENSITIVE,
		  &text) >= 0);
	CHECK(strstr(text, "aGlkZGVu") == NULL);
	CHECK(strstr(text, "b3Blbg==") != NULL);
	kk_free(text);
	sd_json_variant_unref(list);
	sd_json_variant_unref(out);
}

/* Libsystemd reads what we write: all lengths, all letters. */
TEST(secrets_are_written_as_base64_of_any_length)
{
	uint8_t raw[256];
	struct kk_bytes back;

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(i * 151 + 7);
	for (size_t n = 1; n <= sizeof(raw); n++) {
		sd_json_variant *out = NULL, *theirs = NULL;

		CHECK_OK(call_put_secret(&out, "key", kk_view_of(raw, n)));
		CHECK_OK(call_get_bytes(out, "key", sizeof(raw), &back));
		CHECK_EQ(back.bytes, n);
		CHECK_MEM(back.data, raw, n);
		CHECK(sd_json_variant_new_base64(&theirs, raw, n) >= 0);
		CHECK_STR(
		    sd_json_variant_string(sd_json_variant_by_key(out, "key")),
		    sd_json_variant_string(theirs));
		/* Libsystemd copies texts of up to 7 letters without it. */
		CHECK(n < 6 || sd_json_variant_is_sensitive_recursive(out));
		kk_bytes_clear(&back);
		sd_json_variant_unref(theirs);
		sd_json_variant_unref(out);
	}
}

TEST(texts_and_exact_bytes_are_read_where_they_fit)
{
	sd_json_variant *in = NULL;
	uint8_t bytes[3] = { 9, 9, 9 };
	uint32_t n = 0;
	char text[4];

	CHECK(sd_json_parse("{\"t\": \"abc\", \"l\": \"abcd\", \"n\": 5, "
			    "\"z\": null, \"b\": \"AQID\", \"s\": \"AQI=\", "
			    "\"m\": \"AQIDBA==\"}",
		  0, &in, NULL, NULL) >= 0);
	CHECK_OK(call_get_text(in, "t", text, sizeof(text)));
	CHECK_STR(text, "abc");
	CHECK_ERR(call_get_text(in, "l", text, sizeof(text)), KK_ELIMIT);
	CHECK_STR(text, "");
	CHECK_ERR(call_get_text(in, "n", text, sizeof(text)), KK_EFORMAT);
	CHECK_ERR(call_get_text(in, "z", text, sizeof(text)), KK_ENOENT);
	CHECK_ERR(call_get_text(in, "q", text, sizeof(text)), KK_ENOENT);
	CHECK_ERR(call_get_exact(in, "s", bytes, 3), KK_EFORMAT);
	CHECK_ERR(call_get_exact(in, "m", bytes, 3), KK_ELIMIT);
	CHECK_ERR(call_get_exact(in, "q", bytes, 3), KK_ENOENT);
	CHECK_EQ(bytes[0], 9);
	CHECK_OK(call_get_exact(in, "b", bytes, 3));
	CHECK_MEM(bytes, "\1\2\3", 3);
	CHECK_OK(call_get_u32(in, "n", 5, &n));
	CHECK_EQ(n, 5);
	CHECK_ERR(call_get_u32(in, "n", 4, &n), KK_ELIMIT);
	CHECK_EQ(call_needed(KK_ENOENT), KK_EFORMAT);
	CHECK_EQ(call_optional(KK_ENOENT), KK_OK);
	CHECK_EQ(call_needed(KK_ELIMIT), KK_ELIMIT);
	CHECK_EQ(call_optional(KK_ELIMIT), KK_ELIMIT);
	sd_json_variant_unref(in);
}

TEST(copy_of_bytes_that_finds_no_memory_is_reported)
{
	sd_json_variant *v = parse("{\"b\":\"AAEC\"}");
	struct kk_bytes out;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, call_get_bytes(v, "b", 3, &out));
	CHECK_OK(err);
	kk_bytes_clear(&out);
	sd_json_variant_unref(v);
}

TEST(each_error_has_a_name_of_its_own_that_leads_back)
{
	CHECK(call_err_id(KK_OK) == NULL);
	CHECK(call_err_id(KK_ERR_COUNT) == NULL);
	for (int i = 1; i < KK_ERR_COUNT; i++) {
		CHECK(call_err_id((enum kk_err)i) != NULL);
		CHECK_EQ(call_err_of(call_err_id((enum kk_err)i)), i);
	}
	CHECK(call_verdict_id(CALL_ALLOWED) == NULL);
	CHECK_ERR(call_err_of(call_verdict_id(CALL_NOT_ALLOWED)), KK_EDENIED);
	CHECK_ERR(call_err_of(call_verdict_id(CALL_TOO_OFTEN)), KK_ELIMIT);
	CHECK_ERR(call_err_of(call_verdict_id(CALL_NOT_NOW)), KK_ESTATE);
	CHECK_ERR(call_err_of(SD_VARLINK_ERROR_INVALID_PARAMETER), KK_EINVAL);
	CHECK_ERR(call_err_of("com.example.Strange"), KK_EIO);
	CHECK_ERR(call_err_named("Expired"), KK_EEXPIRED);
	CHECK_ERR(call_err_named("Strange"), KK_EIO);
	CHECK_OK(call_err_of(NULL));
}
