/*
 * loopback.h - one participant of a call that a box holds with itself: it sends
 * a picture and a sound that cannot be there by chance, and looks whether the
 * other one's come.  Zone: loopback.
 *
 * It has no network and no group: packets and keys come from outside, as with
 * studio.h, whose parts it is made of: the same encoders, seals, payloaders and
 * decoders.  Callbacks come from threads of its own, and must not block.
 */
#pragma once
#include "base/base.h"
#include "pipelines/elements/vault/vault.h"

enum {
	LOOPBACK_NONCE_BYTES = 24, /* of picture and sound */
	LOOPBACK_PICTURES = 3, /* different ones, that have to come */
	LOOPBACK_COLUMNS = 8 /* whose colours are told */
};

struct loopback;

struct loopback_config { /* texts and nonce outlive the object */
	uint8_t nonce[LOOPBACK_NONCE_BYTES]; /* random */
	unsigned width, height, fps; /* of its picture */
	/* A kind of drivers/camera in place of the picture with the nonce;
	 * NULL: none. */
	const char *camera;
	/* Kinds of drivers/audio: the sound is played there, and is taken from
	 * there.  Without a loudspeaker the microphone is a file that has it
	 * (loopback_sound_write()). */
	const char *microphone, *loudspeaker;
	const struct kk_log *log; /* borrowed; written on any thread */

	/* A sealed RTP packet; SSRC and payload type are 0, and set by whoever
	 * sends it.  Borrowed. */
	void (*send)(void *arg, bool is_video, uint8_t *packet, size_t bytes);
	/* Its decoder needs a key frame. */
	void (*key_frame_ask)(void *arg);
	void *arg;
};

/* Starts its threads.  Nothing leaves before it has keys.  Errors: KK_EUNSUP an
 * element of GStreamer is not installed; KK_ENOMEM. */
MUST_CHECK enum kk_err loopback_new(struct loopback **endp,
    const struct loopback_config *config);
void loopback_free(struct loopback *end); /* waits; wipes; NULL is fine */

/* Its sound as a WAV file below the folder.  Errors: KK_EIO, KK_ENOMEM. */
MUST_CHECK enum kk_err loopback_sound_write(int folder, const char *name,
    const uint8_t nonce[LOOPBACK_NONCE_BYTES]);

/* As vault_epoch_set(). */
MUST_CHECK enum kk_err loopback_epoch_set(struct loopback *end,
    const struct vault_epoch *epoch);

/*
 * Whose picture and sound are to come, in packets of these types; once.  from
 * outlives end.  Errors: KK_EUNSUP, KK_ENOMEM.
 */
MUST_CHECK enum kk_err loopback_expect(struct loopback *end,
    struct loopback *from, uint8_t audio_type, uint8_t video_type);

/* An RTP packet that came; one thread for each of both kinds; never blocks. */
void loopback_packet(struct loopback *end, bool is_video,
    struct kk_view packet);
/* Whether its camera, where it has one, has given a picture. */
bool loopback_gives(const struct loopback *end);
/* The other one needs a key frame; any thread. */
void loopback_key_frame(struct loopback *end);

struct loopback_seen {
	uint64_t frames; /* sealed ones that came */
	uint64_t opened;
	uint64_t refused; /* its key does not open them */
	/* Could be read without a key, or with that of another group. */
	uint64_t readable;
	unsigned sound_percent; /* the most that was heard of the tune */
	bool has_picture; /* the right one has come */
	unsigned pictures; /* different ones */
	/* Of the last picture that came: red, green, blue of its columns, near
	 * its lower edge, where test pictures have no text. */
	uint8_t colours[LOOPBACK_COLUMNS][3];
};
/* Looks at what has come since; one thread. */
struct loopback_seen loopback_look(struct loopback *end);

/*
 * What is wrong with a call (judge.c).
 */
enum loopback_part { /* in the order of their coming */
	LOOPBACK_NOTHING,
	LOOPBACK_FORWARDER, /* it does not start, or ends */
	LOOPBACK_MEETING, /* it does not let us in */
	LOOPBACK_GROUP, /* MLS */
	LOOPBACK_WAY, /* no transport, or no media come by it */
	LOOPBACK_KEYS, /* what comes is not opened */
	LOOPBACK_SEAL, /* a changed frame, or one that others can read */
	LOOPBACK_SOUND,
	LOOPBACK_PICTURE,
	LOOPBACK_PARTS
};
const char *loopback_part_name(enum loopback_part part); /* never NULL */

struct loopback_verdict {
	enum loopback_part part; /* LOOPBACK_NOTHING: nothing is wrong */
	const char *why; /* "" likewise */
};
/* What is wrong already, however long one waits. */
struct loopback_verdict loopback_broken(const struct loopback_seen *seen);
/* What is missing yet. */
struct loopback_verdict loopback_missing(const struct loopback_seen *seen);
