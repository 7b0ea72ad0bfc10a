/* call_request.c - requests as JSON: measured, judged, read.
 *
 * The first bytes are the role, the state and the clock's step; the rest is
 * the text of the parameters. */
#include <stdlib.h>
#include <string.h>

#include "call/call.h"

enum { TEXT_MAX_BYTES = 65536, ASKS = 8, BYTES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const struct call_rule rules[] = {
	{ "f.A", CALL_ROLE(0), CALL_STATE(1) | CALL_STATE(3), 2, 0, 256 },
	{ "f.B", CALL_ROLE(1) | CALL_ROLE(2), CALL_ANY_STATE, 1, 3, 32 },
};

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void fields_read(sd_json_variant *v)
{
	sd_json_variant *list;
	struct kk_bytes b;
	size_t count;
	uint64_t n;
	bool is_true;

	if (!call_get_bytes(v, "b", BYTES_MAX, &b))
		must(b.bytes <= BYTES_MAX);
	else
		must(!b.data);
	kk_bytes_clear(&b);
	must(call_get_u64(v, "n", 100, &n) || n <= 100);
	(void)!call_get_bool(v, "t", &is_true);
	must(call_get_list(v, "l", 4, &list, &count) || count <= 4);
	for (size_t i = 0; i < count; i++) {
		(void)!call_value_bytes(sd_json_variant_by_index(list, i),
		    BYTES_MAX, &b);
		kk_bytes_clear(&b);
	}
}

/* Time stands or goes on; in one instant nothing beyond the rate passes. */
static void ask_all(struct kk_view head, size_t bytes)
{
	struct call_table *table;
	struct call_ask ask = { .role = head.data[0] % 10,
		.state = head.data[1] % 40,
		.bytes = bytes };
	unsigned allowed[KK_ARRAY_LEN(rules)] = { 0 };
	uint64_t step = head.data[2];

	must(!call_table_new(&table, rules, KK_ARRAY_LEN(rules)));
	for (unsigned i = 0; i < ASKS * KK_ARRAY_LEN(rules); i++) {
		enum call_verdict verdict;

		ask.rule = i % KK_ARRAY_LEN(rules);
		ask.now_ms = i * step;
		verdict = call_table_ask(table, &ask);
		must(verdict < CALL_VERDICT_COUNT);
		if (verdict != CALL_ALLOWED)
			continue;
		must(rules[ask.rule].roles & CALL_ROLE(ask.role));
		must(rules[ask.rule].states & CALL_STATE(ask.state));
		must(bytes <= rules[ask.rule].bytes_max);
		allowed[ask.rule]++;
	}
	must(allowed[1] <= rules[1].total);
	must(step || allowed[0] <= rules[0].per_second);
	call_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	sd_json_variant *v = NULL;
	size_t text_bytes = 0;
	char *text;

	if (bytes < 3 || bytes > TEXT_MAX_BYTES)
		return 0;
	text = kk_calloc(1, bytes);
	must(text != NULL);
	memcpy(text, data + 3, bytes - 3);
	if (sd_json_parse(text, SD_JSON_PARSE_SENSITIVE, &v, NULL, NULL) >= 0) {
		if (!call_json_measure(v, &text_bytes))
			ask_all(kk_view_of(data, 3), text_bytes);
		if (sd_json_variant_is_object(v))
			fields_read(v);
	}
	sd_json_variant_unref(v);
	kk_free(text);
	return 0;
}
