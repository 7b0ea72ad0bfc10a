/* path.c - from a request's path to a file. */
#include <string.h>

#include "harness/tap.h"
#include "http/http.h"

static const char *mapped(const char *uri, char out[HTTP_PATH_BYTES])
{
	CHECK_OK(http_path_map(kk_view_text(uri), out));
	return out;
}

TEST(paths_name_files_below_the_folder)
{
	char out[HTTP_PATH_BYTES];

	CHECK_STR(mapped("/", out), "index.html");
	CHECK_STR(mapped("/a.js", out), "a.js");
	CHECK_STR(mapped("/assets/x-Y_1.wasm", out), "assets/x-Y_1.wasm");
	CHECK_STR(mapped("/help/", out), "help/index.html");
}

TEST(no_path_leaves_the_folder_or_names_what_is_hidden)
{
	static const char *const bad[] = { "", "a", "..", "/..", "/../x",
		"/a/../b", "/.", "/.git", "/a/.hidden", "//", "/a//b", "/a\\b",
		"/a b", "/%2e%2e", "/a:b", "/\xc3\xa4", "/a\n", "/~", "/a?b" };
	char out[HTTP_PATH_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		memset(out, 'x', sizeof(out));
		CHECK_ERR(http_path_map(kk_view_text(bad[i]), out), KK_EFORMAT);
		CHECK_STR(out, "");
	}
	CHECK_ERR(http_path_map(kk_view_of("/a\0b", 4), out), KK_EFORMAT);
}

TEST(long_and_deep_paths_are_refused)
{
	char uri[HTTP_PATH_BYTES + 1], out[HTTP_PATH_BYTES];

	memset(uri, 'a', sizeof(uri));
	uri[0] = '/';
	CHECK_OK(http_path_map(kk_view_of(uri, HTTP_PATH_BYTES), out));
	CHECK_EQ(strlen(out), HTTP_PATH_BYTES - 1);
	CHECK_ERR(http_path_map(kk_view_of(uri, HTTP_PATH_BYTES + 1), out),
	    KK_ELIMIT);
	uri[HTTP_PATH_BYTES - 1] = '/';
	CHECK_ERR(http_path_map(kk_view_of(uri, HTTP_PATH_BYTES), out),
	    KK_ELIMIT);
	CHECK_STR(mapped("/1/2/3/4/5/6/7/8", out), "1/2/3/4/5/6/7/8");
	CHECK_ERR(http_path_map(kk_view_text("/1/2/3/4/5/6/7/8/9"), out),
	    KK_ELIMIT);
}

TEST(types_come_from_the_name)
{
	CHECK_STR(http_path_type("index.html"), "text/html; charset=utf-8");
	CHECK_STR(http_path_type("a/b.wasm"), "application/wasm");
	CHECK_STR(http_path_type("b.tar.js"), "text/javascript; charset=utf-8");
	CHECK_STR(http_path_type("a.html/b"), "application/octet-stream");
	CHECK_STR(http_path_type("none"), "application/octet-stream");
	CHECK_STR(http_path_type("x.exe"), "application/octet-stream");
}

TEST(only_names_with_a_hash_never_change)
{
	CHECK(http_path_is_hashed("assets/main-K3VJ2QZA.js"));
	CHECK(http_path_is_hashed("a-b-Bx0y_9zW.min.css"));
	CHECK(!http_path_is_hashed("index.html"));
	CHECK(!http_path_is_hashed("audio-processing.js"));
	CHECK(!http_path_is_hashed("a-K3VJ2QZ.js"));
	CHECK(!http_path_is_hashed("a-K3VJ2QZA"));
	CHECK(!http_path_is_hashed("dir-K3VJ2QZA/a.js"));
}
