/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/need.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queue.h"

bool need_rings_are_sound(const struct line_row *row)
{
    if (row->rings_count > 0 && (row->emergency || row->rings[0].after_ms != 0))
        return false;
    for (uint32_t i = 0; i < row->rings_count; i++) {
        if (row->rings[i].level < 1 || row->rings[i].level > LEVEL_MAX)
            return false;
        if (i > 0 && (row->rings[i].after_ms <= row->rings[i - 1].after_ms ||
                      row->rings[i].level <= row->rings[i - 1].level))
            return false;
    }
    return true;
}

static void earlier(uint64_t *widen_ms, uint64_t at_ms)
{
    if (!*widen_ms || at_ms < *widen_ms)
        *widen_ms = at_ms;
}

struct need need_of(const struct decision *decision, const struct line *line, uint64_t arrived_ms,
                    enum language language, uint64_t needed_ms)
{
    const struct line_row *row = &line->row;
    enum parameter wait =
        row->emergency ? PARAMETER_LANGUAGE_WAIT_EMERGENCY_MS : PARAMETER_LANGUAGE_WAIT_MS;
    uint64_t prefer_ms = needed_ms + decision->core->parameters[wait];
    struct need need = { .any_language = language && prefer_ms <= decision->at_ms };
    if (language && !need.any_language)
        need.widen_ms = prefer_ms;
    for (uint32_t i = 0; i < row->rings_count; i++) {
        if (arrived_ms + row->rings[i].after_ms > decision->at_ms) {
            earlier(&need.widen_ms, arrived_ms + row->rings[i].after_ms);
            break;
        }
        need.level = row->rings[i].level;
    }
    if (need.level == LEVEL_MAX)
        need.level = 0;
    return need;
}

static struct need need_now(const struct decision *decision, const struct contact *contact)
{
    return need_of(decision, contact->line, contact->arrived_ms, contact->language,
                   contact->needed_ms);
}

void need_widen(struct decision *decision, const struct contact *contact)
{
    struct need need = need_now(decision, contact);
    struct event *event = contact_event(decision, EVENT_CONTACT_WIDENED, contact);
    event->contact_widened.level = need.level;
    event->contact_widened.any_language = need.any_language;
    event->contact_widened.widen_ms = need.widen_ms;
}

enum refusal decide_contact_need(struct decision *decision)
{
    const struct contact_need *asked = &decision->command->contact_need;
    bool by_gateway = decision->actor_kind == ACTOR_KIND_GATEWAY;
    const struct contact *contact = by_gateway
                                        ? core_call(decision->core, decision->actor, asked->call)
                                        : core_contact(decision->core, asked->contact);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (contact->state == CONTACT_STATE_ENDED || contact->state == CONTACT_STATE_ABANDONED)
        return REFUSAL_WRONG_STATE;
    if (contact->language == asked->language)
        return REFUSAL_ALREADY;
    if (!by_gateway && !decision_forces(decision) && !contact_is_with(contact, decision->user))
        return REFUSAL_NOT_YOURS;
    struct need need =
        need_of(decision, contact->line, contact->arrived_ms, asked->language, decision->at_ms);
    struct event *event = contact_event(decision, EVENT_CONTACT_NEEDED, contact);
    event->contact_needed.language = asked->language;
    event->contact_needed.widen_ms = need.any_language ? decision->at_ms : need.widen_ms;
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

void apply_contact_needed(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    contact->language = event->contact_needed.language;
    contact->any_language = false;
    contact->needed_ms = event->at_ms;
    contact->widen_ms = event->contact_needed.widen_ms;
    queue_file(core, contact);
}

void apply_contact_widened(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->state == CONTACT_STATE_WAITING);
    contact->level = event->contact_widened.level;
    contact->any_language = event->contact_widened.any_language;
    contact->widen_ms = event->contact_widened.widen_ms;
    queue_file(core, contact);
}
