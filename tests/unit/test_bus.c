/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bus over real sockets on loopback: who may come on, and under which name. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zmq.h>

#include "base/clock.h"
#include "dispatcher/io/bus.h"
#include "gateways/link/link.h"
#include "gateways/link/link_socket.h"
#include "proto/codec.h"
#include "tests/fake/home.h"

enum {
    TRIES = 3000 /* times 10 ms: a machine under load is slow, not wrong */
};

static struct home home;
static struct bus *bus;
static const char *const programs[] = { "dispatcher", "trunk-1", "sms-1", NULL };

static bool hears(const void *owner, const char *name)
{
    return owner == &home && strcmp(name, "sms-1") != 0;
}

static struct bus *bus_at(uint16_t port)
{
    char commands[64], events[64];
    struct bus *fresh = NULL;
    struct bus_settings settings = { .home = home.folder,
                                     .name = "dispatcher",
                                     .commands = commands,
                                     .events = events,
                                     .hears = hears,
                                     .owner = &home };
    (void)snprintf(commands, sizeof commands, "tcp://127.0.0.1:%u", port);
    (void)snprintf(events, sizeof events, "tcp://127.0.0.1:%u", port + 1U);
    assert_int_equal(keys_read_curve(home.folder, "dispatcher", &settings.keys), 0);
    assert_int_equal(bus_open(&fresh, &settings), 0);
    return fresh;
}

static int open_bus(void **state)
{
    (void)state;
    home_make(&home, programs);
    bus = bus_at(home.base);
    return 0;
}

static int close_bus(void **state)
{
    (void)state;
    bus_close(bus);
    home_remove(&home);
    return 0;
}

/* A bare DEALER, which may be as rude as it likes. */
struct rude {
    void *context, *socket;
};

static struct rude connect_rude(const struct link_settings *keys, const char *routing_id)
{
    int linger = 0;
    struct rude rude = { zmq_ctx_new(), NULL };
    rude.socket = zmq_socket(rude.context, ZMQ_DEALER);
    (void)zmq_setsockopt(rude.socket, ZMQ_LINGER, &linger, sizeof linger);
    if (routing_id)
        (void)zmq_setsockopt(rude.socket, ZMQ_ROUTING_ID, routing_id, strlen(routing_id));
    if (keys) {
        (void)zmq_setsockopt(rude.socket, ZMQ_CURVE_SERVERKEY, keys->server_public, 41);
        (void)zmq_setsockopt(rude.socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 41);
        (void)zmq_setsockopt(rude.socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 41);
    }
    assert_int_equal(zmq_connect(rude.socket, home.commands), 0);
    return rude;
}

static void close_rude(struct rude *rude)
{
    (void)zmq_close(rude->socket);
    (void)zmq_ctx_term(rude->context);
}

static int receive(struct bus_sender *sender, uint8_t *bytes, size_t room)
{
    int size = -EAGAIN;
    for (int i = 0; i < TRIES && size == -EAGAIN; i++) {
        size = bus_receive(bus, sender, bytes, room);
        if (size == -EAGAIN)
            (void)poll(NULL, 0, 10);
    }
    return size;
}

static void a_known_program_is_heard_and_answered(void **state)
{
    (void)state;
    struct link_settings link;
    struct link_socket *socket = NULL;
    struct bus_sender sender;
    uint8_t bytes[64];
    home_link(&home, "trunk-1", &link);
    struct link_socket_settings settings = { link.endpoint, link.server_public, link.public_key,
                                             link.secret_key, false };
    assert_int_equal(link_socket_open(&socket, &settings), 0);
    for (int i = 0; i < TRIES && link_socket_send(socket, (const uint8_t *)"hello", 5) < 0; i++)
        (void)poll(NULL, 0, 10);
    assert_int_equal(receive(&sender, bytes, sizeof bytes), 5);
    assert_string_equal(sender.name, "trunk-1");
    assert_int_equal(bus_send(bus, sender.route, (const uint8_t *)"good day", 8), 0);
    int size = -EAGAIN;
    for (int i = 0; i < TRIES && size == -EAGAIN; i++) {
        (void)poll(NULL, 0, 10);
        size = link_socket_receive(socket, LINK_SOCKET_COMMANDS, bytes, sizeof bytes);
    }
    assert_int_equal(size, 8);
    link_socket_close(socket);
    int status = 0;
    for (int i = 0; i < TRIES && status != -EHOSTUNREACH; i++) {
        status = bus_send(bus, sender.route, (const uint8_t *)"gone?", 5);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(status, -EHOSTUNREACH);
}

/* Counts how the bus took somebody who wants to read the events. */
static struct bus_counts after_reading_as(const char *name)
{
    struct link_settings link;
    struct link_socket *socket = NULL;
    struct bus_counts before, after;
    char events[64];
    home_link(&home, name, &link);
    (void)snprintf(events, sizeof events, "tcp://127.0.0.1:%u", home.base + 1U);
    struct link_socket_settings settings = { home.commands, link.server_public, link.public_key,
                                             link.secret_key, false };
    assert_int_equal(link_socket_open(&socket, &settings), 0);
    do /* the commands' side first: everybody may */
        bus_count(bus, &before);
    while (poll(NULL, 0, 1) == 0 && link_socket_send(socket, (const uint8_t *)"x", 1) < 0);
    bus_count(bus, &before); /* before anybody can be admitted: under load that is at once */
    assert_int_equal(link_socket_subscribe(socket, events), 0);
    do {
        (void)poll(NULL, 0, 5);
        bus_count(bus, &after);
    } while (after.keys_admitted == before.keys_admitted &&
             after.keys_refused == before.keys_refused);
    link_socket_close(socket);
    after.keys_admitted -= before.keys_admitted;
    after.keys_refused -= before.keys_refused;
    return after;
}

static void events_are_read_by_who_may(void **state)
{
    (void)state;
    uint8_t bytes[16];
    struct bus_sender sender;
    assert_int_equal(after_reading_as("trunk-1").keys_refused, 0);
    assert_true(after_reading_as("sms-1").keys_refused > 0);
    assert_int_equal(receive(&sender, bytes, sizeof bytes), 1); /* what they said before */
    assert_int_equal(receive(&sender, bytes, sizeof bytes), 1);
}

/* ---- keys change while everything runs --------------------------------------------------------- */

/* A link with the bus's other end beside it, turned by hand; whoever comes is welcomed. */
struct talk {
    struct link *link;
    struct codec *codec;
    struct bus_sender sender;
    bool up;
    unsigned ups;
    unsigned welcomes;
    uint64_t epoch; /* with which it is welcomed … */
    uint64_t heard; /* … and the last one that it took */
};

static void on_up(void *owner, const struct welcome *welcome)
{
    struct talk *talk = owner;
    talk->heard = welcome->epoch;
    talk->up = true;
    talk->ups++;
}

static void on_down(void *owner)
{
    ((struct talk *)owner)->up = false;
}

static void turn(struct talk *talk)
{
    static struct frame frame;
    static uint8_t bytes[FRAME_MAX_BYTES];
    struct bus_sender sender;
    (void)link_turn(talk->link, clock_mono_ms());
    for (int size; (size = bus_receive(bus, &sender, bytes, sizeof bytes)) > 0;) {
        assert_int_equal(codec_unpack(talk->codec, SCHEMA_FRAME, bytes, (size_t)size, &frame), 0);
        talk->sender = sender;
        if (frame.kind != FRAME_HELLO && frame.kind != FRAME_PING)
            continue;
        schema_clear(SCHEMA_FRAME, &frame);
        frame.kind = FRAME_WELCOME;
        frame.welcome = (struct welcome){ .epoch = talk->epoch };
        (void)snprintf(frame.welcome.endpoint, sizeof frame.welcome.endpoint, "tcp://127.0.0.1:%u",
                       home.base + 1U);
        size = codec_pack(talk->codec, SCHEMA_FRAME, &frame, bytes, sizeof bytes);
        (void)bus_send(bus, sender.route, bytes, (size_t)size);
        talk->welcomes++;
    }
    (void)poll(NULL, 0, 1);
}

static void turn_until_up(struct talk *talk, unsigned ups)
{
    uint64_t until_ms = clock_mono_ms() + 30000;
    while (!talk->up || talk->ups < ups) {
        assert_true(clock_mono_ms() < until_ms);
        turn(talk);
    }
}

static struct talk *talk_as(const char *name, const char *folder)
{
    static const struct link_handlers handlers = { .up = on_up, .down = on_down };
    static struct talk talk;
    struct link_settings settings;
    talk = (struct talk){ .codec = codec_open(), .epoch = 1 };
    home_link(&home, name, &settings);
    settings.home = folder;
    assert_int_equal(keys_read_public(folder, "dispatcher", settings.server_public), 0);
    assert_int_equal(link_open(&talk.link, &settings, &handlers, &talk), 0);
    turn_until_up(&talk, 1);
    return &talk;
}

static void say_farewell(struct talk *talk)
{
    static struct frame frame;
    static uint8_t bytes[FRAME_MAX_BYTES];
    frame = (struct frame){ .kind = FRAME_OBJECTION };
    frame.objection.refusal = REFUSAL_TWIN_LEADS;
    int size = codec_pack(talk->codec, SCHEMA_FRAME, &frame, bytes, sizeof bytes);
    assert_int_equal(bus_send(bus, talk->sender.route, bytes, (size_t)size), 0);
}

/* The leader says that its twin leads: the program asks there at once. What has an older epoch than the one it knows is no
 * leader any more, however it answers. */
static void a_program_follows_the_epoch_and_refuses_the_old_one(void **state)
{
    (void)state;
    uint16_t port = home_ports();
    (void)snprintf(home.twin, sizeof home.twin, "tcp://127.0.0.1:%u", port);
    struct talk *talk = talk_as("trunk-1", home.folder);
    talk->epoch = 5;
    while (talk->heard != 5)
        turn(talk);
    struct bus *former = bus;
    say_farewell(talk);
    bus = bus_at(port);
    talk->epoch = 4;
    unsigned before = talk->welcomes;
    for (struct link_counts counts = { 0 }; counts.reconnects < 2; link_count(talk->link, &counts))
        turn(talk);
    assert_false(talk->up);
    assert_int_equal(talk->heard, 5);
    assert_true(talk->welcomes > before);
    talk->epoch = 6;
    turn_until_up(talk, 1);
    assert_int_equal(talk->heard, 6);
    link_close(talk->link);
    codec_close(talk->codec);
    bus_close(bus);
    bus = former;
    home.twin[0] = '\0';
}

struct parting {
    struct bus *bus;
    uint8_t route[1][BUS_ROUTE_BYTES];
    uint8_t bytes[FRAME_MAX_BYTES];
    size_t size;
};

static void *part_and_close(void *owner)
{
    struct parting *parting = owner;
    bus_part(parting->bus, parting->route, 1, parting->bytes, parting->size);
    bus_close(parting->bus);
    return NULL;
}

/* A socket forgets what it has not given to its program yet when the connection ends: the leader's last word, too. */
static void the_last_word_is_heard_though_the_leader_ends_at_once(void **state)
{
    (void)state;
    static struct parting parting;
    static struct frame frame;
    pthread_t thread;
    uint16_t port = home_ports();
    (void)snprintf(home.twin, sizeof home.twin, "tcp://127.0.0.1:%u", port);
    struct talk *talk = talk_as("trunk-1", home.folder);
    frame = (struct frame){ .kind = FRAME_OBJECTION };
    frame.objection.refusal = REFUSAL_TWIN_LEADS;
    int size = codec_pack(talk->codec, SCHEMA_FRAME, &frame, parting.bytes, sizeof parting.bytes);
    assert_true(size > 0);
    parting.bus = bus;
    parting.size = (size_t)size;
    memcpy(parting.route[0], talk->sender.route, BUS_ROUTE_BYTES);
    struct bus *next = bus_at(port);
    assert_int_equal(pthread_create(&thread, NULL, part_and_close, &parting), 0);
    bus = next;
    struct link_counts counts = { 0 };
    for (; counts.reconnects < 1; link_count(talk->link, &counts))
        turn(talk);
    assert_true(counts.objections > 0);
    assert_int_equal(pthread_join(thread, NULL),
                     0); /* who heard it is gone: nobody is waited for */
    turn_until_up(talk, 2);
    link_close(talk->link);
    codec_close(talk->codec);
    bus_close(bus);
    bus = bus_at(home.base);
    home.twin[0] = '\0';
}

/* Both keys are good for a while; the program goes over by itself, and then the former is refused. */
static void a_programs_key_is_renewed_without_a_stop(void **state)
{
    (void)state;
    struct link_settings former;
    uint8_t bytes[16];
    struct bus_sender sender;
    home_link(&home, "trunk-1", &former);
    struct talk *talk = talk_as("trunk-1", home.folder);
    assert_int_equal(bus_look_at_keys(bus, false), 0);
    assert_int_equal(keys_renew(home.folder, "trunk-1", clock_wall_ms() + 60000), 0);
    assert_int_equal(bus_look_at_keys(bus, false), 0); /* nobody has to come anew */
    talk->up = false;
    turn_until_up(talk, 1);
    assert_string_equal(talk->sender.name, "trunk-1");

    struct rude rude = connect_rude(&former, NULL); /* the former key, still good */
    assert_int_equal(zmq_send(rude.socket, "hello", 5, 0), 5);
    assert_int_equal(receive(&sender, bytes, sizeof bytes), 5);
    assert_string_equal(sender.name, "trunk-1");

    assert_int_equal(keys_renew(home.folder, "trunk-1", clock_wall_ms()), 0);
    assert_int_equal(bus_look_at_keys(bus, false), 1); /* who holds a former one comes anew */
    struct bus_counts before, after;
    bus_count(bus, &before);
    do { /* the rude one is refused, the program is back */
        turn(talk);
        bus_count(bus, &after);
    } while (after.keys_refused == before.keys_refused);
    talk->up = false;
    turn_until_up(talk, 1);
    close_rude(&rude);
    link_close(talk->link);
    codec_close(talk->codec);
}

/* The dispatcher's own: who shares its home sees the change, who does not knew the next key before. */
static void the_dispatchers_own_key_is_renewed_without_a_stop(void **state)
{
    (void)state;
    char elsewhere[] = "/tmp/yihao-test-XXXXXX", command[600];
    struct talk *near = talk_as("trunk-1", home.folder);
    assert_int_equal(keys_announce(home.folder, "dispatcher"), 0);
    assert_int_equal(keys_announce(home.folder, "dispatcher"), -EEXIST);
    assert_non_null(mkdtemp(elsewhere));
    (void)snprintf(command, sizeof command,
                   "mkdir %s/keys && cp %s/keys/*.public %s/keys/sms-1.secret %s/keys", elsewhere,
                   home.folder, home.folder, elsewhere);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a test's own fixed words
    assert_int_equal(bus_look_at_keys(bus, false), 0);

    assert_int_equal(keys_renew(home.folder, "dispatcher", clock_wall_ms()), 0);
    assert_int_equal(bus_look_at_keys(bus, false), 1);
    near->up = false;
    turn_until_up(near, 1);
    link_close(near->link);
    codec_close(near->codec);
    struct talk *far = talk_as("sms-1", elsewhere);
    assert_string_equal(far->sender.name, "sms-1");
    link_close(far->link);
    codec_close(far->codec);
    (void)snprintf(command, sizeof command, "rm -rf %s", elsewhere);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): as above
}

static void a_retired_key_is_out_at_once(void **state)
{
    (void)state;
    struct talk *talk = talk_as("sms-1", home.folder);
    assert_int_equal(keys_retire(home.folder, "sms-1"), 0);
    assert_int_equal(keys_retire(home.folder, "sms-1"), -ENOENT);
    struct bus_counts before, after;
    bus_count(bus, &before);
    assert_int_equal(bus_look_at_keys(bus, false), 1);
    do {
        turn(talk);
        bus_count(bus, &after);
    } while (after.keys_refused == before.keys_refused);
    assert_int_equal(bus_send(bus, talk->sender.route, (const uint8_t *)"gone", 4), -EHOSTUNREACH);
    link_close(talk->link);
    codec_close(talk->codec);
}

static void an_unknown_key_is_refused_and_counted(void **state)
{
    (void)state;
    struct link_settings keys;
    struct bus_counts before, after;
    struct bus_sender sender;
    uint8_t bytes[64];
    home_link(&home, "trunk-1", &keys);
    assert_int_equal(zmq_curve_keypair(keys.public_key, keys.secret_key), 0);
    bus_count(bus, &before);
    struct rude rude = connect_rude(&keys, NULL);
    (void)zmq_send(rude.socket, "x", 1, ZMQ_DONTWAIT);
    after = before;
    for (int i = 0; i < TRIES && after.keys_refused == before.keys_refused; i++) {
        assert_int_equal(bus_receive(bus, &sender, bytes, sizeof bytes), -EAGAIN);
        (void)poll(NULL, 0, 10);
        bus_count(bus, &after);
    }
    assert_true(after.keys_refused > before.keys_refused);
    assert_int_equal(after.received, before.received);
    close_rude(&rude);
}

static void a_client_without_encryption_is_not_heard(void **state)
{
    (void)state;
    struct bus_sender sender;
    uint8_t bytes[64];
    struct rude rude = connect_rude(NULL, NULL);
    (void)zmq_send(rude.socket, "x", 1, ZMQ_DONTWAIT);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(bus_receive(bus, &sender, bytes, sizeof bytes), -EAGAIN);
        (void)poll(NULL, 0, 10);
    }
    close_rude(&rude);
}

/* sms-1 has a key of its own but wants trunk-1's orders. */
static void a_program_cannot_take_the_route_of_another(void **state)
{
    (void)state;
    struct link_settings keys;
    struct bus_counts counts;
    struct bus_sender sender;
    uint8_t bytes[64];
    home_link(&home, "sms-1", &keys);
    struct rude rude = connect_rude(&keys, "trunk-1");
    (void)zmq_send(rude.socket, "x", 1, 0);
    assert_int_equal(receive(&sender, bytes, sizeof bytes), -EPERM);
    bus_count(bus, &counts);
    assert_int_equal(counts.own_route, 1);
    close_rude(&rude);
}

static void a_message_of_several_parts_is_dropped_whole(void **state)
{
    (void)state;
    struct link_settings keys;
    struct bus_sender sender;
    uint8_t bytes[64];
    home_link(&home, "sms-1", &keys);
    struct rude rude = connect_rude(&keys, NULL);
    (void)zmq_send(rude.socket, "one", 3, ZMQ_SNDMORE);
    (void)zmq_send(rude.socket, "two", 3, 0);
    (void)zmq_send(rude.socket, "good", 4, 0);
    assert_int_equal(receive(&sender, bytes, sizeof bytes), -EBADMSG);
    assert_int_equal(receive(&sender, bytes, sizeof bytes), 4);
    assert_string_equal(sender.name, "sms-1");
    close_rude(&rude);
}

static void nothing_is_bound_without_a_readable_key_folder(void **state)
{
    (void)state;
    struct bus *other = NULL;
    struct bus_settings settings = { .home = "/nonexistent",
                                     .name = "dispatcher",
                                     .commands = "tcp://127.0.0.1:1",
                                     .events = "tcp://127.0.0.1:2" };
    assert_true(bus_open(&other, &settings) < 0);
    assert_null(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_program_is_heard_and_answered),
        cmocka_unit_test(an_unknown_key_is_refused_and_counted),
        cmocka_unit_test(events_are_read_by_who_may),
        cmocka_unit_test(a_program_follows_the_epoch_and_refuses_the_old_one),
        cmocka_unit_test(the_last_word_is_heard_though_the_leader_ends_at_once),
        cmocka_unit_test(a_programs_key_is_renewed_without_a_stop),
        cmocka_unit_test(the_dispatchers_own_key_is_renewed_without_a_stop),
        cmocka_unit_test(a_client_without_encryption_is_not_heard),
        cmocka_unit_test(a_program_cannot_take_the_route_of_another),
        cmocka_unit_test(a_message_of_several_parts_is_dropped_whole),
        cmocka_unit_test(nothing_is_bound_without_a_readable_key_folder),
        cmocka_unit_test(a_retired_key_is_out_at_once), /* sms-1 is gone behind it */
    };
    return cmocka_run_group_tests(tests, open_bus, close_bus);
}
