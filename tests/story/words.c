/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of the stories. */
#include "tests/story/world.h"

enum refusal set_parameter(struct world *w, enum parameter parameter, uint64_t value)
{
    struct command command = from_system(COMMAND_PARAMETER_SET);
    command.parameter_set.parameter = parameter;
    command.parameter_set.value = value;
    return world_send(w, command);
}

static uint64_t arrive(struct world *w, uint32_t gateway, uint32_t line, uint64_t caller,
                       struct contact_arrive arrive)
{
    struct command command = from_gateway(gateway, COMMAND_CONTACT_ARRIVE);
    command.caller = caller;
    command.contact_arrive = arrive;
    command.contact_arrive.line = line;
    command.contact_arrive.call = w->next_call++;
    command.contact_arrive.arrived_ms = w->now_ms;
    return world_send(w, command) ? 0 : w->verdict.contact;
}

uint64_t call_by(struct world *w, uint32_t gateway, uint32_t line, uint64_t caller)
{
    return arrive(w, gateway, line, caller, (struct contact_arrive){ .channel = CHANNEL_VOICE });
}

uint64_t call_in(struct world *w, uint32_t line, uint64_t caller)
{
    return call_by(w, 1, line, caller);
}

uint64_t text_in(struct world *w, uint32_t line, uint64_t caller)
{
    return arrive(w, 3, line, caller, (struct contact_arrive){ .channel = CHANNEL_SMS });
}

uint64_t rating_in(struct world *w, uint64_t caller, enum degree contacted, enum degree solved,
                   enum degree satisfied)
{
    return arrive(w, 3, 12345, caller,
                  (struct contact_arrive){ .channel = CHANNEL_SMS,
                                           .contacted = contacted,
                                           .solved = solved,
                                           .satisfied = satisfied });
}

static const struct event *arrival(const struct world *w, uint64_t contact)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_CONTACT_ARRIVED && w->history[i].contact == contact)
            return &w->history[i];
    return NULL;
}

enum refusal hang_up(struct world *w, uint64_t contact, enum end_cause cause)
{
    const struct event *arrived = arrival(w, contact);
    struct command command = from_gateway(arrived->contact_arrived.gateway, COMMAND_CONTACT_END);
    command.contact_end.call = arrived->contact_arrived.call;
    command.contact_end.cause = cause;
    return world_send(w, command);
}

enum refusal sign_on(struct world *w, uint32_t taker)
{
    return world_send(w, from_user(taker, COMMAND_TAKER_SIGN_ON));
}

enum refusal sign_off(struct world *w, uint32_t taker)
{
    return world_send(w, from_user(taker, COMMAND_TAKER_SIGN_OFF));
}

enum refusal ready(struct world *w, uint32_t taker)
{
    return world_send(w, from_user(taker, COMMAND_TAKER_READY));
}

enum refusal away(struct world *w, uint32_t taker, enum away_reason reason)
{
    struct command command = from_user(taker, COMMAND_TAKER_AWAY);
    command.taker_away.reason = reason;
    return world_send(w, command);
}

enum refusal finish_wrap_up(struct world *w, uint32_t taker)
{
    return world_send(w, from_user(taker, COMMAND_WRAP_UP_FINISH));
}

void on_duty(struct world *w, uint32_t taker)
{
    (void)sign_on(w, taker);
    (void)ready(w, taker);
}

uint64_t last_offer(const struct world *w)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_OFFER_MADE)
            return w->history[i].offer;
    return 0;
}

static uint32_t gateway_of(const struct world *w, uint64_t offer)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_OFFER_MADE && w->history[i].offer == offer)
            return w->history[i].offer_made.gateway;
    return 1;
}

enum refusal answer(struct world *w, uint64_t offer)
{
    struct command command = from_gateway(gateway_of(w, offer), COMMAND_OFFER_ANSWER);
    command.offer_answer.offer = offer;
    return world_send(w, command);
}

enum refusal accept(struct world *w, uint32_t taker, uint64_t offer)
{
    struct command command = from_user(taker, COMMAND_OFFER_ACCEPT);
    command.offer_accept.offer = offer;
    return world_send(w, command);
}

enum refusal decline(struct world *w, uint32_t taker, uint64_t offer)
{
    struct command command = from_user(taker, COMMAND_OFFER_DECLINE);
    command.offer_decline.offer = offer;
    return world_send(w, command);
}

enum refusal fail_offer(struct world *w, uint64_t offer, enum offer_end cause)
{
    struct command command = from_gateway(gateway_of(w, offer), COMMAND_OFFER_FAIL);
    command.offer_fail.offer = offer;
    command.offer_fail.cause = cause;
    return world_send(w, command);
}

enum refusal finish(struct world *w, uint32_t taker, uint64_t contact)
{
    struct command command = from_user(taker, COMMAND_CONTACT_FINISH);
    command.contact_finish.contact = contact;
    return world_send(w, command);
}

uint64_t talk(struct world *w, uint32_t line, uint64_t caller)
{
    uint64_t contact = call_in(w, line, caller);
    (void)answer(w, last_offer(w));
    return contact;
}

uint64_t register_incident(struct world *w, uint32_t taker, uint64_t contact, uint32_t category)
{
    struct command command = from_user(taker, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = category;
    return world_send(w, command) ? 0 : w->verdict.incident;
}

enum refusal dispatch(struct world *w, uint64_t incident, uint32_t lead, uint32_t assist)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_DISPATCH);
    command.incident_dispatch.incident = incident;
    command.incident_dispatch.lead = lead;
    command.incident_dispatch.assists_count = assist ? 1 : 0;
    command.incident_dispatch.assists[0] = assist;
    return world_send(w, command);
}

uint64_t task_at(const struct world *w, uint64_t incident, uint32_t department)
{
    for (uint32_t i = w->history_count; i-- > 0;) {
        const struct event *event = &w->history[i];
        if (event->kind == EVENT_TASK_OPENED && event->incident == incident &&
            event->department == department)
            return event->task;
    }
    return 0;
}

/* The department's own user acts. */
static struct command of_task(const struct world *w, uint64_t task, enum command_kind kind)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_TASK_OPENED && w->history[i].task == task)
            return from_user(2000 + w->history[i].department, kind);
    return from_user(2001, kind);
}

enum refusal sign(struct world *w, uint64_t task)
{
    struct command command = of_task(w, task, COMMAND_TASK_SIGN);
    command.task_sign.task = task;
    return world_send(w, command);
}

enum refusal reply(struct world *w, uint64_t task)
{
    struct command command = of_task(w, task, COMMAND_TASK_REPLY);
    command.task_reply.task = task;
    command.task_reply.solved = DEGREE_YES;
    return world_send(w, command);
}

enum refusal say_why(struct world *w, uint64_t task, enum late_reason reason)
{
    struct command command = of_task(w, task, COMMAND_DEMAND_ANSWER);
    command.demand_answer.task = task;
    command.demand_answer.reason = reason;
    return world_send(w, command);
}

enum refusal send_back(struct world *w, uint64_t task, enum return_reason reason)
{
    struct command command = of_task(w, task, COMMAND_TASK_SEND_BACK);
    command.task_send_back.task = task;
    command.task_send_back.reason = reason;
    return world_send(w, command);
}

enum refusal rule(struct world *w, uint64_t task, bool accepted)
{
    struct command command = from_user(3001, COMMAND_TASK_RULE_RETURN);
    command.task_rule_return.task = task;
    command.task_rule_return.accept = accepted;
    return world_send(w, command);
}

enum refusal tell(struct world *w, uint64_t incident, enum tell_means means,
                  enum excuse_reason excuse)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_TELL);
    command.incident_tell.incident = incident;
    command.incident_tell.means = means;
    command.incident_tell.excuse = excuse;
    return world_send(w, command);
}

enum refusal survey(struct world *w, uint64_t incident, enum degree solved)
{
    struct command command = from_user(1001, COMMAND_SURVEY_ANSWER);
    command.survey_answer.incident = incident;
    command.survey_answer.contacted = DEGREE_YES;
    command.survey_answer.solved = solved;
    command.survey_answer.satisfied = solved;
    return world_send(w, command);
}

enum refusal revisit(struct world *w, uint64_t incident, bool reached, enum degree solved)
{
    struct command command = from_user(1001, COMMAND_REVISIT_FINISH);
    command.revisit_finish.incident = incident;
    command.revisit_finish.reached = reached;
    command.revisit_finish.contacted = reached ? DEGREE_YES : DEGREE_NONE;
    command.revisit_finish.solved = command.revisit_finish.satisfied = solved;
    return world_send(w, command);
}

enum refusal report_text(struct world *w, uint64_t text, enum text_state state)
{
    struct command command = from_gateway(3, COMMAND_TEXT_REPORT);
    command.text_report.text = text;
    command.text_report.state = state;
    return world_send(w, command);
}

uint64_t last_text(const struct world *w, enum template template)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_TEXT_ORDERED &&
            w->history[i].text_ordered.template == template)
            return w->history[i].text_ordered.text;
    return 0;
}

enum incident_state state_of(const struct world *w, uint64_t incident)
{
    for (uint32_t i = w->history_count; i-- > 0;) {
        if (w->history[i].incident != incident)
            continue;
        if (w->history[i].kind == EVENT_INCIDENT_MOVED)
            return w->history[i].incident_moved.to;
        if (w->history[i].kind == EVENT_INCIDENT_REGISTERED)
            return INCIDENT_STATE_REGISTERED;
    }
    return INCIDENT_STATE_NONE;
}

uint64_t replied_incident(struct world *w)
{
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    (void)hang_up(w, contact, END_CAUSE_CALLER);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    (void)reply(w, task_at(w, incident, 2));
    return incident;
}

uint64_t told_incident(struct world *w)
{
    uint64_t incident = replied_incident(w);
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_SENT);
    return incident;
}

const struct event *last_event(const struct world *w, enum event_kind kind)
{
    for (uint32_t i = w->history_count; i > 0; i--)
        if (w->history[i - 1].kind == kind)
            return &w->history[i - 1];
    return NULL;
}

uint32_t count_events(const struct world *w, enum event_kind kind)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < w->history_count; i++)
        found += w->history[i].kind == kind;
    return found;
}
