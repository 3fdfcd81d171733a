/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/wish.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/closure.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/mark.h"
#include "dispatcher/core/overlay.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/rows.h"

enum refusal wish_carry_out(struct decision *decision, const struct command *command,
                            enum refusal (*decide)(struct decision *decision))
{
    struct decision inner = *decision;
    uint32_t before = decision->verdict->count;
    inner.command = command;
    inner.actor_kind = ACTOR_KIND_SYSTEM;
    inner.actor = 0;
    inner.user = NULL;
    inner.gateway = NULL;
    enum refusal refusal = decide(&inner);
    if (refusal)
        decision->verdict->count = before;
    else
        decision->next_id = inner.next_id;
    return refusal;
}

enum refusal wish_do(struct decision *decision, const struct incident *incident,
                     enum citizen_wish wish)
{
    struct command command;
    command.at_ms = decision->at_ms;
    command.caller = decision->command->caller;
    command.has_personal = false;
    switch (wish) {
    case CITIZEN_WISH_STATUS:
        return citizen_may_be_texted(incident) ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    case CITIZEN_WISH_URGE:
        command.kind = COMMAND_INCIDENT_URGE;
        command.incident_urge = (struct incident_urge){ incident->id, true };
        return wish_carry_out(decision, &command, decide_incident_urge);
    case CITIZEN_WISH_REOPEN:
        command.kind = COMMAND_INCIDENT_REOPEN;
        command.incident_reopen = (struct incident_reopen){ .incident = incident->id };
        return wish_carry_out(decision, &command, decide_incident_reopen);
    case CITIZEN_WISH_WITHDRAW:
        command.kind = COMMAND_PETITION_ASK;
        command.petition_ask =
            (struct petition_ask){ .incident = incident->id, .kind = PETITION_KIND_WITHDRAWAL };
        return wish_carry_out(decision, &command, decide_petition_ask);
    case CITIZEN_WISH_NONE:
    case CITIZEN_WISH_UNSUBSCRIBE:
    case CITIZEN_WISH_SUBSCRIBE:
    case CITIZEN_WISH_HELP:
    case CITIZEN_WISH_COUNT:
        break;
    }
    return REFUSAL_MALFORMED;
}

/* What needs no incident, and what needs one. */
static bool grant(struct decision *decision, const struct event *arrived,
                  const struct incident *incident)
{
    uint64_t caller = arrived->contact_arrived.caller;
    switch (decision->command->contact_arrive.wish) {
    case CITIZEN_WISH_HELP:
        return true;
    case CITIZEN_WISH_UNSUBSCRIBE:
        return mark_by_citizen(decision, arrived, MARK_KIND_NO_SURVEY);
    case CITIZEN_WISH_SUBSCRIBE:
        mark_end_by_citizen(decision, caller, MARK_KIND_NO_SURVEY);
        return true;
    default: /* of an incident that is this number's own */
        return incident && incident->caller == caller &&
               wish_do(decision, incident, decision->command->contact_arrive.wish) == REFUSAL_NONE;
    }
}

static const enum template answers[CITIZEN_WISH_COUNT] = {
    [CITIZEN_WISH_STATUS] = TEMPLATE_STATUS,
    [CITIZEN_WISH_REOPEN] = TEMPLATE_REOPENED,
    [CITIZEN_WISH_URGE] = TEMPLATE_URGED,
    [CITIZEN_WISH_WITHDRAW] = TEMPLATE_WITHDRAW_ASKED,
    [CITIZEN_WISH_UNSUBSCRIBE] = TEMPLATE_UNSUBSCRIBED,
    [CITIZEN_WISH_SUBSCRIBE] = TEMPLATE_SUBSCRIBED,
    [CITIZEN_WISH_HELP] = TEMPLATE_HELP,
};

bool wish_grant(struct decision *decision, const struct event *arrived, const struct line *line)
{
    const struct contact_arrive *asked = &decision->command->contact_arrive;
    const struct incident *incident = core_incident(decision->core, asked->incident);
    if (!asked->wish || asked->channel != CHANNEL_SMS || line->row.emergency ||
        !arrived->contact_arrived.caller || !grant(decision, arrived, incident))
        return false;
    contact_end_by_rule(decision, arrived, asked->incident);
    struct event *event = decision_event(decision, EVENT_TEXT_ORDERED);
    event->contact = arrived->contact;
    event->incident = asked->incident;
    event->line = arrived->line;
    event->text_ordered.text = decision_id(decision);
    event->text_ordered.template = answers[asked->wish];
    event->text_ordered.gateway = arrived->contact_arrived.gateway;
    return true;
}

enum refusal decide_wish_define(struct decision *decision)
{
    const struct wish_define *asked = &decision->command->wish_define;
    if (!asked->has_row || asked->row.wish == CITIZEN_WISH_NONE)
        return REFUSAL_MALFORMED;
    if (decision->core->wishes[asked->row.wish] == wish_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_WISH_DEFINED);
    event->wish_defined.has_row = true;
    event->wish_defined.row = asked->row;
    return REFUSAL_NONE;
}

void apply_wish_defined(struct core *core, const struct event *event)
{
    const struct wish_row *row = &event->wish_defined.row;
    REQUIRE((unsigned)row->wish < CITIZEN_WISH_COUNT);
    core->wishes[row->wish] = wish_fingerprint(row);
}
