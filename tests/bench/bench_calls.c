/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole calls through a running trunk gateway and dispatcher: INVITE, queue, offer, INVITE at a seat's
 * telephone, bridge, BYE. This process plays the citizens and all telephones of the seats over UDP, says
 * nothing of its own in sound, and repeats nothing: a call whose next word does not come within
 * STEP_MS has failed, as has one that anybody refuses.
 *     bench_calls SIP-PORT PHONES-PORT [LINE] rate R SECONDS [HOLD_MS]       so many calls begin a second
 *     bench_calls SIP-PORT PHONES-PORT [LINE] backlog N SECONDS [HOLD_MS]    so many are always there
 * Who signs the takers on, and that they need no wrap-up, is the caller's affair (trunk_calls.mjs). */
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
    CALLS_MAX = 200000,
    PHONES_MAX = 4096, /* numbers 0 … , as the city's users have them */
    STEP_MS = 8000,
    BUFFER_BYTES = 16 << 20,
    TAKEN_AT_ONCE = 64
};

enum state {
    STATE_NONE,
    STATE_INVITED,
    STATE_TALKING,
    STATE_ENDING,
    STATE_DONE,
    STATE_FAILED
};

struct call {
    enum state state;
    uint64_t begun_ns, answered_ns, step_ns;
    char to[96]; /* the rest of the header: ";tag=…" and what there is */
    char target[96];
};

static struct call calls[CALLS_MAX];
static uint64_t freed_ns[PHONES_MAX]; /* when its BYE came; 0: it had no call before, or rings */
static uint64_t answer_us[CALLS_MAX], freed_us[CALLS_MAX];
static unsigned begun, talked, ended, failed, freed, oldest;
static unsigned talking[CALLS_MAX], talking_first, talking_last; /* in the order of their answers */
static int citizens, phones;
static uint16_t own_port, phones_port, gateway_port, sound_port;
static const char *line = "110";
static uint64_t hold_ns;
static char heard[8192], words[4096];

/* A socket of this port, 0: any. */
static int open_socket(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(*port) };
    socklen_t size = sizeof address;
    int bytes = BUFFER_BYTES, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    *port = ntohs(address.sin_port);
    return fd;
}

static void send_words(int fd, int length)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(gateway_port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(length > 0 && (size_t)length < sizeof words);
    REQUIRE(sendto(fd, words, (size_t)length, 0, (const struct sockaddr *)&to, sizeof to) ==
            length);
}

/* The next word that lies there into heard. */
static bool hear(int fd)
{
    ssize_t size = recv(fd, heard, sizeof heard - 1, 0);
    heard[size > 0 ? size : 0] = 0;
    return size > 0;
}

static void sound_of(char *body, size_t size)
{
    int length =
        snprintf(body, size,
                 "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                 "m=audio %u RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
                 "a=rtpmap:101 telephone-event/8000\r\n",
                 sound_port);
    REQUIRE(length > 0 && (size_t)length < size);
}

/* ---- citizens ------------------------------------------------------------------------------ */

static void say(unsigned at, const char *method, unsigned sequence, const char *body)
{
    struct call *call = &calls[at];
    char own_target[48];
    (void)snprintf(own_target, sizeof own_target, "sip:%s@127.0.0.1", line);
    send_words(citizens,
               snprintf(words, sizeof words,
                        "%s %s SIP/2.0\r\n"
                        "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%s%u\r\n"
                        "From: <sip:139%08u@127.0.0.1:%u>;tag=b%u\r\n"
                        "To: <sip:%s@127.0.0.1>%s\r\n"
                        "Call-ID: bench-%d-%u\r\nCSeq: %u %s\r\n"
                        "Contact: <sip:139%08u@127.0.0.1:%u>\r\nMax-Forwards: 70\r\n"
                        "%sContent-Length: %zu\r\n\r\n%s",
                        method, call->target[0] ? call->target : own_target, own_port, method, at,
                        at, own_port, at, line, call->to, (int)getpid(), at, sequence, method, at,
                        own_port, body[0] ? "Content-Type: application/sdp\r\n" : "", strlen(body),
                        body));
    call->step_ns = clock_mono_ns();
}

static void begin(void)
{
    char body[256];
    sound_of(body, sizeof body);
    REQUIRE(begun < CALLS_MAX);
    calls[begun].state = STATE_INVITED;
    calls[begun].begun_ns = clock_mono_ns();
    say(begun++, "INVITE", 1, body);
}

static void fail(struct call *call, const char *why)
{
    if (failed++ < 5)
        (void)fprintf(stderr, "call %u, state %d: %.60s\n", (unsigned)(call - calls),
                      (int)call->state, why);
    call->state = STATE_FAILED;
}

/* Copies what follows this header's name, up to one of the stops. */
static void copy_header(char *to, size_t size, const char *name, const char *from,
                        const char *stops)
{
    const char *at = strstr(heard, name);
    at = at ? strstr(at, from) : NULL;
    if (at && from[0] == '<')
        at++;
    (void)snprintf(to, size, "%.*s", at ? (int)strcspn(at, stops) : 0, at ? at : "");
}

static void hear_answer(unsigned at, int status, bool of_invite)
{
    struct call *call = &calls[at];
    if (of_invite && status >= 200 && status < 300 && call->state == STATE_INVITED) {
        copy_header(call->to, sizeof call->to, "\r\nTo:", ";tag=", "\r\n");
        copy_header(call->target, sizeof call->target, "\r\nContact:", "<", ">");
        call->answered_ns = clock_mono_ns();
        answer_us[talked++] = (call->answered_ns - call->begun_ns) / 1000;
        call->state = STATE_TALKING;
        talking[talking_last++] = at;
        say(at, "ACK", 1, "");
    } else if (!of_invite && status == 200 && call->state == STATE_ENDING) {
        call->state = STATE_DONE;
        ended++;
    } else if (status >= 300 && call->state < STATE_DONE) {
        fail(call, heard);
    }
}

static void hear_citizens(void)
{
    for (unsigned i = 0; i < TAKEN_AT_ONCE && hear(citizens); i++) {
        const char *id = strstr(heard, "\r\nCall-ID: bench-");
        id = id ? strchr(id + 17, '-') : NULL;
        unsigned at = id ? (unsigned)strtoul(id + 1, NULL, 10) : CALLS_MAX;
        if (at >= begun)
            continue;
        if (strncmp(heard, "SIP/2.0 ", 8) == 0)
            hear_answer(at, atoi(heard + 8), strstr(heard, " INVITE\r\n") != NULL);
        else
            fail(&calls[at], heard);
    }
}

static void hang_up(uint64_t now_ns)
{
    while (talking_first < talking_last &&
           now_ns - calls[talking[talking_first]].answered_ns >= hold_ns) {
        unsigned at = talking[talking_first++];
        if (calls[at].state != STATE_TALKING)
            continue;
        calls[at].state = STATE_ENDING;
        say(at, "BYE", 2, "");
    }
}

static void forget_late(uint64_t now_ns)
{
    for (; oldest < begun; oldest++) {
        struct call *call = &calls[oldest];
        if (call->state < STATE_DONE && now_ns - call->step_ns < STEP_MS * 1000000ULL)
            return;
        if (call->state < STATE_DONE)
            fail(call, "no word came");
    }
}

/* ---- telephones ---------------------------------------------------------------------------- */

/* The headers of a request that each answer repeats; To without a tag gets this telephone's. */
static void repeat_headers(char *to, size_t size, unsigned phone)
{
    static const char *const names[] = { "Via:", "From:", "To:", "Call-ID:", "CSeq:" };
    size_t used = 0;
    for (const char *row = strstr(heard, "\r\n"); row && row[2] != '\r';
         row = strstr(row + 2, "\r\n"))
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
            if (strncmp(row + 2, names[i], strlen(names[i])) == 0) {
                int length = (int)strcspn(row + 2, "\r\n");
                bool bare = i == 2 && !memmem(row + 2, (size_t)length, ";tag=", 5);
                used += (size_t)snprintf(to + used, size - used, "%.*s", length, row + 2);
                if (bare)
                    used += (size_t)snprintf(to + used, size - used, ";tag=p%u", phone);
                used += (size_t)snprintf(to + used, size - used, "\r\n");
                REQUIRE(used < size);
            }
}

static void answer(unsigned phone, const char *status, const char *body)
{
    char headers[2048];
    repeat_headers(headers, sizeof headers, phone);
    send_words(phones,
               snprintf(words, sizeof words,
                        "SIP/2.0 %s\r\n%sContact: <sip:%u@127.0.0.1:%u>\r\n"
                        "%sContent-Length: %zu\r\n\r\n%s",
                        status, headers, phone, phones_port,
                        body[0] ? "Content-Type: application/sdp\r\n" : "", strlen(body), body));
}

static void ring(unsigned phone)
{
    char body[256];
    if (freed_ns[phone] && freed < CALLS_MAX)
        freed_us[freed++] = (clock_mono_ns() - freed_ns[phone]) / 1000;
    freed_ns[phone] = 0;
    answer(phone, "180 Ringing", "");
    sound_of(body, sizeof body);
    answer(phone, "200 OK", body);
}

static void hear_phones(void)
{
    for (unsigned i = 0; i < TAKEN_AT_ONCE && hear(phones); i++) {
        const char *number = strstr(heard, " sip:");
        unsigned phone = number ? (unsigned)strtoul(number + 5, NULL, 10) : 0;
        if (phone >= PHONES_MAX || strncmp(heard, "ACK ", 4) == 0 ||
            strncmp(heard, "SIP/2.0", 7) == 0)
            continue;
        if (strncmp(heard, "INVITE ", 7) == 0) {
            ring(phone);
        } else {
            freed_ns[phone] = clock_mono_ns();
            answer(phone, "200 OK", "");
        }
    }
}

/* ---- demand -------------------------------------------------------------------------------- */

struct demand {
    bool by_rate;
    unsigned amount;
    uint64_t begun_ns, end_ns;
};

/* How many calls ought to have begun by now. */
static unsigned wanted(const struct demand *demand, uint64_t now_ns)
{
    if (now_ns >= demand->end_ns)
        return begun;
    if (demand->by_rate)
        return (unsigned)((double)(now_ns - demand->begun_ns) / 1e9 * demand->amount) + 1;
    return ended + failed + demand->amount;
}

/* Returns how many calls ended in time. */
static unsigned carry(const struct demand *demand)
{
    unsigned in_time = 0;
    struct pollfd fds[] = { { .fd = citizens, .events = POLLIN },
                            { .fd = phones, .events = POLLIN } };
    for (uint64_t now_ns = demand->begun_ns;
         now_ns < demand->end_ns ||
         ended + failed < begun; /* nobody is left in the queue for the next run */
         now_ns = clock_mono_ns()) {
        unsigned due = wanted(demand, now_ns);
        while (begun < due && begun < CALLS_MAX)
            begin();
        (void)poll(fds, 2, 1);
        hear_citizens();
        hear_phones();
        hang_up(clock_mono_ns());
        forget_late(clock_mono_ns());
        in_time = now_ns < demand->end_ns ? ended : in_time;
    }
    return in_time;
}

static void print(const struct demand *demand, unsigned in_time)
{
    double seconds = (double)(demand->end_ns - demand->begun_ns) / 1e9;
    REQUIRE(talked > 0);
    printf("calls begun=%u ended=%u failed=%u per_s=%.1f answer p50_us=%" PRIu64 " p99_us=%" PRIu64,
           begun, ended, failed, in_time / seconds, quantile(answer_us, talked, 50),
           quantile(answer_us, talked, 99));
    if (freed)
        printf(" freed=%u freed_p50_us=%" PRIu64 " freed_p99_us=%" PRIu64, freed,
               quantile(freed_us, freed, 50), quantile(freed_us, freed, 99));
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    gateway_port = (uint16_t)strtoul(argv[1], NULL, 10);
    phones_port = (uint16_t)strtoul(argv[2], NULL, 10);
    int at = 3;
    if (argv[at][0] >= '0' && argv[at][0] <= '9')
        line = argv[at++];
    REQUIRE(argc >= at + 3);
    struct demand demand = { .by_rate = strcmp(argv[at], "rate") == 0,
                             .amount = (unsigned)strtoul(argv[at + 1], NULL, 10) };
    hold_ns = argc > at + 3 ? strtoul(argv[at + 3], NULL, 10) * 1000000 : 0;
    citizens = open_socket(&own_port);
    phones = open_socket(&phones_port);
    (void)open_socket(&sound_port); /* hears, and nobody listens */
    demand.begun_ns = clock_mono_ns();
    demand.end_ns = demand.begun_ns + strtoul(argv[at + 2], NULL, 10) * 1000000000ULL;
    print(&demand, carry(&demand));
    return failed ? 1 : 0;
}
