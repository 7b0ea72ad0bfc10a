/* libs: wire dtls call */
/* files: tools/load/janus_text.c tools/load/sdp.c */
/* load_janus.c - what a Janus says, and the SDP in it; or SDP alone. */
#include <stdlib.h>
#include <string.h>

#include "tools/load/janus_text.h"
#include "tools/load/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void sdp_read(const char *text, size_t bytes)
{
	struct sdp sdp;

	if (sdp_parse(&sdp, text, bytes))
		return;
	if (sdp.media_count == 0 || sdp.media_count > SDP_MEDIA_MAX ||
	    sdp.port == 0 || !*sdp.address ||
	    !memchr(sdp.ufrag, '\0', sizeof(sdp.ufrag)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = kk_calloc(1, bytes + 1);
	struct janus_text t;

	if (!text)
		return 0;
	if (bytes > 0)
		memcpy(text, data, bytes);
	sdp_read(text, bytes);
	if (!janus_text_parse(&t, text, bytes)) {
		if (t.sdp)
			sdp_read(t.sdp, strlen(t.sdp));
		janus_text_clear(&t);
	}
	kk_free(text);
	return 0;
}
