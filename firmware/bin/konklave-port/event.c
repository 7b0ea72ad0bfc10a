/* event.c - see event.h. */
#include "event.h"

#include <string.h>

enum { REASON_MAX = 99 };

static bool starts(struct kk_view line, const char *with, struct kk_view *rest)
{
	const size_t bytes = strlen(with);

	if (line.bytes < bytes || memcmp(line.data, with, bytes) != 0)
		return false;
	*rest = (struct kk_view){ line.data + bytes, line.bytes - bytes };
	return true;
}

/* Behind "PORT: ", which the events of a port begin with. */
static bool event_take(struct kk_view line, struct kk_view *event)
{
	const uint8_t *end = line.bytes > 0 ?
	    memchr(line.data, ':', line.bytes) :
	    NULL;

	if (!end)
		return false;
	event->data = end + 1;
	event->bytes = (size_t)(line.data + line.bytes - event->data);
	return starts(*event, " CTRL-EVENT-", event);
}

static unsigned number_take(struct kk_view text)
{
	unsigned n = 0;

	for (; text.bytes > 0 && *text.data >= '0' && *text.data <= '9' &&
	    n < REASON_MAX;
	    text.data++, text.bytes--)
		n = 10 * n + (*text.data - '0');
	return n;
}

/* enum tls_fail_reason of src/crypto/tls.h. */
static enum port_state fault_of_reason(unsigned reason)
{
	switch (reason) {
	case 1:
		return PORT_SERVER_UNTRUSTED;
	case 3: /* not good yet */
	case 4: /* over */
		return PORT_SERVER_DATE;
	case 5: /* subject, alternative name, domain: of what it is to be */
	case 6:
	case 9:
	case 10:
		return PORT_SERVER_NAME;
	default:
		return PORT_SERVER_BAD;
	}
}

/* The alerts that the server sends, by OpenSSL's names (RFC 8446, 6.2). */
static enum port_state fault_of_alert(struct kk_view name)
{
	if (kk_view_equal(name, kk_view_text("certificate expired")))
		return PORT_OURS_DATE;
	if (kk_view_equal(name, kk_view_text("unknown CA")))
		return PORT_OURS_UNKNOWN;
	return PORT_REFUSED;
}

/* The first one is the cause of the others. */
static void fault_set(struct port_watch *w, enum port_state fault)
{
	if (!w->fault)
		w->fault = fault;
}

static bool state_set(struct port_watch *w, enum port_state state)
{
	const bool is_other = w->state != state;

	w->state = state;
	return is_other;
}

static bool event(struct port_watch *w, struct kk_view event)
{
	struct kk_view rest;

	if (starts(event, "EAP-STARTED", &rest)) {
		w->fault = PORT_STARTING;
		/* Again and again it asks in vain: the reason stays. */
		return w->state <= PORT_NO_ANSWER && w->state != PORT_OPEN &&
		    state_set(w, PORT_ASKED);
	}
	if (starts(event, "EAP-TLS-CERT-ERROR reason=", &rest))
		fault_set(w, fault_of_reason(number_take(rest)));
	else if (starts(event, "EAP-FAILURE", &rest))
		return state_set(w, w->fault ? w->fault : PORT_REFUSED);
	else if (starts(event, "CONNECTED ", &rest))
		return state_set(w, PORT_OPEN);
	else if (starts(event, "DISCONNECTED ", &rest))
		return w->state == PORT_OPEN && state_set(w, PORT_STARTING);
	return false;
}

bool port_line(struct port_watch *w, struct kk_view line)
{
	struct kk_view rest;

	if (event_take(line, &rest))
		return event(w, rest);
	if (starts(line,
		"SSL: SSL3 alert: read (remote end reported an error):fatal:",
		&rest))
		fault_set(w, fault_of_alert(rest));
	else if (starts(line, "EAP-TLS: Failed to initialize SSL", &rest))
		return state_set(w, PORT_UNUSABLE);
	return false;
}

bool port_silence(struct port_watch *w)
{
	return (w->state == PORT_STARTING || w->state == PORT_ASKED) &&
	    state_set(w, PORT_NO_ANSWER);
}
