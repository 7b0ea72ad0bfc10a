/* lost.h - the missing packets of a stream.  Internal. */
#pragma once
#include "hop/rx.h"

/* All from first to last are missing; the oldest make room. */
void hop_losses_add(struct hop_losses *l, uint64_t first, uint64_t last,
    uint64_t now_us);
/* False when it was not among them. */
bool hop_losses_take(struct hop_losses *l, uint64_t seq, uint64_t now_us);
void hop_losses_forget(struct hop_losses *l); /* gives all up */
size_t hop_losses_ask(struct hop_losses *l, uint64_t now_us, uint16_t *seqs,
    size_t max);
int64_t hop_losses_wait_us(const struct hop_losses *l, uint64_t now_us);
