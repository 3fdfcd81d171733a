/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange: carries texts between the message centre and the dispatcher. It joins the session (what
 * the centre says), the inbox and the outbox (what is durable) and the link (what the dispatcher
 * says). No socket and no clock of its own: the loop, or a test, brings bytes and times.
 *
 * The order of certainty, each turn: what came in is noted → the files are synced → only then the
 * centre is answered and the dispatcher's order is done. */
#ifndef GATEWAYS_SMS_EXCHANGE_H
#define GATEWAYS_SMS_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/link/link.h"
#include "gateways/sms/inbox.h"
#include "gateways/sms/outbox.h"
#include "gateways/sms/short_numbers.h"
#include "gateways/sms/smpp_session.h"

enum {
    EXCHANGE_TIDY_MS = 60 * 1000,
    EXCHANGE_REPORTS_MAX = 128 /* on their way to the dispatcher at once */
};

/* The way to the centre. None of them calls back into the exchange. */
struct exchange_port {
    void (*connect)(void *owner);
    void (*close)(void *owner);
    void (*write)(void *owner, const uint8_t *bytes, size_t length);
};

struct exchange_settings {
    const char *name;   /* the gateway's: the centre's name in the contacts */
    const char *folder; /* HOME/NAME: inbox, outbox, lines */
    struct smpp_settings smpp;
    uint64_t seed; /* for the jitter of reconnecting */
};

struct exchange_counts {
    struct smpp_counts session;
    struct inbox_counts inbox;
    struct outbox_counts outbox;
    uint64_t unknown_numbers; /* texts to a number no line has */
    uint64_t late_refusals;   /* the dispatcher refused what had been spooled and answered */
    uint64_t other_orders;
    uint64_t reports;
    bool bound;
};

struct exchange;

/* port and owner are borrowed. Returns 0 and *exchange, or the error of a file. The link is set
 * later, because its handlers need the exchange. */
int exchange_open(struct exchange **exchange, const struct exchange_settings *settings,
                  const struct exchange_port *port, void *owner, uint64_t mono_ms,
                  uint64_t wall_ms);
void exchange_close(struct exchange *exchange);
void exchange_set_link(struct exchange *exchange, struct link *link);

/* For link_open(), with the exchange as owner. They take effect by the next exchange_turn(), which
 * exchange_is_stirred() asks for. exchange_clock() tells the time of what they bring. */
const struct link_handlers *exchange_link_handlers(void);
void exchange_clock(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms);
bool exchange_is_stirred(const struct exchange *exchange);

void exchange_connected(struct exchange *exchange, uint64_t mono_ms);
void exchange_lost(struct exchange *exchange, uint64_t mono_ms);

/* Bytes from the centre. Returns how many were taken, whole PDUs only; the rest comes again with
 * what follows it. */
size_t exchange_bytes(struct exchange *exchange, const uint8_t *bytes, size_t count,
                      uint64_t mono_ms, uint64_t wall_ms);

/* Does all that is due. Returns 0 and in *wait_ms how long nothing will be due by time alone, or the
 * error of a file: the process must end then. */
int exchange_turn(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms, uint64_t *wait_ms);

/* Unbinds; over when the session is closed. */
void exchange_stop(struct exchange *exchange, uint64_t mono_ms);
bool exchange_is_over(const struct exchange *exchange);

void exchange_count(const struct exchange *exchange, struct exchange_counts *counts);

#endif
