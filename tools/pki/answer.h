/* answer.h - what commands answer, for people and (--json) for scripts. */
#pragma once
#include "tools/pki/pki.h"
#include "tools/pki/request.h"

/* One JSON object of texts: name and value in turn, then PKI_END.  An empty
 * value is left out. */
#define PKI_END ((const char *)NULL)
MUST_CHECK enum kk_err pki_answer(struct pki *p, ...) __attribute__((sentinel));

/* A key's fingerprint, in blocks of four as people compare it. */
void pki_tell_key(const struct pki *p, const char *key);
void pki_tell_sans(const struct pki *p, const GENERAL_NAMES *sans);
/* The same in one text, with spaces between; the caller's to kk_free(). */
char *pki_sans_text(const GENERAL_NAMES *sans);

/* "good", "revoked" or "over". */
const char *pki_state(const struct pki *p, const struct pki_event *issued);
