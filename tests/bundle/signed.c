/* signed.c - a signature that RAUC has made. */
#include "signed.h"

#include "harness/tap.h"
#include "program/program.h"

struct kk_bytes signed_seal(void)
{
	enum { MAX = 8192 };
	struct kk_bytes seal;

	CHECK_OK(program_file_read("tests/fuzz/corpus/bundle_seal/signed", MAX,
	    &seal));
	return seal;
}
