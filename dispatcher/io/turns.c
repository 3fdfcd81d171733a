/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/turns.h"

#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/minder.h"
#include "base/require.h"
#include "dispatcher/arbiter/arbitration.h"
#include "dispatcher/io/curve_socket.h"
#include "dispatcher/io/zap.h"

enum {
    MAGIC = 0x4e525459, /* "YTRN" */
    ROUTE_BYTES = 5,
    GIVEN_MAX = 512, /* turns given in one serving */
    LOOK_MS = 50,    /* while it is cut off */
    COMPLAIN_MS = 10000
};

struct entry {
    struct store_mark after;
    uint8_t *message; /* head and changes, as they are sent */
    size_t size;
};

struct turns {
    void *context;
    struct zap *zap;
    void *socket;
    struct store_mark begin; /* where the oldest kept turn begins */
    struct store_mark last;
    struct entry entries[TURNS_MAX]; /* a turn's place is its number */
    size_t bytes;

    bool present, in_step;
    uint8_t route[ROUTE_BYTES];
    uint64_t given, done; /* turns */
    uint64_t heard_ms, beat_ms;
    uint64_t alone;
    struct log_limit log_strangers;
    struct arbitration *arbitration; /* NULL: the leader itself says when it goes on alone */
};

void turn_head_write(uint8_t head[TURN_HEAD_BYTES], enum turn_kind kind,
                     const struct store_mark *mark)
{
    uint32_t words[2] = { htole32(MAGIC), htole32((uint32_t)kind) };
    uint64_t turn = htole64(mark->turn);
    memcpy(head, words, sizeof words);
    memcpy(head + sizeof words, &turn, sizeof turn);
    memcpy(head + sizeof words + sizeof turn, mark->digest, sizeof mark->digest);
}

bool turn_head_read(const uint8_t *bytes, size_t size, enum turn_kind *kind,
                    struct store_mark *mark)
{
    uint32_t words[2];
    if (size < TURN_HEAD_BYTES)
        return false;
    memcpy(words, bytes, sizeof words);
    memcpy(&mark->turn, bytes + sizeof words, sizeof mark->turn);
    mark->turn = le64toh(mark->turn);
    memcpy(mark->digest, bytes + sizeof words + sizeof mark->turn, sizeof mark->digest);
    uint32_t said = le32toh(words[1]);
    *kind = (enum turn_kind)said;
    return le32toh(words[0]) == MAGIC && said >= TURN_FOLLOW && said <= TURN_LEAD &&
           (said == TURN_GIVEN || size == TURN_HEAD_BYTES);
}

/* ---- keeping ------------------------------------------------------------------------------- */

static bool is_same(const struct store_mark *a, const struct store_mark *b)
{
    return a->turn == b->turn && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

static struct entry *entry_of(struct turns *turns, uint64_t turn)
{
    return &turns->entries[turn % TURNS_MAX];
}

static void drop_oldest(struct turns *turns)
{
    struct entry *oldest = entry_of(turns, turns->begin.turn + 1);
    turns->begin = oldest->after;
    turns->bytes -= oldest->size;
    free(oldest->message);
    oldest->message = NULL;
}

static void drop_all(struct turns *turns)
{
    while (turns->begin.turn < turns->last.turn)
        drop_oldest(turns);
}

void turns_tell(void *owner, const struct store_mark *before, const struct store_mark *after,
                struct slice changes)
{
    struct turns *turns = owner;
    size_t size = TURN_HEAD_BYTES + changes.size;
    if (!is_same(before, &turns->last)) { /* the first, or it begins anew */
        drop_all(turns);
        turns->begin = *before;
    }
    turns->last = *after;
    uint8_t *message = size <= TURN_BYTES_MAX ? malloc(size) : NULL;
    if (!message) { /* the standby begins anew from a backup */
        drop_all(turns);
        turns->begin = *after;
        return;
    }
    turn_head_write(message, TURN_GIVEN, after);
    memcpy(message + TURN_HEAD_BYTES, changes.data, changes.size);
    *entry_of(turns, after->turn) = (struct entry){ *after, message, size };
    turns->bytes += size;
    while (turns->begin.turn + 1 < turns->last.turn &&
           (turns->bytes > TURNS_BYTES_MAX || turns->last.turn - turns->begin.turn >= TURNS_MAX))
        drop_oldest(turns);
}

/* ---- the standby --------------------------------------------------------------------------- */

static bool give(struct turns *turns, const uint8_t *message, size_t size)
{
    return zmq_send(turns->socket, turns->route, ROUTE_BYTES, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
           zmq_send(turns->socket, message, size, ZMQ_DONTWAIT) >= 0;
}

static void tell_standby(struct turns *turns, enum turn_kind kind)
{
    uint8_t head[TURN_HEAD_BYTES];
    turn_head_write(head, kind, &turns->last);
    (void)give(turns, head, sizeof head);
}

static void fall_out(struct turns *turns, const char *why)
{
    if (turns->in_step) {
        turns->alone++;
        log_error("the standby %s turn=%llu done=%llu: going on alone", why,
                  (unsigned long long)turns->last.turn, (unsigned long long)turns->done);
    }
    turns->in_step = false;
}

static void take_follow(struct turns *turns, const struct store_mark *mark)
{
    bool kept = mark->turn > turns->begin.turn && mark->turn <= turns->last.turn &&
                is_same(&entry_of(turns, mark->turn)->after, mark);
    turns->present = kept || is_same(mark, &turns->begin);
    fall_out(turns, "begins anew");
    if (!turns->present) {
        if (log_allowed(&turns->log_strangers))
            log_error("the standby stands where this journal never stood, or too far behind "
                      "turn=%llu mine=%llu: restore a backup there",
                      (unsigned long long)mark->turn, (unsigned long long)turns->last.turn);
        tell_standby(turns, TURN_UNKNOWN);
        return;
    }
    turns->given = turns->done = mark->turn;
}

static void take_done(struct turns *turns, const struct store_mark *mark)
{
    if (!turns->present || mark->turn > turns->given)
        return;
    turns->done = mark->turn;
    if (!turns->in_step && turns->done == turns->last.turn) {
        turns->in_step = true;
        log_info("the standby is in step turn=%llu", (unsigned long long)turns->done);
    }
}

/* Takes one message; false when none waits. */
static bool hear(struct turns *turns)
{
    uint8_t route[256], head[TURN_HEAD_BYTES];
    enum turn_kind kind;
    struct store_mark mark;
    int route_size = zmq_recv(turns->socket, route, sizeof route, ZMQ_DONTWAIT);
    if (route_size < 0)
        return false;
    zmq_msg_t frame;
    (void)zmq_msg_init(&frame);
    int size = zmq_msg_recv(&frame, turns->socket, ZMQ_DONTWAIT);
    const char *name = size >= 0 ? zmq_msg_gets(&frame, "User-Id") : NULL;
    bool good = size == TURN_HEAD_BYTES && !zmq_msg_more(&frame) && route_size == ROUTE_BYTES &&
                name && strcmp(name, TURNS_STANDBY) == 0;
    if (good)
        memcpy(head, zmq_msg_data(&frame), sizeof head);
    while (size >= 0 && zmq_msg_more(&frame))
        size = zmq_msg_recv(&frame, turns->socket, ZMQ_DONTWAIT);
    (void)zmq_msg_close(&frame);
    if (!good || !turn_head_read(head, sizeof head, &kind, &mark) ||
        (kind != TURN_FOLLOW && kind != TURN_DONE)) {
        if (log_allowed(&turns->log_strangers))
            log_warn("drop message about turns of=%s", name ? name : "?");
        return true;
    }
    turns->heard_ms = clock_mono_ms();
    if (kind == TURN_FOLLOW)
        memcpy(turns->route, route, ROUTE_BYTES); /* the newest is the one */
    if (memcmp(turns->route, route, ROUTE_BYTES) != 0)
        return true;
    if (kind == TURN_FOLLOW)
        take_follow(turns, &mark);
    else
        take_done(turns, &mark);
    return true;
}

static void give_due(struct turns *turns)
{
    for (int i = 0; turns->present && i < GIVEN_MAX && turns->given < turns->last.turn; i++) {
        if (turns->given < turns->begin.turn) { /* forgotten meanwhile: it asks again */
            turns->present = false;
            return;
        }
        const struct entry *entry = entry_of(turns, turns->given + 1);
        if (!give(turns, entry->message, entry->size))
            return;
        turns->given++;
    }
}

/* Says how it stands to its standby, and hears who leads. */
static void plead(struct turns *turns, uint64_t mono_ms)
{
    if (!turns->arbitration)
        return;
    pleader_want(arbitration_pleader(turns->arbitration),
                 turns->in_step ? PLEA_TOGETHER : PLEA_ALONE);
    arbitration_turn(turns->arbitration, mono_ms);
}

void turns_serve(struct turns *turns, uint64_t mono_ms)
{
    if (!turns || !turns->socket)
        return;
    while (hear(turns))
        continue;
    if (turns->present && mono_ms > turns->heard_ms + TURNS_GONE_MS) {
        fall_out(turns, "is gone");
        turns->present = false;
    }
    give_due(turns);
    if (turns->present && mono_ms - turns->beat_ms >= TURNS_BEAT_MS) {
        turns->beat_ms = mono_ms;
        tell_standby(turns, TURN_BEAT);
    }
    plead(turns, mono_ms);
}

bool turns_are_over(const struct turns *turns)
{
    return turns && turns->arbitration && arbitration_pleader(turns->arbitration)->deposed;
}

static bool may_speak(const struct turns *turns)
{
    if (turns->in_step)
        return turns->done >= turns->last.turn;
    return !turns->arbitration || pleader_is_free(arbitration_pleader(turns->arbitration));
}

/* Until the standby, the arbiter or up to wait_ms say something. */
static void await(struct turns *turns, uint64_t wait_ms)
{
    zmq_pollitem_t items[2] = { { .socket = turns->socket, .events = ZMQ_POLLIN } };
    if (turns->arbitration) {
        items[1] = (zmq_pollitem_t){ .socket = arbitration_socket(turns->arbitration),
                                     .events = ZMQ_POLLIN };
        wait_ms = wait_ms < LOOK_MS ? wait_ms : LOOK_MS;
    }
    (void)zmq_poll(items, turns->arbitration ? 2 : 1, (long)wait_ms);
}

/* The loop, which hears signals else, stands still meanwhile. */
static bool is_told_to_end(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

/* Out of step, and the arbiter has not yet granted to go on alone. */
static enum turns_end wait_for_word(struct turns *turns, uint64_t now_ms, uint64_t *said_ms)
{
    turns_serve(turns, now_ms);
    minder_alive(now_ms);
    if (turns_are_over(turns))
        return TURNS_DEPOSED;
    if (is_told_to_end())
        return TURNS_STOPPED;
    if (now_ms - *said_ms >= COMPLAIN_MS) {
        *said_ms = now_ms;
        log_error("neither the standby nor the arbiter answers: nothing is said or taken until one "
                  "of them does; calls go by the gateways' plan");
    }
    return TURNS_MAY_SPEAK;
}

enum turns_end turns_wait(struct turns *turns)
{
    if (!turns || !turns->socket)
        return TURNS_MAY_SPEAK;
    give_due(turns);
    uint64_t now_ms = clock_mono_ms(), until_ms = now_ms + TURNS_WAIT_MS, said_ms = now_ms;
    enum turns_end end = TURNS_MAY_SPEAK;
    for (; !may_speak(turns) && end == TURNS_MAY_SPEAK; now_ms = clock_mono_ms()) {
        if (turns->in_step && now_ms >= until_ms)
            fall_out(turns, "does not answer");
        if (!turns->in_step)
            end = wait_for_word(turns, now_ms, &said_ms);
        if (may_speak(turns) || end != TURNS_MAY_SPEAK)
            break;
        await(turns, turns->in_step ? until_ms - now_ms : LOOK_MS);
        while (hear(turns))
            continue;
        give_due(turns);
    }
    return turns_are_over(turns) ? TURNS_DEPOSED : end;
}

static bool may_resign(const struct turns *turns)
{
    if (!turns || !turns->socket || !turns->in_step || turns->done < turns->last.turn)
        return false;
    if (!turns->arbitration)
        return true;
    const struct pleader *pleader = arbitration_pleader(turns->arbitration);
    return pleader->plea.kind == PLEA_TOGETHER && pleader->granted;
}

bool turns_resign(struct turns *turns)
{
    while (turns && turns->socket && hear(turns))
        continue;
    if (!may_resign(turns))
        return false;
    uint64_t until_ms = clock_mono_ms() + TURNS_RESIGN_MS, now_ms;
    bool heard = false;
    tell_standby(turns, TURN_LEAD);
    /* Not heard, it asks to lead when this dispatcher has been silent for long enough. */
    while (!heard && (now_ms = clock_mono_ms()) < until_ms) {
        zmq_pollitem_t item = { .socket = turns->socket, .events = ZMQ_POLLIN };
        (void)zmq_poll(&item, 1, (long)(until_ms - now_ms));
        heard = hear(turns);
    }
    return true;
}

int turns_obey(struct turns *turns, const char *home, const char *endpoint,
               const struct curve_keys *keys, const char *name, uint64_t epoch)
{
    return arbitration_open(&turns->arbitration, home, endpoint, keys, name, epoch);
}

void turns_measure(const struct turns *turns, struct turns_figures *figures)
{
    *figures = (struct turns_figures){ turns->present,
                                       turns->in_step,
                                       turns->last.turn,
                                       turns->done,
                                       turns->alone,
                                       turns->arbitration != NULL,
                                       turns->arbitration && arbitration_answers(turns->arbitration,
                                                                                 clock_mono_ms()) };
}

/* ---- life ---------------------------------------------------------------------------------- */

struct turns *turns_open(void)
{
    return calloc(1, sizeof(struct turns));
}

int turns_bind(struct turns *turns, const char *home, const char *endpoint,
               const struct curve_keys *keys)
{
    turns->context = zmq_ctx_new();
    int status = turns->context ? zap_open(&turns->zap, turns->context, home, NULL, NULL) : -ENOMEM;
    if (status < 0)
        return status;
    turns->socket = zmq_socket(turns->context, ZMQ_ROUTER);
    if (!turns->socket)
        return -ENOMEM;
    bool good = curve_socket_serves(turns->socket, keys) &&
                curve_socket_set(turns->socket, ZMQ_SNDHWM, TURNS_MAX) &&
                curve_socket_set(turns->socket, ZMQ_ROUTER_MANDATORY, 1);
    if (!good)
        return -EINVAL;
    return zmq_bind(turns->socket, endpoint) < 0 ? -zmq_errno() : 0;
}

void turns_close(struct turns *turns)
{
    if (!turns)
        return;
    arbitration_close(turns->arbitration);
    if (turns->socket)
        (void)zmq_close(turns->socket);
    if (turns->context)
        (void)zmq_ctx_shutdown(turns->context);
    zap_close(turns->zap);
    if (turns->context)
        (void)zmq_ctx_term(turns->context);
    drop_all(turns);
    free(turns);
}
