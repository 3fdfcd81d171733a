/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which words each recipient of a notice has, and how they are corrected. */
#include <string.h>

#include "base/require.h"
#include "dispatcher/core/notice.h"

enum {
    HAS_BITS = 2,
    HAS_OF_WORD = 64 / HAS_BITS
};

/* ---- whose text it is ---------------------------------------------------------------------------- */

/* How many of this pass's recipients the cursor went over. */
static uint32_t passed(const struct notice *notice, bool last_pass)
{
    return last_pass ? notice->ordered : notice->total;
}

/* The first text of the pass that this text is of, 0: of none. */
static uint64_t pass_of(const struct notice *notice, uint64_t text, bool *last)
{
    *last = !notice->goes_again;
    if (notice->text && text >= notice->text && text - notice->text < notice->total)
        return notice->text;
    for (uint32_t i = 0; i < notice->agains_count; i++) {
        *last = notice->goes_again && i + 1 == notice->agains_count;
        if (text >= notice->agains[i] && text - notice->agains[i] < notice->total)
            return notice->agains[i];
    }
    return 0;
}

const struct notice *notice_of_text(const struct core *core, uint64_t text)
{
    bool last;
    for (uint32_t i = 0; i < core->notices.reached; i++) {
        const struct notice *notice = pool_at(&core->notices, i);
        if (notice->id && pass_of(notice, text, &last))
            return notice;
    }
    return NULL;
}

/* A step's own text is at the cursor. */
bool notice_place(const struct notice *notice, uint64_t text, uint32_t *place)
{
    bool last;
    uint64_t first = pass_of(notice, text, &last);
    *place = (uint32_t)(text - first);
    return first != 0;
}

bool notice_was_ordered(const struct notice *notice, uint64_t text)
{
    bool last;
    uint64_t first = pass_of(notice, text, &last);
    return first != 0 && text - first < passed(notice, last);
}

void core_notice_texts(const struct core *core, uint64_t id, core_texts_each *each, void *owner)
{
    const struct notice *notice = notice_find(core, id);
    if (!notice || !notice->text)
        return;
    each(owner, notice->text, passed(notice, !notice->goes_again));
    for (uint32_t i = 0; i < notice->agains_count; i++)
        each(owner, notice->agains[i],
             passed(notice, notice->goes_again && i + 1 == notice->agains_count));
}

/* ---- the cursor ---------------------------------------------------------------------------------- */

static enum notice_has has_at(const struct notice_chunk *chunk, uint32_t at)
{
    return (enum notice_has)(chunk->has[at / HAS_OF_WORD] >> at % HAS_OF_WORD * HAS_BITS & 3U);
}

static bool wants_again(const struct notice_chunk *chunk, uint32_t at)
{
    enum notice_has has = has_at(chunk, at);
    return has == NOTICE_HAS_OTHER || has == NOTICE_HAS_EITHER;
}

bool notice_next(const struct notice *notice, uint32_t most, struct notice_run *run)
{
    *run = (struct notice_run){ notice->chunk, notice->ordered, notice->offset, 0 };
    while (run->chunk) {
        const struct notice_chunk *chunk = run->chunk;
        while (notice->goes_again && run->offset < chunk->count &&
               !wants_again(chunk, run->offset)) {
            run->offset++;
            run->place++;
        }
        while (run->count < most && run->offset + run->count < chunk->count &&
               (!notice->goes_again || wants_again(chunk, run->offset + run->count)))
            run->count++;
        if (run->count > 0)
            return true;
        run->chunk = chunk->next;
        run->offset = 0;
    }
    return false;
}

bool notice_has_more(const struct notice *notice)
{
    return notice->goes_again || notice->ordered < notice->total;
}

void notice_pass(struct notice *notice, uint32_t count)
{
    notice->ordered += count;
    notice->offset += count;
    while (notice->chunk && notice->offset >= notice->chunk->count) {
        notice->offset -= notice->chunk->count;
        notice->chunk = notice->chunk->next;
    }
}

/* ---- who has what -------------------------------------------------------------------------------- */

/* Reports come about in the order of the recipients: the chunk of the last one is looked at first. NULL: its list is
 * not remembered any more. */
static struct notice_chunk *chunk_of(const struct notice *notice, uint32_t *place)
{
    bool ahead = notice->reported && *place >= notice->reported_from;
    struct notice_chunk *chunk = ahead ? notice->reported : notice->first;
    *place -= ahead ? notice->reported_from : 0;
    while (chunk && *place >= chunk->count) {
        *place -= chunk->count;
        chunk = chunk->next;
    }
    return chunk;
}

enum notice_has notice_has(const struct notice *notice, uint32_t place)
{
    const struct notice_chunk *chunk = chunk_of(notice, &place);
    return chunk ? has_at(chunk, place) : NOTICE_HAS_NONE;
}

enum notice_has notice_has_now(const struct notice *notice, uint32_t place, uint32_t edition)
{
    enum notice_has had = notice_has(notice, place);
    if (had == NOTICE_HAS_LAST || edition == notice->edition || notice->edition == 1)
        return NOTICE_HAS_LAST;
    return edition == 0 || had == NOTICE_HAS_EITHER ? NOTICE_HAS_EITHER : NOTICE_HAS_OTHER;
}

void notice_has_set(struct notice *notice, uint32_t place, enum notice_has has)
{
    uint32_t at = place;
    struct notice_chunk *chunk = chunk_of(notice, &at);
    if (!chunk)
        return;
    if (has == NOTICE_HAS_NONE) /* of before words could be corrected */
        has = NOTICE_HAS_LAST;
    unsigned shift = at % HAS_OF_WORD * HAS_BITS;
    uint64_t *word = &chunk->has[at / HAS_OF_WORD];
    *word = (*word & ~(UINT64_C(3) << shift)) | (uint64_t)has << shift;
    notice->reported = chunk;
    notice->reported_from = place - at;
}

/* Of certain and uncertain editions before, all are others now. */
static void has_others(struct notice *notice)
{
    static const uint64_t low = UINT64_C(0x5555555555555555);
    for (struct notice_chunk *chunk = notice->first; chunk; chunk = chunk->next)
        for (uint32_t i = 0; i < NOTICE_HAS_WORDS; i++) {
            uint64_t any = (chunk->has[i] | chunk->has[i] >> 1) & low;
            chunk->has[i] = any << 1;
        }
}

/* ---- other words --------------------------------------------------------------------------------- */

enum refusal decide_notice_correct(struct decision *decision)
{
    const struct notice *notice;
    const struct notice_correct *asked = &decision->command->notice_correct;
    enum refusal refusal = notice_take_step(decision, asked->notice, NOTICE_STEP_CORRECT, &notice);
    if (refusal)
        return refusal;
    if (!decision->command->has_personal)
        return REFUSAL_INCOMPLETE;
    if (!notice->first && notice->state == NOTICE_STATE_DONE)
        return REFUSAL_WRONG_STATE; /* who has which words is not known any more */
    bool drafted = notice->state == NOTICE_STATE_DRAFTED;
    if (!drafted && !asked->reason[0])
        return REFUSAL_REASON_MISSING;
    struct event *event = notice_event(decision, EVENT_NOTICE_CORRECTED, notice);
    event->notice_corrected.edition = drafted ? 1 : notice->edition + 1;
    memcpy(event->notice_corrected.reason, asked->reason, sizeof asked->reason);
    if (!drafted && notice->state != NOTICE_STATE_PAUSED)
        notice_move(decision, notice, NOTICE_STATE_PAUSED);
    return REFUSAL_NONE;
}

enum refusal decide_notice_again(struct decision *decision)
{
    const struct notice *notice;
    enum refusal refusal = notice_take_step(decision, decision->command->notice_again.notice,
                                            NOTICE_STEP_AGAIN, &notice);
    if (refusal)
        return refusal;
    if (notice->edition == 1 || notice->again_edition == notice->edition || !notice->first)
        return REFUSAL_WRONG_STATE; /* nobody has other words, or they got these, too */
    if (notice->agains_count == NOTICE_AGAINS_MAX)
        return REFUSAL_LIMIT;
    struct notice_moved *moved = notice_move(decision, notice, NOTICE_STATE_RUNNING);
    moved->again = true;
    moved->text = decision->next_id;
    moved->total = notice->total;
    decision->next_id += notice->total;
    return REFUSAL_NONE;
}

void notice_replace(struct decision *decision, const struct notice *notice)
{
    struct event *event = notice_event(decision, EVENT_NOTICE_REPLACED, notice);
    event->notice_replaced.edition = notice->edition + 1;
    event->notice_replaced.words = notice->correction;
}

void apply_notice_corrected(struct core *core, const struct event *event)
{
    struct notice *notice = notice_find(core, event->notice);
    uint32_t person = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    REQUIRE(notice);
    if (notice->state == NOTICE_STATE_DRAFTED) {
        notice->words = event->seq;
        notice->created_by = person;
        return;
    }
    notice->correction = event->seq;
    notice->corrected_by = person;
}

void apply_notice_replaced(struct core *core, const struct event *event)
{
    struct notice *notice = notice_find(core, event->notice);
    REQUIRE(notice && event->notice_replaced.words == notice->correction);
    notice->words = event->notice_replaced.words;
    notice->edition = event->notice_replaced.edition;
    notice->correction = 0;
    notice->corrected_by = 0;
    has_others(notice);
}

void notice_goes_again(struct core *core, struct notice *notice, const struct notice_moved *moved)
{
    REQUIRE(moved->total == notice->total && notice->agains_count < NOTICE_AGAINS_MAX);
    core_id_used(core, moved->text + moved->total - 1);
    notice->agains[notice->agains_count++] = moved->text;
    notice->again_edition = notice->edition;
    notice->goes_again = true;
    notice->ordered = 0;
    notice->chunk = notice->first;
    notice->offset = 0;
}
