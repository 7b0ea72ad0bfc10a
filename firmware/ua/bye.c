/*
 * bye.c - calls that outlive us: of each that was answered a BYE is kept, which
 * who comes after us sends.  RFC 3261, 12.2.1.1 and 15.1.1.
 *
 * It is kept as the message that it is.  What is known here alone, how it goes
 * and whose password it may be asked for, stands in two more headers, which are
 * not sent.  Names are left out: a dialog is known by its tags.
 */
#include <string.h>

#include "ua/ua_private.h"

#define WAY "Konklave-Way"
#define TRUNK "Konklave-Trunk"

enum {
	/* Each request of ours takes a number of the call's.  The one that is
	 * kept is further on than a call comes, so that it need not be written
	 * anew each time; who gets it takes any that is higher (12.2.2). */
	AHEAD = 1 << 20
};

/* --- what is kept -------------------------------------------------------- */

static uint32_t number_of(struct ua_call *call)
{
	const uint32_t last = nta_leg_get_seq(call->leg);

	if (call->bye_number <= last)
		call->bye_number = last + AHEAD;
	return call->bye_number;
}

/* Where a telephone's connection came from nobody listens; a trunk's server,
 * and what speaks UDP, are where they were. */
static const char *way_of(const struct ua_call *call)
{
	return call->trunk != UA_NO_TRUNK || call->transport == UA_UDP ?
	    call->route :
	    NULL;
}

static bool header_add(msg_t *msg, const char *name, const char *value)
{
	const char *line = value ?
	    su_sprintf(msg_home(msg), "%s: %s", name, value) :
	    NULL;

	return !value ||
	    (line &&
		sip_add_tl(msg, sip_object(msg), SIPTAG_HEADER_STR(line),
		    TAG_END()) >= 0);
}

static const char *trunk_of(const struct ua_call *call)
{
	return call->trunk != UA_NO_TRUNK ? call->ua->trunks[call->trunk].name :
					    NULL;
}

/* An ACK takes no number of its own, so it is made as one. */
static bool bye_make(struct ua_call *call, msg_t *msg)
{
	sip_t *sip = sip_object(msg);
	sip_cseq_t *cseq = sip_cseq_create(msg_home(msg), number_of(call),
	    SIP_METHOD_ACK);

	if (!cseq || sip_add_tl(msg, sip, SIPTAG_CSEQ(cseq), TAG_END()) < 0 ||
	    !header_add(msg, WAY, way_of(call)) ||
	    !header_add(msg, TRUNK, trunk_of(call)) ||
	    nta_msg_request_complete(msg, call->leg, SIP_METHOD_ACK, NULL) < 0)
		return false;
	sip->sip_request->rq_method = sip_method_bye;
	sip->sip_request->rq_method_name = "BYE";
	sip->sip_cseq->cs_method = sip_method_bye;
	sip->sip_cseq->cs_method_name = "BYE";
	sip->sip_from->a_display = sip->sip_to->a_display = NULL;
	return true;
}

static void tell(struct ua_call *call, struct kk_view text)
{
	if (kk_view_equal(text, kk_bytes_view(&call->kept)))
		return;
	kk_bytes_clear(&call->kept);
	(void)!kk_bytes_copy(&call->kept, text);
	call->ua->handler.kept(call->ua->arg, call, text);
}

void ua_bye_keep(struct ua_call *call)
{
	msg_t *msg = nta_msg_create(call->ua->agent, 0);
	size_t bytes = 0;
	const char *text = NULL;

	call->is_unkept = false;
	if (msg && bye_make(call, msg))
		text = msg_as_string(msg_home(msg), msg, NULL, 0, &bytes);
	/* One of before would go to where the other is no more. */
	tell(call,
	    text && bytes <= UA_BYE_BYTES ? kk_view_of(text, bytes) :
					    (struct kk_view){ 0 });
	if (msg)
		msg_destroy(msg);
}

void ua_bye_keep_soon(struct ua_call *call)
{
	if (!call->ua->handler.kept)
		return;
	call->is_unkept = true;
	ua_calls_sweep_soon(call->ua);
}

/* --- what was kept ------------------------------------------------------- */

static bool is_whole(const sip_t *sip)
{
	return sip->sip_request && !sip->sip_error &&
	    sip->sip_request->rq_method == sip_method_bye && sip->sip_from &&
	    sip->sip_from->a_tag && sip->sip_to && sip->sip_to->a_tag &&
	    sip->sip_call_id && sip->sip_cseq &&
	    sip->sip_cseq->cs_method == sip_method_bye;
}

enum kk_err ua_bye_read(msg_t **msgp, struct kk_view text)
{
	msg_t *msg;

	if (text.bytes > UA_BYE_BYTES)
		return KK_ELIMIT;
	if (text.bytes == 0 || memchr(text.data, '\0', text.bytes))
		return KK_EFORMAT;
	msg = msg_make(sip_default_mclass(), 0, text.data, (ssize_t)text.bytes);
	if (!msg)
		return KK_EFORMAT;
	if (msg_has_error(msg) || !is_whole(sip_object(msg))) {
		msg_destroy(msg);
		return KK_EFORMAT;
	}
	*msgp = msg;
	return KK_OK;
}

static const char *header_of(const sip_t *sip, const char *name)
{
	const sip_unknown_t *un = sip->sip_unknown;

	while (un && (!un->un_name || !su_casematch(un->un_name, name)))
		un = un->un_next;
	return un ? un->un_value : NULL;
}

msg_t *ua_bye_make(struct ua *ua, const sip_t *kept, uint32_t number)
{
	msg_t *msg = nta_msg_create(ua->agent, 0);
	sip_cseq_t *cseq;

	if (!msg)
		return NULL;
	cseq = sip_cseq_create(msg_home(msg), number, SIP_METHOD_BYE);
	if (cseq &&
	    sip_add_tl(msg, sip_object(msg), SIPTAG_REQUEST(kept->sip_request),
		SIPTAG_ROUTE(kept->sip_route), SIPTAG_FROM(kept->sip_from),
		SIPTAG_TO(kept->sip_to), SIPTAG_CALL_ID(kept->sip_call_id),
		SIPTAG_CSEQ(cseq), SIPTAG_MAX_FORWARDS_STR("70"),
		TAG_END()) >= 0)
		return msg;
	msg_destroy(msg);
	return NULL;
}

/* --- sending it ---------------------------------------------------------- */

static void bye_free(struct ua_bye *b)
{
	if (b->request)
		nta_outgoing_destroy(b->request);
	msg_destroy(b->kept);
	kk_free(b);
}

static void bye_drop(struct ua_bye *b)
{
	struct ua_bye **at = &b->ua->byes;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	b->ua->bye_count--;
	bye_free(b);
}

void ua_byes_free(struct ua *ua)
{
	while (ua->byes)
		bye_drop(ua->byes);
}

static int answered(void *magic, nta_outgoing_t *request, const sip_t *sip);

static bool bye_send(struct ua_bye *b)
{
	const sip_t *kept = sip_object(b->kept);
	const char *way = header_of(kept, WAY);
	msg_t *msg = ua_bye_make(b->ua, kept,
	    kept->sip_cseq->cs_seq + b->auth_tries);

	if (!msg)
		return false;
	if (!b->trunk ||
	    ua_login_add(&b->logins, msg,
		&(struct ua_name){ b->trunk->auth_user, b->trunk->password },
		"BYE"))
		b->request = nta_outgoing_mcreate(b->ua->agent, answered, b,
		    way ? ua_url(way) : NULL, msg, TAG_END());
	if (!b->request)
		msg_destroy(msg);
	return b->request != NULL;
}

static bool asked_again(struct ua_bye *b, const sip_t *sip)
{
	if (!b->trunk || !b->trunk->password[0] ||
	    b->auth_tries++ == UA_AUTH_TRIES_MAX ||
	    !ua_login_take(&b->logins, sip))
		return false;
	nta_outgoing_destroy(b->request);
	b->request = NULL;
	return bye_send(b);
}

static int answered(void *magic, nta_outgoing_t *request, const sip_t *sip)
{
	struct ua_bye *b = magic;
	const int status = nta_outgoing_status(request);

	if (request != b->request || status < 200)
		return 0;
	if (sip && (status == 401 || status == 407) && asked_again(b, sip))
		return 0;
	bye_drop(b);
	return 0;
}

static const struct ua_exchange *trunk_find(const struct ua *ua,
    const char *name)
{
	for (size_t i = 0; name && i < ua->trunk_count; i++) {
		if (strcmp(ua->trunks[i].name, name) == 0)
			return &ua->trunks[i];
	}
	return NULL;
}

enum kk_err ua_bye_send(struct ua *ua, struct kk_view text)
{
	struct ua_bye *b;
	enum kk_err err;
	msg_t *kept;

	if (ua->bye_count == UA_BYES_MAX)
		return KK_ELIMIT;
	err = ua_bye_read(&kept, text);
	if (err)
		return err;
	b = kk_calloc(1, sizeof(*b));
	if (!b) {
		msg_destroy(kept);
		return KK_ENOMEM;
	}
	b->ua = ua;
	b->kept = kept;
	b->trunk = trunk_find(ua, header_of(sip_object(kept), TRUNK));
	b->next = ua->byes;
	ua->byes = b;
	ua->bye_count++;
	if (bye_send(b))
		return KK_OK;
	bye_drop(b);
	return KK_EIO;
}
