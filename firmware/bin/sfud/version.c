/* version.c - what --version says; see mk/version.mk. */
#include "sfud.h"

#ifndef KK_VERSION
#define KK_VERSION "unknown"
#endif

const char sfud_version[] = KK_VERSION;
