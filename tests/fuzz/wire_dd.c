/*
 * wire_dd.c - fuzzes the dependency descriptor: a row of them, each with its
 * length in front, against the structure that came with those before.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/dd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static bool is_same(const void *a, const void *b, size_t bytes)
{
	return memcmp(a, b, bytes) == 0;
}

static void frame_check(const struct wire_dd_frame *f)
{
	must(f->spatial < WIRE_DD_SPATIAL_MAX);
	must(f->temporal < WIRE_DD_TEMPORAL_MAX);
	must(f->ref_count <= WIRE_DD_REFS_MAX);
	for (size_t i = 0; i < f->ref_count; i++)
		must(f->refs[i] >= 1 && f->refs[i] <= 4096);
	for (size_t i = 0; i < WIRE_DD_TARGETS_MAX; i++)
		must(f->uses[i] <= WIRE_DD_REQUIRED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct wire_dd_structure s = { 0 };
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(data, bytes));
	while (kk_reader_more(&r)) {
		struct kk_view in = kk_read_raw(&r, kk_read_u8(&r));
		struct wire_dd_structure before = s;
		struct wire_dd dd = { 0 };

		if (wire_dd_parse(&dd, &s, in)) {
			must(is_same(&s, &before, sizeof(s)));
			continue;
		}
		frame_check(&dd.frame);
		must(s.template_count <= WIRE_DD_TEMPLATES_MAX);
		must(s.target_count >= 1 &&
		    s.target_count <= WIRE_DD_TARGETS_MAX);
		must(s.chain_count <= s.target_count);
		must(s.spatial_count <= WIRE_DD_SPATIAL_MAX);
		for (size_t i = 0; i < s.template_count; i++)
			frame_check(&s.templates[i]);
		for (size_t i = 0; i < s.target_count; i++)
			must(s.chain_count == 0 ||
			    s.targets[i].chain < s.chain_count);
	}
	return 0;
}
