/*
 * api.c - the functions that the module exports.
 *
 * JavaScript writes the input of a call into core_in()'s buffer, runs it,
 * copies core_out() and ends with core_done(), which wipes both.
 */
#include "web/core/core.h"

#define EXPORT __attribute__((used)) /* Emscripten exports what is "used" */

struct core_module {
	struct core *core;
	struct kk_bytes in, out;
};

EXPORT struct core_module *core_open(void);
EXPORT void core_close(struct core_module *m);
EXPORT uint8_t *core_in(struct core_module *m, size_t bytes);
EXPORT int core_run(struct core_module *m, uint32_t op);
EXPORT const uint8_t *core_out(const struct core_module *m);
EXPORT size_t core_out_bytes(const struct core_module *m);
EXPORT void core_done(struct core_module *m);
EXPORT const char *core_err_name(int err);
EXPORT const char *core_err_text(int err);

void core_done(struct core_module *m)
{
	kk_bytes_clear(&m->in);
	kk_bytes_clear(&m->out);
}

void core_close(struct core_module *m)
{
	if (!m)
		return;
	core_done(m);
	core_free(m->core);
	kk_free(m);
}

/* NULL when there is no memory. */
struct core_module *core_open(void)
{
	struct core_module *m = kk_calloc(1, sizeof(*m));
	uint8_t probe;

	if (!m)
		return NULL;
	/* Throws here, and not in the middle of a call, without a generator. */
	if (core_new(&m->core) || crypto_random(&probe, sizeof(probe))) {
		core_close(m);
		return NULL;
	}
	return m;
}

/* Room for a call's input; NULL when there is none. */
uint8_t *core_in(struct core_module *m, size_t bytes)
{
	core_done(m);
	if (bytes > CORE_INPUT_MAX_BYTES)
		return NULL;
	m->in.data = kk_calloc(bytes > 0 ? bytes : 1, 1);
	m->in.bytes = m->in.data ? bytes : 0;
	return m->in.data;
}

int core_run(struct core_module *m, uint32_t op)
{
	return (int)core_call(m->core, op, kk_bytes_view(&m->in), &m->out);
}

const uint8_t *core_out(const struct core_module *m)
{
	return m->out.data;
}

size_t core_out_bytes(const struct core_module *m)
{
	return m->out.bytes;
}

const char *core_err_name(int err)
{
	return kk_err_name((enum kk_err)err);
}

const char *core_err_text(int err)
{
	return kk_err_text((enum kk_err)err);
}
