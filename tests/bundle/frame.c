/* frame.c - the end of a bundle: where everything is, and for whom. */
#include <string.h>

#include "bundle/bundle.h"
#include "harness/tap.h"
#include "signed.h"

enum {
	BLOCKS = 800, /* whose tree has the 8 blocks that the manifest tells */
	TREE = 8 * BUNDLE_BLOCK_BYTES,
	BEFORE = 40 /* bytes of the tree that come with the tail */
};

struct end {
	struct kk_bytes seal;
	uint8_t tail[BUNDLE_TAIL_BYTES];
	struct kk_view view; /* of it */
	uint64_t bytes; /* of all */
};

static void end_open(struct end *e)
{
	size_t size;

	*e = (struct end){ .seal = signed_seal() };
	memcpy(e->tail + BEFORE, e->seal.data, e->seal.bytes);
	e->view = kk_view_of(e->tail,
	    BEFORE + e->seal.bytes + BUNDLE_SIZE_BYTES);
	size = e->seal.bytes;
	for (size_t i = 1; i <= BUNDLE_SIZE_BYTES; i++, size >>= 8)
		e->tail[e->view.bytes - i] = (uint8_t)size;
	e->bytes = BLOCKS * (uint64_t)BUNDLE_BLOCK_BYTES + TREE +
	    e->seal.bytes + BUNDLE_SIZE_BYTES;
}

static void end_close(struct end *e)
{
	kk_bytes_clear(&e->seal);
}

/* In the manifest, another text of the same length. */
static void end_say(struct end *e, const char *old, const char *new)
{
	const size_t n = strlen(old);

	CHECK_EQ(strlen(new), n);
	for (size_t i = 0; i + n <= e->view.bytes; i++) {
		if (memcmp(e->tail + i, old, n) != 0)
			continue;
		memcpy(e->tail + i, new, n);
		return;
	}
	CHECK(false);
}

TEST(frame_tells_board_version_and_where_everything_is)
{
	struct bundle_frame f;
	struct end e;

	end_open(&e);
	CHECK_OK(bundle_frame_read(&f, e.view, e.bytes));
	CHECK_STR(f.board, "konklave-qemu-x86_64");
	CHECK_EQ(f.version, 17);
	CHECK_EQ(f.payload_bytes, BLOCKS * (uint64_t)BUNDLE_BLOCK_BYTES);
	CHECK_EQ(f.tree_bytes, TREE);
	CHECK_EQ(f.seal_bytes, e.seal.bytes);
	CHECK_EQ(f.root[0], 0x64);
	CHECK_EQ(f.root[31], 0x45);
	CHECK_EQ(f.salt[0], 0xb4);
	CHECK_EQ(f.salt[31], 0x6c);
	end_close(&e);
}

TEST(frame_whose_sizes_do_not_fit_is_refused)
{
	struct bundle_frame f;
	struct end e;

	end_open(&e);
	for (size_t n = 0; n < e.seal.bytes + BUNDLE_SIZE_BYTES; n++)
		CHECK_ERR(bundle_frame_read(&f,
			      kk_view_of(e.tail + e.view.bytes - n, n),
			      e.bytes),
		    KK_ETRUNC);
	CHECK_ERR(bundle_frame_read(&f, e.view, e.bytes - 1), KK_EFORMAT);
	CHECK_ERR(bundle_frame_read(&f, e.view, e.bytes + 1), KK_EFORMAT);
	/* One block more in the tree would be needed, or one less. */
	CHECK_ERR(bundle_frame_read(&f, e.view,
		      e.bytes + 100 * (uint64_t)BUNDLE_BLOCK_BYTES),
	    KK_EFORMAT);
	CHECK_ERR(bundle_frame_read(&f, e.view,
		      e.bytes - 100 * (uint64_t)BUNDLE_BLOCK_BYTES),
	    KK_EFORMAT);
	CHECK_ERR(bundle_frame_read(&f, e.view, e.view.bytes), KK_EFORMAT);
	CHECK_ERR(bundle_frame_read(&f, e.view, e.view.bytes - 1), KK_EFORMAT);
	CHECK_ERR(bundle_frame_read(&f, e.view, BUNDLE_BYTES_MAX + 1),
	    KK_ELIMIT);
	CHECK_EQ(f.version, 0);
	e.tail[e.view.bytes - 4] = 1; /* 16 MiB of signature */
	CHECK_ERR(bundle_frame_read(&f, e.view, e.bytes), KK_EFORMAT);
	end_close(&e);
}

TEST(manifest_that_is_not_ours_is_refused)
{
	static const char *const rows[][2] = {
		{ "format=verity", "format=crypt!" },
		{ "version=17", "version=1x" }, { "version=17", "version=07" },
		{ "version=17", "verzion=17" },
		{ "compatible=k", "compatible=/" }, { "[bundle]", "[bindle]" },
		{ "[update]", "[updata]" },
		{ "verity-hash=6", "verity-hash=X" },
		{ "verity-hash=6", "verity-hash=E" },
		{ "verity-salt=b", "verity-sult=b" },
		{ "verity-size=32768", "verity-size=32769" },
		{ "verity-size=32768", "verity-size=36864" },
		{ "build=0.1-12", "version=0042" }, /* twice */
	};
	struct bundle_frame f;
	struct end e;

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		end_open(&e);
		end_say(&e, rows[i][0], rows[i][1]);
		CHECK_ERR(bundle_frame_read(&f, e.view, e.bytes), KK_EFORMAT);
		end_close(&e);
	}
}
