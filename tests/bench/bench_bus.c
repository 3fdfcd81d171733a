/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the bus costs, as ratios to what it stands on, measured in the same run:
 *   link    frames per second through the link's sockets and the dispatcher's bus (CURVE, ZAP, names
 *           checked) against bare libzmq DEALER → ROUTER with CURVE
 *   offer   from submitting a call to holding its offer, through a real dispatcher and its fsync,
 *           against a durable LMDB commit of one record
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
                                             keys.secret_key };
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

static uint64_t disk_us[CALLS_MAX], offer_us[CALLS_MAX];

static uint64_t offer_once(struct program *trunk, uint64_t call)
{
    struct command arrive = { .kind = COMMAND_CONTACT_ARRIVE },
                   end = { .kind = COMMAND_CONTACT_END };
    struct personal personal = { .number = "13800001111" };
    uint64_t ticket;
    uint32_t orders = trunk->order_count;
    arrive.contact_arrive =
        (struct contact_arrive){ .call = call, .line = 110, .channel = CHANNEL_VOICE };
    uint64_t begun_ns = clock_mono_ns();
    REQUIRE(link_submit(trunk->link, &arrive, &personal, NULL, 0, &ticket) == 0);
    struct pollfd fd = { .fd = link_fd(trunk->link), .events = POLLIN };
    for (program_turn(trunk); trunk->order_count == orders; program_turn(trunk))
        (void)poll(&fd, 1, 100);
    uint64_t took_us = (clock_mono_ns() - begun_ns) / 1000;
    end.contact_end = (struct contact_end){ call, END_CAUSE_CANCELLED };
    (void)program_submit(trunk, &end, NULL, NULL);
    program_wait_orders(trunk, orders + 2); /* the offer's withdrawal */
    link_order_done(trunk->link, trunk->orders[(trunk->order_count - 1) % PROGRAM_ORDERS_MAX].seq);
    return took_us;
}

static void measure_offers(const char *dispatcher, unsigned calls)
{
    uint8_t token[32];
    (void)home_start(&home, dispatcher);
    struct program *trunk = program_open(&home, "trunk-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(console);
    REQUIRE(program_sign_in(console, "1001", HOME_PASSWORD, token) == REFUSAL_NONE);
    struct command on = { .kind = COMMAND_TAKER_SIGN_ON }, ready = { .kind = COMMAND_TAKER_READY };
    REQUIRE(program_submit(console, &on, NULL, token)->refusal == REFUSAL_NONE);
    REQUIRE(program_submit(console, &ready, NULL, token)->refusal == REFUSAL_NONE);
    program_wait_up(trunk);
    struct disk disk;
    disk_open(&disk, home.folder);
    for (unsigned i = 0; i < calls; i++) { /* side by side: the disk has moods */
        offer_us[i] = offer_once(trunk, i + 1);
        disk_us[i] = disk_commit(&disk, i + 1);
    }
    disk_close(&disk);
    program_close(trunk);
    program_close(console);
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
    uint64_t offer50 = quantile(offer_us, calls, 50), disk50 = quantile(disk_us, calls, 50);
    uint64_t offer99 = quantile(offer_us, calls, 99), disk99 = quantile(disk_us, calls, 99);
    printf("offer p50_us=%" PRIu64 " p99_us=%" PRIu64 " lmdb p50_us=%" PRIu64 " p99_us=%" PRIu64
           " ratio_p50=%.2f ratio_p99=%.2f\n",
           offer50, offer99, disk50, disk99, (double)offer50 / (double)disk50,
           (double)offer99 / (double)disk99);
    home_remove(&home);
    return 0;
}
