/* fingerprint.c - fingerprints as text.  Source: RFC 8122, 5. */
#include "dtls/dtls.h"

void dtls_fingerprint_write(const uint8_t *fingerprint, char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < DTLS_FINGERPRINT_BYTES; i++) {
		text[3 * i] = digits[fingerprint[i] >> 4];
		text[3 * i + 1] = digits[fingerprint[i] & 15];
		text[3 * i + 2] = ':';
	}
	text[DTLS_FINGERPRINT_TEXT_BYTES - 1] = '\0';
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

enum kk_err dtls_fingerprint_read(const char *text, uint8_t *fingerprint)
{
	uint8_t got[DTLS_FINGERPRINT_BYTES];

	for (size_t i = 0; i < DTLS_FINGERPRINT_BYTES; i++) {
		const char end = i + 1 < DTLS_FINGERPRINT_BYTES ? ':' : '\0';
		int high = digit_of(*text);
		int low = high < 0 ? -1 : digit_of(text[1]);

		if (low < 0 || text[2] != end)
			return KK_EFORMAT;
		got[i] = (uint8_t)(high << 4 | low);
		text += 3;
	}
	for (size_t i = 0; i < DTLS_FINGERPRINT_BYTES; i++)
		fingerprint[i] = got[i];
	return KK_OK;
}
