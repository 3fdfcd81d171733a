/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/fix.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/number.h"

struct fix *core_fix(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_FIX, id, 0);
}

static bool is_near(const struct decision *decision, uint64_t then_ms)
{
    return then_ms + decision->core->parameters[PARAMETER_FIX_WINDOW_MS] >= decision->at_ms;
}

void fix_arrival(struct decision *decision, const struct event *arrived)
{
    uint64_t caller = arrived->contact_arrived.caller;
    const struct fix *fix =
        caller ? index_find(&decision->core->index, ENTRY_CALLER_FIX, caller, 0) : NULL;
    for (uint32_t i = 0; i < FIX_CONTACTS_MAX && fix && is_near(decision, fix->heard_ms);
         i++, fix = fix->older) {
        struct event *event = decision_event(decision, EVENT_CONTACT_LOCATED);
        event->contact = arrived->contact;
        event->line = arrived->line;
        event->incident = arrived->incident;
        event->contact_located = (struct contact_located){ .fix = fix->id,
                                                           .means = fix->means,
                                                           .source = fix->source,
                                                           .uncertainty_m = fix->uncertainty_m,
                                                           .confidence = fix->confidence,
                                                           .measured_ms = fix->measured_ms,
                                                           .heard_ms = fix->heard_ms,
                                                           .east_cell = fix->cell.east,
                                                           .north_cell = fix->cell.north,
                                                           .seq = fix->seq };
    }
}

static void locate(struct decision *decision, const struct contact *contact,
                   const struct event *located)
{
    const struct caller_located *said = &located->caller_located;
    struct event *event = contact_event(decision, EVENT_CONTACT_LOCATED, contact);
    if (contact->taker)
        event->taker = contact->taker->row.user;
    event->contact_located = (struct contact_located){ .fix = said->fix,
                                                       .means = said->means,
                                                       .source = said->source,
                                                       .uncertainty_m = said->uncertainty_m,
                                                       .confidence = said->confidence,
                                                       .measured_ms = said->measured_ms,
                                                       .heard_ms = decision->at_ms,
                                                       .east_cell = said->east_cell,
                                                       .north_cell = said->north_cell,
                                                       .seq = located->seq };
    decision->verdict->contact = contact->id;
}

enum refusal decide_caller_locate(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct caller_locate *asked = &decision->command->caller_locate;
    uint64_t caller = decision->command->caller;
    if (!decision->gateway && decision->actor_kind != ACTOR_KIND_SYSTEM)
        return REFUSAL_NO_SUCH_GATEWAY;
    if (!caller || !asked->means ||
        !cell_is_sound((struct cell){ asked->east_cell, asked->north_cell }))
        return REFUSAL_MALFORMED;
    struct event *event = decision_event(decision, EVENT_CALLER_LOCATED);
    event->caller_located = (struct caller_located){ .fix = decision_id(decision),
                                                     .caller = caller,
                                                     .gateway = decision->actor,
                                                     .means = asked->means,
                                                     .source = asked->source,
                                                     .uncertainty_m = asked->uncertainty_m,
                                                     .confidence = asked->confidence,
                                                     .measured_ms = asked->measured_ms,
                                                     .east_cell = asked->east_cell,
                                                     .north_cell = asked->north_cell };
    uint32_t given = 0;
    for (const struct contact *contact = number_newest(core, caller);
         contact && given < FIX_CONTACTS_MAX; contact = contact->same_older, given++)
        locate(decision, contact, event);
    const struct contact *last = number_last(core, caller);
    if (given == 0 && last && is_near(decision, last->ended_ms))
        locate(decision, last, event);
    return REFUSAL_NONE;
}

static void forget_oldest(struct core *core)
{
    struct fix *fix = list_first(&core->fixes_by_age);
    link_leave(&fix->by_age);
    if (fix->newer)
        fix->newer->older = NULL;
    else
        index_remove(&core->index, ENTRY_CALLER_FIX, fix->caller, 0);
    index_remove(&core->index, ENTRY_FIX, fix->id, 0);
    pool_give(&core->fixes, fix);
}

void apply_caller_located(struct core *core, const struct event *event)
{
    const struct caller_located *said = &event->caller_located;
    if (pool_room(&core->fixes) == 0)
        forget_oldest(core);
    struct fix *fix = pool_take(&core->fixes);
    struct fix *older = index_find(&core->index, ENTRY_CALLER_FIX, said->caller, 0);
    core_id_used(core, said->fix);
    *fix = (struct fix){ .id = said->fix,
                         .seq = event->seq,
                         .caller = said->caller,
                         .heard_ms = event->at_ms,
                         .measured_ms = said->measured_ms,
                         .cell = { said->east_cell, said->north_cell },
                         .uncertainty_m = said->uncertainty_m,
                         .confidence = said->confidence,
                         .source = said->source,
                         .means = said->means,
                         .older = older };
    if (older) {
        older->newer = fix;
        index_remove(&core->index, ENTRY_CALLER_FIX, fix->caller, 0);
    }
    index_put(&core->index, ENTRY_CALLER_FIX, fix->caller, 0, fix);
    index_put(&core->index, ENTRY_FIX, fix->id, 0, fix);
    list_append(&core->fixes_by_age, &fix->by_age, fix);
}

void apply_contact_located(struct core *core, const struct event *event)
{
    const struct contact_located *located = &event->contact_located;
    struct contact *contact = core_contact(core, event->contact);
    struct cell cell = { located->east_cell, located->north_cell };
    REQUIRE(contact);
    if (!cell_is_known(cell) || !located->uncertainty_m ||
        located->uncertainty_m > FIX_PLACE_MOST_M ||
        (cell_is_known(contact->cell) &&
         (!contact->cell_m || contact->cell_m < located->uncertainty_m)))
        return;
    contact->cell = cell;
    contact->cell_m = located->uncertainty_m;
}
