/*
 * http.h - what a server of files decides about a request: which file, of what
 * type, in which form and language.  Zone: face.  No state, no file is touched.
 */
#pragma once
#include "base/base.h"

enum {
	HTTP_PATH_BYTES = 256, /* with the zero */
	HTTP_DEPTH_MAX = 8, /* folders and the file */
	HTTP_ETAG_BYTES = 24,
	HTTP_PAGE_BYTES = 1024,
	HTTP_HASH_MIN = 8 /* letters of the hash in a bundler's file names */
};

/*
 * The file that a request's path (decoded, without its query) names, below the
 * served folder: letters, digits, "-", "_" and ".", no segment that begins with
 * a dot.  A folder is its index.html.  On error out is empty.
 * Errors: KK_EFORMAT no such path can exist here, KK_ELIMIT too long or deep.
 */
MUST_CHECK enum kk_err http_path_map(struct kk_view uri,
    char out[HTTP_PATH_BYTES]);

const char *http_path_type(const char *path); /* never NULL */

/* Does the name carry a hash of the content (NAME-HASH.EXT)?  Then it never
 * changes. */
bool http_path_is_hashed(const char *path);

/*
 * Does a header of weighted choices (RFC 9110, 12.5) take the choice?  Named
 * ones only: "*" is not looked for.  A header of NULL takes nothing.
 */
bool http_accept_has(const char *header, const char *choice);

/* Accept-Language: German before English?  English where neither stands. */
bool http_accept_is_german(const char *header);

/*
 * An entity tag over a file's bytes, added up piece by piece.  For caches: who
 * can choose the file's bytes can make two alike.
 */
struct http_etag {
	uint64_t hash, bytes;
};

void http_etag_init(struct http_etag *etag);
void http_etag_add(struct http_etag *etag, const void *data, size_t bytes);
void http_etag_write(const struct http_etag *etag, char out[HTTP_ETAG_BYTES]);

/* If-None-Match: is the tag among those?  RFC 9110, 13.1.2, weakly. */
bool http_etag_matches(const char *header, const char *etag);

/* A page for people about an error.  Never empty. */
size_t http_page_write(unsigned status, bool is_german,
    char out[HTTP_PAGE_BYTES]);
