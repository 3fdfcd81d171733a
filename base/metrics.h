/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * metrics: a program's counters for Prometheus, over HTTP on the loopback address. GET /metrics
 * (text exposition format 0.0.4) and GET /healthz, nothing else; one request a connection; at most
 * METRICS_CONNECTIONS at once, the oldest makes room. It runs on the owner's own epoll loop. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum {
    METRICS_CONNECTIONS = 8,
    METRICS_TEXT_BYTES = 65536
};

struct metrics;

/* Writes the current figures with metrics_counter() and metrics_gauge(). */
typedef void metrics_write(void *owner, struct text *text);

/* Listens on 127.0.0.1:port. Returns 0 and *metrics (close with metrics_close(), which accepts
 * NULL), or a negative errno. */
int metrics_open(struct metrics **metrics, uint16_t port, metrics_write *write, void *owner);
void metrics_close(struct metrics *metrics);

/* Readable when metrics_turn() has something to do. Never blocks. */
int metrics_fd(const struct metrics *metrics);
void metrics_turn(struct metrics *metrics);

/* One line; labels as in `cause="garbage"`, NULL for none. The HELP and TYPE lines are written when
 * help is not NULL: give it with the first line of a name. */
void metrics_counter(struct text *text, const char *name, const char *help, const char *labels,
                     uint64_t value);
void metrics_gauge(struct text *text, const char *name, const char *help, const char *labels,
                   uint64_t value);

#endif
