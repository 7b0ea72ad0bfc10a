/* world.h - an order whose events and records the test holds. */
#pragma once
#include "crypto/crypto.h"
#include "harness/tap.h"
#include "order/order.h"

enum { SEEN_MAX = 4096, FILE_ROOM = 24 * 1024 * 1024 };

struct seen {
	struct order_member *to;
	enum order_event_type type;
	struct order_participant who;
	bool is_lost;
	unsigned source;
	uint64_t epoch;
	char text[32];
};

struct world {
	struct order *order;
	struct seen seen[SEEN_MAX];
	size_t seen_count;
	struct kk_writer file; /* what is kept of the last meeting */
	size_t appended, replaced, forgotten;
	bool keep_fails;
};

extern const uint8_t TOKEN[ORDER_TOKEN_BYTES];

void world_start(struct world *w);
void world_end(struct world *w);
/* A new order from what the other one kept. */
enum kk_err world_reload(struct world *w);
enum kk_err world_load(struct world *w, struct kk_view file);

enum order_result do_register(struct world *w, const char *id, uint16_t most,
    bool is_reset, struct order_epoch *epoch);
struct order_member *enter(struct world *w, const char *id);
struct order_entered enter_at(struct world *w, const char *id, uint64_t epoch);
enum order_result commit(struct order_member *member, uint64_t epoch,
    const char *text);
size_t count_of(const struct world *w, const struct order_member *to,
    enum order_event_type type);
