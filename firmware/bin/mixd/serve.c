/* serve.c - io.konklave.Mix, for lined.  The contract is
 * io.konklave.Mix.varlink; a test compares the two. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "mixd.h"

enum { PER_SECOND = 4, BYTES_MAX = 64 };

static SD_VARLINK_DEFINE_METHOD(Attach,
    SD_VARLINK_DEFINE_OUTPUT(lines, SD_VARLINK_INT, 0),
    SD_VARLINK_DEFINE_OUTPUT(memory, SD_VARLINK_INT, 0));
static SD_VARLINK_DEFINE_INTERFACE(Mix, "io.konklave.Mix", &vl_method_Attach);

static enum kk_err attach(void *arg, struct call_request *rq)
{
	struct mixd *m = arg;
	enum kk_err err;
	int fd, memory;

	if (sd_varlink_set_allow_fd_passing_output(rq->link, true) < 0)
		return KK_EIO;
	err = lanes_attach(m->lanes, &fd);
	if (err)
		return err;
	memory = sd_varlink_push_dup_fd(rq->link, fd);
	if (memory < 0)
		return KK_EIO;
	kk_log(&m->log, KK_LOG_INFO, "lines are attached");
	err = call_put_u64(&rq->out, "lines", lanes_count(m->lanes));
	return err ? err : call_put_u64(&rq->out, "memory", (uint64_t)memory);
}

static const struct call_rule rules[] = {
	{ "io.konklave.Mix.Attach", CALL_ROLE(MIXD_LINES), CALL_ANY_STATE,
	    PER_SECOND, 0, BYTES_MAX },
};
static call_handler *const handlers[] = { attach };

enum kk_err mixd_serve_start(struct mixd *m)
{
	const struct call_service service = { .interface = &vl_interface_Mix,
		.rules = rules,
		.handlers = handlers,
		.rule_count = KK_ARRAY_LEN(rules),
		.arg = m,
		.log = &m->log };
	enum kk_err err = call_server_new(&m->server, member_event(m->member),
	    &service);

	return err ?
	    err :
	    program_role_listen(m->options.roles, MIXD_LINES, m->server);
}

void mixd_serve_stop(struct mixd *m)
{
	call_server_free(m->server);
	m->server = NULL;
}
