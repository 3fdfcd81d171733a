/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/arbiter/arbiter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/folder.h"
#include "base/log.h"
#include "base/metrics.h"
#include "dispatcher/io/curve_socket.h"
#include "dispatcher/io/zap.h"

enum {
    ROUTE_BYTES = 5,
    FILE_BYTES = RULING_BYTES, /* the mandate is kept as the ruling that it is */
    PLEAS_AT_ONCE = 64
};

struct arbiter {
    void *context, *socket;
    struct zap *zap;
    const char *folder;
    struct mandate mandate;
    uint64_t heard[PLEA_KINDS], refused, strangers;
    struct log_limit log_strangers;
};

/* ---- what is kept -------------------------------------------------------------------------- */

static int keep(const struct arbiter *arbiter, const struct mandate *mandate)
{
    uint8_t bytes[FILE_BYTES];
    struct ruling ruling = {
        .plea = { PLEA_ASK, mandate->term, mandate->epoch, mandate->number, { 0 } },
        .verdict = RULING_GRANTED,
        .alone = mandate->alone
    };
    memcpy(ruling.plea.name, mandate->holder, sizeof ruling.plea.name);
    ruling_write(bytes, &ruling);
    return folder_write_file(arbiter->folder, "mandate", bytes, sizeof bytes, 0600);
}

static int recall(struct arbiter *arbiter)
{
    uint8_t bytes[FILE_BYTES + 1];
    struct ruling ruling;
    int size = folder_read_file(arbiter->folder, "mandate", bytes, sizeof bytes);
    if (size == -ENOENT)
        return 0; /* nobody ever led */
    if (size < 0)
        return size;
    if (!ruling_read(bytes, (size_t)size, &ruling))
        return -EBADMSG;
    arbiter->mandate = (struct mandate){ .term = ruling.plea.term,
                                         .alone = ruling.alone,
                                         .epoch = ruling.plea.epoch,
                                         .number = ruling.plea.number };
    memcpy(arbiter->mandate.holder, ruling.plea.name, sizeof arbiter->mandate.holder);
    return 0;
}

/* ---- pleas --------------------------------------------------------------------------------- */

static bool is_dispatchers(const char *name)
{
    return name && (strcmp(name, "dispatcher") == 0 || strcmp(name, "standby") == 0);
}

/* Takes one plea; -EAGAIN when none waits, -ENOMSG for what is none. */
static int take_plea(struct arbiter *arbiter, uint8_t route[ROUTE_BYTES], struct plea *plea)
{
    uint8_t from[256], bytes[PLEA_BYTES];
    int route_size = zmq_recv(arbiter->socket, from, sizeof from, ZMQ_DONTWAIT);
    if (route_size < 0)
        return -EAGAIN;
    zmq_msg_t frame;
    (void)zmq_msg_init(&frame);
    int size = zmq_msg_recv(&frame, arbiter->socket, ZMQ_DONTWAIT);
    const char *name = size >= 0 ? zmq_msg_gets(&frame, "User-Id") : NULL;
    bool good = size == PLEA_BYTES && !zmq_msg_more(&frame) && route_size == ROUTE_BYTES &&
                is_dispatchers(name);
    if (good)
        memcpy(bytes, zmq_msg_data(&frame), sizeof bytes);
    while (size >= 0 && zmq_msg_more(&frame))
        size = zmq_msg_recv(&frame, arbiter->socket, ZMQ_DONTWAIT);
    (void)zmq_msg_close(&frame);
    if (!good || !plea_read(bytes, sizeof bytes, plea)) {
        arbiter->strangers++;
        if (log_allowed(&arbiter->log_strangers))
            log_warn("drop plea of=%s", name ? name : "?");
        return -ENOMSG;
    }
    memcpy(route, from, ROUTE_BYTES);
    return 0;
}

static void say(struct arbiter *arbiter, const uint8_t route[ROUTE_BYTES],
                const struct ruling *ruling)
{
    uint8_t bytes[RULING_BYTES];
    ruling_write(bytes, ruling);
    if (zmq_send(arbiter->socket, route, ROUTE_BYTES, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0)
        (void)zmq_send(arbiter->socket, bytes, sizeof bytes, ZMQ_DONTWAIT);
}

static int judge(struct arbiter *arbiter, const uint8_t route[ROUTE_BYTES], const struct plea *plea)
{
    struct mandate after = arbiter->mandate;
    struct ruling ruling;
    arbiter->heard[plea->kind]++;
    if (mandate_judge(&after, plea, &ruling)) {
        int status = keep(arbiter, &after);
        if (status < 0) {
            log_error("cannot keep the mandate folder=%s error=%s: ending", arbiter->folder,
                      strerror(-status));
            return status;
        }
        if (after.term != arbiter->mandate.term)
            log_warn("leads from now on: %s term=%llu%s", after.holder,
                     (unsigned long long)after.term,
                     plea->kind == PLEA_FORCE ? " by a person's word" : "");
        else
            log_info("%s goes on %s", after.holder, after.alone ? "alone" : "with its standby");
        arbiter->mandate = after;
    }
    arbiter->refused += ruling.verdict == RULING_REFUSED;
    say(arbiter, route, &ruling);
    return 0;
}

int arbiter_turn(struct arbiter *arbiter)
{
    uint8_t route[ROUTE_BYTES];
    struct plea plea;
    if (zap_is_stale(arbiter->zap))
        (void)zap_reload(arbiter->zap);
    for (int i = 0; i < PLEAS_AT_ONCE; i++) {
        int status = take_plea(arbiter, route, &plea);
        if (status == -EAGAIN)
            return 0;
        if (status == 0)
            status = judge(arbiter, route, &plea);
        else
            status = 0;
        if (status < 0)
            return status;
    }
    return 0;
}

void arbiter_figures(const struct arbiter *arbiter, struct text *text)
{
    static const char *const labels[PLEA_KINDS] = {
        [PLEA_ASK] = "plea=\"ask\"",           [PLEA_ALONE] = "plea=\"alone\"",
        [PLEA_TOGETHER] = "plea=\"together\"", [PLEA_LEAD] = "plea=\"lead\"",
        [PLEA_FORCE] = "plea=\"force\"",
    };
    metrics_gauge(text, "yihao_arbiter_term", "How often the leader changed.", NULL,
                  arbiter->mandate.term);
    metrics_gauge(text, "yihao_arbiter_alone",
                  "1 while the leader goes on alone and no standby may lead.", NULL,
                  arbiter->mandate.alone);
    for (int kind = PLEA_ASK; kind < PLEA_KINDS; kind++)
        metrics_counter(text, "yihao_arbiter_pleas_total", kind == PLEA_ASK ? "Pleas heard." : NULL,
                        labels[kind], arbiter->heard[kind]);
    metrics_counter(text, "yihao_arbiter_refused_total", "Pleas refused.", NULL, arbiter->refused);
    metrics_counter(text, "yihao_arbiter_strangers_total", "Messages that were none.", NULL,
                    arbiter->strangers);
}

/* ---- life ---------------------------------------------------------------------------------- */

static int bind_socket(struct arbiter *arbiter, const char *endpoint, const struct curve_keys *keys)
{
    void *socket = arbiter->socket = zmq_socket(arbiter->context, ZMQ_ROUTER);
    bool good = socket && curve_socket_serves(socket, keys);
    if (!good)
        return -EINVAL;
    return zmq_bind(socket, endpoint) < 0 ? -zmq_errno() : 0;
}

int arbiter_open(struct arbiter **arbiter, const char *home, const char *folder,
                 const char *endpoint, const struct curve_keys *keys)
{
    struct arbiter *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->folder = folder;
    int status = recall(fresh);
    if (status == 0) {
        fresh->context = zmq_ctx_new();
        status = fresh->context ? zap_open(&fresh->zap, fresh->context, home, NULL, NULL) : -ENOMEM;
    }
    if (status == 0)
        status = bind_socket(fresh, endpoint, keys);
    if (status < 0) {
        arbiter_close(fresh);
        return status;
    }
    log_info("arbiter endpoint=%s term=%llu leads=%s", endpoint,
             (unsigned long long)fresh->mandate.term,
             fresh->mandate.term ? fresh->mandate.holder : "nobody");
    *arbiter = fresh;
    return 0;
}

void arbiter_close(struct arbiter *arbiter)
{
    if (!arbiter)
        return;
    if (arbiter->socket)
        (void)zmq_close(arbiter->socket);
    if (arbiter->context)
        (void)zmq_ctx_shutdown(arbiter->context);
    zap_close(arbiter->zap);
    if (arbiter->context)
        (void)zmq_ctx_term(arbiter->context);
    free(arbiter);
}

int arbiter_fd(const struct arbiter *arbiter)
{
    int fd = -1;
    size_t size = sizeof fd;
    return zmq_getsockopt(arbiter->socket, ZMQ_FD, &fd, &size) == 0 ? fd : -1;
}
