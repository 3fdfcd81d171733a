/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/named.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

enum {
    SLOTS_FIRST = 1024
};

/* Callers are keyed hashes already. */
static uint64_t *slot_of(uint64_t *slots, uint32_t size, uint64_t caller)
{
    uint32_t at = (uint32_t)caller & (size - 1);
    while (slots[at] != 0 && slots[at] != caller)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static void draft_clear(struct named_draft *draft)
{
    free(draft->slots);
    *draft = (struct named_draft){ 0 };
}

static void draft_grow(struct named_draft *draft)
{
    uint32_t size = draft->size ? 2 * draft->size : SLOTS_FIRST;
    uint64_t *slots = calloc(size, sizeof *slots);
    REQUIRE(slots);
    for (uint32_t i = 0; i < draft->size; i++)
        if (draft->slots[i] != 0)
            *slot_of(slots, size, draft->slots[i]) = draft->slots[i];
    free(draft->slots);
    draft->slots = slots;
    draft->size = size;
}

struct named_draft *named_open(struct named *named, uint64_t notice, bool *empty)
{
    struct named_draft *draft = &named->drafts[0];
    named->fresh_count = 0;
    *empty = false;
    for (uint32_t i = 0; i < NAMED_DRAFTS_MAX && draft->notice != notice; i++)
        if (named->drafts[i].notice == notice || named->drafts[i].used < draft->used)
            draft = &named->drafts[i];
    if (draft->notice != notice) {
        draft_clear(draft);
        draft_grow(draft);
        draft->notice = notice;
        *empty = true;
    }
    draft->used = ++named->turn;
    return draft;
}

void named_add(struct named_draft *draft, uint64_t caller)
{
    if (draft->count >= draft->size / 2)
        draft_grow(draft);
    uint64_t *slot = slot_of(draft->slots, draft->size, caller);
    draft->count += *slot == 0;
    *slot = caller;
}

bool named_offer(struct named *named, const struct named_draft *draft, uint64_t caller)
{
    if (named->fresh_count == NAMED_FRESH_MAX ||
        *slot_of(draft->slots, draft->size, caller) == caller)
        return false;
    for (uint32_t i = 0; i < named->fresh_count; i++)
        if (named->fresh[i] == caller)
            return false;
    named->fresh[named->fresh_count++] = caller;
    return true;
}

void named_take(struct named *named, uint64_t notice)
{
    uint32_t at = 0;
    while (at < NAMED_DRAFTS_MAX && named->drafts[at].notice != notice)
        at++;
    REQUIRE(at < NAMED_DRAFTS_MAX);
    for (uint32_t i = 0; i < named->fresh_count; i++)
        named_add(&named->drafts[at], named->fresh[i]);
    named->fresh_count = 0;
}

void named_forget(struct named *named, uint64_t notice)
{
    for (uint32_t i = 0; i < NAMED_DRAFTS_MAX; i++)
        if (named->drafts[i].notice == notice)
            draft_clear(&named->drafts[i]);
}

void named_close(struct named *named)
{
    for (uint32_t i = 0; i < NAMED_DRAFTS_MAX; i++)
        draft_clear(&named->drafts[i]);
}
