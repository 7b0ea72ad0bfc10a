/* keeps-the-rule.c - has nothing that any zone forbids. */
#include "base/base.h"

int main(void)
{
	return kk_err_name(KK_OK) == NULL;
}
