/*
 * expand_watch.h - counts the calls of crypto_expand_with_label(), and fails
 * one when a test asks.  It is wrapped for this program (objs.mk).
 */
#pragma once
#include <stdbool.h>

void expand_watch_start(void); /* counts from zero, fails none */
unsigned int expand_watch_count(void);

/* From now on the nth call (1 is the next one) fails with KK_ECRYPTO, once. */
void expand_watch_arm(unsigned int nth);
/* Ends that.  True when a call was failed since. */
bool expand_watch_disarm(void);
