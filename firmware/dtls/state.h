/* state.h - which event leads from which state to which. */
#pragma once
#include "dtls/dtls.h"

enum dtls_event {
	DTLS_EV_START, /* a client's own wish, or a server's first hello */
	DTLS_EV_FINISHED, /* both Finished are right, the keys exported */
	DTLS_EV_CLOSE, /* close_notify */
	DTLS_EV_FAIL,
	DTLS_EVENT_COUNT
};

/*
 * The one place where a state changes.
 * Errors: KK_ESTATE the pair is not in the table; *state is left alone.
 */
MUST_CHECK enum kk_err dtls_state_change(enum dtls_state *state,
    enum dtls_event event);
