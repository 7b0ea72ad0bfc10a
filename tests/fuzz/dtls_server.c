/* dtls_server.c - fuzzes a server's handshake in any state. */
#include "fuzz/dtls_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	fuzz_run(DTLS_SERVER, kk_view_of(data, bytes));
	return 0;
}
