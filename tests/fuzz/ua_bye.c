/* ua_bye.c - fuzzes what is kept to end calls by: what is read is made into a
 * request, which is read again as the same. Nothing is sent. */
#include <stdlib.h>
#include <string.h>

#include "ua/ua_private.h"

enum { NUMBER = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static struct ua *ua_open(void)
{
	static const struct ua_handler none;
	static const struct ua_listen listen = { .transport = UA_UDP,
		.address = "127.0.0.1" };
	const struct ua_config config = { .domain = "site.example",
		.listens = &listen,
		.listen_count = 1 };
	struct ua *ua;

	must(ua_new(&ua, &config, &none, NULL) == KK_OK);
	return ua;
}

/* False: it is longer than what is kept may be, as its names were short. */
static bool again(msg_t *msg, msg_t **againp)
{
	size_t bytes = 0;
	const char *text = msg_as_string(msg_home(msg), msg, NULL, 0, &bytes);

	must(text && bytes > 0);
	if (bytes > UA_BYE_BYTES)
		return false;
	must(ua_bye_read(againp, kk_view_of(text, bytes)) == KK_OK);
	return true;
}

static void must_be_same(const sip_t *kept, const sip_t *sip)
{
	must(!sip->sip_unknown && !sip->sip_payload && !sip->sip_via);
	must(sip->sip_cseq->cs_seq == NUMBER);
	must(!strcmp(kept->sip_from->a_tag, sip->sip_from->a_tag));
	must(!strcmp(kept->sip_to->a_tag, sip->sip_to->a_tag));
	must(!strcmp(kept->sip_call_id->i_id, sip->sip_call_id->i_id));
	must(!kept->sip_route == !sip->sip_route);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct ua *ua;
	msg_t *kept, *msg, *read;

	if (!ua)
		ua = ua_open();
	if (ua_bye_read(&kept, kk_view_of(data, bytes)))
		return 0;
	msg = ua_bye_make(ua, sip_object(kept), NUMBER);
	must(msg != NULL);
	if (again(msg, &read)) {
		must_be_same(sip_object(kept), sip_object(read));
		msg_destroy(read);
	}
	msg_destroy(msg);
	msg_destroy(kept);
	return 0;
}
