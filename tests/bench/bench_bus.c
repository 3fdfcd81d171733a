/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the bus costs, as ratios to what it stands on, measured in the same run:
 *   link    frames per second through the link's sockets and the dispatcher's bus (CURVE, ZAP, names
 *           checked) against bare libzmq DEALER → ROUTER with CURVE
 *   offer   from submitting a call to holding its offer, through a real dispatcher and its fsync,
 *           against a durable LMDB commit of one record
 *   freed   the same from submitting the end of a call to holding the offer of the next one
 *     bench_bus PATH-OF-YIHAO-DISPATCHER [CALLS] */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/bus.h"
#include "gateways/link/link_socket.h"
#include "tests/bench/disk.h"
#include "tests/fake/program.h"

enum {
    FRAMES = 200000,
    FRAME_BYTES = 300,
    CALLS_MAX = 5000
};

static struct home home;

/* ---- frames -------------------------------------------------------------------------------- */

static void *send_by_link(void *owner)
{
    struct link_settings keys;
    struct link_socket *socket = NULL;
    uint8_t frame[FRAME_BYTES] = { 1 };
    (void)owner;
    home_link(&home, "trunk-1", &keys);
    struct link_socket_settings settings = { keys.endpoint, keys.server_public, keys.public_key,
                                             keys.secret_key, false };
    REQUIRE(link_socket_open(&socket, &settings) == 0);
    for (unsigned sent = 0; sent < FRAMES;) {
        if (link_socket_send(socket, frame, sizeof frame) == 0)
            sent++;
        else
            (void)poll(NULL, 0, 1);
    }
    (void)poll(NULL, 0, 3000); /* LINGER is 0: let the last ones go */
    link_socket_close(socket);
    return NULL;
}

static double frames_by_bus(void)
{
    struct bus *bus = NULL;
    struct bus_sender sender;
    static uint8_t bytes[65536];
    struct bus_settings settings = { .home = home.folder,
                                     .name = "dispatcher",
                                     .commands = home.commands,
                                     .events = "tcp://127.0.0.1:31341" };
    REQUIRE(keys_read_curve(home.folder, "dispatcher", &settings.keys) == 0);
    REQUIRE(bus_open(&bus, &settings) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, send_by_link, NULL) == 0);
    uint64_t begun_ns = 0;
    struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };
    for (unsigned taken = 0; taken < FRAMES;) {
        int size = bus_receive(bus, &sender, bytes, sizeof bytes);
        if (size == -EAGAIN) {
            (void)poll(&fd, 1, 1);
            continue;
        }
        begun_ns = begun_ns ? begun_ns : clock_mono_ns();
        taken++;
    }
    double seconds = (double)(clock_mono_ns() - begun_ns) / 1e9;
    (void)pthread_join(thread, NULL);
    bus_close(bus);
    return FRAMES / seconds;
}

static void *send_bare(void *context)
{
    struct link_settings keys;
    int linger = 3000;
    uint8_t frame[FRAME_BYTES] = { 1 };
    home_link(&home, "trunk-1", &keys);
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    (void)zmq_setsockopt(dealer, ZMQ_LINGER, &linger, sizeof linger);
    (void)zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, keys.server_public, 41);
    (void)zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, keys.public_key, 41);
    (void)zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, keys.secret_key, 41);
    REQUIRE(zmq_connect(dealer, "tcp://127.0.0.1:31343") == 0);
    for (unsigned sent = 0; sent < FRAMES; sent++)
        REQUIRE(zmq_send(dealer, frame, sizeof frame, 0) == sizeof frame);
    (void)zmq_close(dealer);
    return NULL;
}

static double frames_bare(void)
{
    static uint8_t bytes[65536];
    struct curve_keys keys;
    int on = 1;
    void *context = zmq_ctx_new(), *router = zmq_socket(context, ZMQ_ROUTER);
    REQUIRE(keys_read_curve(home.folder, "dispatcher", &keys) == 0);
    (void)zmq_setsockopt(router, ZMQ_CURVE_SERVER, &on, sizeof on);
    (void)zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, keys.secret_key, 41);
    REQUIRE(zmq_bind(router, "tcp://127.0.0.1:31343") == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, send_bare, context) == 0);
    uint64_t begun_ns = 0;
    for (unsigned taken = 0; taken < FRAMES; taken++) {
        REQUIRE(zmq_recv(router, bytes, sizeof bytes, 0) >= 0);
        REQUIRE(zmq_recv(router, bytes, sizeof bytes, 0) == FRAME_BYTES);
        begun_ns = begun_ns ? begun_ns : clock_mono_ns();
    }
    double seconds = (double)(clock_mono_ns() - begun_ns) / 1e9;
    (void)pthread_join(thread, NULL);
    (void)zmq_close(router);
    (void)zmq_ctx_term(context);
    return FRAMES / seconds;
}

/* ---- offers -------------------------------------------------------------------------------- */

/* What is measured, and a commit of one record side by side with each: the disk has moods. */
struct series {
    const char *name;
    uint64_t took_us[CALLS_MAX], disk_us[CALLS_MAX];
};

static struct series offered = { .name = "offer" }, freed = { .name = "freed" };

/* The centre of the bench: one taker, so that it is known who is offered what. */
struct centre {
    struct program *trunk, *console;
    uint8_t token[32];
    struct disk disk;
    uint64_t call;  /* whose offer is awaited */
    uint64_t offer; /* 0: it has not come */
};

static void see_order(void *owner, const struct order *order)
{
    struct centre *centre = owner;
    if (order->kind == ORDER_OFFER && order->offer.call == centre->call)
        centre->offer = order->offer.offer;
}

static void by_trunk(struct centre *centre, const struct command *command)
{
    struct personal personal = { .number = "13800001111" };
    bool arrives = command->kind == COMMAND_CONTACT_ARRIVE;
    REQUIRE(program_submit(centre->trunk, command, arrives ? &personal : NULL, NULL)->refusal ==
            REFUSAL_NONE);
}

static void by_taker(struct centre *centre, enum command_kind kind)
{
    struct command command = { .kind = kind };
    REQUIRE(program_submit(centre->console, &command, NULL, centre->token)->refusal ==
            REFUSAL_NONE);
}

static struct command arrival(uint64_t call)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    command.contact_arrive =
        (struct contact_arrive){ .call = call, .line = 110, .channel = CHANNEL_VOICE };
    return command;
}

static void answer(struct centre *centre)
{
    struct command command = { .kind = COMMAND_OFFER_ANSWER };
    command.offer_answer.offer = centre->offer;
    by_trunk(centre, &command);
    struct program *trunk = centre->trunk;
    link_order_done(trunk->link, trunk->orders[(trunk->order_count - 1) % PROGRAM_ORDERS_MAX].seq);
}

static struct command hang_up(uint64_t call)
{
    struct command command = { .kind = COMMAND_CONTACT_END };
    command.contact_end = (struct contact_end){ call, END_CAUSE_CALLER };
    return command;
}

/* From submitting the command to holding the call's offer. */
static void measure(struct centre *centre, struct series *series, unsigned at,
                    const struct command *command, uint64_t call)
{
    struct personal personal = { .number = "13800001111" };
    struct program *trunk = centre->trunk;
    uint64_t ticket, begun_ns = clock_mono_ns();
    bool arrives = command->kind == COMMAND_CONTACT_ARRIVE;
    centre->call = call;
    centre->offer = 0;
    REQUIRE(link_submit(trunk->link, command, arrives ? &personal : NULL, NULL, 0, &ticket) == 0);
    struct pollfd fd = { .fd = link_fd(trunk->link), .events = POLLIN };
    for (program_turn(trunk); !centre->offer; program_turn(trunk)) {
        REQUIRE(clock_mono_ns() - begun_ns < PROGRAM_WAIT_MS * 1000000ULL);
        (void)poll(&fd, 1, 100);
    }
    series->took_us[at] = (clock_mono_ns() - begun_ns) / 1000;
    series->disk_us[at] = disk_commit(&centre->disk);
}

/* Two calls for one taker: the first is offered as it arrives, the second when the first ends. */
static void measure_round(struct centre *centre, unsigned at)
{
    uint64_t first = 2 * at + 1, second = first + 1;
    struct command arrive = arrival(first);
    measure(centre, &offered, at, &arrive, first);
    answer(centre);
    arrive = arrival(second);
    by_trunk(centre, &arrive);
    struct command end = hang_up(first);
    measure(centre, &freed, at, &end, second);
    answer(centre);
    end = hang_up(second);
    by_trunk(centre, &end);
    by_taker(centre, COMMAND_WRAP_UP_FINISH);
}

static void measure_offers(const char *dispatcher, unsigned rounds)
{
    static struct centre centre;
    (void)home_start(&home, dispatcher);
    centre.trunk = program_open(&home, "trunk-1", NULL, false, 0);
    centre.trunk->on_order = see_order;
    centre.trunk->owner = &centre;
    centre.console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(centre.console);
    program_wait_up(centre.trunk);
    REQUIRE(program_sign_in(centre.console, "1001", HOME_PASSWORD, centre.token) == REFUSAL_NONE);
    by_taker(&centre, COMMAND_TAKER_SIGN_ON);
    by_taker(&centre, COMMAND_TAKER_READY);
    disk_open(&centre.disk, home.folder);
    for (unsigned i = 0; i < rounds; i++)
        measure_round(&centre, i);
    disk_close(&centre.disk);
    program_close(centre.trunk);
    program_close(centre.console);
}

static void print(struct series *series, unsigned count)
{
    uint64_t took50 = quantile(series->took_us, count, 50),
             took99 = quantile(series->took_us, count, 99),
             disk50 = quantile(series->disk_us, count, 50),
             disk99 = quantile(series->disk_us, count, 99);
    printf("%s p50_us=%" PRIu64 " p99_us=%" PRIu64 " lmdb p50_us=%" PRIu64 " p99_us=%" PRIu64
           " ratio_p50=%.2f ratio_p99=%.2f\n",
           series->name, took50, took99, disk50, disk99, (double)took50 / (double)disk50,
           (double)took99 / (double)disk99);
}

int main(int argc, char **argv)
{
    static const char *const programs[] = { "dispatcher", "trunk-1", "console", NULL };
    if (argc < 2)
        return 2;
    unsigned calls = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 500;
    REQUIRE(calls > 0 && calls <= CALLS_MAX);
    home_make(&home, programs);
    double bare = frames_bare(), ours = frames_by_bus();
    printf("link frames_per_s=%.0f bare_curve=%.0f ratio=%.2f\n", ours, bare, ours / bare);
    measure_offers(argv[1], calls);
    print(&offered, calls);
    print(&freed, calls);
    home_remove(&home);
    return 0;
}
