/* ua.c - fuzzes SIP over the real stack: a datagram, to a ua in this process
 * that lets everybody in and is busy.  What it answers stays on loopback. */
#include <arpa/inet.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ua/ua.h"

enum { TURNS_MAX = 8, PLENTY = 1000000, CALLS = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void incoming(void *arg, struct ua_call *call,
    const struct ua_incoming *in)
{
	(void)arg;
	must(in->from_user && in->from_name && in->to_user && in->address);
	must(in->offer.bytes <= UA_SDP_MAX_BYTES);
	must(in->origin != UA_FROM_TRUNK);
	must(ua_call_reject(call, 486) == KK_OK);
}

static void progress(void *arg, struct ua_call *call, unsigned status,
    struct kk_view sdp)
{
	(void)arg;
	(void)call;
	(void)status;
	(void)sdp;
	abort(); /* it places no calls */
}

static void sdp_is_told(void *arg, struct ua_call *call, struct kk_view sdp)
{
	(void)arg;
	(void)call;
	(void)sdp;
	abort(); /* it answers none */
}

static void ended(void *arg, struct ua_call *call, enum ua_reason reason,
    unsigned status)
{
	(void)arg;
	(void)call;
	(void)status;
	must(reason == UA_END_OURS || reason == UA_END_THEIRS);
}

static void trunk(void *arg, size_t index, enum ua_trunk_state state)
{
	(void)arg;
	(void)index;
	(void)state;
	abort(); /* it has none */
}

static void kept(void *arg, struct ua_call *call, struct kk_view bye)
{
	(void)arg;
	(void)call;
	(void)bye;
	abort(); /* none is answered */
}

static struct ua *ua_open(int *fd)
{
	static const struct ua_handler handler = { incoming, progress,
		sdp_is_told, sdp_is_told, ended, trunk, kept };
	static const struct ua_listen listen = { .transport = UA_UDP,
		.address = "127.0.0.1" };
	static const struct ua_account account = { .user = "anna",
		.has_md5 = true,
		.has_sha256 = true };
	const struct ua_config config = { .domain = "site.example",
		.listens = &listen,
		.listen_count = 1,
		.accounts = &account,
		.account_count = 1,
		.rule = UA_RULE_ANYBODY,
		.limits = { .requests_per_s = PLENTY,
		    .source_requests_per_s = PLENTY,
		    .calls_per_s = CALLS } };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ua *ua;

	must(ua_new(&ua, &config, &handler, NULL) == KK_OK);
	to.sin_port = htons(ua_port(ua, UA_UDP));
	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(*fd >= 0);
	must(connect(*fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return ua;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct ua *ua;
	static int fd;
	uint8_t answer[64];

	if (!ua)
		ua = ua_open(&fd);
	if (send(fd, data, bytes, 0) < 0)
		return 0; /* longer than a datagram can be */
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (!g_main_context_iteration(NULL, FALSE))
			break;
	}
	while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		continue;
	return 0;
}
