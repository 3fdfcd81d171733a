/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How late does an event reach 500 screens? `bench_fanout [SCREENS [EVENTS_PER_SECOND [SECONDS]]]`
 * starts the console server over its in-process bus, opens the WebSockets, and lets events come.
 * Latency: from the event's own at_ms (stamped when the bus gives it out) to the bytes in this
 * process, in whole milliseconds. Both processes share the machine. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"

enum {
    SCREENS_MAX = 1000,
    PER_SESSION = 4,
    BUFFER_BYTES = 65536,
    LATE_MAX_MS = 10000,
    PORT = 28110
};

struct screen {
    int fd;
    size_t size;
    char buffer[BUFFER_BYTES];
    uint64_t events;
};

static struct screen screens[SCREENS_MAX];
static uint64_t late_by_ms[LATE_MAX_MS + 1];
static uint64_t events_taken, gaps;

static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int tries = 0; connect(fd, (struct sockaddr *)&to, sizeof to) < 0; tries++) {
        REQUIRE(tries < 100);
        (void)usleep(50000);
    }
    return fd;
}

/* Writes the request and reads until the blank line; text holds what came. */
static void ask(int fd, const char *words, char *text, size_t room)
{
    size_t size = 0;
    REQUIRE(write(fd, words, strlen(words)) == (ssize_t)strlen(words));
    do {
        ssize_t got = read(fd, text + size, room - size - 1);
        REQUIRE(got > 0);
        size += (size_t)got;
        text[size] = 0;
    } while (!strstr(text, "\r\n\r\n"));
}

static void sign_in(char cookie[80])
{
    char words[512], text[4096];
    static const char body[] = "{\"login\":\"supervisor\",\"password\":\"right\"}";
    (void)snprintf(words, sizeof words,
                   "POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   sizeof body - 1, body);
    int fd = dial();
    ask(fd, words, text, sizeof text);
    const char *found = strstr(text, "yihao_sid=");
    REQUIRE(found);
    (void)snprintf(cookie, 80, "%.74s", found);
    (void)close(fd);
}

static void open_screen(struct screen *screen, const char *cookie)
{
    char words[512], text[1024];
    static const char hello[] = "\x81\x8c\0\0\0\0{\"hello\":{}}"; /* masked with zeros */
    (void)snprintf(words, sizeof words,
                   "GET /ws HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                   "Sec-WebSocket-Protocol: yihao.v1+json\r\nCookie: %s\r\n\r\n",
                   cookie);
    screen->fd = dial();
    ask(screen->fd, words, text, sizeof text);
    REQUIRE(strncmp(text, "HTTP/1.1 101", 12) == 0);
    REQUIRE(write(screen->fd, hello, sizeof hello - 1) == (ssize_t)sizeof hello - 1);
}

static void take_text(struct screen *screen, const char *text, size_t size, uint64_t now)
{
    static const char mark[] = "\"at_ms\":";
    if (size < 8 || strncmp(text, "{\"seq\":", 7) != 0)
        return; /* welcome or beat */
    uint64_t seq = strtoull(text + 7, NULL, 10);
    const char *at = memmem(text, size, mark, sizeof mark - 1);
    const char *prev = memmem(text, size, "\"prev\":", 7);
    REQUIRE(at && prev);
    uint64_t late = now - strtoull(at + sizeof mark - 1, NULL, 10);
    late_by_ms[late > LATE_MAX_MS ? LATE_MAX_MS : late]++;
    gaps += strtoull(prev + 7, NULL, 10) != seq - 1;
    screen->events++;
    events_taken++;
}

static void take_frames(struct screen *screen)
{
    uint64_t now = clock_wall_ms();
    ssize_t got = recv(screen->fd, screen->buffer + screen->size,
                       sizeof screen->buffer - screen->size, MSG_DONTWAIT);
    REQUIRE(got > 0 || (got < 0 && errno == EAGAIN));
    screen->size += got > 0 ? (size_t)got : 0;
    size_t at = 0;
    while (screen->size - at >= 2) {
        const uint8_t *head = (const uint8_t *)screen->buffer + at;
        size_t start = 2, size = head[1] & 127U;
        if (size == 126) {
            if (screen->size - at < 4)
                break;
            size = (size_t)head[2] << 8U | head[3];
            start = 4;
        }
        if (screen->size - at < start + size)
            break;
        if ((head[0] & 15U) == 1)
            take_text(screen, screen->buffer + at + start, size, now);
        if ((head[0] & 15U) == 9) {
            static const char pong[6] = { (char)0x8A, (char)0x80 };
            REQUIRE(write(screen->fd, pong, sizeof pong) == sizeof pong);
        }
        at += start + size;
    }
    memmove(screen->buffer, screen->buffer + at, screen->size - at);
    screen->size -= at;
}

static pid_t start_server(int *bus)
{
    int ends[2];
    char port[8], folder[] = "/tmp/yihao-fanout-XXXXXX";
    REQUIRE(pipe(ends) == 0 && mkdtemp(folder));
    (void)snprintf(port, sizeof port, "%d", PORT);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        (void)dup2(ends[0], STDIN_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        if (!freopen("/dev/null", "w", stderr))
            _exit(127);
        (void)execl(CONSOLE_FAKE, CONSOLE_FAKE, port, WEB, folder, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[0]);
    *bus = ends[1];
    return child;
}

static void run(unsigned count, unsigned rate, unsigned seconds, int bus)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < count; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &screens[i] };
        REQUIRE(epoll_ctl(epoll, EPOLL_CTL_ADD, screens[i].fd, &event) == 0);
    }
    uint64_t begun = clock_mono_ms(), given = 0, all = (uint64_t)rate * seconds;
    while (events_taken < all * count && clock_mono_ms() - begun < (seconds + 10) * 1000U) {
        struct epoll_event ready[256];
        uint64_t due = begun + 2000 + given * 1000 / rate; /* welcomes first */
        if (given < all && clock_mono_ms() >= due) {
            REQUIRE(write(bus, "event 1\n", 8) == 8);
            given++;
        }
        int found = epoll_wait(epoll, ready, 256, 1);
        for (int i = 0; i < found; i++)
            take_frames(ready[i].data.ptr);
    }
    (void)close(epoll);
}

static uint64_t quantile(double share)
{
    uint64_t sum = 0;
    for (uint64_t ms = 0; ms <= LATE_MAX_MS; ms++) {
        sum += late_by_ms[ms];
        if ((double)sum >= share * (double)events_taken)
            return ms;
    }
    return LATE_MAX_MS;
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 500;
    unsigned rate = argc > 2 ? (unsigned)atoi(argv[2]) : 20;
    unsigned seconds = argc > 3 ? (unsigned)atoi(argv[3]) : 10;
    char cookie[80] = "";
    int bus;
    struct rusage used;
    REQUIRE(count >= 1 && count <= SCREENS_MAX && rate >= 1 && seconds >= 1);
    pid_t server = start_server(&bus);
    for (unsigned i = 0; i < count; i++) {
        if (i % PER_SESSION == 0)
            sign_in(cookie);
        open_screen(&screens[i], cookie);
    }
    run(count, rate, seconds, bus);
    (void)kill(server, SIGTERM);
    (void)waitpid(server, NULL, 0);
    (void)getrusage(RUSAGE_CHILDREN, &used);
    printf("screens=%u events/s=%u delivered=%" PRIu64 " of %" PRIu64 " gaps=%" PRIu64
           " p50_ms=%" PRIu64 " p99_ms=%" PRIu64 " max_ms=%" PRIu64
           " server_cpu_s=%.2f server_rss_kib=%ld\n",
           count, rate, events_taken, (uint64_t)count * rate * seconds, gaps, quantile(0.5),
           quantile(0.99), quantile(1.0),
           (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 +
               (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6,
           used.ru_maxrss);
    return events_taken == (uint64_t)count * rate * seconds && gaps == 0 ? EXIT_SUCCESS
                                                                         : EXIT_FAILURE;
}
