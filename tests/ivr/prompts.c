/* prompts.c - each prompt has its words, in both languages, and no words are
 * left over.  Run from the tree's top, as all tests are. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "ivr/ivr.h"

static const char *const folders[] = { "rootfs/prompts/en",
	"rootfs/prompts/de" };

static bool is_told(const char *folder, enum ivr_prompt prompt)
{
	char path[128], text[512] = "";
	FILE *file;
	size_t bytes;

	(void)snprintf(path, sizeof(path), "%s/%s.txt", folder,
	    ivr_prompt_name(prompt));
	file = fopen(path, "re");
	if (!file)
		return false;
	bytes = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	/* One line of words. */
	return bytes > 4 && strchr(text, '\n') == text + bytes - 1;
}

TEST(each_prompt_has_words_in_both_languages)
{
	for (size_t f = 0; f < KK_ARRAY_LEN(folders); f++) {
		for (int p = 0; p < IVR_PROMPT_COUNT; p++)
			CHECK(is_told(folders[f], (enum ivr_prompt)p));
	}
}

static bool is_prompt(const char *file)
{
	const char *name;
	size_t length;

	for (int p = 0; p < IVR_PROMPT_COUNT; p++) {
		name = ivr_prompt_name((enum ivr_prompt)p);
		length = strlen(name);
		if (!strncmp(file, name, length) &&
		    !strcmp(file + length, ".txt"))
			return true;
	}
	return false;
}

TEST(no_words_are_of_a_prompt_that_is_not_there)
{
	const struct dirent *entry;
	DIR *folder;

	for (size_t f = 0; f < KK_ARRAY_LEN(folders); f++) {
		folder = opendir(folders[f]);
		CHECK(folder != NULL);
		while (folder && (entry = readdir(folder)) != NULL)
			CHECK(entry->d_name[0] == '.' ||
			    is_prompt(entry->d_name));
		if (folder)
			(void)closedir(folder);
	}
}
