/* box.c */
#define _GNU_SOURCE /* memmem() */
#include "tests/cuts/box.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "tests/cuts/tree.h"

enum {
	LINE = 1024, /* of a kernel's command line */
	FOLDERS = 4, /* clusters that mkfs and mmd have given to them */
	BOOTS_MAX = 3 /* until one ends in a root */
};

/* Whether a content is one that was built, or whole: known from its places. */
struct box_memory {
	struct {
		uint64_t key;
		bool is_known, is_right;
		struct verity_root root; /* of a kernel image that is right */
	} place[BOX_MEMORY];
	struct gpt gpt;
	uint64_t gpt_key, fat_key;
	bool has_gpt, is_gpt_right;
	struct fat_use use; /* of that file system */
	struct tree_memory tree;
};

void box_open(struct box *b)
{
	*b = (struct box){ 0 };
	b->memory = calloc(1, sizeof(*b->memory));
	CHECK(b->memory != NULL);
}

void box_close(struct box *b)
{
	free(b->memory);
	b->memory = NULL;
}

void box_built_add(struct box *b, const uint8_t digest[BOX_DIGEST])
{
	CHECK(b->built_count < BOX_BUILT_MAX);
	memcpy(b->built[b->built_count++], digest, BOX_DIGEST);
}

/* Its place, which is to be filled where *was_known is false then. */
static size_t place_of(struct box *b, uint64_t key, bool *was_known)
{
	const size_t at = (size_t)(key % BOX_MEMORY);

	*was_known = b->memory->place[at].is_known &&
	    b->memory->place[at].key == key;
	b->memory->place[at].is_known = true;
	b->memory->place[at].key = key;
	return at;
}

/* --- the disk --------------------------------------------------------------
 */

static const struct gpt *table_look(struct box *b, const struct cuts_disk *d)
{
	struct box_memory *m = b->memory;
	const uint64_t key = gpt_key(d);

	if (!m->has_gpt || m->gpt_key != key) {
		m->is_gpt_right = !gpt_read(d, &m->gpt);
		m->gpt_key = key;
		m->has_gpt = true;
	}
	CHECK(m->is_gpt_right); /* else the firmware finds nothing */
	b->seen.second_tables += m->gpt.is_second;
	return &m->gpt;
}

/* Of what was built, each one; nothing else is signed. */
static bool is_built(const struct box *b, const uint8_t *content, size_t bytes)
{
	uint8_t digest[BOX_DIGEST];

	(void)SHA256(content, bytes, digest);
	for (size_t i = 0; i < b->built_count; i++) {
		if (!memcmp(digest, b->built[i], BOX_DIGEST))
			return true;
	}
	return false;
}

/* The line of the signed image: rootinit reads it. */
static bool line_read(const uint8_t *content, size_t bytes,
    struct verity_root *root)
{
	const uint8_t *at = memmem(content, bytes, "konklave.slot=", 14);
	size_t n = 0;

	if (!at)
		return false;
	while (at > content && at[-1] && at[-1] != '\n')
		at--;
	while (at + n < content + bytes && at[n] && at[n] != '\n' && n < LINE)
		n++;
	return !verity_root_parse(root, kk_view_of(at, n));
}

static bool kernel_read(struct box *b, const struct fat_file *file,
    struct verity_root *root)
{
	uint8_t *content = cuts_must(malloc(file->sectors * CUTS_SECTOR));
	bool is_right;

	for (uint64_t i = 0; i < file->sectors; i++)
		memcpy(content + i * CUTS_SECTOR, file->sector[i], CUTS_SECTOR);
	is_right = is_built(b, content, file->bytes);
	if (is_right)
		CHECK(line_read(content, file->bytes, root));
	free(content);
	return is_right;
}

static void kernel_look(struct box *b, const struct fat *f, const char *path,
    struct box_kernel *k)
{
	struct fat_file file;
	const enum kk_err err = fat_file_open(f, path, &file);
	bool was_known;
	size_t at;

	*k = (struct box_kernel){ .image = BOX_NONE };
	if (err) {
		k->image = err == KK_ENOENT ? BOX_NONE : BOX_HALF;
		return;
	}
	at = place_of(b,
	    cuts_mix(cuts_key(file.sector, file.sectors), file.bytes),
	    &was_known);
	if (!was_known)
		b->memory->place[at].is_right = kernel_read(b, &file,
		    &b->memory->place[at].root);
	k->image = b->memory->place[at].is_right ? BOX_BUILT : BOX_HALF;
	k->root = b->memory->place[at].root;
	fat_file_clear(&file);
}

/* As rootinit finds it: by what the kernel says of each partition. */
static bool root_is_whole(struct box *b, const struct cuts_disk *d,
    const struct gpt *g, const struct verity_root *root)
{
	bool was_known;
	size_t at;

	for (size_t i = 0; i < g->count; i++) {
		const struct gpt_part *p = &g->part[i];
		char uevent[128], device[VERITY_DEVICE_BYTES];
		const int n = snprintf(uevent, sizeof(uevent),
		    "MAJOR=254\nMINOR=%zu\nPARTN=%zu\nPARTNAME=%s\n", i + 1,
		    i + 1, p->name);
		const struct kk_view view = kk_view_of(uevent, (size_t)n);
		uint64_t key = cuts_key(d->sector + p->first, p->sectors);

		if (!verity_uevent_is(view, root->label) ||
		    verity_uevent_device(view, device))
			continue;
		for (size_t c = 0; root->hash[c]; c++)
			key = cuts_mix(key, (uint8_t)root->hash[c]);
		at = place_of(b, key, &was_known);
		if (!was_known)
			b->memory->place[at].is_right = tree_is_whole(
			    &b->memory->tree, d, p->first, p->sectors, root);
		if (b->memory->place[at].is_right)
			return true;
	}
	return false;
}

/* A cut leaves clusters that are taken, and no file has them; or two have. */
static void use_count(struct box *b, const struct fat *f)
{
	struct box_memory *m = b->memory;
	const uint64_t key = cuts_key(f->disk->sector + f->table,
	    f->data + (uint64_t)FOLDERS * f->cluster_sectors - f->table);
	uint32_t lost;

	if (m->fat_key != key)
		m->use = fat_use(f);
	m->fat_key = key;
	lost = m->use.lost * f->cluster_sectors;
	if (lost > b->seen.lost_sectors)
		b->seen.lost_sectors = lost;
	b->seen.shared += m->use.shared > 0;
}

/* --- its starts ------------------------------------------------------------
 */

struct start {
	struct box *b;
	struct world w;
	struct box_kernel kernel[BOX_KERNELS];
	bool is_whole[BOX_KERNELS]; /* its root */
	uint8_t boot_id;
};

static enum boot_slot slot_of(const struct box_kernel *k)
{
	return k->root.label[5] == 'a' ? BOOT_A : BOOT_B;
}

/* The slot whose kernel image is loaded. */
static size_t kernel_loads(struct start *s)
{
	const bool is_loadable[BOOT_SLOTS] = { s->kernel[BOOT_A].image ==
		    BOX_BUILT,
		s->kernel[BOOT_B].image == BOX_BUILT };
	const enum boot_slot slot = world_boot(&s->w, is_loadable);

	if (slot != BOOT_NO_SLOT)
		return slot;
	CHECK(s->kernel[BOX_FALLBACK].image == BOX_BUILT); /* no brick */
	return BOX_FALLBACK;
}

static struct boot boot_of(struct start *s, const struct boot_vars *vars,
    enum boot_slot slot)
{
	struct boot boot = world_boot_of(vars, slot, s->boot_id);

	boot.version = 100;
	return boot;
}

/* From power to a root; the boots are counted as rootinit does it. */
static enum boot_slot box_starts(struct start *s)
{
	const struct boot_vars vars = world_vars(&s->w);

	for (unsigned boots = 0;; boots++) {
		const size_t kernel = kernel_loads(s);
		const enum boot_slot slot = slot_of(&s->kernel[kernel]);
		struct boot boot;

		s->boot_id++;
		boot = boot_of(s, &vars, slot);
		/* What stands in a slot's place says so itself. */
		CHECK(kernel == BOX_FALLBACK || kernel == slot);
		CHECK_OK(boot_started(&boot));
		if (s->is_whole[kernel])
			return slot;
		s->b->seen.second_boots++;
		CHECK(boots < BOOTS_MAX);
	}
}

/* The next update: it may write the other slot, and have it tried. */
static void update_goes(struct start *s, enum boot_slot running,
    struct world *emptied)
{
	const struct boot_vars vars = world_vars(&s->w);
	const struct boot boot = boot_of(s, &vars, running);
	const enum boot_slot other = boot_slot_other(running);
	const bool both[BOOT_SLOTS] = { true, true };

	CHECK_OK(boot_state_set(&boot, running, true));
	CHECK_OK(boot_state_set(&boot, other, false));
	CHECK(!world_starts(&s->w, other) && world_starts(&s->w, running));
	if (emptied)
		*emptied = s->w;
	CHECK_OK(boot_primary_set(&boot, other));
	CHECK_EQ(world_boot(&s->w, both), other);
}

static void seen_count(struct start *s)
{
	struct box_seen *seen = &s->b->seen;

	for (size_t k = 0; k < BOX_KERNELS; k++)
		seen->halves += s->kernel[k].image == BOX_HALF;
	for (size_t k = 0; k < BOOT_SLOTS; k++) {
		const bool is_built = s->kernel[k].image == BOX_BUILT;

		seen->half_roots += is_built && !s->is_whole[k];
		seen->named_halves += world_starts(&s->w, (enum boot_slot)k) &&
		    !s->is_whole[k];
	}
	seen->without_fallback += !s->is_whole[BOX_FALLBACK];
}

enum boot_slot box_check(struct box *b, const struct cuts_disk *d,
    const struct world *w, struct world *emptied)
{
	static const char *const paths[BOX_KERNELS] = { "EFI/konklave/a.efi",
		"EFI/konklave/b.efi", "EFI/BOOT/BOOTX64.EFI" };
	struct start s = { .b = b, .w = *w, .boot_id = 200 };
	const struct gpt *g = table_look(b, d);
	const struct gpt_part esp = gpt_part(g, "esp");
	enum boot_slot slot;
	struct fat f;

	CHECK_OK(fat_open(&f, d, esp.first, esp.sectors));
	for (size_t k = 0; k < BOX_KERNELS; k++) {
		kernel_look(b, &f, paths[k], &s.kernel[k]);
		s.is_whole[k] = s.kernel[k].image == BOX_BUILT &&
		    root_is_whole(b, d, g, &s.kernel[k].root);
	}
	seen_count(&s);
	use_count(b, &f);
	slot = box_starts(&s);
	b->seen.starts[slot]++;
	update_goes(&s, slot, emptied);
	return slot;
}
