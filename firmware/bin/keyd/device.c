/* device.c - where the identity's private keys are. */
#define _GNU_SOURCE /* libsystemd's headers ask for it */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "keyd.h"

enum { PATH_BYTES = 4096 };

/* Why a store is not there: a word for programs (keyd(8), STATUS), and words.
 */
struct trouble {
	enum kk_err err; /* KK_OK: any other */
	const char *word, *text;
};

static void trouble_tell(struct keyd *k, const struct trouble *table,
    enum kk_err err)
{
	while (table->err && table->err != err)
		table++;
	keyd_trouble(k, table->word, table->text);
}

void keyd_trouble(struct keyd *k, const char *word, const char *text)
{
	kk_log(&k->log, KK_LOG_ERROR, "key store: %s", text);
	(void)sd_notifyf(0, "STATUS=trouble=%s %s", word, text);
}

static enum kk_err folder_path(const struct keyd *k, const char *name,
    char path[PATH_BYTES])
{
	int n = snprintf(path, PATH_BYTES, "%s/%s", k->options.state, name);

	return n < 0 || n >= PATH_BYTES ? KK_EINVAL : KK_OK;
}

static enum kk_err folder_make(const struct keyd *k, const char *name,
    char path[PATH_BYTES])
{
	enum kk_err err = folder_path(k, name, path);

	return err                               ? err :
	    mkdir(path, 0700) && errno != EEXIST ? KK_EIO :
						   KK_OK;
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

static const struct trouble token_troubles[] = {
	{ KK_EINVAL, "token",
	    "--keystore is no URI of a token with a module-path" },
	{ KK_ENOKEY, "no-pin",
	    "the PIN is missing: give --pin, or the credential keyd.pin" },
	{ KK_ENOENT, "no-token", "the token is not there: insert it" },
	{ KK_EEXIST, "token",
	    "several tokens are meant: name one by its serial" },
	{ KK_EAUTH, "pin", "the PIN is wrong" },
	{ KK_EDENIED, "pin",
	    "the PIN is locked, or one try away from it: log in or unlock with "
	    "the token's own tool" },
	{ KK_EUNSUP, "token", "its module cannot be loaded, or has no ECDSA" },
	{ KK_OK, "token", "the token does not answer" },
};

static enum kk_err token_open(struct keyd *k)
{
	struct kk_bytes pin;
	enum kk_err err = pin_read(k, &pin);

	if (!err)
		err = keystore_pkcs11_open(&k->store, k->options.keystore,
		    kk_bytes_view(&pin));
	kk_bytes_clear(&pin);
	if (err)
		trouble_tell(k, token_troubles, err);
	/* A manager that starts us again would use up its tries. */
	if (err == KK_EAUTH || err == KK_EDENIED)
		k->status = KEYD_EXIT_PIN;
	return err;
}
#else
static enum kk_err token_open(struct keyd *k)
{
	keyd_trouble(k, "token", "tokens are not in this build");
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

static const struct trouble tpm_troubles[] = {
	{ KK_ENOENT, "no-tpm",
	    "no TPM there: is it switched on, and may we open it?" },
	{ KK_EINVAL, "tpm", "--keystore: tpm2, or tpm2:device:/dev/NAME" },
	{ KK_ESTATE, "tpm", "another process has its folder" },
	{ KK_OK, "tpm", "the TPM does not answer or fails its test" },
};

/* Versions from before a folder of its own had its keys where those in files
 * are. */
static bool has_old_keys(const struct keyd *k)
{
	char path[PATH_BYTES], mark[4] = "";
	FILE *file;
	bool is_tpm_s;

	if (folder_path(k, "keys/identity-p384.key", path))
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	is_tpm_s = fread(mark, 1, sizeof(mark), file) == sizeof(mark) &&
	    !memcmp(mark, "KTPM", sizeof(mark));
	(void)fclose(file);
	return is_tpm_s;
}

/* A folder of its own: a version, or a profile, that knows of files alone makes
 * another key there and is a guest, and this one is found again. */
static enum kk_err tpm_open(struct keyd *k, const char *tcti)
{
	char path[PATH_BYTES];
	enum kk_err err = folder_make(k, has_old_keys(k) ? "keys" : "keys-tpm2",
	    path);

	if (err)
		return err;
	err = tcti_is_wanted(k, tcti) ?
	    keystore_tpm2_open(&k->store, path, tcti) :
	    KK_EINVAL;
	if (err)
		trouble_tell(k, tpm_troubles, err);
	return err;
}
#else
static enum kk_err tpm_open(struct keyd *k, const char *tcti)
{
	(void)tcti;
	keyd_trouble(k, "tpm", "TPMs are not in this build");
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
	if (!strcmp(where, "tpm2"))
		return tpm_open(k, NULL);
	if (!strncmp(where, "tpm2:", 5))
		return tpm_open(k, where + 5);
	if (strcmp(where, "file") != 0) {
		kk_log(&k->log, KK_LOG_ERROR,
		    "--keystore: file, tpm2 or pkcs11:...");
		return KK_EINVAL;
	}
	err = folder_make(k, "keys", path);
	return err ? err : keystore_file_open(&k->store, path, wrap_key);
}
