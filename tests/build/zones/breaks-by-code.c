/* breaks-by-code.c - a "forwarder" with a function of the key core. */
#include "base/base.h"

int mls_group_new(int epoch);

__attribute__((noinline)) int mls_group_new(int epoch)
{
	return epoch + 1;
}

int main(int argc, char **argv)
{
	(void)argv;
	return mls_group_new(argc) > 0 ? 0 : 1;
}
