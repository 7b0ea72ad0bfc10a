/* command.c - what an operator needs besides serving. */
#define _GNU_SOURCE /* O_CLOEXEC, fchmod() */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "sfud.h"

enum { PATH_BYTES = 4096, TOKEN_MODE = 0600, HASH_MODE = 0644 };

enum kk_err sfud_token_hash_read(const char *path,
    uint8_t hash[ORDER_TOKEN_BYTES])
{
	struct kk_bytes file;
	enum kk_err err = program_file_read(path, ORDER_TOKEN_BYTES, &file);

	if (!err && file.bytes != ORDER_TOKEN_BYTES)
		err = KK_EFORMAT;
	if (!err)
		memcpy(hash, file.data, file.bytes);
	kk_bytes_clear(&file);
	return err;
}

static enum kk_err complain(const struct sfud_options *o, const char *of,
    const char *what, enum kk_err err)
{
	(void)program_options_complain(o->program, of, what);
	return err;
}

/* --- --check ------------------------------------------------------------- */

static enum kk_err certificate_check(const struct sfud_options *o)
{
	enum kk_err err = ws_certificate_check(o->cert, o->key);

	if (err == KK_EEXPIRED)
		return complain(o, o->cert, "its time is over", err);
	if (err)
		return complain(o, o->cert,
		    "not a PEM chain that can be read and that --key belongs "
		    "to",
		    err);
	return KK_OK;
}

/* Ports are not tried: who serves with these options may be running. */
static enum kk_err check(const struct sfud_options *o)
{
	uint8_t hash[ORDER_TOKEN_BYTES];
	enum kk_err err = sfud_token_hash_read(o->site_token_hash, hash);

	if (err)
		err = complain(o, o->site_token_hash,
		    "not a file of 32 bytes that can be read", err);
	if (o->has_listen) {
		enum kk_err of_cert = certificate_check(o);

		err = err ? err : of_cert;
	}
	if (!err)
		(void)fprintf(stderr, "%s: nothing is wrong\n", o->program);
	return err;
}

/* --- --make-token -------------------------------------------------------- */

static enum kk_err fd_write(int fd, const void *data, size_t bytes, mode_t mode)
{
	const uint8_t *at = data;

	while (bytes > 0) {
		ssize_t n = write(fd, at, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return KK_EIO;
		at += n;
		bytes -= (size_t)n;
	}
	return fchmod(fd, mode) || fsync(fd) ? KK_EIO : KK_OK;
}

/* Nothing that is there is written over: boxes may know it. */
static enum kk_err file_make(const struct sfud_options *o, const char *path,
    const uint8_t data[ORDER_TOKEN_BYTES], mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum kk_err err;

	if (fd < 0)
		return complain(o, path, strerror(errno), KK_EIO);
	err = fd_write(fd, data, ORDER_TOKEN_BYTES, mode);
	if (close(fd))
		err = KK_EIO;
	if (err) {
		(void)unlink(path);
		(void)complain(o, path, "cannot be written", err);
	}
	return err;
}

static enum kk_err token_make(uint8_t token[ORDER_TOKEN_BYTES],
    uint8_t hash[ORDER_TOKEN_BYTES])
{
	const struct kk_view whole = { token, ORDER_TOKEN_BYTES };
	enum kk_err err = crypto_random(token, ORDER_TOKEN_BYTES);

	return err ? err : crypto_hash(CRYPTO_SHA256, &whole, 1, hash);
}

static enum kk_err pair_make(const struct sfud_options *o, const char *path,
    const char *hash_path)
{
	uint8_t token[ORDER_TOKEN_BYTES], hash[ORDER_TOKEN_BYTES];
	enum kk_err err = token_make(token, hash);

	if (!err)
		err = file_make(o, path, token, TOKEN_MODE);
	kk_wipe(token, sizeof(token));
	if (err)
		return err;
	err = file_make(o, hash_path, hash, HASH_MODE);
	if (err)
		(void)unlink(path);
	return err;
}

static enum kk_err make_token(const struct sfud_options *o)
{
	char hash_path[PATH_BYTES];
	int n = snprintf(hash_path, sizeof(hash_path), "%s-hash",
	    o->make_token);
	enum kk_err err;

	if (n < 0 || n >= PATH_BYTES)
		return complain(o, o->make_token, "too long", KK_EINVAL);
	err = crypto_init();
	if (!err)
		err = pair_make(o, o->make_token, hash_path);
	if (!err)
		(void)fprintf(stderr,
		    "%s: made %s, a secret for the site's boxes alone, and\n"
		    "%s: made %s, for --site-token-hash\n",
		    o->program, o->make_token, o->program, hash_path);
	return err;
}

enum kk_err sfud_command_run(const struct sfud_options *o)
{
	switch (o->command) {
	case SFUD_CHECK:
		return check(o);
	case SFUD_HEALTH:
		return sfud_health_tell(o->program, o->metrics_port);
	case SFUD_MAKE_TOKEN:
		return make_token(o);
	case SFUD_SERVE:
		break;
	}
	return KK_EINVAL;
}
