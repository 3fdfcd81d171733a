/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * carrier: a trunk's profile: whom its calls come from and what the contract with it says. It is asked
 * by OPTIONS whether it is there; when it is drained for maintenance its ordinary calls get 503 and its
 * own OPTIONS too, so that it sends them to the twin gateway. Emergency calls of a carrier are taken
 * whatever its state, its capacity or its drain.
 *
 * Pure but for what the exchange does with it (carriers.c). */
#ifndef GATEWAYS_TRUNK_CARRIER_H
#define GATEWAYS_TRUNK_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/enrol.h"
#include "gateways/trunk/sip_message.h"
#include "gateways/trunk/sources.h"
#include "proto/settings.h"

enum {
    CARRIER_FAILURES = 2, /* unanswered questions in a row, then it is down */
    CARRIER_NUMBER_BYTES = 33,
    CARRIERS_DRAINED_BYTES = 1024 /* of the file that names those drained */
};

/* Our registration with a carrier that wants one. */
struct enrolment {
    bool asked;      /* a REGISTER is on its way */
    bool enrolled;   /* the last one was taken */
    bool challenged; /* the one on its way answers a challenge */
    uint32_t cseq;
    uint32_t count;   /* of uses of the challenge's nonce */
    uint64_t due_ms;  /* monotonic: of the next one */
    char call_id[40]; /* one for all, RFC 3261 §10.2.4 */
    char tag[32];
    char challenge[SIP_CHALLENGE_BYTES];
};

struct carrier {
    struct carrier_settings settings;
    struct sources sources;
    uint32_t calls; /* at present */
    bool up;        /* until it is found not to answer */
    bool asked;
    bool drained;
    bool secured; /* its sound must be */
    bool dtls;    /* … and what we offer it is so by a handshake */
    uint8_t failures;
    char password[ENROL_PASSWORD_BYTES];
    struct enrolment enrolment;
    uint64_t ask_ms; /* monotonic: of the next question */
    uint64_t calls_total, full, downs;
};

void carrier_open(struct carrier *carrier, const struct carrier_settings *settings);

/* An ordinary call has no room: what is left is the emergency lines' share. */
bool carrier_is_full(const struct carrier *carrier);

/* A caller's number as the city writes it: without separators, without the own country's code, with the
 * area code that local numbers lack; empty for "anonymous" and its like. A foreign number keeps "+". */
void carrier_number(const struct carrier *carrier, const char *number,
                    char plain[CARRIER_NUMBER_BYTES]);

/* The answer to an OPTIONS, 0 for none. Returns true when the carrier's state has changed. */
bool carrier_hear(struct carrier *carrier, int status);

/* Takes the names in `words`, one a line; "*" means all. */
void carriers_take_drained(struct carrier *carriers, uint32_t count, const char *words);

#endif
