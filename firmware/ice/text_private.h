/* text_private.h - files of one line.  Internal. */
#pragma once
#include "base/base.h"

struct kk_view ice_line(struct kk_view file); /* without the line's end */
bool ice_is_plain(struct kk_view text); /* not empty, no control characters */
