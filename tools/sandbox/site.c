/* site.c - certificates for this PC's names, and for the boxes' keys. */
#define _GNU_SOURCE /* getifaddrs() */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
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

enum kk_err sandbox_site_make(struct sandbox *s)
{
	struct sandbox_args a = { 0 };
	char host[HOST_NAME_MAX + 1] = "", local[HOST_NAME_MAX + 8];
	enum kk_err err;

	(void)snprintf(s->host, sizeof(s->host), "localhost");
	add(&a, s->options.certify);
	add(&a, "site");
	add(&a, s->site);
	add(&a, "localhost");
	add(&a, "127.0.0.1");
	add(&a, "::1");
	if (!gethostname(host, sizeof(host) - 1) && host[0]) {
		(void)snprintf(local, sizeof(local), "%s.local", host);
		add(&a, host);
		add(&a, local);
	}
	addresses_add(s, &a);
	err = certify(s, a.v);
	sandbox_args_clear(&a);
	return err;
}

/* The public key that keyd tells, in base64; the caller's to free. */
static enum kk_err key_ask(const struct sandbox *s, const struct sandbox_box *b,
    char **key)
{
	char *path = sandbox_text("%s/keyd%s.policy", s->run, b->tag);
	sd_json_variant *out = NULL, *field;
	const char *error = NULL;
	sd_varlink *link = NULL;
	enum kk_err err = KK_EIO;

	*key = NULL;
	if (path && sd_varlink_connect_address(&link, path) >= 0 &&
	    sd_varlink_callbo(link, "io.konklave.Keys.Identity", &out, &error,
		SD_JSON_BUILD_PAIR_UNSIGNED("suite", SUITE_P384)) >= 0 &&
	    !error) {
		field = sd_json_variant_by_key(out, "publicKey");
		if (field && sd_json_variant_is_string(field))
			*key = sandbox_text("%s",
			    sd_json_variant_string(field));
		err = *key ? KK_OK : KK_EFORMAT;
	}
	sd_varlink_unref(link); /* out lives in it */
	kk_free(path);
	return err;
}

enum kk_err sandbox_site_enrol(struct sandbox *s, struct sandbox_box *b)
{
	struct sandbox_args a = { 0 };
	char *key, *name;
	enum kk_err err = key_ask(s, b, &key);

	if (err)
		return err;
	name = sandbox_box_name(s, b);
	add(&a, s->options.certify);
	add(&a, "box");
	add(&a, s->site);
	add(&a, b->chain);
	add(&a, name);
	add(&a, key);
	kk_free(key);
	kk_free(name);
	err = certify(s, a.v);
	sandbox_args_clear(&a);
	b->is_enrolled = !err;
	return err;
}
