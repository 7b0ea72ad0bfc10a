/*
 * media_shaker.h - handshakes on a thread of their own, so that their
 * arithmetic (0.2 ms and more each) never stands in front of a packet.
 *
 * A shake is one transport's DTLS machine, in either role.  Datagrams go to it,
 * and what it has to say comes back, as jobs (postbox.h); the machine itself
 * is touched by the shaker's thread alone.
 */
#pragma once
#include "dtls/dtls.h"
#include "postbox.h"

struct media_shaker;
struct media_shake;
struct media_path;
struct media_transport_state;
struct worker;

/* log: as worker.h.  Errors: KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err media_shaker_new(struct media_shaker **shakerp,
    const struct kk_log *log);
/* Does what was asked for first.  No transport may be left. */
void media_shaker_free(struct media_shaker *shaker); /* NULL is fine */

/* Whose calls come between two steps of handshakes; borrowed. */
struct worker *media_shaker_worker(const struct media_shaker *shaker);

/* The functions below are of the transport's thread. */

/* In the transport's role.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err media_shake_new(struct media_shake **shakep,
    struct media_transport_state *t);
/* It says goodbye over path, unless that is NULL.  NULL is fine. */
void media_shake_free(struct media_shake *shake, const struct media_path *path);
/* A client's hello.  False: too busy, or no memory; nothing has happened. */
bool media_shake_start(struct media_shake *shake);
/* A datagram that finds too many others before it is lost; it comes again. */
void media_shake_input(struct media_shake *shake, struct kk_view datagram);
