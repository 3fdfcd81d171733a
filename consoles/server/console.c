/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/console.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/minder.h"
#include "base/require.h"

/* ---------------------------------------------------------------------------------- standing */

bool console_is_up(const struct console *console)
{
    return link_is_up(console->link) && clock_mono_ms() - console->heard_ms < LINK_DEAD_MS;
}

void console_stand(const struct console *console, struct standing *standing)
{
    uint64_t now = clock_mono_ms();
    *standing = (struct standing){
        .server = console->name,
        .epoch = console->epoch ? console->epoch : replica_epoch(console->replica),
        .up = console_is_up(console),
        .age_ms = now - console->heard_ms,
        .wall_ms = clock_wall_ms(),
        .mono_ms = now,
    };
    struct history_standing history;
    history_stand(console->history, &history);
    standing->doubted = history.doubted > 0;
}

void console_drop_session(struct console *console, struct session *session, enum screen_close code)
{
    viewer_end_all(console, session, code);
    sessions_close(console->sessions, session);
}

/* ----------------------------------------------------------------------------------- the bus */

static void stop_for(struct console *console, int status)
{
    if (console->status != 0)
        return;
    console->status = status;
    log_error("follow the events failed error=%s: %s", strerror(-status),
              status == -EBADMSG ? "the replica is put aside and built anew" : "ending");
    uv_stop(&console->loop);
}

static void on_up(void *owner, const struct welcome *welcome)
{
    struct console *console = owner;
    console->heard_ms = clock_mono_ms();
    console->epoch = welcome->epoch;
    log_info("reach dispatcher seq=%llu have=%llu", (unsigned long long)welcome->seq,
             (unsigned long long)replica_seq(console->replica));
}

static void on_down(void *owner)
{
    (void)owner;
    log_warn("lose dispatcher; screens show it");
}

static void on_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct console *console = owner;
    struct waiter waiter;
    console->heard_ms = clock_mono_ms();
    if (waiting_take(&console->waiting, WAIT_OUTCOME, ticket, &waiter) ||
        waiting_take(&console->waiting, WAIT_LISTEN, ticket, &waiter))
        api_outcome(console, &waiter, outcome);
    else if (waiting_take(&console->waiting, WAIT_EXPORT, ticket, &waiter))
        export_outcome(console, &waiter, outcome);
    else if (waiting_take(&console->waiting, WAIT_PRINT, ticket, &waiter))
        print_outcome(console, &waiter, outcome);
    else if (waiting_take(&console->waiting, WAIT_ATTACH, ticket, &waiter))
        attach_outcome(console, &waiter, outcome);
    else if (waiting_take(&console->waiting, WAIT_LOOK, ticket, &waiter))
        attach_looked(console, &waiter, outcome);
    else if (waiting_take(&console->waiting, WAIT_AML, ticket, &waiter))
        aml_outcome(console, &waiter, outcome);
    else if (waiting_take(&console->waiting, WAIT_VISIT, ticket, &waiter))
        citizen_outcome(console, &waiter, outcome);
}

static void on_signed_in(void *owner, const struct signed_in *signed_in)
{
    struct console *console = owner;
    struct waiter waiter;
    console->heard_ms = clock_mono_ms();
    if (waiting_take(&console->waiting, WAIT_SIGN_IN, signed_in->id, &waiter) ||
        waiting_take(&console->waiting, WAIT_PROVE, signed_in->id, &waiter))
        sign_in_answered(console, &waiter, signed_in);
}

static void on_reply(void *owner, uint64_t id, const struct answer *answer)
{
    struct console *console = owner;
    struct waiter waiter;
    console->heard_ms = clock_mono_ms();
    if (history_take(console->history, console->link, id, answer))
        return;
    if (waiting_take(&console->waiting, WAIT_REPLY, id, &waiter))
        api_reply(console, &waiter, answer);
}

static void on_event(void *owner, uint64_t epoch, uint64_t seq, const struct stored_event *row)
{
    struct console *console = owner;
    (void)seq;
    console->heard_ms = clock_mono_ms();
    console->epoch = epoch;
    if (!row || console->status != 0)
        return;
    int status = replica_take(console->replica, epoch, row);
    if (status < 0)
        stop_for(console, status);
}

static const struct link_handlers link_handlers = {
    .up = on_up,
    .down = on_down,
    .outcome = on_outcome,
    .reply = on_reply,
    .signed_in = on_signed_in,
    .event = on_event,
};

/* A person's row changed: what is signed in follows at once. */
static void follow_row(struct console *console, struct session *session, const struct user_row *row)
{
    if (row->retired)
        console_drop_session(console, session, SCREEN_CLOSE_NOT_SIGNED_IN);
    else if (session->user.roles != row->roles || session->user.department != row->department)
        console_drop_session(console, session, SCREEN_CLOSE_FORBIDDEN);
    else
        session->user = *row;
}

/* Whose sessions the event may end; 0: nobody's. */
static uint32_t user_of(const struct console *console, const struct event *event)
{
    if (event->kind == EVENT_USER_DEFINED)
        return event->user_defined.row.user;
    if (event->kind == EVENT_SESSION_CLOSED)
        return event->session_closed.user;
    bool elsewhere = event->kind == EVENT_SESSION_OPENED &&
                     strcmp(event->session_opened.via, console->name) != 0;
    return elsewhere ? event->session_opened.user : 0;
}

/* Whoever signed out, wherever that was, is signed out here; a taker who sits down elsewhere sits there alone. The
 * answer to a newer sign-in may have come before this event. */
static void follow(struct console *console, struct session *session, const struct event *event)
{
    if (event->kind == EVENT_USER_DEFINED)
        follow_row(console, session, &event->user_defined.row);
    else if (session->since_ms > event->at_ms)
        return;
    else if (event->kind == EVENT_SESSION_CLOSED)
        console_drop_session(console, session, SCREEN_CLOSE_NOT_SIGNED_IN);
    else if ((session->user.roles & ROLES_TAKER) != 0)
        console_drop_session(console, session, SCREEN_CLOSE_TAKEN_OVER);
}

static void on_applied(void *owner, const struct event *event)
{
    struct console *console = owner;
    if (event->kind == EVENT_PARAMETER_CHANGED &&
        event->parameter_changed.parameter == PARAMETER_LOCK_IDLE_MS)
        console->idle_ms = event->parameter_changed.value;
    uint32_t user = user_of(console, event);
    if (user == 0)
        return;
    for (struct session *session = sessions_next(console->sessions, NULL); session;) {
        struct session *next = sessions_next(console->sessions, session);
        if (session->user.user == user)
            follow(console, session, event);
        session = next;
    }
}

static void on_link_timer(uv_timer_t *timer)
{
    (void)timer; /* waking is all: turn_link() runs before the loop sleeps again */
}

/* The tables have moved on. */
static void show_change(struct console *console)
{
    struct waiter waiter;
    viewer_notice_all(console, false);
    while (waiting_take_seen(&console->waiting, replica_seq(console->replica), &waiter))
        citizen_seen(&waiter);
}

static void turn_link(struct console *console)
{
    uint64_t before = replica_seq(console->replica);
    uint64_t wait_ms = 0;
    if (console->status == 0)
        wait_ms = (uint64_t)link_turn(console->link, clock_mono_ms());
    int status = console->status == 0 ? replica_flush(console->replica) : 0;
    if (status < 0)
        stop_for(console, status);
    if (replica_seq(console->replica) != before)
        show_change(console);
    if (console->status == 0)
        (void)uv_timer_start(&console->link_timer, on_link_timer, wait_ms, 0);
}

static void on_link_readable(uv_poll_t *poll, int status, int events)
{
    (void)poll, (void)status, (void)events;
}

static void before_sleep(uv_prepare_t *prepare)
{
    turn_link(prepare->data);
}

/* ------------------------------------------------------------------------------------- loop */

static void give_up_late(struct console *console)
{
    struct waiter waiter;
    while (waiting_take_late(&console->waiting, clock_mono_ms(), &waiter))
        api_late(console, &waiter);
}

static void on_beat(uv_timer_t *timer)
{
    struct console *console = timer->data;
    minder_alive(clock_mono_ms());
    give_up_late(console);
    sign_in_lock_idle(console);
    if (console_is_up(console))
        history_turn(console->history, console->link, clock_mono_ms());
    viewer_notice_all(console, true);
}

/* Looks again and again whether the last socket is gone. */
static void on_drain(uv_timer_t *timer)
{
    struct console *console = timer->data;
    struct http_counts counts;
    http_count(console->http, &counts);
    if (counts.sockets == 0 || clock_mono_ms() >= console->drain_until_ms)
        uv_stop(&console->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct console *console = signal->data;
    log_info("drain signal=%d", number);
    if (console->draining) {
        uv_stop(&console->loop);
        return;
    }
    console->draining = true;
    viewer_end_all(console, NULL, SCREEN_CLOSE_COME_AGAIN);
    console->drain_until_ms = clock_mono_ms() + CONSOLE_DRAIN_MS;
    (void)uv_timer_start(&console->drain_timer, on_drain, CONSOLE_DRAIN_STEP_MS,
                         CONSOLE_DRAIN_STEP_MS);
}

static void on_request(void *owner, struct exchange *exchange, const struct request *request)
{
    if (citizen_has_path(request->path))
        citizen_request(owner, exchange, request);
    else
        api_request(owner, exchange, request);
}

static unsigned on_admits(void *owner, const struct request *request)
{
    return attach_admits(owner, request);
}

static void on_gone(void *owner, struct exchange *exchange)
{
    struct console *console = owner;
    waiting_forget(&console->waiting, exchange, NULL);
    export_forget(&console->exports, exchange);
    prints_forget(&console->prints, exchange);
    attach_forget(&console->attachings, exchange);
}

static struct screen *on_opened(void *owner, struct peer *peer, const struct request *request,
                                enum screen_close *code)
{
    return viewer_open(owner, peer, request, code);
}

static void on_closed(void *owner, struct screen *screen)
{
    viewer_close(owner, screen);
}

static void on_stand(void *owner, struct standing *standing)
{
    console_stand(owner, standing);
}

static const struct http_handlers http_handlers = {
    .request = on_request,
    .admits = on_admits,
    .gone = on_gone,
    .opened = on_opened,
    .closed = on_closed,
    .stand = on_stand,
};

static void write_figures(void *owner, struct text *text)
{
    figures_write(owner, text);
}

static void on_metrics_readable(uv_poll_t *poll, int status, int events)
{
    struct console *console = poll->data;
    (void)status, (void)events;
    metrics_turn(console->metrics);
}

static int open_metrics(struct console *console, uint16_t port)
{
    if (port == 0)
        return 0;
    int status = metrics_open(&console->metrics, port, write_figures, console);
    if (status < 0) {
        log_error("listen failed address=127.0.0.1 port=%u (metrics) error=%s", port,
                  strerror(-status));
        return status;
    }
    REQUIRE(uv_poll_init(&console->loop, &console->metrics_poll, metrics_fd(console->metrics)) ==
            0);
    console->metrics_poll.data = console;
    REQUIRE(uv_poll_start(&console->metrics_poll, UV_READABLE, on_metrics_readable) == 0);
    return 0;
}

static void open_loop(struct console *console)
{
    uv_loop_t *loop = &console->loop;
    REQUIRE(uv_loop_init(loop) == 0);
    REQUIRE(uv_prepare_init(loop, &console->link_prepare) == 0);
    REQUIRE(uv_timer_init(loop, &console->link_timer) == 0);
    REQUIRE(uv_timer_init(loop, &console->beat_timer) == 0);
    REQUIRE(uv_timer_init(loop, &console->drain_timer) == 0);
    console->link_prepare.data = console->link_timer.data = console;
    console->beat_timer.data = console->drain_timer.data = console;
    static const int numbers[2] = { SIGTERM, SIGINT };
    for (unsigned i = 0; i < 2; i++) {
        REQUIRE(uv_signal_init(loop, &console->signals[i]) == 0);
        console->signals[i].data = console;
        REQUIRE(uv_signal_start(&console->signals[i], on_signal, numbers[i]) == 0);
    }
}

static int open_link(struct console *console, const struct console_options *options)
{
    struct link_settings settings = options->link;
    settings.subscribe = true;
    settings.after = replica_seq(console->replica);
    int status = link_open(&console->link, &settings, &link_handlers, console);
    if (status < 0) {
        log_error("open link failed endpoint=%s error=%s", settings.endpoint, strerror(-status));
        return status;
    }
    REQUIRE(uv_poll_init(&console->loop, &console->link_poll, link_fd(console->link)) == 0);
    REQUIRE(uv_poll_start(&console->link_poll, UV_READABLE, on_link_readable) == 0);
    REQUIRE(uv_prepare_start(&console->link_prepare, before_sleep) == 0);
    REQUIRE(uv_timer_start(&console->link_timer, on_link_timer, 0, 0) == 0);
    REQUIRE(uv_timer_start(&console->beat_timer, on_beat, CONSOLE_BEAT_MS, CONSOLE_BEAT_MS) == 0);
    return 0;
}

/* A city without a map of its own is shown as a grid. */
static int open_map(struct console *console)
{
    char path[CONSOLE_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/city/map.geojson", console->home);
    int status = page_open(&console->map, path, "/api/v1/map");
    if (status == -ENOENT)
        return 0;
    if (status < 0)
        log_error("read map failed file=%s error=%s", path, strerror(-status));
    return status;
}

static int open_stores(struct console *console, const struct console_options *options)
{
    int status = pages_open(&console->pages, options->web);
    if (status < 0) {
        log_error("read pages failed folder=%s error=%s; give the folder with --web DIR",
                  options->web, strerror(-status));
        return status;
    }
    status = open_map(console);
    if (status == 0)
        status = history_open(&console->history, options->home, options->name);
    if (status == 0)
        status = dictionary_open(&console->dictionary, console->pages);
    if (status < 0)
        return status;
    console->citizens = citizens_open(options->web);
    if (!console->citizens)
        return -EINVAL;
    console->sessions = sessions_create();
    if (!console->sessions)
        return -ENOMEM;
    status = replica_open(&console->replica, options->home, options->name, on_applied, console);
    if (status < 0)
        log_error("open replica failed folder=%s/%s/views error=%s", options->home, options->name,
                  strerror(-status));
    return status;
}

/* How long a screen may stand untouched, as the city has it. */
static void read_idle(struct console *console)
{
    struct query query = { .kind = QUERY_STATUS };
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    console->idle_ms = console->answer.kind == ANSWER_STATUS && console->answer.status.lock_idle_ms
                           ? console->answer.status.lock_idle_ms
                           : CONSOLE_IDLE_MS;
}

int console_open(struct console *console, const struct console_options *options)
{
    *console = (struct console){ .name = options->name, .home = options->home };
    console->oidc = options->oidc;
    console->suite = options->suite ? options->suite : suite_default();
    throttle_begin(&console->leavings, CONSOLE_LEAVINGS, CONSOLE_LEAVING_REGAIN_MS);
    console->heard_ms = clock_mono_ms();
    open_loop(console);
    int status = aml_senders_read(&console->aml_senders, options->home);
    if (status == 0)
        status = open_stores(console, options);
    if (status == 0)
        read_idle(console);
    if (status == 0)
        status = open_link(console, options);
    if (status < 0)
        return status;
    struct http_settings settings = {
        .address = options->address,
        .port = options->port,
        .certificate = options->certificate,
        .key = options->key,
        .loop = &console->loop,
    };
    status = http_open(&console->http, &settings, &http_handlers, console);
    if (status < 0)
        log_error("listen failed address=%s port=%u; is another server there?", options->address,
                  options->port);
    else
        log_info("serve address=%s port=%u pages=%u seq=%llu", options->address, options->port,
                 pages_count(console->pages), (unsigned long long)replica_seq(console->replica));
    return status < 0 ? status : open_metrics(console, options->metrics_port);
}

int console_run(struct console *console)
{
    minder_ready();
    (void)uv_run(&console->loop, UV_RUN_DEFAULT);
    if (console->status == -EBADMSG) {
        int status = replica_put_aside(console->replica, clock_wall_ms());
        console->replica = NULL;
        if (status < 0)
            log_error("put replica aside failed error=%s", strerror(-status));
    }
    return console->status;
}

static void close_handle(uv_handle_t *handle, void *owner)
{
    (void)owner;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void console_close(struct console *console)
{
    http_close(console->http);
    for (int i = 0; i < 100 && uv_run(&console->loop, UV_RUN_NOWAIT) != 0; i++)
        if (i == 50) /* what is left is ours */
            uv_walk(&console->loop, close_handle, NULL);
    (void)uv_loop_close(&console->loop);
    metrics_close(console->metrics);
    link_close(console->link);
    replica_close(console->replica);
    sessions_destroy(console->sessions);
    exports_close(&console->exports);
    prints_close(&console->prints);
    dictionary_close(console->dictionary);
    citizens_close(console->citizens);
    history_close(console->history);
    pages_close(console->pages);
    page_close(&console->map);
}
