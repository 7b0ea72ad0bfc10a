/* libs: base */
/* files: firmware/bin/konklave-port/event.c */
/* files: firmware/bin/konklave-port/tell.c */
/* port_line.c - fuzzes what is read of wpa_supplicant's lines. */
#include <stdlib.h>
#include <string.h>

#include "../firmware/bin/konklave-port/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct port_watch w = { 0 };

	while (bytes > 0) {
		const uint8_t *end = memchr(data, '\n', bytes);
		const size_t line = end ? (size_t)(end - data) : bytes;
		const enum port_state before = w.state;

		if (port_line(&w, kk_view_of(data, line)) ==
		    (w.state == before))
			abort();
		if ((unsigned)w.state >= PORT_STATES ||
		    !*port_state_text(w.state, true))
			abort();
		data += line + (end != NULL);
		bytes -= line + (end != NULL);
	}
	(void)port_silence(&w);
	return 0;
}
