/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transaction: the memory of the stack: a fixed pool of transactions, found by id, by branch and by
 * dialog, with a timer heap. libosip2's state machine of each is kept here instead of in libosip2's
 * lists. Known to stack.c alone. */
#ifndef GATEWAYS_TRUNK_TRANSACTION_H
#define GATEWAYS_TRUNK_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "gateways/trunk/sip_message.h"
#include "gateways/trunk/wire.h"

enum {
    TRANSACTION_BUCKETS = 16384,
    TRANSACTION_KEY_BYTES = 16,
    TRANSACTION_BRANCH_BYTES = 48, /* as STACK_BRANCH_BYTES */
    TRANSACTION_NEVER = -1
};

/* What libosip2's state machine said while it ran; the owner hears of it afterwards, because a
 * handler that answers would run the same machine inside itself. */
enum news {
    NEWS_NONE,
    NEWS_REQUEST,
    NEWS_RESPONSE,
    NEWS_FAILED
};

enum transaction_index {
    INDEX_BRANCH,
    INDEX_DIALOG,
    INDEX_COUNT
};

struct osip_transaction;

struct transaction_link {
    struct transaction *next;
    uint8_t key[TRANSACTION_KEY_BYTES];
    bool in;
};

struct transaction {
    struct heap_node timer; /* first: the heap hands out this node */
    uint64_t id;            /* 0: free slot */
    uint64_t token;
    struct osip_transaction *machine; /* NULL once it ended; then only `kept` and `until` matter */
    struct wire_peer peer;
    bool server;
    bool invite;
    bool ended;     /* the machine is to be freed after the turn */
    bool cancelled; /* a CANCEL is wanted */
    bool elsewhere; /* because another took the call */
    bool cancel_sent;
    bool provisional;
    bool acked;
    enum news news;
    uint64_t cancel_id; /* the transaction of our CANCEL */
    char branch[TRANSACTION_BRANCH_BYTES];
    struct transaction_link links[INDEX_COUNT];
    char *kept; /* server: our 2xx; client: our ACK; sent again when asked for */
    size_t kept_length;
    char kept_tag[SIP_TAG_BYTES]; /* client: To tag of the 2xx that was acknowledged */
    int64_t repeat_ms;            /* server: when the 2xx goes out again, or NEVER */
    int64_t repeat_step_ms;
    int64_t until_ms; /* when a finished INVITE is forgotten, a cancelled one given up, or NEVER */
};

struct transactions {
    uint32_t size;
    uint64_t serial;
    uint8_t hash_key[16];
    struct transaction *slots;
    uint32_t *free_slots;
    uint32_t free_count;
    struct heap timers;
    struct heap_place *timer_places;
    struct transaction **buckets[INDEX_COUNT];
    uint32_t *changed; /* slots whose machine ended since the last sweep */
    uint32_t changed_count;
};

/* The clock libosip2 arms its timers by (CLOCK_MONOTONIC). */
int64_t transaction_now_ms(void);

int transactions_init(struct transactions *all, uint32_t size);
/* Frees machines that are left, and the memory. */
void transactions_done(struct transactions *all);

/* NULL when all are in use. */
struct transaction *transaction_take(struct transactions *all);
void transaction_give(struct transactions *all, struct transaction *transaction);
struct transaction *transaction_find(struct transactions *all, uint64_t id);

/* A keyed hash of 128 bits stands for the words: strangers cannot aim at one bucket. */
void transaction_key(const struct transactions *all, uint8_t key[TRANSACTION_KEY_BYTES],
                     const char *words);
void transaction_index(struct transactions *all, struct transaction *transaction,
                       enum transaction_index index, const uint8_t key[TRANSACTION_KEY_BYTES]);
struct transaction *transaction_lookup(struct transactions *all, enum transaction_index index,
                                       const uint8_t key[TRANSACTION_KEY_BYTES]);

/* To be swept after the turn. */
void transaction_mark(struct transactions *all, struct transaction *transaction);

/* Puts the earliest of its deadlines on the heap. */
void transaction_arm(struct transactions *all, struct transaction *transaction);

/* The first whose deadline has come, or NULL; *next_ms is the first deadline, or NEVER. */
struct transaction *transaction_due(struct transactions *all, int64_t now_ms, int64_t *next_ms);

/* The event of the machine's timer that has run out, or NEVER. */
int transaction_timeout(const struct transaction *transaction, int64_t now_ms);

/* Sets the machine's T1; libosip2 has it as a constant. */
void transaction_set_pace(struct transaction *transaction, int t1_ms);

#endif
