/* stick.c - what a stick has, into the exchange; and the request onto it. */
#define _GNU_SOURCE /* O_DIRECTORY, O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "konklave_welcome.h"

int folder_open(const char *path, const char *below)
{
	char whole[PATH_MAX];

	if (snprintf(whole, sizeof(whole), "%s/%s", path, below) >=
	    (int)sizeof(whole))
		return -1;
	return open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum kk_err folder_read(int folder, const char *name, size_t max_bytes,
    struct kk_bytes *out)
{
	*out = (struct kk_bytes){ 0 };
	if (faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) &&
	    errno == ENOENT)
		return KK_ENOENT;
	return program_file_read_in(folder, name, max_bytes, out);
}

/* Without one there, there is none in the exchange either. */
enum kk_err file_take(int stick, const char *name, size_t max_bytes, int to,
    const char *as)
{
	struct kk_bytes content;
	enum kk_err err = folder_read(stick, name, max_bytes, &content);

	if (unlinkat(to, as, 0) && errno != ENOENT)
		err = KK_EIO;
	if (err == KK_ENOENT)
		return KK_OK;
	if (!err)
		err = program_file_write(to, as, kk_bytes_view(&content));
	kk_bytes_clear(&content);
	return err;
}

/* What the request is called; "" where there is none yet. */
static enum kk_err stem_read(int exchange, char stem[STEM_BYTES])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	struct kk_bytes name;
	enum kk_err err = folder_read(exchange, EXCHANGE_NAME, STEM_BYTES - 1,
	    &name);

	memset(stem, 0, STEM_BYTES);
	if (!err)
		memcpy(stem, name.data, name.bytes);
	kk_bytes_clear(&name);
	if (stem[strspn(stem, digits)])
		return KK_EFORMAT;
	return err == KK_ENOENT ? KK_OK : err;
}

static enum kk_err all_take(int exchange, int stick, int to)
{
	char stem[STEM_BYTES], chain[STEM_BYTES + sizeof(".pem")];
	enum kk_err err = stem_read(exchange, stem);

	(void)snprintf(chain, sizeof(chain), "%s.pem", stem);
	if (!err)
		err = file_take(stick, "konklave.conf", PROFILE_BYTES_MAX, to,
		    EXCHANGE_PROFILE);
	if (!err)
		err = file_take(stick, "ca.pem", PROFILE_BYTES_MAX, to,
		    EXCHANGE_ANCHORS);
	if (!err && stem[0])
		err = file_take(stick, chain, CHAIN_BYTES_MAX, to,
		    EXCHANGE_CHAIN);
	/* Who waits for this reads the others then. */
	return err ? err :
		     program_file_write(to, EXCHANGE_COME, kk_view_text("1"));
}

enum kk_err stick_read(const char *exchange, const char *stick)
{
	const int from = folder_open(stick, ".");
	const int whole = folder_open(exchange, ".");
	const int to = folder_open(exchange, EXCHANGE_STICK);
	enum kk_err err = KK_EIO;

	if (from >= 0 && whole >= 0 && to >= 0)
		err = all_take(whole, from, to);
	if (from >= 0)
		(void)close(from);
	if (whole >= 0)
		(void)close(whole);
	if (to >= 0)
		(void)close(to);
	return err;
}

enum kk_err stick_write(const char *exchange, const char *stick)
{
	const int from = folder_open(exchange, ".");
	const int to = folder_open(stick, ".");
	char stem[STEM_BYTES] = "", name[STEM_BYTES + sizeof(".csr")];
	struct kk_bytes request = { 0 };
	enum kk_err err = KK_EIO;

	if (from >= 0 && to >= 0)
		err = stem_read(from, stem);
	if (!err)
		err = stem[0] ? folder_read(from, EXCHANGE_REQUEST,
				    REQUEST_BYTES_MAX, &request) :
				KK_ENOENT;
	(void)snprintf(name, sizeof(name), "%s.csr", stem);
	if (!err)
		err = program_file_write(to, name, kk_bytes_view(&request));
	kk_bytes_clear(&request);
	if (from >= 0)
		(void)close(from);
	if (to >= 0)
		(void)close(to);
	return err;
}
