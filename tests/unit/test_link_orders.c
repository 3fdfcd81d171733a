/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Orders come each once and in their order, whatever the wire loses: the link's socket is the test's own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateways/link/link.h"
#include "gateways/link/link_socket.h"
#include "proto/codec.h"

enum {
    START_MS = 50000,
    ORDERS_MAX = 8
};

/* ---- the wire -------------------------------------------------------------------------------- */

static struct {
    uint8_t bytes[FRAME_MAX_BYTES];
    size_t size; /* of a frame on its way to the link, 0: none */
} wire;

struct link_socket {
    int unused;
};

int link_socket_open(struct link_socket **socket, const struct link_socket_settings *settings)
{
    static struct link_socket one;
    (void)settings;
    *socket = &one;
    return 0;
}

void link_socket_close(struct link_socket *socket)
{
    (void)socket;
}

int link_socket_reconnect(struct link_socket *socket)
{
    (void)socket;
    return 0;
}

int link_socket_subscribe(struct link_socket *socket, const char *endpoint)
{
    (void)socket;
    (void)endpoint;
    return 0;
}

int link_socket_fd(const struct link_socket *socket, enum link_socket_side side)
{
    (void)socket;
    (void)side;
    return -1;
}

int link_socket_send(struct link_socket *socket, const uint8_t *bytes, size_t size)
{
    (void)socket;
    (void)bytes;
    (void)size;
    return 0;
}

int link_socket_receive(struct link_socket *socket, enum link_socket_side side, uint8_t *bytes,
                        size_t room)
{
    size_t size = wire.size;
    (void)socket;
    if (side != LINK_SOCKET_COMMANDS || size == 0)
        return -EAGAIN;
    assert_true(size <= room);
    memcpy(bytes, wire.bytes, size);
    wire.size = 0;
    return (int)size;
}

/* ---- the program ------------------------------------------------------------------------------ */

static struct link *trunk;
static struct codec *codec;
static uint64_t heard[ORDERS_MAX];
static uint32_t heard_count;

static void hear(void *owner, const struct order *order)
{
    (void)owner;
    assert_true(heard_count < ORDERS_MAX);
    heard[heard_count++] = order->seq;
}

static void give(const struct frame *frame)
{
    int size = codec_pack(codec, SCHEMA_FRAME, frame, wire.bytes, sizeof wire.bytes);
    assert_true(size > 0);
    wire.size = (size_t)size;
    (void)link_turn(trunk, START_MS);
    assert_int_equal(wire.size, 0);
}

/* after: the one that was sent before it. */
static void give_order(uint64_t seq, uint64_t after)
{
    static struct frame frame;
    frame = (struct frame){ .kind = FRAME_ORDER };
    frame.order = (struct order){ .seq = seq, .after = after, .kind = ORDER_RELEASE };
    frame.order.release.call = seq;
    give(&frame);
}

static int open_link(void **state)
{
    static const struct link_settings settings = { .name = "trunk-1",
                                                   .endpoint = "tcp://127.0.0.1:1" };
    static const struct link_handlers handlers = { .order = hear };
    static struct frame welcome;
    (void)state;
    heard_count = 0;
    codec = codec_open();
    assert_int_equal(link_open(&trunk, &settings, &handlers, NULL), 0);
    welcome = (struct frame){ .kind = FRAME_WELCOME, .welcome = { .epoch = 1 } };
    give(&welcome);
    assert_true(link_is_up(trunk));
    return 0;
}

static int close_link(void **state)
{
    (void)state;
    link_close(trunk);
    codec_close(codec);
    return 0;
}

static void an_order_whose_predecessor_was_lost_waits_for_it(void **state)
{
    (void)state;
    give_order(1, 0);
    /* The second was lost on the way. */
    give_order(3, 2);
    assert_int_equal(heard_count, 1);
    give_order(2, 1); /* the dispatcher sends again what it has no word of */
    give_order(3, 2);
    assert_int_equal(heard_count, 3);
    for (uint32_t i = 0; i < heard_count; i++)
        assert_int_equal(heard[i], i + 1);
}

static void an_order_that_comes_again_is_not_done_again(void **state)
{
    struct link_counts counts;
    (void)state;
    give_order(1, 0);
    give_order(1, 0);
    give_order(2, 1);
    give_order(2, 1);
    assert_int_equal(heard_count, 2);
    link_count(trunk, &counts);
    assert_int_equal(counts.orders_repeated, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_link, close_link)
    const struct CMUnitTest tests[] = {
        TEST(an_order_whose_predecessor_was_lost_waits_for_it),
        TEST(an_order_that_comes_again_is_not_done_again),
    };
    return cmocka_run_group_tests_name("link_orders", tests, NULL, NULL);
}
