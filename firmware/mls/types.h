/* types.h - numbers of RFC 9420 and small types that all of mls/ shares. */
#pragma once
#include "crypto/crypto.h"

enum { MLS_VERSION_10 = 1 }; /* RFC 9420, 6 */

enum mls_wire_format { /* RFC 9420, 17.2 */
	MLS_PUBLIC_MESSAGE = 1,
	MLS_PRIVATE_MESSAGE = 2,
	MLS_WELCOME = 3,
	MLS_GROUP_INFO = 4,
	MLS_KEY_PACKAGE = 5
};

enum mls_extension_type { /* RFC 9420, 17.3 */
	MLS_EXT_APPLICATION_ID = 1,
	MLS_EXT_RATCHET_TREE = 2,
	MLS_EXT_REQUIRED_CAPABILITIES = 3,
	MLS_EXT_EXTERNAL_PUB = 4,
	MLS_EXT_EXTERNAL_SENDERS = 5
};

enum mls_proposal_type { /* RFC 9420, 17.4 */
	MLS_PROPOSAL_ADD = 1,
	MLS_PROPOSAL_UPDATE = 2,
	MLS_PROPOSAL_REMOVE = 3,
	MLS_PROPOSAL_PSK = 4,
	MLS_PROPOSAL_REINIT = 5,
	MLS_PROPOSAL_EXTERNAL_INIT = 6,
	MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS = 7
};

enum mls_credential_type { /* RFC 9420, 17.5 */
	MLS_CREDENTIAL_BASIC = 1,
	MLS_CREDENTIAL_X509 = 2
};

enum mls_leaf_source { /* RFC 9420, 7.2 */
	MLS_LEAF_KEY_PACKAGE = 1,
	MLS_LEAF_UPDATE = 2,
	MLS_LEAF_COMMIT = 3
};

enum mls_content_type { /* RFC 9420, 6 */
	MLS_CONTENT_APPLICATION = 1,
	MLS_CONTENT_PROPOSAL = 2,
	MLS_CONTENT_COMMIT = 3
};

enum mls_sender_type { /* RFC 9420, 6 */
	MLS_SENDER_MEMBER = 1,
	MLS_SENDER_EXTERNAL = 2,
	MLS_SENDER_NEW_MEMBER_PROPOSAL = 3,
	MLS_SENDER_NEW_MEMBER_COMMIT = 4
};

enum mls_psk_type { /* RFC 9420, 8.4 */
	MLS_PSK_EXTERNAL = 1,
	MLS_PSK_RESUMPTION = 2
};

enum mls_psk_usage { /* RFC 9420, 8.4 */
	MLS_PSK_USAGE_APPLICATION = 1,
	MLS_PSK_USAGE_REINIT = 2,
	MLS_PSK_USAGE_BRANCH = 3
};

enum {
	MLS_HASH_MAX_BYTES = CRYPTO_HASH_MAX_BYTES,
	/* Hard bounds of the implementation; struct mls_limits sets tighter. */
	MLS_LEAVES_MAX = 65536,
	MLS_LIST_MAX = 1024, /* capability entries in a list */
	MLS_EXTENSIONS_MAX = 64, /* in a list; finding a double one is n^2 */
	MLS_NO_LEAF = -1
};

/* A secret of at most one hash; the suite tells how many bytes count. */
struct mls_secret {
	uint8_t data[MLS_HASH_MAX_BYTES];
};

/* A list of bare 16-bit numbers as it stands in a message. */
struct mls_u16_list {
	struct kk_view raw;
};

bool mls_u16_list_has(struct mls_u16_list list, uint16_t number);

/* GREASE values are offered to be ignored.  Source: RFC 9420, 13.5. */
bool mls_is_grease(uint16_t number);
