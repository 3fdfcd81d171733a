/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Citizens' texts in, through a real yihao-sms and a real dispatcher, from a message centre that is
 * nothing but a socket:
 *   offer    texts to an emergency line at a fixed rate; from writing deliver_sm to seeing the contact's
 *            offer on the bus (the journal has both then). Takers accept and finish at once.
 *   texts    as many as the gateway takes with a window: deliver_sm_resp means durable. Each text is a
 *            new contact; then each joins an open one.
 *     bench_sms_in YIHAO-DISPATCHER YIHAO-SMS [RATE [SECONDS [TEXTS]]] */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "tests/bench/disk.h"
#include "tests/fake/program.h"

enum {
    TEXTS_MAX = 200000,
    WINDOW = 500,
    TAKERS = 32,
    WAIT_MS = 60000,
    PDU_BYTES = 512,
    DELIVER = 0x00000005,
    DELIVER_RESP = (int)0x80000005,
    ENQUIRE = 0x00000015,
    SUBMIT = 0x00000004
};

static struct home home;
static struct program *console;

/* ---- the message centre ------------------------------------------------------------------------ */

struct centre {
    int fd;
    uint8_t in[1 << 20];
    size_t in_count;
    uint8_t out[1 << 20];
    size_t out_count;
    uint32_t sequence;
    uint64_t answered, refused;
};
static struct centre centre;

static void put32(uint8_t *at, uint32_t value)
{
    value = htonl(value);
    memcpy(at, &value, 4);
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return ntohl(value);
}

static void pdu_add(uint32_t command, uint32_t sequence, const void *body, size_t size)
{
    uint8_t *at = centre.out + centre.out_count;
    REQUIRE(centre.out_count + 16 + size <= sizeof centre.out);
    put32(at, (uint32_t)(16 + size));
    put32(at + 4, command);
    put32(at + 8, 0);
    put32(at + 12, sequence);
    memcpy(at + 16, body, size);
    centre.out_count += 16 + size;
}

static void centre_flush(void)
{
    size_t sent = 0;
    while (sent < centre.out_count) {
        ssize_t size = send(centre.fd, centre.out + sent, centre.out_count - sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0)
            break;
        sent += (size_t)size;
    }
    memmove(centre.out, centre.out + sent, centre.out_count - sent);
    centre.out_count -= sent;
}

/* Forty characters, never twice the same. */
static void deliver(const char *dest, uint64_t citizen, uint64_t number)
{
    uint8_t body[PDU_BYTES];
    char words[41];
    size_t at = 0;
    body[at++] = 0;
    body[at++] = 1;
    body[at++] = 1;
    at += 1 + (size_t)snprintf((char *)body + at, 20, "86138%08" PRIu64, citizen);
    body[at++] = 0;
    body[at++] = 0;
    at += 1 + (size_t)snprintf((char *)body + at, 20, "%s", dest);
    memset(body + at, 0, 9); /* esm_class … replace_if_present */
    at += 9;
    body[at - 2] = 8; /* data_coding: UCS-2 */
    body[at++] = 0;
    (void)snprintf(words, sizeof words, "%-28s%012" PRIu64, "Water runs down the stairs", number);
    body[at++] = 80;
    for (int i = 0; i < 40; i++) {
        body[at++] = 0;
        body[at++] = (uint8_t)words[i];
    }
    pdu_add(DELIVER, ++centre.sequence, body, at);
}

static void pdu_take(const uint8_t *pdu)
{
    uint32_t command = get32(pdu + 4);
    uint32_t sequence = get32(pdu + 12);
    if (command == (uint32_t)DELIVER_RESP) {
        centre.answered++;
        centre.refused += get32(pdu + 8) != 0;
    } else if (command == SUBMIT) {
        char id[12];
        int size = snprintf(id, sizeof id, "%08x", sequence);
        pdu_add(command | 0x80000000, sequence, id, (size_t)size + 1);
    } else if (command == ENQUIRE) {
        pdu_add(command | 0x80000000, sequence, "", 0);
    } else if (!(command & 0x80000000)) { /* a bind of any kind */
        pdu_add(command | 0x80000000, sequence, "bench", 6);
    }
}

static void centre_turn(void)
{
    ssize_t size = recv(centre.fd, centre.in + centre.in_count, sizeof centre.in - centre.in_count,
                        MSG_DONTWAIT);
    size_t at = 0;
    REQUIRE(size != 0);
    centre.in_count += size > 0 ? (size_t)size : 0;
    while (centre.in_count - at >= 16 && get32(centre.in + at) <= centre.in_count - at) {
        pdu_take(centre.in + at);
        at += get32(centre.in + at);
    }
    memmove(centre.in, centre.in + at, centre.in_count - at);
    centre.in_count -= at;
    centre_flush();
}

static int listen_at(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static pid_t gateway_start(const char *program)
{
    char log[192];
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid > 0)
        return pid;
    (void)snprintf(log, sizeof log, "%s/sms.log", home.folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    (void)dup2(fd, STDERR_FILENO);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)execl(program, program, "--home", home.folder, "--name", "sms-1", (char *)NULL);
    _exit(127);
}

/* ---- the takers ------------------------------------------------------------------------------- */

static uint8_t tokens[TAKERS][32];
static uint32_t takers;
static uint64_t sent_ns[TEXTS_MAX]; /* of the n-th text */
static uint64_t took_us[TEXTS_MAX]; /* until its contact was offered */
static uint64_t arrivals, offers;
static struct {
    uint64_t contact;
    uint32_t number;
} places[1 << 18]; /* contact → which text made it */

static void submit_as(uint32_t taker, const struct command *command)
{
    uint64_t ticket;
    (void)link_submit(console->link, command, NULL, tokens[taker - 1001], 32, &ticket);
}

static void see(void *owner, const struct stored_event *row, const struct event *event)
{
    uint32_t place = (uint32_t)(event->contact & (sizeof places / sizeof places[0] - 1));
    (void)owner;
    (void)row;
    if (event->kind == EVENT_CONTACT_ARRIVED && arrivals < TEXTS_MAX) {
        places[place].contact = event->contact;
        places[place].number = (uint32_t)arrivals++;
    } else if (event->kind == EVENT_OFFER_MADE && places[place].contact == event->contact) {
        uint32_t number = places[place].number;
        struct command command = { .kind = COMMAND_OFFER_ACCEPT };
        if (!took_us[number]) {
            took_us[number] = (clock_mono_ns() - sent_ns[number]) / 1000;
            offers++;
        }
        command.offer_accept.offer = event->offer;
        submit_as(event->taker, &command);
    } else if (event->kind == EVENT_CONTACT_CONNECTED) {
        struct command command = { .kind = COMMAND_CONTACT_FINISH };
        command.contact_finish.contact = event->contact;
        submit_as(event->taker, &command);
    }
}

static void takers_sign_on(void)
{
    for (takers = 0; takers < TAKERS; takers++) {
        char login[8];
        struct command command = { .kind = COMMAND_TAKER_SIGN_ON };
        (void)snprintf(login, sizeof login, "%u", 1001 + takers);
        if (program_sign_in(console, login, HOME_PASSWORD, tokens[takers]) != REFUSAL_NONE)
            break;
        REQUIRE(program_submit(console, &command, NULL, tokens[takers])->refusal == REFUSAL_NONE);
        command.kind = COMMAND_TAKER_READY;
        REQUIRE(program_submit(console, &command, NULL, tokens[takers])->refusal == REFUSAL_NONE);
    }
    REQUIRE(takers >= 8);
}

/* ---- the two figures -------------------------------------------------------------------------- */

static void turn(int wait_ms)
{
    struct pollfd fds[] = { { .fd = centre.fd, .events = POLLIN },
                            { .fd = link_fd(console->link), .events = POLLIN } };
    if (centre.out_count > 0)
        fds[0].events |= POLLOUT;
    (void)poll(fds, 2, wait_ms);
    centre_turn();
    program_turn(console);
}

static void measure_offers(uint64_t rate, uint64_t count)
{
    uint64_t begun_ns = clock_mono_ns();
    for (uint64_t i = 0; i < count; i++) {
        uint64_t due_ns = begun_ns + i * 1000000000 / rate;
        while (clock_mono_ns() < due_ns)
            turn(due_ns - clock_mono_ns() > 1000000 ? 1 : 0);
        sent_ns[i] = due_ns; /* a generator that is late counts against the system, not for it */
        deliver("12110", i, i);
        centre_flush();
    }
    for (uint64_t end_ms = clock_mono_ms() + WAIT_MS; offers < count && clock_mono_ms() < end_ms;)
        turn(1);
    REQUIRE(offers == count && centre.answered == count && centre.refused == 0);
    printf("offer rate=%" PRIu64 " texts=%" PRIu64 " p50_us=%" PRIu64 " p99_us=%" PRIu64
           " max_us=%" PRIu64 "\n",
           rate, count, quantile(took_us, count, 50), quantile(took_us, count, 99),
           quantile(took_us, count, 100));
}

static double measure_texts(const char *name, uint64_t count, uint64_t citizens)
{
    uint64_t before = centre.answered;
    uint64_t begun_ns = clock_mono_ns();
    uint64_t sent = 0;
    while (centre.answered - before < count) {
        while (sent < count && sent - (centre.answered - before) < WINDOW) {
            deliver("12345", 10000000 + sent % citizens, centre.sequence);
            sent++;
        }
        centre_flush();
        struct pollfd fd = { .fd = centre.fd, .events = POLLIN };
        REQUIRE(poll(&fd, 1, WAIT_MS) > 0);
        centre_turn();
    }
    double seconds = (double)(clock_mono_ns() - begun_ns) / 1e9;
    REQUIRE(centre.refused == 0);
    printf("%s texts=%" PRIu64 " per_s=%.0f\n", name, count, (double)count / seconds);
    return (double)count / seconds;
}

/* ---- the home --------------------------------------------------------------------------------- */

static void settings_add(uint16_t port)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/settings.conf", home.folder);
    FILE *file = fopen(path, "ae");
    REQUIRE(file);
    (void)fprintf(file,
                  "sms \"sms-1\" {\n    system_id = \"bench\"\n    centre_host = \"127.0.0.1\"\n"
                  "    centre_port = %u\n    metrics_port = %u\n}\n",
                  port, (unsigned)home.base + 9);
    (void)fclose(file);
    (void)snprintf(path, sizeof path, "%s/city/parameters.csv", home.folder);
    file = fopen(path, "we"); /* nothing but speed */
    REQUIRE(file);
    (void)fputs("parameter,value\nwrap_up_ms,0\noffer_pause_ms,0\n", file);
    (void)fclose(file);
}

int main(int argc, char **argv)
{
    static const char *const programs[] = { "dispatcher", "sms-1", "console", NULL };
    uint16_t port = 0;
    if (argc < 3)
        return 2;
    uint64_t rate = argc > 3 ? strtoull(argv[3], NULL, 10) : 500;
    uint64_t seconds = argc > 4 ? strtoull(argv[4], NULL, 10) : 10;
    uint64_t texts = argc > 5 ? strtoull(argv[5], NULL, 10) : 12000;
    REQUIRE(rate > 0 && rate * seconds <= TEXTS_MAX && texts <= 14000);
    home_make(&home, programs);
    int listener = listen_at(&port);
    settings_add(port);
    (void)home_start(&home, argv[1]);
    console = program_open(&home, "console", NULL, true, 0);
    program_wait_up(console);
    takers_sign_on();
    console->on_event = see;
    pid_t gateway = gateway_start(argv[2]);
    centre.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    REQUIRE(centre.fd >= 0);
    for (uint64_t end_ms = clock_mono_ms() + 2000; clock_mono_ms() < end_ms;)
        turn(10);
    measure_offers(rate, rate * seconds);
    program_close(console);
    (void)measure_texts("new", texts, texts);
    (void)measure_texts("joined", texts, texts);
    (void)kill(gateway, SIGTERM);
    (void)waitpid(gateway, NULL, 0);
    home_remove(&home);
    return 0;
}
