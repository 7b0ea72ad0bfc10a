/*
 * refusal.h - why a call is not placed or ended, or takes no tones, for people,
 * in English and German.  Zone: policy.  Pure.
 */
#pragma once
#include "base/base.h"

/* Of an error of Dial() and HangUp() (io.konklave.Room); of any other that the
 * lines do not answer.  Never NULL. */
const char *room_refusal_text(enum kk_err err, bool is_german);
/* Of one of Tones(), likewise. */
const char *room_refusal_tones_text(enum kk_err err, bool is_german);
