/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long does a citizen wait for the first sign of life? From sending INVITE to 180 or 183 through
 * a running trunk gateway and dispatcher, which stands for "the contact is durable in the journal",
 * against a durable LMDB commit of one record, one beside the other. Nobody is signed on, so each call
 * waits in the queue and is cancelled.
 *     bench_invite SIP-PORT FOLDER [CALLS]     FOLDER: on the disk that the journal lies on */
#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "tests/bench/disk.h"

enum {
    CALLS_MAX = 5000,
    ANSWER_MS = 5000,
    PAUSE_MS = 20
};

static int fd;
static uint16_t own_port;
static char heard[4096];
static uint64_t invite_us[CALLS_MAX], disk_us[CALLS_MAX];

static void dial(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    own_port = ntohs(address.sin_port);
}

static void say(const char *method, unsigned call, const char *to_tag, const char *body)
{
    char words[2048];
    int length =
        snprintf(words, sizeof words,
                 "%s sip:12345@127.0.0.1 SIP/2.0\r\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKbench%u\r\n"
                 "From: <sip:13800001111@127.0.0.1:%u>;tag=b%u\r\n"
                 "To: <sip:12345@127.0.0.1>%s\r\n"
                 "Call-ID: bench-%d-%u\r\nCSeq: 1 %s\r\n"
                 "Contact: <sip:13800001111@127.0.0.1:%u>\r\nMax-Forwards: 70\r\n"
                 "%sContent-Length: %zu\r\n\r\n%s",
                 method, own_port, call, own_port, call, to_tag, (int)getpid(), call, method,
                 own_port, body[0] ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
    REQUIRE(length > 0 && (size_t)length < sizeof words);
    REQUIRE(send(fd, words, (size_t)length, 0) == length);
}

/* The next answer to an INVITE of this call: its status, 0 when none comes. */
static int hear(unsigned call)
{
    char id[48];
    (void)snprintf(id, sizeof id, "bench-%d-%u\r\n", (int)getpid(), call);
    for (uint64_t end = clock_mono_ms() + ANSWER_MS; clock_mono_ms() < end;) {
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        if (poll(&wait, 1, 100) <= 0)
            continue;
        ssize_t size = recv(fd, heard, sizeof heard - 1, 0);
        heard[size > 0 ? size : 0] = 0;
        if (strncmp(heard, "SIP/2.0 ", 8) == 0 && strstr(heard, id) && strstr(heard, " INVITE\r\n"))
            return atoi(heard + 8);
    }
    return 0;
}

static void hang_up(unsigned call)
{
    char tag[128] = "";
    int status;
    say("CANCEL", call, "", "");
    while ((status = hear(call)) != 0 && status < 200)
        continue;
    REQUIRE(status >= 300);
    const char *to = strstr(heard, "\r\nTo:");
    const char *mark = to ? strstr(to, ";tag=") : NULL;
    if (mark)
        (void)snprintf(tag, sizeof tag, "%.*s", (int)strcspn(mark, "\r\n"), mark);
    say("ACK", call, tag, "");
}

static uint64_t call_once(unsigned call)
{
    char body[256];
    int status;
    (void)snprintf(body, sizeof body,
                   "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                   "m=audio %u RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n",
                   own_port);
    uint64_t begun_ns = clock_mono_ns();
    say("INVITE", call, "", body);
    while ((status = hear(call)) == 100)
        continue;
    uint64_t took_us = (clock_mono_ns() - begun_ns) / 1000;
    if (status != 180 && status != 183) {
        (void)fprintf(stderr, "INVITE was answered by %d\n", status);
        exit(1);
    }
    hang_up(call);
    return took_us;
}

int main(int argc, char **argv)
{
    struct disk disk;
    if (argc < 3)
        return 2;
    unsigned calls = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 500;
    REQUIRE(calls > 0 && calls <= CALLS_MAX);
    dial((uint16_t)strtoul(argv[1], NULL, 10));
    disk_open(&disk, argv[2]);
    for (unsigned i = 0; i < calls; i++) {
        invite_us[i] = call_once(i + 1);
        (void)poll(NULL, 0, PAUSE_MS);
        disk_us[i] = disk_commit(&disk);
    }
    disk_close(&disk);
    uint64_t invite50 = quantile(invite_us, calls, 50), disk50 = quantile(disk_us, calls, 50);
    uint64_t invite99 = quantile(invite_us, calls, 99), disk99 = quantile(disk_us, calls, 99);
    (void)printf("invite p50_us=%" PRIu64 " p99_us=%" PRIu64 " lmdb p50_us=%" PRIu64
                 " p99_us=%" PRIu64 " ratio_p50=%.2f ratio_p99=%.2f\n",
                 invite50, invite99, disk50, disk99, (double)invite50 / (double)disk50,
                 (double)invite99 / (double)disk99);
    return 0;
}
