/* version.c - which one this is: mk/version.mk. */
#include "tools/flash/options.h"

#ifndef KK_VERSION
#define KK_VERSION "?" /* for those who only read it */
#endif

const char *flash_version(void)
{
	return KK_VERSION;
}
