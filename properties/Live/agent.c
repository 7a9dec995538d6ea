/*
 * agent.c: a process of a live run. It does what it is told over its socket, one call at a time, and answers what it saw. It is single threaded and
 * touches no memory of its own that its parent has not touched, so that whatever changes is the arena.
 *
 * usage: agent BASE SLOT: slot i talks on descriptor BASE + i. Every agent is a child of the controller (CLONE_PARENT), which waits for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define HANDLES 256
#define LOST 1024
#define PAGE 4096ul

/* The numbers are those of AgentCall. */
enum call { MMAP, MUNMAP, MADVISE, MPROTECT, MREMAP, MLOCK, MLOCK2, MUNLOCK, READ, WRITE, WRITE_RANGE, GET, PUT, PIN, UNPIN,
	UFFD_REGISTER, UFFD_UNREGISTER, UFFD_WP, THP_DISABLE, FORK, EXIT };
enum answer { DONE, ERRNO, SIGNAL, REFUSED };

struct request { uint32_t call, handle; uint64_t a[5]; };
struct reply { uint32_t answer, number; int64_t value; };

static int base, slot;
static int rings[HANDLES], pipes[HANDLES][2], lost[LOST][2], nlost;
static int uffd = -1;
static sigjmp_buf back;
static volatile sig_atomic_t armed;

static void on_signal(int number)
{
	if (!armed)
		_exit(128 + number);
	armed = 0;
	siglongjmp(back, number);
}

static void answer(uint32_t kind, uint32_t number, int64_t value)
{
	struct reply reply = { kind, number, value };
	if (send(base + slot, &reply, sizeof reply, MSG_NOSIGNAL) < 0)
		_exit(3);
}

static void result(long value)
{
	answer(value < 0 ? ERRNO : DONE, value < 0 ? errno : 0, value < 0 ? 0 : value);
}

static void mapped(void *place)
{
	result(place == MAP_FAILED ? -1 : 0);
}

/* Loads, or stores value, value + 1, ... into the first word of consecutive pages, up to the first that is answered by a signal. */
static void touch(const struct request *request, int64_t pages)
{
	int number = sigsetjmp(back, 1);
	if (number) {
		answer(SIGNAL, number, 0);
		return;
	}
	volatile uint32_t *word = (volatile uint32_t *)request->a[0];
	uint32_t value = (uint32_t)request->a[2];
	armed = 1;
	if (request->call == READ)
		value = *word;
	for (int64_t i = 0; request->call != READ && i < pages; i++)
		word[i * (PAGE / sizeof *word)] = value + (uint32_t)i;
	armed = 0;
	result(request->call == READ ? value : 0);
}

/* vmsplice takes a plain reference (FOLL_GET) on each page. A number used again goes to the new pipe; the old one stays open. */
static void get(const struct request *request)
{
	int *pipe = pipes[request->handle];
	if (pipe[0] >= 0 && nlost < LOST) {
		lost[nlost][0] = pipe[0];
		lost[nlost++][1] = pipe[1];
	}
	if (pipe2(pipe, O_NONBLOCK) < 0) {
		result(-1);
		return;
	}
	fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20);
	struct iovec range = { (void *)request->a[0], request->a[1] };
	result(vmsplice(pipe[1], &range, 1, 0));
}

static void put(const struct request *request)
{
	int *pipe = pipes[request->handle];
	if (pipe[0] < 0) {
		answer(ERRNO, EBADF, 0);
		return;
	}
	close(pipe[0]);
	close(pipe[1]);
	pipe[0] = pipe[1] = -1;
	result(0);
}

/* An io_uring registered buffer is a long-term pin for writing (FOLL_PIN, FOLL_LONGTERM, FOLL_WRITE). */
static void pin(const struct request *request)
{
	if (rings[request->handle] >= 0) {
		answer(REFUSED, 0, 0);
		return;
	}
	struct io_uring_params parameters;
	memset(&parameters, 0, sizeof parameters);
	int ring = (int)syscall(SYS_io_uring_setup, 1, &parameters);
	struct iovec range = { (void *)request->a[0], request->a[1] };
	if (ring >= 0 && syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &range, 1) < 0) {
		int reason = errno;
		close(ring);
		errno = reason;
		ring = -1;
	}
	rings[request->handle] = ring;
	result(ring < 0 ? -1 : 0);
}

/* Unregistered first: a ring that is closed lets go of its buffers later, from a work queue. */
static void drop_pin(uint32_t handle)
{
	syscall(SYS_io_uring_register, rings[handle], IORING_UNREGISTER_BUFFERS, 0, 0);
	close(rings[handle]);
	rings[handle] = -1;
}

static void unpin(const struct request *request)
{
	if (rings[request->handle] < 0) {
		answer(ERRNO, EBADF, 0);
		return;
	}
	drop_pin(request->handle);
	result(0);
}

/* The process's one userfaultfd, made when it is first needed; it answers with SIGBUS. */
static int watch(void)
{
	if (uffd >= 0)
		return 0;
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0)
		return -1;
	uffd = fd;
	return 0;
}

static void uffd_call(const struct request *request)
{
	struct uffdio_range range = { request->a[0], request->a[1] };
	struct uffdio_register enrol = { .range = range, .mode = UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect protect = { .range = range, .mode = request->a[2] ? UFFDIO_WRITEPROTECT_MODE_WP : UFFDIO_WRITEPROTECT_MODE_DONTWAKE };
	if (watch() < 0)
		result(-1);
	else if (request->call == UFFD_REGISTER)
		result(ioctl(uffd, UFFDIO_REGISTER, &enrol));
	else if (request->call == UFFD_UNREGISTER)
		result(ioctl(uffd, UFFDIO_UNREGISTER, &range));
	else
		result(ioctl(uffd, UFFDIO_WRITEPROTECT, &protect));
}

/* The child holds the pipes too; rings and the userfaultfd are the parent's own. */
static void fork_agent(const struct request *request)
{
	long child = syscall(SYS_clone, (unsigned long)(CLONE_PARENT | SIGCHLD), 0, 0, 0, 0);
	if (child != 0) {
		result(child);
		return;
	}
	slot = (int)request->a[0];
	for (int i = 0; i < HANDLES; i++) {
		if (rings[i] >= 0)
			close(rings[i]);
		rings[i] = -1;
	}
	if (uffd >= 0)
		close(uffd);
	uffd = -1;
	result(0);
}

static void leave(void)
{
	for (uint32_t i = 0; i < HANDLES; i++) {
		if (rings[i] >= 0)
			drop_pin(i);
	}
	_exit(0);
}

static void serve(const struct request *request)
{
	const uint64_t *a = request->a;
	void *place = (void *)a[0];
	switch (request->call) {
	case MMAP: mapped(mmap(place, a[1], (int)a[2], MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)); break;
	case MUNMAP: result(munmap(place, a[1])); break;
	case MADVISE: result(madvise(place, a[1], (int)a[2])); break;
	case MPROTECT: result(mprotect(place, a[1], (int)a[2])); break;
	case MREMAP: mapped(mremap(place, a[1], a[2], (int)a[3], (void *)a[4])); break;
	case MLOCK: result(mlock(place, a[1])); break;
	case MLOCK2: result(mlock2(place, a[1], (unsigned)a[2])); break;
	case MUNLOCK: result(munlock(place, a[1])); break;
	case READ: case WRITE: touch(request, 1); break;
	case WRITE_RANGE: touch(request, (int64_t)a[1]); break;
	case GET: get(request); break;
	case PUT: put(request); break;
	case PIN: pin(request); break;
	case UNPIN: unpin(request); break;
	case UFFD_REGISTER: case UFFD_UNREGISTER: case UFFD_WP: uffd_call(request); break;
	case THP_DISABLE: result(prctl(PR_SET_THP_DISABLE, a[0] ? 1 : 0, a[0] == 2 ? 2 : 0, 0, 0)); break;
	case FORK: fork_agent(request); break;
	case EXIT: leave(); break;
	default: answer(ERRNO, ENOSYS, 0);
	}
}

int main(int argc, char **argv)
{
	/* Where the program's own mappings lie must not differ from run to run. */
	if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE) && personality(ADDR_NO_RANDOMIZE) >= 0)
		execv("/proc/self/exe", argv);
	if (argc != 3)
		return 2;
	base = atoi(argv[1]);
	slot = atoi(argv[2]);
	memset(rings, -1, sizeof rings);
	memset(pipes, -1, sizeof pipes);
	memset(lost, 0, sizeof lost);
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };
	sigaction(SIGSEGV, &action, 0);
	sigaction(SIGBUS, &action, 0);
	result(0);
	static struct request request;
	while (recv(base + slot, &request, sizeof request, 0) == sizeof request) {
		errno = 0;
		if (request.handle >= HANDLES)
			answer(ERRNO, ENOSYS, 0);
		else
			serve(&request);
	}
	return 0;
}
