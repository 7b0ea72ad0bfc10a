/* index.c - what a site's server says it has. */
#include <string.h>

#include "bundle/bundle_private.h"

static const char first_line[] = "konklave-updates 1";

static bool is_file(struct kk_view name)
{
	if (name.bytes == 0 || name.data[0] == '.')
		return false;
	for (size_t i = 0; i < name.bytes; i++) {
		const struct kk_view one = kk_view_of(name.data + i, 1);

		if (name.data[i] != '.' && !bundle_is_board(one))
			return false;
	}
	return true;
}

/* BOARD VERSION FILE BYTES */
static enum kk_err row_read(struct bundle_offer *o, struct kk_view *board,
    struct kk_view line)
{
	struct kk_view version, file;

	*board = bundle_cut(&line, ' ');
	version = bundle_cut(&line, ' ');
	file = bundle_cut(&line, ' ');
	if (!bundle_is_board(*board) ||
	    !bundle_number_read(version, &o->version) || o->version == 0 ||
	    !is_file(file) || !bundle_text_copy(file, o->file, sizeof(o->file)))
		return KK_EFORMAT;
	return bundle_number_read(line, &o->bytes) && o->bytes > 0 &&
		o->bytes <= BUNDLE_BYTES_MAX ?
	    KK_OK :
	    KK_EFORMAT;
}

static enum kk_err line_take(struct bundle_offer *o, struct kk_view line,
    const char *wanted, bool *is_found)
{
	struct bundle_offer row = { 0 };
	struct kk_view board;
	enum kk_err err = KK_OK;

	if (line.bytes == 0 || line.data[0] == '#')
		return KK_OK;
	err = row_read(&row, &board, line);
	if (err || !kk_view_equal(board, kk_view_text(wanted)))
		return err;
	if (*is_found)
		return KK_EFORMAT;
	*is_found = true;
	*o = row;
	return KK_OK;
}

enum kk_err bundle_index_read(struct bundle_offer *o, struct kk_view text,
    const char *board)
{
	struct kk_view line;
	enum kk_err err = KK_OK;
	bool is_found = false;

	*o = (struct bundle_offer){ 0 };
	if (text.bytes > BUNDLE_INDEX_BYTES_MAX)
		return KK_ELIMIT;
	line = bundle_cut(&text, '\n');
	if (!kk_view_equal(line, kk_view_text(first_line)))
		return KK_EFORMAT;
	while (!err && text.bytes > 0) {
		line = bundle_cut(&text, '\n');
		err = line_take(o, line, board, &is_found);
	}
	if (!err && !is_found)
		err = KK_ENOENT;
	if (err)
		*o = (struct bundle_offer){ 0 };
	return err;
}
