/*
 * driver.c - the key core as a native program, for interop tests.
 *
 * usage: interop-driver <REQUESTS >ANSWERS
 * A request is operation (4 bytes), length (4), input; an answer is error (4),
 * length (4), output, or the error's name.  All numbers are big-endian.  Ends
 * with status 0 at the end of the input.
 */
#include <stdio.h>
#include <string.h>

#include "web/core/core.h"

enum { HEAD_BYTES = 8, EXIT_BROKEN = 2 };

static bool read_all(uint8_t *out, size_t bytes)
{
	return bytes == 0 || fread(out, bytes, 1, stdin) == 1;
}

static bool write_answer(enum kk_err err, struct kk_view out)
{
	struct kk_writer w;
	bool is_ok;

	kk_writer_init(&w);
	kk_write_u32(&w, err);
	kk_write_u32(&w, (uint32_t)out.bytes);
	kk_write_raw(&w, out);
	is_ok = !w.err && fwrite(w.data, w.bytes, 1, stdout) == 1 &&
	    fflush(stdout) == 0;
	kk_writer_clear(&w);
	return is_ok;
}

/* Runs one request; false when the pipes are broken. */
static bool serve(struct core *core, uint32_t op, struct kk_bytes *in)
{
	struct kk_bytes out;
	enum kk_err err;
	bool is_ok;

	if (!read_all(in->data, in->bytes))
		return false;
	err = core_call(core, op, kk_bytes_view(in), &out);
	is_ok = write_answer(err,
	    err ? kk_view_text(kk_err_name(err)) : kk_bytes_view(&out));
	kk_bytes_clear(&out);
	return is_ok;
}

static bool serve_all(struct core *core)
{
	uint8_t head[HEAD_BYTES];

	while (fread(head, sizeof(head), 1, stdin) == 1) {
		struct kk_bytes in = { 0 };
		struct kk_reader r;
		uint32_t op;
		bool is_ok;

		kk_reader_init(&r, kk_view_of(head, sizeof(head)));
		op = kk_read_u32(&r);
		in.bytes = kk_read_u32(&r);
		if (in.bytes > CORE_INPUT_MAX_BYTES)
			return false;
		in.data = kk_calloc(in.bytes, 1);
		is_ok = in.data && serve(core, op, &in);
		kk_bytes_clear(&in);
		if (!is_ok)
			return false;
	}
	return feof(stdin) != 0;
}

int main(void)
{
	struct core *core;
	bool is_ok;

	if (core_new(&core))
		return EXIT_BROKEN;
	is_ok = serve_all(core);
	core_free(core);
	return is_ok ? 0 : EXIT_BROKEN;
}
