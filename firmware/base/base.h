/* base.h - what every file may use.  No state, no clock, no socket. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"

#define KK_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
