/*
 * sdp.h - the little SDP that Janus needs: what its offers and answers say of
 * ICE, DTLS and media, and the smallest ones of ours.  Pure; bounded work.
 *
 * Source: RFC 8866; RFC 8839 (ICE); RFC 8842 (DTLS); RFC 9143 (BUNDLE).
 */
#pragma once
#include "dtls/dtls.h"
#include "wire/out.h"

enum {
	SDP_TEXT_MAX_BYTES = 64 * 1024,
	SDP_MEDIA_MAX = 32,
	SDP_ICE_BYTES = 257, /* RFC 8839, 5.4: 256 and the final zero */
	SDP_MID_BYTES = 17,
	SDP_ADDRESS_BYTES = 46
};

struct sdp_media {
	bool is_audio;
	bool is_refused; /* port 0 */
	uint8_t payload_type; /* the first one */
	char mid[SDP_MID_BYTES];
};

struct sdp {
	char ufrag[SDP_ICE_BYTES], pwd[SDP_ICE_BYTES];
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	bool is_lite;
	char address[SDP_ADDRESS_BYTES]; /* of the first v4 host candidate */
	uint16_t port;
	struct sdp_media media[SDP_MEDIA_MAX];
	size_t media_count;
};

/*
 * Reads one; the first of each attribute counts, since all is bundled.  On
 * error *sdp is left alone.  Errors: KK_ELIMIT too long, or media too many;
 * KK_EFORMAT not SDP, or a number out of range; KK_ENOENT no ufrag, password,
 * SHA-256 fingerprint, v4 UDP candidate or media.
 */
MUST_CHECK enum kk_err sdp_parse(struct sdp *sdp, const char *text,
    size_t bytes);

struct sdp_own {
	const char *ufrag, *pwd, *fingerprint, *address;
	uint16_t port;
	bool is_sender; /* else each direction is recvonly */
	uint32_t audio_ssrc, video_ssrc; /* of a sender */
	const struct sdp_media *media; /* ours, or those of the offer */
	size_t media_count;
};

/* Appends ours, as offer or answer.  We are the DTLS client. */
void sdp_write(struct wire_out *w, const struct sdp_own *own);
