/* sdp.c - the body of a message. */
#include "ua/ua_private.h"

bool ua_sdp_get(const sip_t *sip, struct kk_view *sdp)
{
	const sip_payload_t *p = sip->sip_payload;
	const sip_content_type_t *type = sip->sip_content_type;

	*sdp = (struct kk_view){ 0 };
	if (!p || p->pl_len == 0)
		return true;
	if (!type || !type->c_type ||
	    !su_casematch(type->c_type, "application/sdp") ||
	    p->pl_len > UA_SDP_MAX_BYTES)
		return false;
	*sdp = kk_view_of(p->pl_data, p->pl_len);
	return true;
}
