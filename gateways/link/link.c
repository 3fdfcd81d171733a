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
#include "gateways/link/backlog.h"
#include "gateways/link/link_socket.h"
#include "gateways/link/stream.h"
#include "proto/codec.h"
#include "proto/keys.h"

enum {
    LINK_VERSION = 1,
    HELLO_MS = 500,    /* between two tries to be welcomed */
    RETRY_MS = 20,     /* a send found no connection or a full queue */
    RECEIVE_MAX = 2048 /* frames per turn, so that the owner's other work gets its time */
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
    struct codec *codec;
    int epoll;
    int timer;
    int fds[LINK_SOCKET_SIDES]; /* those in the epoll set */

    struct backlog backlog;
    struct stream stream;
    uint64_t tickets;
    uint64_t ids;

    bool up;
    bool down;    /* known: nothing was heard for LINK_DEAD_MS, and no Welcome since */
    bool greet;   /* a Hello is due, or on its way */
    bool blocked; /* the last send found no room */
    uint64_t dispatcher_epoch;
    uint64_t now_ms;
    uint64_t heard_ms;
    uint64_t word_ms; /* when anything was heard last, whatever was connected anew since */
    bool alone;       /* the owner did without a dispatcher */
    uint64_t hello_ms;
    uint64_t ping_ms;
    char server_next[KEYS_Z85_BYTES]; /* the key that the dispatcher will have; empty: not known */
    bool other_server;                /* the next try is with that */
    uint64_t keys_stamp;
    uint64_t keys_ms; /* when they were looked at last */
    uint64_t order_taken;
    uint64_t order_done;
    bool order_done_due;

    struct link_counts counts;
    struct log_limit log_objections, log_garbage;
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

/* How long a submission may go unanswered before it lies in the spool: its own silence, whatever else was
 * heard; none while nobody is there to answer. */
static uint64_t silence_ms(const struct link *link)
{
    return link->down ? 0 : LINK_SILENCE_MS;
}

static void submit_due(struct link *link)
{
    if (!link->up || link->greet)
        return;
    const struct backlog_entry *entry;
    while ((entry = backlog_due(&link->backlog, link->now_ms)) != NULL) {
        link->blocked = link_socket_send(link->socket, entry->bytes, entry->size) < 0;
        if (link->blocked)
            return;
        window_sent(&link->backlog.window, link->now_ms);
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
    if (!window_resume(&link->backlog.window, welcome->committed, link->now_ms)) {
        backlog_renumber(&link->backlog);
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
    uint64_t ticket;
    bool refused = link->handlers.refused && outcome->refusal != REFUSAL_NONE &&
                   outcome->refusal != REFUSAL_ALREADY &&
                   backlog_read_oldest(&link->backlog, outcome->seq);
    if (!backlog_answer(&link->backlog, outcome->epoch, outcome->seq, link->now_ms, &ticket))
        return;
    link->counts.outcomes++;
    if (refused)
        link->handlers.refused(link->owner, &link->out.submit, outcome->refusal);
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
    if (objection->refusal == REFUSAL_TWIN_LEADS &&
        link->twin[0]) { /* it ends, and knows who is next */
        log_info("dispatcher endpoint=%s handed over: ask the twin", link->endpoint);
        go_down(link);
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
            link->heard_ms = link->word_ms = link->now_ms;
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

static void swap(char *one, char *other, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char kept = one[i];
        one[i] = other[i];
        other[i] = kept;
    }
}

/* The other dispatcher, and each of them by its present key and by the one it will have. */
static void try_another(struct link *link)
{
    if (link->server_next[0] && link->other_server)
        swap(link->settings.server_public, link->server_next, KEYS_Z85_BYTES);
    link->other_server = !link->other_server;
    if (link->twin[0] && (!link->server_next[0] || link->other_server))
        swap(link->endpoint, link->twin, sizeof link->endpoint);
}

/* All anew: the socket borrows endpoint and keys. */
static void connect_anew(struct link *link)
{
    bool was_up = link->up;
    link->events[0] = '\0';
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

static void go_down(struct link *link)
{
    try_another(link);
    connect_anew(link);
}

/* The home's keys as they are now; those that cannot be read stay. Returns whether one is another. */
static bool take_keys(struct link *link)
{
    struct curve_keys own;
    char server[KEYS_Z85_BYTES];
    const char *home = link->settings.home;
    if (keys_read_public(home, "dispatcher.next", link->server_next) < 0)
        link->server_next[0] = '\0';
    if (keys_read_curve(home, link->name, &own) < 0 ||
        keys_read_public(home, "dispatcher", server) < 0)
        return false;
    bool other = strcmp(own.secret_key, link->settings.secret_key) != 0 ||
                 strcmp(own.public_key, link->settings.public_key) != 0 ||
                 strcmp(server, link->settings.server_public) != 0;
    memcpy(link->settings.server_public, server, sizeof server);
    memcpy(link->settings.public_key, own.public_key, sizeof own.public_key);
    memcpy(link->settings.secret_key, own.secret_key, sizeof own.secret_key);
    sodium_memzero(&own, sizeof own);
    return other;
}

static void keys_due(struct link *link)
{
    if (!link->settings.home || link->now_ms - link->keys_ms < LINK_KEYS_MS)
        return;
    link->keys_ms = link->now_ms;
    uint64_t stamp = keys_stamp(link->settings.home);
    if (stamp == link->keys_stamp)
        return;
    link->keys_stamp = stamp;
    if (take_keys(link)) {
        log_info("connect with other keys name=%s", link->name);
        connect_anew(link);
    }
}

static void greet_due(struct link *link)
{
    if (!link->greet || (link->hello_ms && link->now_ms - link->hello_ms < HELLO_MS))
        return;
    begin_frame(link, FRAME_HELLO);
    struct hello *hello = &link->out.hello;
    (void)text_copy(hello->name, sizeof hello->name, link->name);
    hello->epoch = link->backlog.window.epoch;
    hello->order_seq = link->order_done;
    hello->version = LINK_VERSION;
    hello->keeps = link->settings.keeps;
    hello->alone = link->alone;
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
    bool choice = link->twin[0] || link->server_next[0];
    if (link->twin[0] && link->blocked) /* its window is smaller than the queue: no connection */
        return LINK_GONE_MS;
    return choice && !link->up ? LINK_TRY_MS : LINK_DEAD_MS;
}

static uint64_t wakes_ms(struct link *link)
{
    uint64_t at = link->heard_ms + dead_ms(link);
    if (link->blocked)
        at = earlier(at, link->now_ms + RETRY_MS);
    if (link->greet && !link->blocked) /* else the retry is what it waits for */
        at = earlier(at, link->hello_ms + HELLO_MS);
    if (link->up && !link->greet) {
        at = earlier(at, link->ping_ms + LINK_PING_MS);
        at = earlier(at, window_wakes_ms(&link->backlog.window));
        if (link->settings.subscribe)
            at = earlier(at, link->stream.fetch_at_ms);
    }
    at = earlier(at, backlog_spool_wakes_ms(&link->backlog, link->now_ms, silence_ms(link)));
    return at;
}

static void begin_turn(struct link *link, uint64_t mono_ms)
{
    link->now_ms = mono_ms;
    if (link->heard_ms == 0)
        link->heard_ms = link->word_ms = mono_ms; /* the first turn */
    backlog_stamp(&link->backlog, mono_ms);
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
    keys_due(link);
    greet_due(link);
    done_due(link);
    backlog_spool(&link->backlog, link->now_ms, silence_ms(link));
    submit_due(link);
    ping_due(link);
    fetch_due(link);
    /* A send may have swallowed the descriptor's edge: look once more before sleeping. */
    frames += receive_some(link, LINK_SOCKET_COMMANDS, RECEIVE_MAX);
    events += receive_some(link, LINK_SOCKET_EVENTS, RECEIVE_MAX);

    uint64_t at = frames || events ? link->now_ms : wakes_ms(link);
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

static int open_backlog(struct link *link)
{
    struct backlog_settings settings = {
        .spool_path = link->settings.spool_path,
        .pending_path = link->settings.pending_path,
        .least_epoch = link->settings.least_epoch,
        .codec = link->codec,
        .frame = &link->out,
        .bytes = link->bytes,
        .spooled = link->handlers.spooled,
        .owner = link->owner,
    };
    return backlog_open(&link->backlog, &settings);
}

static int open_socket(struct link *link)
{
    struct link_socket_settings settings = {
        .endpoint = link->endpoint,
        .server_public = link->settings.server_public,
        .public_key = link->settings.public_key,
        .secret_key = link->settings.secret_key,
        .eager = link->twin[0] != '\0',
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
    fresh->greet = fresh->other_server = true;
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
        status = open_backlog(fresh);
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
    link_socket_close(link->socket);
    backlog_close(&link->backlog);
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

uint64_t link_silent_ms(const struct link *link, uint64_t mono_ms)
{
    return link->word_ms && mono_ms > link->word_ms ? mono_ms - link->word_ms : 0;
}

void link_was_alone(struct link *link, bool alone)
{
    link->alone = alone;
}

uint64_t link_epoch(const struct link *link)
{
    return link->backlog.window.epoch;
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
    int status = backlog_add(&link->backlog, link->tickets + 1);
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

static int send_sign_in(struct link *link, const char *password, const char *code, uint64_t *id)
{
    struct sign_in *sign_in = &link->out.sign_in;
    if (!text_copy(sign_in->password, sizeof sign_in->password, password) ||
        !text_copy(sign_in->code, sizeof sign_in->code, code))
        return -EINVAL;
    sign_in->id = *id = ++link->ids;
    bool sent = send_frame(link);
    sodium_memzero(sign_in->password, sizeof sign_in->password);
    sodium_memzero(sign_in->code, sizeof sign_in->code);
    return sent ? 0 : -ENOTCONN;
}

int link_sign_in(struct link *link, const char *login, const char *password, const char *code,
                 uint64_t *id)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_SIGN_IN);
    struct sign_in *sign_in = &link->out.sign_in;
    if (!text_copy(sign_in->login, sizeof sign_in->login, login))
        return -EINVAL;
    return send_sign_in(link, password, code, id);
}

int link_prove(struct link *link, const uint8_t *token, size_t token_size, const char *password,
               const char *code, uint64_t *id)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_SIGN_IN);
    set_token(link->out.sign_in.token, &link->out.sign_in.token_size, token, token_size);
    return send_sign_in(link, password, code, id);
}

int link_grant(struct link *link, const struct link_grant *grant, const uint8_t *token,
               size_t token_size, const char *code, uint64_t *id)
{
    if (!link->up)
        return -ENOTCONN;
    begin_frame(link, FRAME_SIGN_IN);
    struct sign_in *sign_in = &link->out.sign_in;
    if (token)
        set_token(sign_in->token, &sign_in->token_size, token, token_size);
    if (!text_copy(sign_in->grant, sizeof sign_in->grant, grant->grant) ||
        !text_copy(sign_in->verifier, sizeof sign_in->verifier, grant->verifier) ||
        !text_copy(sign_in->nonce, sizeof sign_in->nonce, grant->nonce) ||
        !text_copy(sign_in->issuer, sizeof sign_in->issuer, grant->issuer))
        return -EINVAL;
    sign_in->since_ms = grant->since_ms;
    int status = send_sign_in(link, "", code, id);
    sodium_memzero(sign_in->grant, sizeof sign_in->grant);
    sodium_memzero(sign_in->verifier, sizeof sign_in->verifier);
    return status;
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
    counts->spooled = link->backlog.spooled_count;
    counts->resent = link->backlog.window.resent;
    counts->waiting = (uint32_t)window_waiting(&link->backlog.window);
}
