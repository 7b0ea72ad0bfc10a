/*
 * wire_stun.c - fuzzes STUN requests and answers.  A change of a good request
 * is never believed: the tag would have to be hit by chance.
 */
#include "wire/stun.h"

#include <stdlib.h>
#include <string.h>

enum { OUT_BYTES = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static struct kk_view password(void)
{
	return kk_view_text("VOkJxbRl1RmTxUk/WvJxBt");
}

/* Three bytes of detail: where, and with what a request of ours is changed. */
static void change_run(const uint8_t *data, size_t bytes)
{
	struct wire_stun_request req = { .username = kk_view_text("ab:cd") };
	uint8_t out[OUT_BYTES];
	bool is_changed = false;
	struct wire_out w;
	enum kk_err err;

	if (bytes < 3)
		return;
	req.role = data[0] % 3;
	req.has_priority = data[0] & 4;
	req.is_nominating = data[0] & 8;
	wire_out_init(&w, out, sizeof(out));
	wire_stun_request_write(&w, &req, password());
	must(!w.err);
	for (size_t i = 2; i < bytes; i++) {
		out[(data[1] + i) % w.bytes] ^= data[i];
		is_changed = is_changed || data[i];
	}
	if (bytes > w.bytes)
		return; /* changes may undo each other */
	err = wire_stun_request_check(&req, wire_out_view(&w),
	    kk_view_text("ab:cd"), password());
	must(is_changed == (err != KK_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const uint8_t transaction[] = { 0xb7, 0xe7, 0xa7, 0x01, 0xbc,
		0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae };
	struct kk_view in = kk_view_of(data, bytes), name, local, remote;
	struct wire_stun_response res = { .error = 1 };
	struct wire_stun_request req;

	change_run(data, bytes);
	if (wire_stun_response_check(&res, in, transaction, password()))
		must(res.error == 1); /* an error changes nothing */
	if (wire_stun_username(in, &name)) {
		must(wire_stun_request_check(&req, in, kk_view_text("ab:cd"),
		    password()));
		return 0;
	}
	must(name.data >= data && name.data + name.bytes <= data + bytes);
	if (!wire_stun_username_split(name, &local, &remote))
		must(local.bytes + remote.bytes + 1 == name.bytes);
	if (!wire_stun_request_check(&req, in, name, password()))
		must(kk_view_equal(req.username, name));
	return 0;
}
