/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/io/dispatcher.h"

/* A frame in dispatcher->speech: this head, then the bytes, padded to its alignment. */
struct spoken {
    uint32_t size;
    bool is_order;
    uint8_t route[BUS_ROUTE_BYTES];
};

void speech_begin(struct dispatcher *dispatcher, enum frame_kind kind)
{
    const struct field *body = schema_body(&schemas[SCHEMA_FRAME], kind);
    schema_clear(SCHEMA_FRAME, &dispatcher->out);
    dispatcher->out.kind = kind;
    schema_clear(body->message, (char *)&dispatcher->out + body->offset);
}

static size_t padded(size_t size)
{
    return (size + _Alignof(struct spoken) - 1) & ~(_Alignof(struct spoken) - 1);
}

void speech_say(struct dispatcher *dispatcher, const uint8_t route[BUS_ROUTE_BYTES])
{
    struct spoken head = { .is_order = dispatcher->out.kind == FRAME_ORDER };
    uint8_t *at = dispatcher->speech + dispatcher->speech_used;
    size_t room = SPEECH_BYTES - dispatcher->speech_used;
    if (room < sizeof head + FRAME_MAX_BYTES) {
        dispatcher->figures.lost_answers++; /* the sender asks again */
        return;
    }
    int size = codec_pack(dispatcher->codec, SCHEMA_FRAME, &dispatcher->out, at + sizeof head,
                          FRAME_MAX_BYTES);
    REQUIRE(size > 0);
    head.size = (uint32_t)size;
    memcpy(head.route, route, BUS_ROUTE_BYTES);
    memcpy(at, &head, sizeof head);
    dispatcher->speech_used += padded(sizeof head + (size_t)size);
}

bool speech_is_full(const struct dispatcher *dispatcher)
{
    return dispatcher->speech_used > SPEECH_FULL;
}

static void publish_row(struct dispatcher *dispatcher, const struct stored_event *row)
{
    speech_begin(dispatcher, FRAME_PUBLICATION);
    struct publication *publication = &dispatcher->out.publication;
    publication->epoch = journal_epoch(dispatcher->journal);
    publication->seq = journal_seq(dispatcher->journal);
    publication->has_row = row != NULL;
    if (row)
        publication->row = *row;
    int size = codec_pack(dispatcher->codec, SCHEMA_FRAME, &dispatcher->out, dispatcher->bytes,
                          sizeof dispatcher->bytes);
    REQUIRE(size > 0);
    bus_publish(dispatcher->bus, dispatcher->bytes, (size_t)size);
}

/* An order that could not be sent is taken from the journal again; a route that is no more belongs to a
 * connection that ended. */
static void say_failed(struct dispatcher *dispatcher, const struct spoken *head, int status)
{
    for (uint32_t i = 0; i < dispatcher->peers.count; i++) {
        struct peer *peer = &dispatcher->peers.peers[i];
        if (memcmp(peer->sender.route, head->route, BUS_ROUTE_BYTES) != 0)
            continue;
        if (status == -EHOSTUNREACH && !peer->gone_ms)
            peer->gone_ms = dispatcher->mono_ms;
        if (!head->is_order)
            continue;
        peer->orders_behind = true;
        peer->retry_ms = dispatcher->mono_ms + ORDERS_RETRY_MS;
        peer->order_sent = peer->order_done;
    }
}

void speech_flush(struct dispatcher *dispatcher)
{
    size_t at = 0;
    while (at < dispatcher->speech_used) {
        struct spoken head;
        memcpy(&head, dispatcher->speech + at, sizeof head);
        int status =
            bus_send(dispatcher->bus, head.route, dispatcher->speech + at + sizeof head, head.size);
        if (status < 0)
            say_failed(dispatcher, &head, status);
        at += padded(sizeof head + head.size);
    }
    dispatcher->speech_used = 0;
    for (uint32_t i = 0; i < dispatcher->row_count; i++)
        publish_row(dispatcher, dispatcher->rows[i]);
    if (dispatcher->row_count > 0)
        dispatcher->heartbeat_ms = dispatcher->mono_ms;
    dispatcher->row_count = 0;
}

void speech_farewell(struct dispatcher *dispatcher)
{
    static uint8_t routes[PEERS_MAX][BUS_ROUTE_BYTES];
    uint32_t count = dispatcher->peers.count;
    for (uint32_t i = 0; i < count; i++)
        memcpy(routes[i], dispatcher->peers.peers[i].sender.route, BUS_ROUTE_BYTES);
    speech_flush(dispatcher);
    speech_begin(dispatcher, FRAME_OBJECTION);
    struct objection *objection = &dispatcher->out.objection;
    objection->refusal = REFUSAL_TWIN_LEADS;
    (void)text_copy(objection->words, sizeof objection->words, "the twin leads");
    int size = codec_pack(dispatcher->codec, SCHEMA_FRAME, &dispatcher->out, dispatcher->bytes,
                          sizeof dispatcher->bytes);
    REQUIRE(size > 0);
    bus_part(dispatcher->bus, routes, count, dispatcher->bytes, (size_t)size);
}

void speech_heartbeat(struct dispatcher *dispatcher)
{
    if (dispatcher->mono_ms - dispatcher->heartbeat_ms < HEARTBEAT_MS)
        return;
    dispatcher->heartbeat_ms = dispatcher->mono_ms;
    publish_row(dispatcher, NULL);
}

void speech_setup(struct dispatcher *dispatcher, const struct peer *peer)
{
    speech_begin(dispatcher, FRAME_SETUP);
    roster_setup(&dispatcher->roster, &dispatcher->out.setup);
    speech_say(dispatcher, peer->sender.route);
}

static void say_order(struct dispatcher *dispatcher, struct peer *peer, const struct order *order)
{
    speech_begin(dispatcher, FRAME_ORDER);
    dispatcher->out.order = *order;
    /* The first of those not done needs none before it. */
    dispatcher->out.order.after = peer->order_sent > peer->order_done ? peer->order_sent : 0;
    speech_say(dispatcher, peer->sender.route);
    peer->order_sent = order->seq;
    peer->order_ms = dispatcher->mono_ms;
}

void speech_order(struct dispatcher *dispatcher, const char *gateway, const struct order *order)
{
    struct peer *peer = peer_named(&dispatcher->peers, gateway);
    if (!peer)
        return; /* it gets it when it says hello */
    if (peer->orders_behind || speech_is_full(dispatcher))
        peer->orders_behind = true; /* in order, behind the others, when its turn comes */
    else
        say_order(dispatcher, peer, order);
}

void speech_orders_again(struct dispatcher *dispatcher, struct peer *peer)
{
    static struct order orders[ORDERS_AGAIN_MAX];
    bool undone = peer->order_sent > peer->order_done &&
                  dispatcher->mono_ms - peer->order_ms >= ORDERS_AGAIN_MS;
    bool behind = peer->orders_behind && dispatcher->mono_ms >= peer->retry_ms;
    if (!peer->gateway || dispatcher->open || (!undone && !behind))
        return; /* the journal reads durable orders only: look again between two turns */
    if (peer != peer_named(&dispatcher->peers, peer->sender.name))
        return;
    if (undone)
        peer->order_sent = peer->order_done;
    int count = journal_orders(dispatcher->journal, peer->sender.name, peer->order_sent, orders,
                               ORDERS_AGAIN_MAX);
    for (int i = 0; i < count && !speech_is_full(dispatcher); i++) {
        dispatcher->figures.orders_repeated += undone;
        say_order(dispatcher, peer, &orders[i]);
    }
    if (count >= 0)
        peer->orders_behind = count == ORDERS_AGAIN_MAX;
}
