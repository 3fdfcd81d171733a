/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The step (decide, apply, settle), what applies each event, and the one block of memory. */
#include "dispatcher/core/core.h"

#include <stddef.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/core/amendment.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/article.h"
#include "dispatcher/core/attachment.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/check_in.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/city.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/coverage.h"
#include "dispatcher/core/decide.h"
#include "dispatcher/core/disposition.h"
#include "dispatcher/core/dispute.h"
#include "dispatcher/core/draft.h"
#include "dispatcher/core/erasure.h"
#include "dispatcher/core/estimate.h"
#include "dispatcher/core/exam.h"
#include "dispatcher/core/fix.h"
#include "dispatcher/core/forecast.h"
#include "dispatcher/core/gateway.h"
#include "dispatcher/core/glass.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/handover.h"
#include "dispatcher/core/hold.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/inquiry.h"
#include "dispatcher/core/ladder.h"
#include "dispatcher/core/mark.h"
#include "dispatcher/core/merge.h"
#include "dispatcher/core/mute.h"
#include "dispatcher/core/need.h"
#include "dispatcher/core/notice.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/offshoot.h"
#include "dispatcher/core/overlay.h"
#include "dispatcher/core/park.h"
#include "dispatcher/core/party.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/reading.h"
#include "dispatcher/core/reckoning.h"
#include "dispatcher/core/reserve.h"
#include "dispatcher/core/retention.h"
#include "dispatcher/core/returning.h"
#include "dispatcher/core/review.h"
#include "dispatcher/core/run_card.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/secret.h"
#include "dispatcher/core/signet.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/stall.h"
#include "dispatcher/core/storm.h"
#include "dispatcher/core/subscription.h"
#include "dispatcher/core/survey.h"
#include "dispatcher/core/survival.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/test_call.h"
#include "dispatcher/core/text_lease.h"
#include "dispatcher/core/tie.h"
#include "dispatcher/core/transfer.h"
#include "dispatcher/core/unit.h"
#include "dispatcher/core/visit.h"
#include "dispatcher/core/wish.h"

enum {
    IDS_FORESEEN = 16,      /* whose index lines are fetched ahead: 4 % of all steps */
    SETTLE_EVENTS_MAX = 20, /* no single consequence is more: the clocks of 16 tasks go on again */
    DAYS_MAX = 4096,        /* listed days: about 60 a year */
    DISTRICTS_MAX = 1024,
    UNITS_MAX = 4096,
    RUN_CARDS_MAX = 2048, /* levels of all cards */
    COVERAGES_MAX = 512,
    SCENES_MAX = 4096, /* incidents with units */
    PRECEDENTS_MAX = 4096
};

/* ---- what each event does ------------------------------------------------------------------ */

static void apply_nothing(struct core *core, const struct event *event)
{
    (void)core; /* for the trail and the views alone */
    (void)event;
}

static void (*const applies[EVENT_KIND_COUNT])(struct core *core, const struct event *event) = {
    [EVENT_GATEWAY_ROSE] = apply_gateway_rose,
    [EVENT_GATEWAY_FELL] = apply_gateway_fell,
    [EVENT_GATEWAY_SETTLED] = apply_gateway_settled,
    [EVENT_CONTACT_SURVIVED] = apply_contact_survived,
    [EVENT_CONTACT_KEPT] = apply_contact_kept,
    [EVENT_CONTACT_ARRIVED] = apply_contact_arrived,
    [EVENT_CONTACT_ENDED] = apply_contact_ended,
    [EVENT_TEXT_RECEIVED] = apply_text_received,
    [EVENT_CALLER_LOCATED] = apply_caller_located,
    [EVENT_CONTACT_LOCATED] = apply_contact_located,
    [EVENT_CONTACT_RELINED] = apply_contact_relined,
    [EVENT_CONTACT_ATTACHED] = apply_contact_attached,
    [EVENT_OFFER_MADE] = apply_offer_made,
    [EVENT_OFFER_RANG] = apply_offer_rang,
    [EVENT_OFFER_ACCEPTED] = apply_offer_accepted,
    [EVENT_OFFER_ENDED] = apply_offer_ended,
    [EVENT_CONTACT_CONNECTED] = apply_contact_connected,
    [EVENT_RECORDING_STORED] = apply_nothing,
    [EVENT_SOUND_REPORTED] = apply_nothing,
    [EVENT_TEXT_TYPED] = apply_text_typed,
    [EVENT_TYPING_OPENED] = apply_typing_opened,
    [EVENT_CALLS_TURNED_AWAY] = apply_nothing,
    [EVENT_PHONE_REGISTERED] = apply_phone_registered,
    [EVENT_TAKER_SIGNED_ON] = apply_taker_signed_on,
    [EVENT_TAKER_SIGNED_OFF] = apply_taker_signed_off,
    [EVENT_TAKER_BECAME_READY] = apply_taker_became_ready,
    [EVENT_TAKER_WENT_AWAY] = apply_taker_went_away,
    [EVENT_WRAP_UP_STARTED] = apply_wrap_up_started,
    [EVENT_WRAP_UP_ENDED] = apply_wrap_up_ended,
    [EVENT_CONTACT_DISPOSED] = apply_contact_disposed,
    [EVENT_GRANT_GIVEN] = apply_grant_given,
    [EVENT_GRANT_ENDED] = apply_grant_ended,
    [EVENT_HANDOVER_LEFT] = apply_handover_left,
    [EVENT_HANDOVER_TAKEN] = apply_handover_taken,
    [EVENT_SIGNET_ENROLLED] = apply_signet_enrolled,
    [EVENT_SIGNET_MOVED] = apply_signet_moved,
    [EVENT_ERASURE_ASKED] = apply_erasure_asked,
    [EVENT_ERASURE_MOVED] = apply_erasure_moved,
    [EVENT_GLASS_ASKED] = apply_glass_asked,
    [EVENT_GLASS_MOVED] = apply_glass_moved,
    [EVENT_ERASED] = apply_erased,
    [EVENT_PRESERVATION_BEGUN] = apply_preservation_begun,
    [EVENT_PRESERVATION_LIFTED] = apply_preservation_lifted,
    [EVENT_CALLBACK_OPENED] = apply_callback_opened,
    [EVENT_CALLBACK_ENDED] = apply_callback_ended,
    [EVENT_INCIDENT_REGISTERED] = apply_incident_registered,
    [EVENT_INCIDENT_MOVED] = apply_incident_moved,
    [EVENT_INCIDENT_NOTED] = apply_incident_noted,
    [EVENT_INCIDENT_LEFT] = apply_incident_left,
    [EVENT_INCIDENT_RETURNED] = apply_incident_returned,
    [EVENT_CITIZEN_TOLD] = apply_citizen_told,
    [EVENT_SURVEY_ANSWERED] = apply_survey_answered,
    [EVENT_REVISIT_OPENED] = apply_revisit_opened,
    [EVENT_REVISIT_TRIED] = apply_revisit_tried,
    [EVENT_CLOCK_STARTED] = apply_clock_started,
    [EVENT_CLOCK_OVERDUE] = apply_clock_overdue,
    [EVENT_CLOCK_MOVED] = apply_clock_moved,
    [EVENT_LADDER_CLIMBED] = apply_ladder_climbed,
    [EVENT_DEMAND_ANSWERED] = apply_demand_answered,
    [EVENT_CALENDAR_LOADED] = apply_calendar_loaded,
    [EVENT_TASK_OPENED] = apply_task_opened,
    [EVENT_TASK_MOVED] = apply_task_moved,
    [EVENT_TEXT_ORDERED] = apply_text_ordered,
    [EVENT_TEXT_REPORTED] = apply_text_reported,
    [EVENT_TEXT_HELD] = apply_text_held,
    [EVENT_TEXT_EXCUSED] = apply_text_excused,
    [EVENT_TEXT_LEASED] = apply_text_leased,
    [EVENT_TEXT_SENDING] = apply_text_sending,
    [EVENT_TEXT_RETURNED] = apply_text_returned,
    [EVENT_TEXT_RECALLED] = apply_text_recalled,
    [EVENT_TEXT_PHONED] = apply_nothing,
    [EVENT_SUBSCRIPTION_CHANGED] = apply_subscription_changed,
    [EVENT_NOTICE_CREATED] = apply_notice_created,
    [EVENT_NOTICE_ADDED] = apply_notice_added,
    [EVENT_NOTICE_MOVED] = apply_notice_moved,
    [EVENT_NOTICE_STEPPED] = apply_notice_stepped,
    [EVENT_NOTICE_REPORTED] = apply_notice_reported,
    [EVENT_NOTICE_CORRECTED] = apply_notice_corrected,
    [EVENT_NOTICE_REPLACED] = apply_notice_replaced,
    [EVENT_INCIDENT_DRAFTED] = apply_incident_drafted,
    [EVENT_REPLY_PASSED] = apply_reply_passed,
    [EVENT_INFO_ASKED] = apply_info_asked,
    [EVENT_INFO_GIVEN] = apply_info_given,
    [EVENT_DISPUTE_OPENED] = apply_dispute_opened,
    [EVENT_DISPUTE_RULED] = apply_dispute_ruled,
    [EVENT_PRIORITY_CHANGED] = apply_priority_changed,
    [EVENT_SECRECY_CHANGED] = apply_secrecy_changed,
    [EVENT_INCIDENT_URGED] = apply_incident_urged,
    [EVENT_INCIDENT_SUPERVISED] = apply_incident_supervised,
    [EVENT_PETITION_ASKED] = apply_petition_asked,
    [EVENT_PETITION_AGREED] = apply_petition_agreed,
    [EVENT_PETITION_ENDED] = apply_petition_ended,
    [EVENT_TASK_FORWARDED] = apply_task_forwarded,
    [EVENT_PERSONAL_WAS_READ] = apply_nothing,
    [EVENT_SESSION_OPENED] = apply_nothing,
    [EVENT_SESSION_CLOSED] = apply_nothing,
    [EVENT_SESSION_REFUSED] = apply_nothing,
    [EVENT_SESSION_PROVED] = apply_nothing,
    [EVENT_EXPORT_BEGUN] = apply_nothing,
    [EVENT_WORDS_SEARCHED] = apply_nothing,
    [EVENT_HISTORY_DOUBTED] = apply_nothing,
    [EVENT_PARAMETER_CHANGED] = apply_parameter_changed,
    [EVENT_LINE_DEFINED] = apply_line_defined,
    [EVENT_DEPARTMENT_DEFINED] = apply_department_defined,
    [EVENT_USER_DEFINED] = apply_user_defined,
    [EVENT_CATEGORY_DEFINED] = apply_category_defined,
    [EVENT_GATEWAY_DEFINED] = apply_gateway_defined,
    [EVENT_LIMIT_DEFINED] = apply_limit_defined,
    [EVENT_DAY_DEFINED] = apply_day_defined,
    [EVENT_CITY_LOADED] = apply_city_loaded,
    [EVENT_TEMPLATE_DEFINED] = apply_template_defined,
    [EVENT_ARTICLE_DRAFTED] = apply_article_drafted,
    [EVENT_ARTICLE_WRITTEN] = apply_article_written,
    [EVENT_ARTICLE_MOVED] = apply_article_moved,
    [EVENT_ARTICLE_CORRECTED] = apply_article_corrected,
    [EVENT_ARTICLE_RATED] = apply_article_rated,
    [EVENT_READING_ASSIGNED] = apply_reading_assigned,
    [EVENT_READING_ENDED] = apply_reading_ended,
    [EVENT_READING_CONFIRMED] = apply_nothing,
    [EVENT_EXAM_DRAFTED] = apply_exam_drafted,
    [EVENT_EXAM_WRITTEN] = apply_exam_written,
    [EVENT_EXAM_OPENED] = apply_exam_opened,
    [EVENT_EXAM_ENDED] = apply_exam_ended,
    [EVENT_EXAM_BEGUN] = apply_exam_begun,
    [EVENT_EXAM_ANSWERED] = apply_exam_answered,
    [EVENT_EXAM_CLOSED] = apply_exam_closed,
    [EVENT_EXAM_STRUCK] = apply_exam_struck,
    [EVENT_AMENDMENT_DRAFTED] = apply_amendment_drafted,
    [EVENT_AMENDMENT_WRITTEN] = apply_amendment_written,
    [EVENT_AMENDMENT_MOVED] = apply_amendment_moved,
    [EVENT_CITIZEN_VISITED] = apply_citizen_visited,
    [EVENT_WISH_DEFINED] = apply_wish_defined,
    [EVENT_DISPOSITION_DEFINED] = apply_disposition_defined,
    [EVENT_RETENTION_DEFINED] = apply_retention_defined,
    [EVENT_RETENTION_BEGUN] = apply_retention_begun,
    [EVENT_RETENTION_ENDED] = apply_retention_ended,
    [EVENT_DISTRICT_DEFINED] = apply_district_defined,
    [EVENT_UNIT_DEFINED] = apply_unit_defined,
    [EVENT_TRANSFER_ASKED] = apply_transfer_asked,
    [EVENT_TRANSFER_ANSWERED] = apply_transfer_answered,
    [EVENT_TRANSFER_ENDED] = apply_transfer_ended,
    [EVENT_TRANSFER_BOUNCED] = apply_transfer_bounced,
    [EVENT_CONTACT_HELD] = apply_contact_held,
    [EVENT_CONTACT_MUTED] = apply_contact_muted,
    [EVENT_CONTACT_UNMUTED] = apply_contact_unmuted,
    [EVENT_CONTACT_PARKED] = apply_contact_parked,
    [EVENT_CONTACT_UNPARKED] = apply_contact_unparked,
    [EVENT_CONTACT_RESUMED] = apply_contact_resumed,
    [EVENT_KEYS_PRESSED] = apply_nothing,
    [EVENT_ATTACHMENT_STORED] = apply_attachment_stored,
    [EVENT_PARTY_INVITED] = apply_party_invited,
    [EVENT_PARTY_JOINED] = apply_party_joined,
    [EVENT_PARTY_CHANGED] = apply_party_changed,
    [EVENT_PARTY_LEFT] = apply_party_left,
    [EVENT_CONTACT_TAKEN_OVER] = apply_contact_taken_over,
    [EVENT_CONTACT_REQUEUED] = apply_contact_requeued,
    [EVENT_CONTACT_NEEDED] = apply_contact_needed,
    [EVENT_CONTACT_WIDENED] = apply_contact_widened,
    [EVENT_TAKER_RESTED] = apply_taker_rested,
    [EVENT_RESERVE_CHANGED] = apply_reserve_changed,
    [EVENT_QUEUE_STALLED] = apply_queue_stalled,
    [EVENT_RUN_CARD_DEFINED] = apply_run_card_defined,
    [EVENT_COVERAGE_DEFINED] = apply_coverage_defined,
    [EVENT_UNIT_MOVED] = apply_unit_moved,
    [EVENT_UNIT_PLACED] = apply_unit_placed,
    [EVENT_UNIT_STACKED] = apply_unit_stacked,
    [EVENT_UNIT_UNSTACKED] = apply_unit_unstacked,
    [EVENT_UNIT_PASSED] = apply_unit_passed,
    [EVENT_UNIT_STAFFED] = apply_unit_staffed,
    [EVENT_PLAN_ACTIVATED] = apply_plan_activated,
    [EVENT_INCIDENT_FLAGGED] = apply_incident_flagged,
    [EVENT_CHECK_IN_MISSED] = apply_check_in_missed,
    [EVENT_CHECKED_IN] = apply_checked_in,
    [EVENT_MAYDAY_CALLED] = apply_mayday_called,
    [EVENT_MAYDAY_ENDED] = apply_mayday_ended,
    [EVENT_COVERAGE_CHANGED] = apply_coverage_changed,
    [EVENT_WAIT_ESTIMATED] = apply_wait_estimated,
    [EVENT_CONTACT_ANNOUNCED] = apply_contact_announced,
    [EVENT_CALLBACK_QUEUED] = apply_callback_queued,
    [EVENT_CALLBACK_TRIED] = apply_callback_tried,
    [EVENT_CALLBACK_FELL] = apply_callback_fell,
    [EVENT_SILENCE_MOVED] = apply_silence_moved,
    [EVENT_SILENCE_CHECKED] = apply_silence_checked,
    [EVENT_MARK_ASKED] = apply_mark_asked,
    [EVENT_MARK_SET] = apply_mark_set,
    [EVENT_MARK_ENDED] = apply_mark_ended,
    [EVENT_TEST_MISSED] = apply_test_missed,
    [EVENT_STORM_ENTERED] = apply_storm_entered,
    [EVENT_STORM_LEFT] = apply_storm_left,
    [EVENT_TAKER_RECALLED] = apply_taker_recalled,
    [EVENT_CLUSTER_FORMED] = apply_cluster_formed,
    [EVENT_CLUSTER_GREW] = apply_cluster_grew,
    [EVENT_CLUSTER_ANNOUNCED] = apply_cluster_announced,
    [EVENT_CLUSTER_ENDED] = apply_cluster_ended,
    [EVENT_CONTACT_LIKELY] = apply_contact_likely,
    [EVENT_FORECAST_DEFINED] = apply_forecast_defined,
    [EVENT_INCIDENT_MERGED] = apply_incident_merged,
    [EVENT_INCIDENT_UNMERGED] = apply_incident_unmerged,
    [EVENT_INCIDENT_LINKED] = apply_incident_linked,
    [EVENT_INCIDENT_UNLINKED] = apply_incident_unlinked,
    [EVENT_INCIDENT_HANDED_ON] = apply_incident_handed_on,
    [EVENT_FOLLOWER_CALLED] = apply_follower_called,
    [EVENT_TREE_DEFINED] = apply_tree_defined,
    [EVENT_QUESTION_DEFINED] = apply_question_defined,
    [EVENT_ANSWER_DEFINED] = apply_answer_defined,
    [EVENT_TREE_RELEASED] = apply_tree_released,
    [EVENT_GUIDE_BEGUN] = apply_guide_begun,
    [EVENT_GUIDE_ANSWERED] = apply_guide_answered,
    [EVENT_GUIDE_UNDONE] = apply_guide_undone,
    [EVENT_INCIDENT_RAISED] = apply_incident_raised,
    [EVENT_CONTACT_RAISED] = apply_contact_raised,
};

/* Who learns from it when it has happened, and decides nothing by it. */
enum {
    HEARERS_MAX = 3
};
static void (*const hearers[EVENT_KIND_COUNT][HEARERS_MAX])(struct core *core,
                                                            const struct event *event) = {
    [EVENT_CONTACT_ARRIVED] = { estimate_hear_arrival, storm_hear_arrival, test_call_hear },
    [EVENT_CONTACT_CONNECTED] = { estimate_hear_connected },
    [EVENT_CONTACT_ENDED] = { estimate_hear_ended },
    [EVENT_CONTACT_ATTACHED] = { cluster_hear },
    [EVENT_INCIDENT_REGISTERED] = { cluster_hear },
    [EVENT_WRAP_UP_ENDED] = { estimate_hear_wrapped_up },
    [EVENT_TAKER_SIGNED_OFF] = { estimate_hear_signed_off },
    [EVENT_CLUSTER_FORMED] = { storm_hear_cluster },
    [EVENT_CLUSTER_GREW] = { storm_hear_cluster },
};

static void apply(struct core *core, const struct event *event)
{
    REQUIRE(event->seq == core->seq + 1);
    REQUIRE(event->at_ms >= core->at_ms);
    REQUIRE((unsigned)event->kind < EVENT_KIND_COUNT && applies[event->kind]);
    core->seq = event->seq;
    core->at_ms = event->at_ms;
    applies[event->kind](core, event);
    for (uint32_t i = 0; i < HEARERS_MAX && hearers[event->kind][i]; i++)
        hearers[event->kind][i](core, event);
}

void core_apply(struct core *core, const struct event *event)
{
    apply(core, event);
    core->unsettled = true; /* what followed may not have been written any more */
}

/* ---- the step ------------------------------------------------------------------------------ */

static void apply_from(struct core *core, struct verdict *verdict, uint32_t first)
{
    for (uint32_t i = first; i < verdict->count; i++) {
        verdict->events[i].seq = core->seq + 1;
        apply(core, &verdict->events[i]);
    }
}

static void fire(struct decision *decision, const struct deadline *deadline)
{
    switch (deadline->kind) {
    case DEADLINE_CONTACT:
        contact_due_now(decision, deadline->owner);
        return;
    case DEADLINE_TAKER:
        taker_due(decision, deadline->owner);
        return;
    case DEADLINE_GATEWAY:
        gateway_due(decision, deadline->owner);
        return;
    case DEADLINE_CALLBACK:
        callback_due(decision, deadline->owner);
        return;
    case DEADLINE_INCIDENT:
        incident_due(decision, deadline->owner);
        return;
    case DEADLINE_PETITION:
        petition_due(decision, deadline->owner);
        return;
    case DEADLINE_TASK:
        task_due(decision, deadline->owner);
        return;
    case DEADLINE_UNIT:
        unit_due(decision, deadline->owner);
        return;
    case DEADLINE_COVERAGE:
        coverage_due(decision, deadline->owner);
        return;
    case DEADLINE_MARK:
        mark_due(decision, deadline->owner);
        return;
    case DEADLINE_TEST:
        test_call_missed(decision, deadline->owner);
        return;
    case DEADLINE_STORM:
        storm_due(decision);
        return;
    case DEADLINE_CLUSTER:
        cluster_due(decision, deadline->owner);
        return;
    case DEADLINE_TEXT:
        citizen_text_due(decision, deadline->owner);
        return;
    case DEADLINE_GATEWAY_TEXTS:
        text_lease_due(decision, deadline->owner);
        return;
    case DEADLINE_NOTICE:
        notice_due(decision, deadline->owner);
        return;
    case DEADLINE_GRANT:
        grant_due(decision, deadline->owner);
        return;
    case DEADLINE_GLASS:
        glass_due(decision, deadline->owner);
        return;
    case DEADLINE_SITTING:
        sitting_due(decision, deadline->owner);
        return;
    case DEADLINE_NONE:
        break;
    }
    REQUIRE(!"a deadline without an owner");
}

/* The earliest of all. */
static const struct deadline *deadline_first(const struct core *core)
{
    const struct heap_node *soon = heap_first(&core->soon);
    const struct heap_node *late = heap_first(&core->late);
    bool sooner = soon && (!late || soon->key < late->key ||
                           (soon->key == late->key && soon->order <= late->order));
    return (const struct deadline *)(sooner ? soon : late);
}

/* Decides one consequence of the state as it is; false when it is at rest. */
static bool decide_next(struct decision *decision)
{
    if (reserve_next(decision) || offer_next(decision) || scene_next(decision) ||
        storm_next(decision))
        return true;
    const struct deadline *first = deadline_first(decision->core);
    if (!first || first->node.key > decision->at_ms)
        return merge_next(decision) || returning_next(decision); /* the least pressing of all */
    fire(decision, first);
    return true;
}

static void settle(struct core *core, const struct command *command, struct verdict *verdict)
{
    core->unsettled = true;
    while (verdict->count + SETTLE_EVENTS_MAX <= CORE_EVENTS_MAX) {
        uint32_t before = verdict->count;
        struct decision decision = { .core = core,
                                     .command = command,
                                     .verdict = verdict,
                                     .at_ms = command->at_ms,
                                     .actor_kind = ACTOR_KIND_SYSTEM,
                                     .next_id = core->next_id };
        if (!decide_next(&decision) && !reckon_next(core, &decision)) {
            core->unsettled = !reckon_done(core);
            return;
        }
        REQUIRE(verdict->count > before && verdict->count - before <= SETTLE_EVENTS_MAX);
        apply_from(core, verdict, before);
    }
}

void core_step(struct core *core, const struct command *command, struct verdict *verdict)
{
    REQUIRE(command->at_ms >= core->at_ms);
    memset(verdict, 0, offsetof(struct verdict, events)); /* nothing of the last asker's is told */
    struct decision decision = { .core = core,
                                 .command = command,
                                 .verdict = verdict,
                                 .at_ms = command->at_ms,
                                 .actor_kind = command->actor_kind,
                                 .actor = command->actor,
                                 .next_id = core->next_id };
    verdict->refusal = decide(&decision);
    if (verdict->refusal) {
        REQUIRE((unsigned)verdict->refusal < REFUSAL_COUNT);
        verdict->count = 0;
        core->refused[verdict->refusal]++;
        return;
    }
    if (verdict->count > 0)
        verdict->events[0].has_personal = command->has_personal;
    apply_from(core, verdict, 0);
    settle(core, command, verdict);
}

uint64_t core_seq(const struct core *core)
{
    return core->seq;
}

bool core_holds_incident(const struct core *core, uint64_t incident)
{
    return core_incident(core, incident) != NULL;
}

uint64_t core_next_deadline_ms(const struct core *core)
{
    if (core->unsettled)
        return core->at_ms;
    const struct deadline *first = deadline_first(core);
    return first ? first->node.key : NEVER;
}

/* ---- finding ------------------------------------------------------------------------------- */

struct line *core_line(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_LINE, number, 0);
}

struct department *core_department(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_DEPARTMENT, number, 0);
}

struct user *core_user(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_USER, number, 0);
}

struct category *core_category(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_CATEGORY, number, 0);
}

struct gateway *core_gateway(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_GATEWAY, number, 0);
}

struct contact *core_contact(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_CONTACT, id, 0);
}

struct contact *core_call(const struct core *core, uint32_t gateway, uint64_t call)
{
    return index_find(&core->index, ENTRY_CALL, call, gateway);
}

struct contact *core_offer(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_OFFER, id, 0);
}

struct contact *core_party(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_PARTY, id, 0);
}

struct incident *core_incident(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_INCIDENT, id, 0);
}

struct task *core_task(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_TASK, id, 0);
}

struct unit *core_unit(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_UNIT, number, 0);
}

struct scene *core_scene(const struct core *core, uint64_t incident)
{
    return index_find(&core->index, ENTRY_SCENE, incident, 0);
}

struct callback *core_callback(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_CALLBACK, id, 0);
}

struct citizen_text *core_text(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_TEXT, id, 0);
}

static bool deadline_is_late(enum deadline_kind kind)
{
    return kind == DEADLINE_INCIDENT || kind == DEADLINE_TASK || kind == DEADLINE_PETITION;
}

void deadline_foresee(const struct core *core, const struct deadline *deadline)
{
    heap_foresee(deadline_is_late(deadline->kind) ? &core->late : &core->soon, &deadline->node);
}

void deadline_set(struct core *core, struct deadline *deadline, uint64_t due_ms, uint64_t order)
{
    struct heap *heap = deadline_is_late(deadline->kind) ? &core->late : &core->soon;
    if (due_ms == NEVER)
        heap_remove(heap, &deadline->node);
    else
        heap_set(heap, &deadline->node, due_ms, order);
}

void core_id_used(struct core *core, uint64_t id)
{
    REQUIRE(id >= core->next_id);
    core->next_id = id + 1;
    index_foresee(&core->index, ENTRY_CONTACT, id + IDS_FORESEEN, 0);
}

/* ---- memory -------------------------------------------------------------------------------- */

struct core_limits core_limits_default(void)
{
    return (struct core_limits){ .lines = 32,
                                 .departments = 1024,
                                 .users = 2048,
                                 .categories = 2048,
                                 .gateways = 32,
                                 .contacts = 16384,
                                 .incidents = 131072,
                                 .tasks = 262144,
                                 .callbacks = 8192,
                                 .texts = 65536,
                                 .petitions = 16384 };
}

/* Hands out parts of the block; with memory NULL it only measures. */
struct carver {
    char *memory;
    size_t used;
};

static void *carve(struct carver *carver, size_t size)
{
    void *part = carver->memory ? carver->memory + carver->used : NULL;
    carver->used += (size + 63) & ~(size_t)63;
    return part;
}

static void carve_pool(struct carver *carver, struct pool *pool, size_t slot_size, uint32_t size)
{
    slot_size = (slot_size + 7) & ~(size_t)7; /* as the index wants it */
    void *slots = carve(carver, slot_size * size);
    uint32_t *free = carve(carver, sizeof *free * size);
    if (carver->memory)
        pool_init(pool, slots, free, slot_size, size);
}

static uint32_t soon_of(const struct core_limits *limits)
{
    return limits->users + 2 * limits->gateways + limits->contacts + limits->callbacks + UNITS_MAX +
           COVERAGES_MAX + MARKS_MAX + TESTED_TRUNKS_MAX + CLUSTERS_MAX + limits->texts +
           NOTICES_MAX + GRANTS_MAX + GLASSES_MAX + SITTINGS_OPEN_MAX + 1;
}

/* Twice the most keys there can be, as a power of two: a contact has up to six keys, an incident
 * and a callback two. */
static uint32_t index_size(const struct core_limits *limits)
{
    uint64_t keys = (uint64_t)limits->lines + limits->departments + limits->users +
                    limits->categories + limits->gateways + DAYS_MAX + DISTRICTS_MAX + UNITS_MAX +
                    RUN_CARDS_MAX + COVERAGES_MAX + SCENES_MAX + TREES_MAX +
                    6ULL * limits->contacts + 2ULL * FIXES_MAX + 2ULL * limits->incidents +
                    limits->tasks + 2ULL * limits->callbacks + limits->texts + limits->contacts +
                    2ULL * MARKS_MAX + TESTED_TRUNKS_MAX + limits->petitions + PRECEDENTS_MAX +
                    SUBSCRIPTIONS_OFF_MAX + NOTICES_MAX + DISPOSITIONS_MAX + HANDOVERS_MAX +
                    GRANTS_MAX + ERASURES_MAX + PRESERVATIONS_MAX + SIGNETS_MAX + GLASSES_MAX +
                    RETENTION_RULES_MAX + SITTINGS_MAX;
    uint32_t size = 1024;
    while (size < 2 * keys)
        size *= 2;
    return size;
}

static void carve_heap(struct carver *carver, struct heap *heap, uint32_t size)
{
    struct heap_place *places = carve(carver, sizeof *places * size);
    if (carver->memory)
        heap_init(heap, places, size);
}

/* All that lies behind struct core itself. */
static void carve_core(struct carver *carver, struct core *core, const struct core_limits *limits)
{
    struct entry *entries = carve(carver, sizeof *entries * index_size(limits));
    if (carver->memory)
        index_init(&core->index, entries, index_size(limits), core);
    carve_pool(carver, &core->lines, sizeof(struct line), limits->lines);
    carve_pool(carver, &core->departments, sizeof(struct department), limits->departments);
    carve_pool(carver, &core->users, sizeof(struct user), limits->users);
    carve_pool(carver, &core->categories, sizeof(struct category), limits->categories);
    carve_pool(carver, &core->days, sizeof(struct day), DAYS_MAX);
    carve_pool(carver, &core->districts, sizeof(struct district), DISTRICTS_MAX);
    carve_pool(carver, &core->units, sizeof(struct unit), UNITS_MAX);
    carve_pool(carver, &core->run_cards, sizeof(struct run_card), RUN_CARDS_MAX);
    carve_pool(carver, &core->coverages, sizeof(struct coverage), COVERAGES_MAX);
    carve_pool(carver, &core->scenes, sizeof(struct scene), SCENES_MAX);
    carve_pool(carver, &core->gateways, sizeof(struct gateway), limits->gateways);
    carve_pool(carver, &core->contacts, sizeof(struct contact), limits->contacts);
    carve_pool(carver, &core->incidents, sizeof(struct incident), limits->incidents);
    carve_pool(carver, &core->tasks, sizeof(struct task), limits->tasks);
    carve_pool(carver, &core->callbacks, sizeof(struct callback), limits->callbacks);
    carve_pool(carver, &core->marks, sizeof(struct mark), MARKS_MAX);
    carve_pool(carver, &core->tested_trunks, sizeof(struct tested_trunk), TESTED_TRUNKS_MAX);
    carve_pool(carver, &core->dispositions, sizeof(struct disposition), DISPOSITIONS_MAX);
    carve_pool(carver, &core->handovers, sizeof(struct handover), HANDOVERS_MAX);
    carve_pool(carver, &core->signets, sizeof(struct signet), SIGNETS_MAX);
    carve_pool(carver, &core->grants, sizeof(struct grant), GRANTS_MAX);
    carve_pool(carver, &core->erasures, sizeof(struct erasure), ERASURES_MAX);
    carve_pool(carver, &core->glasses, sizeof(struct glass), GLASSES_MAX);
    carve_pool(carver, &core->preservations, sizeof(struct preservation), PRESERVATIONS_MAX);
    carve_pool(carver, &core->retention_rules, sizeof(struct retention_rule), RETENTION_RULES_MAX);
    carve_pool(carver, &core->fixes, sizeof(struct fix), FIXES_MAX);
    carve_pool(carver, &core->texts, sizeof(struct citizen_text), limits->texts);
    carve_pool(carver, &core->subscriptions, sizeof(struct subscription), SUBSCRIPTIONS_OFF_MAX);
    carve_pool(carver, &core->notices, sizeof(struct notice), NOTICES_MAX);
    carve_pool(carver, &core->articles, sizeof(struct article), ARTICLES_MAX);
    carve_pool(carver, &core->notice_chunks, sizeof(struct notice_chunk), NOTICE_CHUNKS_MAX);
    carve_pool(carver, &core->petitions, sizeof(struct petition), limits->petitions);
    carve_pool(carver, &core->precedents, sizeof(struct precedent), PRECEDENTS_MAX);
    carve_pool(carver, &core->families, sizeof(struct family), limits->incidents / 4 + 1);
    carve_pool(carver, &core->ties, sizeof(struct tie), limits->incidents / 4 + 1);
    carve_pool(carver, &core->trees, sizeof(struct tree), TREES_MAX);
    carve_pool(carver, &core->editions, sizeof(struct edition), EDITIONS_MAX);
    carve_pool(carver, &core->tree_questions, sizeof(struct tree_question), ALL_QUESTIONS_MAX);
    carve_pool(carver, &core->tree_answers, sizeof(struct tree_answer), ALL_ANSWERS_MAX);
    carve_pool(carver, &core->guides, sizeof(struct guide), limits->contacts);
    carve_pool(carver, &core->sittings, sizeof(struct sitting), SITTINGS_MAX);
    carve_heap(carver, &core->soon, soon_of(limits));
    carve_heap(carver, &core->late, limits->incidents + limits->tasks + limits->petitions);
}

size_t core_size(const struct core_limits *limits)
{
    struct carver carver = { .memory = NULL };
    struct core measured;
    (void)carve(&carver, sizeof measured);
    carve_core(&carver, &measured, limits);
    return carver.used;
}

struct core *core_init(void *memory, size_t size, const struct core_limits *limits)
{
    REQUIRE(size >= core_size(limits));
    struct carver carver = { .memory = memory };
    struct core *core = carve(&carver, sizeof *core);
    REQUIRE(core->next_id == 0 && core->index.count == 0); /* not the memory of an older core */
    carve_core(&carver, core, limits);
    core->limits = *limits;
    core->next_id = 1;
    for (enum parameter parameter = 0; parameter < PARAMETER_COUNT; parameter++)
        core->parameters[parameter] = parameter_rule(parameter)->initial;
    clock_limits_default(core->sla_limits);
    calendar_begin(core);
    list_init(&core->ended_contacts);
    list_init(&core->closed_incidents);
    list_init(&core->sent_texts);
    list_init(&core->subscriptions_off);
    list_init(&core->fixes_by_age);
    list_init(&core->calling);
    list_init(&core->unsettled_scenes);
    return core;
}

void core_count_from(struct core *core, uint64_t seq, uint64_t next_id)
{
    REQUIRE(core->seq == 0 && core->next_id == 1 && next_id > 0);
    core->seq = seq;
    core->next_id = next_id;
}

struct core *core_resume(void *memory, const struct core_limits *limits)
{
    struct core *core = memory;
    if (core->next_id == 0 || memcmp(&core->limits, limits, sizeof *limits) != 0)
        return NULL;
    core->unsettled = true; /* as after core_apply() */
    return core;
}
