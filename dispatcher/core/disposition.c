/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/disposition.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/rows.h"

static struct disposition *find(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_DISPOSITION, number, 0);
}

bool disposition_is_owed(const struct core *core, const struct user *taker)
{
    const struct contact *contact =
        taker->wrap_up_of ? core_contact(core, taker->wrap_up_of) : NULL;
    return contact && contact->line->row.disposition_required && !contact->disposition;
}

enum refusal decide_disposition_define(struct decision *decision)
{
    const struct disposition_define *asked = &decision->command->disposition_define;
    const struct core *core = decision->core;
    if (!asked->has_row || asked->row.disposition == 0)
        return REFUSAL_MALFORMED;
    const struct disposition *known = find(core, asked->row.disposition);
    if (!known && pool_room(&core->dispositions) == 0)
        return REFUSAL_LIMIT;
    if (known && disposition_fingerprint(&known->row) == disposition_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_DISPOSITION_DEFINED);
    event->disposition_defined.has_row = true;
    event->disposition_defined.row = asked->row;
    return REFUSAL_NONE;
}

/* Whoever talked last says it, or a supervisor. */
static enum refusal check(const struct decision *decision, const struct contact *contact,
                          const struct disposition *said)
{
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (contact->state != CONTACT_STATE_ENDED || !contact->taker)
        return REFUSAL_WRONG_STATE;
    if (contact->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    if (!said || said->row.retired || (said->row.line && said->row.line != contact->line->row.line))
        return REFUSAL_NO_SUCH_DISPOSITION;
    return contact->disposition == said->row.disposition ? REFUSAL_ALREADY : REFUSAL_NONE;
}

enum refusal decide_contact_dispose(struct decision *decision)
{
    const struct contact_dispose *asked = &decision->command->contact_dispose;
    const struct contact *contact = core_contact(decision->core, asked->contact);
    const struct disposition *said = find(decision->core, asked->disposition);
    enum refusal refusal = check(decision, contact, said);
    if (refusal)
        return refusal;
    struct event *event = contact_event(decision, EVENT_CONTACT_DISPOSED, contact);
    event->taker = contact->taker->row.user;
    event->contact_disposed.disposition = asked->disposition;
    event->contact_disposed.before = contact->disposition;
    event->contact_disposed.invalid = said->row.invalid && !contact->incident;
    event->contact_disposed.was_invalid = contact->invalid;
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

void apply_disposition_defined(struct core *core, const struct event *event)
{
    const struct disposition_row *row = &event->disposition_defined.row;
    struct disposition *disposition = find(core, row->disposition);
    if (!disposition) {
        disposition = pool_take(&core->dispositions);
        index_put(&core->index, ENTRY_DISPOSITION, row->disposition, 0, disposition);
    }
    disposition->row = *row;
}

void apply_contact_disposed(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->state == CONTACT_STATE_ENDED);
    contact->disposition = event->contact_disposed.disposition;
    contact->invalid = event->contact_disposed.invalid;
}
