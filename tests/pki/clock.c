/* clock.c - times that an offline PC's clock cannot mean. */
#define _GNU_SOURCE /* O_DIRECTORY */
#include "tools/pki/cert.h"
#include "tools/pki/pki.h"

#include <stdio.h>

#include "site.h"

/* As a command does that begins then. */
static enum pki_exit opened_at(const char *folder, int64_t now_s, bool is_right)
{
	struct pki p = { .folder = -1,
		.issued = -1,
		.now_s = now_s,
		.o = { .word = { "crl" },
		    .folder = folder,
		    .is_clock_right = is_right } };
	enum kk_err err = pki_folder_open(&p, true);

	pki_folder_close(&p);
	CHECK((err != KK_OK) == (p.exit != PKI_DONE));
	return p.exit;
}

TEST(clock_before_the_last_act_or_years_after_it_is_not_believed)
{
	static struct site s;
	char folder[96];
	struct pki p = { .folder = -1, .issued = -1 };
	const int64_t day = PKI_DAY_S;
	int64_t now_s;

	CHECK_OK(crypto_init());
	CHECK_OK(pki_clock_read(&p));
	now_s = p.now_s + 60; /* the CA begins a moment later */
	site_init(&s);
	(void)snprintf(folder, sizeof(folder), "%s/ca", s.folder);
	CHECK_EQ(opened_at(folder, now_s + 600, false), PKI_DONE);
	CHECK_EQ(opened_at(folder, now_s + 700 * day, false), PKI_DONE);
	CHECK_EQ(opened_at(folder, now_s - day, false), PKI_CLOCK);
	CHECK_EQ(opened_at(folder, now_s - day, true), PKI_DONE);
	CHECK_EQ(opened_at(folder, now_s + 900 * day, false), PKI_CLOCK);
	CHECK_EQ(opened_at(folder, now_s + 900 * day, true), PKI_DONE);
	/* Not even when told: its certificate is over. */
	CHECK_EQ(opened_at(folder, now_s + 7400 * day, true), PKI_CLOCK);
	site_end(&s);
}
