/* accounts.c - the file of our own telephones' passwords. */
#include <string.h>

#include "ua/ua_private.h"

static struct kk_view line_take(struct kk_view *text)
{
	const uint8_t *end = memchr(text->data, '\n', text->bytes);
	struct kk_view line = *text;

	if (end)
		line.bytes = (size_t)(end - text->data);
	text->data += line.bytes + (end != NULL);
	text->bytes -= line.bytes + (end != NULL);
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

static bool ha1_read(uint8_t ha1[UA_HA1_BYTES], const uint8_t *hex)
{
	for (size_t i = 0; i < UA_HA1_BYTES; i++) {
		const int high = digit_of(hex[2 * i]);
		const int low = digit_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ha1[i] = (uint8_t)(high << 4 | low);
	}
	return true;
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
	const size_t hex_bytes = (size_t)2 * UA_HA1_BYTES;
	const size_t user_bytes = line.bytes - hex_bytes - 1;

	if (line.bytes < hex_bytes + 2 || line.data[user_bytes] != ' ' ||
	    !is_user(line.data, user_bytes) ||
	    !ha1_read(account->ha1, line.data + user_bytes + 1))
		return KK_EFORMAT;
	memcpy(account->user, line.data, user_bytes);
	account->user[user_bytes] = '\0';
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
