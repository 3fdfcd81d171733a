/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/link/link_socket.h"
#include "gateways/link/pending.h"
#include "gateways/link/spool.h"
#include "gateways/link/stream.h"
#include "gateways/link/window.h"
#include "proto/codec.h"

enum {
    LINK_VERSION = 1,
    HELLO_MS = 500,      /* between two tries to be welcomed */
    RETRY_MS = 20,       /* a send found no connection or a full queue */
    RECEIVE_MAX = 2048,  /* frames per turn, so that the owner's other work gets its time */
    SPOOL_BATCH = 512,   /* submissions per fsync */
    SPOOL_RETRY_MS = 100 /* the spool could not be written, or more than a batch was due */
};

/* A submission that was not answered. */
struct entry {
    uint8_t *bytes; /* a packed Submit frame */
    size_t size;
    uint64_t ticket;  /* 0: of an earlier process */
    uint64_t at_ms;   /* 0 until the next turn, which knows the time */
    uint32_t pending; /* its place there, 0: none */
    bool spooled;
};

struct link {
    struct link_settings settings;
    char name[33];
    char endpoint[97];
    char twin[97];   /* empty: none */
    char events[97]; /* where this link is subscribed */
    struct link_handlers handlers;
    void *owner;
    struct link_socket *socket;
    struct spool *spool;
    struct pending *pending; /* NULL: none */
    struct codec *codec;
    int epoll;
    int timer;
    int fds[LINK_SOCKET_SIDES]; /* those in the epoll set */

    struct window window;
    struct stream stream;
    struct entry entries[LINK_WAITING_MAX]; /* ring: number base + i lies at head + i */
    uint64_t head;
    uint64_t unspooled; /* number of the oldest submission that is not in the spool */
    uint32_t in_spool;  /* submissions that are, and are not answered */
    uint64_t tickets;
    uint64_t ids;

    bool up;
    bool down;    /* known: nothing was heard for LINK_DEAD_MS, and no Welcome since */
    bool greet;   /* a Hello is due, or on its way */
    bool blocked; /* the last send found no room */
    uint64_t dispatcher_epoch;
    uint64_t now_ms;
    uint64_t heard_ms;
    uint64_t hello_ms;
    uint64_t ping_ms;
    uint64_t order_taken;
    uint64_t order_done;
    bool order_done_due;

    struct link_counts counts;
    struct log_limit log_objections, log_garbage, log_spool;
    uint8_t bytes[FRAME_MAX_BYTES];
    struct frame in, out;
};

/* ---- sockets ------------------------------------------------------------------------------- */

static void watch(struct link *link)
{
    for (int side = 0; side < LINK_SOCKET_SIDES; side++) {
        link->fds[side] = link_socket_fd(link->socket, (enum link_socket_side)side);
        struct epoll_event event = { .events = EPOLLIN, .data.fd = link->fds[side] };
        if (link->fds[side] >= 0 &&
            epoll_ctl(link->epoll, EPOLL_CTL_ADD, link->fds[side], &event) < 0)
            REQUIRE(errno == EEXIST);
    }
}

/* Before a socket is closed: its descriptor's number may be given to another file at once. */
static void unwatch(struct link *link, enum link_socket_side side)
{
    if (link->fds[side] >= 0)
        (void)epoll_ctl(link->epoll, EPOLL_CTL_DEL, link->fds[side], NULL);
    link->fds[side] = -1;
}

static bool send_frame(struct link *link)
{
    int size = codec_pack(link->codec, SCHEMA_FRAME, &link->out, link->bytes, sizeof link->bytes);
    REQUIRE(size > 0);
    link->blocked = link_socket_send(link->socket, link->bytes, (size_t)size) < 0;
    return !link->blocked;
}

static void begin_frame(struct link *link, enum frame_kind kind)
{
    schema_clear(SCHEMA_FRAME, &link->out);
    const struct field *body = schema_body(&schemas[SCHEMA_FRAME], kind);
    link->out.kind = kind;
    schema_clear(body->message, (char *)&link->out + body->offset);
}

/* ---- submissions --------------------------------------------------------------------------- */

static struct entry *entry_of(struct link *link, uint64_t seq)
{
    return &link->entries[(link->head + (seq - link->window.base)) % LINK_WAITING_MAX];
}

static int pack_submit(struct link *link, struct submit *submit, uint64_t seq)
{
    submit->epoch = link->window.epoch;
    submit->seq = seq;
    return codec_pack(link->codec, SCHEMA_FRAME, &link->out, link->bytes, sizeof link->bytes);
}

/* Puts the frame in link->bytes behind all others. */
static int keep(struct link *link, size_t size, uint64_t ticket, bool spooled)
{
    if (window_waiting(&link->window) >= LINK_WAITING_MAX)
        return -ENOBUFS;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return -ENOBUFS;
    memcpy(bytes, link->bytes, size);
    struct entry *entry = entry_of(link, window_add(&link->window));
    *entry = (struct entry){ bytes, size, ticket, 0, 0, spooled };
    link->in_spool += spooled;
    if (!spooled)
        entry->pending = pending_put(link->pending, bytes, size);
    return 0;
}

/* One record of an earlier process: delivered again under this process's epoch; its key tells the
 * dispatcher when it has it already. */
static void take_former(struct link *link, const uint8_t *bytes, size_t size, bool spooled)
{
    if (codec_unpack(link->codec, SCHEMA_FRAME, bytes, size, &link->out) < 0 ||
        link->out.kind != FRAME_SUBMIT) {
        log_error("skip spool record size=%zu: a newer program wrote it?", size);
        return;
    }
    int packed = pack_submit(link, &link->out.submit, link->window.last + 1);
    if (packed < 0 || keep(link, (size_t)packed, 0, spooled) < 0)
        log_error("skip spool record size=%zu: too many wait", size);
}

static void take_spooled(void *owner, const uint8_t *bytes, size_t size)
{
    take_former(owner, bytes, size, true);
}

static void take_pending(void *owner, const uint8_t *bytes, size_t size)
{
    take_former(owner, bytes, size, false);
}

/* The dispatcher does not know this epoch's past: number what waits anew. */
static void renumber(struct link *link)
{
    uint64_t count = window_waiting(&link->window);
    uint64_t base = link->window.base;
    uint64_t epoch = link->window.epoch + 1;
    uint64_t unspooled = link->unspooled - base;
    log_warn("renumber submissions count=%llu epoch=%llu", (unsigned long long)count,
             (unsigned long long)epoch);
    window_begin(&link->window, epoch);
    link->unspooled = 1 + unspooled;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t seq = window_add(&link->window);
        struct entry *entry = entry_of(link, seq);
        REQUIRE(codec_unpack(link->codec, SCHEMA_FRAME, entry->bytes, entry->size, &link->out) ==
                0);
        int size = pack_submit(link, &link->out.submit, seq);
        uint8_t *bytes = size > 0 ? realloc(entry->bytes, (size_t)size) : NULL;
        REQUIRE(bytes != NULL);
        memcpy(bytes, link->bytes, (size_t)size);
        entry->bytes = bytes;
        entry->size = (size_t)size;
    }
}

static int check_spool(struct link *link, int status)
{
    if (status < 0 && log_allowed(&link->log_spool))
        log_error("spool failed path=%s error=%s", link->settings.spool_path, strerror(-status));
    return status;
}

/* When a submission has to lie in the spool: after its own silence, whatever else was heard, or at
 * once while nobody is there to answer. */
static uint64_t spool_at_ms(const struct link *link, const struct entry *entry)
{
    return link->down ? entry->at_ms : entry->at_ms + LINK_SILENCE_MS;
}

/* Makes the oldest unspooled submissions durable here; one fsync for all of them. */
static void spool_some(struct link *link)
{
    uint64_t first = link->unspooled, seq = first;
    while (seq <= link->window.last && seq - first < SPOOL_BATCH &&
           spool_at_ms(link, entry_of(link, seq)) <= link->now_ms) {
        struct entry *entry = entry_of(link, seq);
        if (!entry->spooled &&
            check_spool(link, spool_append(link->spool, entry->bytes, entry->size)) < 0)
            break;
        seq++;
    }
    if (seq == first || check_spool(link, spool_sync(link->spool)) < 0)
        return;
    for (uint64_t i = first; i < seq; i++) {
        struct entry *entry = entry_of(link, i);
        if (entry->spooled)
            continue;
        entry->spooled = true;
        pending_drop(link->pending, &entry->pending);
        link->in_spool++;
        link->counts.spooled++;
        if (link->handlers.spooled)
            link->handlers.spooled(link->owner, entry->ticket);
    }
    link->unspooled = seq;
}

static void spool_due(struct link *link)
{
    if (!link->spool)
        return;
    if (link->unspooled < link->window.base)
        link->unspooled = link->window.base;
    spool_some(link);
}

static void submit_due(struct link *link)
{
    if (!link->up || link->greet)
        return;
    uint64_t seq;
    while ((seq = window_due(&link->window, link->now_ms)) != 0) {
        const struct entry *entry = entry_of(link, seq);
        link->blocked = link_socket_send(link->socket, entry->bytes, entry->size) < 0;
        if (link->blocked)
            return;
        window_sent(&link->window, link->now_ms);
    }
}

/* ---- frames from the dispatcher ------------------------------------------------------------ */

static void go_down(struct link *link);

static void take_welcome(struct link *link, const struct welcome *welcome)
{
    if (link->twin[0] && welcome->epoch < link->dispatcher_epoch) {
        log_warn("refuse dispatcher endpoint=%s: another one took over", link->endpoint);
        go_down(link);
        return;
    }
    link->greet = false;
    if (!window_resume(&link->window, welcome->committed, link->now_ms)) {
        renumber(link);
        link->greet = true; /* under the new epoch */
        link->hello_ms = 0;
        return;
    }
    bool fresh = !link->up || link->dispatcher_epoch != welcome->epoch;
    link->up = true;
    link->down = false;
    link->dispatcher_epoch = welcome->epoch;
    link->ping_ms = link->now_ms;
    link->order_done_due = link->order_done > 0;
    if (link->settings.subscribe) {
        if (strcmp(link->events, welcome->endpoint) != 0) {
            unwatch(link, LINK_SOCKET_EVENTS);
            (void)text_copy(link->events, sizeof link->events, welcome->endpoint);
            if (link_socket_subscribe(link->socket, link->events) < 0)
                log_error("cannot subscribe to events endpoint=%s", link->events);
            watch(link);
        }
        stream_restart(&link->stream, link->now_ms);
    }
    if (fresh && link->handlers.up)
        link->handlers.up(link->owner, welcome);
}

static void take_outcome(struct link *link, const struct outcome *outcome)
{
    uint64_t seq = link->window.base;
    if (!window_answer(&link->window, outcome->epoch, outcome->seq, link->now_ms))
        return;
    /* window_answer() moved the base: the entry is the one before it now. */
    struct entry *entry = &link->entries[link->head % LINK_WAITING_MAX];
    REQUIRE(seq == outcome->seq && entry->bytes != NULL);
    uint64_t ticket = entry->ticket;
    pending_drop(link->pending, &entry->pending);
    free(entry->bytes);
    entry->bytes = NULL;
    link->head = (link->head + 1) % LINK_WAITING_MAX;
    link->in_spool -= entry->spooled;
    if (entry->spooled && link->in_spool == 0)
        (void)check_spool(link, spool_empty(link->spool));
    link->counts.outcomes++;
    if (link->handlers.outcome)
        link->handlers.outcome(link->owner, ticket, outcome);
}

static void take_order(struct link *link, const struct order *order)
{
    if (order->seq <= link->order_taken) {
        link->counts.orders_repeated++;
        link->order_done_due = link->order_done >= order->seq;
        return;
    }
    if (order->after > link->order_taken)
        return; /* one before it was lost: the dispatcher sends both again */
    link->order_taken = order->seq;
    link->counts.orders++;
    if (link->handlers.order)
        link->handlers.order(link->owner, order);
}

static void take_row(struct link *link, uint64_t epoch, uint64_t last,
                     const struct stored_event *row)
{
    if (stream_take(&link->stream, row->seq, link->now_ms) && link->handlers.event)
        link->handlers.event(link->owner, epoch, last, row);
}

static void take_publication(struct link *link, const struct publication *publication)
{
    if (publication->has_row)
        take_row(link, publication->epoch, publication->seq, &publication->row);
    stream_know(&link->stream, publication->seq, false, link->now_ms);
    if (!publication->has_row && link->handlers.event)
        link->handlers.event(link->owner, publication->epoch, publication->seq, NULL);
}

static void take_batch(struct link *link, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->rows_count; i++)
        take_row(link, batch->epoch, batch->seq, &batch->rows[i]);
    stream_know(&link->stream, batch->seq, true, link->now_ms);
}

static void take_objection(struct link *link, const struct objection *objection)
{
    link->counts.objections++;
    if (objection->refusal == REFUSAL_WRONG_STATE) { /* a new dispatcher does not know us yet */
        link->greet = true;
        link->hello_ms = 0;
        return;
    }
    if (log_allowed(&link->log_objections))
        log_warn("dispatcher objects refusal=%s words=\"%s\"", refusal_name(objection->refusal),
                 objection->words);
}

static void take_frame(struct link *link)
{
    const struct frame *frame = &link->in;
    const struct link_handlers *handlers = &link->handlers;
    switch (frame->kind) {
    case FRAME_WELCOME:
        take_welcome(link, &frame->welcome);
        return;
    case FRAME_OUTCOME:
        take_outcome(link, &frame->outcome);
        return;
    case FRAME_ORDER:
        take_order(link, &frame->order);
        return;
    case FRAME_PUBLICATION:
        take_publication(link, &frame->publication);
        return;
    case FRAME_BATCH:
        take_batch(link, &frame->batch);
        return;
    case FRAME_OBJECTION:
        take_objection(link, &frame->objection);
        return;
    case FRAME_SETUP:
        if (handlers->setup)
            handlers->setup(link->owner, &frame->setup);
        return;
    case FRAME_REPLY:
        if (handlers->reply && frame->reply.has_answer)
            handlers->reply(link->owner, frame->reply.id, &frame->reply.answer);
        return;
    case FRAME_SIGNED_IN:
        if (handlers->signed_in)
            handlers->signed_in(link->owner, &frame->signed_in);
        return;
    case FRAME_PONG:
        return;
    case FRAME_NONE:
    case FRAME_HELLO:
    case FRAME_SUBMIT:
    case FRAME_PING:
    case FRAME_ORDER_DONE:
    case FRAME_ASK:
    case FRAME_FETCH:
    case FRAME_SIGN_IN:
    case FRAME_SIGN_OUT:
    case FRAME_COSIGN:
    case FRAME_KIND_COUNT:
        link->counts.garbage++; /* of a newer dispatcher, or not for us */
        return;
    }
}

/* Returns how many frames it took. */
static unsigned receive_some(struct link *link, enum link_socket_side side, unsigned max)
{
    for (unsigned taken = 0; taken < max; taken++) {
        int size = link_socket_receive(link->socket, side, link->bytes, sizeof link->bytes);
        if (size == -EAGAIN)
            return taken;
        if (side == LINK_SOCKET_COMMANDS)
            link->heard_ms = link->now_ms;
        if (size < 0 ||
            codec_unpack(link->codec, SCHEMA_FRAME, link->bytes, (size_t)size, &link->in) < 0) {
            link->counts.garbage++;
            if (log_allowed(&link->log_garbage))
                log_warn("drop frame size=%d: not readable", size);
            continue;
        }
        take_frame(link);
    }
    return max;
}

/* ---- time ---------------------------------------------------------------------------------- */

static void go_down(struct link *link)
{
    bool was_up = link->up;
    char asked[sizeof link->endpoint];
    if (link->twin[0]) { /* the socket borrows link->endpoint */
        memcpy(asked, link->endpoint, sizeof asked);
        memcpy(link->endpoint, link->twin, sizeof link->endpoint);
        memcpy(link->twin, asked, sizeof link->twin);
    }
    link->up = false;
    link->down = true;
    link->greet = true;
    link->hello_ms = 0;
    link->heard_ms = link->now_ms;
    link->counts.reconnects++;
    unwatch(link, LINK_SOCKET_COMMANDS);
    if (link_socket_reconnect(link->socket) < 0)
        log_error("cannot connect to the dispatcher endpoint=%s", link->endpoint);
    watch(link);
    if (was_up && link->handlers.down)
        link->handlers.down(link->owner);
}

static void greet_due(struct link *link)
{
    if (!link->greet || (link->hello_ms && link->now_ms - link->hello_ms < HELLO_MS))
        return;
    begin_frame(link, FRAME_HELLO);
    struct hello *hello = &link->out.hello;
    (void)text_copy(hello->name, sizeof hello->name, link->name);
    hello->epoch = link->window.epoch;
    hello->order_seq = link->order_done;
    hello->version = LINK_VERSION;
    hello->keeps = link->settings.keeps;
    if (send_frame(link))
        link->hello_ms = link->now_ms;
}

static void ping_due(struct link *link)
{
    if (!link->up || link->greet || link->now_ms - link->ping_ms < LINK_PING_MS)
        return;
    link->ping_ms = link->now_ms;
    begin_frame(link, FRAME_PING);
    link->out.ping.at_ms = clock_wall_ms();
    (void)send_frame(link);
}

static void fetch_due(struct link *link)
{
    if (!link->settings.subscribe || !link->up || link->greet ||
        !stream_fetches(&link->stream, link->now_ms))
        return;
    begin_frame(link, FRAME_FETCH);
    link->out.fetch.after = link->stream.after;
    if (!send_frame(link))
        link->stream.fetch_at_ms = link->now_ms + RETRY_MS;
}

static void done_due(struct link *link)
{
    if (!link->order_done_due || !link->up || link->greet)
        return;
    begin_frame(link, FRAME_ORDER_DONE);
    link->out.order_done.seq = link->order_done;
    link->order_done_due = !send_frame(link);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How long it may be silent before it is connected anew. */
static uint64_t dead_ms(const struct link *link)
{
    return link->twin[0] && !link->up ? LINK_TRY_MS : LINK_DEAD_MS;
}

static uint64_t wakes_ms(struct link *link)
{
    uint64_t at = link->heard_ms + dead_ms(link);
    if (link->blocked)
        at = earlier(at, link->now_ms + RETRY_MS);
    if (link->greet)
        at = earlier(at, link->hello_ms + HELLO_MS);
    if (link->up && !link->greet) {
        at = earlier(at, link->ping_ms + LINK_PING_MS);
        at = earlier(at, window_wakes_ms(&link->window));
        if (link->settings.subscribe)
            at = earlier(at, link->stream.fetch_at_ms);
    }
    if (link->spool && link->unspooled <= link->window.last) {
        uint64_t due = spool_at_ms(link, entry_of(link, link->unspooled));
        at = earlier(at, due > link->now_ms ? due : link->now_ms + SPOOL_RETRY_MS);
    }
    return at;
}

static void begin_turn(struct link *link, uint64_t mono_ms)
{
    link->now_ms = mono_ms;
    if (link->heard_ms == 0)
        link->heard_ms = mono_ms; /* the first turn */
    for (uint64_t seq = link->window.last; seq >= link->window.base; seq--) {
        struct entry *entry = entry_of(link, seq);
        if (entry->at_ms)
            break;
        entry->at_ms = mono_ms;
    }
}

int link_turn(struct link *link, uint64_t mono_ms)
{
    uint64_t expired;
    (void)!read(link->timer, &expired, sizeof expired);
    begin_turn(link, mono_ms);
    unsigned events = receive_some(link, LINK_SOCKET_EVENTS, RECEIVE_MAX);
    unsigned frames = receive_some(link, LINK_SOCKET_COMMANDS, RECEIVE_MAX);
    if (link->now_ms - link->heard_ms >= dead_ms(link))
        go_down(link);
    greet_due(link);
    done_due(link);
    spool_due(link);
    submit_due(link);
    ping_due(link);
    fetch_due(link);
    /* A send may have swallowed the descriptor's edge: look once more before sleeping. */
    frames += receive_some(link, LINK_SOCKET_COMMANDS, RECEIVE_MAX);
    events += receive_some(link, LINK_SOCKET_EVENTS, RECEIVE_MAX);

    uint64_t at = frames || events || link->order_done_due ? link->now_ms : wakes_ms(link);
    uint64_t wait = at > link->now_ms ? at - link->now_ms : 0;
    struct itimerspec when = { .it_value = { (time_t)(wait / 1000),
                                             (long)(wait % 1000) * 1000000 + 1 } };
    (void)timerfd_settime(link->timer, 0, &when, NULL);
    return (int)wait;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int open_descriptors(struct link *link)
{
    link->epoll = epoll_create1(EPOLL_CLOEXEC);
    link->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = link->timer };
    if (link->epoll < 0 || link->timer < 0 ||
        epoll_ctl(link->epoll, EPOLL_CTL_ADD, link->timer, &event) < 0)
        return -errno;
    /* Due at once: the first turn greets. */
    struct itimerspec when = { .it_value = { 0, 1 } };
    (void)timerfd_settime(link->timer, 0, &when, NULL);
    return 0;
}

static int open_spool(struct link *link)
{
    uint64_t wall_ms = clock_wall_ms();
    window_begin(&link->window, wall_ms);
    if (!link->settings.spool_path)
        return 0;
    int status = spool_open(&link->spool, link->settings.spool_path, wall_ms, take_spooled, link);
    if (status < 0)
        return status;
    if (spool_epoch(link->spool) != link->window.epoch) {
        link->window.epoch = spool_epoch(link->spool) - 1;
        renumber(link);
    }
    link->unspooled = link->window.last + 1;
    if (link->settings.pending_path)
        status = pending_open(&link->pending, link->settings.pending_path, take_pending, link);
    return status;
}

static int open_socket(struct link *link)
{
    struct link_socket_settings settings = {
        .endpoint = link->endpoint,
        .server_public = link->settings.server_public,
        .public_key = link->settings.public_key,
        .secret_key = link->settings.secret_key,
    };
    int status = link_socket_open(&link->socket, &settings);
    if (status == 0)
        watch(link);
    return status;
}

int link_open(struct link **link, const struct link_settings *settings,
              const struct link_handlers *handlers, void *owner)
{
    if (sodium_init() < 0)
        return -ENOSYS;
    struct link *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = *settings;
    fresh->handlers = *handlers;
    fresh->owner = owner;
    fresh->epoll = fresh->timer = -1;
    fresh->fds[0] = fresh->fds[1] = -1;
    fresh->greet = true;
    fresh->unspooled = 1;
    stream_begin(&fresh->stream, settings->after);
    fresh->codec = codec_open();
    int status = fresh->codec ? 0 : -ENOMEM;
    if (!text_copy(fresh->name, sizeof fresh->name, settings->name) ||
        !text_copy(fresh->endpoint, sizeof fresh->endpoint, settings->endpoint) ||
        !text_copy(fresh->twin, sizeof fresh->twin, settings->twin ? settings->twin : ""))
        status = -EINVAL;
    if (status == 0)
        status = open_descriptors(fresh);
    if (status == 0)
        status = open_spool(fresh);
    if (status == 0)
        status = open_socket(fresh);
    if (status < 0) {
        link_close(fresh);
        return status;
    }
    *link = fresh;
    return 0;
}

void link_close(struct link *link)
{
    if (!link)
        return;
    for (uint32_t i = 0; i < LINK_WAITING_MAX; i++)
        free(link->entries[i].bytes);
    link_socket_close(link->socket);
    spool_close(link->spool);
    pending_close(link->pending);
    codec_close(link->codec);
    if (link->timer >= 0)
        (void)close(link->timer);
    if (link->epoll >= 0)
        (void)close(link->epoll);
    sodium_memzero(&link->settings, sizeof link->settings);
    free(link);
}

int link_fd(const struct link *link)
{
    return link->epoll;
}

bool link_is_up(const struct link *link)
{
    return link->up;
}

uint64_t link_epoch(const struct link *link)
{
    return link->window.epoch;
}

/* ---- what the owner asks ------------------------------------------------------------------- */

static void make_key(char key[41])
{
    uint8_t random[16];
    randombytes_buf(random, sizeof random);
    hex_write(random, sizeof random, key);
}

static void set_token(uint8_t to[32], uint32_t *to_size, const uint8_t *token, size_t size)
{
    REQUIRE(size <= 32);
    *to_size = token ? (uint32_t)size : 0;
    if (token)
        memcpy(to, token, size);
}

int link_submit(struct link *link, const struct command *command, const struct personal *personal,
                const uint8_t *token, size_t token_size, uint64_t *ticket)
{
    begin_frame(link, FRAME_SUBMIT);
    struct submit *submit = &link->out.submit;
    submit->has_command = true;
    submit->command = *command;
    if (!submit->command.key[0])
        make_key(submit->command.key);
    submit->has_personal = personal != NULL;
    if (personal)
        submit->personal = *personal;
    set_token(submit->token, &submit->token_size, token, token_size);
    int size = pack_submit(link, submit, link->window.last + 1);
    REQUIRE(size > 0);
    int status = keep(link, (size_t)size, link->tickets + 1, false);
    if (status < 0)
        return status;
    *ticket = ++link->tickets;
    link->counts.submitted++;
    return 0;
}

void link_order_done(struct link *link, uint64_t seq)
{
    if (seq <= link->order_done)
        return;
    link->order_done = seq;
    link->order_done_due = true;
}

int link_ask(struct link *link, const struct query *query, const uint8_t *token, size_t token_size,
             uint64_t *id)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_ASK);
    struct ask *ask = &link->out.ask;
    ask->id = ++link->ids;
    ask->has_query = true;
    ask->query = *query;
    set_token(ask->token, &ask->token_size, token, token_size);
    *id = ask->id;
    return send_frame(link) ? 0 : -ENOTCONN;
}

int link_sign_in(struct link *link, const char *login, const char *password, const char *code,
                 uint64_t *id)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_SIGN_IN);
    struct sign_in *sign_in = &link->out.sign_in;
    if (!text_copy(sign_in->login, sizeof sign_in->login, login) ||
        !text_copy(sign_in->password, sizeof sign_in->password, password) ||
        !text_copy(sign_in->code, sizeof sign_in->code, code))
        return -EINVAL;
    sign_in->id = *id = ++link->ids;
    bool sent = send_frame(link);
    sodium_memzero(sign_in->password, sizeof sign_in->password);
    return sent ? 0 : -ENOTCONN;
}

int link_sign_out(struct link *link, const uint8_t *token, size_t token_size)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_SIGN_OUT);
    set_token(link->out.sign_out.token, &link->out.sign_out.token_size, token, token_size);
    return send_frame(link) ? 0 : -ENOTCONN;
}

int link_cosign(struct link *link, uint64_t seq, const struct cosignature *cosignature)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_COSIGN);
    link->out.cosign.seq = seq;
    link->out.cosign.has_cosignature = true;
    link->out.cosign.cosignature = *cosignature;
    return send_frame(link) ? 0 : -ENOTCONN;
}

void link_count(const struct link *link, struct link_counts *counts)
{
    *counts = link->counts;
    counts->resent = link->window.resent;
    counts->waiting = (uint32_t)window_waiting(&link->window);
}
