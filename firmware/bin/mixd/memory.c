/* memory.c - a memfd (memfd_create(2)), sealed and mapped. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */
#include "memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

static size_t whole_pages(size_t bytes)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

void memory_close(struct memory *m)
{
	if (m->data)
		(void)munmap(m->data, m->bytes);
	if (m->fd >= 0)
		(void)close(m->fd);
	*m = (struct memory){ .fd = -1 };
}

enum kk_err memory_open(struct memory *m, size_t bytes)
{
	void *data;

	*m = (struct memory){ .fd = -1, .bytes = whole_pages(bytes) };
	m->fd = memfd_create("lines", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (m->fd < 0 || ftruncate(m->fd, (off_t)m->bytes) ||
	    fcntl(m->fd, F_ADD_SEALS, SEALS) < 0) {
		memory_close(m);
		return KK_ENOMEM;
	}
	data = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd,
	    0);
	if (data == MAP_FAILED) {
		memory_close(m);
		return KK_ENOMEM;
	}
	m->data = data;
	return KK_OK;
}
