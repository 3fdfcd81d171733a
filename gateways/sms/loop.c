/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/minder.h"
#include "base/signals.h"
#include "gateways/link/tls.h"
#include "gateways/sms/callers.h"
#include "gateways/sms/figures.h"
#include "gateways/sms/socket.h"
#include "gateways/sms/syncer.h"

_Static_assert((int)EXCHANGE_FILES <= (int)SYNCER_FILES_MAX &&
                   (int)EXCHANGE_KEPT_FILES <= (int)SYNCER_FILES_MAX,
               "all files at once");

enum {
    EVENTS_MAX = 64,
    STOP_MS = 3000, /* for the centres' answers to our unbind */
    READS_MAX = 8   /* reads of a centre in one turn: the others and the link have their turn too */
};

struct loop {
    const struct loop_settings *settings;
    int epoll;
    int signals;
    struct exchange *exchange;
    struct link *link;
    struct metrics *metrics;
    struct syncer *syncer;
    struct syncer *keeper; /* of what is kept for the trail: nobody waits for that */
    uint64_t keeper_ms;    /* its next run */
    int kept[EXCHANGE_KEPT_FILES];
    unsigned kept_count;
    int files_error;  /* of a file that cannot be written: the loop ends */
    uint64_t stop_ms; /* give up waiting then; 0: running */
    struct log_limit connect_limit, tls_limit;
    int listeners[PIECE_CENTRES_MAX]; /* -1: none */
    struct callers *callers;
    struct tls *tls[PIECE_CENTRES_MAX];
    bool connect_failed[PIECE_BINDS_MAX];
    struct socket binds[PIECE_BINDS_MAX];
};

static int watch(struct loop *loop, int fd, uint32_t events, int operation)
{
    struct epoll_event event = { .events = events, .data.fd = fd };

    return epoll_ctl(loop->epoll, operation, fd, &event) == 0 ? 0 : -errno;
}

static void clock_tell(struct loop *loop)
{
    exchange_clock(loop->exchange, clock_mono_ms(), clock_wall_ms());
}

/* ----------------------------------------------------------------------------------- the files */

/* What was written to the centres waits for the disk; what comes meanwhile waits for the next run. */
static void files_sync(struct loop *loop)
{
    struct unsynced files[EXCHANGE_FILES];

    if (syncer_is_busy(loop->syncer) || loop->files_error != 0)
        return;
    int count = exchange_unsynced(loop->exchange, files);
    loop->files_error = count < 0 ? count : 0;
    if (count < 0)
        return;
    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++) {
        socket_cover(&loop->binds[i]);
        if (count == 0)
            socket_release(&loop->binds[i]);
    }
    if (count > 0)
        syncer_begin(loop->syncer, files, (unsigned)count);
}

static void files_synced(struct loop *loop, bool wait)
{
    int status = syncer_is_busy(loop->syncer) ? syncer_end(loop->syncer, wait) : -EAGAIN;

    if (status == -EAGAIN)
        return;
    loop->files_error = status;
    if (status != 0)
        return;
    exchange_synced(loop->exchange);
    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++)
        socket_release(&loop->binds[i]);
}

/* A minute's octets take long on a busy disk, and somebody in danger may be waiting for the loop. */
static void kept_sync(struct loop *loop)
{
    if (syncer_is_busy(loop->keeper) || clock_mono_ms() < loop->keeper_ms)
        return;
    loop->keeper_ms = clock_mono_ms() + EXCHANGE_TIDY_MS;
    loop->kept_count = exchange_kept(loop->exchange, loop->kept);
    struct unsynced files[EXCHANGE_KEPT_FILES];
    for (unsigned i = 0; i < loop->kept_count; i++)
        files[i] = (struct unsynced){ .fd = loop->kept[i] };
    if (loop->kept_count > 0)
        syncer_begin(loop->keeper, files, loop->kept_count);
}

static void kept_synced(struct loop *loop, bool wait)
{
    int status = syncer_is_busy(loop->keeper) ? syncer_end(loop->keeper, wait) : -EAGAIN;

    if (status == -EAGAIN)
        return;
    while (loop->kept_count > 0)
        (void)close(loop->kept[--loop->kept_count]);
    if (status == 0)
        return;
    exchange_not_kept(loop->exchange);
    log_error("original PDUs cannot be synced: %s", strerror(-status));
}

/* ---------------------------------------------------------------------- the way to the centres */

static const struct centre_settings *centre_of(const struct loop *loop, uint32_t bind)
{
    return centres_bind(exchange_centres(loop->exchange), bind)->centre;
}

static bool wants_tls(const struct centre_settings *centre)
{
    return strcmp(centre->tls, "yes") == 0;
}

/* Of a centre that wants it, the authorities are read again at each try until they can be: it is down
 * meanwhile, never called in the clear, and the others are not held up. */
static int tls_prepare(struct loop *loop, uint32_t index)
{
    const struct centre_settings *centre = &loop->settings->sms.centres[index];
    struct tls_settings settings = {
        .ca = centre->tls_ca,
        .name = centre->tls_name[0] != '\0' ? centre->tls_name : centre->host,
    };

    if (!wants_tls(centre) || loop->tls[index])
        return 0;
    int status = tls_open(&loop->tls[index], &settings);
    if (status != 0 && log_allowed(&loop->tls_limit))
        log_error("%s is not called: its authorities cannot be read from %s: %s", centre->name,
                  centre->tls_ca, strerror(-status));
    return status;
}

static void bind_connect(void *owner, uint32_t bind)
{
    struct loop *loop = owner;
    const struct session *session = centres_bind(exchange_centres(loop->exchange), bind);
    const struct centre_settings *centre = session->centre;

    if (tls_prepare(loop, session->centre_index) != 0) {
        loop->connect_failed[bind] = true;
        return;
    }
    int status = socket_connect(&loop->binds[bind], centre->host, centre->port,
                                loop->tls[session->centre_index]);
    if (status == 0)
        status = watch(loop, loop->binds[bind].fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    if (status == 0)
        return;
    loop->connect_failed[bind] = true; /* told to the session outside this call */
    if (log_allowed(&loop->connect_limit))
        log_warn("%s (%s:%u) cannot be connected: %s", centre->name, centre->host,
                 (unsigned)centre->port, strerror(-status));
}

static void bind_close(void *owner, uint32_t bind)
{
    struct loop *loop = owner;
    struct socket *socket = &loop->binds[bind];

    if (socket->out_count > socket->out_free) {
        files_synced(loop, true);
        files_sync(loop);
        files_synced(loop, true);
    }
    if (socket->fd >= 0)
        socket_flush(socket); /* the last word, as far as it goes */
    socket_close(socket);
}

static void bind_write(void *owner, uint32_t bind, const uint8_t *bytes, size_t length)
{
    struct loop *loop = owner;

    socket_write(&loop->binds[bind], bytes, length);
}

static const struct exchange_port port = {
    .connect = bind_connect,
    .close = bind_close,
    .write = bind_write,
};

static void bind_bytes(struct loop *loop, uint32_t bind)
{
    struct socket *socket = &loop->binds[bind];

    for (int reads = 0; (reads < READS_MAX || socket_pending(socket)) && socket->fd >= 0; reads++) {
        int status = socket_read(socket);

        if (status == -EAGAIN)
            return;
        if (status != 0) {
            exchange_lost(loop->exchange, bind);
            return;
        }
        size_t taken = exchange_bytes(loop->exchange, bind, socket->in, socket->in_count);
        if (socket->fd >= 0)
            socket_taken(socket, taken);
    }
}

static void bind_turn(struct loop *loop, uint32_t bind, uint32_t events)
{
    struct socket *socket = &loop->binds[bind];

    clock_tell(loop);
    if (socket->connecting) {
        int status = socket_finish(socket);

        if (status == -EAGAIN) {
            (void)watch(loop, socket->fd, socket_wants_write(socket) ? EPOLLOUT : EPOLLIN,
                        EPOLL_CTL_MOD);
            return;
        }
        if (status == 0) {
            (void)watch(loop, socket->fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            exchange_connected(loop->exchange, bind);
            return;
        }
        if (log_allowed(&loop->connect_limit))
            log_warn("%s cannot be connected: %s", centre_of(loop, bind)->name, strerror(-status));
        exchange_lost(loop->exchange, bind);
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        bind_bytes(loop, bind);
}

/* Sends what waits and asks to be woken when the kernel takes more. */
static void bind_flush(struct loop *loop, uint32_t bind)
{
    struct socket *socket = &loop->binds[bind];

    if (socket->fd < 0 || socket->connecting || (socket->out_free == 0 && !socket->waits))
        return;
    socket_flush(socket);
    if (socket->broken) {
        exchange_lost(loop->exchange, bind);
        return;
    }
    bool waits = socket->out_free > 0;
    if (waits != socket->waits)
        (void)watch(loop, socket->fd, waits ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    socket->waits = waits;
}

/* A centre called, and is who it says; one that nobody waits for is hung up on. */
static void caller_take(struct loop *loop, uint32_t centre, int fd, struct tls_stream *stream)
{
    clock_tell(loop);
    uint16_t bind = exchange_accepted(loop->exchange, centre);

    if (bind == PIECE_BINDS_MAX) {
        tls_end(stream);
        (void)close(fd);
        return;
    }
    socket_adopt(&loop->binds[bind], fd, stream);
    bind_bytes(loop, bind); /* what it sent with its last word of TLS */
}

static void listener_turn(struct loop *loop, uint32_t centre)
{
    int fd = socket_accept(loop->listeners[centre]);

    if (fd < 0)
        return;
    if (watch(loop, fd, EPOLLIN, EPOLL_CTL_ADD) != 0)
        (void)close(fd);
    else if (callers_greet(loop->callers, centre))
        callers_add(loop->callers, centre, fd, clock_mono_ms());
    else
        caller_take(loop, centre, fd, NULL);
}

static void caller_turn(struct loop *loop, int fd)
{
    bool wants_write = false;
    struct tls_stream *stream = NULL;
    uint32_t centre = 0;

    switch (callers_turn(loop->callers, fd, &centre, &stream, &wants_write)) {
    case CALLER_GREETS:
        (void)watch(loop, fd, wants_write ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
        return;
    case CALLER_PROVED:
        (void)watch(loop, fd, EPOLLIN, EPOLL_CTL_MOD);
        caller_take(loop, centre, fd, stream);
        return;
    case CALLER_NONE:
    case CALLER_GONE:
        return;
    }
}

static int listeners_open(struct loop *loop)
{
    for (uint32_t i = 0; i < loop->settings->sms.centre_count; i++) {
        const struct centre_settings *centre = &loop->settings->sms.centres[i];

        if (centre->listen_port == 0 || callers_refuse(loop->callers, i))
            continue;
        int status =
            socket_listen(&loop->listeners[i], centre->listen_address, centre->listen_port);
        if (status == 0)
            status = watch(loop, loop->listeners[i], EPOLLIN, EPOLL_CTL_ADD);
        if (status != 0) {
            log_error("%s cannot be listened for at %s:%u: %s", centre->name,
                      centre->listen_address, (unsigned)centre->listen_port, strerror(-status));
            return status;
        }
    }
    return 0;
}

/* -------------------------------------------------------------------------------------- turns */

static void signal_turn(struct loop *loop)
{
    if (!signals_take(loop->signals) || loop->stop_ms != 0)
        return;
    log_info("stopping");
    loop->stop_ms = clock_mono_ms() + STOP_MS;
    clock_tell(loop);
    exchange_stop(loop->exchange);
}

static void event_turn(struct loop *loop, const struct epoll_event *event)
{
    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++) {
        if (loop->binds[i].fd == event->data.fd) {
            bind_turn(loop, i, event->events);
            return;
        }
    }
    for (uint32_t i = 0; i < PIECE_CENTRES_MAX; i++)
        if (loop->listeners[i] == event->data.fd)
            listener_turn(loop, i);
    caller_turn(loop, event->data.fd);
    if (event->data.fd == loop->signals)
        signal_turn(loop);
    else if (loop->metrics && event->data.fd == metrics_fd(loop->metrics))
        metrics_turn(loop->metrics);
    else if (event->data.fd == syncer_fd(loop->syncer))
        files_synced(loop, false);
    else if (event->data.fd == syncer_fd(loop->keeper))
        kept_synced(loop, false);
}

/* What could not be begun is over at once. */
static bool failures_tell(struct loop *loop)
{
    bool any = false;

    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++) {
        if (!loop->connect_failed[i])
            continue;
        loop->connect_failed[i] = false;
        any = true;
        exchange_lost(loop->exchange, i);
    }
    return any;
}

static int loop_turn(struct loop *loop, uint64_t *wait_ms)
{
    clock_tell(loop);
    (void)link_turn(loop->link, clock_mono_ms());
    bool failed = failures_tell(loop);
    exchange_turn(loop->exchange, clock_mono_ms(), clock_wall_ms(), wait_ms);
    files_sync(loop);
    kept_sync(loop);
    int link_wait = link_turn(loop->link, clock_mono_ms());
    if (loop->files_error != 0) {
        log_error("a file of the gateway cannot be written: %s", strerror(-loop->files_error));
        return loop->files_error;
    }
    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++)
        bind_flush(loop, i);
    if (link_wait >= 0 && (uint64_t)link_wait < *wait_ms)
        *wait_ms = (uint64_t)link_wait;
    uint64_t callers_wait = callers_tick(loop->callers, clock_mono_ms());
    if (callers_wait < *wait_ms)
        *wait_ms = callers_wait;
    failed = failures_tell(loop) || failed;
    if (failed || exchange_is_stirred(loop->exchange))
        *wait_ms = 0;
    return 0;
}

static bool is_over(const struct loop *loop)
{
    return loop->stop_ms != 0 &&
           (exchange_is_over(loop->exchange) || clock_mono_ms() >= loop->stop_ms);
}

static int loop_serve(struct loop *loop)
{
    struct epoll_event events[EVENTS_MAX];

    minder_ready();
    while (!is_over(loop)) {
        uint64_t wait_ms = 0;
        minder_alive(clock_mono_ms());
        int status = loop_turn(loop, &wait_ms);

        if (status != 0)
            return status;
        if (loop->stop_ms != 0 && wait_ms > 100)
            wait_ms = 100;
        int count = epoll_wait(loop->epoll, events, EVENTS_MAX, (int)wait_ms);
        if (count < 0 && errno != EINTR)
            return -errno;
        for (int i = 0; i < count; i++)
            event_turn(loop, &events[i]);
    }
    return 0;
}

/* ------------------------------------------------------------------------------------ opening */

static int open_signals(struct loop *loop)
{
    loop->signals = signals_open(signals_ends);
    return loop->signals < 0 ? loop->signals : watch(loop, loop->signals, EPOLLIN, EPOLL_CTL_ADD);
}

static void tls_figures(const struct loop *loop, struct text *text)
{
    const char *words = "1 while this centre's certificates can be used";

    for (uint32_t i = 0; i < loop->settings->sms.centre_count; i++) {
        const struct centre_settings *centre = &loop->settings->sms.centres[i];
        bool calls = wants_tls(centre);
        char labels[64];

        if (!calls && strcmp(centre->listen_tls, "yes") != 0)
            continue;
        (void)snprintf(labels, sizeof labels, "centre=\"%s\"", centre->name);
        metrics_gauge(text, "yihao_sms_tls_usable", words, labels,
                      (!calls || loop->tls[i]) && !callers_refuse(loop->callers, i));
        words = NULL;
    }
}

static void figures(void *owner, struct text *text)
{
    const struct loop *loop = owner;
    struct exchange_counts counts;
    struct link_counts link;

    exchange_count(loop->exchange, &counts);
    link_count(loop->link, &link);
    figures_write(&counts, exchange_centres(loop->exchange), &link, link_is_up(loop->link), text);
    tls_figures(loop, text);
}

static int metrics_begin(struct loop *loop)
{
    uint16_t number = loop->settings->sms.metrics_port;
    int status = number == 0 ? 0 : metrics_open(&loop->metrics, number, figures, loop);

    if (status != 0)
        log_error("metrics port %u cannot be opened: %s", (unsigned)number, strerror(-status));
    if (status != 0 || !loop->metrics)
        return status;
    return watch(loop, metrics_fd(loop->metrics), EPOLLIN, EPOLL_CTL_ADD);
}

static int syncers_open(struct loop *loop)
{
    int status = syncer_open(&loop->syncer);

    if (status == 0)
        status = syncer_open(&loop->keeper);
    if (status == 0)
        status = watch(loop, syncer_fd(loop->syncer), EPOLLIN, EPOLL_CTL_ADD);
    return status == 0 ? watch(loop, syncer_fd(loop->keeper), EPOLLIN, EPOLL_CTL_ADD) : status;
}

static int loop_open(struct loop *loop)
{
    const struct loop_settings *settings = loop->settings;
    int status;

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return -errno;
    status = open_signals(loop);
    if (status == 0)
        status = syncers_open(loop);
    if (status == 0)
        status = exchange_open(&loop->exchange, &settings->exchange, &port, loop, clock_mono_ms(),
                               clock_wall_ms());
    if (status != 0) {
        log_error("%s cannot be opened: %s", settings->exchange.folder, strerror(-status));
        return status;
    }
    status = link_open(&loop->link, &settings->link, exchange_link_handlers(), loop->exchange);
    if (status != 0) {
        log_error("link cannot be opened: %s", strerror(-status));
        return status;
    }
    exchange_set_link(loop->exchange, loop->link);
    status = callers_open(&loop->callers, &settings->sms, settings->home);
    if (status == 0)
        status = listeners_open(loop);
    if (status != 0)
        return status;
    status = watch(loop, link_fd(loop->link), EPOLLIN, EPOLL_CTL_ADD);
    return status == 0 ? metrics_begin(loop) : status;
}

int loop_run(const struct loop_settings *settings)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (!loop)
        return -ENOMEM;
    loop->settings = settings;
    loop->epoll = -1;
    loop->signals = -1;
    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++)
        socket_init(&loop->binds[i]);
    for (uint32_t i = 0; i < PIECE_CENTRES_MAX; i++)
        loop->listeners[i] = -1;
    int status = loop_open(loop);
    if (status == 0)
        status = loop_serve(loop);
    metrics_close(loop->metrics);
    for (uint32_t i = 0; i < PIECE_BINDS_MAX; i++)
        socket_close(&loop->binds[i]);
    for (uint32_t i = 0; i < PIECE_CENTRES_MAX; i++) {
        tls_close(loop->tls[i]);
        if (loop->listeners[i] >= 0)
            (void)close(loop->listeners[i]);
    }
    callers_close(loop->callers);
    if (loop->link)
        link_close(loop->link);
    syncer_close(loop->syncer);
    if (loop->keeper)
        kept_synced(loop, true);
    syncer_close(loop->keeper);
    exchange_close(loop->exchange);
    if (loop->signals >= 0)
        (void)close(loop->signals);
    if (loop->epoll >= 0)
        (void)close(loop->epoll);
    free(loop);
    return status;
}
