/*
 * files.h - what a profile is in the files of those who work by it.  Any zone.
 * Any thread.
 *
 * They are made anew at each start of a box, by the version that runs, and
 * stand below /run: a profile is all that is kept.
 */
#pragma once
#include "profile/profile.h"

enum profile_file_name {
	PROFILE_FILE_NETWORK, /* systemd.network(5): the wire */
	PROFILE_FILE_VLAN, /* systemd.netdev(5) */
	PROFILE_FILE_VLAN_NETWORK,
	PROFILE_FILE_TIME, /* timesyncd.conf(5) */
	PROFILE_FILE_KEYD, /* environments of our units */
	PROFILE_FILE_MEDIAD,
	PROFILE_FILE_ROOMD,
	PROFILE_FILE_WEBD,
	PROFILE_FILE_LINES_KEYD,
	PROFILE_FILE_LINES_ROOMD,
	PROFILE_FILE_MIXD,
	PROFILE_FILE_LINED,
	PROFILE_FILE_8021X, /* wpa_supplicant.conf(5) */
	PROFILE_FILE_FETCH,
	PROFILE_FILE_UPDATES, /* the server's URL; a timer is on by it */
	PROFILE_FILE_ANCHORS, /* PEM */
	PROFILE_FILE_8021X_ANCHORS, /* PEM */
	PROFILE_FILE_SIP_ANCHORS, /* PEM */
	/* Secrets: credentials of our units. */
	PROFILE_FILE_TOKEN, /* 32 bytes */
	PROFILE_FILE_KEYSTORE_PIN, /* of the token, for keyd */
	PROFILE_FILE_PROXY, /* the proxy's URL, for roomd */
	PROFILE_FILE_FETCH_PROXY, /* the same, for konklave-fetch */
	PROFILE_FILE_DIAL_IN, /* NUMBER PIN, for roomd */
	PROFILE_FILE_TRUNK, /* an exchange's, for lined */
	PROFILE_FILE_ACCOUNTS, /* USER HA1, for lined */
	PROFILE_FILES
};

/* Without data: the file is not to be there. */
struct profile_files {
	struct kk_bytes file[PROFILE_FILES];
};

/* Of a profile that profile_check() has passed.  On success to be released
 * with profile_files_clear(); on error nothing is.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err profile_files_make(const struct profile *p,
    struct profile_files *files);
void profile_files_clear(struct profile_files *files); /* wipes */

const char *profile_file_path(enum profile_file_name name); /* below /run/ */
bool profile_file_is_secret(enum profile_file_name name);
