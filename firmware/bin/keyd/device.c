/* device.c - where the identity's private keys are. */
#define _GNU_SOURCE /* libsystemd's headers ask for it */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "keyd.h"

enum { PATH_BYTES = 4096 };

static enum kk_err keys_folder(const struct keyd *k, char path[PATH_BYTES])
{
	int n = snprintf(path, PATH_BYTES, "%s/keys", k->options.state);

	if (n < 0 || n >= PATH_BYTES)
		return KK_EINVAL;
	return mkdir(path, 0700) && errno != EEXIST ? KK_EIO : KK_OK;
}

#ifdef KK_KEYSTORE_PKCS11
enum { PIN_MAX_BYTES = 256 };

/* A file with one line, or the credential. */
static enum kk_err pin_read(const struct keyd *k, struct kk_bytes *pin)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *path = k->options.pin;
	char in_folder[PATH_BYTES];
	const uint8_t *end;
	enum kk_err err;

	*pin = (struct kk_bytes){ 0 };
	if (!path) {
		int n = snprintf(in_folder, sizeof(in_folder), "%s/keyd.pin",
		    folder ? folder : "");

		if (!folder || n < 0 || (size_t)n >= sizeof(in_folder))
			return KK_ENOKEY;
		path = in_folder;
	}
	err = program_secret_read(path, PIN_MAX_BYTES, pin);
	end = pin->bytes ? memchr(pin->data, '\n', pin->bytes) : NULL;
	if (end)
		pin->bytes = (size_t)(end - pin->data);
	if (err == KK_ENOENT || (!err && pin->bytes == 0))
		err = KK_ENOKEY;
	if (err)
		kk_bytes_clear(pin);
	return err;
}

static const char *token_trouble(enum kk_err err)
{
	switch (err) {
	case KK_EINVAL:
		return "--keystore is no URI of a token with a module-path";
	case KK_ENOKEY:
		return "the PIN is missing: give --pin, or the credential "
		       "keyd.pin";
	case KK_ENOENT:
		return "the token is not there: insert it";
	case KK_EEXIST:
		return "several tokens are meant: name one by its serial";
	case KK_EAUTH:
		return "the PIN is wrong";
	case KK_EDENIED:
		return "the PIN is locked, or one try away from it: log in or "
		       "unlock with the token's own tool";
	case KK_EUNSUP:
		return "its module cannot be loaded, or has no ECDSA";
	default:
		return "the token does not answer";
	}
}

static enum kk_err token_open(struct keyd *k)
{
	struct kk_bytes pin;
	enum kk_err err = pin_read(k, &pin);

	if (!err)
		err = keystore_pkcs11_open(&k->store, k->options.keystore,
		    kk_bytes_view(&pin));
	kk_bytes_clear(&pin);
	if (err)
		kk_log(&k->log, KK_LOG_ERROR, "key store: %s",
		    token_trouble(err));
	/* A manager that starts us again would use up its tries. */
	if (err == KK_EAUTH || err == KK_EDENIED)
		k->status = KEYD_EXIT_PIN;
	return err;
}
#else
static enum kk_err token_open(struct keyd *k)
{
	kk_log(&k->log, KK_LOG_ERROR, "key store: not in this build");
	return KK_EUNSUP;
}
#endif

#ifdef KK_KEYSTORE_TPM2
/* An emulated TPM's keys are in somebody's file: never by mistake. */
static bool tcti_is_wanted(const struct keyd *k, const char *tcti)
{
	return !tcti || !strncmp(tcti, "device:", 7) ||
	    k->options.allows_emulated;
}

static enum kk_err tpm_open(struct keyd *k, const char *path, const char *tcti)
{
	enum kk_err err = KK_EINVAL;

	if (tcti_is_wanted(k, tcti))
		err = keystore_tpm2_open(&k->store, path, tcti);
	if (err == KK_ENOENT)
		kk_log(&k->log, KK_LOG_ERROR,
		    "key store: no TPM there: is it switched on, and may we "
		    "open it?");
	else if (err == KK_EINVAL)
		kk_log(&k->log, KK_LOG_ERROR,
		    "--keystore: tpm2, or tpm2:device:/dev/NAME");
	else if (err)
		kk_log(&k->log, KK_LOG_ERROR,
		    "key store: the TPM does not answer or fails its test");
	return err;
}
#else
static enum kk_err tpm_open(struct keyd *k, const char *path, const char *tcti)
{
	(void)path;
	(void)tcti;
	kk_log(&k->log, KK_LOG_ERROR, "key store: not in this build");
	return KK_EUNSUP;
}
#endif

enum kk_err keyd_device_open(struct keyd *k, struct kk_view wrap_key)
{
	const char *where = k->options.keystore;
	char path[PATH_BYTES];
	enum kk_err err;

	if (!strncmp(where, "pkcs11:", 7))
		return token_open(k);
	err = keys_folder(k, path);
	if (err)
		return err;
	if (!strcmp(where, "file"))
		return keystore_file_open(&k->store, path, wrap_key);
	if (!strcmp(where, "tpm2"))
		return tpm_open(k, path, NULL);
	if (!strncmp(where, "tpm2:", 5))
		return tpm_open(k, path, where + 5);
	kk_log(&k->log, KK_LOG_ERROR, "--keystore: file, tpm2 or pkcs11:...");
	return KK_EINVAL;
}
