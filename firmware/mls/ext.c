/* ext.c - lists of extensions. */
#include "mls/ext.h"

bool mls_ext_next(struct kk_view list, size_t *pos, struct mls_ext *ext)
{
	struct kk_reader r;

	if (*pos >= list.bytes)
		return false;
	kk_reader_init(&r, kk_view_of(list.data + *pos, list.bytes - *pos));
	ext->type = kk_read_u16(&r);
	ext->data = kk_read_vec(&r);
	if (r.err)
		return false;
	*pos = list.bytes - r.left_bytes;
	return true;
}

bool mls_ext_find(struct kk_view list, uint16_t type, struct kk_view *data)
{
	struct mls_ext ext;
	size_t pos = 0;

	while (mls_ext_next(list, &pos, &ext)) {
		if (ext.type != type)
			continue;
		*data = ext.data;
		return true;
	}
	return false;
}

static bool ext_stands_before(struct kk_view list, size_t end, uint16_t type)
{
	struct kk_view unused;

	list.bytes = end;
	return mls_ext_find(list, type, &unused);
}

struct kk_view mls_ext_list_read(struct kk_reader *r)
{
	struct kk_reader sub = kk_read_sub(r);
	struct kk_view list = { sub.p, sub.left_bytes };
	size_t count = 0;

	while (kk_reader_more(&sub)) {
		size_t begin = list.bytes - sub.left_bytes;
		uint16_t type = kk_read_u16(&sub);

		(void)kk_read_vec(&sub);
		if (++count > MLS_EXTENSIONS_MAX)
			kk_reader_fail(&sub, KK_ELIMIT);
		else if (!sub.err && ext_stands_before(list, begin, type))
			kk_reader_fail(&sub, KK_EFORMAT);
	}
	kk_read_sub_end(r, &sub);
	return r->err ? (struct kk_view){ 0 } : list;
}

void mls_ext_write(struct kk_writer *w, uint16_t type, struct kk_view data)
{
	kk_write_u16(w, type);
	kk_write_vec(w, data);
}

struct mls_u16_list mls_u16_list_read(struct kk_reader *r)
{
	struct kk_view raw = kk_read_vec(r);

	if (raw.bytes % 2 != 0)
		kk_reader_fail(r, KK_EFORMAT);
	if (raw.bytes / 2 > MLS_LIST_MAX)
		kk_reader_fail(r, KK_ELIMIT);
	return (struct mls_u16_list){ r->err ? (struct kk_view){ 0 } : raw };
}

size_t mls_u16_list_count(struct mls_u16_list list)
{
	return list.raw.bytes / 2;
}

uint16_t mls_u16_list_at(struct mls_u16_list list, size_t index)
{
	const uint8_t *p = list.raw.data + 2 * index;

	return (uint16_t)(p[0] << 8 | p[1]);
}

enum kk_err mls_required_capabilities_get(struct kk_view list,
    struct mls_required_capabilities *required)
{
	struct kk_view data;
	struct kk_reader r;

	*required = (struct mls_required_capabilities){ 0 };
	if (!mls_ext_find(list, MLS_EXT_REQUIRED_CAPABILITIES, &data))
		return KK_OK;
	kk_reader_init(&r, data);
	required->extensions = mls_u16_list_read(&r);
	required->proposals = mls_u16_list_read(&r);
	required->credentials = mls_u16_list_read(&r);
	return kk_reader_end(&r);
}
