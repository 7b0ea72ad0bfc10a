/* breaks-by-call.c - a "key holder" that opens a socket. */
#include <sys/socket.h>

int main(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}
