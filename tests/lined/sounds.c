/* sounds.c - prompts, those of the maker and those of the site. */
#define _GNU_SOURCE /* mkdtemp() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "drivers/audio/wav.h"
#include "harness/process.h"
#include "world.h"

enum { PATH = 128, MADE = 100, OWN = 200, ROOM = WAV_HEADER_BYTES + 2 * OWN };

struct folders {
	char all[32], made[PATH], own[PATH];
};

static void folders_make(struct folders *f)
{
	char path[PATH];

	memcpy(f->all, "/tmp/kk-sounds-XXXXXX", 22);
	CHECK(mkdtemp(f->all) != NULL);
	(void)snprintf(f->made, PATH, "%s/made", f->all);
	(void)snprintf(f->own, PATH, "%s/own", f->all);
	CHECK_EQ(mkdir(f->made, 0700), 0);
	CHECK_EQ(mkdir(f->own, 0700), 0);
	(void)snprintf(path, PATH, "%s/made/en", f->all);
	CHECK_EQ(mkdir(path, 0700), 0);
	(void)snprintf(path, PATH, "%s/own/en", f->all);
	CHECK_EQ(mkdir(path, 0700), 0);
}

static void sound_write(const struct folders *f, const char *whose,
    const char *name, size_t samples)
{
	uint8_t file[ROOM] = { 0 };
	char path[PATH];

	(void)snprintf(path, PATH, "%s/%s/en/%s.wav", f->all, whose, name);
	wav_header_write(file, (uint32_t)samples);
	file_write(path, file, WAV_HEADER_BYTES + 2 * samples);
}

TEST(recordings_of_the_site_go_first_and_what_it_has_none_of_is_the_maker_s)
{
	struct lined_sounds s = { .missing = 0 };
	struct folders f;

	folders_make(&f);
	sound_write(&f, "made", ivr_prompt_name(IVR_WELCOME), MADE);
	sound_write(&f, "made", ivr_prompt_name(IVR_WRONG), MADE);
	sound_write(&f, "own", ivr_prompt_name(IVR_WELCOME), OWN);
	sound_write(&f, "own", "music", OWN);
	CHECK_OK(lined_sounds_read(&s, f.made, f.own));
	CHECK_EQ(s.of[0].prompt[IVR_WELCOME].samples, OWN);
	CHECK_EQ(s.of[0].prompt[IVR_WRONG].samples, MADE);
	CHECK_EQ(s.of[0].music.samples, OWN);
	/* All others are silent, in both languages. */
	CHECK_EQ(s.missing, LINED_LANGUAGES * IVR_PROMPT_COUNT - 2);
	CHECK_EQ(s.of[1].prompt[IVR_WELCOME].samples, 0);
	CHECK(s.of[1].music.samples > OWN);
	lined_sounds_clear(&s);
	CHECK_OK(lined_sounds_read(&s, f.made, NULL));
	CHECK_EQ(s.of[0].prompt[IVR_WELCOME].samples, MADE);
	CHECK(s.of[0].music.samples > OWN);
	lined_sounds_clear(&s);
	folder_remove(f.all);
}

TEST(recording_of_the_site_that_is_no_sound_is_an_error)
{
	struct lined_sounds s = { .missing = 0 };
	struct folders f;
	char path[PATH];

	folders_make(&f);
	sound_write(&f, "made", ivr_prompt_name(IVR_WELCOME), MADE);
	(void)snprintf(path, PATH, "%s/own/en/%s.wav", f.all,
	    ivr_prompt_name(IVR_WELCOME));
	file_write(path,
	    "No sound, but words of some length: they are of a text file.", 60);
	CHECK_ERR(lined_sounds_read(&s, f.made, f.own), KK_EFORMAT);
	lined_sounds_clear(&s);
	folder_remove(f.all);
}
