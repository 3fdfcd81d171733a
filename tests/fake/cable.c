/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/cable.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/require.h"

enum {
    PIECE = 65536,
    WAITING = 64,
    LOOK_MS = 50
};

/* ends[0] connected; ends[1] is who listens. */
struct pair {
    int ends[2];
};

struct cable {
    int listener;
    uint16_t to;
    _Atomic bool over;
    pthread_t thread;
    struct pair pairs[CABLE_PAIRS_MAX];
    unsigned count;
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void hasten(int fd)
{
    int yes = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void drop(struct cable *cable, unsigned at)
{
    for (int i = 0; i < 2; i++)
        if (cable->pairs[at].ends[i] >= 0)
            (void)close(cable->pairs[at].ends[i]);
    cable->pairs[at] = cable->pairs[--cable->count];
}

/* Nobody listens there: who connected is told so by the end. */
static void take(struct cable *cable)
{
    struct sockaddr_in address = loopback(cable->to);
    int from = accept4(cable->listener, NULL, NULL, SOCK_CLOEXEC);
    int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(to >= 0);
    if (from >= 0 && cable->count < CABLE_PAIRS_MAX &&
        connect(to, (const struct sockaddr *)&address, sizeof address) == 0) {
        hasten(from);
        hasten(to);
        cable->pairs[cable->count++] = (struct pair){ { from, to } };
        return;
    }
    (void)close(to);
    if (from >= 0)
        (void)close(from);
}

static bool carry(const struct pair *pair, int from)
{
    static _Thread_local char piece[PIECE];
    ssize_t size = recv(pair->ends[from], piece, sizeof piece, 0);
    for (ssize_t at = 0; at < size;) {
        ssize_t sent = send(pair->ends[1 - from], piece + at, (size_t)(size - at), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
    }
    return size > 0;
}

static void look(const struct cable *cable, struct pollfd *fds)
{
    fds[0] = (struct pollfd){ .fd = cable->listener, .events = POLLIN };
    for (unsigned i = 0; i < cable->count; i++)
        for (unsigned from = 0; from < 2; from++)
            fds[1 + 2 * i + from] =
                (struct pollfd){ .fd = cable->pairs[i].ends[from], .events = POLLIN };
    (void)poll(fds, 1 + 2 * cable->count, LOOK_MS);
}

static void *work(void *owner)
{
    struct cable *cable = owner;
    static _Thread_local struct pollfd fds[1 + 2 * CABLE_PAIRS_MAX];
    while (!cable->over) {
        look(cable, fds);
        for (unsigned i = cable->count; i-- > 0;) { /* drop() fills a hole from the end */
            bool lives = true;
            for (unsigned from = 0; from < 2; from++)
                if (lives && fds[1 + 2 * i + from].revents)
                    lives = carry(&cable->pairs[i], (int)from);
            if (!lives)
                drop(cable, i);
        }
        if (fds[0].revents)
            take(cable);
    }
    return NULL;
}

struct cable *cable_lay(uint16_t to, uint16_t *port)
{
    struct cable *cable = calloc(1, sizeof *cable);
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(cable != NULL);
    cable->to = to;
    cable->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(bind(cable->listener, (const struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(listen(cable->listener, WAITING) == 0);
    REQUIRE(getsockname(cable->listener, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    REQUIRE(pthread_create(&cable->thread, NULL, work, cable) == 0);
    return cable;
}

void cable_remove(struct cable *cable)
{
    if (!cable)
        return;
    cable->over = true;
    (void)pthread_join(cable->thread, NULL);
    while (cable->count > 0)
        drop(cable, 0);
    (void)close(cable->listener);
    free(cable);
}

bool cables_begin(void)
{
    return unshare(CLONE_NEWNET) == 0 &&
           // NOLINTNEXTLINE(cert-env33-c): a test's own fixed words
           system("ip link set lo up && nft add table inet city && "
                  "nft add chain inet city out '{ type filter hook output priority 0; }'") == 0;
}

void cables_cut(const struct cut *cuts, unsigned count)
{
    FILE *nft = popen("nft -f -", "we"); // NOLINT(cert-env33-c): the same
    REQUIRE(nft && count <= CUTS_MAX);
    (void)fprintf(nft, "flush chain inet city out\n");
    for (unsigned i = 0; i < count; i++) {
        if (cuts[i].there)
            (void)fprintf(nft, "add rule inet city out tcp dport %u drop\n", cuts[i].port);
        if (cuts[i].back)
            (void)fprintf(nft, "add rule inet city out tcp sport %u drop\n", cuts[i].port);
    }
    REQUIRE(pclose(nft) == 0);
}
