/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exchange: all calls of a gateway. It couples what SIP says (stack.h), what the dispatcher orders
 * (link.h) and sound (media.h) through the tables of leg.h.
 *
 * Promises: a caller gets 180/183 only after the contact is durable, in the journal or in this
 * gateway's spool; a call on an emergency line is never refused while a place is left, whatever its
 * media, its extensions or its flaws; a call number is never used again. No place left means 503, so that the carrier tries the
 * twin gateway at once. */
#ifndef GATEWAYS_TRUNK_EXCHANGE_H
#define GATEWAYS_TRUNK_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/link/link.h"
#include "gateways/trunk/carrier.h"
#include "gateways/trunk/dial_plan.h"
#include "gateways/trunk/media.h"
#include "gateways/trunk/registrar.h"
#include "gateways/trunk/sources.h"
#include "gateways/trunk/stack.h"

enum {
    EXCHANGE_CALLS_MAX = 640,      /* places; media.h has two channels for each */
    EXCHANGE_ORDINARY_MAX = 500,   /* calls there may be when an ordinary line's call comes */
    EXCHANGE_PHONES_MAX = 1280,    /* legs to phones, those being taken back included */
    EXCHANGE_TICK_MS = 100,        /* grain of the timers below */
    EXCHANGE_REFRESH_MS = 60000,   /* RFC 3261 §13.3.1.1: repeat the 18x of a long wait */
    EXCHANGE_RETRY_MS = 1000,      /* an arrival that the link or the dispatcher did not take */
    EXCHANGE_ORDINARY_TRIES = 10,  /* then an ordinary call gets 503 */
    EXCHANGE_RING_MS = 45000,      /* when the order does not say until when */
    EXCHANGE_RING_GRACE_MS = 5000, /* the dispatcher's own lease ends first */
    EXCHANGE_RING_MAX_MS = 180000,
    STRANGERS_MAX = 16,       /* calls of no listed source on emergency lines at a time, …*/
    STRANGERS_SAME_MAX = 2,   /* of the same address, … */
    STRANGERS_WINDOW_MAX = 6, /* and begun in … */
    STRANGERS_WINDOW_MS = 60000
};

struct exchange;

struct exchange_settings {
    const char *address; /* of SIP and RTP */
    const char *lines_path;
    struct sources sources;      /* empty: everybody may call in */
    struct registrar *registrar; /* borrowed for the exchange's life */
    uint64_t first_call;         /* numbers are given from here on */
    uint32_t carrier_count;
    const struct carrier_settings *carriers; /* copied */
    bool phones_dtls;                        /* … by a handshake */
    bool phones_secured; /* the seats' phones are called with secured sound alone */
    uint32_t synthetic_count;
    const char (*synthetic)[50]; /* numbers that are called each minute; copied */
    const char *passwords_path;  /* of carriers that want a registration; borrowed */
    const char *drained_path;    /* names those drained; NULL: none ever is; borrowed */
};

struct exchange *exchange_create(const struct exchange_settings *settings);
void exchange_destroy(struct exchange *exchange);

/* What stack_open() and link_open() want; the owner is the exchange. */
extern const struct stack_handlers exchange_stack_handlers;
extern const struct link_handlers exchange_link_handlers;

/* Borrowed for the exchange's life. Must come before the first turn of any of them. */
void exchange_connect(struct exchange *exchange, struct stack *stack, struct link *link,
                      struct media *media);

struct kept;

/* From now on what a later process needs to go on lies in this file (borrowed), and the calls that a
 * former one left there go on: same ports, sound both ways, recording, ringing, waiting, held. After
 * exchange_connect(). */
void exchange_take_up(struct exchange *exchange, struct kept *kept, uint64_t mono_ms,
                      uint64_t wall_ms);
/* Opens that file. Returns as kept_open(). */
int exchange_open_kept(struct kept **kept, const char *path);
/* Keeps what changed; before anybody outside can rely on it. */
void exchange_keep(struct exchange *exchange);

/* For struct stack_settings: the name that this carrier's certificate carries; NULL: no carrier's. */
const char *exchange_carrier_name(void *owner, const char *ip);

/* For metrics; NULL behind the last. */
const struct carrier *exchange_carrier(const struct exchange *exchange, uint32_t place);

struct synthetic_figures;

/* For metrics; false behind the last. */
bool exchange_synthetic(const struct exchange *exchange, uint32_t place,
                        struct synthetic_figures *figures);

void exchange_hear_media(struct exchange *exchange, const struct media_event *event);

/* Fires what is due. */
void exchange_tick(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms);

/* No new calls from now on (503). */
void exchange_drain(struct exchange *exchange);
/* Hangs up what is left. */
void exchange_release_all(struct exchange *exchange);
uint32_t exchange_calls(const struct exchange *exchange);

struct exchange_counts {
    uint64_t calls, connected, cancelled, unknown_line, unlisted_source, full, no_media, secured;
    uint64_t offers, phone_failures, parked, recordings, recordings_failed, registers;
    uint64_t poor_legs;
    uint64_t reports_lost, emergency_refusals, probes, lost, kept, kept_lost;
    uint64_t refers, refers_refused;
    uint64_t alone_times, alone_rung, alone_answered;
    uint64_t strangers_taken, strangers_flood;
    uint64_t gone_untaken; /* hung up on an emergency line before the dispatcher took them */
    uint32_t calls_now, phones_now;
    bool alone;
};
void exchange_count(const struct exchange *exchange, struct exchange_counts *counts);

#endif
