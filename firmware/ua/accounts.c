/* accounts.c - the file of our own telephones' passwords. */
#include <string.h>

#include "base/text.h"
#include "ua/ua_private.h"

static struct kk_view line_take(struct kk_view *text)
{
	struct kk_view line = kk_text_line_take(text);

	if (line.bytes > 0 && line.data[line.bytes - 1] == '\r')
		line.bytes--;
	return line;
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_read(uint8_t *out, struct kk_view hex)
{
	for (size_t i = 0; i < hex.bytes / 2; i++) {
		const int high = digit_of(hex.data[2 * i]);
		const int low = digit_of(hex.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool ha1_take(struct ua_account *account, struct kk_view hex)
{
	const bool is_md5 = hex.bytes == (size_t)2 * UA_HA1_BYTES;
	bool *const has = is_md5 ? &account->has_md5 : &account->has_sha256;

	if ((!is_md5 && hex.bytes != (size_t)2 * UA_HA1_SHA256_BYTES) || *has)
		return false;
	*has = true;
	return hex_read(is_md5 ? account->ha1 : account->ha1_sha256, hex);
}

/* What is before the first space; the rest is behind it. */
static struct kk_view word_take(struct kk_view *line)
{
	const uint8_t *end = line->bytes > 0 ?
	    memchr(line->data, ' ', line->bytes) :
	    NULL;
	struct kk_view word = *line;

	if (end)
		word.bytes = (size_t)(end - line->data);
	line->data += word.bytes + (end != NULL);
	line->bytes -= word.bytes + (end != NULL);
	return word;
}

/* RFC 3261, 25.1: what of user needs no escape, so that texts are compared as
 * they are. */
static bool is_user(const uint8_t *text, size_t bytes)
{
	static const char others[] = "-_.!~*'()&=+$,;?/#";

	if (bytes == 0 || bytes >= UA_TEXT_BYTES)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		const uint8_t c = text[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') &&
		    !memchr(others, c, sizeof(others) - 1))
			return false;
	}
	return true;
}

static enum kk_err line_read(struct ua_account *account, struct kk_view line)
{
	const struct kk_view user = word_take(&line);
	struct kk_view rest = line;

	if (!is_user(user.data, user.bytes))
		return KK_EFORMAT;
	do {
		if (!ha1_take(account, word_take(&rest)))
			return KK_EFORMAT;
	} while (rest.bytes > 0);
	memcpy(account->user, user.data, user.bytes);
	account->user[user.bytes] = '\0';
	return KK_OK;
}

static bool is_known(const struct ua_account *accounts, size_t count,
    const char *user)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(accounts[i].user, user) == 0)
			return true;
	}
	return false;
}

static enum kk_err account_add(struct ua_account **accounts, size_t *count,
    struct kk_view line)
{
	struct ua_account account = { .user = "" };
	struct ua_account *more;
	enum kk_err err = line_read(&account, line);

	if (!err && is_known(*accounts, *count, account.user))
		err = KK_EEXIST;
	if (!err && *count == UA_ACCOUNTS_MAX)
		err = KK_ELIMIT;
	if (!err) {
		more = kk_regrow(*accounts, *count, *count + 1,
		    sizeof(account));
		if (more) {
			*accounts = more;
			more[(*count)++] = account;
		} else {
			err = KK_ENOMEM;
		}
	}
	kk_wipe(&account, sizeof(account));
	return err;
}

enum kk_err ua_accounts_read(struct ua_account **accountsp, size_t *count,
    struct kk_view text)
{
	struct ua_account *accounts = NULL;
	enum kk_err err = KK_OK;
	size_t n = 0;

	while (!err && text.bytes > 0) {
		const struct kk_view line = line_take(&text);

		if (line.bytes > 0 && line.data[0] != '#')
			err = account_add(&accounts, &n, line);
	}
	if (err) {
		ua_accounts_free(accounts, n);
		return err;
	}
	*accountsp = accounts;
	*count = n;
	return KK_OK;
}

void ua_accounts_free(struct ua_account *accounts, size_t count)
{
	kk_free_wiped(accounts, count * sizeof(*accounts));
}
