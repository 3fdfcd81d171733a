/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/decide.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/amendment.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/article.h"
#include "dispatcher/core/assignment.h"
#include "dispatcher/core/attachment.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/check_in.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/city.h"
#include "dispatcher/core/closure.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/coverage.h"
#include "dispatcher/core/disposition.h"
#include "dispatcher/core/dispute.h"
#include "dispatcher/core/draft.h"
#include "dispatcher/core/emergency.h"
#include "dispatcher/core/erasure.h"
#include "dispatcher/core/exam.h"
#include "dispatcher/core/explanation.h"
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
#include "dispatcher/core/press.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/reading.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/reply.h"
#include "dispatcher/core/retention.h"
#include "dispatcher/core/returning.h"
#include "dispatcher/core/review.h"
#include "dispatcher/core/run_card.h"
#include "dispatcher/core/secret.h"
#include "dispatcher/core/send_back.h"
#include "dispatcher/core/session.h"
#include "dispatcher/core/signet.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/stall.h"
#include "dispatcher/core/storm.h"
#include "dispatcher/core/subscription.h"
#include "dispatcher/core/survey.h"
#include "dispatcher/core/survival.h"
#include "dispatcher/core/suspension.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/telling.h"
#include "dispatcher/core/text_lease.h"
#include "dispatcher/core/tie.h"
#include "dispatcher/core/transfer.h"
#include "dispatcher/core/unit.h"
#include "dispatcher/core/visit.h"
#include "dispatcher/core/wish.h"
#include "proto/access.h"

static enum refusal decide_tick(struct decision *decision)
{
    (void)decision; /* what is due settles after every command */
    return REFUSAL_NONE;
}

/* Who may give each: proto/access.h. */
static enum refusal (*const rules[COMMAND_KIND_COUNT])(struct decision *decision) = {
    [COMMAND_TICK] = decide_tick,
    [COMMAND_GATEWAY_RISE] = decide_gateway_rise,
    [COMMAND_GATEWAY_FALL] = decide_gateway_fall,
    [COMMAND_CONTACT_KEEP] = decide_contact_keep,
    [COMMAND_GATEWAY_SETTLE] = decide_gateway_settle,
    [COMMAND_CONTACT_SURVIVE] = decide_contact_survive,
    [COMMAND_SOUND_REPORT] = decide_sound_report,
    [COMMAND_CALLS_TURN_AWAY] = decide_calls_turn_away,
    [COMMAND_CONTACT_ARRIVE] = decide_contact_arrive,
    [COMMAND_CONTACT_END] = decide_contact_end,
    [COMMAND_OFFER_RING] = decide_offer_ring,
    [COMMAND_OFFER_ANSWER] = decide_offer_answer,
    [COMMAND_OFFER_FAIL] = decide_offer_fail,
    [COMMAND_RECORDING_STORE] = decide_recording_store,
    [COMMAND_PHONE_REGISTER] = decide_phone_register,
    [COMMAND_TEXT_REPORT] = decide_text_report,
    [COMMAND_TEXT_SEND] = decide_text_send,
    [COMMAND_TEXT_RETURN] = decide_text_return,
    [COMMAND_TEXT_PHONE] = decide_text_phone,

    [COMMAND_TAKER_SIGN_ON] = decide_taker_sign_on,
    [COMMAND_TAKER_SIGN_OFF] = decide_taker_sign_off,
    [COMMAND_TAKER_READY] = decide_taker_ready,
    [COMMAND_TAKER_AWAY] = decide_taker_away,
    [COMMAND_WRAP_UP_FINISH] = decide_wrap_up_finish,
    [COMMAND_CONTACT_DISPOSE] = decide_contact_dispose,
    [COMMAND_HANDOVER_LEAVE] = decide_handover_leave,
    [COMMAND_HANDOVER_TAKE] = decide_handover_take,
    [COMMAND_SIGNET_ENROL] = decide_signet_enrol,
    [COMMAND_SIGNET_RULE] = decide_signet_rule,
    [COMMAND_SIGNET_REVOKE] = decide_signet_revoke,
    [COMMAND_OFFER_ACCEPT] = decide_offer_accept,
    [COMMAND_OFFER_DECLINE] = decide_offer_decline,
    [COMMAND_CONTACT_FINISH] = decide_contact_finish,
    [COMMAND_CONTACT_RELINE] = decide_contact_reline,
    [COMMAND_CONTACT_WRITE] = decide_contact_write,
    [COMMAND_CONTACT_TYPE] = decide_contact_type,
    [COMMAND_CALLER_LOCATE] = decide_caller_locate,
    [COMMAND_CALLBACK_FINISH] = decide_callback_finish,

    [COMMAND_INCIDENT_REGISTER] = decide_incident_register,
    [COMMAND_INCIDENT_ATTACH] = decide_incident_attach,
    [COMMAND_INCIDENT_DISPATCH] = decide_incident_dispatch,
    [COMMAND_INCIDENT_ANSWER_DIRECTLY] = decide_incident_answer_directly,
    [COMMAND_INCIDENT_VOID] = decide_incident_void,
    [COMMAND_INCIDENT_TELL] = decide_incident_tell,
    [COMMAND_SURVEY_ANSWER] = decide_survey_answer,
    [COMMAND_REVISIT_FINISH] = decide_revisit_finish,
    [COMMAND_INCIDENT_REOPEN] = decide_incident_reopen,
    [COMMAND_INCIDENT_NOTE] = decide_incident_note,
    [COMMAND_INCIDENT_RETURN] = decide_incident_return,

    [COMMAND_TASK_SIGN] = decide_task_sign,
    [COMMAND_TASK_PROGRESS] = decide_task_progress,
    [COMMAND_TASK_SEND_BACK] = decide_task_send_back,
    [COMMAND_TASK_RULE_RETURN] = decide_task_rule_return,
    [COMMAND_TASK_REPLY] = decide_task_reply,
    [COMMAND_TASK_REJECT_REPLY] = decide_task_reject_reply,

    [COMMAND_INCIDENT_DRAFT] = decide_incident_draft,
    [COMMAND_INCIDENT_REVIEW] = decide_incident_review,
    [COMMAND_INCIDENT_ASK_INFO] = decide_incident_ask_info,
    [COMMAND_INCIDENT_GIVE_INFO] = decide_incident_give_info,
    [COMMAND_INCIDENT_OBJECT] = decide_incident_object,
    [COMMAND_INCIDENT_DISPUTE] = decide_incident_dispute,
    [COMMAND_INCIDENT_RULE_DISPUTE] = decide_incident_rule_dispute,
    [COMMAND_INCIDENT_RESUME] = decide_incident_resume,
    [COMMAND_INCIDENT_EXPLAIN] = decide_incident_explain,
    [COMMAND_INCIDENT_CONTROL] = decide_incident_control,
    [COMMAND_INCIDENT_PRIORITIZE] = decide_incident_prioritize,
    [COMMAND_INCIDENT_CONCEAL] = decide_incident_conceal,
    [COMMAND_INCIDENT_GRANT] = decide_incident_grant,
    [COMMAND_INCIDENT_REVOKE] = decide_incident_revoke,
    [COMMAND_INCIDENT_URGE] = decide_incident_urge,
    [COMMAND_INCIDENT_SUPERVISE] = decide_incident_supervise,
    [COMMAND_INCIDENT_BOUNCE] = decide_incident_bounce,
    [COMMAND_PETITION_ASK] = decide_petition_ask,
    [COMMAND_PETITION_RULE] = decide_petition_rule,
    [COMMAND_PETITION_CANCEL] = decide_petition_cancel,
    [COMMAND_TASK_ADD] = decide_task_add,
    [COMMAND_TASK_RECALL] = decide_task_recall,
    [COMMAND_TASK_FORWARD] = decide_task_forward,
    [COMMAND_DEMAND_ANSWER] = decide_demand_answer,

    [COMMAND_PERSONAL_READ] = decide_personal_read,
    [COMMAND_SESSION_OPEN] = decide_session_open,
    [COMMAND_SESSION_CLOSE] = decide_session_close,
    [COMMAND_SESSION_REFUSE] = decide_session_refuse,
    [COMMAND_SESSION_PROVE] = decide_session_prove,
    [COMMAND_EXPORT_BEGIN] = decide_export_begin,
    [COMMAND_WORDS_SEARCH] = decide_words_search,
    [COMMAND_HISTORY_DOUBT] = decide_history_doubt,

    [COMMAND_CONTACT_DIGITS] = decide_contact_digits,
    [COMMAND_CALLBACK_OFFER] = decide_callback_offer,
    [COMMAND_CALLBACK_QUEUE] = decide_callback_queue,
    [COMMAND_CALLBACK_TRY] = decide_callback_try,
    [COMMAND_CONTACT_SILENT] = decide_contact_silent,
    [COMMAND_CONTACT_SPEAK] = decide_contact_speak,
    [COMMAND_SILENCE_CHECK] = decide_silence_check,
    [COMMAND_SILENCE_RULE] = decide_silence_rule,
    [COMMAND_MARK_ASK] = decide_mark_ask,
    [COMMAND_MARK_CONFIRM] = decide_mark_confirm,
    [COMMAND_MARK_END] = decide_mark_end,
    [COMMAND_STORM_ENTER] = decide_storm_enter,
    [COMMAND_STORM_LEAVE] = decide_storm_leave,
    [COMMAND_CLUSTER_ANNOUNCE] = decide_cluster_announce,
    [COMMAND_FORECAST_DEFINE] = decide_forecast_define,

    [COMMAND_PARAMETER_SET] = decide_parameter_set,
    [COMMAND_LINE_DEFINE] = decide_line_define,
    [COMMAND_DEPARTMENT_DEFINE] = decide_department_define,
    [COMMAND_USER_DEFINE] = decide_user_define,
    [COMMAND_CATEGORY_DEFINE] = decide_category_define,
    [COMMAND_GATEWAY_DEFINE] = decide_gateway_define,
    [COMMAND_LIMIT_DEFINE] = decide_limit_define,
    [COMMAND_DAY_DEFINE] = decide_day_define,
    [COMMAND_CITY_LOAD] = decide_city_load,
    [COMMAND_TEMPLATE_DEFINE] = decide_template_define,
    [COMMAND_WISH_DEFINE] = decide_wish_define,
    [COMMAND_DISPOSITION_DEFINE] = decide_disposition_define,
    [COMMAND_RETENTION_DEFINE] = decide_retention_define,
    [COMMAND_RETENTION_RUN] = decide_retention_run,
    [COMMAND_RETENTION_STEP] = decide_retention_step,
    [COMMAND_DISTRICT_DEFINE] = decide_district_define,
    [COMMAND_UNIT_DEFINE] = decide_unit_define,

    [COMMAND_CONTACT_TRANSFER] = decide_contact_transfer,
    [COMMAND_TRANSFER_CANCEL] = decide_transfer_cancel,
    [COMMAND_TRANSFER_FINISH] = decide_transfer_finish,
    [COMMAND_CONTACT_HOLD] = decide_contact_hold,
    [COMMAND_CONTACT_MUTE] = decide_contact_mute,
    [COMMAND_CONTACT_UNMUTE] = decide_contact_unmute,
    [COMMAND_CONTACT_PARK] = decide_contact_park,
    [COMMAND_CONTACT_UNPARK] = decide_contact_unpark,
    [COMMAND_CONTACT_RESUME] = decide_contact_resume,
    [COMMAND_CONTACT_PRESS] = decide_contact_press,
    [COMMAND_ATTACHMENT_STORE] = decide_attachment_store,
    [COMMAND_PARTY_INVITE] = decide_party_invite,
    [COMMAND_PARTY_CHANGE] = decide_party_change,
    [COMMAND_PARTY_DROP] = decide_party_drop,
    [COMMAND_PARTY_TAKE_OVER] = decide_party_take_over,
    [COMMAND_PARTY_JOIN] = decide_party_join,
    [COMMAND_PARTY_LEAVE] = decide_party_leave,
    [COMMAND_CONTACT_NEED] = decide_contact_need,
    [COMMAND_QUEUE_MEND] = decide_queue_mend,
    [COMMAND_RUN_CARD_DEFINE] = decide_run_card_define,
    [COMMAND_COVERAGE_DEFINE] = decide_coverage_define,

    [COMMAND_UNIT_REPORT] = decide_unit_report,
    [COMMAND_UNIT_PLACE] = decide_unit_place,
    [COMMAND_UNIT_ALERT] = decide_unit_alert,
    [COMMAND_UNIT_CHECK_IN] = decide_unit_check_in,
    [COMMAND_UNIT_STAFF] = decide_unit_staff,
    [COMMAND_PLAN_ACTIVATE] = decide_plan_activate,
    [COMMAND_INCIDENT_FLAG] = decide_incident_flag,

    [COMMAND_INCIDENT_MERGE] = decide_incident_merge,
    [COMMAND_INCIDENT_UNMERGE] = decide_incident_unmerge,
    [COMMAND_INCIDENT_LINK] = decide_incident_link,
    [COMMAND_INCIDENT_UNLINK] = decide_incident_unlink,
    [COMMAND_INCIDENT_SPLIT] = decide_incident_split,
    [COMMAND_INCIDENT_UPGRADE] = decide_incident_upgrade,
    [COMMAND_INCIDENT_DOWNGRADE] = decide_incident_downgrade,

    [COMMAND_TREE_DEFINE] = decide_tree_define,
    [COMMAND_QUESTION_DEFINE] = decide_question_define,
    [COMMAND_ANSWER_DEFINE] = decide_answer_define,
    [COMMAND_GUIDE_BEGIN] = decide_guide_begin,
    [COMMAND_GUIDE_ANSWER] = decide_guide_answer,
    [COMMAND_GUIDE_UNDO] = decide_guide_undo,

    [COMMAND_SUBSCRIPTION_SET] = decide_subscription_set,
    [COMMAND_NOTICE_CREATE] = decide_notice_create,
    [COMMAND_NOTICE_ADD] = decide_notice_add,
    [COMMAND_NOTICE_START] = decide_notice_start,
    [COMMAND_NOTICE_PAUSE] = decide_notice_pause,
    [COMMAND_NOTICE_GO_ON] = decide_notice_go_on,
    [COMMAND_NOTICE_STOP] = decide_notice_stop,
    [COMMAND_NOTICE_CORRECT] = decide_notice_correct,
    [COMMAND_NOTICE_AGAIN] = decide_notice_again,
    [COMMAND_ARTICLE_DRAFT] = decide_article_draft,
    [COMMAND_ARTICLE_WRITE] = decide_article_write,
    [COMMAND_ARTICLE_REVIEW] = decide_article_review,
    [COMMAND_ARTICLE_PUBLISH] = decide_article_publish,
    [COMMAND_ARTICLE_ARCHIVE] = decide_article_archive,
    [COMMAND_ARTICLE_CORRECT] = decide_article_correct,
    [COMMAND_ARTICLE_RATE] = decide_article_rate,
    [COMMAND_READING_ASSIGN] = decide_reading_assign,
    [COMMAND_READING_END] = decide_reading_end,
    [COMMAND_READING_CONFIRM] = decide_reading_confirm,
    [COMMAND_EXAM_DRAFT] = decide_exam_draft,
    [COMMAND_EXAM_WRITE] = decide_exam_write,
    [COMMAND_EXAM_OPEN] = decide_exam_open,
    [COMMAND_EXAM_END] = decide_exam_end,
    [COMMAND_EXAM_BEGIN] = decide_exam_begin,
    [COMMAND_EXAM_ANSWER] = decide_exam_answer,
    [COMMAND_EXAM_HAND_IN] = decide_exam_hand_in,
    [COMMAND_EXAM_STRIKE] = decide_exam_strike,
    [COMMAND_AMENDMENT_DRAFT] = decide_amendment_draft,
    [COMMAND_AMENDMENT_WRITE] = decide_amendment_write,
    [COMMAND_AMENDMENT_SUBMIT] = decide_amendment_submit,
    [COMMAND_AMENDMENT_RULE] = decide_amendment_rule,
    [COMMAND_AMENDMENT_WITHDRAW] = decide_amendment_withdraw,
    [COMMAND_ERASURE_ASK] = decide_erasure_ask,
    [COMMAND_ERASURE_RULE] = decide_erasure_rule,
    [COMMAND_ERASURE_RUN] = decide_erasure_run,
    [COMMAND_ERASURE_STEP] = decide_erasure_step,
    [COMMAND_PRESERVATION_SET] = decide_preservation_set,
    [COMMAND_PRESERVATION_LIFT] = decide_preservation_lift,
    [COMMAND_GLASS_ASK] = decide_glass_ask,
    [COMMAND_GLASS_AGREE] = decide_glass_agree,
    [COMMAND_GLASS_END] = decide_glass_end,
    [COMMAND_GLASS_REVIEW] = decide_glass_review,
    [COMMAND_CITIZEN_VISIT] = decide_citizen_visit,
};

struct event *decision_event(struct decision *decision, enum event_kind kind)
{
    struct verdict *verdict = decision->verdict;
    REQUIRE(verdict->count < CORE_EVENTS_MAX);
    struct event *event = &verdict->events[verdict->count];
    memset(event, 0, event_sizes[kind]);  /* the largest body is many times the usual one */
    event->seq = decision->core->seq + 1; /* core_step() numbers the rest when it applies */
    event->at_ms = decision->at_ms;
    event->actor_kind = decision->actor_kind;
    event->actor = decision->actor;
    event->glass = decision->glass;
    event->kind = kind;
    verdict->count++;
    return event;
}

uint64_t decision_id(struct decision *decision)
{
    return decision->next_id++;
}

bool decision_may(const struct decision *decision, enum role role)
{
    return decision->actor_kind == ACTOR_KIND_SYSTEM ||
           (decision->user && (decision->user->row.roles & 1U << role));
}

bool decision_forces(const struct decision *decision)
{
    return decision_may(decision, ROLE_SUPERVISOR);
}

static enum refusal check_actor(struct decision *decision, enum command_kind kind)
{
    switch (decision->actor_kind) {
    case ACTOR_KIND_SYSTEM:
        return REFUSAL_NONE;
    case ACTOR_KIND_GATEWAY:
        decision->gateway = core_gateway(decision->core, decision->actor);
        if (!decision->gateway)
            return REFUSAL_NO_SUCH_GATEWAY;
        return access_hears_gateways(kind) ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    case ACTOR_KIND_USER:
        decision->user = core_user(decision->core, decision->actor);
        if (!decision->user || decision->user->row.retired)
            return REFUSAL_NO_SUCH_USER;
        if (access_command_roles(kind) & decision->user->row.roles)
            return REFUSAL_NONE;
        decision->glass = glass_that_gives(decision->core, decision->actor, kind);
        return decision->glass ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    case ACTOR_KIND_NONE:
    case ACTOR_KIND_COUNT:
        break;
    }
    return REFUSAL_NOT_SIGNED_IN;
}

enum refusal decide(struct decision *decision)
{
    enum command_kind kind = decision->command->kind;
    if ((unsigned)kind >= COMMAND_KIND_COUNT || !rules[kind])
        return REFUSAL_UNKNOWN_KIND;
    enum refusal refusal = check_actor(decision, kind);
    if (!refusal)
        refusal = secret_check(decision);
    return refusal ? refusal : rules[kind](decision);
}
