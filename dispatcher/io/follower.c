/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/follower.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/minder.h"
#include "base/signals.h"
#include "dispatcher/arbiter/arbitration.h"
#include "dispatcher/io/curve_socket.h"
#include "dispatcher/io/turns.h"
#include "dispatcher/io/understudy.h"

enum {
    WAIT_MS = 50, /* how soon a word to lead is seen */
    ASK_MS = 500, /* the leader is silent: ask again */
    SETTLE_MS = 1000,
    TURNS_AT_ONCE = 256 /* before signals and metrics get their time */
};

struct follower {
    const struct settings *settings;
    struct understudy *understudy;
    void *context, *socket;
    struct curve_keys keys;
    char server_public[KEYS_Z85_BYTES];
    struct metrics *metrics;
    int signals;
    uint64_t heard_ms, asked_ms, took_ms, settled_ms, connected_ms;
    struct arbitration *arbitration; /* NULL: a person says when it leads */
    uint64_t turned_ms, awake_ms;    /* this loop; since when it turned without a pause */
    uint64_t leader_turn;            /* as it said last */
    uint64_t turns;
    bool unknown;       /* the leader cannot lead on from here */
    bool asked_to_lead; /* it resigned */
    bool failed;
};

static const struct store_mark *mark_of(const struct follower *follower)
{
    return understudy_mark(follower->understudy);
}

/* ---- turns --------------------------------------------------------------------------------- */

static void say(struct follower *follower, enum turn_kind kind)
{
    uint8_t head[TURN_HEAD_BYTES];
    turn_head_write(head, kind, mark_of(follower));
    (void)zmq_send(follower->socket, head, sizeof head, ZMQ_DONTWAIT);
}

/* The disk refused, or the leader gave what is no turn: from here on nothing may be said to be done. */
static void fail(struct follower *follower, int status)
{
    log_error("cannot take turn=%llu error=%s: ending",
              (unsigned long long)mark_of(follower)->turn + 1, strerror(-status));
    follower->failed = true;
}

static void take_turn(struct follower *follower, const struct store_mark *after,
                      struct slice changes)
{
    struct understudy *understudy = follower->understudy;
    if (after->turn != mark_of(follower)->turn + 1)
        return; /* given twice, or one is missing: ASK_MS asks */
    int status = understudy_write(understudy);
    if (status == 0 && (status = understudy_turn(understudy, after, changes)) < 0)
        understudy_drop(understudy);
    if (status == 0)
        status = understudy_commit(understudy);
    if (status < 0) {
        fail(follower, status);
        return;
    }
    follower->turns++;
    follower->took_ms = follower->heard_ms;
    say(follower, TURN_DONE);
}

/* It is ahead, and nothing of that comes: ask once more. */
static void ask_again(struct follower *follower)
{
    uint64_t now_ms = follower->heard_ms;
    if (now_ms - follower->took_ms < ASK_MS || now_ms - follower->asked_ms < ASK_MS)
        return;
    follower->asked_ms = now_ms;
    say(follower, TURN_FOLLOW);
}

static void take_message(struct follower *follower, const uint8_t *bytes, size_t size)
{
    enum turn_kind kind;
    struct store_mark mark;
    if (!turn_head_read(bytes, size, &kind, &mark))
        return;
    follower->heard_ms = clock_mono_ms();
    follower->leader_turn = mark.turn;
    if (kind == TURN_UNKNOWN && !follower->unknown)
        log_error("the leader cannot lead on from turn=%llu: restore a backup of it here",
                  (unsigned long long)mark_of(follower)->turn);
    follower->unknown = kind == TURN_UNKNOWN;
    if (kind == TURN_GIVEN)
        take_turn(follower, &mark,
                  (struct slice){ bytes + TURN_HEAD_BYTES, size - TURN_HEAD_BYTES });
    else if (kind == TURN_LEAD) {
        follower->asked_to_lead = memcmp(&mark, mark_of(follower), sizeof mark) == 0;
        say(follower, TURN_DONE);
    } else if (kind == TURN_BEAT && mark.turn == mark_of(follower)->turn)
        say(follower, TURN_DONE);
    else if (kind == TURN_BEAT)
        ask_again(follower);
}

static void take_messages(struct follower *follower)
{
    for (int i = 0; i < TURNS_AT_ONCE && !follower->failed; i++) {
        zmq_msg_t message;
        (void)zmq_msg_init(&message);
        int size = zmq_msg_recv(&message, follower->socket, ZMQ_DONTWAIT);
        if (size >= 0)
            take_message(follower, zmq_msg_data(&message), (size_t)size);
        (void)zmq_msg_close(&message);
        if (size < 0)
            return;
    }
}

/* Throws away what is queued and connects anew. */
static int reconnect(struct follower *follower)
{
    if (follower->socket)
        (void)zmq_close(follower->socket);
    follower->connected_ms = clock_mono_ms();
    void *socket = follower->socket = zmq_socket(follower->context, ZMQ_DEALER);
    bool good = socket && curve_socket_asks(socket, &follower->keys, follower->server_public) &&
                zmq_connect(socket, follower->settings->dispatcher.twin_turns) == 0;
    return good ? 0 : -EINVAL;
}

/* ---- the word to lead ---------------------------------------------------------------------- */

static bool is_told_to_lead(const struct follower *follower)
{
    char path[SETTINGS_PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/run/take-over", follower->settings->home);
    return access(path, F_OK) == 0;
}

/* Stopped for a while itself, it has not heard what the leader said meanwhile: that is no silence of the leader. */
static bool leader_is_silent(struct follower *follower, uint64_t now_ms)
{
    if (now_ms - follower->turned_ms > ASK_MS)
        follower->awake_ms = now_ms;
    follower->turned_ms = now_ms;
    uint64_t since_ms =
        follower->heard_ms > follower->awake_ms ? follower->heard_ms : follower->awake_ms;
    return now_ms - since_ms >= TURNS_SILENT_MS;
}

/* Does it lead from now on? By the arbiter's word where there is one, else by a person's. */
static bool is_to_lead(struct follower *follower, uint64_t now_ms)
{
    bool told = is_told_to_lead(follower);
    bool silent = leader_is_silent(follower, now_ms) && !follower->unknown;
    if (!follower->arbitration)
        return told || follower->asked_to_lead;
    silent = silent || follower->asked_to_lead;
    struct pleader *pleader = arbitration_pleader(follower->arbitration);
    pleader_want(pleader, told ? PLEA_FORCE : silent ? PLEA_LEAD : PLEA_ASK);
    arbitration_turn(follower->arbitration, now_ms);
    return pleader_leads(pleader);
}

bool follower_twin_leads(const char *endpoint)
{
    char host[96] = "", port[8] = "";
    struct addrinfo wanted = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    if (sscanf(endpoint, "tcp://%95[^:]:%7[0-9]", host, port) != 2 ||
        getaddrinfo(host, port, &wanted, &found) != 0)
        return false;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int done = fd < 0 ? -1 : connect(fd, found->ai_addr, found->ai_addrlen);
    if (fd >= 0 && done < 0 && errno == EINPROGRESS) {
        struct pollfd item = { .fd = fd, .events = POLLOUT };
        int error = 0;
        socklen_t size = sizeof error;
        if (poll(&item, 1, TWIN_WAIT_MS) == 1 &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
            done = 0;
    }
    if (fd >= 0)
        (void)close(fd);
    freeaddrinfo(found);
    return done == 0;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void figures_write(void *owner, struct text *text)
{
    const struct follower *follower = owner;
    uint64_t silent_ms = clock_mono_ms() - follower->heard_ms;
    understudy_figures(follower->understudy, text);
    metrics_gauge(text, "yihao_standby_behind", "Turns of the leader that are not.", NULL,
                  follower->leader_turn > mark_of(follower)->turn
                      ? follower->leader_turn - mark_of(follower)->turn
                      : 0);
    metrics_gauge(text, "yihao_standby_silence_ms", "Since the leader was last heard.", NULL,
                  silent_ms);
    metrics_gauge(text, "yihao_standby_follows", "1 while it follows a leader that knows it.", NULL,
                  silent_ms < TURNS_GONE_MS && !follower->unknown);
    metrics_counter(text, "yihao_standby_turns_total", "Turns taken.", NULL, follower->turns);
    if (follower->arbitration)
        metrics_gauge(text, "yihao_arbiter_answers", "1 while the arbiter answers this dispatcher.",
                      NULL, arbitration_answers(follower->arbitration, clock_mono_ms()));
}

static int open_all(struct follower *follower)
{
    const struct settings *settings = follower->settings;
    follower->signals = signals_open(signals_ends);
    int status = follower->signals < 0
                     ? follower->signals
                     : keys_read_curve(settings->home, TURNS_STANDBY, &follower->keys);
    if (status == 0)
        status = keys_read_public(settings->home, "dispatcher", follower->server_public);
    if (status == 0)
        status = understudy_open(&follower->understudy, settings);
    if (status == 0)
        status = metrics_open(&follower->metrics, settings->dispatcher.metrics_port, figures_write,
                              follower);
    follower->context = zmq_ctx_new();
    if (status == 0)
        status = follower->context ? reconnect(follower) : -ENOMEM;
    if (status == 0 && settings->dispatcher.arbiter[0])
        status =
            arbitration_open(&follower->arbitration, settings->home, settings->dispatcher.arbiter,
                             &follower->keys, settings->dispatcher.turns, 0);
    return status;
}

static void close_all(struct follower *follower)
{
    arbitration_close(follower->arbitration);
    if (follower->socket)
        (void)zmq_close(follower->socket);
    if (follower->context)
        (void)zmq_ctx_term(follower->context);
    metrics_close(follower->metrics);
    if (follower->signals >= 0)
        (void)close(follower->signals);
    sodium_memzero(&follower->keys, sizeof follower->keys);
}

static void ask_due(struct follower *follower, uint64_t now_ms)
{
    if (now_ms - follower->heard_ms < ASK_MS || now_ms - follower->asked_ms < ASK_MS)
        return;
    follower->asked_ms = now_ms;
    if (now_ms - follower->heard_ms >= TURNS_GONE_MS &&
        now_ms - follower->connected_ms >= TURNS_GONE_MS)
        (void)reconnect(follower);
    say(follower, TURN_FOLLOW); /* lost while there is no connection: it is said again */
}

static void settle_due(struct follower *follower, uint64_t now_ms)
{
    if (now_ms - follower->settled_ms < SETTLE_MS)
        return;
    follower->settled_ms = now_ms;
    int status = understudy_settle(follower->understudy);
    if (status < 0)
        fail(follower, status);
}

static enum follower_end follow(struct follower *follower)
{
    bool learns = true;
    minder_ready();
    while (!follower->failed) {
        zmq_pollitem_t items[2] = { { .socket = follower->socket, .events = ZMQ_POLLIN } };
        if (follower->arbitration)
            items[1] = (zmq_pollitem_t){ .socket = arbitration_socket(follower->arbitration),
                                         .events = ZMQ_POLLIN };
        (void)zmq_poll(items, follower->arbitration ? 2 : 1, learns ? 0 : WAIT_MS);
        take_messages(follower);
        learns = understudy_learn(follower->understudy); /* behind the word that it is durable */
        uint64_t now_ms =
            clock_mono_ms(); /* after the leader was heard: silence is never less than 0 */
        minder_alive(now_ms);
        metrics_turn(follower->metrics);
        if (signals_take(follower->signals))
            return FOLLOWER_STOPPED;
        if (is_to_lead(follower, now_ms))
            return FOLLOWER_LEADS;
        ask_due(follower, now_ms);
        settle_due(follower, now_ms);
    }
    return FOLLOWER_FAILED;
}

enum follower_end follower_run(const struct settings *settings, struct understudy **understudy)
{
    struct follower follower = { .settings = settings, .signals = -1 };
    int status = open_all(&follower);
    enum follower_end end = FOLLOWER_FAILED;
    if (status < 0) {
        log_error("cannot follow turns=%s error=%s", settings->dispatcher.twin_turns,
                  strerror(-status));
    } else {
        log_info("follow turns=%s turn=%llu", settings->dispatcher.twin_turns,
                 (unsigned long long)mark_of(&follower)->turn);
        end = follow(&follower);
    }
    close_all(&follower);
    if (end == FOLLOWER_LEADS) {
        *understudy = follower.understudy;
        return end;
    }
    if (end == FOLLOWER_STOPPED)
        understudy_finish(follower.understudy);
    understudy_close(follower.understudy);
    return end;
}
