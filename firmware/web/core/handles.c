/* handles.c - numbers in place of pointers. */
#include "web/core/core_internal.h"

/* A handle is a slot's number below and its count of uses above. */
enum { SLOT_BITS = 10, SLOT_MASK = CORE_HANDLES_MAX - 1 };
enum { TURNS_MAX = (1 << (31 - SLOT_BITS)) - 1 };
_Static_assert(CORE_HANDLES_MAX == 1 << SLOT_BITS, "slots fill their bits");

struct slot {
	enum core_kind kind;
	uint32_t turn; /* counts the uses of this slot; 0 never used */
	void *thing;
	uint32_t parent; /* a handle, or 0 */
	uint32_t children; /* things that stand on this one */
	bool is_released; /* its owner is done with it */
};

struct core {
	struct slot slots[CORE_HANDLES_MAX];
};

enum kk_err core_new(struct core **corep)
{
	struct core *core;
	enum kk_err err = crypto_init();

	if (err)
		return err;
	core = kk_calloc(1, sizeof(*core));
	if (!core)
		return KK_ENOMEM;
	*corep = core;
	return KK_OK;
}

static void thing_free(enum core_kind kind, void *thing)
{
	switch (kind) {
	case CORE_SIGNER:
		crypto_key_free(thing);
		break;
	case CORE_CLIENT:
		core_client_free(thing);
		break;
	case CORE_KEY_PACKAGE:
		mls_key_package_free(thing);
		break;
	case CORE_GROUP:
		mls_group_free(thing);
		break;
	case CORE_STAGED:
		mls_staged_free(thing);
		break;
	case CORE_MEETING:
		meeting_keys_free(thing);
		break;
	default:
		break;
	}
}

static struct slot *slot_of(struct core *core, uint32_t handle)
{
	struct slot *slot = &core->slots[handle & SLOT_MASK];

	if (slot->kind == CORE_NONE || slot->turn != handle >> SLOT_BITS)
		return NULL;
	return slot;
}

static struct slot *slot_owned(struct core *core, uint32_t handle)
{
	struct slot *slot = slot_of(core, handle);

	return slot && !slot->is_released ? slot : NULL;
}

/* A slot whose turns are used up is left alone: no handle is given twice. */
static struct slot *slot_unused(struct core *core)
{
	for (size_t i = 0; i < CORE_HANDLES_MAX; i++)
		if (core->slots[i].kind == CORE_NONE &&
		    core->slots[i].turn < TURNS_MAX)
			return &core->slots[i];
	return NULL;
}

enum kk_err core_thing_add(struct core *core, enum core_kind kind, void *thing,
    uint32_t parent, uint32_t *handle)
{
	struct slot *slot = slot_unused(core), *below;

	if (!slot) {
		thing_free(kind, thing);
		return KK_ELIMIT;
	}
	*slot = (struct slot){ .kind = kind,
		.turn = slot->turn + 1,
		.thing = thing,
		.parent = parent };
	below = parent ? slot_of(core, parent) : NULL;
	if (below)
		below->children++;
	*handle = slot->turn << SLOT_BITS | (uint32_t)(slot - core->slots);
	return KK_OK;
}

void *core_thing(struct core *core, enum core_kind kind, uint32_t handle)
{
	struct slot *slot = slot_owned(core, handle);

	return slot && slot->kind == kind ? slot->thing : NULL;
}

/* Owners may have released what still lives. */
uint32_t core_client_handle(struct core *core, uint32_t handle)
{
	struct slot *slot = slot_of(core, handle);

	while (slot && slot->kind != CORE_CLIENT) {
		handle = slot->parent;
		slot = slot_of(core, handle);
	}
	return slot ? handle : 0;
}

struct core_client *core_client_of(struct core *core, uint32_t handle)
{
	struct slot *slot = slot_of(core, core_client_handle(core, handle));

	return slot ? slot->thing : NULL;
}

/* Frees what nobody owns and nothing stands on, and then what it stood on. */
static void slot_settle(struct core *core, struct slot *slot)
{
	while (slot && slot->is_released && slot->children == 0) {
		struct slot *below = slot_of(core, slot->parent);

		thing_free(slot->kind, slot->thing);
		slot->kind = CORE_NONE;
		slot->thing = NULL;
		if (below)
			below->children--;
		slot = below;
	}
}

/* Nothing stands on what can be taken: staged epochs. */
void core_thing_take(struct core *core, uint32_t handle)
{
	struct slot *slot = slot_of(core, handle);

	if (!slot)
		return;
	slot->thing = NULL;
	slot->is_released = true;
	slot_settle(core, slot);
}

/* A number of its own would cost an allocation that can fail: too late. */
void core_thing_become_group(struct core *core, uint32_t handle,
    struct mls_group *group)
{
	struct slot *slot = slot_of(core, handle);
	struct slot *below = slot_of(core, slot->parent);
	uint32_t client = core_client_handle(core, handle);

	slot->kind = CORE_GROUP;
	slot->thing = group;
	slot->parent = client;
	slot_of(core, client)->children++;
	below->children--;
	slot_settle(core, below);
}

void core_thing_release(struct core *core, uint32_t handle)
{
	struct slot *slot = slot_owned(core, handle);

	if (!slot)
		return;
	slot->is_released = true;
	slot_settle(core, slot);
}

enum kk_err core_handle_free(struct core_io *io)
{
	uint32_t handle = kk_read_u32(&io->in);
	enum kk_err err = core_read_end(io);

	if (err)
		return err;
	if (!slot_owned(io->core, handle))
		return KK_ENOENT;
	core_thing_release(io->core, handle);
	return KK_OK;
}

void core_free(struct core *core)
{
	if (!core)
		return;
	/* Each turn frees what nothing stands on any more. */
	for (bool any = true; any;) {
		any = false;
		for (size_t i = 0; i < CORE_HANDLES_MAX; i++) {
			struct slot *slot = &core->slots[i];

			if (slot->kind == CORE_NONE || slot->children > 0)
				continue;
			slot->is_released = true;
			slot_settle(core, slot);
			any = true;
		}
	}
	kk_free(core);
}
