/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/follower.h"

#include <errno.h>
#include <fcntl.h>
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
#include "base/folder.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/minder.h"
#include "base/signals.h"
#include "dispatcher/arbiter/arbitration.h"
#include "dispatcher/io/curve_socket.h"
#include "dispatcher/io/turns.h"
#include "dispatcher/journal/journal.h"

enum {
    WAIT_MS = 50, /* how soon a word to lead is seen */
    ASK_MS = 500, /* the leader is silent: ask again */
    SETTLE_MS = 1000,
    TURNS_AT_ONCE = 256 /* before signals and metrics get their time */
};

struct follower {
    const struct settings *settings;
    struct store *store;
    struct store_mark mark;
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

static void path_of(char path[SETTINGS_PATH_BYTES + 32], const char *home, const char *name)
{
    (void)snprintf(path, SETTINGS_PATH_BYTES + 32, "%s/%s", home, name);
}

bool follower_leads(const char *home)
{
    char path[SETTINGS_PATH_BYTES + 32];
    path_of(path, home, "leads");
    return access(path, F_OK) == 0;
}

/* ---- turns --------------------------------------------------------------------------------- */

static void say(struct follower *follower, enum turn_kind kind)
{
    uint8_t head[TURN_HEAD_BYTES];
    turn_head_write(head, kind, &follower->mark);
    (void)zmq_send(follower->socket, head, sizeof head, ZMQ_DONTWAIT);
}

/* The disk refused, or the leader gave what is no turn: from here on nothing may be said to be done. */
static void fail(struct follower *follower, int status)
{
    log_error("cannot take turn=%llu error=%s: ending", (unsigned long long)follower->mark.turn + 1,
              strerror(-status));
    follower->failed = true;
}

static void take_turn(struct follower *follower, const struct store_mark *after,
                      struct slice changes)
{
    struct transaction *write = NULL;
    if (after->turn != follower->mark.turn + 1)
        return; /* given twice, or one is missing: ASK_MS asks */
    int status = store_begin_write(follower->store, &write);
    if (status == 0)
        status = transaction_apply(write, changes);
    if (status == 0)
        status = transaction_commit(write);
    else
        transaction_end(write);
    if (status == 0)
        store_mark(follower->store, &follower->mark);
    if (status == 0 && memcmp(&follower->mark, after, sizeof *after) != 0)
        status = -EBADMSG;
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
                  (unsigned long long)follower->mark.turn);
    follower->unknown = kind == TURN_UNKNOWN;
    if (kind == TURN_GIVEN)
        take_turn(follower, &mark,
                  (struct slice){ bytes + TURN_HEAD_BYTES, size - TURN_HEAD_BYTES });
    else if (kind == TURN_LEAD) {
        follower->asked_to_lead = memcmp(&mark, &follower->mark, sizeof mark) == 0;
        say(follower, TURN_DONE);
    } else if (kind == TURN_BEAT && mark.turn == follower->mark.turn)
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
    path_of(path, follower->settings->home, "run/take-over");
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

/* The epoch rises before anything is spoken, and this home leads from now on, whatever happens. */
static int rise(const struct settings *settings)
{
    char folder[SETTINGS_PATH_BYTES + 32], path[SETTINGS_PATH_BYTES + 32];
    struct journal *journal = NULL;
    struct journal_settings wanted = { .folder = folder,
                                       .suite = suite_named(settings->suite),
                                       .map_gib = settings->dispatcher.map_gib,
                                       .takes_over = true,
                                       .sealed_elsewhere = settings_sealer(settings) != NULL };
    path_of(folder, settings->home, "journal");
    int status = journal_read_keys(&wanted, settings->home);
    if (status == 0)
        status = journal_open(&journal, &wanted);
    sodium_memzero(&wanted, sizeof wanted);
    if (status < 0)
        return status;
    log_info("taking over seq=%llu epoch=%llu", (unsigned long long)journal_seq(journal),
             (unsigned long long)journal_epoch(journal));
    journal_close(journal);
    path_of(path, settings->home, "leads");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0 || close(fd) < 0)
        return -errno;
    path_of(path, settings->home, "run/take-over");
    (void)unlink(path);
    return folder_sync(settings->home);
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
    metrics_gauge(text, "yihao_standby_turn", "The last turn of the leader that is on this disk.",
                  NULL, follower->mark.turn);
    metrics_gauge(text, "yihao_standby_behind", "Turns of the leader that are not.", NULL,
                  follower->leader_turn > follower->mark.turn
                      ? follower->leader_turn - follower->mark.turn
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
    char folder[SETTINGS_PATH_BYTES + 32];
    const struct settings *settings = follower->settings;
    follower->signals = signals_open(signals_ends);
    path_of(folder, settings->home, "journal");
    int status = follower->signals < 0
                     ? follower->signals
                     : keys_read_curve(settings->home, TURNS_STANDBY, &follower->keys);
    if (status == 0)
        status = keys_read_public(settings->home, "dispatcher", follower->server_public);
    if (status == 0)
        status = journal_open_tables(&follower->store, folder, settings->dispatcher.map_gib);
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
    if (status == 0)
        store_mark(follower->store, &follower->mark);
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
    store_close(follower->store);
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
    int status = store_settle(follower->store);
    if (status == 0)
        status = journal_follow_root(follower->store, follower->settings->home);
    if (status < 0)
        fail(follower, status);
}

static enum follower_end follow(struct follower *follower)
{
    minder_ready();
    while (!follower->failed) {
        zmq_pollitem_t items[2] = { { .socket = follower->socket, .events = ZMQ_POLLIN } };
        if (follower->arbitration)
            items[1] = (zmq_pollitem_t){ .socket = arbitration_socket(follower->arbitration),
                                         .events = ZMQ_POLLIN };
        (void)zmq_poll(items, follower->arbitration ? 2 : 1, WAIT_MS);
        take_messages(follower);
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

enum follower_end follower_run(const struct settings *settings)
{
    struct follower follower = { .settings = settings, .signals = -1 };
    int status = open_all(&follower);
    enum follower_end end = FOLLOWER_FAILED;
    if (status < 0) {
        log_error("cannot follow turns=%s error=%s", settings->dispatcher.twin_turns,
                  strerror(-status));
    } else {
        log_info("follow turns=%s turn=%llu", settings->dispatcher.twin_turns,
                 (unsigned long long)follower.mark.turn);
        end = follow(&follower);
    }
    close_all(&follower);
    if (end == FOLLOWER_LEADS && (status = rise(settings)) < 0) {
        log_error("cannot take over error=%s", strerror(-status));
        end = FOLLOWER_FAILED;
    }
    return end;
}
