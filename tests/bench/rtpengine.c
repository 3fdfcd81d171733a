/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/rtpengine.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/require.h"

enum {
    WORDS = 2048,
    PATIENCE_MS = 5000,
    TRIES = 20,
    TRY_MS = 250
};

struct rtpengine {
    pid_t pid;
    int fd;
    struct sockaddr_in at;
    unsigned asked;
};

static _Noreturn void become(const char *folder, uint16_t control, uint16_t low, uint16_t high)
{
    char ng[64], recordings[256], ports[2][32];
    (void)snprintf(ng, sizeof ng, "--listen-ng=127.0.0.1:%u", control);
    (void)snprintf(recordings, sizeof recordings, "--recording-dir=%s", folder);
    (void)snprintf(ports[0], sizeof ports[0], "--port-min=%u", low);
    (void)snprintf(ports[1], sizeof ports[1], "--port-max=%u", high);
    (void)execlp("rtpengine", "rtpengine", "--config-file=none", "--table=-1", "--foreground",
                 "--log-level=1", "--log-stderr", "--interface=127.0.0.1",
                 "--recording-method=pcap", ng, recordings, ports[0], ports[1], (char *)NULL);
    _exit(127);
}

/* One question and its answer, NULL within the time given: none. */
static const char *ask(struct rtpengine *rtpengine, const char *words, int patience_ms)
{
    static char said[WORDS], heard[WORDS];
    struct pollfd wait = { .fd = rtpengine->fd, .events = POLLIN };
    int length = snprintf(said, sizeof said, "%u %s", ++rtpengine->asked, words);
    REQUIRE(length > 0 && length < WORDS);
    (void)sendto(rtpengine->fd, said, (size_t)length, 0, (struct sockaddr *)&rtpengine->at,
                 sizeof rtpengine->at);
    if (poll(&wait, 1, patience_ms) <= 0)
        return NULL;
    ssize_t got = recv(rtpengine->fd, heard, sizeof heard - 1, 0);
    if (got <= 0)
        return NULL;
    heard[got] = 0;
    return heard;
}

bool rtpengine_open(struct rtpengine **rtpengine, const char *folder, uint16_t port_low,
                    uint16_t port_high)
{
    static struct rtpengine peer;
    peer = (struct rtpengine){ .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
    peer.at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port_low) };
    peer.at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.pid = fork();
    if (peer.pid == 0)
        become(folder, port_low, (uint16_t)(port_low + 2), port_high);
    *rtpengine = &peer;
    for (unsigned i = 0; i < TRIES; i++) {
        int status;
        if (waitpid(peer.pid, &status, WNOHANG) != 0)
            return false;
        const char *answer = ask(&peer, "d7:command4:pinge", TRY_MS);
        if (answer && strstr(answer, "pong"))
            return true;
        (void)poll(NULL, 0, TRY_MS);
    }
    rtpengine_close(&peer);
    return false;
}

void rtpengine_close(struct rtpengine *rtpengine)
{
    (void)kill(rtpengine->pid, SIGKILL);
    (void)waitpid(rtpengine->pid, NULL, 0);
    (void)close(rtpengine->fd);
}

static uint16_t describe(struct rtpengine *rtpengine, unsigned number, bool answers, uint16_t port)
{
    char sdp[256], words[1024], id[24];
    unsigned theirs = 0;
    int length = snprintf(sdp, sizeof sdp,
                          "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                          "t=0 0\r\nm=audio %u RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n",
                          port);
    int id_length = snprintf(id, sizeof id, "call-%u", number);
    (void)snprintf(words, sizeof words,
                   "d7:command%s7:call-id%d:%s8:from-tag1:a%s11:record call3:yes3:sdp%d:%se",
                   answers ? "6:answer" : "5:offer", id_length, id, answers ? "6:to-tag1:b" : "",
                   length, sdp);
    const char *answer = ask(rtpengine, words, PATIENCE_MS);
    const char *media = answer ? strstr(answer, "m=audio ") : NULL;
    if (!media || sscanf(media, "m=audio %u", &theirs) != 1) {
        (void)fprintf(stderr, "rtpengine refuses: %s\n", answer ? answer : "no answer");
        rtpengine_close(rtpengine);
        exit(1);
    }
    return (uint16_t)theirs;
}

void rtpengine_call(struct rtpengine *rtpengine, unsigned number, const uint16_t own[2],
                    uint16_t theirs[2])
{
    theirs[1] = describe(rtpengine, number, false, own[0]);
    theirs[0] = describe(rtpengine, number, true, own[1]);
}

double rtpengine_cpu(const struct rtpengine *rtpengine)
{
    clockid_t whose;
    struct timespec now;
    REQUIRE(clock_getcpuclockid(rtpengine->pid, &whose) == 0 && clock_gettime(whose, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

pid_t rtpengine_pid(const struct rtpengine *rtpengine)
{
    return rtpengine->pid;
}
