/* entry.c - boot entries and the record, as bytes of others. */
#include <string.h>

#include "boot/boot.h"
#include "harness/tap.h"

static const struct boot_disk disk = { .number = 3,
	.start = 0x0102030405,
	.sectors = 262144,
	.guid = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11, 12, 13, 14, 15, 16 } };

TEST(entry_of_each_slot_is_read_as_it_was_written)
{
	for (unsigned s = 0; s < BOOT_SLOTS; s++) {
		uint8_t data[BOOT_ENTRY_BYTES];
		struct boot_entry e;
		const size_t bytes = boot_entry_write((enum boot_slot)s, &disk,
		    data);

		CHECK(bytes <= sizeof(data));
		CHECK_OK(boot_entry_parse(&e, kk_view_of(data, bytes)));
		CHECK(e.is_active && e.has_disk && e.optional_bytes == 0);
		CHECK_EQ(e.slot, s);
		CHECK_EQ(e.disk.number, disk.number);
		CHECK_EQ(e.disk.start, disk.start);
		CHECK_EQ(e.disk.sectors, disk.sectors);
		CHECK_MEM(e.disk.guid, disk.guid, sizeof(disk.guid));
	}
}

/* Written out by hand from UEFI 2.10, 3.1.3 and 10.3.5.1, 10.3.5.4. */
TEST(entry_is_the_specifications_bytes)
{
	static const uint8_t head[] = { 1, 0, 0, 0, /* active */
		90, 0, /* the path list: 42 + 44 + 4 bytes */
		'K', 0, 'o', 0, 'n', 0, 'k', 0, 'l', 0, 'a', 0, 'v', 0, 'e', 0,
		' ', 0, 'A', 0, 0, 0, 4, 1, 42, 0, 3, 0, 0, 0, 5, 4, 3, 2, 1, 0,
		0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11,
		12, 13, 14, 15, 16, 2, 2, 4, 4, 44, 0, '\\', 0, 'E', 0, 'F', 0,
		'I', 0, '\\', 0 };
	static const uint8_t tail[] = { 'a', 0, '.', 0, 'e', 0, 'f', 0, 'i', 0,
		0, 0, 0x7f, 0xff, 4, 0 };
	uint8_t data[BOOT_ENTRY_BYTES];
	const size_t bytes = boot_entry_write(BOOT_A, &disk, data);

	CHECK_EQ(bytes, 4 + 2 + 22 + 90);
	CHECK_MEM(data, head, sizeof(head));
	CHECK_MEM(data + bytes - sizeof(tail), tail, sizeof(tail));
}

TEST(entry_cut_anywhere_is_refused_and_nothing_changed)
{
	uint8_t data[BOOT_ENTRY_BYTES];
	const size_t bytes = boot_entry_write(BOOT_B, &disk, data);
	struct boot_entry e, before;

	memset(&e, 0x5a, sizeof(e));
	before = e;
	for (size_t cut = 0; cut < bytes; cut++)
		CHECK_ERR(boot_entry_parse(&e, kk_view_of(data, cut)),
		    KK_ETRUNC);
	CHECK_MEM(&e, &before, sizeof(e));
}

TEST(letters_size_does_not_count_and_other_paths_are_not_ours)
{
	uint8_t data[BOOT_ENTRY_BYTES];
	const size_t bytes = boot_entry_write(BOOT_A, &disk, data);
	struct boot_entry e;

	for (size_t i = 70; i < bytes; i += 2) {
		if (data[i] >= 'a' && data[i] <= 'z' && data[i + 1] == 0)
			data[i] -= 'a' - 'A';
	}
	CHECK_OK(boot_entry_parse(&e, kk_view_of(data, bytes)));
	CHECK_EQ(e.slot, BOOT_A);
	data[bytes - 16] = 'C'; /* \EFI\KONKLAVE\C.EFI */
	CHECK_OK(boot_entry_parse(&e, kk_view_of(data, bytes)));
	CHECK_EQ(e.slot, BOOT_NO_SLOT);
	data[bytes - 16] = 'B';
	data[bytes - 15] = 1; /* a letter of another script */
	CHECK_OK(boot_entry_parse(&e, kk_view_of(data, bytes)));
	CHECK_EQ(e.slot, BOOT_NO_SLOT);
	data[0] = 0;
	CHECK_OK(boot_entry_parse(&e, kk_view_of(data, bytes)));
	CHECK(!e.is_active);
}

TEST(entry_with_optional_data_tells_how_much)
{
	uint8_t data[BOOT_ENTRY_BYTES + 9] = { 0 };
	struct boot_entry e;
	const size_t bytes = boot_entry_write(BOOT_A, &disk, data);

	CHECK_OK(boot_entry_parse(&e, kk_view_of(data, bytes + 9)));
	CHECK_EQ(e.optional_bytes, 9);
	CHECK_EQ(e.slot, BOOT_A);
}

TEST(entry_that_breaks_its_form_has_its_error)
{
	static const uint8_t short_node[] = { 1, 0, 0, 0, 4, 0, 0, 0, 4, 4, 3,
		0 };
	static const uint8_t odd_disk[] = { 1, 0, 0, 0, 9, 0, 0, 0, 4, 1, 5, 0,
		7, 0x7f, 0xff, 4, 0 };
	static uint8_t large[BOOT_VAR_BYTES + 1];
	struct boot_entry e;

	CHECK_ERR(boot_entry_parse(&e,
		      kk_view_of(short_node, sizeof(short_node))),
	    KK_EFORMAT);
	CHECK_ERR(boot_entry_parse(&e, kk_view_of(odd_disk, sizeof(odd_disk))),
	    KK_EFORMAT);
	CHECK_ERR(boot_entry_parse(&e, kk_view_of(large, sizeof(large))),
	    KK_ELIMIT);
	memset(large, 'x', sizeof(large)); /* a title without end */
	CHECK_ERR(boot_entry_parse(&e, kk_view_of(large, BOOT_VAR_BYTES)),
	    KK_ELIMIT);
}

static const struct boot_record record = { .state = { BOOT_GOOD, BOOT_TRYING },
	.boots = { 1, 200 },
	.preferred = BOOT_B,
	.floor = 0x0102030405060708,
	.boot_id = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

TEST(record_is_read_as_it_was_written)
{
	uint8_t data[BOOT_RECORD_BYTES];
	struct boot_record r;

	boot_record_write(&record, data);
	CHECK_OK(boot_record_parse(&r, kk_view_of(data, sizeof(data))));
	CHECK(r.state[BOOT_A] == BOOT_GOOD && r.state[BOOT_B] == BOOT_TRYING);
	CHECK(r.boots[BOOT_A] == 1 && r.boots[BOOT_B] == 200);
	CHECK_EQ(r.preferred, BOOT_B);
	CHECK_EQ(r.floor, record.floor);
	CHECK_MEM(r.boot_id, record.boot_id, sizeof(r.boot_id));
}

TEST(record_that_is_none_is_refused)
{
	uint8_t data[BOOT_RECORD_BYTES + 1] = { 0 };
	struct boot_record r;

	boot_record_write(&record, data);
	for (size_t bytes = 0; bytes < BOOT_RECORD_BYTES; bytes++)
		CHECK_ERR(boot_record_parse(&r, kk_view_of(data, bytes)),
		    KK_EFORMAT);
	CHECK_ERR(boot_record_parse(&r, kk_view_of(data, sizeof(data))),
	    KK_EFORMAT);
	data[4] = 2;
	CHECK_ERR(boot_record_parse(&r, kk_view_of(data, BOOT_RECORD_BYTES)),
	    KK_EUNSUP);
	data[4] = 1;
	data[5] = BOOT_NO_SLOT;
	CHECK_ERR(boot_record_parse(&r, kk_view_of(data, BOOT_RECORD_BYTES)),
	    KK_EFORMAT);
	data[5] = BOOT_A;
	data[8] = BOOT_STATES;
	CHECK_ERR(boot_record_parse(&r, kk_view_of(data, BOOT_RECORD_BYTES)),
	    KK_EFORMAT);
	data[8] = BOOT_EMPTY;
	CHECK_OK(boot_record_parse(&r, kk_view_of(data, BOOT_RECORD_BYTES)));
	data[0] ^= 1;
	CHECK_ERR(boot_record_parse(&r, kk_view_of(data, BOOT_RECORD_BYTES)),
	    KK_EFORMAT);
}

TEST(names_are_there_for_any_number)
{
	CHECK_STR(boot_slot_name(BOOT_B), "b");
	CHECK_STR(boot_slot_name((enum boot_slot)77), "none");
	CHECK_STR(boot_state_name(BOOT_FAILED), "failed");
	CHECK_STR(boot_state_name((enum boot_state)77), "unknown");
}
