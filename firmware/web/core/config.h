/* config.h - the key core's configuration, in place of autoconf.h. */
#pragma once

/* mbedTLS alone; so KK_CRYPTO_OPENSSL is left out. */
#define KK_LOG_LEVEL 1
#define KK_SFRAME 1
