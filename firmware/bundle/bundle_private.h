/* bundle_private.h - what the library's files share. */
#pragma once
#include "bundle/bundle.h"

/* What stands before sign in *rest, which goes on behind it; all of *rest where
 * there is none. */
struct kk_view bundle_cut(struct kk_view *rest, char sign);

/* A decimal number of 1 to 19 digits without zeros in front. */
bool bundle_number_read(struct kk_view digits, uint64_t *n);

/* Letters, digits, - and _; not empty. */
bool bundle_is_board(struct kk_view text);

/* As a text with its end; false: it does not fit. */
bool bundle_text_copy(struct kk_view from, char *out, size_t room_bytes);
