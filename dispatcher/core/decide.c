/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/decide.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/assignment.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/check_in.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/city.h"
#include "dispatcher/core/closure.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/coverage.h"
#include "dispatcher/core/dispute.h"
#include "dispatcher/core/draft.h"
#include "dispatcher/core/emergency.h"
#include "dispatcher/core/explanation.h"
#include "dispatcher/core/fix.h"
#include "dispatcher/core/forecast.h"
#include "dispatcher/core/gateway.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/hold.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/inquiry.h"
#include "dispatcher/core/ladder.h"
#include "dispatcher/core/mark.h"
#include "dispatcher/core/merge.h"
#include "dispatcher/core/need.h"
#include "dispatcher/core/notice.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/offshoot.h"
#include "dispatcher/core/overlay.h"
#include "dispatcher/core/party.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/reply.h"
#include "dispatcher/core/returning.h"
#include "dispatcher/core/review.h"
#include "dispatcher/core/run_card.h"
#include "dispatcher/core/send_back.h"
#include "dispatcher/core/session.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/stall.h"
#include "dispatcher/core/storm.h"
#include "dispatcher/core/subscription.h"
#include "dispatcher/core/survey.h"
#include "dispatcher/core/suspension.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/telling.h"
#include "dispatcher/core/text_lease.h"
#include "dispatcher/core/tie.h"
#include "dispatcher/core/transfer.h"
#include "dispatcher/core/unit.h"
#include "dispatcher/core/wish.h"

/* Who: the system may do everything; gateways and each role as marked. */
enum {
    GATEWAY = 1, /* ROLE_NONE's bit */
    TAKER = 1 << ROLE_TAKER,
    DEPARTMENT = 1 << ROLE_DEPARTMENT,
    SUPERVISOR = 1 << ROLE_SUPERVISOR,
    AUDITOR = 1 << ROLE_AUDITOR,
    OPERATOR = 1 << ROLE_OPERATOR,
    REVIEWER = 1 << ROLE_REVIEWER,
    DIRECTOR = 1 << ROLE_DIRECTOR,
    ADJUDICATOR = 1 << ROLE_ADJUDICATOR,
    HEAD = 1 << ROLE_DEPARTMENT_HEAD,
    CENTRE = TAKER | SUPERVISOR,
    STAFF = CENTRE | REVIEWER | DIRECTOR | ADJUDICATOR,
    ANY_USER = STAFF | DEPARTMENT | HEAD | AUDITOR | OPERATOR
};

static enum refusal decide_tick(struct decision *decision)
{
    (void)decision; /* what is due settles after every command */
    return REFUSAL_NONE;
}

static const struct command_rule {
    enum refusal (*decide)(struct decision *decision);
    uint32_t who;
} rules[COMMAND_KIND_COUNT] = {
    [COMMAND_TICK] = { decide_tick, 0 },
    [COMMAND_GATEWAY_RISE] = { decide_gateway_rise, GATEWAY },
    [COMMAND_GATEWAY_FALL] = { decide_gateway_fall, 0 },
    [COMMAND_CONTACT_ARRIVE] = { decide_contact_arrive, GATEWAY },
    [COMMAND_CONTACT_END] = { decide_contact_end, GATEWAY },
    [COMMAND_OFFER_RING] = { decide_offer_ring, GATEWAY },
    [COMMAND_OFFER_ANSWER] = { decide_offer_answer, GATEWAY },
    [COMMAND_OFFER_FAIL] = { decide_offer_fail, GATEWAY },
    [COMMAND_RECORDING_STORE] = { decide_recording_store, GATEWAY },
    [COMMAND_PHONE_REGISTER] = { decide_phone_register, GATEWAY },
    [COMMAND_TEXT_REPORT] = { decide_text_report, GATEWAY },
    [COMMAND_TEXT_SEND] = { decide_text_send, GATEWAY },

    [COMMAND_TAKER_SIGN_ON] = { decide_taker_sign_on, TAKER },
    [COMMAND_TAKER_SIGN_OFF] = { decide_taker_sign_off, CENTRE },
    [COMMAND_TAKER_READY] = { decide_taker_ready, CENTRE },
    [COMMAND_TAKER_AWAY] = { decide_taker_away, CENTRE },
    [COMMAND_WRAP_UP_FINISH] = { decide_wrap_up_finish, CENTRE },
    [COMMAND_OFFER_ACCEPT] = { decide_offer_accept, TAKER },
    [COMMAND_OFFER_DECLINE] = { decide_offer_decline, TAKER },
    [COMMAND_CONTACT_FINISH] = { decide_contact_finish, CENTRE },
    [COMMAND_CONTACT_RELINE] = { decide_contact_reline, CENTRE },
    [COMMAND_CONTACT_WRITE] = { decide_contact_write, CENTRE },
    [COMMAND_CALLER_LOCATE] = { decide_caller_locate, GATEWAY },
    [COMMAND_CALLBACK_FINISH] = { decide_callback_finish, CENTRE },

    [COMMAND_INCIDENT_REGISTER] = { decide_incident_register, CENTRE },
    [COMMAND_INCIDENT_ATTACH] = { decide_incident_attach, CENTRE },
    [COMMAND_INCIDENT_DISPATCH] = { decide_incident_dispatch, CENTRE },
    [COMMAND_INCIDENT_ANSWER_DIRECTLY] = { decide_incident_answer_directly, CENTRE },
    [COMMAND_INCIDENT_VOID] = { decide_incident_void, CENTRE },
    [COMMAND_INCIDENT_TELL] = { decide_incident_tell, CENTRE },
    [COMMAND_SURVEY_ANSWER] = { decide_survey_answer, CENTRE },
    [COMMAND_REVISIT_FINISH] = { decide_revisit_finish, CENTRE },
    [COMMAND_INCIDENT_REOPEN] = { decide_incident_reopen, CENTRE },
    [COMMAND_INCIDENT_NOTE] = { decide_incident_note, STAFF | DEPARTMENT },
    [COMMAND_INCIDENT_RETURN] = { decide_incident_return, 0 },

    [COMMAND_TASK_SIGN] = { decide_task_sign, DEPARTMENT | SUPERVISOR },
    [COMMAND_TASK_PROGRESS] = { decide_task_progress, DEPARTMENT | SUPERVISOR },
    [COMMAND_TASK_SEND_BACK] = { decide_task_send_back, DEPARTMENT | SUPERVISOR },
    [COMMAND_TASK_RULE_RETURN] = { decide_task_rule_return, CENTRE },
    [COMMAND_TASK_REPLY] = { decide_task_reply, DEPARTMENT | SUPERVISOR },
    [COMMAND_TASK_REJECT_REPLY] = { decide_task_reject_reply, CENTRE | REVIEWER },

    [COMMAND_INCIDENT_DRAFT] = { decide_incident_draft, CENTRE },
    [COMMAND_INCIDENT_REVIEW] = { decide_incident_review, REVIEWER | SUPERVISOR },
    [COMMAND_INCIDENT_ASK_INFO] = { decide_incident_ask_info, CENTRE | REVIEWER | DEPARTMENT },
    [COMMAND_INCIDENT_GIVE_INFO] = { decide_incident_give_info, CENTRE | DEPARTMENT },
    [COMMAND_INCIDENT_OBJECT] = { decide_incident_object, SUPERVISOR | REVIEWER },
    [COMMAND_INCIDENT_DISPUTE] = { decide_incident_dispute, SUPERVISOR | ADJUDICATOR },
    [COMMAND_INCIDENT_RULE_DISPUTE] = { decide_incident_rule_dispute, ADJUDICATOR | DIRECTOR },
    [COMMAND_INCIDENT_RESUME] = { decide_incident_resume, CENTRE | DIRECTOR },
    [COMMAND_INCIDENT_EXPLAIN] = { decide_incident_explain, REVIEWER | SUPERVISOR },
    [COMMAND_INCIDENT_CONTROL] = { decide_incident_control, CENTRE | DEPARTMENT },
    [COMMAND_INCIDENT_PRIORITIZE] = { decide_incident_prioritize, CENTRE },
    [COMMAND_INCIDENT_CONCEAL] = { decide_incident_conceal, STAFF },
    [COMMAND_INCIDENT_URGE] = { decide_incident_urge, STAFF },
    [COMMAND_INCIDENT_SUPERVISE] = { decide_incident_supervise, SUPERVISOR | DIRECTOR },
    [COMMAND_INCIDENT_BOUNCE] = { decide_incident_bounce, CENTRE },
    [COMMAND_PETITION_ASK] = { decide_petition_ask, STAFF | DEPARTMENT | HEAD },
    [COMMAND_PETITION_RULE] = { decide_petition_rule, STAFF | AUDITOR },
    [COMMAND_PETITION_CANCEL] = { decide_petition_cancel, STAFF | DEPARTMENT | HEAD },
    [COMMAND_TASK_ADD] = { decide_task_add, CENTRE | DEPARTMENT },
    [COMMAND_TASK_RECALL] = { decide_task_recall, CENTRE },
    [COMMAND_TASK_FORWARD] = { decide_task_forward, DEPARTMENT | SUPERVISOR },
    [COMMAND_DEMAND_ANSWER] = { decide_demand_answer, DEPARTMENT | HEAD | SUPERVISOR },

    [COMMAND_PERSONAL_READ] = { decide_personal_read, ANY_USER },
    [COMMAND_SESSION_OPEN] = { decide_session_open, 0 },
    [COMMAND_SESSION_CLOSE] = { decide_session_close, ANY_USER },
    [COMMAND_SESSION_REFUSE] = { decide_session_refuse, 0 },

    [COMMAND_CONTACT_DIGITS] = { decide_contact_digits, GATEWAY },
    [COMMAND_CALLBACK_OFFER] = { decide_callback_offer, CENTRE },
    [COMMAND_CALLBACK_QUEUE] = { decide_callback_queue, CENTRE },
    [COMMAND_CALLBACK_TRY] = { decide_callback_try, CENTRE },
    [COMMAND_CONTACT_SILENT] = { decide_contact_silent, GATEWAY | CENTRE },
    [COMMAND_CONTACT_SPEAK] = { decide_contact_speak, CENTRE },
    [COMMAND_SILENCE_CHECK] = { decide_silence_check, CENTRE },
    [COMMAND_SILENCE_RULE] = { decide_silence_rule, SUPERVISOR },
    [COMMAND_MARK_ASK] = { decide_mark_ask, CENTRE },
    [COMMAND_MARK_CONFIRM] = { decide_mark_confirm, SUPERVISOR },
    [COMMAND_MARK_END] = { decide_mark_end, SUPERVISOR },
    [COMMAND_STORM_ENTER] = { decide_storm_enter, SUPERVISOR },
    [COMMAND_STORM_LEAVE] = { decide_storm_leave, SUPERVISOR },
    [COMMAND_CLUSTER_ANNOUNCE] = { decide_cluster_announce, SUPERVISOR },
    [COMMAND_FORECAST_DEFINE] = { decide_forecast_define, OPERATOR },

    [COMMAND_PARAMETER_SET] = { decide_parameter_set, OPERATOR },
    [COMMAND_LINE_DEFINE] = { decide_line_define, OPERATOR },
    [COMMAND_DEPARTMENT_DEFINE] = { decide_department_define, OPERATOR },
    [COMMAND_USER_DEFINE] = { decide_user_define, OPERATOR },
    [COMMAND_CATEGORY_DEFINE] = { decide_category_define, OPERATOR },
    [COMMAND_GATEWAY_DEFINE] = { decide_gateway_define, OPERATOR },
    [COMMAND_LIMIT_DEFINE] = { decide_limit_define, OPERATOR },
    [COMMAND_DAY_DEFINE] = { decide_day_define, OPERATOR },
    [COMMAND_CITY_LOAD] = { decide_city_load, OPERATOR },
    [COMMAND_TEMPLATE_DEFINE] = { decide_template_define, OPERATOR },
    [COMMAND_WISH_DEFINE] = { decide_wish_define, OPERATOR },
    [COMMAND_DISTRICT_DEFINE] = { decide_district_define, OPERATOR },
    [COMMAND_UNIT_DEFINE] = { decide_unit_define, OPERATOR },

    [COMMAND_CONTACT_TRANSFER] = { decide_contact_transfer, CENTRE },
    [COMMAND_TRANSFER_CANCEL] = { decide_transfer_cancel, GATEWAY | CENTRE },
    [COMMAND_TRANSFER_FINISH] = { decide_transfer_finish, GATEWAY | CENTRE },
    [COMMAND_CONTACT_HOLD] = { decide_contact_hold, GATEWAY | CENTRE },
    [COMMAND_CONTACT_RESUME] = { decide_contact_resume, GATEWAY | CENTRE },
    [COMMAND_PARTY_INVITE] = { decide_party_invite, CENTRE },
    [COMMAND_PARTY_CHANGE] = { decide_party_change, SUPERVISOR },
    [COMMAND_PARTY_DROP] = { decide_party_drop, CENTRE },
    [COMMAND_PARTY_TAKE_OVER] = { decide_party_take_over, SUPERVISOR },
    [COMMAND_PARTY_JOIN] = { decide_party_join, GATEWAY },
    [COMMAND_PARTY_LEAVE] = { decide_party_leave, GATEWAY },
    [COMMAND_CONTACT_NEED] = { decide_contact_need, GATEWAY | CENTRE },
    [COMMAND_QUEUE_MEND] = { decide_queue_mend, 0 },
    [COMMAND_RUN_CARD_DEFINE] = { decide_run_card_define, OPERATOR },
    [COMMAND_COVERAGE_DEFINE] = { decide_coverage_define, OPERATOR },

    [COMMAND_UNIT_REPORT] = { decide_unit_report, DEPARTMENT | CENTRE },
    [COMMAND_UNIT_PLACE] = { decide_unit_place, GATEWAY | DEPARTMENT | CENTRE },
    [COMMAND_UNIT_ALERT] = { decide_unit_alert, DEPARTMENT | CENTRE },
    [COMMAND_UNIT_CHECK_IN] = { decide_unit_check_in, DEPARTMENT | CENTRE },
    [COMMAND_UNIT_STAFF] = { decide_unit_staff, DEPARTMENT | CENTRE },
    [COMMAND_PLAN_ACTIVATE] = { decide_plan_activate, CENTRE },
    [COMMAND_INCIDENT_FLAG] = { decide_incident_flag, CENTRE },

    [COMMAND_INCIDENT_MERGE] = { decide_incident_merge, CENTRE | REVIEWER },
    [COMMAND_INCIDENT_UNMERGE] = { decide_incident_unmerge, SUPERVISOR | REVIEWER },
    [COMMAND_INCIDENT_LINK] = { decide_incident_link, CENTRE | REVIEWER },
    [COMMAND_INCIDENT_UNLINK] = { decide_incident_unlink, CENTRE | REVIEWER },
    [COMMAND_INCIDENT_SPLIT] = { decide_incident_split, CENTRE | REVIEWER },
    [COMMAND_INCIDENT_UPGRADE] = { decide_incident_upgrade, CENTRE | DEPARTMENT | REVIEWER },
    [COMMAND_INCIDENT_DOWNGRADE] = { decide_incident_downgrade, CENTRE },

    [COMMAND_TREE_DEFINE] = { decide_tree_define, OPERATOR },
    [COMMAND_QUESTION_DEFINE] = { decide_question_define, OPERATOR },
    [COMMAND_ANSWER_DEFINE] = { decide_answer_define, OPERATOR },
    [COMMAND_GUIDE_BEGIN] = { decide_guide_begin, CENTRE },
    [COMMAND_GUIDE_ANSWER] = { decide_guide_answer, CENTRE },
    [COMMAND_GUIDE_UNDO] = { decide_guide_undo, CENTRE },

    [COMMAND_SUBSCRIPTION_SET] = { decide_subscription_set, CENTRE },
    [COMMAND_NOTICE_CREATE] = { decide_notice_create, SUPERVISOR },
    [COMMAND_NOTICE_ADD] = { decide_notice_add, SUPERVISOR },
    [COMMAND_NOTICE_START] = { decide_notice_start, SUPERVISOR | DIRECTOR },
    [COMMAND_NOTICE_PAUSE] = { decide_notice_pause, SUPERVISOR | DIRECTOR },
    [COMMAND_NOTICE_GO_ON] = { decide_notice_go_on, SUPERVISOR | DIRECTOR },
    [COMMAND_NOTICE_STOP] = { decide_notice_stop, SUPERVISOR | DIRECTOR },
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

static enum refusal check_actor(struct decision *decision, uint32_t who)
{
    switch (decision->actor_kind) {
    case ACTOR_KIND_SYSTEM:
        return REFUSAL_NONE;
    case ACTOR_KIND_GATEWAY:
        decision->gateway = core_gateway(decision->core, decision->actor);
        if (!decision->gateway)
            return REFUSAL_NO_SUCH_GATEWAY;
        return who & GATEWAY ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    case ACTOR_KIND_USER:
        decision->user = core_user(decision->core, decision->actor);
        if (!decision->user || decision->user->row.retired)
            return REFUSAL_NO_SUCH_USER;
        return who & ~(uint32_t)GATEWAY & decision->user->row.roles ? REFUSAL_NONE
                                                                    : REFUSAL_NOT_ALLOWED;
    case ACTOR_KIND_NONE:
    case ACTOR_KIND_COUNT:
        break;
    }
    return REFUSAL_NOT_SIGNED_IN;
}

bool core_hears_gateways(enum command_kind kind)
{
    return (unsigned)kind < COMMAND_KIND_COUNT && rules[kind].who & GATEWAY;
}

enum refusal decide(struct decision *decision)
{
    enum command_kind kind = decision->command->kind;
    if ((unsigned)kind >= COMMAND_KIND_COUNT || !rules[kind].decide)
        return REFUSAL_UNKNOWN_KIND;
    enum refusal refusal = check_actor(decision, rules[kind].who);
    return refusal ? refusal : rules[kind].decide(decision);
}
