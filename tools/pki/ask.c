/* ask.c - what only a person knows: secrets, and whether it is right. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "program/program.h"
#include "tools/pki/pki.h"

/* Its first line: editors end each with a line feed. */
static enum kk_err secret_cut(struct kk_bytes *secret)
{
	const uint8_t *end = secret->bytes ?
	    memchr(secret->data, '\n', secret->bytes) :
	    NULL;

	if (end)
		secret->bytes = (size_t)(end - secret->data);
	if (secret->bytes == 0 || memchr(secret->data, 0, secret->bytes)) {
		kk_bytes_clear(secret);
		return KK_EFORMAT;
	}
	return KK_OK;
}

static enum kk_err file_ask(struct pki *p, const char *file,
    struct kk_bytes *secret)
{
	enum kk_err err = program_secret_read(file, PKI_SECRET_MAX, secret);

	if (!err)
		err = secret_cut(secret);
	return err ? pki_fail(p, PKI_NO_KEY, PKI_BAD_SECRET_FILE, file,
			 kk_err_text(err)) :
		     KK_OK;
}

/* A line of the terminal, without its end; at most room - 1 bytes. */
static bool line_read(int tty, char *line, size_t room)
{
	size_t at = 0;
	char c;

	while (read(tty, &c, 1) == 1) {
		if (c == '\n') {
			line[at] = '\0';
			return at > 0;
		}
		if (at + 1 == room)
			return false;
		line[at++] = c;
	}
	return false;
}

static bool tty_ask(int tty, const char *prompt, bool is_seen, char *line,
    size_t room)
{
	struct termios old, quiet;
	bool is_ok;

	if (tcgetattr(tty, &old))
		return false;
	quiet = old;
	if (!is_seen)
		quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &quiet))
		return false;
	(void)dprintf(tty, "%s ", prompt);
	is_ok = line_read(tty, line, room);
	(void)tcsetattr(tty, TCSAFLUSH, &old);
	if (!is_seen)
		(void)dprintf(tty, "\n");
	return is_ok;
}

static enum kk_err secret_ask(struct pki *p, int tty, enum pki_word prompt,
    bool is_new, struct kk_bytes *secret)
{
	char one[PKI_SECRET_MAX] = "", two[PKI_SECRET_MAX] = "";
	enum kk_err err = KK_OK;

	if (!tty_ask(tty, pki_word(p->is_german, prompt), false, one,
		sizeof(one)))
		err = pki_fail(p, PKI_NO_KEY, PKI_BAD_NO_TERMINAL, NULL, NULL);
	else if (is_new &&
	    (!tty_ask(tty, pki_word(p->is_german, PKI_ASK_AGAIN), false, two,
		 sizeof(two)) ||
		strcmp(one, two) != 0))
		err = pki_fail(p, PKI_NO_KEY, PKI_BAD_DIFFER, NULL, NULL);
	else
		err = kk_bytes_copy(secret, kk_view_text(one));
	kk_wipe(one, sizeof(one));
	kk_wipe(two, sizeof(two));
	return err;
}

enum kk_err pki_ask_secret(struct pki *p, const char *file,
    enum pki_word prompt, bool is_new, struct kk_bytes *secret)
{
	enum kk_err err;
	int tty;

	*secret = (struct kk_bytes){ 0 };
	if (file)
		return file_ask(p, file, secret);
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return pki_fail(p, PKI_NO_KEY, PKI_BAD_NO_TERMINAL, NULL, NULL);
	err = secret_ask(p, tty, prompt, is_new, secret);
	(void)close(tty);
	return err;
}

/* Hexadecimal digits, in blocks as people read them, whatever their case. */
static bool fingerprint_is(const char *given, const char *have)
{
	for (; *given; given++) {
		if (*given == ' ' || *given == ':')
			continue;
		if (!*have || strncasecmp(given, have, 1) != 0)
			return false;
		have++;
	}
	return !*have;
}

enum kk_err pki_ask_sure(struct pki *p, const char *fingerprint)
{
	char line[16] = "";
	bool is_sure = p->o.is_sure;
	int tty;

	if (p->o.fingerprint)
		return fingerprint_is(p->o.fingerprint, fingerprint) ?
		    KK_OK :
		    pki_fail(p, PKI_REFUSED, PKI_BAD_FINGERPRINT, NULL, NULL);
	tty = is_sure ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty >= 0) {
		(void)fflush(stdout);
		is_sure = tty_ask(tty, pki_word(p->is_german, PKI_ASK_SURE),
			      true, line, sizeof(line)) &&
		    (!strcmp(line, "yes") || !strcmp(line, "ja"));
		(void)close(tty);
	}
	return is_sure ? KK_OK :
			 pki_fail(p, PKI_REFUSED, PKI_BAD_NOT_SURE, NULL, NULL);
}
