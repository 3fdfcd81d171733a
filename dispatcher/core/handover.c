/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/handover.h"

#include "base/require.h"
#include "proto/access.h"

struct handover *core_handover(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_HANDOVER, id, 0);
}

static bool answers(const struct user *user, const struct line *line)
{
    for (uint32_t i = 0; i < user->row.skills_count; i++)
        if (user->lines[i] == line)
            return true;
    return false;
}

bool handover_is_for(const struct handover *handover, const struct user *user)
{
    if (user == handover->from || user == handover->to)
        return true;
    if (user->row.roles & ROLES_SUPERVISOR)
        return true; /* they see to it that no note lies for ever */
    return handover->line && answers(user, handover->line);
}

static enum refusal check(const struct decision *decision, const struct handover_leave *asked)
{
    const struct core *core = decision->core;
    const struct user *to = asked->taker ? core_user(core, asked->taker) : NULL;
    const struct line *line = asked->line ? core_line(core, asked->line) : NULL;
    if (!decision->command->has_personal)
        return REFUSAL_INCOMPLETE;
    if (asked->taker && asked->line)
        return REFUSAL_MALFORMED;
    if (asked->taker &&
        (!to || to->row.retired || to == decision->user || !(to->row.roles & ROLES_CENTRE)))
        return REFUSAL_NO_SUCH_USER;
    if (asked->line && (!line || line->row.retired))
        return REFUSAL_NO_SUCH_LINE;
    if (asked->incident && !core_incident(core, asked->incident))
        return REFUSAL_NO_SUCH_INCIDENT;
    return pool_room(&core->handovers) ? REFUSAL_NONE : REFUSAL_LIMIT;
}

enum refusal decide_handover_leave(struct decision *decision)
{
    const struct handover_leave *asked = &decision->command->handover_leave;
    if (!decision->user)
        return REFUSAL_NO_SUCH_USER;
    enum refusal refusal = check(decision, asked);
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_HANDOVER_LEFT);
    event->taker = decision->user->row.user;
    event->incident = asked->incident;
    event->handover_left.handover = decision_id(decision);
    event->handover_left.to_taker = asked->taker;
    event->handover_left.to_line = asked->line;
    return REFUSAL_NONE;
}

enum refusal decide_handover_take(struct decision *decision)
{
    const struct handover *handover =
        core_handover(decision->core, decision->command->handover_take.handover);
    if (!handover)
        return REFUSAL_NO_SUCH_HANDOVER;
    if (!decision->user || !handover_is_for(handover, decision->user))
        return REFUSAL_NOT_YOURS;
    struct event *event = decision_event(decision, EVENT_HANDOVER_TAKEN);
    event->taker = decision->user->row.user;
    event->handover_taken.handover = handover->id;
    event->handover_taken.from_taker = handover->from->row.user;
    return REFUSAL_NONE;
}

void apply_handover_left(struct core *core, const struct event *event)
{
    const struct handover_left *left = &event->handover_left;
    struct handover *handover = pool_take(&core->handovers);
    core_id_used(core, left->handover);
    *handover = (struct handover){ .id = left->handover,
                                   .from = core_user(core, event->taker),
                                   .to = core_user(core, left->to_taker),
                                   .line = core_line(core, left->to_line) };
    REQUIRE(handover->from);
    index_put(&core->index, ENTRY_HANDOVER, handover->id, 0, handover);
}

void apply_handover_taken(struct core *core, const struct event *event)
{
    struct handover *handover = core_handover(core, event->handover_taken.handover);
    REQUIRE(handover);
    index_remove(&core->index, ENTRY_HANDOVER, handover->id, 0);
    pool_give(&core->handovers, handover);
}
