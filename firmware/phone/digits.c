/* digits.c - keys that were pressed; RFC 4733, 2.3 to 2.5. */
#include <string.h>

#include "phone/phone_private.h"

void phone_digits_add(struct phone_digits *d, char digit)
{
	if (d->count == PHONE_DIGITS_MAX) {
		d->first = (d->first + 1) % PHONE_DIGITS_MAX;
		d->count--;
	}
	d->digit[(d->first + d->count++) % PHONE_DIGITS_MAX] = digit;
}

bool phone_digits_take(struct phone_digits *d, char *digit)
{
	if (d->count == 0)
		return false;
	*digit = d->digit[d->first];
	d->digit[d->first] = '\0'; /* it may be of a PIN */
	d->first = (d->first + 1) % PHONE_DIGITS_MAX;
	d->count--;
	return true;
}

/* All packets of one press have its timestamp; the first one that comes is the
 * press, whichever of them was lost.  One that came late is of an old press. */
enum kk_err phone_digits_event(struct phone_digits *d, uint32_t timestamp,
    struct kk_view payload)
{
	if (payload.bytes < PHONE_EVENT_BYTES)
		return KK_EFORMAT;
	if (d->has_event && (int32_t)(timestamp - d->event_timestamp) <= 0)
		return KK_EREPLAY;
	d->has_event = true;
	d->event_timestamp = timestamp;
	if (payload.data[0] < sizeof(PHONE_KEYS) - 1)
		phone_digits_add(d, PHONE_KEYS[payload.data[0]]);
	return KK_OK; /* flash and others are no digits */
}
