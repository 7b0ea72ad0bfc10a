/* dd.c - the dependency descriptor (RTP Payload Format For AV1, A.8). */
#include "wire/dd.h"

enum {
	BITS_OF_BYTE = 8,
	TEMPLATE_BITS = 6,
	FRAME_NUMBER_BITS = 16,
	TARGET_COUNT_BITS = 5,
	NEXT_BITS = 2, /* next_layer_idc */
	USE_BITS = 2,
	REF_BITS = 4, /* of a template; custom ones have a multiple */
	CHAIN_BITS = 4, /* of a template */
	CUSTOM_CHAIN_BITS = 8,
	SIZE_BITS = 16
};

enum next { NEXT_SAME, NEXT_TEMPORAL, NEXT_SPATIAL, NEXT_NONE };

struct flags { /* A.8.2, extended_descriptor_fields() */
	bool has_structure, has_active, has_uses, has_refs, has_chains;
};

struct bits { /* the first error sticks; then all reads give 0 */
	struct kk_view in;
	size_t at;
	enum kk_err err;
};

static void bits_fail(struct bits *b, enum kk_err err)
{
	if (!b->err)
		b->err = err;
}

static uint32_t bits_read(struct bits *b, unsigned count)
{
	uint32_t n = 0;

	if (b->err || b->in.bytes * BITS_OF_BYTE - b->at < count) {
		bits_fail(b, KK_ETRUNC);
		return 0;
	}
	for (unsigned i = 0; i < count; i++, b->at++)
		n = n << 1 |
		    (b->in.data[b->at / BITS_OF_BYTE] >>
			    (BITS_OF_BYTE - 1 - b->at % BITS_OF_BYTE) &
			1u);
	return n;
}

/* A number below limit, in as few bits as it takes (ns(n), A.8.2). */
static uint32_t below_read(struct bits *b, uint32_t limit)
{
	unsigned width = 0;
	uint32_t rest, n;

	while (limit >> width)
		width++;
	rest = (1u << width) - limit;
	n = bits_read(b, width - 1);
	return n < rest ? n : (n << 1) - rest + bits_read(b, 1);
}

/* --- the structure ------------------------------------------------------- */

static void layers_read(struct bits *b, struct wire_dd_structure *s)
{
	unsigned spatial = 0, temporal = 0, next = NEXT_SAME;

	do {
		if (s->template_count == WIRE_DD_TEMPLATES_MAX ||
		    spatial == WIRE_DD_SPATIAL_MAX ||
		    temporal == WIRE_DD_TEMPORAL_MAX) {
			bits_fail(b, KK_ELIMIT);
			return;
		}
		s->templates[s->template_count].spatial = (uint8_t)spatial;
		s->templates[s->template_count++].temporal = (uint8_t)temporal;
		next = bits_read(b, NEXT_BITS);
		temporal += next == NEXT_TEMPORAL;
		if (next == NEXT_SPATIAL) {
			temporal = 0;
			spatial++;
		}
	} while (!b->err && next != NEXT_NONE);
	s->spatial_count = (uint8_t)(spatial + 1);
}

static void uses_read(struct bits *b, const struct wire_dd_structure *s,
    struct wire_dd_frame *f)
{
	for (size_t i = 0; i < s->target_count; i++)
		f->uses[i] = (uint8_t)bits_read(b, USE_BITS);
}

static void ref_add(struct bits *b, struct wire_dd_frame *f, unsigned bits)
{
	uint32_t ref = bits_read(b, bits) + 1;

	if (f->ref_count == WIRE_DD_REFS_MAX)
		bits_fail(b, KK_ELIMIT);
	else
		f->refs[f->ref_count++] = (uint16_t)ref;
}

static void refs_read(struct bits *b, struct wire_dd_frame *f)
{
	while (!b->err && bits_read(b, 1))
		ref_add(b, f, REF_BITS);
}

static void chains_read(struct bits *b, struct wire_dd_structure *s)
{
	s->chain_count = (uint8_t)below_read(b, s->target_count + 1u);
	if (s->chain_count == 0)
		return;
	for (size_t i = 0; i < s->target_count; i++) {
		s->targets[i].chain = (uint8_t)below_read(b, s->chain_count);
		if (s->targets[i].chain >= s->chain_count)
			bits_fail(b, KK_EFORMAT);
	}
	for (size_t i = 0; i < s->template_count; i++) {
		for (size_t j = 0; j < s->chain_count; j++)
			s->templates[i].chains[j] = (uint8_t)bits_read(b,
			    CHAIN_BITS);
	}
}

/* A target has the layers of all templates that it uses. */
static void targets_derive(struct wire_dd_structure *s)
{
	for (size_t i = 0; i < s->target_count; i++) {
		struct wire_dd_target *t = &s->targets[i];

		for (size_t j = 0; j < s->template_count; j++) {
			const struct wire_dd_frame *f = &s->templates[j];

			if (f->uses[i] == WIRE_DD_ABSENT)
				continue;
			if (f->spatial > t->spatial)
				t->spatial = f->spatial;
			if (f->temporal > t->temporal)
				t->temporal = f->temporal;
		}
	}
}

static void sizes_read(struct bits *b, struct wire_dd_structure *s)
{
	s->has_sizes = bits_read(b, 1);
	for (size_t i = 0; s->has_sizes && i < s->spatial_count; i++) {
		s->sizes[i].width = bits_read(b, SIZE_BITS) + 1;
		s->sizes[i].height = bits_read(b, SIZE_BITS) + 1;
	}
}

static void structure_read(struct bits *b, struct wire_dd_structure *s)
{
	*s = (struct wire_dd_structure){ 0 };
	s->template_offset = (uint8_t)bits_read(b, TEMPLATE_BITS);
	s->target_count = (uint8_t)(bits_read(b, TARGET_COUNT_BITS) + 1);
	layers_read(b, s);
	for (size_t i = 0; i < s->template_count; i++)
		uses_read(b, s, &s->templates[i]);
	for (size_t i = 0; i < s->template_count; i++)
		refs_read(b, &s->templates[i]);
	chains_read(b, s);
	targets_derive(s);
	sizes_read(b, s);
}

/* --- a frame ------------------------------------------------------------- */

static void custom_read(struct bits *b, const struct wire_dd_structure *s,
    const struct flags *flags, struct wire_dd_frame *f)
{
	unsigned width;

	if (flags->has_uses)
		uses_read(b, s, f);
	if (flags->has_refs) {
		f->ref_count = 0;
		do {
			width = bits_read(b, 2); /* next_fdiff_size */
			if (width > 0)
				ref_add(b, f, width * REF_BITS);
		} while (!b->err && width > 0);
	}
	for (size_t i = 0; flags->has_chains && i < s->chain_count; i++)
		f->chains[i] = (uint8_t)bits_read(b, CUSTOM_CHAIN_BITS);
}

static void frame_read(struct bits *b, struct wire_dd *dd,
    const struct wire_dd_structure *s, const struct flags *flags,
    unsigned template_id)
{
	unsigned at = (template_id - (unsigned)s->template_offset) %
	    WIRE_DD_TEMPLATES_MAX;

	if (at >= s->template_count) {
		bits_fail(b, KK_ENOENT);
		return;
	}
	dd->frame = s->templates[at];
	custom_read(b, s, flags, &dd->frame);
}

static struct flags flags_read(struct bits *b)
{
	struct flags f = { 0 };

	f.has_structure = bits_read(b, 1);
	f.has_active = bits_read(b, 1);
	f.has_uses = bits_read(b, 1);
	f.has_refs = bits_read(b, 1);
	f.has_chains = bits_read(b, 1);
	return f;
}

static uint32_t all_targets(const struct wire_dd_structure *s)
{
	return (uint32_t)((UINT64_C(1) << s->target_count) - 1);
}

enum kk_err wire_dd_parse(struct wire_dd *dd,
    struct wire_dd_structure *structure, struct kk_view in)
{
	const struct wire_dd_structure *of = structure;
	struct wire_dd_structure fresh; /* large, and seldom needed */
	struct wire_dd parsed = { 0 };
	struct bits b = { .in = in };
	struct flags flags = { 0 };
	unsigned template_id;

	parsed.is_start = bits_read(&b, 1);
	parsed.is_end = bits_read(&b, 1);
	template_id = bits_read(&b, TEMPLATE_BITS);
	parsed.frame_number = (uint16_t)bits_read(&b, FRAME_NUMBER_BITS);
	if (in.bytes > WIRE_DD_SHORT_BYTES)
		flags = flags_read(&b);
	if (flags.has_structure) {
		structure_read(&b, &fresh);
		of = &fresh;
		parsed.active = all_targets(&fresh);
	}
	if (flags.has_active)
		parsed.active = bits_read(&b, of->target_count);
	parsed.has_structure = flags.has_structure;
	parsed.has_active = flags.has_structure || flags.has_active;
	if (!b.err)
		frame_read(&b, &parsed, of, &flags, template_id);
	if (b.err)
		return b.err;
	if (flags.has_structure)
		*structure = fresh;
	*dd = parsed;
	return KK_OK;
}
