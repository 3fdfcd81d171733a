/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attach: a picture or document that a department adds to its task, and who looks at it (proto/attachment.h).
 *
 * POST /api/v1/attach/TASK, the file as the body: its kind is read from its bytes; it is sealed into
 * HOME/NAME/attachments on a thread of its own, then the dispatcher hears of it. What it refuses is removed.
 * GET /api/v1/attachments/EVENT?reason=…: the event that says who looked stands in the trail first. */
#ifndef CONSOLES_SERVER_ATTACH_H
#define CONSOLES_SERVER_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "proto/attachment.h"

enum {
    ATTACH_AT_ONCE_MAX = 4,
    ATTACH_PATH_BYTES = 512
};

struct console;
struct exchange;
struct request;
struct session;
struct waiter;

struct attaching {
    uv_work_t work;
    struct console *console;
    struct exchange *exchange; /* NULL: the asker left */
    bool busy;                 /* the place is taken */
    bool sealing;              /* the other thread has it */
    uint64_t task;
    uint32_t day;
    enum attachment_kind kind;
    uint8_t *bytes;
    size_t size;
    char folder[ATTACH_PATH_BYTES];
    int status;
    struct attachment made;
};

struct attachings {
    struct attaching all[ATTACH_AT_ONCE_MAX];
};

/* A body above the usual bound comes: 0, or the status that refuses it. */
unsigned attach_admits(struct console *console, const struct request *request);

void attach_take(struct console *console, struct exchange *exchange, const struct request *request,
                 uint64_t task);
void attach_outcome(struct console *console, const struct waiter *waiter,
                    const struct outcome *outcome);
/* The asker of this exchange left. */
void attach_forget(struct attachings *attachings, const struct exchange *exchange);

void attach_look(struct console *console, const struct session *session, struct exchange *exchange,
                 const char *reason, uint64_t seq);
void attach_looked(struct console *console, const struct waiter *waiter,
                   const struct outcome *outcome);

#endif
