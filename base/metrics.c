/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    REQUEST_BYTES = 2048,
    ANSWER_BYTES = METRICS_TEXT_BYTES + 256,
    ACCEPTS_PER_TURN = 16
};

struct connection {
    int fd; /* -1: free */
    uint64_t number;
    size_t have; /* request bytes */
    size_t size; /* answer bytes, 0 while the request is being read */
    size_t sent;
    char request[REQUEST_BYTES + 1];
    char answer[ANSWER_BYTES];
};

struct metrics {
    int listener;
    int epoll;
    uint64_t accepted;
    metrics_write *write;
    void *owner;
    struct connection connections[METRICS_CONNECTIONS];
    char body[METRICS_TEXT_BYTES];
};

static int watch(struct metrics *metrics, int operation, int fd, uint32_t events, uint64_t number)
{
    struct epoll_event event = { .events = events, .data.u64 = number };
    return epoll_ctl(metrics->epoll, operation, fd, &event);
}

static int listen_on(struct metrics *metrics, uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    metrics->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (metrics->listener < 0)
        return -errno;
    (void)setsockopt(metrics->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(metrics->listener, (const struct sockaddr *)&address, sizeof address) < 0 ||
        listen(metrics->listener, METRICS_CONNECTIONS) < 0)
        return -errno;
    metrics->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (metrics->epoll < 0 ||
        watch(metrics, EPOLL_CTL_ADD, metrics->listener, EPOLLIN, METRICS_CONNECTIONS) < 0)
        return -errno;
    return 0;
}

int metrics_open(struct metrics **metrics, uint16_t port, metrics_write *write, void *owner)
{
    struct metrics *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->listener = fresh->epoll = -1;
    fresh->write = write;
    fresh->owner = owner;
    for (unsigned i = 0; i < METRICS_CONNECTIONS; i++)
        fresh->connections[i].fd = -1;
    int status = listen_on(fresh, port);
    if (status < 0) {
        metrics_close(fresh);
        return status;
    }
    *metrics = fresh;
    return 0;
}

static void drop(struct connection *connection)
{
    (void)close(connection->fd);
    connection->fd = -1;
}

void metrics_close(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (unsigned i = 0; i < METRICS_CONNECTIONS; i++)
        if (metrics->connections[i].fd >= 0)
            drop(&metrics->connections[i]);
    if (metrics->listener >= 0)
        (void)close(metrics->listener);
    if (metrics->epoll >= 0)
        (void)close(metrics->epoll);
    free(metrics);
}

int metrics_fd(const struct metrics *metrics)
{
    return metrics->epoll;
}

/* A free place, or that of the oldest connection. */
static struct connection *place(struct metrics *metrics)
{
    struct connection *oldest = &metrics->connections[0];
    for (unsigned i = 0; i < METRICS_CONNECTIONS; i++) {
        struct connection *connection = &metrics->connections[i];
        if (connection->fd < 0)
            return connection;
        if (connection->number < oldest->number)
            oldest = connection;
    }
    drop(oldest);
    return oldest;
}

static void accept_some(struct metrics *metrics)
{
    for (unsigned i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = accept4(metrics->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct connection *connection = place(metrics);
        connection->fd = fd;
        connection->number = ++metrics->accepted;
        connection->have = connection->size = connection->sent = 0;
        uint64_t slot = (uint64_t)(connection - metrics->connections);
        if (watch(metrics, EPOLL_CTL_ADD, fd, EPOLLIN, slot) < 0)
            drop(connection);
    }
}

static void answer(struct metrics *metrics, struct connection *connection)
{
    struct text body = text_into(metrics->body, sizeof metrics->body);
    const char *status = "200 OK", *request = connection->request;
    if (strncmp(request, "GET /metrics ", 13) == 0) {
        metrics->write(metrics->owner, &body);
    } else if (strncmp(request, "GET /healthz ", 13) == 0) {
        text_add(&body, "ok\n");
    } else {
        status = "404 Not Found";
        text_add(&body, "only /metrics and /healthz\n");
    }
    int size = snprintf(connection->answer, sizeof connection->answer,
                        "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        status, body.length, body.bytes);
    connection->size = (size_t)size;
}

/* Returns false when the connection has ended. */
static bool read_request(struct metrics *metrics, struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->request + connection->have,
                       REQUEST_BYTES - connection->have, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    connection->have += (size_t)got;
    connection->request[connection->have] = 0;
    if (strstr(connection->request, "\r\n\r\n"))
        answer(metrics, connection);
    else if (connection->have == REQUEST_BYTES)
        return false;
    return true;
}

static bool send_answer(struct connection *connection)
{
    ssize_t sent = send(connection->fd, connection->answer + connection->sent,
                        connection->size - connection->sent, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    connection->sent += (size_t)sent;
    return connection->sent < connection->size;
}

static void serve(struct metrics *metrics, uint64_t slot)
{
    struct connection *connection = &metrics->connections[slot];
    if (connection->fd < 0)
        return;
    bool alive = connection->size > 0 || read_request(metrics, connection);
    if (alive && connection->size > 0)
        alive = send_answer(connection) &&
                watch(metrics, EPOLL_CTL_MOD, connection->fd, EPOLLOUT, slot) == 0;
    if (!alive)
        drop(connection);
}

void metrics_turn(struct metrics *metrics)
{
    struct epoll_event events[METRICS_CONNECTIONS + 1];
    int count = epoll_wait(metrics->epoll, events, METRICS_CONNECTIONS + 1, 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == METRICS_CONNECTIONS)
            accept_some(metrics);
        else
            serve(metrics, events[i].data.u64);
    }
}

static void write_line(struct text *text, const char *type, const char *name, const char *help,
                       const char *labels, uint64_t value)
{
    if (help)
        text_print(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    if (labels)
        text_print(text, "%s{%s} %" PRIu64 "\n", name, labels, value);
    else
        text_print(text, "%s %" PRIu64 "\n", name, value);
}

void metrics_counter(struct text *text, const char *name, const char *help, const char *labels,
                     uint64_t value)
{
    write_line(text, "counter", name, help, labels, value);
}

void metrics_gauge(struct text *text, const char *name, const char *help, const char *labels,
                   uint64_t value)
{
    write_line(text, "gauge", name, help, labels, value);
}
