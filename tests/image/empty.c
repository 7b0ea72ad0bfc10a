/* empty.c - an init that does nothing: what a kernel's own start takes. */
#include <unistd.h>

int main(void)
{
	static const char text[] = "empty init: started\n";

	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		return 1;
	for (;;)
		(void)pause();
}
