/* data.c - how the check of a first boot reads the data, and knows contents. */
#define _GNU_SOURCE /* pread() */
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "harness/tap.h"
#include "tests/cuts/known.h"
#include "tests/cuts/plain.h"

enum { SECTORS = 64, UNIT = 4096, UNITS = 4, OFFSET = 1024 };

TEST(number_is_known_from_the_second_time_on)
{
	struct known k;

	known_open(&k, 8);
	CHECK(!known_is(&k, 5) && known_is(&k, 5));
	CHECK(!known_is(&k, 5 + 8)); /* of the same place */
	CHECK(known_is(&k, 5 + 8) && known_is(&k, 5));
	CHECK_EQ(k.count, 2);
	known_close(&k);
}

/* As dm-crypt has it: the tweak is the number of the unit's first sector. */
static void unit_encrypt(const struct plain_format *f, uint8_t sector,
    const uint8_t *in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const uint8_t iv[16] = { sector };
	int n = 0;

	CHECK(EVP_EncryptInit_ex(ctx, EVP_aes_256_xts(), NULL, f->secret, iv) ==
		1 &&
	    EVP_EncryptUpdate(ctx, out, &n, in, UNIT) == 1 && n == UNIT);
	EVP_CIPHER_CTX_free(ctx);
}

TEST(data_are_decrypted_and_are_again_what_they_were)
{
	static const uint8_t base[(SECTORS + 2) * CUTS_SECTOR];
	static uint8_t text[UNIT], written[UNIT];
	struct plain_format format = { .offset = OFFSET, .unit_bytes = UNIT };
	const struct gpt_part part = { .first = 3,
		.sectors = (OFFSET + UNITS * UNIT) / CUTS_SECTOR };
	const struct kk_view all = kk_view_of(base, sizeof(base));
	/* The third unit: behind two of the part's own sectors. */
	const struct cuts_entry entry = { .at = 3 + 2 + 16,
		.sectors = UNIT / CUTS_SECTOR,
		.data = written };
	struct cuts_disk disk;
	struct plain p;
	uint8_t read[UNIT];

	for (size_t i = 0; i < PLAIN_KEY; i++)
		format.secret[i] = (uint8_t)(i + 1);
	for (size_t i = 0; i < UNIT; i++)
		text[i] = (uint8_t)(i * 7 + i / 512);
	unit_encrypt(&format, 16, text, written);
	cuts_disk_open(&disk, all);
	plain_open(&p, &part, &format, all);
	plain_take(&p, &disk);
	cuts_disk_write(&disk, &entry, 0, entry.sectors);
	plain_take(&p, &disk);
	CHECK_EQ(pread(p.fd, read, UNIT, (off_t)2 * UNIT), UNIT);
	CHECK_MEM(read, text, UNIT);
	CHECK_EQ(pwrite(p.fd, base, UNIT, (off_t)2 * UNIT + 100), UNIT);
	plain_back(&p);
	CHECK_MEM(p.file + 2 * UNIT, text, UNIT);
	CHECK_MEM(p.file + 3 * UNIT, base, UNIT);
	/* A torn one is the old one from there on. */
	cuts_disk_back(&disk, 0);
	cuts_disk_write(&disk, &entry, 0, 3);
	plain_take(&p, &disk);
	CHECK_MEM(p.file + 2 * UNIT, text, 3 * CUTS_SECTOR);
	CHECK(memcmp(p.file + 2 * UNIT + 3 * CUTS_SECTOR,
		  text + 3 * CUTS_SECTOR, CUTS_SECTOR) != 0);
	cuts_disk_back(&disk, 0);
	plain_take(&p, &disk);
	CHECK_MEM(p.file + 2 * UNIT, base, UNIT);
	plain_close(&p);
	cuts_disk_close(&disk);
}
