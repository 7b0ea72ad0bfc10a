/*
 * profile.h - what makes a box this site's and this room's: the one format of
 * the flash tool, a stick and the first boot.  Any zone.  Any thread.
 *
 * A text in UTF-8, one "key = value" a line; spaces around both do not count;
 * empty lines and those that begin with # say nothing.  Parts may follow, each
 * behind a line in [ ]: certificates (PEM) that the box trusts, telephones.
 * konklave-profile(5) tells what each takes.
 */
#pragma once
#include "base/base.h"

enum {
	PROFILE_BYTES_MAX = 65536, /* of a text */
	PROFILE_VALUE_MAX = 255, /* of a value, in bytes */
	PROFILE_SHOWN_BYTES = PROFILE_VALUE_MAX + 4, /* profile_value_show() */
	PROFILE_ANCHORS_MAX = 16, /* in a part */
	PROFILE_TELEPHONES_MAX = 128,
	PROFILE_OTHERS_MAX = 32 /* lines that another version understands */
};

enum profile_key {
	PROFILE_NAME, /* the room's, on its screen and in its certificate */
	PROFILE_SITE,
	PROFILE_LANGUAGE, /* en, de */
	PROFILE_NETWORK, /* dhcp, static */
	PROFILE_ADDRESS, /* ADDRESS/PREFIX, v4 or v6 */
	PROFILE_GATEWAY,
	PROFILE_DNS, /* up to four addresses, with commas */
	PROFILE_VLAN, /* 1 to 4094 */
	PROFILE_8021X, /* eap-tls */
	PROFILE_8021X_IDENTITY, /* the name, where it is not said */
	PROFILE_8021X_SERVER, /* up to four names, with commas */
	PROFILE_PROXY, /* http://[USER:PASSWORD@]HOST[:PORT], a secret then */
	PROFILE_NO_PROXY, /* hosts, .DOMAINs, addresses, with commas */
	PROFILE_TIME, /* the site's NTP server */
	PROFILE_FORWARDER, /* https://HOST[:PORT], of the site's forwarder */
	PROFILE_PAGE, /* https://HOST[:PORT], where links of meetings lead */
	PROFILE_UPDATES, /* https://HOST[:PORT]/PATH, of the site's index */
	PROFILE_TOKEN, /* secret: 64 hex digits, the forwarder's site token */
	PROFILE_KEYSTORE, /* file, tpm, pkcs11:...: where the box's key is */
	PROFILE_KEYSTORE_PIN, /* secret: of such a token */
	PROFILE_CAMERA, /* auto, none, or words of its name */
	PROFILE_MICROPHONE, /* the same */
	PROFILE_LOUDSPEAKER, /* the same */
	PROFILE_SCREEN_SIZE, /* auto, 1280x720, 1920x1080 */
	PROFILE_LINES, /* 1 to 256 telephone lines */
	PROFILE_DIAL_IN, /* digits of the meeting's number, up to 12 */
	PROFILE_DIAL_PIN, /* secret: 4 to 12 digits */
	PROFILE_DIAL_PREFIXES, /* that may be called, with commas */
	PROFILE_TALK_MINUTES, /* 0 to 1440 */
	PROFILE_SRTP, /* require, prefer, never */
	PROFILE_CALLS_FROM, /* trunks, known, anybody */
	PROFILE_CALLERS, /* numbers that are shown: part, full, none */
	PROFILE_EXCHANGE, /* sip:HOST[:PORT][;transport=udp|tcp|tls] */
	PROFILE_EXCHANGE_SPARE, /* the same, where that one is silent */
	PROFILE_EXCHANGE_DOMAIN, /* the exchange's host, where it is not said */
	PROFILE_EXCHANGE_USER,
	PROFILE_EXCHANGE_LOGIN, /* the user, where it is not said */
	PROFILE_EXCHANGE_PASSWORD, /* secret */
	PROFILE_TELEPHONES, /* domain of the site's own */
	PROFILE_KEYS
};

/* Behind lines in [ ], up to the next one. */
enum profile_part {
	PROFILE_ANCHORS, /* PEM: of boxes, servers and people */
	PROFILE_8021X_ANCHORS, /* PEM: of the network's server alone */
	PROFILE_ACCOUNTS, /* secret: USER HA1, as lined(8) takes them */
	PROFILE_PARTS
};

/* What is wrong with a text. */
enum profile_wrong {
	PROFILE_RIGHT,
	PROFILE_NO_PAIR, /* a line that is no "key = value" */
	PROFILE_UNKNOWN, /* no such key or part */
	PROFILE_TWICE, /* a key or part that was there before */
	PROFILE_VALUE, /* a value that its key does not take */
	PROFILE_MISSING, /* a key that the others call for */
	PROFILE_NO_PART, /* a part that the key calls for */
	PROFILE_ANCHOR, /* not a certificate in PEM */
	PROFILE_ACCOUNT, /* not USER HA1 */
	PROFILE_SECRET, /* a private key: none ever leaves its box */
	PROFILE_TOO_LONG, /* the text, or a value */
	PROFILE_QUOTES, /* CSV: a quote that is not closed */
	PROFILE_COLUMNS, /* CSV: not as many as the first line has */
	PROFILE_WRONG_COUNT
};

struct profile_problem {
	enum profile_wrong what;
	size_t line; /* from 1 */
	enum profile_key key; /* of _TWICE, _VALUE, _MISSING and _NO_PART */
};

/* A line, or a part with its first one, that was kept as it is, since this
 * version does not take it. */
struct profile_other {
	struct kk_view line; /* in the text that was parsed */
	struct profile_problem why; /* _UNKNOWN, _VALUE or _TOO_LONG */
};

/* A value that was not said is "".  To be wiped after use: some are secrets. */
struct profile {
	char values[PROFILE_KEYS][PROFILE_VALUE_MAX + 1];
	/* In the text that was parsed, or empty. */
	struct kk_view parts[PROFILE_PARTS];
	struct profile_other others[PROFILE_OTHERS_MAX];
	size_t other_count; /* 0 after profile_parse() */
};

/*
 * Reads a text, which is borrowed as long as the profile is used.  On error
 * *problem says where; *p has what was read until then, for the language of
 * the message, and is else not to be used.
 * Errors: KK_EFORMAT, KK_ELIMIT, KK_EDENIED (PROFILE_SECRET).
 */
MUST_CHECK enum kk_err profile_parse(struct profile *p, struct kk_view text,
    struct profile_problem *problem);

/*
 * The same for what a box has stored, perhaps in another version: keys and
 * parts that are not known, and values that a known key does not take, become
 * others, and are written again by profile_write().  All else is wrong as
 * above.
 */
MUST_CHECK enum kk_err profile_parse_stored(struct profile *p,
    struct kk_view text, struct profile_problem *problem);

/* Whether all keys that belong together are there. */
MUST_CHECK enum kk_err profile_check(const struct profile *p,
    struct profile_problem *problem);

/*
 * Takes a unit's row of a table in CSV (RFC 4180; the first line names the
 * keys, rows count from 1) into a profile that may have values already.
 * Errors: as above, KK_ENOENT there is no such row.
 */
MUST_CHECK enum kk_err profile_csv_take(struct profile *p, struct kk_view table,
    size_t row, struct profile_problem *problem);

/*
 * The profile as a text, with a final zero that does not count.  out is the
 * caller's.  Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err profile_write(const struct profile *p,
    struct kk_bytes *out);

/* A value without what is secret in it; "" where there is none. */
void profile_value_show(const struct profile *p, enum profile_key key,
    char out[PROFILE_SHOWN_BYTES]);

/* Whether https://HOST[:PORT] is reached by the proxy. */
bool profile_takes_proxy(const struct profile *p, const char *origin);

const char *profile_key_name(enum profile_key key);

/* What is wrong, in a sentence without its end; never NULL. */
const char *profile_wrong_text(enum profile_wrong what, bool is_german);

/* What a key takes, in a few words; never NULL. */
const char *profile_key_text(enum profile_key key, bool is_german);
