/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts out, through a real dispatcher and a real yihao-sms, to a message centre that is nothing but a
 * socket:
 *   resident the gateway's memory with so many texts in its outbox, read from its file at the start
 *   out      citizens write to the emergency line, each is owed a receipt in words, and the centre answers
 *            none of them until all are ordered; from then on, until every one is taken by the centre,
 *            its delivery receipt is answered and the dispatcher's journal has DELIVERED.
 *     bench_sms_out YIHAO-DISPATCHER YIHAO-SMS [TEXTS [IN-THE-OUTBOX]] */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/outbox.h"
#include "tests/bench/text_centre.h"
#include "tests/fake/program.h"

enum {
    WINDOW = 100, /* on the one connection */
    AHEAD = 400,  /* texts the centre delivers without answer */
    WAIT_MS = 120000
};

static struct home home;
static struct program *console;
static struct text_centre centre;
static uint64_t ordered, delivered;

static void see(void *owner, const struct stored_event *row, const struct event *event)
{
    (void)owner;
    (void)row;
    ordered += event->kind == EVENT_TEXT_ORDERED;
    delivered +=
        event->kind == EVENT_TEXT_REPORTED && event->text_reported.state == TEXT_STATE_DELIVERED;
}

static void turn(void)
{
    struct pollfd fds[] = { { .fd = centre.fd, .events = POLLIN },
                            { .fd = link_fd(console->link), .events = POLLIN } };
    if (centre.out_count > 0)
        fds[0].events |= POLLOUT;
    (void)poll(fds, 2, 1);
    text_centre_turn(&centre);
    program_turn(console);
}

/* The file of an outbox that holds as many texts as a bad day brings. */
static void fill(uint64_t texts)
{
    static struct order_text order;
    struct outbox *outbox = NULL;
    char path[192];
    (void)snprintf(path, sizeof path, "%s/sms-1", home.folder);
    REQUIRE(mkdir(path, 0700) == 0);
    (void)snprintf(path, sizeof path, "%s/sms-1/outbox", home.folder);
    REQUIRE(outbox_open(&outbox, path) == 0);
    (void)text_copy(order.from, sizeof order.from, "12345");
    (void)text_copy(
        order.words, sizeof order.words,
        "【临江12345】您的诉求已受理，编号20261122000001。查进度请回电12345。勿将编号告知他人。");
    order.receipt = order.fenced = true;
    for (uint64_t i = 1; i <= texts; i++) {
        order.text = 1000000000 + i; /* nobody's: asked for leave, they are dropped */
        (void)snprintf(order.number, sizeof order.number, "139%08" PRIu64, i);
        REQUIRE(outbox_put(outbox, &order, clock_wall_ms()) == 0);
    }
    outbox_close(outbox);
}

static void order_all(uint64_t count)
{
    uint64_t sent = 0;
    uint64_t end_ms = clock_mono_ms() + WAIT_MS;
    centre.holds = true;
    while ((ordered < count || centre.answered < count) && clock_mono_ms() < end_ms) {
        while (sent < count && sent - centre.answered < AHEAD) {
            text_centre_deliver(&centre, "12110", sent, sent);
            sent++;
        }
        text_centre_flush(&centre);
        turn();
    }
    REQUIRE(ordered == count && centre.answered == count && centre.refused == 0);
}

static void measure_out(pid_t gateway, uint64_t count)
{
    uint64_t before = centre.answered;
    uint64_t begun_ns = clock_mono_ns();
    uint64_t end_ms = clock_mono_ms() + WAIT_MS;
    double cpu_s = text_cpu_s(gateway), dispatcher_s = text_cpu_s(home.dispatcher);
    centre.receipts = true;
    text_centre_release(&centre);
    while ((delivered < count || centre.answered - before < count) && clock_mono_ms() < end_ms)
        turn();
    double seconds = (double)(clock_mono_ns() - begun_ns) / 1e9;
    cpu_s = text_cpu_s(gateway) - cpu_s;
    dispatcher_s = text_cpu_s(home.dispatcher) - dispatcher_s;
    REQUIRE(delivered == count && centre.answered - before == count && centre.refused == 0);
    printf("out texts=%" PRIu64 " per_s=%.0f per_gateway_cpu_s=%.0f per_dispatcher_cpu_s=%.0f\n",
           count, (double)count / seconds, (double)count / cpu_s, (double)count / dispatcher_s);
}

static pid_t gateway_begin(const char *program)
{
    pid_t gateway = text_gateway_start(&home, program);
    text_centre_accept(&centre);
    return gateway;
}

static void gateway_end(pid_t gateway)
{
    (void)kill(gateway, SIGKILL);
    (void)waitpid(gateway, NULL, 0);
    (void)close(centre.fd);
    centre.in_count = centre.out_count = 0;
}

static void measure_resident(const char *program, uint64_t texts)
{
    char path[192];
    fill(texts);
    pid_t gateway = gateway_begin(program); /* it has read the file before it connects */
    printf("resident texts=%" PRIu64 " resident_mib=%.1f\n", texts, text_resident_mib(gateway));
    gateway_end(gateway);
    (void)snprintf(path, sizeof path, "%s/sms-1/outbox", home.folder);
    REQUIRE(unlink(path) == 0);
}

int main(int argc, char **argv)
{
    static const char *const programs[] = { "dispatcher", "sms-1", "console", NULL };
    if (argc < 3)
        return 2;
    uint64_t texts = argc > 3 ? strtoull(argv[3], NULL, 10) : 12000;
    uint64_t held = argc > 4 ? strtoull(argv[4], NULL, 10) : 100000;
    REQUIRE(texts <= 14000 && held <= OUTBOX_TEXTS_MAX);
    home_make(&home, programs);
    text_centre_open(&centre);
    text_home(&home, &centre, WINDOW, 0);
    (void)home_start(&home, argv[1]);
    measure_resident(argv[2], held);
    console = program_open(&home, "console", NULL, true, 0);
    program_wait_up(console);
    console->on_event = see;
    pid_t gateway = gateway_begin(argv[2]);
    for (uint64_t end_ms = clock_mono_ms() + 1000; clock_mono_ms() < end_ms;)
        turn();
    order_all(texts);
    measure_out(gateway, texts);
    program_close(console);
    gateway_end(gateway);
    home_remove(&home);
    return 0;
}
