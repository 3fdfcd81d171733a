/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/city.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/coverage.h"
#include "dispatcher/core/gateway.h"
#include "dispatcher/core/need.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/rows.h"
#include "dispatcher/core/storm.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/test_call.h"
#include "dispatcher/core/text_lease.h"
#include "proto/access.h"

static const struct parameter_rule rules[PARAMETER_COUNT] = {
    /* callcenter practice: 15 s of ringing is already two offers' worth for an emergency */
    [PARAMETER_OFFER_LEASE_MS] = { 15000, 1000, 120000 },
    [PARAMETER_WRAP_UP_MS] = { 30000, 0, 600000 },
    [PARAMETER_UNANSWERED_AWAY] = { 1, 1, 10 },
    [PARAMETER_SURVEY_WAIT_MS] = { 72 * HOUR_MS, 60000, 30 * DAY_MS },
    [PARAMETER_REVISIT_TRIES] = { 3, 1, 10 },
    [PARAMETER_CLOSED_STAY_MS] = { 0, 0, 365 * DAY_MS },
    [PARAMETER_REVISIT_WAIT_MS] = { DAY_MS, 60000, 30 * DAY_MS },
    [PARAMETER_RETURN_LIMIT] = { 2, 0, 10 },
    [PARAMETER_CALLBACK_DUE_MS] = { 60000, 1000, DAY_MS },
    [PARAMETER_TELL_WAIT_MS] = { DAY_MS, 60000, 30 * DAY_MS },
    [PARAMETER_UTC_OFFSET_MIN] = { 480, 0, 840 }, /* China Standard Time */
    [PARAMETER_GATEWAY_LOST_MS] = { 10000, 0, 600000 },
    [PARAMETER_RESERVE_PERMILLE] = { 40, 0, 500 },
    [PARAMETER_REOPEN_WINDOW_MS] = { 15 * DAY_MS, 0, 365 * DAY_MS },
    [PARAMETER_WAIT_FIRST_MS] = { 20000, 5000, 600000 },
    [PARAMETER_WAIT_EVERY_MS] = { 60000, 10000, 600000 },
    [PARAMETER_WAIT_OFFER_MS] = { 600000, 60000, 3600000 },
    [PARAMETER_QUEUED_LAPSE_MS] = { 4 * HOUR_MS, 600000, DAY_MS },
    [PARAMETER_DIAL_LEASE_MS] = { 60000, 10000, 300000 },
    [PARAMETER_RETRY_MS] = { 30000, 5000, HOUR_MS },
    [PARAMETER_RETRIES] = { 3, 1, 10 },
    [PARAMETER_BRIEF_MS] = { 3000, 0, 30000 },
    [PARAMETER_SILENCE_MS] = { 45000, 10000, 300000 },
    [PARAMETER_MARK_DELAY_MS] = { 600000, 0, HOUR_MS },
    [PARAMETER_MARK_ASK_MS] = { 3 * DAY_MS, HOUR_MS, 30 * DAY_MS },
    [PARAMETER_TEST_GUARD_MS] = { 120000, 1000, HOUR_MS },
    [PARAMETER_TEST_EVERY_MS] = { 300000, 10000, DAY_MS },
    [PARAMETER_TEST_MISSED] = { 3, 1, 100 },
    [PARAMETER_STORM_PERCENT] = { 200, 110, 1000 },
    [PARAMETER_STORM_CALLS] = { 25, 5, 1000 },
    [PARAMETER_STORM_QUIET_MS] = { 600000, 60000, DAY_MS },
    [PARAMETER_STORM_WRAP_UP_MS] = { 10000, 0, 600000 },
    [PARAMETER_CLUSTER_CALLS] = { 5, 2, 50 },
    [PARAMETER_CLUSTER_WINDOW_MS] = { 120000, 10000, HOUR_MS },
    [PARAMETER_CLUSTER_RADIUS_M] = { 500, 0, 10000 },
    [PARAMETER_CLUSTER_QUIET_MS] = { 1800000, 60000, DAY_MS },
    [PARAMETER_PRE_REVIEW] = { 0, 0, 1 },
    [PARAMETER_REPLY_REVIEW] = { 0, 0, 1 },
    [PARAMETER_INFO_WAIT_MS] = { 3 * DAY_MS, HOUR_MS, 30 * DAY_MS },
    [PARAMETER_INFO_LIMIT] = { 2, 0, 10 },
    [PARAMETER_RETURN_WINDOW_MS] = { WORKING_DAY_MS, 0, 30 * WORKING_DAY_MS },
    [PARAMETER_DISPUTE_WAIT_MS] = { WORKING_DAY_MS, HOUR_MS, 30 * WORKING_DAY_MS },
    [PARAMETER_BACKSTOP_DEPARTMENT] = { 0, 0, UINT32_MAX },
    [PARAMETER_ARCHIVE_WAIT_MS] = { 0, 0, 365 * DAY_MS },
    [PARAMETER_DIRECT_WINDOW_MS] = { 7 * DAY_MS, 0, 365 * DAY_MS },
    [PARAMETER_PETITION_WAIT_MS] = { WORKING_DAY_MS, HOUR_MS, 30 * WORKING_DAY_MS },
    [PARAMETER_EXTENSION_MAX_MS] = { 30 * DAY_MS, HOUR_MS, 365 * DAY_MS },
    [PARAMETER_SUSPENSION_MAX_MS] = { 90 * DAY_MS, DAY_MS, 365 * DAY_MS },
    /* without an answer in 10 s the first receiver takes the report itself */
    [PARAMETER_HANDSHAKE_MS] = { 10000, 1000, HOUR_MS },
    [PARAMETER_HANDSHAKE_CITY_MS] = { DAY_MS, 60000, 30 * DAY_MS },
    [PARAMETER_DRAFT_WAIT_MS] = { HOUR_MS, 60000, 30 * DAY_MS },
    [PARAMETER_CONTACT_FIRST] = { 0, 0, 1 },
    [PARAMETER_OTHER_HANDLER] = { 0, 0, 1 },
    [PARAMETER_REDO_FREELY] = { 2, 1, 100 },
    [PARAMETER_POSITION_STALE_MS] = { 1800000, 60000, DAY_MS },
    [PARAMETER_POSITION_EVERY_MS] = { 10000, 0, 3600000 },
    [PARAMETER_UNIT_SIGN_MS] = { 60000, 10000, 3600000 },
    [PARAMETER_CHECK_IN_MS] = { 1200000, 0, 4 * HOUR_MS },
    [PARAMETER_UNIT_REST_MS] = { 0, 0, DAY_MS },
    [PARAMETER_ROAD_PERCENT] = { 130, 100, 500 },
    [PARAMETER_UNIT_SPEED_KMH] = { 40, 1, 200 },
    [PARAMETER_TURNOUT_MS] = { 60000, 0, 600000 },
    [PARAMETER_COVERAGE_HOLD_MS] = { 60000, 0, HOUR_MS },
    [PARAMETER_TEXT_STALE_MS] = { 900000, 0, DAY_MS },
    /* 22:00 to 07:00 */
    [PARAMETER_TEXT_QUIET_BEGIN_MIN] = { 1320, 0, 1439 },
    [PARAMETER_TEXT_QUIET_END_MIN] = { 420, 0, 1439 },
    [PARAMETER_TEXT_PARTS] = { 10, 1, 32 },
    [PARAMETER_TEXT_DOUBT_MS] = { 600000, 0, DAY_MS },
    [PARAMETER_NOTICE_RATE] = { 100, 1, 5000 },
    [PARAMETER_RETENTION_AT_MIN] = { 180, 0, 1439 },
    [PARAMETER_RETENTION_RATE] = { 120, 1, 6000 },
    [PARAMETER_FIX_WINDOW_MS] = { 300000, 0, HOUR_MS },
    [PARAMETER_REVISIT_DAYS] = { 2, 1, 7 },
    [PARAMETER_REVISIT_PARTS] = { 2, 1, 3 },
    [PARAMETER_POPULATION] = { 0, 0, 100000000 },
    [PARAMETER_WEIGHT_CONTACTED] = { 0, 0, 100 },
    [PARAMETER_WEIGHT_SOLVED] = { 0, 0, 100 },
    [PARAMETER_WEIGHT_SATISFIED] = { 0, 0, 100 },
    [PARAMETER_PROOF_MS] = { 300000, 60000, HOUR_MS },
    [PARAMETER_SIGNATURE_MS] = { 120000, 10000, 600000 },
    [PARAMETER_GLASS_MS] = { 4 * HOUR_MS, 60000, 12 * HOUR_MS },
    [PARAMETER_GLASS_ASK_MS] = { 1800000, 60000, 4 * HOUR_MS },
    [PARAMETER_EXPORT_ROWS] = { 100, 0, 100000 },
    [PARAMETER_LOCK_IDLE_MS] = { 900000, 60000, 12 * HOUR_MS },
    [PARAMETER_OFFER_PAUSE_MS] = { 1000, 0, 60000 },
    [PARAMETER_PARALLEL_AFTER] = { 2, 0, 10 },
    [PARAMETER_RESERVE_LEAST] = { 1, 0, 100 },
    [PARAMETER_RESERVE_MOST_PERMILLE] = { 150, 0, 500 },
    [PARAMETER_RESERVE_GOAL_PERMILLE] = { 950, 0, 1000 },
    [PARAMETER_RESERVE_STEP_MS] = { 60000, 1000, HOUR_MS },
    [PARAMETER_TRANSFER_MS] = { 15000, 1000, 120000 },
    [PARAMETER_TRANSFER_LINE_MS] = { 10000, 1000, 120000 },
    [PARAMETER_LANGUAGE_WAIT_MS] = { 20000, 0, 600000 },
    [PARAMETER_LANGUAGE_WAIT_EMERGENCY_MS] = { 5000, 0, 60000 },
    [PARAMETER_STALL_MS] = { 500, 100, 60000 },
    [PARAMETER_PARK_MS] = { 90000, 10000, 600000 },
    [PARAMETER_PARK_URGENT_MS] = { 20000, 5000, 120000 },
    [PARAMETER_WORKDAY_BEGIN_MIN] = { 540, 0, 1439 },
    [PARAMETER_WORKDAY_END_MIN] = { 1020, 1, 1440 },
    [PARAMETER_DUE_TIME_MIN] = { 1440, 60, 1440 },
    [PARAMETER_URGE_1_PERCENT] = { 90, 1, 99 },
    [PARAMETER_URGE_2_AFTER_MS] = { WORKING_DAY_MS, 0, 60 * WORKING_DAY_MS },
    [PARAMETER_SUPERVISE_1_AFTER_MS] = { 2 * WORKING_DAY_MS, 0, 60 * WORKING_DAY_MS },
    [PARAMETER_SUPERVISE_2_AFTER_MS] = { 5 * WORKING_DAY_MS, 0, 60 * WORKING_DAY_MS },
    [PARAMETER_SUPERVISE_3_AFTER_MS] = { 10 * WORKING_DAY_MS, 0, 60 * WORKING_DAY_MS },
    [PARAMETER_VERY_LATE_PERCENT] = { 300, 101, 1000 },
    [PARAMETER_URGE_ANSWER_MS] = { 4 * HOUR_MS, HOUR_MS, 10 * WORKING_DAY_MS },
    [PARAMETER_REPEAT_CALLERS] = { 3, 2, 1000 },
    [PARAMETER_MASS_CALLERS] = { 20, 2, 10000 },
    [PARAMETER_SUPERVISE_RETURNS] = { 2, 1, 10 },
    [PARAMETER_NEXT_UNIT_PERCENT] = { 200, 101, 1000 },
    [PARAMETER_COMMANDER_PERCENT] = { 400, 101, 2000 },
};

const struct parameter_rule *parameter_rule(enum parameter parameter)
{
    return &rules[parameter];
}

uint64_t core_parameter(const struct core *core, enum parameter parameter)
{
    return core->parameters[parameter];
}

enum refusal decide_parameter_set(struct decision *decision)
{
    const struct parameter_set *asked = &decision->command->parameter_set;
    const struct parameter_rule *rule = &rules[asked->parameter];
    if (asked->parameter == PARAMETER_NONE || asked->value < rule->least ||
        asked->value > rule->most)
        return REFUSAL_MALFORMED;
    if (decision->core->parameters[asked->parameter] == asked->value)
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_PARAMETER_CHANGED);
    event->parameter_changed.parameter = asked->parameter;
    event->parameter_changed.value = asked->value;
    return REFUSAL_NONE;
}

/* A new row needs room; a known one must differ. */
static enum refusal check_row(const struct pool *pool, bool known, bool same)
{
    if (known)
        return same ? REFUSAL_ALREADY : REFUSAL_NONE;
    return pool_room(pool) > 0 ? REFUSAL_NONE : REFUSAL_LIMIT;
}

enum refusal decide_line_define(struct decision *decision)
{
    const struct line_define *asked = &decision->command->line_define;
    if (!asked->has_row || asked->row.line == 0 || asked->row.band == BAND_NONE ||
        !need_rings_are_sound(&asked->row))
        return REFUSAL_MALFORMED;
    const struct line *line = core_line(decision->core, asked->row.line);
    enum refusal refusal =
        check_row(&decision->core->lines, line,
                  line && line_fingerprint(&line->row) == line_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_LINE_DEFINED);
    event->line = asked->row.line;
    event->line_defined.has_row = true;
    event->line_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_department_define(struct decision *decision)
{
    const struct department_define *asked = &decision->command->department_define;
    if (!asked->has_row || asked->row.department == 0)
        return REFUSAL_MALFORMED;
    const struct department *department = core_department(decision->core, asked->row.department);
    enum refusal refusal = check_row(&decision->core->departments, department,
                                     department && department_fingerprint(&department->row) ==
                                                       department_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_DEPARTMENT_DEFINED);
    event->department = asked->row.department;
    event->department_defined.has_row = true;
    event->department_defined.row = asked->row;
    return REFUSAL_NONE;
}

static bool skills_are_sound(const struct user_row *row)
{
    for (uint32_t i = 0; i < row->skills_count; i++) {
        if (row->skills[i].line == 0 || row->skills[i].level < 1 || row->skills[i].level > 9)
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (row->skills[j].line == row->skills[i].line)
                return false;
    }
    return true;
}

static bool languages_are_sound(uint32_t languages)
{
    uint32_t spoken = 0;
    for (enum language language = 0; language < LANGUAGE_COUNT; language++)
        spoken += languages >> language & 1;
    return languages >> LANGUAGE_COUNT == 0 && !(languages & 1U << LANGUAGE_NONE) &&
           spoken <= SPOKEN_MAX;
}

enum refusal decide_user_define(struct decision *decision)
{
    const struct user_define *asked = &decision->command->user_define;
    if (!asked->has_row || asked->row.user == 0 || !skills_are_sound(&asked->row) ||
        !languages_are_sound(asked->row.languages))
        return REFUSAL_MALFORMED;
    if (!access_is_sound(asked->row.roles))
        return REFUSAL_DUTIES_CLASH;
    const struct user *user = core_user(decision->core, asked->row.user);
    enum refusal refusal =
        check_row(&decision->core->users, user,
                  user && user_fingerprint(&user->row) == user_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    if (user && asked->row.retired)
        taker_retire(decision, user);
    struct event *event = decision_event(decision, EVENT_USER_DEFINED);
    event->taker = asked->row.user;
    event->user_defined.has_row = true;
    event->user_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_category_define(struct decision *decision)
{
    const struct category_define *asked = &decision->command->category_define;
    if (!asked->has_row || asked->row.category == 0)
        return REFUSAL_MALFORMED;
    const struct category *category = core_category(decision->core, asked->row.category);
    enum refusal refusal = check_row(&decision->core->categories, category,
                                     category && category_fingerprint(&category->row) ==
                                                     category_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_CATEGORY_DEFINED);
    event->category_defined.has_row = true;
    event->category_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_gateway_define(struct decision *decision)
{
    const struct gateway_define *asked = &decision->command->gateway_define;
    if (!asked->has_row || asked->row.gateway == 0 || asked->row.gateway > INDEX_OWNER_MAX)
        return REFUSAL_MALFORMED;
    const struct gateway *gateway = core_gateway(decision->core, asked->row.gateway);
    enum refusal refusal = check_row(&decision->core->gateways, gateway,
                                     gateway && gateway_fingerprint(&gateway->row) ==
                                                    gateway_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_GATEWAY_DEFINED);
    event->gateway_defined.has_row = true;
    event->gateway_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_limit_define(struct decision *decision)
{
    const struct limit_define *asked = &decision->command->limit_define;
    if (!asked->has_row || asked->row.sla == SLA_CLASS_NONE)
        return REFUSAL_MALFORMED;
    if (limit_fingerprint(&decision->core->sla_limits[asked->row.sla]) ==
        limit_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_LIMIT_DEFINED);
    event->limit_defined.has_row = true;
    event->limit_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_day_define(struct decision *decision)
{
    const struct day_define *asked = &decision->command->day_define;
    if (!asked->has_row || asked->row.day < 19700101)
        return REFUSAL_MALFORMED;
    const struct day *day = index_find(&decision->core->index, ENTRY_DAY, asked->row.day, 0);
    enum refusal refusal =
        check_row(&decision->core->days, day,
                  day && day_fingerprint(&day->row) == day_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_DAY_DEFINED);
    event->day_defined.has_row = true;
    event->day_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_template_define(struct decision *decision)
{
    const struct template_define *asked = &decision->command->template_define;
    if (!asked->has_row || asked->row.template == TEMPLATE_NONE)
        return REFUSAL_MALFORMED;
    if (decision->core->templates[asked->row.template] == template_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_TEMPLATE_DEFINED);
    event->template_defined.has_row = true;
    event->template_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_district_define(struct decision *decision)
{
    const struct district_define *asked = &decision->command->district_define;
    if (!asked->has_row || asked->row.district == 0)
        return REFUSAL_MALFORMED;
    const struct district *district =
        index_find(&decision->core->index, ENTRY_DISTRICT, asked->row.district, 0);
    enum refusal refusal =
        check_row(&decision->core->districts, district,
                  district && district->fingerprint == district_fingerprint(&asked->row));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_DISTRICT_DEFINED);
    event->district_defined.has_row = true;
    event->district_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_city_load(struct decision *decision)
{
    const struct city_load *asked = &decision->command->city_load;
    if (memcmp(asked->digest, decision->core->city_digest, sizeof asked->digest) == 0)
        return REFUSAL_ALREADY;
    calendar_load(decision);
    struct event *event = decision_event(decision, EVENT_CITY_LOADED);
    memcpy(event->city_loaded.digest, asked->digest, sizeof asked->digest);
    memcpy(event->city_loaded.name_zh, asked->name_zh, sizeof asked->name_zh);
    memcpy(event->city_loaded.name_en, asked->name_en, sizeof asked->name_en);
    memcpy(event->city_loaded.south, asked->south, sizeof asked->south);
    memcpy(event->city_loaded.west, asked->west, sizeof asked->west);
    return REFUSAL_NONE;
}

/* Deadlines that are reckoned from a parameter and from what stands, and so follow it at once. All other
 * deadlines were written into an event when they began, and stay as they were promised. */
static const struct {
    enum parameter first;
    enum parameter last;
    void (*refile)(struct core *core);
} refiles[] = {
    { PARAMETER_GATEWAY_LOST_MS, PARAMETER_GATEWAY_LOST_MS, gateways_refile },
    { PARAMETER_WAIT_FIRST_MS, PARAMETER_WAIT_EVERY_MS, queue_refile_waits },
    { PARAMETER_TEST_EVERY_MS, PARAMETER_TEST_MISSED, test_calls_refile },
    { PARAMETER_STORM_QUIET_MS, PARAMETER_STORM_QUIET_MS, storm_refile },
    { PARAMETER_CLUSTER_QUIET_MS, PARAMETER_CLUSTER_QUIET_MS, clusters_refile },
    { PARAMETER_COVERAGE_HOLD_MS, PARAMETER_COVERAGE_HOLD_MS, coverages_refile },
    { PARAMETER_TEXT_DOUBT_MS, PARAMETER_TEXT_DOUBT_MS, text_lease_refile },
    { PARAMETER_WORKDAY_BEGIN_MIN, PARAMETER_COMMANDER_PERCENT, tasks_refile },
};

void apply_parameter_changed(struct core *core, const struct event *event)
{
    REQUIRE((unsigned)event->parameter_changed.parameter < PARAMETER_COUNT);
    enum parameter parameter = event->parameter_changed.parameter;
    core->parameters[parameter] = event->parameter_changed.value;
    for (size_t i = 0; i < sizeof refiles / sizeof *refiles; i++)
        if (parameter >= refiles[i].first && parameter <= refiles[i].last)
            refiles[i].refile(core);
}

/* The known row's place, or a new one. */
static void *place(struct core *core, struct pool *pool, enum entry_kind kind, uint32_t number)
{
    void *known = index_find(&core->index, kind, number, 0);
    if (known)
        return known;
    void *fresh = pool_take(pool);
    index_put(&core->index, kind, number, 0, fresh);
    return fresh;
}

void apply_line_defined(struct core *core, const struct event *event)
{
    const struct line_row *row = &event->line_defined.row;
    struct line *line = place(core, &core->lines, ENTRY_LINE, row->line);
    line->row = *row;
    if (!line->standing.ring.next)
        list_init(&line->standing);
    core->weighted = false;
    for (uint32_t i = 0; i < pool_used(&core->lines); i++)
        core->weighted |= ((const struct line *)pool_at(&core->lines, i))->row.weight > 0;
    takers_find_seats(core); /* who may take it, and whether that is an emergency skill */
}

void apply_department_defined(struct core *core, const struct event *event)
{
    const struct department_row *row = &event->department_defined.row;
    struct department *department =
        place(core, &core->departments, ENTRY_DEPARTMENT, row->department);
    department->row = *row;
}

void apply_user_defined(struct core *core, const struct event *event)
{
    const struct user_row *row = &event->user_defined.row;
    struct user *user = place(core, &core->users, ENTRY_USER, row->user);
    taker_leave_seats(user); /* the old row's skills */
    user->row = *row;
    user->deadline.kind = DEADLINE_TAKER;
    user->deadline.owner = user;
    taker_find_seats(core, user);
}

void apply_category_defined(struct core *core, const struct event *event)
{
    const struct category_row *row = &event->category_defined.row;
    struct category *category = place(core, &core->categories, ENTRY_CATEGORY, row->category);
    category->row = *row;
}

void apply_gateway_defined(struct core *core, const struct event *event)
{
    const struct gateway_row *row = &event->gateway_defined.row;
    bool known = core_gateway(core, row->gateway) != NULL;
    struct gateway *gateway = place(core, &core->gateways, ENTRY_GATEWAY, row->gateway);
    gateway->row = *row;
    if (known)
        return;
    list_init(&gateway->contacts);
    gateway->deadline.kind = DEADLINE_GATEWAY;
    gateway->deadline.owner = gateway;
    list_init(&gateway->texts);
    list_init(&gateway->sending);
    gateway->text_deadline.kind = DEADLINE_GATEWAY_TEXTS;
    gateway->text_deadline.owner = gateway;
}

void apply_limit_defined(struct core *core, const struct event *event)
{
    const struct limit_row *row = &event->limit_defined.row;
    REQUIRE((unsigned)row->sla < SLA_CLASS_COUNT);
    core->sla_limits[row->sla] = *row;
}

void apply_day_defined(struct core *core, const struct event *event)
{
    const struct day_row *row = &event->day_defined.row;
    struct day *day = place(core, &core->days, ENTRY_DAY, row->day);
    day->row = *row;
    calendar_relist(core, row->day);
}

void apply_template_defined(struct core *core, const struct event *event)
{
    const struct template_row *row = &event->template_defined.row;
    REQUIRE((unsigned)row->template <TEMPLATE_COUNT);
    core->templates[row->template] = template_fingerprint(row);
}

void apply_district_defined(struct core *core, const struct event *event)
{
    const struct district_row *row = &event->district_defined.row;
    struct district *district = place(core, &core->districts, ENTRY_DISTRICT, row->district);
    district->district = row->district;
    district->far = row->far;
    district->fingerprint = district_fingerprint(row);
}

void apply_city_loaded(struct core *core, const struct event *event)
{
    memcpy(core->city_digest, event->city_loaded.digest, sizeof core->city_digest);
}
