/* media_shaker.c - the handshakes' thread, and the letters to and from it. */
#include "media_shaker.h"

#include <malloc.h>
#include <string.h>

#include "media_internal.h"
#include "worker.h"

enum {
	US_PER_MS = 1000,
	TICK_US = 20000,
	SLACK_US = 2000,
	/* As long as consent: what takes longer is over for the client, too. */
	GIVE_UP_MS = MEDIA_CONSENT_US / US_PER_MS,
	PENDING_MAX = 16, /* letters of one shake; a flight is 4 */
	/* So many, and the heap is tidied up when none is left. */
	CROWD = 8
};

struct media_shaker {
	struct worker *worker;
	sd_event_source *timer;
	struct media_shake *ticking; /* of its own thread */
	size_t ended; /* since the heap was tidied up */
};

/* Back in the transport's thread, after a letter or a tick. */
struct news {
	struct postbox_job job;
	struct media_shake *shake;
	enum dtls_state state;
	enum kk_err err;
	struct dtls_srtp_keys keys; /* of DTLS_DONE, once */
	bool has_keys;
};

struct way { /* to send what is said when the transport is gone */
	bool is_known;
	struct media_address remote, local;
};

struct goodbye { /* there and back */
	struct postbox_job job;
	struct media_shake *shake;
	struct way way;
};

struct media_shake {
	struct media_shaker *shaker;
	/* Of the transport's thread: */
	struct media *media;
	struct media_transport_state *transport; /* NULL: it is gone */
	size_t pending;
	struct goodbye goodbye;
	/* Of the shaker's thread: */
	struct dtls *dtls;
	enum dtls_role role;
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	bool is_over, has_given_keys;
	struct media_shake *next, *prev; /* of those that tick */
	bool is_ticking;
	struct news last; /* what a tick has to say: the end */
};

struct letter { /* there, and as news back */
	struct news news; /* its job is the letter's */
	size_t bytes;
	uint8_t data[];
};

struct outgoing {
	struct postbox_job job;
	struct media_shake *shake;
	struct way way;
	size_t bytes;
	uint8_t data[DTLS_DATAGRAM_MAX_BYTES];
};

static struct postbox *box_of(const struct media_shake *shake)
{
	return shake->media->config.box;
}

/* --- in the transport's thread ------------------------------------------- */

static void outgoing_run(struct postbox_job *job)
{
	struct outgoing *out = (struct outgoing *)job; /* its first */
	const struct media_transport_state *t = out->shake->transport;
	struct media *media = out->shake->media;
	const struct media_path *path = t ? t->path : NULL;

	if (path)
		out->way = (struct way){ true, path->remote, path->local };
	if (out->way.is_known) {
		memcpy(media_out_room(media), out->data, out->bytes);
		media_out_commit(media, out->bytes, &out->way.remote,
		    &out->way.local);
		media_out_flush(media);
	}
	kk_free(out);
}

static void news_take(const struct news *news)
{
	struct media_transport_state *t = news->shake->transport;

	if (!t)
		return;
	media_dtls_follow(t, news->state, news->err,
	    news->has_keys ? &news->keys : NULL);
	media_settle(news->shake->media);
}

static void letter_back_run(struct postbox_job *job)
{
	struct letter *letter = (struct letter *)job;

	letter->news.shake->pending--;
	news_take(&letter->news);
	kk_free_wiped(letter, sizeof(*letter) + letter->bytes);
}

static void goodbye_back_run(struct postbox_job *job)
{
	struct goodbye *goodbye = (struct goodbye *)job;

	kk_free_wiped(goodbye->shake, sizeof(*goodbye->shake));
}

static void last_run(struct postbox_job *job)
{
	news_take((struct news *)job);
}

/* --- in the shaker's thread ---------------------------------------------- */

/* A handshake takes several times the memory that a participant has behind it,
 * and the C library would keep it for the next ones. */
static void ended(struct media_shaker *shaker)
{
	shaker->ended++;
	if (shaker->ticking || shaker->ended < CROWD)
		return;
	shaker->ended = 0;
	(void)malloc_trim(0);
}

static void ticking_set(struct media_shake *shake, bool ticks)
{
	struct media_shaker *shaker = shake->shaker;

	if (shake->is_ticking == ticks)
		return;
	shake->is_ticking = ticks;
	if (!ticks) {
		if (shake->prev)
			shake->prev->next = shake->next;
		else
			shaker->ticking = shake->next;
		if (shake->next)
			shake->next->prev = shake->prev;
		ended(shaker);
		return;
	}
	shake->prev = NULL;
	shake->next = shaker->ticking;
	if (shake->next)
		shake->next->prev = shake;
	shaker->ticking = shake;
	if (sd_event_source_set_time_relative(shaker->timer, TICK_US) < 0 ||
	    sd_event_source_set_enabled(shaker->timer, SD_EVENT_ONESHOT) < 0)
		return; /* the peer's own repeats still work */
}

static enum kk_err machine_make(struct media_shake *shake)
{
	struct dtls_config config = { .role = shake->role,
		.fingerprints = &shake->fingerprint,
		.fingerprint_count = 1,
		.profiles = { DTLS_SRTP_AEAD_AES_128_GCM,
		    DTLS_SRTP_AEAD_AES_256_GCM, DTLS_SRTP_AES128_CM_SHA1_80 },
		.profile_count = 3,
		.give_up_ms = GIVE_UP_MS };

	/* By the identity's own clock: peers trust the fingerprint, so there
	 * is no date by which it would be of no use. */
	return dtls_new(&shake->dtls, shake->media->identity, &config,
	    shake->media->identity_s);
}

static void send_all(struct media_shake *shake, const struct way *way)
{
	size_t bytes = DTLS_DATAGRAM_MAX_BYTES;
	struct outgoing *out = kk_calloc(1, sizeof(*out));

	/* Without memory it stays, till the next time. */
	while (out && !dtls_take(shake->dtls, out->data, &bytes)) {
		out->job.run = outgoing_run;
		out->shake = shake;
		out->way = *way;
		out->bytes = bytes;
		postbox_post(box_of(shake), &out->job);
		bytes = DTLS_DATAGRAM_MAX_BYTES;
		out = kk_calloc(1, sizeof(*out));
	}
	kk_free(out);
}

/* The machine has moved: what it says goes out, then its state counts. */
static void follow(struct media_shake *shake, enum kk_err err,
    struct news *news)
{
	static const struct way none = { 0 };

	news->shake = shake;
	news->state = DTLS_WAITING;
	news->err = err;
	if (!shake->dtls)
		return; /* nothing has begun, and nothing is lost */
	send_all(shake, &none);
	news->state = err ? DTLS_FAILED : dtls_state(shake->dtls);
	if (news->state == DTLS_FAILED && !err)
		news->err = dtls_error(shake->dtls);
	if (news->state == DTLS_DONE && !shake->has_given_keys) {
		news->err = dtls_keys_take(shake->dtls, &news->keys);
		news->has_keys = shake->has_given_keys = !news->err;
	}
	shake->is_over = news->state == DTLS_FAILED ||
	    news->state == DTLS_CLOSED;
	ticking_set(shake, !shake->is_over && news->state != DTLS_DONE);
}

static uint64_t now_ms(void)
{
	return media_now_us() / US_PER_MS;
}

static void letter_run(struct postbox_job *job)
{
	struct letter *letter = (struct letter *)job;
	struct media_shake *shake = letter->news.shake;
	bool is_new = !shake->dtls;
	enum kk_err err = is_new ? machine_make(shake) : KK_OK;

	if (!err && is_new && shake->role == DTLS_CLIENT)
		err = dtls_start(shake->dtls, now_ms());
	if (!err && !shake->is_over && letter->bytes > 0)
		err = dtls_input(shake->dtls,
		    kk_view_of(letter->data, letter->bytes), now_ms());
	follow(shake, err, &letter->news);
	letter->news.job.run = letter_back_run;
	postbox_post(box_of(shake), &letter->news.job);
}

static void goodbye_run(struct postbox_job *job)
{
	struct goodbye *goodbye = (struct goodbye *)job;
	struct media_shake *shake = goodbye->shake;

	ticking_set(shake, false);
	if (shake->dtls && goodbye->way.is_known) {
		dtls_close(shake->dtls);
		send_all(shake, &goodbye->way);
	}
	dtls_free(shake->dtls);
	shake->dtls = NULL;
	goodbye->job.run = goodbye_back_run;
	postbox_post(box_of(shake), &goodbye->job);
}

static int on_tick(sd_event_source *source, uint64_t at_us, void *arg)
{
	struct media_shaker *shaker = arg;
	struct media_shake *shake, *next;

	(void)source;
	(void)at_us;
	for (shake = shaker->ticking; shake; shake = next) {
		next = shake->next;
		follow(shake, dtls_tick(shake->dtls, now_ms()), &shake->last);
		if (!shake->is_over)
			continue;
		shake->last.job.run = last_run;
		postbox_post(box_of(shake), &shake->last.job);
	}
	if (!shaker->ticking)
		return 0;
	if (sd_event_source_set_time_relative(source, TICK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void timer_make(void *arg)
{
	struct media_shaker *shaker = arg;

	if (sd_event_add_time_relative(worker_event(shaker->worker),
		&shaker->timer, CLOCK_MONOTONIC, 0, SLACK_US, on_tick,
		shaker) < 0)
		shaker->timer = NULL;
	else
		(void)sd_event_source_set_enabled(shaker->timer, SD_EVENT_OFF);
}

static void timer_free(void *arg)
{
	struct media_shaker *shaker = arg;

	sd_event_source_disable_unref(shaker->timer);
}

/* --- of any thread ------------------------------------------------------- */

enum kk_err media_shaker_new(struct media_shaker **shakerp,
    const struct kk_log *log)
{
	struct media_shaker *shaker = kk_calloc(1, sizeof(*shaker));
	enum kk_err err;

	if (!shaker)
		return KK_ENOMEM;
	err = worker_new(&shaker->worker, "handshakes", log);
	if (!err) {
		worker_call(shaker->worker, timer_make, shaker);
		err = shaker->timer ? KK_OK : KK_ENOMEM;
	}
	if (err) {
		media_shaker_free(shaker);
		return err;
	}
	*shakerp = shaker;
	return KK_OK;
}

void media_shaker_free(struct media_shaker *shaker)
{
	if (!shaker)
		return;
	if (shaker->worker)
		worker_call(shaker->worker, timer_free, shaker);
	worker_free(shaker->worker);
	kk_free(shaker);
}

struct worker *media_shaker_worker(const struct media_shaker *shaker)
{
	return shaker->worker;
}

/* --- to the shaker's thread ---------------------------------------------- */

enum kk_err media_shake_new(struct media_shake **shakep,
    struct media_transport_state *t)
{
	struct media_shake *shake = kk_calloc(1, sizeof(*shake));

	if (!shake)
		return KK_ENOMEM;
	shake->shaker = t->media->config.shaker;
	shake->media = t->media;
	shake->transport = t;
	shake->role = t->is_dtls_client ? DTLS_CLIENT : DTLS_SERVER;
	memcpy(shake->fingerprint, t->fingerprint, sizeof(shake->fingerprint));
	*shakep = shake;
	return KK_OK;
}

static bool letter_post(struct media_shake *shake, struct kk_view datagram)
{
	struct letter *letter;

	if (shake->pending == PENDING_MAX ||
	    datagram.bytes > DTLS_DATAGRAM_MAX_BYTES)
		return false;
	letter = kk_calloc(1, sizeof(*letter) + datagram.bytes);
	if (!letter)
		return false;
	shake->pending++;
	letter->news.shake = shake;
	letter->news.job.run = letter_run;
	letter->bytes = datagram.bytes;
	if (datagram.bytes > 0)
		memcpy(letter->data, datagram.data, datagram.bytes);
	postbox_post(worker_postbox(shake->shaker->worker), &letter->news.job);
	return true;
}

bool media_shake_start(struct media_shake *shake)
{
	static const struct kk_view nothing = { 0 };

	return letter_post(shake, nothing);
}

void media_shake_input(struct media_shake *shake, struct kk_view datagram)
{
	(void)letter_post(shake, datagram);
}

void media_shake_free(struct media_shake *shake, const struct media_path *path)
{
	struct goodbye *goodbye;

	if (!shake)
		return;
	goodbye = &shake->goodbye;
	if (path)
		goodbye->way = (struct way){ true, path->remote, path->local };
	shake->transport = NULL;
	goodbye->shake = shake;
	goodbye->job.run = goodbye_run;
	postbox_post(worker_postbox(shake->shaker->worker), &goodbye->job);
}
