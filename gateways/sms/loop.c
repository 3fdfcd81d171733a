/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "gateways/sms/figures.h"
#include "gateways/sms/socket.h"

enum {
    EVENTS_MAX = 8,
    STOP_MS = 3000, /* for the centre's unbind_resp */
    READS_MAX = 8   /* reads of the centre in one turn: the link has its turn too */
};

struct loop {
    const struct loop_settings *settings;
    int epoll;
    int signals;
    struct exchange *exchange;
    struct link *link;
    struct metrics *metrics;
    uint64_t stop_ms; /* give up waiting then; 0: running */
    bool connect_failed;
    struct log_limit connect_limit;
    struct socket centre;
};

static int watch(struct loop *loop, int fd, uint32_t events, int operation)
{
    struct epoll_event event = { .events = events, .data.fd = fd };

    return epoll_ctl(loop->epoll, operation, fd, &event) == 0 ? 0 : -errno;
}

/* ------------------------------------------------------------------------ the way to the centre */

static void centre_connect(void *owner)
{
    struct loop *loop = owner;
    const struct sms_settings *sms = &loop->settings->sms;
    int status = socket_connect(&loop->centre, sms->centre_host, sms->centre_port);

    if (status == 0)
        status = watch(loop, loop->centre.fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    if (status == 0)
        return;
    loop->connect_failed = true; /* told to the session outside this call */
    if (log_allowed(&loop->connect_limit))
        log_warn("%s:%u cannot be connected: %s", sms->centre_host, (unsigned)sms->centre_port,
                 strerror(-status));
}

static void centre_close(void *owner)
{
    struct loop *loop = owner;

    if (loop->centre.fd >= 0)
        socket_flush(&loop->centre); /* the last word, as far as it goes */
    socket_close(&loop->centre);
}

static void centre_write(void *owner, const uint8_t *bytes, size_t length)
{
    struct loop *loop = owner;

    socket_write(&loop->centre, bytes, length);
}

static const struct exchange_port port = {
    .connect = centre_connect,
    .close = centre_close,
    .write = centre_write,
};

static void centre_lost(struct loop *loop)
{
    exchange_lost(loop->exchange, clock_mono_ms());
}

static void centre_bytes(struct loop *loop)
{
    for (int reads = 0; reads < READS_MAX && loop->centre.fd >= 0; reads++) {
        int status = socket_read(&loop->centre);

        if (status == -EAGAIN)
            return;
        if (status != 0) {
            centre_lost(loop);
            return;
        }
        size_t taken = exchange_bytes(loop->exchange, loop->centre.in, loop->centre.in_count,
                                      clock_mono_ms(), clock_wall_ms());
        if (loop->centre.fd >= 0)
            socket_taken(&loop->centre, taken);
    }
}

static void centre_turn(struct loop *loop, uint32_t events)
{
    struct socket *centre = &loop->centre;

    if (centre->connecting) {
        int status = socket_finish(centre);

        if (status != 0 && log_allowed(&loop->connect_limit))
            log_warn("message centre cannot be connected: %s", strerror(-status));
        if (status != 0) {
            centre_lost(loop);
            return;
        }
        exchange_connected(loop->exchange, clock_mono_ms());
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        centre_bytes(loop);
}

/* Sends what waits and asks to be woken when the kernel takes more. */
static void centre_flush(struct loop *loop)
{
    struct socket *centre = &loop->centre;

    if (centre->fd < 0 || centre->connecting)
        return;
    socket_flush(centre);
    if (centre->broken) {
        centre_lost(loop);
        return;
    }
    (void)watch(loop, centre->fd, centre->out_count > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN,
                EPOLL_CTL_MOD);
}

/* -------------------------------------------------------------------------------------- turns */

static void signal_turn(struct loop *loop)
{
    struct signalfd_siginfo signal;

    if (read(loop->signals, &signal, sizeof signal) != sizeof signal || loop->stop_ms != 0)
        return;
    log_info("stopping");
    loop->stop_ms = clock_mono_ms() + STOP_MS;
    exchange_stop(loop->exchange, clock_mono_ms());
}

static void event_turn(struct loop *loop, const struct epoll_event *event)
{
    if (event->data.fd == loop->centre.fd)
        centre_turn(loop, event->events);
    else if (event->data.fd == loop->signals)
        signal_turn(loop);
    else if (loop->metrics && event->data.fd == metrics_fd(loop->metrics))
        metrics_turn(loop->metrics);
}

static int loop_turn(struct loop *loop, uint64_t *wait_ms)
{
    exchange_clock(loop->exchange, clock_mono_ms(), clock_wall_ms());
    (void)link_turn(loop->link, clock_mono_ms());
    if (loop->connect_failed) {
        loop->connect_failed = false;
        centre_lost(loop);
    }
    int status = exchange_turn(loop->exchange, clock_mono_ms(), clock_wall_ms(), wait_ms);
    if (status != 0)
        return status;
    centre_flush(loop);
    int link_wait = link_turn(loop->link, clock_mono_ms());
    if (link_wait >= 0 && (uint64_t)link_wait < *wait_ms)
        *wait_ms = (uint64_t)link_wait;
    if (loop->connect_failed || exchange_is_stirred(loop->exchange))
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

    while (!is_over(loop)) {
        uint64_t wait_ms = 0;
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

static int signals_open(struct loop *loop)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -errno;
    loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return loop->signals < 0 ? -errno : watch(loop, loop->signals, EPOLLIN, EPOLL_CTL_ADD);
}

static void figures(void *owner, struct text *text)
{
    const struct loop *loop = owner;
    struct exchange_counts counts;
    struct link_counts link;

    exchange_count(loop->exchange, &counts);
    link_count(loop->link, &link);
    figures_write(&counts, &link, link_is_up(loop->link), text);
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

static int loop_open(struct loop *loop)
{
    const struct loop_settings *settings = loop->settings;
    int status;

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return -errno;
    status = signals_open(loop);
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
    socket_init(&loop->centre);
    int status = loop_open(loop);
    if (status == 0)
        status = loop_serve(loop);
    metrics_close(loop->metrics);
    socket_close(&loop->centre);
    if (loop->link)
        link_close(loop->link);
    exchange_close(loop->exchange);
    if (loop->signals >= 0)
        (void)close(loop->signals);
    if (loop->epoll >= 0)
        (void)close(loop->epoll);
    free(loop);
    return status;
}
