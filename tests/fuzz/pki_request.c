/* libs: program crypto */
/* files: tools/pki/request.c tools/pki/index.c */
/* pki_request.c - a certificate request, from whoever brings one. */
#include "tools/pki/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void need(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct pki_request r;
	char text[300];
	enum pki_flaw flaw = pki_request_read(&r, kk_view_of(data, bytes));

	need(flaw < PKI_FLAWS);
	if (flaw) {
		need(r.req == NULL && r.sans == NULL);
		return 0;
	}
	need(kk_text_is_shown(kk_view_text(r.name)));
	need(strlen(r.key) == PKI_KEY_TEXT - 1);
	for (int i = 0; r.sans && i < sk_GENERAL_NAME_num(r.sans); i++)
		need(pki_san_text(sk_GENERAL_NAME_value(r.sans, i), text,
		    sizeof(text)));
	pki_request_clear(&r);
	return 0;
}
