/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/contact.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/estimate.h"
#include "dispatcher/core/fix.h"
#include "dispatcher/core/gateway.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/mark.h"
#include "dispatcher/core/need.h"
#include "dispatcher/core/number.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/park.h"
#include "dispatcher/core/party.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/reserve.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/storm.h"
#include "dispatcher/core/survey.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/test_call.h"
#include "dispatcher/core/transfer.h"
#include "dispatcher/core/wish.h"

static const bool may_move[CONTACT_STATE_COUNT][CONTACT_STATE_COUNT] = {
    [CONTACT_STATE_NONE] = { [CONTACT_STATE_WAITING] = true },
    [CONTACT_STATE_WAITING] = { [CONTACT_STATE_OFFERED] = true,
                                [CONTACT_STATE_CONNECTED] = true, /* without a dispatcher */
                                [CONTACT_STATE_ENDED] = true,     /* a survey reply: nobody waits */
                                [CONTACT_STATE_ABANDONED] = true },
    [CONTACT_STATE_OFFERED] = { [CONTACT_STATE_WAITING] = true, [CONTACT_STATE_CONNECTED] = true },
    [CONTACT_STATE_CONNECTED] = { [CONTACT_STATE_WAITING] =
                                      true, /* its taker left a transfer, or parked it */
                                  [CONTACT_STATE_ENDED] = true },
};

bool contact_may_move(enum contact_state from, enum contact_state to)
{
    return may_move[from][to];
}

void contact_move(struct core *core, struct contact *contact, enum contact_state to)
{
    REQUIRE(contact_may_move(contact->state, to));
    core->contacts_in[contact->state]--;
    core->contacts_in[to]++;
    contact->state = to;
}

struct event *contact_event(struct decision *decision, enum event_kind kind,
                            const struct contact *contact)
{
    struct event *event = decision_event(decision, kind);
    event->contact = contact->id;
    event->line = contact->line->row.line;
    event->incident = contact->incident;
    return event;
}

uint32_t contact_taker(const struct contact *contact)
{
    return contact->taker ? contact->taker->row.user : 0;
}

bool contact_is_with(const struct contact *contact, const struct user *taker)
{
    bool let_go = contact->state == CONTACT_STATE_WAITING && contact->parker == taker;
    return contact->taker == taker || contact->transfer.receiver == taker || let_go ||
           offer_to(contact, taker);
}

bool contact_is_live(const struct contact *contact)
{
    return contact->state == CONTACT_STATE_WAITING || contact->state == CONTACT_STATE_OFFERED ||
           contact->state == CONTACT_STATE_CONNECTED;
}

/* The city cut the conversation off, not one of the two who held it. */
static bool was_cut_off(enum end_cause cause)
{
    return cause == END_CAUSE_GATEWAY_LOST || cause == END_CAUSE_MEDIA_LOST ||
           cause == END_CAUSE_PHONE_FAILED;
}

/* A wait that did not end with the citizen's patience. */
static bool by_rule(enum end_cause cause)
{
    return cause >= END_CAUSE_TEST || cause == END_CAUSE_ANSWERED_BY_RULE;
}

static enum offer_end offer_cause(enum end_cause cause)
{
    return cause == END_CAUSE_GATEWAY_LOST  ? OFFER_END_GATEWAY_LOST
           : cause == END_CAUSE_NOT_REACHED ? OFFER_END_NOT_REACHED
                                            : OFFER_END_CALLER_GONE;
}

void contact_end(struct decision *decision, const struct contact *contact, enum end_cause cause)
{
    REQUIRE(contact_is_live(contact));
    bool talks = contact->state == CONTACT_STATE_CONNECTED;
    bool talked = talks || contact->parker;
    bool unclear = silence_is_open(contact->silence);
    silence_gone(decision, contact);
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (contact->leases[i].id)
            offer_end(decision, contact, &contact->leases[i], offer_cause(cause));
    if (contact->transfer.kind)
        transfer_end(decision, contact,
                     cause == END_CAUSE_REFERRED ? TRANSFER_OUTCOME_REFERRED
                                                 : TRANSFER_OUTCOME_CALLER_GONE);
    parties_end(decision, contact, PARTY_OUT_OVER);
    struct event *event = contact_event(decision, EVENT_CONTACT_ENDED, contact);
    event->taker = contact_taker(contact);
    event->contact_ended.cause = cause;
    event->contact_ended.from = contact->state;
    event->contact_ended.abandoned = !talked && !by_rule(cause);
    event->contact_ended.brief =
        event->contact_ended.abandoned &&
        decision->at_ms - contact->arrived_ms < decision->core->parameters[PARAMETER_BRIEF_MS];
    event->contact_ended.gateway = contact->gateway->row.gateway;
    event->contact_ended.call = contact->call;
    if (talks)
        taker_wrap_up(decision, contact);
    if (contact->line->row.emergency && (!talks || was_cut_off(cause) || unclear))
        callback_open(decision, contact);
}

void contact_due_now(struct decision *decision, const struct contact *contact)
{
    if (park_due(contact) <= decision->at_ms) {
        park_lapse(decision, contact);
        return;
    }
    if (queued_callback_due(contact) <= decision->at_ms) {
        queued_callback_fall(decision, contact);
        return;
    }
    if (silence_due(contact) <= decision->at_ms) {
        silence_no_reaction(decision, contact);
        return;
    }
    if (contact->tell_ms && contact->tell_ms <= decision->at_ms) {
        estimate_tell(decision, contact);
        return;
    }
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (contact->leases[i].id && contact->leases[i].until_ms <= decision->at_ms) {
            offer_expire(decision, contact, &contact->leases[i]);
            return;
        }
    if (contact->transfer.kind && !contact->transfer.receiver &&
        contact->transfer.until_ms <= decision->at_ms) {
        transfer_stop(decision, contact, TRANSFER_OUTCOME_UNANSWERED);
        return;
    }
    if (contact->state == CONTACT_STATE_WAITING && contact->widen_ms &&
        contact->widen_ms <= decision->at_ms) {
        need_widen(decision, contact);
        return;
    }
    if (conversation_due(contact) <= decision->at_ms) {
        contact_end(decision, contact, END_CAUSE_STALE);
        return;
    }
    REQUIRE(!contact->late && contact->due_ms <= decision->at_ms);
    struct event *event = contact_event(decision, EVENT_CLOCK_OVERDUE, contact);
    event->clock_overdue.clock = CLOCK_KIND_ANSWER;
    event->clock_overdue.due_ms = contact->due_ms;
    event->clock_overdue.subject = contact->id;
}

/* A number that reaches an emergency line again needs no callback any more; one that waits to be
 * called back and calls its line again takes its older place. */
static void called_again(struct decision *decision, const struct line *line,
                         struct contact_arrived *arrived)
{
    const struct callback *callback = callback_of(decision->core, decision->command->caller);
    if (callback && line->row.emergency)
        callback_end(decision, callback, CALLBACK_END_CALLED_AGAIN);
    const struct contact *queued = queued_callback_of(decision->core, decision->command->caller);
    if (!queued || queued->line != line || arrived->channel != CHANNEL_VOICE)
        return;
    arrived->due_ms = queued->due_ms;
    contact_end(decision, queued, END_CAUSE_CALLED_AGAIN);
}

/* What is known of the number. On an emergency line it is a note, and nothing else. */
static void fill_marks(const struct decision *decision, const struct line *line,
                       struct contact_arrived *arrived)
{
    arrived->marks = marks_of(decision->core, arrived->caller);
    if (!line->row.emergency && arrived->marks & 1U << MARK_KIND_NUISANCE)
        arrived->due_ms += decision->core->parameters[PARAMETER_MARK_DELAY_MS];
}

static void follow_arrival(struct decision *decision, const struct line *line,
                           const struct event *arrived)
{
    bool nuisance = arrived->contact_arrived.marks & 1U << MARK_KIND_NUISANCE;
    if (nuisance && !line->row.emergency && arrived->contact_arrived.channel == CHANNEL_VOICE)
        announce_arrived(decision, arrived, ANNOUNCEMENT_NUISANCE);
    cluster_arrival(decision, arrived);
    storm_arrival(decision, line);
}

void contact_end_by_rule(struct decision *decision, const struct event *arrived, uint64_t incident)
{
    struct event *event = decision_event(decision, EVENT_CONTACT_ENDED);
    event->contact = arrived->contact;
    event->incident = incident;
    event->line = arrived->line;
    event->contact_ended.cause = END_CAUSE_ANSWERED_BY_RULE;
    event->contact_ended.from = CONTACT_STATE_WAITING;
    event->contact_ended.gateway = arrived->contact_arrived.gateway;
    event->contact_ended.call = arrived->contact_arrived.call;
}

static enum refusal check_arrival(const struct decision *decision, const struct line *line)
{
    const struct core *core = decision->core;
    const struct contact_arrive *asked = &decision->command->contact_arrive;
    if (!line || line->row.retired || line->row.desk)
        return REFUSAL_NO_SUCH_LINE; /* nobody dials a desk */
    if ((asked->channel != CHANNEL_VOICE && asked->channel != CHANNEL_SMS) ||
        !cell_is_sound((struct cell){ asked->east_cell, asked->north_cell }))
        return REFUSAL_MALFORMED;
    if (pool_room(&core->contacts) == 0 && !list_first(&core->ended_contacts))
        return REFUSAL_LIMIT;
    return REFUSAL_NONE;
}

static struct event *arrival(struct decision *decision, const struct line *line)
{
    const struct contact_arrive *asked = &decision->command->contact_arrive;
    struct event *event = decision_event(decision, EVENT_CONTACT_ARRIVED);
    event->contact = decision->verdict->contact = decision_id(decision);
    event->line = line->row.line;
    struct contact_arrived *arrived = &event->contact_arrived;
    arrived->gateway = decision->actor;
    arrived->call = asked->call;
    arrived->channel = asked->channel;
    arrived->band = line->row.band;
    arrived->caller = decision->command->caller;
    memcpy(arrived->trunk, asked->trunk, sizeof arrived->trunk);
    memcpy(arrived->called, asked->called, sizeof arrived->called);
    memcpy(arrived->original, asked->original, sizeof arrived->original);
    /* A gateway's clock may run ahead of ours; nobody arrives in the future. */
    arrived->arrived_ms = asked->arrived_ms && asked->arrived_ms < decision->at_ms
                              ? asked->arrived_ms
                              : decision->at_ms;
    arrived->due_ms = arrived->arrived_ms + line->row.answer_target_ms;
    arrived->undiallable = asked->undiallable;
    arrived->test = asked->test;
    arrived->wish = asked->wish;
    arrived->about = asked->incident;
    arrived->same = asked->test ? 0 : number_live(decision->core, arrived->caller);
    fill_marks(decision, line, arrived);
    arrived->language = asked->language;
    struct need need =
        need_of(decision, line, arrived->arrived_ms, asked->language, decision->at_ms);
    arrived->level = need.level;
    arrived->widen_ms = need.any_language ? decision->at_ms : need.widen_ms;
    arrived->east_cell = asked->east_cell;
    arrived->north_cell = asked->north_cell;
    return event;
}

/* What follows at once from an arrival that is no test; rated: the incident whose survey it answers. */
static void arrival_follow(struct decision *decision, const struct line *line, struct event *event,
                           const struct incident *rated)
{
    called_again(decision, line, &event->contact_arrived);
    follow_arrival(decision, line, event);
    if (!rated)
        fix_arrival(decision, event);
    if (rated) {
        const struct contact_arrive *asked = &decision->command->contact_arrive;
        contact_end_by_rule(decision, event, rated->id);
        survey_answered(decision, rated, asked->contacted, asked->solved, asked->satisfied,
                        CHANNEL_SMS);
    } else if (!wish_grant(decision, event, line) &&
               event->contact_arrived.channel == CHANNEL_SMS && line->row.emergency &&
               event->contact_arrived.caller)
        conversation_receipt(decision, event);
}

enum refusal decide_contact_arrive(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct contact_arrive *asked = &decision->command->contact_arrive;
    const struct line *line = core_line(core, asked->line);
    index_foresee_caller(&core->index, decision->command->caller);
    if (!decision->gateway)
        return REFUSAL_NO_SUCH_GATEWAY;
    const struct contact *known = core_call(core, decision->actor, asked->call);
    if (known) {
        decision->verdict->contact = known->id;
        return REFUSAL_ALREADY;
    }
    enum refusal refusal = check_arrival(decision, line);
    if (refusal)
        return refusal;
    if (asked->test) {
        if (test_call_check(decision))
            return REFUSAL_TOO_SOON;
        test_call_end(decision, arrival(decision, line));
        return REFUSAL_NONE;
    }
    const struct contact *open = conversation_of(core, decision->command, line);
    const struct incident *rated = survey_of_reply(core, decision->command, line);
    if (open && (!rated || line->row.emergency)) {
        conversation_join(decision, open);
        return REFUSAL_NONE;
    }
    struct event *event = arrival(decision, line);
    event->incident = rated ? rated->id : 0;
    arrival_follow(decision, line, event, rated);
    return REFUSAL_NONE;
}

enum refusal decide_contact_end(struct decision *decision)
{
    const struct contact *contact =
        core_call(decision->core, decision->actor, decision->command->contact_end.call);
    if (decision->actor_kind != ACTOR_KIND_GATEWAY || !contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (!contact_is_live(contact) || contact->dial) /* that leg has ended before */
        return REFUSAL_ALREADY;
    enum end_cause cause = decision->command->contact_end.cause;
    /* A gateway knows who hung up, not what the city's rules would make of it. */
    contact_end(decision, contact, cause && !by_rule(cause) ? cause : END_CAUSE_CALLER);
    return REFUSAL_NONE;
}

enum refusal decide_contact_finish(struct decision *decision)
{
    const struct contact *contact =
        core_contact(decision->core, decision->command->contact_finish.contact);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (!contact_is_live(contact))
        return REFUSAL_ALREADY;
    if (contact->state != CONTACT_STATE_CONNECTED)
        return REFUSAL_WRONG_STATE;
    if (contact->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    decision->verdict->contact = contact->id;
    contact_end(decision, contact, END_CAUSE_TAKER);
    return REFUSAL_NONE;
}

enum refusal decide_contact_reline(struct decision *decision)
{
    const struct contact_reline *asked = &decision->command->contact_reline;
    const struct contact *contact = core_contact(decision->core, asked->contact);
    const struct line *line = core_line(decision->core, asked->line);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (!line || line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    if (contact->line == line)
        return REFUSAL_ALREADY;
    if (contact->state != CONTACT_STATE_CONNECTED && contact->state != CONTACT_STATE_WAITING)
        return REFUSAL_WRONG_STATE;
    if (!decision_forces(decision) && (!contact->taker || contact->taker != decision->user))
        return REFUSAL_NOT_YOURS;
    if (line->row.emergency)
        queued_callback_hasten(decision, contact);
    struct event *event = contact_event(decision, EVENT_CONTACT_RELINED, contact);
    event->contact_relined.from = contact->line->row.line;
    event->contact_relined.to = line->row.line;
    event->contact_relined.band = line->row.band;
    event->contact_relined.due_ms = contact->arrived_ms + line->row.answer_target_ms;
    struct need need =
        need_of(decision, line, contact->arrived_ms, contact->language, contact->needed_ms);
    event->contact_relined.level = need.level;
    event->contact_relined.widen_ms = need.widen_ms;
    event->line = line->row.line;
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

enum refusal decide_recording_store(struct decision *decision)
{
    const struct recording_store *asked = &decision->command->recording_store;
    const struct contact *contact = core_call(decision->core, decision->actor, asked->call);
    if (decision->actor_kind != ACTOR_KIND_GATEWAY || !contact)
        return REFUSAL_NO_SUCH_CONTACT;
    struct event *event = contact_event(decision, EVENT_RECORDING_STORED, contact);
    event->taker = contact_taker(contact);
    struct recording_stored *stored = &event->recording_stored;
    stored->gateway = decision->actor;
    memcpy(stored->file, asked->file, sizeof stored->file);
    memcpy(stored->digest, asked->digest, sizeof stored->digest);
    stored->size = asked->size;
    stored->duration_ms = asked->duration_ms;
    stored->algorithm = asked->algorithm;
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

enum refusal decide_sound_report(struct decision *decision)
{
    const struct sound_report *asked = &decision->command->sound_report;
    const struct contact *contact = core_call(decision->core, decision->actor, asked->call);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    struct event *event = contact_event(decision, EVENT_SOUND_REPORTED, contact);
    event->taker = asked->side == SOUND_SIDE_TAKER ? asked->user : contact_taker(contact);
    event->sound_reported = (struct sound_reported){ .gateway = decision->actor,
                                                     .call = asked->call,
                                                     .side = asked->side,
                                                     .user = asked->user,
                                                     .state = asked->state,
                                                     .packets = asked->packets,
                                                     .lost = asked->lost,
                                                     .jitter_ms = asked->jitter_ms,
                                                     .round_trip_ms = asked->round_trip_ms,
                                                     .sent_lost = asked->sent_lost,
                                                     .final = asked->final };
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

/* The next to be forgotten ended long ago: its lines are fetched now, while calls go on (6 % of all
 * steps, with the same in incident_apply.c). */
static void foresee_oldest(const struct core *core)
{
    const struct contact *contact = list_first(&core->ended_contacts);
    if (!contact)
        return;
    index_foresee(&core->index, ENTRY_CONTACT, contact->id, 0);
    index_foresee(&core->index, ENTRY_CALL, contact->call, contact->gateway->row.gateway);
    index_foresee_caller(&core->index, contact->caller);
    pool_foresee(&core->contacts, contact);
}

static void forget_oldest(struct core *core)
{
    struct contact *contact = list_first(&core->ended_contacts);
    REQUIRE(contact && !contact_is_live(contact));
    link_leave(&contact->ended);
    guide_forget(core, contact);
    number_forget(core, contact);
    core->contacts_in[contact->state]--;
    index_remove(&core->index, ENTRY_CONTACT, contact->id, 0);
    index_remove(&core->index, ENTRY_CALL, contact->call, contact->gateway->row.gateway);
    pool_give(&core->contacts, contact);
    foresee_oldest(core);
}

void apply_contact_arrived(struct core *core, const struct event *event)
{
    const struct contact_arrived *arrived = &event->contact_arrived;
    if (pool_room(&core->contacts) == 0)
        forget_oldest(core);
    struct contact *contact = pool_take(&core->contacts);
    core_id_used(core, event->contact);
    contact->id = event->contact;
    contact->call = arrived->call;
    contact->caller = arrived->caller;
    contact->due_ms = arrived->due_ms;
    contact->arrived_ms = arrived->arrived_ms;
    contact->incident = event->incident;
    contact->gateway = core_gateway(core, arrived->gateway);
    contact->line = core_line(core, event->line);
    REQUIRE(contact->gateway && contact->line);
    contact->epoch = contact->gateway->epoch;
    contact->channel = arrived->channel;
    contact->band = arrived->band;
    contact->language = arrived->language;
    contact->needed_ms = event->at_ms;
    contact->level = arrived->level;
    contact->widen_ms = arrived->widen_ms;
    contact->cell = (struct cell){ arrived->east_cell, arrived->north_cell };
    contact->undiallable = arrived->undiallable;
    contact->test = arrived->test;
    contact->marks = arrived->marks;
    contact->dialled = event->line;
    contact->deadline.kind = DEADLINE_CONTACT;
    contact->deadline.owner = contact;
    core->contacts_in[CONTACT_STATE_NONE]++;
    contact_move(core, contact, CONTACT_STATE_WAITING);
    index_put(&core->index, ENTRY_CONTACT, contact->id, 0, contact);
    index_put(&core->index, ENTRY_CALL, contact->call, arrived->gateway, contact);
    if (!contact->test)
        number_enter(core, contact);
    if (contact->channel == CHANNEL_VOICE)
        list_append(&contact->gateway->contacts, &contact->of_gateway, contact);
    gateway_refile(core, contact->gateway);
    queue_file(core, contact);
}

void apply_contact_connected(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    struct user *taker = event->taker ? core_user(core, event->taker) : NULL;
    REQUIRE(contact && (taker || !event->offer) &&
            (event->offer || !taker || (taker->signed_on && !taker->contact)));
    if (event->offer)
        offer_drop(core, contact, event->offer);
    else if (taker)
        taker->contact = contact; /* without a dispatcher there was no offer */
    contact->taker = taker;
    contact->widen_ms = 0;
    contact->stale_ms = 0;
    contact->parked_ms = contact->park_until_ms =
        0; /* answered by the plan, without a dispatcher */
    contact_move(core, contact, CONTACT_STATE_CONNECTED);
    if (taker)
        taker->unanswered = 0;
    queued_callback_forget(core, contact);
    if (event->contact_connected.emergency)
        reserve_count(core, event->at_ms, event->contact_connected.in_time);
    queue_file(core, contact);
    if (taker)
        taker_refile(core, taker);
}

void apply_contact_ended(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact_is_live(contact));
    struct user *taker = contact->taker;
    contact->held_ms = contact->muted_ms = 0;
    contact->parked_ms = contact->park_until_ms = 0;
    contact_move(core, contact,
                 event->contact_ended.abandoned ? CONTACT_STATE_ABANDONED : CONTACT_STATE_ENDED);
    number_leave(core, contact);
    contact->ended_ms = event->at_ms;
    contact->stale_ms = 0;
    link_leave(&contact->of_gateway);
    gateway_refile(core, contact->gateway);
    list_append(&core->ended_contacts, &contact->ended, contact);
    queued_callback_forget(core, contact);
    queue_file(core, contact);
    if (!taker)
        return;
    taker->contact = NULL;
    taker->idle_ms = event->at_ms;
    taker_refile(core, taker);
}

void apply_contact_relined(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    struct line *line = core_line(core, event->contact_relined.to);
    REQUIRE(contact && line);
    contact->line = line;
    contact->stale_ms = 0;
    contact->band = event->contact_relined.band;
    contact->due_ms = event->contact_relined.due_ms;
    contact->level = event->contact_relined.level;
    contact->widen_ms = event->contact_relined.widen_ms;
    queue_file(core, contact);
}

void apply_contact_attached(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && event->incident);
    contact->incident = event->incident;
    incident_heard(core, event->incident, 1);
    if (event->contact_attached.parent)
        incident_heard(core, event->contact_attached.parent, 1);
}
