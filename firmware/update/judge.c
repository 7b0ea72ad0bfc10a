/* judge.c - may this bundle be written? */
#include <string.h>

#include "update/update.h"

enum update_reason update_judge(const struct update_bundle *bundle,
    const struct update_box *box)
{
	if (!bundle->is_signed)
		return UPDATE_SAYS_SIGNATURE;
	if (!bundle->is_whole || !bundle->board || bundle->version == 0)
		return UPDATE_SAYS_FORMAT;
	if (strcmp(bundle->board, box->board) != 0)
		return UPDATE_SAYS_BOARD;
	if (bundle->version < box->floor || bundle->version < box->version)
		return UPDATE_SAYS_OLDER;
	if (bundle->version == box->version)
		return UPDATE_SAYS_SAME;
	return UPDATE_SAYS_NOTHING;
}
