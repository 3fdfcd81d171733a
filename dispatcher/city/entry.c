/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/entry.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/city/parameter.h"
#include "dispatcher/city/response.h"
#include "dispatcher/city/template.h"
#include "dispatcher/city/tree.h"
#include "proto/access.h"
#include "proto/survival.h"

void entries_complain(struct entries *entries, const char *sentence)
{
    entries->complaints++;
    if (entries->complain)
        entries->complain(entries->owner, sentence);
}

void complain_at(struct entries *entries, const struct entry *entry, const char *format, ...)
{
    char words[512], sentence[640];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    (void)snprintf(sentence, sizeof sentence, "%s:%d: %s", entry->file, entry->line, words);
    entries_complain(entries, sentence);
}

/* The number by which a row is found; 0 for the one row that has none. */
static uint32_t key_of(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PARAMETER_SET:
        return command->parameter_set.parameter;
    case COMMAND_LINE_DEFINE:
        return command->line_define.row.line;
    case COMMAND_FORECAST_DEFINE:
        return command->forecast_define.row.forecast;
    case COMMAND_DEPARTMENT_DEFINE:
        return command->department_define.row.department;
    case COMMAND_DISTRICT_DEFINE:
        return command->district_define.row.district;
    case COMMAND_UNIT_DEFINE:
        return command->unit_define.row.unit;
    case COMMAND_RUN_CARD_DEFINE:
        return command->run_card_define.row.run_card;
    case COMMAND_COVERAGE_DEFINE:
        return command->coverage_define.row.coverage;
    case COMMAND_LIMIT_DEFINE:
        return command->limit_define.row.sla;
    case COMMAND_DAY_DEFINE:
        return command->day_define.row.day;
    case COMMAND_TEMPLATE_DEFINE:
        return command->template_define.row.template;
    case COMMAND_DISPOSITION_DEFINE:
        return command->disposition_define.row.disposition;
    case COMMAND_RETENTION_DEFINE:
        return command->retention_define.row.rule;
    case COMMAND_WISH_DEFINE:
        return command->wish_define.row.wish;
    case COMMAND_GATEWAY_DEFINE:
        return command->gateway_define.row.gateway;
    case COMMAND_CATEGORY_DEFINE:
        return command->category_define.row.category;
    case COMMAND_USER_DEFINE:
        return command->user_define.row.user;
    case COMMAND_TREE_DEFINE:
        return command->tree_define.row.tree;
    case COMMAND_QUESTION_DEFINE:
        return question_key(command->question_define.row.tree,
                            command->question_define.row.question);
    case COMMAND_ANSWER_DEFINE:
        return answer_key(command->answer_define.row.tree, command->answer_define.row.question,
                          command->answer_define.row.answer);
    default: /* all the commands that are no rows */
        return 0;
    }
}

const struct entry *entries_find(const struct entries *entries, enum command_kind kind,
                                 uint32_t number)
{
    for (uint32_t i = 0; i < entries->count; i++)
        if (entries->rows[i].command.kind == kind && key_of(&entries->rows[i].command) == number)
            return &entries->rows[i];
    return NULL;
}

static bool has_department_code(const struct entries *entries, const char *code)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct command *command = &entries->rows[i].command;
        if (command->kind == COMMAND_DEPARTMENT_DEFINE &&
            !strcmp(command->department_define.row.code, code))
            return true;
    }
    return false;
}

/* What the core takes (dispatcher/core/city.c); the test city holds both equal. */
static void check_parameter(struct entries *entries, const struct entry *entry)
{
    const struct parameter_set *row = &entry->command.parameter_set;
    struct parameter_bounds bounds = parameter_bounds(row->parameter);
    if (row->parameter == PARAMETER_NONE)
        complain_at(entries, entry, "a row needs its parameter's name");
    else if (row->value < bounds.least || row->value > bounds.most)
        complain_at(entries, entry, "%s is out of bounds; %" PRIu64 " to %" PRIu64 " are taken",
                    parameter_name(row->parameter), bounds.least, bounds.most);
}

/* Every telephone of a plan is some taker's, or says where it is itself. */
static void check_survival(struct entries *entries, const struct entry *entry)
{
    const struct line_row *row = &entry->command.line_define.row;
    const char *words = row->survival;
    struct survival_target target;
    uint32_t step = 0;
    if (!survival_is_sound(words)) {
        complain_at(entries, entry,
                    "survival \"%s\" is no plan; write e.g. 1001&1002 1003 sip:05516266@10.1.2.3",
                    words);
        return;
    }
    while (survival_next(&words, &step, &target)) {
        const struct entry *user = entries_find(entries, COMMAND_USER_DEFINE, target.user);
        if (target.user && !user)
            complain_at(entries, entry, "survival names %" PRIu32 ", who is not in users.csv",
                        target.user);
    }
}

static void check_line(struct entries *entries, const struct entry *entry)
{
    const struct line_row *row = &entry->command.line_define.row;
    if (row->line == 0 || !*row->name_zh || !*row->name_en)
        complain_at(entries, entry, "a line needs its number and both names");
    if (row->band == BAND_NONE)
        complain_at(entries, entry,
                    "line %" PRIu32 " has no band; write life, emergency, urgent or ordinary",
                    row->line);
    else if (row->emergency != (row->band <= BAND_EMERGENCY))
        complain_at(entries, entry,
                    "line %" PRIu32
                    " stands in band %s; emergency lines use life or emergency, others "
                    "urgent or ordinary",
                    row->line, band_name(row->band));
    check_survival(entries, entry);
    if (row->answer_target_ms == 0)
        complain_at(entries, entry, "line %" PRIu32 " has no answer_target_ms; write e.g. 10s",
                    row->line);
}

void forecast_number(struct forecast_row *row)
{
    row->forecast = row->line * 10 + row->weekday;
}

static void check_forecast(struct entries *entries, const struct entry *entry)
{
    const struct forecast_row *row = &entry->command.forecast_define.row;
    if (!entries_find(entries, COMMAND_LINE_DEFINE, row->line))
        complain_at(entries, entry, "no line %" PRIu32 "; write one of lines.csv", row->line);
    else if (row->weekday < 1 || row->weekday > 7)
        complain_at(entries, entry, "a weekday is 1 (Monday) to 7 (Sunday)");
    else if (row->calls_count != sizeof row->calls / sizeof row->calls[0])
        complain_at(entries, entry, "%" PRIu32 " values of calls; write one for each half hour, 48",
                    row->calls_count);
}

static void check_department(struct entries *entries, const struct entry *entry)
{
    const struct department_row *row = &entry->command.department_define.row;
    if (row->department == 0 || !*row->code || !*row->name_zh || !*row->name_en)
        complain_at(entries, entry, "a department needs number, code and both names");
}

static void check_assists(struct entries *entries, const struct entry *entry)
{
    const struct category_row *row = &entry->command.category_define.row;
    for (uint32_t i = 0; i < row->assists_count; i++) {
        if (!has_department_code(entries, row->assists[i]))
            complain_at(entries, entry,
                        "assisting \"%s\" is no code of departments.csv; correct it",
                        row->assists[i]);
        if (!strcmp(row->assists[i], row->lead))
            complain_at(entries, entry, "\"%s\" leads and assists; name it once", row->lead);
    }
}

static void check_category(struct entries *entries, const struct entry *entry)
{
    const struct category_row *row = &entry->command.category_define.row;
    if (row->category < 100000 || row->category > 999999)
        complain_at(entries, entry, "category %" PRIu32 " has not six digits", row->category);
    if (row->line != 0 && !entries_find(entries, COMMAND_LINE_DEFINE, row->line))
        complain_at(entries, entry, "line %" PRIu32 " is not in lines.csv; add it there or write 0",
                    row->line);
    if (row->sla == SLA_CLASS_NONE || !entries_find(entries, COMMAND_LIMIT_DEFINE, row->sla))
        complain_at(entries, entry, "its class of time limits is not in limits.csv; add it there");
    if (row->priority == PRIORITY_NONE)
        complain_at(entries, entry, "a category needs a priority; write p0 to p4");
    if (!has_department_code(entries, row->lead))
        complain_at(entries, entry, "lead \"%s\" is no code of departments.csv; correct it",
                    row->lead);
    check_assists(entries, entry);
}

/* A terminal speaks for a unit of its user's own department. */
static void check_terminal(struct entries *entries, const struct entry *entry)
{
    const struct user_row *row = &entry->command.user_define.row;
    const struct entry *unit = entries_find(entries, COMMAND_UNIT_DEFINE, row->unit);
    if (row->unit != 0 && (!unit || unit->command.unit_define.row.department != row->department))
        complain_at(entries, entry,
                    "unit %" PRIu32 " is not one of department %" PRIu32 "; correct one of them",
                    row->unit, row->department);
}

static void check_user(struct entries *entries, const struct entry *entry)
{
    const struct user_row *row = &entry->command.user_define.row;
    if (row->user == 0 || !*row->login || row->roles == 0)
        complain_at(entries, entry, "a user needs number, login and roles");
    if ((row->roles >> ROLE_DEPARTMENT & 1U) &&
        !entries_find(entries, COMMAND_DEPARTMENT_DEFINE, row->department))
        complain_at(entries, entry, "department %" PRIu32 " is not in departments.csv; correct it",
                    row->department);
    if (!access_is_sound(row->roles))
        complain_at(entries, entry,
                    "operator, security and auditor are three people and hold no other role; give "
                    "the duties to different persons");
    for (uint32_t i = 0; i < row->skills_count; i++)
        if (!entries_find(entries, COMMAND_LINE_DEFINE, row->skills[i].line))
            complain_at(entries, entry, "skill line %" PRIu32 " is not in lines.csv; correct it",
                        row->skills[i].line);
    for (const struct entry *other = entries->rows; other < entry; other++)
        if (other->command.kind == COMMAND_USER_DEFINE &&
            !strcmp(other->command.user_define.row.login, row->login))
            complain_at(entries, entry, "login \"%s\" stands in line %d too; give each person one",
                        row->login, other->line);
    check_terminal(entries, entry);
}

static void check_unit(struct entries *entries, const struct entry *entry)
{
    const struct unit_row *row = &entry->command.unit_define.row;
    if (row->unit == 0 || !*row->name_zh || !*row->name_en || !*row->kind)
        complain_at(entries, entry, "a unit needs number, kind and both names");
    if (!entries_find(entries, COMMAND_DEPARTMENT_DEFINE, row->department))
        complain_at(entries, entry, "department %" PRIu32 " is not in departments.csv; correct it",
                    row->department);
    if (row->district != 0 && !entries_find(entries, COMMAND_DISTRICT_DEFINE, row->district))
        complain_at(entries, entry, "district %" PRIu32 " is not in districts.csv; correct it",
                    row->district);
    if ((row->east_cell == 0) != (row->north_cell == 0))
        complain_at(entries, entry, "a station needs east_cell and north_cell; fill both or none");
}

static void check_limit(struct entries *entries, const struct entry *entry)
{
    const struct limit_row *row = &entry->command.limit_define.row;
    if (!(row->has_dispatch || row->dispatch_ms) || !(row->has_sign || row->sign_ms) ||
        !(row->has_reply || row->reply_ms) || !(row->has_tell || row->tell_ms))
        complain_at(entries, entry, "class %s lacks a limit; fill dispatch, sign, reply and tell",
                    sla_class_name(row->sla));
    if (row->yellow_percent > 99 || row->orange_percent > 99 ||
        (row->orange_percent && row->yellow_percent >= row->orange_percent))
        complain_at(entries, entry,
                    "class %s warns after its end or out of order; write yellow_percent < "
                    "orange_percent < 100",
                    sla_class_name(row->sla));
}

static void check_day(struct entries *entries, const struct entry *entry)
{
    const uint32_t date = entry->command.day_define.row.day;
    uint32_t month = date / 100 % 100, day = date % 100;
    if (date < 20000101 || date > 21001231 || month < 1 || month > 12 || day < 1 || day > 31)
        complain_at(entries, entry, "%" PRIu32 " is no day; write yyyymmdd", date);
}

static void check_gateway(struct entries *entries, const struct entry *entry)
{
    const struct gateway_row *row = &entry->command.gateway_define.row;
    if (row->gateway == 0 || !*row->name || row->kind == GATEWAY_KIND_NONE)
        complain_at(entries, entry,
                    "a gateway needs number, name and kind (trunk, sms or console)");
}

enum {
    TEXT_PARTS_USUAL = 10, /* when parameters.csv says nothing */
    TEXT_VALID_MS_LEAST = 5 * 60 * 1000
};
#define TEXT_VALID_MS_MOST (30ULL * 24 * 3600 * 1000)

static unsigned parts_allowed(const struct entries *entries)
{
    const struct entry *entry = entries_find(entries, COMMAND_PARAMETER_SET, PARAMETER_TEXT_PARTS);
    return entry ? (unsigned)entry->command.parameter_set.value : TEXT_PARTS_USUAL;
}

static void check_template_words(struct entries *entries, const struct entry *entry,
                                 const char *words, const char *language)
{
    const char *name = template_name(entry->command.template_define.row.template);
    unsigned parts = parts_allowed(entries);
    struct template_size size;
    char place[32];
    template_measure(words, parts, &size);
    if (template_bad_place(entry->command.template_define.row.template, words, place))
        complain_at(entries, entry,
                    "template %s says %s in %s, which does not belong there; take it out", name,
                    place, language);
    if (size.parts > parts)
        complain_at(entries, entry,
                    "template %s takes %u parts in %s (%zu characters) and %u are allowed; shorten "
                    "it, or raise text_parts",
                    name, size.parts, language, size.units, parts);
    else if (size.has_text && size.room < TEMPLATE_ROOM_LEAST)
        complain_at(entries, entry,
                    "template %s leaves %zu characters for {text} in %s; shorten it, or raise "
                    "text_parts",
                    name, size.room, language);
}

static void check_template(struct entries *entries, const struct entry *entry)
{
    const struct template_row *row = &entry->command.template_define.row;
    bool numbered = TEMPLATE_EMERGENCY_RECEIVED > row->template; /* the later ones know no order */
    if (!*row->text_zh || !*row->text_en)
        complain_at(entries, entry, "a template needs its words in both languages");
    else if (numbered && (!strstr(row->text_zh, "{number}") || !strstr(row->text_en, "{number}")))
        complain_at(entries, entry,
                    "template %s does not tell the {number}; add it in both languages",
                    template_name(row->template));
    if (row->valid_ms &&
        (row->valid_ms < TEXT_VALID_MS_LEAST || row->valid_ms > TEXT_VALID_MS_MOST))
        complain_at(entries, entry,
                    "template %s is valid for less than five minutes or more than 30 days; message "
                    "centres take what lies between",
                    template_name(row->template));
    check_template_words(entries, entry, row->text_zh, "Chinese");
    check_template_words(entries, entry, row->text_en, "English");
}

static void check_wish(struct entries *entries, const struct entry *entry)
{
    if (entry->command.wish_define.row.words_count == 0)
        complain_at(entries, entry, "a wish needs the words by which citizens ask for it");
}

static void check_disposition(struct entries *entries, const struct entry *entry)
{
    const struct disposition_row *row = &entry->command.disposition_define.row;
    if (row->disposition == 0 || !*row->name_zh || !*row->name_en)
        complain_at(entries, entry, "a disposition needs its number and both names");
    if (row->line && !entries_find(entries, COMMAND_LINE_DEFINE, row->line))
        complain_at(entries, entry, "line %" PRIu32 " is not in lines.csv; correct it", row->line);
}

static void check_retention(struct entries *entries, const struct entry *entry)
{
    const struct retention_row *row = &entry->command.retention_define.row;
    if (row->rule == 0 || row->thing == RETENTION_THING_NONE || row->days == 0 || !*row->basis)
        complain_at(
            entries, entry,
            "a rule of retention needs its number, contact, case or sound, days, and its basis in law");
    if (row->line && !entries_find(entries, COMMAND_LINE_DEFINE, row->line))
        complain_at(entries, entry, "line %" PRIu32 " is not in lines.csv; correct it", row->line);
    if (row->category && row->thing == RETENTION_THING_CONTACT)
        complain_at(entries, entry,
                    "a contact of which no case came has no category; leave it empty");
    for (const struct entry *other = entries->rows; other < entry; other++) {
        const struct retention_row *first = &other->command.retention_define.row;
        if (other->command.kind == COMMAND_RETENTION_DEFINE && first->thing == row->thing &&
            first->line == row->line && first->category == row->category)
            complain_at(entries, entry, "rule %" PRIu32 " is about the same; keep one",
                        first->rule);
    }
}

static void check_row(struct entries *entries, const struct entry *entry)
{
    static const struct {
        enum command_kind kind;
        void (*check)(struct entries *, const struct entry *);
    } checks[] = {
        { COMMAND_PARAMETER_SET, check_parameter },
        { COMMAND_LINE_DEFINE, check_line },
        { COMMAND_DEPARTMENT_DEFINE, check_department },
        { COMMAND_CATEGORY_DEFINE, check_category },
        { COMMAND_USER_DEFINE, check_user },
        { COMMAND_UNIT_DEFINE, check_unit },
        { COMMAND_RUN_CARD_DEFINE, check_run_card },
        { COMMAND_COVERAGE_DEFINE, check_coverage },
        { COMMAND_LIMIT_DEFINE, check_limit },
        { COMMAND_DAY_DEFINE, check_day },
        { COMMAND_GATEWAY_DEFINE, check_gateway },
        { COMMAND_TEMPLATE_DEFINE, check_template },
        { COMMAND_WISH_DEFINE, check_wish },
        { COMMAND_DISPOSITION_DEFINE, check_disposition },
        { COMMAND_RETENTION_DEFINE, check_retention },
        { COMMAND_FORECAST_DEFINE, check_forecast },
        { COMMAND_TREE_DEFINE, check_tree },
        { COMMAND_QUESTION_DEFINE, check_question },
        { COMMAND_ANSWER_DEFINE, check_answer },
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].kind == entry->command.kind)
            checks[i].check(entries, entry);
}

static void check_unique(struct entries *entries, const struct entry *entry)
{
    uint32_t key = key_of(&entry->command);
    const struct entry *first = entries_find(entries, entry->command.kind, key);
    REQUIRE(first != NULL);
    if (first != entry && entry->command.kind != COMMAND_CITY_LOAD)
        complain_at(entries, entry, "%" PRIu32 " stands in line %d too; keep one", key,
                    first->line);
}

static void check_complete(struct entries *entries)
{
    const struct entry place = { .file = "templates.csv", .line = 1 };
    for (uint32_t t = TEMPLATE_RECEIVED; t < TEMPLATE_COUNT; t++)
        if (t != TEMPLATE_WORDS && template_name((enum template)t)[0] != '?' &&
            !entries_find(entries, COMMAND_TEMPLATE_DEFINE, t))
            complain_at(entries, &place, "template %s is missing; add its row",
                        template_name((enum template)t));
    if (entries->count == 0 || entries->rows[entries->count - 1].command.kind != COMMAND_CITY_LOAD)
        entries_complain(entries,
                         "city.csv:2: the city's names are missing; write name_zh and name_en");
}

void entries_check(struct entries *entries)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        check_row(entries, &entries->rows[i]);
        check_unique(entries, &entries->rows[i]);
    }
    check_complete(entries);
}
