/* login.c - who may use a TURN server. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "ice/ice.h"
#include "ice/text_private.h"

struct kk_view ice_line(struct kk_view file)
{
	if (file.bytes > 0 && file.data[file.bytes - 1] == '\n')
		file.bytes--;
	if (file.bytes > 0 && file.data[file.bytes - 1] == '\r')
		file.bytes--;
	return file;
}

bool ice_is_plain(struct kk_view text)
{
	for (size_t i = 0; i < text.bytes; i++) {
		if (text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	}
	return text.bytes > 0;
}

/* out is all zero. */
static enum kk_err part_copy(char *out, size_t room, struct kk_view part)
{
	if (!ice_is_plain(part))
		return KK_EFORMAT;
	if (part.bytes >= room)
		return KK_ELIMIT;
	memcpy(out, part.data, part.bytes);
	return KK_OK;
}

enum kk_err ice_login_parse(struct ice_login *login, struct kk_view file)
{
	const struct kk_view line = ice_line(file);
	const uint8_t *colon = line.bytes ? memchr(line.data, ':', line.bytes) :
					    NULL;
	size_t user_bytes;
	enum kk_err err;

	*login = (struct ice_login){ .user = "" };
	if (!colon)
		return KK_EFORMAT;
	user_bytes = (size_t)(colon - line.data);
	err = part_copy(login->user, sizeof(login->user),
	    kk_view_of(line.data, user_bytes));
	if (!err)
		err = part_copy(login->password, sizeof(login->password),
		    kk_view_of(colon + 1, line.bytes - user_bytes - 1));
	if (err)
		kk_wipe(login, sizeof(*login));
	return err;
}

/* RFC 4648, 4.  out has room for 4 letters of each 3 bytes, and a zero. */
static void base64_write(const uint8_t *in, size_t bytes, char *out)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	enum { PAD = 64 };

	for (size_t i = 0; i < bytes; i += 3) {
		const size_t left = bytes - i;
		uint32_t bits = (uint32_t)in[i] << 16;

		if (left > 1)
			bits |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			bits |= in[i + 2];
		*out++ = alphabet[bits >> 18 & 63];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = alphabet[left > 1 ? bits >> 6 & 63 : PAD];
		*out++ = alphabet[left > 2 ? bits & 63 : PAD];
	}
	*out = '\0';
}

enum kk_err ice_login_mint(struct ice_login *login, struct kk_view secret,
    const char *name, uint64_t expires_s)
{
	uint8_t mac[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err;

	*login = (struct ice_login){ .user = "" };
	if (secret.bytes == 0 || strlen(name) > ICE_NAME_MAX_BYTES)
		return KK_EINVAL;
	(void)snprintf(login->user, sizeof(login->user), "%" PRIu64 ":%s",
	    expires_s, name);
	err = crypto_hmac(CRYPTO_SHA1, secret, kk_view_text(login->user), mac);
	if (err)
		kk_wipe(login, sizeof(*login));
	else
		base64_write(mac, crypto_hash_bytes(CRYPTO_SHA1),
		    login->password);
	kk_wipe(mac, sizeof(mac));
	return err;
}
