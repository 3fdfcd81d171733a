/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preloaded into a program under test (fault.h). Its own allocations come from glibc's second names, its system calls
 * go to the kernel directly: nothing here calls what it stands before. YIHAO_FAULT_TRACE=1 tells where each strike was. */
#include "tests/fault/fault.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming): glibc's names */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */

/* tests/e2e/lib/faults.mjs writes it octet by octet. */
_Static_assert(offsetof(struct fault_page, how) == 56, "count, at, span, how");
_Static_assert(offsetof(struct fault_page, struck) == 64 && offsetof(struct fault_page, name) == 72,
               "struck, name");

static struct fault_page *page;
static bool traces;

__attribute__((constructor)) static void open_page(void)
{
    const char *path = getenv("YIHAO_FAULTS");
    void *warm[1];
    (void)backtrace(warm, 1); /* loads what it needs while nothing is counted */
    traces = getenv("YIHAO_FAULT_TRACE") != NULL;
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
    if (fd < 0)
        return;
    long at = syscall(SYS_mmap, NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)syscall(SYS_close, fd);
    if (at > 0)
        page = (void *)at; // NOLINT(performance-no-int-to-ptr): the kernel's answer
}

void fault_use(struct fault_page *own)
{
    page = own;
}

/* Counts the call; true: it is one of those to be struck. */
static bool counts(enum fault_kind kind, const char *name)
{
    if (!page)
        return false;
    uint64_t number = atomic_fetch_add(&page->count[kind], 1) + 1;
    uint64_t at = atomic_load(&page->at[kind]);
    if (at == 0 || number < at || number - at >= atomic_load(&page->span))
        return false;
    (void)atomic_fetch_add(&page->struck, 1);
    size_t length = strnlen(name, sizeof page->name - 1);
    memcpy(page->name, name, length);
    page->name[length] = 0;
    if (traces) {
        void *frames[24];
        backtrace_symbols_fd(frames, backtrace(frames, 24), STDERR_FILENO);
    }
    return true;
}

static void die(void)
{
    (void)syscall(SYS_kill, (long)getpid(), (long)SIGKILL);
    for (;;)
        (void)syscall(SYS_pause);
}

/* What happens to a call before and after it is made. */
struct strike {
    int error; /* 0: it is made */
    bool halves, dies;
};

static struct strike begin(bool writes, const char *name)
{
    struct strike strike = { .error = 0 };
    if (counts(FAULT_CALL, name)) {
        if (atomic_load(&page->how) == FAULT_KILL_BEFORE)
            die();
        strike.dies = atomic_load(&page->how) == FAULT_KILL_AFTER;
    }
    if (writes && counts(FAULT_WRITE, name)) {
        int how = atomic_load(&page->how);
        strike.halves = how == FAULT_SHORT;
        strike.error = how > 0 ? how : 0;
    }
    return strike;
}

static long end(struct strike strike, long result)
{
    if (strike.dies)
        die();
    return result;
}

static long fail(int error)
{
    errno = error;
    return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): glibc's own begin with underscores */

/* ---- memory ---------------------------------------------------------------------------------- */

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size)
{
    return counts(FAULT_ALLOCATION, "malloc") ? no_memory() : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return counts(FAULT_ALLOCATION, "calloc") ? no_memory() : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return counts(FAULT_ALLOCATION, "realloc") ? no_memory() : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return counts(FAULT_ALLOCATION, "aligned_alloc") ? no_memory()
                                                     : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (counts(FAULT_ALLOCATION, "posix_memalign"))
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (counts(FAULT_ALLOCATION, "mmap")) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel's answer
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* Nothing of these is ever full or broken: pipes, and what the kernel keeps in itself (eventfd). A signal may come. */
static bool is_of_memory(int fd)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 && (S_ISFIFO(facts.st_mode) || (facts.st_mode & S_IFMT) == 0);
}

/* The log's own words are not what is tried. */
static struct strike begin_at(int fd, const char *name)
{
    if (fd <= STDERR_FILENO || !page)
        return (struct strike){ .error = 0 };
    return begin(atomic_load(&page->how) == EINTR || !is_of_memory(fd), name);
}

static size_t halved(struct strike strike, size_t size)
{
    return strike.halves && size > 1 ? size / 2 : size;
}

ssize_t write(int fd, const void *octets, size_t size)
{
    struct strike strike = begin_at(fd, "write");
    return strike.error ? fail(strike.error)
                        : end(strike, syscall(SYS_write, fd, octets, halved(strike, size)));
}

ssize_t pwrite(int fd, const void *octets, size_t size, off_t at)
{
    struct strike strike = begin_at(fd, "pwrite");
    return strike.error ? fail(strike.error)
                        : end(strike, syscall(SYS_pwrite64, fd, octets, halved(strike, size), at));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    struct strike strike = begin_at(fd, "writev");
    return strike.error
               ? fail(strike.error)
               : end(strike, syscall(SYS_writev, fd, parts, (int)halved(strike, (size_t)count)));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    struct strike strike = begin_at(fd, "pwritev");
    return strike.error ? fail(strike.error)
                        : end(strike, syscall(SYS_pwritev, fd, parts,
                                              (int)halved(strike, (size_t)count), at, 0L));
}

int fsync(int fd)
{
    struct strike strike = begin(true, "fsync");
    return (int)(strike.error ? fail(strike.error) : end(strike, syscall(SYS_fsync, fd)));
}

int fdatasync(int fd)
{
    struct strike strike = begin(true, "fdatasync");
    return (int)(strike.error ? fail(strike.error) : end(strike, syscall(SYS_fdatasync, fd)));
}

int ftruncate(int fd, off_t size)
{
    struct strike strike = begin(true, "ftruncate");
    return (int)(strike.error ? fail(strike.error) : end(strike, syscall(SYS_ftruncate, fd, size)));
}

int rename(const char *from, const char *to)
{
    struct strike strike = begin(true, "rename");
    return (int)(strike.error ? fail(strike.error) : end(strike, syscall(SYS_rename, from, to)));
}

int unlink(const char *path)
{
    struct strike strike = begin(true, "unlink");
    return (int)(strike.error ? fail(strike.error) : end(strike, syscall(SYS_unlink, path)));
}

int mkdir(const char *path, mode_t mode)
{
    struct strike strike = begin(true, "mkdir");
    return (int)(strike.error ? fail(strike.error) : end(strike, syscall(SYS_mkdir, path, mode)));
}

static int open_file(const char *path, int flags, mode_t mode)
{
    struct strike strike = begin(true, "open");
    return (int)(strike.error ? fail(strike.error)
                              : end(strike, syscall(SYS_openat, AT_FDCWD, path, flags, mode)));
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_file(path, flags, mode);
}

/* ---- sockets, and what waits ------------------------------------------------------------------ */

ssize_t send(int fd, const void *octets, size_t size, int flags)
{
    struct strike strike = begin(true, "send");
    return strike.error
               ? fail(strike.error)
               : end(strike, syscall(SYS_sendto, fd, octets, halved(strike, size), flags, NULL, 0));
}

ssize_t sendto(int fd, const void *octets, size_t size, int flags, __CONST_SOCKADDR_ARG to,
               socklen_t length)
{
    struct strike strike = begin(true, "sendto");
    return strike.error
               ? fail(strike.error)
               : end(strike, syscall(SYS_sendto, fd, octets, size, flags, to.__sockaddr__, length));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct strike strike = begin(true, "sendmsg");
    return strike.error ? fail(strike.error)
                        : end(strike, syscall(SYS_sendmsg, fd, message, flags));
}

ssize_t recv(int fd, void *octets, size_t room, int flags)
{
    struct strike strike = begin(false, "recv");
    return end(strike, syscall(SYS_recvfrom, fd, octets, room, flags, NULL, NULL));
}

ssize_t read(int fd, void *octets, size_t room)
{
    struct strike strike = begin(false, "read");
    return end(strike, syscall(SYS_read, fd, octets, room));
}

int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
    struct strike strike = begin(false, "poll");
    return (int)end(strike, syscall(SYS_poll, fds, count, wait_ms));
}

int epoll_wait(int fd, struct epoll_event *events, int room, int wait_ms)
{
    struct strike strike = begin(false, "epoll_wait");
    return (int)end(strike, syscall(SYS_epoll_wait, fd, events, room, wait_ms));
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
