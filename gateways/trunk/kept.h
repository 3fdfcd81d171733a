/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kept: what the next process needs to go on with the calls of this one: a mapped file of records in
 * fixed places. A record is two slots that are written in turns, each under a checksum with its number:
 * whatever instruction the process dies at, the last whole state of each record is found, and a record
 * that was cleared stays cleared. Nothing is fsynced: the file outlives the process, and after the
 * machine itself was restarted nobody is on the line any more.
 *
 * All room is taken when the file is made, so that a full disk cannot stop a running gateway. */
#ifndef GATEWAYS_TRUNK_KEPT_H
#define GATEWAYS_TRUNK_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kept_kind {
    KEPT_CALL,
    KEPT_PHONE,
    KEPT_INVITE, /* the head of a call's INVITE, until its last answer */
    KEPT_GONE,   /* who hung up before the dispatcher took their arrival (gone.h) */
    KEPT_KIND_COUNT
};

enum {
    KEPT_BODY_MAX = 8192
};

struct kept_shape {
    uint32_t places;
    uint32_t bytes;  /* of the longest body, at most KEPT_BODY_MAX */
    uint64_t layout; /* what the bytes mean; records of another meaning are not read */
};

struct kept;

/* Opens or makes the file (mode 0600). Records of another layout, or of before the machine's last start,
 * are dropped. Returns 0 and *kept, or a negative errno: -EBUSY when another process has it, -ENOSPC. */
int kept_open(struct kept **kept, const char *path,
              const struct kept_shape shapes[KEPT_KIND_COUNT]);
/* The records stay. Accepts NULL. */
void kept_close(struct kept *kept);

/* UTC: when the former process was last alive; 0: there was none since the machine was started. Monotonic
 * times in its records hold on. */
uint64_t kept_former(const struct kept *kept);

/* This process is alive. */
void kept_beat(struct kept *kept, uint64_t wall_ms);

/* Does nothing when the record says so already. */
void kept_write(struct kept *kept, enum kept_kind kind, uint32_t place, const uint8_t *body,
                size_t size);
void kept_clear(struct kept *kept, enum kept_kind kind, uint32_t place);

/* The body's size, 0: there is none. */
size_t kept_read(const struct kept *kept, enum kept_kind kind, uint32_t place,
                 uint8_t body[KEPT_BODY_MAX]);

const struct kept_shape *kept_shape_of(const struct kept *kept, enum kept_kind kind);

/* Every record from now on that says something new is passed on; size 0: it was cleared. watch NULL: no more. */
typedef void kept_hears(void *owner, enum kept_kind kind, uint32_t place, const uint8_t *body,
                        size_t size);
void kept_watch(struct kept *kept, kept_hears *hears, void *owner);

/* Of which process the records are, when another machine's. */
struct kept_origin {
    uint64_t generation; /* of its life; 0: they are this machine's own */
    uint64_t link_epoch;
    uint64_t skew_ms; /* to add to its monotonic times, modulo 2^64 */
};
void kept_note(struct kept *kept, const struct kept_origin *origin);
void kept_origin_of(const struct kept *kept, struct kept_origin *origin);

/* What was written is of a former process now: kept_former() says when it beat last. */
void kept_adopt(struct kept *kept);

#endif
