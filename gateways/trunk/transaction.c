/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>
#include <sodium.h>

/* libosip2's name for a header. */
#undef REQUIRE

#include "base/require.h"

enum {
    NEVER = TRANSACTION_NEVER
};

_Static_assert(crypto_shorthash_siphashx24_BYTES == TRANSACTION_KEY_BYTES, "size of a key");

int64_t transaction_now_ms(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int transactions_init(struct transactions *all, uint32_t size)
{
    memset(all, 0, sizeof *all);
    if (sodium_init() < 0)
        return -ENOMEM;
    randombytes_buf(all->hash_key, sizeof all->hash_key);
    all->size = size;
    all->slots = calloc(size, sizeof *all->slots);
    all->free_slots = calloc(size, sizeof *all->free_slots);
    all->changed = calloc(size, sizeof *all->changed);
    all->timer_places = calloc(size, sizeof *all->timer_places);
    for (int i = 0; i < INDEX_COUNT; i++)
        all->buckets[i] = calloc(TRANSACTION_BUCKETS, sizeof(struct transaction *));
    if (!all->slots || !all->free_slots || !all->changed || !all->timer_places ||
        !all->buckets[INDEX_BRANCH] || !all->buckets[INDEX_DIALOG]) {
        transactions_done(all);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < size; i++)
        all->free_slots[all->free_count++] = size - 1 - i;
    heap_init(&all->timers, all->timer_places, size);
    return 0;
}

void transactions_done(struct transactions *all)
{
    for (uint32_t i = 0; all->slots && i < all->size; i++)
        if (all->slots[i].id != 0)
            transaction_give(all, &all->slots[i]);
    free(all->slots);
    free(all->free_slots);
    free(all->changed);
    free(all->timer_places);
    for (int i = 0; i < INDEX_COUNT; i++)
        free(all->buckets[i]);
    memset(all, 0, sizeof *all);
}

/* ---- table ------------------------------------------------------------------------------------- */

static struct transaction **bucket_of(struct transactions *all, enum transaction_index index,
                                      const uint8_t *key)
{
    uint32_t hash;
    memcpy(&hash, key, sizeof hash);
    return &all->buckets[index][hash % TRANSACTION_BUCKETS];
}

static void unindex(struct transactions *all, struct transaction *transaction,
                    enum transaction_index index)
{
    struct transaction_link *link = &transaction->links[index];
    if (!link->in)
        return;
    struct transaction **at = bucket_of(all, index, link->key);
    while (*at != transaction)
        at = &(*at)->links[index].next;
    *at = link->next;
    link->in = false;
}

struct transaction *transaction_take(struct transactions *all)
{
    if (all->free_count == 0)
        return NULL;
    uint32_t slot = all->free_slots[--all->free_count];
    struct transaction *fresh = &all->slots[slot];
    memset(fresh, 0, sizeof *fresh);
    fresh->id = ++all->serial * all->size + slot;
    fresh->repeat_ms = fresh->until_ms = NEVER;
    return fresh;
}

void transaction_give(struct transactions *all, struct transaction *transaction)
{
    heap_remove(&all->timers, &transaction->timer);
    unindex(all, transaction, INDEX_BRANCH);
    unindex(all, transaction, INDEX_DIALOG);
    if (transaction->machine)
        osip_transaction_free2(transaction->machine);
    free(transaction->kept);
    transaction->id = 0;
    all->free_slots[all->free_count++] = (uint32_t)(transaction - all->slots);
}

struct transaction *transaction_find(struct transactions *all, uint64_t id)
{
    struct transaction *found = &all->slots[id % all->size];
    return id != 0 && found->id == id ? found : NULL;
}

void transaction_key(const struct transactions *all, uint8_t key[TRANSACTION_KEY_BYTES],
                     const char *words)
{
    (void)crypto_shorthash_siphashx24(key, (const uint8_t *)words, strlen(words), all->hash_key);
}

void transaction_index(struct transactions *all, struct transaction *transaction,
                       enum transaction_index index, const uint8_t key[TRANSACTION_KEY_BYTES])
{
    struct transaction_link *link = &transaction->links[index];
    struct transaction **bucket = bucket_of(all, index, key);
    memcpy(link->key, key, TRANSACTION_KEY_BYTES);
    link->next = *bucket;
    link->in = true;
    *bucket = transaction;
}

struct transaction *transaction_lookup(struct transactions *all, enum transaction_index index,
                                       const uint8_t key[TRANSACTION_KEY_BYTES])
{
    struct transaction *found = *bucket_of(all, index, key);
    while (found && memcmp(found->links[index].key, key, TRANSACTION_KEY_BYTES) != 0)
        found = found->links[index].next;
    return found;
}

void transaction_mark(struct transactions *all, struct transaction *transaction)
{
    REQUIRE(all->changed_count < all->size);
    all->changed[all->changed_count++] = (uint32_t)(transaction - all->slots);
}

/* ---- timers ------------------------------------------------------------------------------------ */

struct armed {
    const struct timeval *at;
    int event;
};

/* The timers of the machine's present state, the one that ends it first. */
static void machine_armed(const osip_transaction_t *t, struct armed armed[2])
{
    armed[0] = armed[1] = (struct armed){ NULL, NEVER };
    switch (t->state) {
    case ICT_CALLING:
        armed[0] = (struct armed){ &t->ict_context->timer_b_start, TIMEOUT_B };
        armed[1] = (struct armed){ &t->ict_context->timer_a_start, TIMEOUT_A };
        break;
    case ICT_COMPLETED:
        armed[0] = (struct armed){ &t->ict_context->timer_d_start, TIMEOUT_D };
        break;
    case IST_COMPLETED:
        armed[0] = (struct armed){ &t->ist_context->timer_h_start, TIMEOUT_H };
        armed[1] = (struct armed){ &t->ist_context->timer_g_start, TIMEOUT_G };
        break;
    case IST_CONFIRMED:
        armed[0] = (struct armed){ &t->ist_context->timer_i_start, TIMEOUT_I };
        break;
    case NICT_TRYING:
    case NICT_PROCEEDING:
        armed[0] = (struct armed){ &t->nict_context->timer_f_start, TIMEOUT_F };
        armed[1] = (struct armed){ &t->nict_context->timer_e_start, TIMEOUT_E };
        break;
    case NICT_COMPLETED:
        armed[0] = (struct armed){ &t->nict_context->timer_k_start, TIMEOUT_K };
        break;
    case NIST_COMPLETED:
        armed[0] = (struct armed){ &t->nist_context->timer_j_start, TIMEOUT_J };
        break;
    default: /* libosip2's enumeration; proceeding or terminated: no timer */
        break;
    }
}

static int64_t armed_at(const struct armed *armed)
{
    if (!armed->at || armed->at->tv_sec == -1)
        return NEVER;
    return (int64_t)armed->at->tv_sec * 1000 + (armed->at->tv_usec + 999) / 1000;
}

static int64_t earlier(int64_t a, int64_t b)
{
    if (a == NEVER || b == NEVER)
        return a == NEVER ? b : a;
    return a < b ? a : b;
}

void transaction_arm(struct transactions *all, struct transaction *transaction)
{
    int64_t due = earlier(transaction->repeat_ms, transaction->until_ms);
    if (transaction->machine && !transaction->ended) {
        struct armed armed[2];
        machine_armed(transaction->machine, armed);
        due = earlier(due, earlier(armed_at(&armed[0]), armed_at(&armed[1])));
    }
    if (due == NEVER)
        heap_remove(&all->timers, &transaction->timer);
    else
        heap_set(&all->timers, &transaction->timer, (uint64_t)due, transaction->id);
}

struct transaction *transaction_due(struct transactions *all, int64_t now_ms, int64_t *next_ms)
{
    struct heap_node *first = heap_first(&all->timers);
    *next_ms = first ? (int64_t)first->key : NEVER;
    return first && *next_ms <= now_ms ? (struct transaction *)(void *)first : NULL;
}

int transaction_timeout(const struct transaction *transaction, int64_t now_ms)
{
    struct armed armed[2];
    if (!transaction->machine || transaction->ended)
        return NEVER;
    machine_armed(transaction->machine, armed);
    for (int i = 0; i < 2; i++) {
        int64_t at = armed_at(&armed[i]);
        if (at != NEVER && at <= now_ms)
            return armed[i].event;
    }
    return NEVER;
}

/* Timers B and F run from libosip2's own beginning. */
static void restart(struct timeval *at, int length_ms)
{
    int64_t end_ms = transaction_now_ms() + length_ms;
    at->tv_sec = end_ms / 1000;
    at->tv_usec = end_ms % 1000 * 1000;
}

void transaction_set_pace(struct transaction *transaction, int t1_ms)
{
    osip_transaction_t *machine = transaction->machine;
    if (machine->ict_context) {
        machine->ict_context->timer_a_length = t1_ms;
        machine->ict_context->timer_b_length = 64 * t1_ms;
        machine->ict_context->timer_d_length = 64 * t1_ms;
        restart(&machine->ict_context->timer_b_start, 64 * t1_ms);
    }
    if (machine->ist_context) {
        machine->ist_context->timer_g_length = t1_ms;
        machine->ist_context->timer_h_length = 64 * t1_ms;
    }
    if (machine->nict_context) {
        machine->nict_context->timer_e_length = t1_ms;
        machine->nict_context->timer_f_length = 64 * t1_ms;
        restart(&machine->nict_context->timer_f_start, 64 * t1_ms);
    }
    if (machine->nist_context)
        machine->nist_context->timer_j_length = 64 * t1_ms;
}
