/* sections.h - one case of each section of the vector file. */
#pragma once
#include "sframe/key.h"
#include "tests/vectors/common/report.h"

void header_case_run(struct report *r, const struct json *v);
void aead_case_run(struct report *r, const struct json *v);
void frame_case_run(struct report *r, const struct json *v);

/* The parameters of the case's cipher_suite; NULL and a failed case when the
 * suite is unknown. */
const struct sframe_params *case_params(struct report *r, const struct json *v);

/* Reads a member in hex, and fails the case when there is none. */
bool case_hex(struct report *r, const struct json *v, const char *key,
    struct kk_bytes *out);

/* Reads a member as a number likewise. */
bool case_u64(struct report *r, const struct json *v, const char *key,
    uint64_t *out);

/* A zeroed buffer, to be released with kk_bytes_clear(); a failed case when
 * there is no memory. */
bool case_room(struct report *r, struct kk_bytes *out, size_t bytes);
