/* signed.h - a signature that RAUC has made, of tests/fuzz/corpus. */
#pragma once
#include "base/base.h"

/* To be cleared. */
struct kk_bytes signed_seal(void);
