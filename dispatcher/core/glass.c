/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/glass.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/city.h"
#include "dispatcher/core/clock.h"
#include "proto/access.h"

/* An empty cell is a refusal. */
static const bool moves[GLASS_STATE_COUNT][GLASS_STATE_COUNT] = {
    [GLASS_STATE_ASKED] = { [GLASS_STATE_OPEN] = true,
                            [GLASS_STATE_REFUSED] = true,
                            [GLASS_STATE_LAPSED] = true },
    [GLASS_STATE_OPEN] = { [GLASS_STATE_ENDED] = true },
    [GLASS_STATE_ENDED] = { [GLASS_STATE_REVIEWED] = true },
};

static struct glass *glass_find(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_GLASS, id, 0);
}

uint64_t glass_of(const struct core *core, uint32_t user, enum glass_right right)
{
    for (uint32_t i = 0; i < core->glasses.reached; i++) {
        const struct glass *glass = pool_at(&core->glasses, i);
        if (glass->id && glass->state == GLASS_STATE_OPEN && glass->user == user &&
            glass->right == right)
            return glass->id;
    }
    return 0;
}

uint64_t glass_that_gives(const struct core *core, uint32_t user, enum command_kind kind)
{
    for (uint32_t i = 0; i < core->glasses.reached; i++) {
        const struct glass *glass = pool_at(&core->glasses, i);
        if (glass->id && glass->state == GLASS_STATE_OPEN && glass->user == user &&
            access_glass_gives(glass->right, kind))
            return glass->id;
    }
    return 0;
}

/* ---- deciding -------------------------------------------------------------------------------- */

enum refusal decide_glass_ask(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct glass_ask *asked = &decision->command->glass_ask;
    if (asked->right == GLASS_RIGHT_NONE)
        return REFUSAL_INCOMPLETE;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    if (!decision->user || !(decision->user->row.roles & access_glass(asked->right)->asks))
        return REFUSAL_NOT_ALLOWED;
    for (uint32_t i = 0; i < core->glasses.reached; i++) {
        const struct glass *other = pool_at(&core->glasses, i);
        if (other->id && other->user == decision->actor && other->right == asked->right &&
            (other->state == GLASS_STATE_ASKED || other->state == GLASS_STATE_OPEN))
            return REFUSAL_ALREADY;
    }
    if (pool_room(&core->glasses) == 0)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_GLASS_ASKED);
    event->glass_asked.glass = decision_id(decision);
    event->glass_asked.right = asked->right;
    event->glass_asked.until_ms = decision->at_ms + core_parameter(core, PARAMETER_GLASS_ASK_MS);
    memcpy(event->glass_asked.words, asked->words, sizeof asked->words);
    decision->verdict->glass = event->glass_asked.glass;
    return REFUSAL_NONE;
}

static struct glass_moved *move(struct decision *decision, const struct glass *glass,
                                enum glass_state to)
{
    REQUIRE(moves[glass->state][to]);
    struct event *event = decision_event(decision, EVENT_GLASS_MOVED);
    event->glass_moved.glass = glass->id;
    event->glass_moved.from = glass->state;
    event->glass_moved.to = to;
    event->glass_moved.right = glass->right;
    event->glass_moved.user = glass->user;
    decision->verdict->glass = glass->id;
    return &event->glass_moved;
}

enum refusal decide_glass_agree(struct decision *decision)
{
    const struct glass_agree *asked = &decision->command->glass_agree;
    const struct glass *glass = glass_find(decision->core, asked->glass);
    if (!glass)
        return REFUSAL_NO_SUCH_GLASS;
    if (!moves[glass->state][GLASS_STATE_OPEN])
        return REFUSAL_WRONG_STATE;
    if (!decision->user || !(decision->user->row.roles & access_glass(glass->right)->agrees))
        return REFUSAL_NOT_ALLOWED;
    if (decision->actor == glass->user)
        return REFUSAL_SAME_PERSON;
    if (!asked->agree && !asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct glass_moved *moved =
        move(decision, glass, asked->agree ? GLASS_STATE_OPEN : GLASS_STATE_REFUSED);
    if (asked->agree)
        moved->until_ms = decision->at_ms + core_parameter(decision->core, PARAMETER_GLASS_MS);
    memcpy(moved->words, asked->words, sizeof moved->words);
    return REFUSAL_NONE;
}

/* By either of the two, and by whoever is alarmed: a supervisor, an auditor. */
enum refusal decide_glass_end(struct decision *decision)
{
    const struct glass *glass = glass_find(decision->core, decision->command->glass_end.glass);
    if (!glass)
        return REFUSAL_NO_SUCH_GLASS;
    if (!moves[glass->state][GLASS_STATE_ENDED])
        return REFUSAL_WRONG_STATE;
    bool may = decision->actor == glass->user || decision->actor == glass->agreed_by ||
               decision_may(decision, ROLE_SUPERVISOR) || decision_may(decision, ROLE_AUDITOR);
    if (!may)
        return REFUSAL_NOT_ALLOWED;
    (void)move(decision, glass, GLASS_STATE_ENDED);
    return REFUSAL_NONE;
}

enum refusal decide_glass_review(struct decision *decision)
{
    const struct glass_review *asked = &decision->command->glass_review;
    const struct glass *glass = glass_find(decision->core, asked->glass);
    if (!glass)
        return REFUSAL_NO_SUCH_GLASS;
    if (!moves[glass->state][GLASS_STATE_REVIEWED])
        return REFUSAL_WRONG_STATE;
    if (decision->actor == glass->user || decision->actor == glass->agreed_by)
        return REFUSAL_SAME_PERSON;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct glass_moved *moved = move(decision, glass, GLASS_STATE_REVIEWED);
    moved->sound = asked->sound;
    memcpy(moved->words, asked->words, sizeof moved->words);
    return REFUSAL_NONE;
}

void glass_due(struct decision *decision, const struct glass *glass)
{
    bool open = glass->state == GLASS_STATE_OPEN;
    move(decision, glass, open ? GLASS_STATE_ENDED : GLASS_STATE_LAPSED)->expired = open;
}

/* ---- what follows ---------------------------------------------------------------------------- */

void apply_glass_asked(struct core *core, const struct event *event)
{
    const struct glass_asked *asked = &event->glass_asked;
    struct glass *glass = pool_take(&core->glasses);
    core_id_used(core, asked->glass);
    *glass = (struct glass){ .id = asked->glass,
                             .right = asked->right,
                             .state = GLASS_STATE_ASKED,
                             .user = event->actor,
                             .deadline = { .kind = DEADLINE_GLASS, .owner = glass } };
    index_put(&core->index, ENTRY_GLASS, glass->id, 0, glass);
    deadline_set(core, &glass->deadline, asked->until_ms, glass->id);
}

void apply_glass_moved(struct core *core, const struct event *event)
{
    const struct glass_moved *moved = &event->glass_moved;
    struct glass *glass = glass_find(core, moved->glass);
    REQUIRE(glass && moves[glass->state][moved->to]);
    glass->state = moved->to;
    if (moved->to == GLASS_STATE_OPEN)
        glass->agreed_by = event->actor;
    deadline_set(core, &glass->deadline, moved->to == GLASS_STATE_OPEN ? moved->until_ms : NEVER,
                 glass->id);
    if (moved->to == GLASS_STATE_OPEN || moved->to == GLASS_STATE_ENDED)
        return;
    index_remove(&core->index, ENTRY_GLASS, glass->id, 0);
    pool_give(&core->glasses, glass);
}
