/* sandbox.c - the synthetic room's voice: espeak-ng says the box's name and
 * counts, again and again. */
#define _GNU_SOURCE /* pipe2(), environ */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/audio/audio_internal.h"
#include "drivers/audio/wav.h"

enum { TEXT_BYTES = 512, PAUSE_SAMPLES = AUDIO_RATE_HZ };

static const char counting[] =
    "1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12. 13. 14. 15. 16. 17. 18. 19. 20.";

static const char *text_of(const struct audio_config *config, bool is_german,
    char text[TEXT_BYTES])
{
	(void)snprintf(text, TEXT_BYTES, "%s %s. %s",
	    is_german ? "Hier ist" : "This is", config->name, counting);
	return text;
}

/* Starts espeak-ng; what it says comes out of *fd.  A name that begins with a
 * hyphen is no option: the text begins with our own words. */
static enum kk_err speaker_start(const struct audio_config *config, int *fd,
    pid_t *pid)
{
	bool is_german = config->language && !strcmp(config->language, "de");
	char text[TEXT_BYTES];
	const char *args[] = { "espeak-ng", "--stdout", "-v",
		is_german ? "de" : "en", text_of(config, is_german, text),
		NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], failed;

	if (pipe2(ends, O_CLOEXEC))
		return KK_EIO;
	if (posix_spawn_file_actions_init(&actions)) {
		(void)close(ends[0]);
		(void)close(ends[1]);
		return KK_ENOMEM;
	}
	failed = posix_spawn_file_actions_adddup2(&actions, ends[1],
	    STDOUT_FILENO);
	if (!failed)
		failed = posix_spawnp(pid, args[0], &actions, NULL,
		    (char *const *)(uintptr_t)args, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	*fd = ends[0];
	if (!failed)
		return KK_OK;
	(void)close(ends[0]);
	return KK_ENOENT;
}

static enum kk_err speaker_read(int fd, pid_t pid, struct kk_bytes *wav)
{
	enum kk_err err = audio_fd_read(fd, wav);
	int status = 0;

	(void)close(fd);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0) {
		kk_bytes_clear(wav);
		return KK_ENOENT;
	}
	return err;
}

enum kk_err audio_sandbox_open(struct audio **audiop,
    const struct audio_config *config)
{
	struct kk_bytes wav = { 0 };
	int16_t *samples = NULL;
	size_t count = 0;
	enum kk_err err;
	pid_t pid = 0;
	int fd = -1;

	err = speaker_start(config, &fd, &pid);
	if (!err)
		err = speaker_read(fd, pid, &wav);
	if (!err)
		err = wav_read(kk_bytes_view(&wav), &samples, &count);
	kk_bytes_clear(&wav);
	if (err)
		return err;
	return audio_loop_open(audiop, samples, count, PAUSE_SAMPLES);
}
