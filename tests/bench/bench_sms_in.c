/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Citizens' texts in, through a real yihao-sms and a real dispatcher, from a message centre that is
 * nothing but a socket:
 *   offer    texts to an emergency line at a fixed rate; from the moment the text is due at the centre to
 *            seeing its contact's offer on the bus (the journal has both then). Takers enough that one is
 *            free, who accept and finish at once.
 *   texts    as many as the gateway takes with a window: deliver_sm_resp means durable. Each text is a
 *            new contact; then each joins an open one. CPU of the gateway beside it.
 *     bench_sms_in YIHAO-DISPATCHER YIHAO-SMS [RATE [SECONDS [TEXTS]]] */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "tests/bench/disk.h"
#include "tests/bench/text_centre.h"
#include "tests/fake/program.h"

enum {
    TEXTS_MAX = 200000,
    WINDOW = 500,
    TAKERS = 200, /* each is busy for three commits of the journal with one text */
    WAIT_MS = 60000
};

static struct home home;
static struct program *console;
static struct text_centre centre;

/* ---- the takers ------------------------------------------------------------------------------- */

static uint8_t tokens[TAKERS][32];
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
    (void)link_submit(console->link, command, NULL, tokens[taker - TEXT_TAKERS_FIRST], 32, &ticket);
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
    } else if (event->kind == EVENT_TAKER_WENT_AWAY) {
        /* Offers lapsed while the disk stood still: whoever is gone for good would be missed below. */
        struct command command = { .kind = COMMAND_TAKER_READY };
        submit_as(event->taker, &command);
    }
}

static void takers_sign_on(void)
{
    for (unsigned taker = 0; taker < TAKERS; taker++) {
        char login[8];
        struct command command = { .kind = COMMAND_TAKER_SIGN_ON };
        (void)snprintf(login, sizeof login, "%u", TEXT_TAKERS_FIRST + taker);
        REQUIRE(program_sign_in(console, login, HOME_PASSWORD, tokens[taker]) == REFUSAL_NONE);
        REQUIRE(program_submit(console, &command, NULL, tokens[taker])->refusal == REFUSAL_NONE);
        command.kind = COMMAND_TAKER_READY;
        REQUIRE(program_submit(console, &command, NULL, tokens[taker])->refusal == REFUSAL_NONE);
    }
}

/* ---- the two figures -------------------------------------------------------------------------- */

static void turn(int wait_ms)
{
    struct pollfd fds[] = { { .fd = centre.fd, .events = POLLIN },
                            { .fd = link_fd(console->link), .events = POLLIN } };
    if (centre.out_count > 0)
        fds[0].events |= POLLOUT;
    (void)poll(fds, 2, wait_ms);
    text_centre_turn(&centre);
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
        text_centre_deliver(&centre, "12110", i, i);
        text_centre_flush(&centre);
    }
    uint64_t end_ms = clock_mono_ms() + WAIT_MS;
    while ((offers < count || centre.answered < count) && clock_mono_ms() < end_ms)
        turn(1);
    if (offers < count || centre.answered < count || centre.refused > 0)
        (void)fprintf(stderr,
                      "of %" PRIu64 " texts %" PRIu64 " arrived, %" PRIu64 " were offered, %" PRIu64
                      " answered, %" PRIu64 " refused\n",
                      count, arrivals, offers, centre.answered, centre.refused);
    REQUIRE(offers == count && centre.answered == count && centre.refused == 0);
    printf("offer rate=%" PRIu64 " texts=%" PRIu64 " p50_us=%" PRIu64 " p99_us=%" PRIu64
           " max_us=%" PRIu64 "\n",
           rate, count, quantile(took_us, count, 50), quantile(took_us, count, 99),
           quantile(took_us, count, 100));
}

static void measure_texts(const char *name, pid_t gateway, uint64_t count, uint64_t citizens)
{
    uint64_t before = centre.answered;
    uint64_t begun_ns = clock_mono_ns();
    double cpu_s = text_cpu_s(gateway), dispatcher_s = text_cpu_s(home.dispatcher);
    uint64_t sent = 0;
    while (centre.answered - before < count) {
        while (sent < count && sent - (centre.answered - before) < WINDOW) {
            text_centre_deliver(&centre, "12345", 10000000 + sent % citizens, centre.sequence);
            sent++;
        }
        text_centre_flush(&centre);
        struct pollfd fd = { .fd = centre.fd, .events = POLLIN };
        REQUIRE(poll(&fd, 1, WAIT_MS) > 0);
        text_centre_turn(&centre);
    }
    double seconds = (double)(clock_mono_ns() - begun_ns) / 1e9;
    cpu_s = text_cpu_s(gateway) - cpu_s;
    dispatcher_s = text_cpu_s(home.dispatcher) - dispatcher_s;
    REQUIRE(centre.refused == 0);
    printf("%s texts=%" PRIu64 " per_s=%.0f per_gateway_cpu_s=%.0f per_dispatcher_cpu_s=%.0f\n",
           name, count, (double)count / seconds, (double)count / cpu_s,
           (double)count / dispatcher_s);
}

int main(int argc, char **argv)
{
    static const char *const programs[] = { "dispatcher", "sms-1", "console", NULL };
    if (argc < 3)
        return 2;
    uint64_t rate = argc > 3 ? strtoull(argv[3], NULL, 10) : 500;
    uint64_t seconds = argc > 4 ? strtoull(argv[4], NULL, 10) : 10;
    uint64_t texts = argc > 5 ? strtoull(argv[5], NULL, 10) : 12000;
    REQUIRE(rate > 0 && rate * seconds <= TEXTS_MAX && texts <= 14000);
    home_make(&home, programs);
    text_centre_open(&centre);
    text_home(&home, &centre, 10, TAKERS);
    (void)home_start(&home, argv[1]);
    console = program_open(&home, "console", NULL, true, 0);
    program_wait_up(console);
    takers_sign_on();
    console->on_event = see;
    pid_t gateway = text_gateway_start(&home, argv[2]);
    text_centre_accept(&centre);
    for (uint64_t end_ms = clock_mono_ms() + 2000; clock_mono_ms() < end_ms;)
        turn(10);
    measure_offers(rate, rate * seconds);
    program_close(console);
    measure_texts("new", gateway, texts, texts);
    measure_texts("joined", gateway, texts, texts);
    (void)kill(gateway, SIGTERM);
    (void)waitpid(gateway, NULL, 0);
    home_remove(&home);
    return 0;
}
