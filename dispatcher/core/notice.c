/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/notice.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/text_lease.h"

/* state × step: the state it comes to; NONE: the step does not belong there. */
static const enum notice_state states[NOTICE_STATE_COUNT][NOTICE_STEP_COUNT] = {
    [NOTICE_STATE_DRAFTED] = { [NOTICE_STEP_START] = NOTICE_STATE_RUNNING,
                               [NOTICE_STEP_STOP] = NOTICE_STATE_STOPPED,
                               [NOTICE_STEP_CORRECT] = NOTICE_STATE_DRAFTED },
    [NOTICE_STATE_RUNNING] = { [NOTICE_STEP_PAUSE] = NOTICE_STATE_PAUSED,
                               [NOTICE_STEP_STOP] = NOTICE_STATE_STOPPED,
                               [NOTICE_STEP_CORRECT] = NOTICE_STATE_PAUSED },
    [NOTICE_STATE_PAUSED] = { [NOTICE_STEP_GO_ON] = NOTICE_STATE_RUNNING,
                              [NOTICE_STEP_STOP] = NOTICE_STATE_STOPPED,
                              [NOTICE_STEP_CORRECT] = NOTICE_STATE_PAUSED },
    [NOTICE_STATE_DONE] = { [NOTICE_STEP_CORRECT] = NOTICE_STATE_PAUSED,
                            [NOTICE_STEP_AGAIN] = NOTICE_STATE_RUNNING },
};

struct notice *notice_find(const struct core *core, uint64_t id)
{
    return id ? index_find(&core->index, ENTRY_NOTICE, id, 0) : NULL;
}

static bool is_over(const struct notice *notice)
{
    return notice->state == NOTICE_STATE_STOPPED || notice->state == NOTICE_STATE_DONE;
}

bool core_notice_draft(const struct core *core, uint64_t id, core_chunk_each *each, void *owner)
{
    const struct notice *notice = notice_find(core, id);
    if (!notice || notice->state != NOTICE_STATE_DRAFTED)
        return false;
    for (const struct notice_chunk *chunk = notice->chunk; chunk && each; chunk = chunk->next)
        each(owner, chunk->seq);
    return true;
}

struct event *notice_event(struct decision *decision, enum event_kind kind,
                           const struct notice *notice)
{
    struct event *event = decision_event(decision, kind);
    event->notice = notice->id;
    event->line = notice->line;
    decision->verdict->notice = notice->id;
    return event;
}

struct notice_moved *notice_move(struct decision *decision, const struct notice *notice,
                                 enum notice_state to)
{
    struct event *event = notice_event(decision, EVENT_NOTICE_MOVED, notice);
    event->notice_moved.from = notice->state;
    event->notice_moved.to = to;
    if (to == NOTICE_STATE_RUNNING) {
        uint64_t until_ms =
            notice->urgent ? 0 : citizen_quiet_until(decision->core, decision->at_ms);
        event->notice_moved.next_ms = until_ms ? until_ms : decision->at_ms;
    }
    return &event->notice_moved;
}

/* ---- what people say --------------------------------------------------------------------------- */

/* The oldest one that is over makes room. */
static const struct notice *oldest_over(const struct core *core)
{
    const struct notice *oldest = NULL;
    for (uint32_t i = 0; i < core->notices.reached; i++) {
        const struct notice *notice = pool_at(&core->notices, i);
        if (notice->id && is_over(notice) && (!oldest || notice->id < oldest->id))
            oldest = notice;
    }
    return oldest;
}

enum refusal decide_notice_create(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct notice_create *asked = &decision->command->notice_create;
    uint32_t most = (uint32_t)core->parameters[PARAMETER_NOTICE_RATE];
    if (!decision->command->has_personal)
        return REFUSAL_INCOMPLETE;
    if (asked->line && !core_line(core, asked->line))
        return REFUSAL_NO_SUCH_LINE;
    if (pool_room(&core->notices) == 0 && !oldest_over(core))
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_NOTICE_CREATED);
    event->notice = decision_id(decision);
    event->line = asked->line;
    event->notice_created.rate = asked->rate && asked->rate < most ? asked->rate : most;
    memcpy(event->notice_created.reason, asked->reason, sizeof asked->reason);
    decision->verdict->notice = event->notice;
    return REFUSAL_NONE;
}

/* The oldest one that could still be corrected, and then can no more. */
static const struct notice *oldest_done(const struct core *core)
{
    const struct notice *oldest = NULL;
    for (uint32_t i = 0; i < core->notices.reached; i++) {
        const struct notice *notice = pool_at(&core->notices, i);
        if (notice->id && notice->state == NOTICE_STATE_DONE && notice->first &&
            (!oldest || notice->id < oldest->id))
            oldest = notice;
    }
    return oldest;
}

enum refusal decide_notice_add(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct notice_add *asked = &decision->command->notice_add;
    const struct notice *notice = notice_find(core, asked->notice);
    if (!notice)
        return REFUSAL_NO_SUCH_NOTICE;
    if (notice->state != NOTICE_STATE_DRAFTED)
        return REFUSAL_WRONG_STATE;
    if (asked->count == 0 || !decision->command->has_personal)
        return REFUSAL_NO_RECIPIENTS;
    if ((pool_room(&core->notice_chunks) == 0 && !oldest_done(core)) ||
        asked->count > NOTICE_CHUNK_MAX || asked->count > NOTICE_RECIPIENTS_MAX - notice->total)
        return REFUSAL_LIMIT;
    notice_event(decision, EVENT_NOTICE_ADDED, notice)->notice_added.count = asked->count;
    return REFUSAL_NONE;
}

enum refusal notice_take_step(struct decision *decision, uint64_t id, enum notice_step step,
                              const struct notice **notice)
{
    *notice = notice_find(decision->core, id);
    if (!*notice)
        return REFUSAL_NO_SUCH_NOTICE;
    return states[(*notice)->state][step] ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

enum refusal decide_notice_start(struct decision *decision)
{
    const struct notice *notice;
    enum refusal refusal = notice_take_step(decision, decision->command->notice_start.notice,
                                            NOTICE_STEP_START, &notice);
    if (refusal)
        return refusal;
    if (notice->total == 0)
        return REFUSAL_NO_RECIPIENTS;
    if (decision->actor_kind == ACTOR_KIND_USER && decision->actor == notice->created_by)
        return REFUSAL_SAME_PERSON;
    struct notice_moved *moved = notice_move(decision, notice, NOTICE_STATE_RUNNING);
    moved->text = decision->next_id;
    moved->total = notice->total;
    decision->next_id += notice->total;
    return REFUSAL_NONE;
}

static enum refusal take(struct decision *decision, uint64_t id, enum notice_step step)
{
    const struct notice *notice;
    enum refusal refusal = notice_take_step(decision, id, step, &notice);
    if (!refusal)
        notice_move(decision, notice, states[notice->state][step]);
    return refusal;
}

enum refusal decide_notice_pause(struct decision *decision)
{
    return take(decision, decision->command->notice_pause.notice, NOTICE_STEP_PAUSE);
}

enum refusal decide_notice_go_on(struct decision *decision)
{
    const struct notice *notice;
    enum refusal refusal = notice_take_step(decision, decision->command->notice_go_on.notice,
                                            NOTICE_STEP_GO_ON, &notice);
    if (refusal)
        return refusal;
    if (notice->correction && decision->actor_kind == ACTOR_KIND_USER &&
        decision->actor == notice->corrected_by)
        return REFUSAL_SAME_PERSON;
    if (notice->correction)
        notice_replace(decision, notice);
    notice_move(decision, notice,
                notice_has_more(notice) ? NOTICE_STATE_RUNNING : NOTICE_STATE_DONE);
    return REFUSAL_NONE;
}

enum refusal decide_notice_stop(struct decision *decision)
{
    return take(decision, decision->command->notice_stop.notice, NOTICE_STEP_STOP);
}

/* ---- what goes on by itself ---------------------------------------------------------------------- */

static bool is_able(const struct gateway *gateway)
{
    return gateway && gateway->epoch && !gateway->fell_ms && !gateway->unable;
}

/* The gateway that takes the next texts; NULL: none is able, or the one that is has enough. A notice stays
 * with its gateway while that is able: going to and fro, it would forget how much lies there. */
static const struct gateway *taking(const struct core *core, const struct notice *notice)
{
    const struct gateway *gateway = core_gateway(core, notice->gateway);
    if (is_able(gateway))
        return notice->ahead >= NOTICE_AHEAD_MAX ? NULL : gateway;
    gateway = core_gateway(core, text_lease_choose(core, NULL));
    return is_able(gateway) ? gateway : NULL;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Some ten steps a second, or one text at a time when it is slow. */
static uint32_t step_size(const struct notice *notice)
{
    uint32_t wished = notice->rate / 10 > 0 ? notice->rate / 10 : 1;
    return least(wished, NOTICE_STEP_MAX);
}

static void step(struct decision *decision, const struct notice *notice,
                 const struct gateway *gateway, const struct notice_run *run)
{
    uint64_t text = notice->goes_again ? notice->agains[notice->agains_count - 1] : notice->text;
    struct event *event = notice_event(decision, EVENT_NOTICE_STEPPED, notice);
    event->notice_stepped = (struct notice_stepped){
        .text = text + run->place,
        .count = run->count,
        .gateway = gateway->row.gateway,
        .seq = run->chunk->seq,
        .offset = run->offset,
        .words = notice->words,
        .next_ms = decision->at_ms + (uint64_t)run->count * 1000 / notice->rate,
        .edition = notice->edition > 1 ? notice->edition : 0,
    };
}

void notice_due(struct decision *decision, const struct notice *notice)
{
    struct notice_run run;
    if (!notice->urgent && citizen_quiet_until(decision->core, decision->at_ms)) {
        notice_move(decision, notice, NOTICE_STATE_RUNNING); /* goes on in the morning */
        return;
    }
    const struct gateway *gateway = taking(decision->core, notice);
    REQUIRE(gateway);
    bool any = notice_next(notice, step_size(notice), &run);
    if (any)
        step(decision, notice, gateway, &run);
    if (!any || (!notice->goes_again && run.place + run.count == notice->total))
        notice_move(decision, notice, NOTICE_STATE_DONE);
}

enum refusal notice_text_report(struct decision *decision, const struct notice *notice)
{
    const struct text_report *asked = &decision->command->text_report;
    uint32_t place;
    if (!notice_was_ordered(notice, asked->text) || !notice_place(notice, asked->text, &place))
        return REFUSAL_NO_SUCH_TEXT;
    if (asked->state != TEXT_STATE_SENT && asked->state != TEXT_STATE_DELIVERED &&
        asked->state != TEXT_STATE_FAILED && asked->state != TEXT_STATE_EXCUSED)
        return REFUSAL_MALFORMED;
    struct event *event = notice_event(decision, EVENT_NOTICE_REPORTED, notice);
    event->notice_reported.text = asked->text;
    event->notice_reported.state = asked->state;
    event->notice_reported.cause = asked->cause;
    event->notice_reported.taken = asked->reference[0] != 0;
    memcpy(event->notice_reported.original, asked->original, sizeof asked->original);
    if (asked->state == TEXT_STATE_DELIVERED) {
        event->notice_reported.had = notice_has(notice, place);
        event->notice_reported.has = notice_has_now(notice, place, asked->edition);
    }
    return REFUSAL_NONE;
}

/* ---- applying ------------------------------------------------------------------------------------ */

void notice_refile(struct core *core, struct notice *notice)
{
    bool runs = notice->state == NOTICE_STATE_RUNNING && taking(core, notice) &&
                (notice->chunk || notice->goes_again);
    deadline_set(core, &notice->deadline, runs ? notice->next_ms : NEVER, notice->id);
}

void notices_refile(struct core *core)
{
    for (uint32_t i = 0; i < core->notices.reached; i++) {
        struct notice *notice = pool_at(&core->notices, i);
        if (notice->id)
            notice_refile(core, notice);
    }
}

static void drop_chunks(struct core *core, struct notice *notice)
{
    while (notice->first) {
        struct notice_chunk *next = notice->first->next;
        pool_give(&core->notice_chunks, notice->first);
        notice->first = next;
    }
    notice->chunk = notice->last_chunk = notice->reported = NULL;
}

static void forget(struct core *core, struct notice *notice)
{
    drop_chunks(core, notice);
    deadline_set(core, &notice->deadline, NEVER, notice->id);
    index_remove(&core->index, ENTRY_NOTICE, notice->id, 0);
    pool_give(&core->notices, notice);
}

void apply_notice_created(struct core *core, const struct event *event)
{
    if (pool_room(&core->notices) == 0)
        forget(core, notice_find(core, oldest_over(core)->id));
    struct notice *notice = pool_take(&core->notices);
    core_id_used(core, event->notice);
    notice->id = event->notice;
    notice->state = NOTICE_STATE_DRAFTED;
    notice->rate = event->notice_created.rate;
    notice->urgent = event->notice_created.reason[0] != 0;
    notice->line = event->line;
    notice->created_by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    notice->words = event->seq;
    notice->edition = 1;
    notice->deadline.kind = DEADLINE_NOTICE;
    notice->deadline.owner = notice;
    index_put(&core->index, ENTRY_NOTICE, notice->id, 0, notice);
}

void apply_notice_added(struct core *core, const struct event *event)
{
    struct notice *notice = notice_find(core, event->notice);
    REQUIRE(notice && notice->state == NOTICE_STATE_DRAFTED);
    if (pool_room(&core->notice_chunks) == 0)
        drop_chunks(core, notice_find(core, oldest_done(core)->id));
    struct notice_chunk *chunk = pool_take(&core->notice_chunks);
    chunk->seq = event->seq;
    chunk->count = event->notice_added.count;
    notice->total += chunk->count;
    if (notice->last_chunk)
        notice->last_chunk->next = chunk;
    else
        notice->first = notice->chunk = notice->reported = chunk;
    notice->last_chunk = chunk;
}

void apply_notice_moved(struct core *core, const struct event *event)
{
    const struct notice_moved *moved = &event->notice_moved;
    struct notice *notice = notice_find(core, event->notice);
    REQUIRE(notice && notice->state == moved->from);
    notice->state = moved->to;
    notice->next_ms = moved->next_ms;
    if (moved->to == NOTICE_STATE_DONE)
        notice->goes_again = false;
    if (moved->again) {
        notice_goes_again(core, notice, moved);
    } else if (moved->text) {
        REQUIRE(moved->total == notice->total);
        core_id_used(core, moved->text);
        notice->text = moved->text;
        if (moved->total > 1)
            core_id_used(core, moved->text + moved->total - 1);
    }
    if (notice->state == NOTICE_STATE_STOPPED)
        drop_chunks(core, notice);
    notice_refile(core, notice);
}

void apply_notice_stepped(struct core *core, const struct event *event)
{
    const struct notice_stepped *stepped = &event->notice_stepped;
    struct notice *notice = notice_find(core, event->notice);
    uint32_t place = 0;
    REQUIRE(notice && notice_place(notice, stepped->text, &place) && place >= notice->ordered);
    if (notice->gateway != stepped->gateway)
        notice->ahead = 0; /* what lies at the other one waits there */
    notice->gateway = stepped->gateway;
    notice->ahead += stepped->count;
    notice->next_ms = stepped->next_ms;
    notice_pass(notice, place + stepped->count - notice->ordered);
    notice_refile(core, notice);
}

void apply_notice_reported(struct core *core, const struct event *event)
{
    const struct notice_reported *reported = &event->notice_reported;
    struct notice *notice = notice_find(core, event->notice);
    uint32_t place;
    REQUIRE(notice);
    if (reported->state == TEXT_STATE_DELIVERED && notice_place(notice, reported->text, &place))
        notice_has_set(notice, place, reported->has);
    bool leaves = reported->state == TEXT_STATE_SENT || reported->state == TEXT_STATE_EXCUSED ||
                  (reported->state == TEXT_STATE_FAILED && !reported->taken);
    if (leaves && notice->ahead > 0)
        notice->ahead--;
    notice_refile(core, notice);
}
