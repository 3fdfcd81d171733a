/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange: carries texts between the message centres and the dispatcher. It joins the centres (what
 * they say), the inbox and the outbox (what is durable) and the link (what the dispatcher
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
#include "gateways/sms/centres.h"
#include "gateways/sms/inbox.h"
#include "gateways/sms/outbox.h"
#include "gateways/sms/short_numbers.h"

enum {
    EXCHANGE_TIDY_MS = 60 * 1000,
    EXCHANGE_FILES = 3,
    EXCHANGE_KEPT_FILES = 4,
    EXCHANGE_REPORTS_MAX = 128 /* on their way to the dispatcher at once */
};

/* The way to the centres, by the number of the bind. None of them calls back into the exchange, but
 * exchange_unsynced() and exchange_synced(): octets may leave when the files are synced that it names after they
 * were written. */
struct exchange_port {
    void (*connect)(void *owner, uint32_t bind);
    void (*close)(void *owner, uint32_t bind);
    void (*write)(void *owner, uint32_t bind, const uint8_t *bytes, size_t length);
};

struct exchange_settings {
    const char *name;               /* the gateway's, in the contacts */
    const char *folder;             /* HOME/NAME: inbox, outbox, lines, originals */
    const uint8_t *originals_key;   /* ORIGINALS_KEY_BYTES; NULL: PDUs are not kept */
    const struct sms_settings *sms; /* borrowed for the exchange's life */
    bool shares_account;            /* another gateway has one of its accounts */
    uint64_t seed;                  /* for the jitter of reconnecting */
};

struct exchange_counts {
    struct inbox_counts inbox;
    struct outbox_counts outbox;
    uint64_t unknown_numbers; /* texts to a number no line has */
    uint64_t locations;       /* telephones' own texts about their place (AML) … */
    uint64_t bad_locations;   /* … that could not be read */
    uint64_t late_refusals;   /* the dispatcher refused what had been spooled and answered */
    uint64_t other_orders;
    uint64_t reports;
    uint64_t bundled;            /* texts that went out many to a PDU */
    uint64_t replaced;           /* texts that got other words at their centre */
    uint64_t originals_failures; /* PDUs that could not be kept */
    uint64_t erased;             /* and those destroyed with their citizen's data */
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

/* What is said to the centres goes through here: which of them there are, and how they stand. */
struct centres *exchange_centres(struct exchange *exchange);

void exchange_connected(struct exchange *exchange, uint32_t bind);
void exchange_lost(struct exchange *exchange, uint32_t bind);
/* A centre called; returns the bind that takes the connection, PIECE_BINDS_MAX when none does. */
uint16_t exchange_accepted(struct exchange *exchange, uint32_t centre);

/* Bytes of a bind. Returns how many were taken, whole PDUs only; the rest comes again with what
 * follows it. exchange_clock() tells the time of these four. */
size_t exchange_bytes(struct exchange *exchange, uint32_t bind, const uint8_t *bytes, size_t count);

/* Does all that is due. *wait_ms: how long nothing will be due by time alone. */
void exchange_turn(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms,
                   uint64_t *wait_ms);

/* The files to sync by unsynced_sync() before what was written so far may leave; none: it may at once. Not called
 * again before exchange_synced() says that they are. Returns how many, or the error of a file: the process must
 * end then, and say nothing more. */
int exchange_unsynced(struct exchange *exchange, struct unsynced files[EXCHANGE_FILES]);
void exchange_synced(struct exchange *exchange);

/* The files of what is kept for the trail (evidence.h), to be synced every minute beside all else, since much may
 * have gathered in them and nobody waits for it; the caller closes them. Returns how many. exchange_not_kept(): that
 * failed. */
unsigned exchange_kept(struct exchange *exchange, int files[EXCHANGE_KEPT_FILES]);
void exchange_not_kept(struct exchange *exchange);

/* Unbinds; over when all connections are closed. */
void exchange_stop(struct exchange *exchange);
bool exchange_is_over(const struct exchange *exchange);

void exchange_count(const struct exchange *exchange, struct exchange_counts *counts);

#endif
