/* tx_keys.c - keys as events, in the order they were pressed; RFC 4733, 2.5.1.
 */
#include <string.h>

#include "phone/phone_private.h"

enum {
	DOWN_TICKS = 5, /* 100 ms: ITU-T Q.24 wants 40, telephones send this */
	END_PACKETS = 3, /* RFC 4733, 2.5.1.4 */
	PAUSE_TICKS = 1, /* with two packets of the end: 60 ms */
	END = 0x80,
	VOLUME = 10 /* -10 dBm0 */
};

static void next(struct phone_keys *k)
{
	k->digit[k->first] = '\0'; /* it may be of a PIN */
	k->first = (k->first + 1) % PHONE_SENT_MAX;
	k->count--;
	k->down = k->ends = k->pause = 0;
	k->is_let_go = false;
}

/* A key that is down goes on where its packets are as before. */
void phone_keys_change(struct phone_keys *k, int type, uint16_t step)
{
	const bool is_same = type == k->type && step == k->step;

	k->type = type;
	k->step = step;
	if (k->count > 0 && k->down > 0 && !is_same)
		next(k);
	while (k->count > 0 && type == PHONE_NO_TYPE)
		next(k);
}

bool phone_keys_tick(struct phone_keys *k, uint32_t timestamp,
    struct wire_rtp *rtp, uint8_t payload[PHONE_EVENT_BYTES])
{
	uint16_t duration;

	if (k->count == 0)
		return false;
	if (k->ends == END_PACKETS) {
		if (++k->pause == PAUSE_TICKS)
			next(k);
		return false;
	}
	if (k->down == 0)
		k->timestamp = timestamp;
	rtp->has_marker = k->down == 0;
	if (k->ends == 0 && !k->is_let_go)
		k->down++;
	if (k->ends > 0 || k->is_let_go || k->down == DOWN_TICKS)
		k->ends++;
	duration = (uint16_t)(k->down * k->step);
	payload[0] = (uint8_t)(strchr(PHONE_KEYS, k->digit[k->first]) -
	    PHONE_KEYS);
	payload[1] = (uint8_t)(VOLUME | (k->ends > 0 ? END : 0));
	payload[2] = (uint8_t)(duration >> 8);
	payload[3] = (uint8_t)duration;
	rtp->payload_type = (uint8_t)k->type;
	rtp->timestamp = k->timestamp;
	rtp->payload = kk_view_of(payload, PHONE_EVENT_BYTES);
	return true;
}

/* A key that is down is let go; its end is sent as soon as packets are. */
void phone_keys_held(struct phone_keys *k)
{
	k->is_let_go = k->down > 0;
}

enum kk_err phone_keys_add(struct phone_keys *k, const char *digits)
{
	const size_t count = strlen(digits);

	if (k->type == PHONE_NO_TYPE)
		return KK_EUNSUP;
	if (count == 0 || strspn(digits, "0123456789*#") != count)
		return KK_EINVAL;
	if (count > PHONE_SENT_MAX - k->count)
		return KK_ELIMIT;
	for (size_t i = 0; i < count; i++)
		k->digit[(k->first + k->count++) % PHONE_SENT_MAX] = digits[i];
	return KK_OK;
}
