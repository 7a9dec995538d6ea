#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
/* section uffd */
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
/* section pins */
#include <linux/io_uring.h>
/* section */

#define KSFT_PASS 0
#define KSFT_FAIL 1
#define KSFT_SKIP 4

/* Page 0 of the scenario; every address here is one that nothing else uses. */
#define BASE (1ul << 46)
#define PAGE 4096ul
#define AT(page) ((void *)(BASE + (page) * PAGE))
#define PAGES(count) ((count) * PAGE)
#define CONTROLLER (-1)
#define SECONDS 60

/* What is newer than the headers may be. */
#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* What the caller of an operation sees: a value, an errno, or a signal (with the pages that were finished before SIGBUS). */
enum how { VALUE, ERRNO, SIGNAL };
struct seen { enum how how; long value; long pages; };
#define OK(number) ((struct seen){ VALUE, number, 0 })
#define FAILS(number) ((struct seen){ ERRNO, number, 0 })
#define SEGV ((struct seen){ SIGNAL, SIGSEGV, 0 })
#define BUS(finished) ((struct seen){ SIGNAL, SIGBUS, finished })

/* The processes of the scenario take turns; the controller, which started them, does what is done to them from outside. */
static struct {
	_Atomic int turn;
	_Atomic unsigned passed, failed, skipped;
	pid_t pid[PROCESSES];
} *shared;
static int me = CONTROLLER;

static void leave(int code);

static void bail_out(const char *reason)
{
	dprintf(1, "Bail out! %s\n", reason);
	leave(KSFT_FAIL);
}

static void on_alarm(int number)
{
	(void)number;
	bail_out("timed out");
}

/* Waits for the turn of a step, if it is this process's. */
static bool turn(int step, int process)
{
	if (process != me)
		return false;
	while (atomic_load(&shared->turn) != step) {
		siginfo_t dead = { 0 };
		if (me == CONTROLLER && waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 && dead.si_pid != 0 && atomic_load(&shared->turn) != step)
			bail_out("a process died between two steps");
		sched_yield();
	}
	return true;
}

static void next_turn(void)
{
	atomic_fetch_add(&shared->turn, 1);
}

static void describe(char *text, size_t size, struct seen seen)
{
	if (seen.how == VALUE)
		snprintf(text, size, "ok %ld", seen.value);
	else if (seen.how == ERRNO)
		snprintf(text, size, "%s", strerror((int)seen.value));
	else
		snprintf(text, size, "%s after %ld pages", seen.value == SIGBUS ? "SIGBUS" : "SIGSEGV", seen.pages);
}

static void report(int step, const char *what, struct seen seen, struct seen expected)
{
	if (seen.how == expected.how && seen.value == expected.value && seen.pages == expected.pages) {
		atomic_fetch_add(&shared->passed, 1);
		dprintf(1, "ok %d %s\n", step, what);
	} else {
		char found[100], wanted[100];
		describe(found, sizeof found, seen);
		describe(wanted, sizeof wanted, expected);
		atomic_fetch_add(&shared->failed, 1);
		dprintf(1, "not ok %d %s\n# expected %s, found %s\n", step, what, wanted, found);
	}
	next_turn();
}

#define STEP(number, process, what, action, expected) do { if (turn(number, process)) report(number, what, action, expected); } while (0)

/* section sizes */
/* A step whose outcome depends on the sizes of folios: it is done, but checked under the scenario's policy only. */
static void skip(int step, const char *what, const char *reason)
{
	atomic_fetch_add(&shared->skipped, 1);
	dprintf(1, "ok %d %s # SKIP %s\n", step, what, reason);
	next_turn();
}

#define STEP_OF_SIZES(number, process, what, action, expected) do { \
	if (turn(number, process)) { \
		struct seen seen = action; \
		if (with_policy) \
			report(number, what, seen, expected); \
		else \
			skip(number, what, "depends on the sizes of folios"); \
	} } while (0)

/* section */
static void __attribute__((unused)) skip_all(const char *reason)
{
	dprintf(1, "1..0 # SKIP %s\n", reason);
	exit(KSFT_SKIP);
}

static struct seen __attribute__((unused)) done(long value)
{
	return value < 0 ? FAILS(errno) : OK(0);
}

/* section map */
static struct seen mapped(void *place)
{
	return place == MAP_FAILED ? FAILS(errno) : OK(0);
}

/* section touch */
static sigjmp_buf back;
static volatile sig_atomic_t armed;

static void on_signal(int number)
{
	if (!armed)
		_exit(128 + number);
	armed = 0;
	siglongjmp(back, number);
}

static struct seen touch(unsigned long page, long pages, uint32_t token, bool store)
{
	static volatile long finished;
	volatile uint32_t *word = (volatile uint32_t *)AT(page);
	int number = sigsetjmp(back, 1);
	if (number)
		return (struct seen){ SIGNAL, number, number == SIGBUS ? finished : 0 };
	armed = 1;
	if (!store)
		token = *word;
	for (finished = 0; store && finished < pages; finished++)
		word[finished * (long)(PAGE / sizeof *word)] = token + (uint32_t)finished;
	armed = 0;
	return OK(store ? 0 : token);
}

/* section fork */
static void drop_own(void);

/* Every process is a child of the controller, which can wait for it. */
static struct seen spawn(int child)
{
	long pid = syscall(SYS_clone, (unsigned long)(CLONE_PARENT | SIGCHLD), 0, 0, 0, 0);
	if (pid == 0) {
		me = child;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		drop_own();
		return OK(-1);
	}
	if (pid > 0)
		shared->pid[child] = (pid_t)pid;
	return done(pid);
}

#define FORK(number, process, child, what, expected) do { \
	if (turn(number, process)) { \
		struct seen seen = spawn(child); \
		if (me == process) \
			report(number, what, seen, expected); \
	} } while (0)

/* section exit */
static struct seen reap(int process)
{
	int status = 0;
	if (waitpid(shared->pid[process], &status, 0) < 0)
		return FAILS(errno);
	shared->pid[process] = 0;
	return OK(status);
}

#define EXIT(number, process, what, expected) do { \
	if (turn(number, process)) \
		_exit(0); \
	STEP(number, CONTROLLER, what, reap(process), expected); \
	} while (0)

/* section pipes */
/* vmsplice takes a plain reference (FOLL_GET) on each page. A number used again goes to the new pipe; the old one stays open. */
static int pipes[HANDLES][2];

/* section get */
static struct seen get(int handle, void *from, unsigned long bytes)
{
	int *pipe = pipes[handle];
	if (pipe2(pipe, O_NONBLOCK) < 0)
		return FAILS(errno);
	fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20);
	struct iovec range = { from, bytes };
	long taken = vmsplice(pipe[1], &range, 1, 0);
	return taken < 0 ? FAILS(errno) : OK(taken / (long)PAGE);
}

/* section put */
static struct seen put(int handle)
{
	int *pipe = pipes[handle];
	if (pipe[0] <= 0)
		return FAILS(EBADF);
	close(pipe[0]);
	close(pipe[1]);
	pipe[0] = pipe[1] = 0;
	return OK(0);
}

/* section pins */
/* An io_uring registered buffer is a long-term pin for writing (FOLL_PIN, FOLL_LONGTERM, FOLL_WRITE). */
static int rings[HANDLES];

static int ring(void)
{
	struct io_uring_params parameters;
	memset(&parameters, 0, sizeof parameters);
	return (int)syscall(SYS_io_uring_setup, 1, &parameters);
}

/* section pin */
static struct seen pin(int handle, void *from, unsigned long bytes)
{
	struct iovec range = { from, bytes };
	int made = ring();
	if (made < 0 || syscall(SYS_io_uring_register, made, IORING_REGISTER_BUFFERS, &range, 1) < 0) {
		int reason = errno;
		if (made >= 0)
			close(made);
		return FAILS(reason);
	}
	rings[handle] = made;
	return OK(0);
}

/* section unpin */
static struct seen unpin(int handle)
{
	if (rings[handle] <= 0)
		return FAILS(EBADF);
	syscall(SYS_io_uring_register, rings[handle], IORING_UNREGISTER_BUFFERS, 0, 0);
	close(rings[handle]);
	rings[handle] = 0;
	return OK(0);
}

/* section uffd */
/* The process's one userfaultfd, made when it is first needed; it answers with SIGBUS. */
static int uffd;

static int watch(void)
{
	if (uffd > 0)
		return uffd;
	int made = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (made < 0)
		made = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	if (made >= 0 && ioctl(made, UFFDIO_API, &api) < 0) {
		close(made);
		made = -1;
	}
	uffd = made;
	return made;
}

/* section uffd_register */
static struct seen uffd_register(void *from, unsigned long bytes)
{
	struct uffdio_register enrol = { .range = { (unsigned long)from, bytes }, .mode = UFFDIO_REGISTER_MODE_WP };
	return done(ioctl(watch(), UFFDIO_REGISTER, &enrol));
}

/* section uffd_unregister */
static struct seen uffd_unregister(void *from, unsigned long bytes)
{
	struct uffdio_range range = { (unsigned long)from, bytes };
	return done(ioctl(watch(), UFFDIO_UNREGISTER, &range));
}

/* section uffd_wp */
static struct seen uffd_wp(void *from, unsigned long bytes, bool on)
{
	struct uffdio_writeprotect protect = {
		.range = { (unsigned long)from, bytes }, .mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : UFFDIO_WRITEPROTECT_MODE_DONTWAKE
	};
	return done(ioctl(watch(), UFFDIO_WRITEPROTECT, &protect));
}

/* section remote */
static struct seen read_remote(int process, void *from, unsigned long bytes)
{
	/* What is refused needs no room. */
	size_t size = bytes < (1ul << 32) ? bytes : PAGE;
	char *room = malloc(size + 1);
	struct iovec local = { room, size };
	struct iovec remote = { from, bytes };
	long count = process_vm_readv(shared->pid[process], &local, 1, &remote, 1, 0);
	free(room);
	return count < 0 ? FAILS(errno) : OK(count / (long)PAGE);
}

/* section force */
static struct seen force(int process, unsigned long page, uint32_t token, bool store)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/mem", (int)shared->pid[process]);
	int file = open(name, store ? O_RDWR : O_RDONLY);
	if (file < 0)
		return FAILS(errno);
	off_t place = (off_t)AT(page);
	struct seen seen = done(store ? pwrite(file, &token, sizeof token, place) : pread(file, &token, sizeof token, place));
	close(file);
	return seen.how == VALUE && !store ? OK(token) : seen;
}

/* section clear */
static struct seen clear_soft_dirty(void)
{
	int file = open("/proc/self/clear_refs", O_WRONLY);
	struct seen seen = file < 0 ? FAILS(errno) : done(write(file, "4", 1));
	close(file);
	return seen;
}

/* section contents */
struct page { unsigned long page; uint32_t token; };

/* The first page that does not hold what it should, or OK(0). */
static struct seen contents(const struct page *pages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct seen seen = touch(pages[i].page, 1, 0, false);
		if (seen.how != VALUE || seen.value != pages[i].token) {
			dprintf(1, "# page 0x%lx holds %ld, not %u\n", pages[i].page, seen.value, pages[i].token);
			return OK(1);
		}
	}
	return OK(0);
}

/* section pagemap */
#define PM_PRESENT (1ull << 63)
#define PM_EXCLUSIVE (1ull << 56)

/* Entries of consecutive pages that /proc/PID/pagemap shows alike. */
struct entries { unsigned long page, count; uint64_t bits; };

static struct seen pagemap(const struct entries *runs, size_t count)
{
	int file = open("/proc/self/pagemap", O_RDONLY);
	if (file < 0)
		return FAILS(errno);
	for (size_t run = 0; run < count; run++) {
		for (unsigned long i = 0; i < runs[run].count; i++) {
			uint64_t entry = 0;
			unsigned long page = runs[run].page + i;
			if (pread(file, &entry, sizeof entry, (off_t)((unsigned long)AT(page) / PAGE * sizeof entry)) != sizeof entry)
				return FAILS(errno);
			if ((entry & (PM_PRESENT | PM_EXCLUSIVE)) != runs[run].bits) {
				dprintf(1, "# page 0x%lx: pagemap 0x%llx, expected 0x%llx of it\n", page,
					(unsigned long long)entry, (unsigned long long)runs[run].bits);
				return OK(1);
			}
		}
	}
	close(file);
	return OK(0);
}

/* section policy */
/* What --policy writes, and puts back at the end. */
static char before[SETTINGS][64];

static struct seen set_policy(const char *name, const char *value)
{
	char path[128];
	snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/%s", name);
	int file = open(path, O_WRONLY);
	if (file < 0)
		return FAILS(errno);
	struct seen seen = done(write(file, value, strlen(value)));
	close(file);
	return seen;
}

static void save_policy(void)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		char path[128], text[128] = "";
		snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/%s", policy[i].name);
		int file = open(path, O_RDONLY);
		if (file < 0 || read(file, text, sizeof text - 1) < 0)
			skip_all("this kernel has no such THP setting");
		close(file);
		char *open_bracket = strchr(text, '['), *close_bracket = strchr(text, ']');
		if (!open_bracket || !close_bracket)
			skip_all("a THP setting cannot be read");
		*close_bracket = 0;
		snprintf(before[i], sizeof before[i], "%.60s", open_bracket + 1);
	}
}

static void restore_policy(void)
{
	for (size_t i = 0; with_policy && i < SETTINGS; i++)
		set_policy(policy[i].name, before[i]);
}

static void begin_policy(void)
{
	if (geteuid() != 0)
		skip_all("--policy needs root");
	save_policy();
	with_policy = true;
	for (size_t i = 0; i < SETTINGS; i++)
		set_policy(policy[i].name, policy[i].value);
}

/* section */
static void end_policy(void);

/* Ends the test from the controller, or asks the controller to by dying. */
static void leave(int code)
{
	if (me == CONTROLLER) {
		for (int i = 0; i < PROCESSES; i++) {
			if (shared->pid[i] > 0)
				kill(shared->pid[i], SIGKILL);
		}
		end_policy();
	}
	_exit(code);
}
