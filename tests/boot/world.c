/* world.c */
#include "world.h"

#include <limits.h>
#include <string.h>

static const struct boot_disk esp = { .number = 1,
	.start = 2048,
	.sectors = 262144,
	.guid = { 1, 2, 3 } };

/* A network card's, as any firmware has one. */
static const uint8_t foreign[] = { 1, 0, 0, 0, 4, 0, 'P', 0, 0, 0, 0x7f, 0xff,
	4, 0 };

static const char *const names[WORLD_VARS] = { [WORLD_RECORD] = "KonklaveBoot",
	[WORLD_ORDER] = "BootOrder",
	[WORLD_NEXT] = "BootNext",
	[WORLD_CURRENT] = "BootCurrent" };
static const char *const entry_names[WORLD_ENTRIES] = { "Boot0000", "Boot0001",
	"Boot0002" };

static struct world_var *find(struct world *w, const char *name)
{
	for (size_t i = 0; i < WORLD_VARS; i++) {
		if (!strcmp(names[i], name))
			return &w->var[i];
	}
	return NULL;
}

static size_t entry_find(const char *name)
{
	size_t i = 0;

	while (i < WORLD_ENTRIES && strcmp(entry_names[i], name) != 0)
		i++;
	return i;
}

static size_t entry_bytes(size_t number, uint8_t out[BOOT_ENTRY_BYTES])
{
	if (number != WORLD_ENTRY_FOREIGN)
		return boot_entry_write(
		    number == WORLD_ENTRY_A ? BOOT_A : BOOT_B, &esp, out);
	memcpy(out, foreign, sizeof(foreign));
	return sizeof(foreign);
}

static enum kk_err give(const uint8_t *from, size_t from_bytes, uint8_t *data,
    size_t *bytes)
{
	if (from_bytes > *bytes)
		return KK_ELIMIT;
	memcpy(data, from, from_bytes);
	*bytes = from_bytes;
	return KK_OK;
}

static enum kk_err get(void *arg, const char *name, bool is_ours, uint8_t *data,
    size_t *bytes)
{
	struct world *w = arg;
	const struct world_var *v = find(w, name);
	const size_t entry = entry_find(name);
	uint8_t made[BOOT_ENTRY_BYTES];

	if (entry < WORLD_ENTRIES && w->has_entry[entry])
		return give(made, entry_bytes(entry, made), data, bytes);
	if (!v || !v->is_there || is_ours != (v == &w->var[WORLD_RECORD]))
		return KK_ENOENT;
	return give(v->data, v->bytes, data, bytes);
}

static bool has_power(struct world *w)
{
	if (w->writes == w->power)
		return false;
	w->writes++;
	return true;
}

static enum kk_err set(void *arg, const char *name, bool is_ours,
    const uint8_t *data, size_t bytes)
{
	struct world *w = arg;
	struct world_var *v = find(w, name);
	const size_t entry = entry_find(name);
	uint8_t made[BOOT_ENTRY_BYTES];

	if (entry < WORLD_ENTRIES &&
	    (entry_bytes(entry, made) != bytes || memcmp(made, data, bytes)))
		return KK_EINVAL;
	if (entry == WORLD_ENTRIES &&
	    (!v || bytes > WORLD_VAR_BYTES ||
		is_ours != (v == &w->var[WORLD_RECORD])))
		return KK_EINVAL;
	if (!has_power(w))
		return KK_EIO;
	if (entry < WORLD_ENTRIES) {
		w->has_entry[entry] = 1;
		return KK_OK;
	}
	*v = (struct world_var){ .is_there = 1, .bytes = (uint8_t)bytes };
	memcpy(v->data, data, bytes);
	return KK_OK;
}

static enum kk_err erase(void *arg, const char *name)
{
	struct world *w = arg;
	struct world_var *v = find(w, name);

	if (!v)
		return KK_EINVAL;
	if (!has_power(w))
		return KK_EIO;
	memset(v, 0, sizeof(*v));
	return KK_OK;
}

static enum kk_err entries(void *arg, uint16_t *numbers, size_t *count)
{
	const struct world *w = arg;
	size_t n = 0;

	for (size_t i = 0; i < WORLD_ENTRIES; i++) {
		if (!w->has_entry[i])
			continue;
		if (n == *count)
			return KK_ELIMIT;
		numbers[n++] = (uint16_t)i;
	}
	*count = n;
	return KK_OK;
}

struct boot_vars world_vars(struct world *w)
{
	return (struct boot_vars){ .get = get,
		.set = set,
		.erase = erase,
		.entries = entries,
		.arg = w };
}

void world_number_set(struct world *w, enum world_name name, unsigned number)
{
	w->var[name] = (struct world_var){ .is_there = 1,
		.bytes = 2,
		.data = { (uint8_t)number, (uint8_t)(number >> 8) } };
}

bool world_number(const struct world *w, enum world_name name, unsigned *number)
{
	const struct world_var *v = &w->var[name];

	if (v->is_there)
		*number = v->data[0] | (unsigned)v->data[1] << 8;
	return v->is_there;
}

unsigned world_order(const struct world *w, size_t nth)
{
	const struct world_var *v = &w->var[WORLD_ORDER];

	if (2 * nth + 1 >= v->bytes)
		return UINT_MAX;
	return v->data[2 * nth] | (unsigned)v->data[2 * nth + 1] << 8;
}

static unsigned entry_of(enum boot_slot slot)
{
	return slot == BOOT_A ? WORLD_ENTRY_A : WORLD_ENTRY_B;
}

bool world_starts(const struct world *w, enum boot_slot slot)
{
	unsigned number = 0;

	if (world_number(w, WORLD_NEXT, &number) && number == entry_of(slot))
		return true;
	for (size_t i = 0; world_order(w, i) != UINT_MAX; i++) {
		if (world_order(w, i) == entry_of(slot))
			return true;
	}
	return false;
}

void world_init(struct world *w)
{
	static const uint8_t order[] = { WORLD_ENTRY_FOREIGN, 0, WORLD_ENTRY_A,
		0 };

	memset(w, 0, sizeof(*w));
	w->power = UINT32_MAX;
	memset(w->has_entry, 1, WORLD_ENTRIES);
	w->var[WORLD_ORDER] = (struct world_var){ .is_there = 1,
		.bytes = sizeof(order) };
	memcpy(w->var[WORLD_ORDER].data, order, sizeof(order));
}

static bool entry_starts(struct world *w, unsigned number,
    const bool is_loadable[BOOT_SLOTS], enum boot_slot *slot)
{
	*slot = number == WORLD_ENTRY_A ? BOOT_A :
	    number == WORLD_ENTRY_B     ? BOOT_B :
					  BOOT_NO_SLOT;
	if (*slot == BOOT_NO_SLOT || !is_loadable[*slot])
		return false;
	world_number_set(w, WORLD_CURRENT, number);
	return true;
}

enum boot_slot world_boot(struct world *w, const bool is_loadable[BOOT_SLOTS])
{
	enum boot_slot slot;
	unsigned number = 0;

	if (world_number(w, WORLD_NEXT, &number)) {
		memset(&w->var[WORLD_NEXT], 0, sizeof(w->var[WORLD_NEXT]));
		if (entry_starts(w, number, is_loadable, &slot))
			return slot;
	}
	for (size_t i = 0; world_order(w, i) != UINT_MAX; i++) {
		if (entry_starts(w, world_order(w, i), is_loadable, &slot))
			return slot;
	}
	return BOOT_NO_SLOT;
}

struct boot world_boot_of(const struct boot_vars *vars, enum boot_slot running,
    uint8_t boot_id)
{
	return (struct boot){ .vars = vars,
		.running = running,
		.version = 1,
		.boot_id = { boot_id } };
}
