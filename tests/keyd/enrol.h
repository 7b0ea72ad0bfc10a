/* enrol.h - boxes that are enrolled at a site's CA.  Checks end a test. */
#pragma once
#include "world.h"

enum { OUT_BYTES = 16384 };

/* A script in the box's folder, where $keyd is its program with its state; $pki
 * and $with are the CA's.  Gives its status. */
int box_try(const struct box *b, const char *script, char *out);
void box_run(const struct box *b, const char *script);
/* It must not come off, and say why. */
void box_refuses(const struct box *b, const char *says, const char *script);
void ca_make(const struct box *b);
/* Asked for, issued, taken in; keyd has these options. */
void box_enrol(const struct box *b, const char *options);
/* Started with the CA's certificate, of which trust is to hold the option. */
void box_start_trusting(struct box *b, char trust[128]);
void verified_check(struct world *w, struct box *b, const char *name);
