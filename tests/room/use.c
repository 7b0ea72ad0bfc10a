/* use.c - whether somebody is in a room, by what roomd tells. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "room/use.h"

#include "base/base.h"
#include "harness/tap.h"

TEST(room_is_taken_when_somebody_else_is_there)
{
	static const struct {
		const char *told;
		enum room_use want;
	} rows[] = {
		{ "{\"phase\":\"in\",\"people\":[{\"isSelf\":true}],"
		  "\"lines\":[]}",
		    ROOM_IS_FREE },
		{ "{\"phase\":\"in\"}", ROOM_IS_FREE },
		{ "{\"phase\":\"in\",\"people\":[{\"isSelf\":true},"
		  "{\"isSelf\":false}]}",
		    ROOM_IS_TAKEN },
		{ "{\"phase\":\"in\",\"people\":[{\"isSelf\":true},"
		  "{\"isSelf\":false,\"name\":\"Lines of A\"}]}",
		    ROOM_IS_FREE },
		{ "{\"phase\":\"in\",\"people\":[{\"isSelf\":true},"
		  "{\"isSelf\":false,\"name\":\"Lines of A\"},"
		  "{\"isSelf\":false,\"name\":\"A\"}]}",
		    ROOM_IS_TAKEN },
		/* Who is not known may be somebody. */
		{ "{\"phase\":\"in\",\"people\":[{}]}", ROOM_IS_TAKEN },
		{ "{\"phase\":\"in\",\"people\":[{\"isSelf\":true}],"
		  "\"lines\":[{}]}",
		    ROOM_IS_TAKEN },
		{ "{\"phase\":\"off\"}", ROOM_IS_FREE },
		{ "{\"phase\":\"refused\"}", ROOM_IS_FREE },
		{ "{\"phase\":\"connecting\"}", ROOM_IS_BETWEEN },
		{ "{\"phase\":\"joining\"}", ROOM_IS_BETWEEN },
		{ "{}", ROOM_IS_BETWEEN },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		sd_json_variant *told = NULL;

		CHECK(sd_json_parse(rows[i].told, 0, &told, NULL, NULL) >= 0);
		CHECK_EQ(room_use_of(told), rows[i].want);
		sd_json_variant_unref(told);
	}
}
