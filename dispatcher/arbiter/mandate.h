/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mandate: who of two dispatchers leads, as a third machine holds it (docs/decisions/0035-arbiter.md). It is one
 * register: the first of "I go on alone" (the leader's) and "my leader is silent, I lead" (the standby's) wins,
 * and the other is refused. No clock takes part, so no clock can be wrong.
 *
 * It guarantees, with what pleader.h says of the leader and DESIGN's order of commit and speech: at no time may
 * two dispatchers speak, and whoever leads has all that was spoken.
 *
 * On the wire a plea and a ruling have a fixed size each, little-endian. Pure: no clock, no socket, no heap. */
#ifndef DISPATCHER_ARBITER_MANDATE_H
#define DISPATCHER_ARBITER_MANDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MANDATE_NAME_BYTES =
        96, /* a dispatcher's name here is the address of its turns; it ends with 0 */
    PLEA_BYTES = 4 + 4 + 8 + 8 + 8 + MANDATE_NAME_BYTES,
    RULING_BYTES = PLEA_BYTES + 4 + 4
};

enum plea_kind {
    PLEA_ASK = 1,  /* who leads? */
    PLEA_ALONE,    /* the leader: I go on without my standby; it must not lead from now on */
    PLEA_TOGETHER, /* the leader: my standby has all again, and I say nothing that it has not */
    PLEA_LEAD,     /* the standby: my leader is silent; I lead */
    PLEA_FORCE, /* the standby, on a person's word that the leader is off: I lead, whatever stands here */
    PLEA_KINDS
};

struct plea {
    enum plea_kind kind;
    uint64_t term;   /* ASK, FORCE: 0; LEAD: the one that it would end */
    uint64_t epoch;  /* of the leader's journal: it grows with each of its starts */
    uint64_t number; /* grows within an epoch; a standby's is echoed only */
    char name[MANDATE_NAME_BYTES];
};

struct mandate {
    uint64_t term; /* how often the leader changed; 0: nobody ever led */
    char holder[MANDATE_NAME_BYTES];
    bool alone;             /* the holder goes on without its standby, which must not lead */
    uint64_t epoch, number; /* of the holder's newest plea */
};

enum verdict_of_plea {
    RULING_GRANTED = 1,
    RULING_REFUSED, /* somebody else leads, or the leader goes on alone, or the term is over */
    RULING_OLD,     /* a newer plea of this leader was heard before it */
    RULING_KINDS
};

struct ruling {
    struct plea plea; /* it answers; its name is the holder's, its term the one that stands */
    enum verdict_of_plea verdict;
    bool alone;
};

/* Judges a plea and changes the mandate where it is granted. Returns whether the mandate changed: then it has to
 * be durable before the ruling is told. */
bool mandate_judge(struct mandate *mandate, const struct plea *plea, struct ruling *ruling);

void plea_write(uint8_t bytes[PLEA_BYTES], const struct plea *plea);
void ruling_write(uint8_t bytes[RULING_BYTES], const struct ruling *ruling);
/* Return false for anything else. */
bool plea_read(const uint8_t *bytes, size_t size, struct plea *plea);
bool ruling_read(const uint8_t *bytes, size_t size, struct ruling *ruling);

#endif
