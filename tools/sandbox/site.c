/* site.c - certificates for this PC's names, and for the boxes' keys. */
#define _GNU_SOURCE /* getifaddrs() */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-varlink.h>
#include <unistd.h>

#include "tools/sandbox/sandbox.h"

enum { NAMES_MAX = 24, SUITE_P384 = 7 };

/* Runs the script to its end; argv ends with NULL. */
static enum kk_err certify(const struct sandbox *s, char *const *argv)
{
	int status = -1;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)execv(s->options.certify, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		(void)fprintf(stderr,
		    "sandbox: %s failed; the state folder's part \"site\" can "
		    "be removed to begin anew\n",
		    s->options.certify);
		return KK_EIO;
	}
	return KK_OK;
}

static void add(struct sandbox_args *a, const char *text)
{
	if (a->count < NAMES_MAX && text && *text)
		a->v[a->count++] = sandbox_text("%s", text);
}

static bool address_text(const struct ifaddrs *i, char out[INET6_ADDRSTRLEN])
{
	const void *from = NULL;

	if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
	    (i->ifa_flags & IFF_LOOPBACK))
		return false;
	if (i->ifa_addr->sa_family == AF_INET)
		from = &((const struct sockaddr_in *)(const void *)i->ifa_addr)
			    ->sin_addr;
	if (i->ifa_addr->sa_family == AF_INET6) {
		const struct in6_addr *six = &(
		    (const struct sockaddr_in6 *)(const void *)i->ifa_addr)
						  ->sin6_addr;

		from = IN6_IS_ADDR_LINKLOCAL(six) ? NULL : six;
	}
	return from &&
	    inet_ntop(i->ifa_addr->sa_family, from, out, INET6_ADDRSTRLEN);
}

/* The first IPv4 address is what other devices are told. */
static void addresses_add(struct sandbox *s, struct sandbox_args *a)
{
	char text[INET6_ADDRSTRLEN];
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!address_text(i, text))
			continue;
		add(a, text);
		if (!s->has_host && i->ifa_addr->sa_family == AF_INET) {
			(void)snprintf(s->host, sizeof(s->host), "%s", text);
			s->has_host = true;
		}
	}
	freeifaddrs(all);
}

/* The program beside this one, unless it was named; the caller's to free. */
static char *pki_path(const struct sandbox *s)
{
	char own[PATH_MAX];
	ssize_t bytes = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *end;

	if (s->options.pki)
		return realpath(s->options.pki, NULL);
	if (bytes <= 0)
		return NULL;
	own[bytes] = '\0';
	end = strrchr(own, '/');
	if (end)
		*end = '\0';
	return sandbox_text("%s/konklave-pki", own);
}

static enum kk_err begin(const struct sandbox *s, struct sandbox_args *a,
    const char *command)
{
	char *pki = pki_path(s);

	add(a, s->options.certify);
	add(a, command);
	add(a, pki);
	add(a, s->site);
	kk_free(pki);
	return a->count == 4 ? KK_OK : KK_ENOENT;
}

enum kk_err sandbox_site_make(struct sandbox *s)
{
	struct sandbox_args a = { 0 };
	char host[HOST_NAME_MAX + 1] = "", local[HOST_NAME_MAX + 8];
	enum kk_err err = begin(s, &a, "site");

	(void)snprintf(s->host, sizeof(s->host), "localhost");
	add(&a, "localhost");
	add(&a, "127.0.0.1");
	add(&a, "::1");
	if (!gethostname(host, sizeof(host) - 1) && host[0]) {
		(void)snprintf(local, sizeof(local), "%s.local", host);
		add(&a, host);
		add(&a, local);
	}
	addresses_add(s, &a);
	if (!err)
		err = certify(s, a.v);
	sandbox_args_clear(&a);
	/* A new CA leaves no chain of an older one. */
	for (unsigned n = 1; n <= SANDBOX_LINES; n++) {
		struct sandbox_box *b = sandbox_box_at(s, n);

		if (b)
			b->is_enrolled = !access(b->chain, R_OK);
	}
	return err;
}

static enum kk_err request_save(const char *path, sd_json_variant *request)
{
	void *pem = NULL;
	size_t bytes = 0;
	FILE *file = NULL;
	enum kk_err err = KK_EFORMAT;

	if (request && sd_json_variant_is_string(request) &&
	    sd_json_variant_unbase64(request, &pem, &bytes) >= 0) {
		file = fopen(path, "we");
		err = file && fwrite(pem, 1, bytes, file) == bytes ? KK_OK :
								     KK_EIO;
	}
	if (file && fclose(file) && !err)
		err = KK_EIO;
	kk_free(pem);
	return err;
}

/* keyd's request, into a file, and its key's fingerprint; the caller's to
 * free. */
static enum kk_err request_ask(const struct sandbox *s,
    const struct sandbox_box *b, const char *to, char **fingerprint)
{
	char *path = sandbox_text("%s/keyd%s.setup", s->run, b->tag);
	sd_json_variant *out = NULL, *field;
	const char *error = NULL;
	sd_varlink *link = NULL;
	enum kk_err err = KK_EIO;

	*fingerprint = NULL;
	if (path && sd_varlink_connect_address(&link, path) >= 0 &&
	    sd_varlink_callbo(link, "io.konklave.Keys.MakeRequest", &out,
		&error,
		SD_JSON_BUILD_PAIR_UNSIGNED("suite", SUITE_P384)) >= 0 &&
	    !error) {
		field = sd_json_variant_by_key(out, "fingerprint");
		if (field && sd_json_variant_is_string(field))
			*fingerprint = sandbox_text("%s",
			    sd_json_variant_string(field));
		err = *fingerprint ?
		    request_save(to, sd_json_variant_by_key(out, "request")) :
		    KK_EFORMAT;
	}
	sd_varlink_unref(link); /* out lives in it */
	kk_free(path);
	return err;
}

enum kk_err sandbox_site_enrol(struct sandbox *s, struct sandbox_box *b)
{
	struct sandbox_args a = { 0 };
	char *request = sandbox_text("%s/request.pem", b->folder);
	char *fingerprint = NULL;
	enum kk_err err = request ? begin(s, &a, "box") : KK_ENOMEM;

	if (!err)
		err = request_ask(s, b, request, &fingerprint);
	add(&a, b->chain);
	add(&a, request);
	add(&a, fingerprint);
	if (!err)
		err = certify(s, a.v);
	kk_free(fingerprint);
	kk_free(request);
	sandbox_args_clear(&a);
	b->is_enrolled = !err;
	return err;
}
