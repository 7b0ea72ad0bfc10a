/* ice_server.c - URIs of servers; what was read is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "ice/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct ice_server server, again;
	char out[ICE_URI_BYTES];
	char *text = kk_calloc(1, bytes + 1);

	must(text != NULL);
	if (bytes)
		memcpy(text, data, bytes);
	if (!ice_server_parse(&server, text)) {
		must(server.host[0] && server.port);
		ice_server_write(&server, out);
		must(!ice_server_parse(&again, out));
		must(server.kind == again.kind && server.port == again.port &&
		    !strcmp(server.host, again.host));
	}
	kk_free(text);
	return 0;
}
