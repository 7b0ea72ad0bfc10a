/* breaks-by-library.c - a "forwarder" linked to a codec, calling what is not
 * forbidden by name.  The codec is a stand-in of the same file name. */
#include "base/base.h"

int main(void)
{
	return kk_err_name(KK_OK) == NULL;
}
