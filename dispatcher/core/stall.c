/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/stall.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/taker.h"

static bool waits(const struct contact *contact)
{
    return contact->id && contact->state == CONTACT_STATE_WAITING && !contact->parked_ms &&
           queue_is_reachable(contact);
}

static bool speaks(const struct user *taker, enum language language)
{
    return !language || taker->row.languages & 1U << language;
}

static bool could_have(const struct core *core, const struct contact *contact,
                       const struct user *taker)
{
    enum taker_state state = taker_state(taker);
    bool urgent = queue_is_urgent(contact);
    bool idle = state == TAKER_STATE_READY || (urgent && state == TAKER_STATE_WRAP_UP);
    if (!idle || taker->away || taker->row.retired)
        return false;
    if (taker->rest_ms && !(urgent && taker->ordinary_rest))
        return false;
    if (contact->channel == CHANNEL_VOICE && !taker_phone(taker)[0])
        return false;
    if (!urgent && taker->emergency && core->emergency_ready <= core->reserve.takers)
        return false;
    if (!contact->any_language && !speaks(taker, contact->language))
        return false;
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->row.skills[i].line == contact->line->row.line)
            return urgent || !contact->level || taker->row.skills[i].level <= contact->level;
    return false;
}

bool core_stalled(const struct core *core, uint64_t *contact, uint32_t *taker)
{
    if (core->contacts_in[CONTACT_STATE_WAITING] == 0)
        return false;
    for (uint32_t i = 0; i < core->contacts.reached; i++) {
        const struct contact *waiting = pool_at(&core->contacts, i);
        for (uint32_t j = 0; waits(waiting) && j < core->users.reached; j++) {
            const struct user *idle = pool_at(&core->users, j);
            if (!idle->row.user || !could_have(core, waiting, idle))
                continue;
            *contact = waiting->id;
            *taker = idle->row.user;
            return true;
        }
    }
    return false;
}

enum refusal decide_queue_mend(struct decision *decision)
{
    const struct queue_mend *asked = &decision->command->queue_mend;
    const struct contact *contact = core_contact(decision->core, asked->contact);
    const struct user *taker = core_user(decision->core, asked->taker);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (!taker)
        return REFUSAL_NO_SUCH_USER;
    if (!waits(contact) || !could_have(decision->core, contact, taker))
        return REFUSAL_WRONG_STATE; /* it went on meanwhile */
    struct event *event = contact_event(decision, EVENT_QUEUE_STALLED, contact);
    event->taker = taker->row.user;
    event->queue_stalled.waited_ms = asked->waited_ms;
    return REFUSAL_NONE;
}

void apply_queue_stalled(struct core *core, const struct event *event)
{
    (void)event;
    takers_rebuild_seats(core);
    queue_rebuild(core);
}
