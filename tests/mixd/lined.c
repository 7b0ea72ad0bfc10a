/* lined.c - telephones, as far as mixd knows them. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

/* Who has the descriptor cannot change the memory's size. */
static void memory_take(struct world *w, int fd)
{
	struct stat about;

	CHECK_EQ(fstat(fd, &about), 0);
	CHECK((size_t)about.st_size >= ring_bytes(LANES));
	CHECK(ftruncate(fd, 0) < 0 && ftruncate(fd, about.st_size * 2) < 0);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) < 0);
	w->memory_bytes = (size_t)about.st_size;
	w->memory = mmap(NULL, w->memory_bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	CHECK(w->memory != MAP_FAILED);
	CHECK_OK(ring_new(&w->ring, RING_LINED, w->memory, w->memory_bytes,
	    LANES));
}

static int attached(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct world *w = arg;
	uint64_t lines = 0, memory = 0;
	int fd;

	(void)flags;
	CHECK(error == NULL);
	CHECK_OK(call_get_u64(out, "lines", UINT64_MAX, &lines));
	CHECK_OK(call_get_u64(out, "memory", 0, &memory));
	CHECK_EQ(lines, LANES);
	fd = sd_varlink_take_fd(link, (size_t)memory);
	CHECK(fd >= 0);
	memory_take(w, fd);
	(void)close(fd);
	return 0;
}

void lined_attach(struct world *w)
{
	CHECK(sd_varlink_connect_address(&w->attached, w->lines) >= 0);
	(void)sd_varlink_set_userdata(w->attached, w);
	CHECK(sd_varlink_set_allow_fd_passing_input(w->attached, true) >= 0);
	CHECK(sd_varlink_bind_reply(w->attached, attached) >= 0);
	CHECK(sd_varlink_attach_event(w->attached, w->event, 0) >= 0);
	CHECK(sd_varlink_invoke(w->attached, "io.konklave.Mix.Attach", NULL) >=
	    0);
	UNTIL(w, w->ring);
	lanes_listen(w);
}

void lined_leave(struct world *w)
{
	ring_free(w->ring);
	w->ring = NULL;
	if (w->memory)
		CHECK_EQ(munmap(w->memory, w->memory_bytes), 0);
	w->memory = NULL;
	w->attached = sd_varlink_close_unref(w->attached);
}

void lined_put(struct world *w)
{
	for (size_t i = 0; w->ring && i < LANES; i++) {
		struct lane_end *lane = &w->lane[i];
		int16_t pcm[RING_SAMPLES] = { 0 };

		if (!lane->is_used)
			continue;
		if (!lane->is_quiet)
			voice_say(lane->voice, lane->at, pcm);
		lane->at += RING_SAMPLES;
		/* Where mixd is away, nobody takes. */
		(void)!ring_put(w->ring, i, pcm);
	}
}

void lined_take(struct world *w)
{
	for (size_t i = 0; w->ring && i < LANES; i++) {
		struct ring_frame frame;

		/* More than one where the test was late. */
		while (!ring_take(w->ring, i, &frame))
			ear_hear(&w->lane[i].ear, frame.pcm, RING_SAMPLES);
	}
}

void lanes_listen(struct world *w)
{
	for (size_t i = 0; i < LANES; i++)
		ear_open(&w->lane[i].ear);
}
