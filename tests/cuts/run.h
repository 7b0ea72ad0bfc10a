/* run.h - programs that a box runs at its start, on files here. */
#pragma once

/* argv ends in NULL; nobody listens to what it says.  Gives its status; checks
 * that it ended with one. */
int cuts_run(const char *const argv[]);
