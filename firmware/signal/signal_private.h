/* signal_private.h - what the files of signal share. */
#pragma once
#include <systemd/sd-json.h>

#include "call/call.h"
#include "signal/signal.h"

/*
 * scan.c: bounds a text before it is parsed.  Errors: KK_ELIMIT.  What is no
 * JSON may pass: the parser says so.
 */
MUST_CHECK enum kk_err signal_scan(const char *text, size_t bytes);

/*
 * fields.c: readers of an object's fields.  The first error sticks in *error,
 * and later ones give zeroes.
 */
struct signal_reader {
	sd_json_variant *in;
	enum signal_error error;
};

void signal_read_fail(struct signal_reader *r, enum signal_error error);
bool signal_read_has(const struct signal_reader *r, const char *name);
uint64_t signal_read_u64(struct signal_reader *r, const char *name,
    uint64_t min, uint64_t max);
bool signal_read_bool(struct signal_reader *r, const char *name);
/* Exactly so many bytes. */
void signal_read_exact(struct signal_reader *r, const char *name, uint8_t *out,
    size_t bytes);
void signal_read_meeting(struct signal_reader *r, struct signal_meeting *out);
void signal_read_message(struct signal_reader *r, const char *name,
    struct kk_bytes *out); /* not empty */
void signal_read_text(struct signal_reader *r, const char *name, char *out,
    size_t max_bytes); /* not empty */
/* The index of a text among names. */
unsigned signal_read_choice(struct signal_reader *r, const char *name,
    const char *const *names, size_t count);
/* A list, with its elements objects.  It must be there. */
sd_json_variant *signal_read_list(struct signal_reader *r, const char *name,
    size_t max_count, size_t *count);

extern const char *const signal_kind_names[2];
extern const char *const signal_source_names[SIGNAL_SOURCE_COUNT];

/* request_media.c */
typedef void signal_fields(struct signal_reader *r, struct signal_request *rq);
signal_fields signal_fields_transport, signal_fields_restart,
    signal_fields_connect, signal_fields_disconnect, signal_fields_publish,
    signal_fields_unpublish, signal_fields_slots, signal_fields_watch;

/*
 * text.c: an object, written as a text from its beginning to its end.  Names
 * and texts are our own words, in UTF-8.
 */
struct kk_writer signal_write_event(const char *type); /* opens the object */
struct kk_writer signal_write_answer(uint64_t id);
void signal_put_text(struct kk_writer *w, const char *name, const char *text);
void signal_put_u64(struct kk_writer *w, const char *name, uint64_t n);
void signal_put_bool(struct kk_writer *w, const char *name, bool is_true);
void signal_put_null(struct kk_writer *w, const char *name);
void signal_put_bytes(struct kk_writer *w, const char *name,
    struct kk_view bytes);
void signal_put_epoch(struct kk_writer *w, struct signal_epoch epoch);
void signal_put_list(struct kk_writer *w, const char *name); /* opens it */
void signal_put_item(struct kk_writer *w); /* of a list; opens an object */
void signal_put_end(struct kk_writer *w, char bracket); /* of either */
MUST_CHECK enum kk_err signal_write_end(struct kk_writer *w,
    struct kk_bytes *out); /* closes the object, and takes what was written */
