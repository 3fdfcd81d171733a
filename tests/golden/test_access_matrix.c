/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may do what, as a text that people sign (docs/access.md), and a walk through every cell of it:
 * each command by each role, by nobody and by a program, asked of the core itself.
 *     YIHAO_GOLDEN=write build/dev/tests/test_access_matrix */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "consoles/server/route.h"
#include "dispatcher/core/core.h"
#include "dispatcher/core/petition.h"
#include "proto/access.h"
#include "proto/identity.h"
#include "proto/program.h"
#include "proto/schema.h"
#include "tests/golden/golden_text.h"

enum {
    FIRST_USER = 100, /* + the role */
    GATEWAY = 3,
    NOW_MS = 1795300000
};

static const struct core_limits limits = { .lines = 2,
                                           .departments = 2,
                                           .users = 16,
                                           .categories = 4,
                                           .gateways = 4,
                                           .contacts = 16,
                                           .incidents = 16,
                                           .tasks = 16,
                                           .callbacks = 4,
                                           .texts = 16,
                                           .petitions = 4 };

static bool is_command(enum command_kind kind)
{
    return command_kind_name(kind)[0] != '?'; /* the numbers have gaps */
}

/* ---- the text --------------------------------------------------------------------------------- */

static const char *const heads[ROLE_COUNT] = {
    [ROLE_TAKER] = "taker",           [ROLE_DEPARTMENT] = "department",
    [ROLE_SUPERVISOR] = "supervisor", [ROLE_AUDITOR] = "auditor",
    [ROLE_OPERATOR] = "operator",     [ROLE_REVIEWER] = "reviewer",
    [ROLE_DIRECTOR] = "director",     [ROLE_ADJUDICATOR] = "adjudicator",
    [ROLE_DEPARTMENT_HEAD] = "head",  [ROLE_SECURITY] = "security",
};

static void write_head(struct text *out, const char *what, const char *last)
{
    text_print(out, "\n| %s |", what);
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
        text_print(out, " %s |", heads[role]);
    text_print(out, "%s\n|---|", last ? last : "");
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
        text_add(out, "---|");
    text_add(out, last ? "---|\n" : "\n");
}

static void write_cells(struct text *out, const char *name, uint32_t roles)
{
    text_print(out, "| %s |", name);
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
        text_add(out, roles & 1U << role ? " ● |" : "  |");
}

static const char *const program_heads[GATEWAY_KIND_COUNT] = {
    [GATEWAY_KIND_TRUNK] = "trunk",     [GATEWAY_KIND_SMS] = "sms",
    [GATEWAY_KIND_CONSOLE] = "console", [GATEWAY_KIND_WITNESS] = "witness",
    [GATEWAY_KIND_PERSON] = "person",
};

static void write_program_head(struct text *out, const char *what)
{
    text_print(out, "\n| %s |", what);
    for (enum gateway_kind kind = GATEWAY_KIND_TRUNK; kind < GATEWAY_KIND_COUNT; kind++)
        text_print(out, " %s |", program_heads[kind]);
    text_add(out, "\n|---|");
    for (enum gateway_kind kind = GATEWAY_KIND_TRUNK; kind < GATEWAY_KIND_COUNT; kind++)
        text_add(out, "---|");
    text_add(out, "\n");
}

typedef bool program_may(enum gateway_kind kind, uint32_t what);

static bool may_send(enum gateway_kind kind, uint32_t what)
{
    return program_may_send(kind, (enum frame_kind)what);
}

static bool may_command(enum gateway_kind kind, uint32_t what)
{
    return program_may_command(kind, (enum command_kind)what);
}

static void write_program_row(struct text *out, const char *name, program_may *may, uint32_t what)
{
    bool any = false;
    for (enum gateway_kind kind = GATEWAY_KIND_TRUNK; kind < GATEWAY_KIND_COUNT; kind++)
        any = any || may(kind, what);
    if (!any)
        return;
    text_print(out, "| %s |", name);
    for (enum gateway_kind kind = GATEWAY_KIND_TRUNK; kind < GATEWAY_KIND_COUNT; kind++)
        text_add(out, may(kind, what) ? " ● |" : "  |");
    text_add(out, "\n");
}

static void write_programs(struct text *out)
{
    text_add(
        out,
        "\n## Programs on the bus\n\nWhat each kind of program may send (`proto/program.c`). The key says which program it is, "
        "gateways.csv of which kind; a person's own\nclient signs in its person alone. Whatever has no mark is "
        "refused and counted (`not_its_own`).\n");
    write_program_head(out, "frame");
    for (uint32_t frame = FRAME_NONE + 1; frame < FRAME_KIND_COUNT; frame++)
        write_program_row(out, frame_kind_name((enum frame_kind)frame), may_send, frame);
    write_program_head(out, "by its own right");
    for (uint32_t kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++)
        write_program_row(out, command_kind_name((enum command_kind)kind), may_command, kind);
}

static void write_commands(struct text *out)
{
    text_add(out,
             "\n## Orders\n\nThe core refuses every command of a person whose role has no mark "
             "here, whatever program sent it.\nA mark opens the door; whose contact, task or "
             "incident it is, and in which state, each command checks behind it.\n"
             "*program*: a gateway gives it by its own right.\n");
    write_head(out, "command", " program |");
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++) {
        if (!access_command_roles(kind) && !access_hears_gateways(kind))
            continue;
        write_cells(out, command_kind_name(kind), access_command_roles(kind));
        text_add(out, access_hears_gateways(kind) ? " ● |\n" : "  |\n");
    }
    text_add(out, "\nNobody gives these; they come from the dispatcher itself, the city's tables "
                  "(`*_define`) from their files alone:\n");
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++)
        if (!access_command_roles(kind) && !access_hears_gateways(kind) && is_command(kind))
            text_print(out, "`%s` ", command_kind_name(kind));
    text_add(out, "\n");
}

static void write_queries(struct text *out)
{
    text_add(out, "\n## Reads\n\nAsked of the dispatcher or of a console's replica, by the same "
                  "table. A department's user sees the own department's alone,\nand nobody's "
                  "telephone number or name: those are read by `personal_read`, an event each.\n");
    write_head(out, "query", NULL);
    for (enum query_kind kind = QUERY_NONE + 1; kind < QUERY_KIND_COUNT; kind++) {
        if (!access_query_roles(kind))
            continue;
        write_cells(out, query_kind_name(kind), access_query_roles(kind));
        text_add(out, "\n");
    }
}

static void write_routes(struct text *out)
{
    text_add(out,
             "\n## Paths of the console server\n\nCommands and queries are checked once more by "
             "their kind. What is not here is a page's file or 404.\n");
    write_head(out, "path", " nobody |");
    for (size_t i = 0; route_at(i); i++) {
        const struct route *route = route_at(i);
        char name[64];
        snprintf(name, sizeof name, "%s %s", route->method == METHOD_GET ? "GET" : "POST",
                 route->path);
        write_cells(out, name, route->signed_in ? route->roles : ROLES_ALL);
        text_add(out, route->signed_in ? "  |\n" : " ● |\n");
    }
}

static const char *const readers[READER_COUNT] = {
    [READER_ANSWERING] = "taker with the contact in hand",
    [READER_WRITER] = "taker who wrote it down, tells or asks",
    [READER_CALLING] = "taker who calls back",
    [READER_HANDLING] = "department that works on it",
    [READER_INFORMED] = "department that takes note",
    [READER_SUPERVISING] = "supervisor",
    [READER_AUDITING] = "auditor",
    [READER_RELIEVING] = "a colleague's note",
    [READER_GRANTED] = "whom a supervisor's grant names",
};
static const char *const shelters[SHELTER_COUNT] = { "no wish", "contact hidden", "identity hidden",
                                                     "anonymous" };
static const char *const exposures[] = { "–", "masked", "●" };

static void write_identity(struct text *out)
{
    text_add(out, "\n## Fields of a citizen\n\nFrom `proto/identity.c`. ● given with the read; "
                  "*masked*: 138****0001 until it is named with a purpose, an event of its own; "
                  "–: never.\nBy the line and by how much of the citizen must stay hidden.\n");
    for (unsigned row = 0; row < 2 * SHELTER_COUNT; row++) {
        bool emergency = row >= SHELTER_COUNT;
        text_print(out, "\n| %s line, %s |", emergency ? "emergency" : "ordinary",
                   shelters[row % SHELTER_COUNT]);
        for (enum personal_field field = 1; field < PERSONAL_FIELD_COUNT; field++)
            text_print(out, " %s |", personal_field_name(field));
        text_add(out, "\n|---|---|---|---|---|---|---|\n");
        for (enum reader reader = READER_NONE + 1; reader < READER_COUNT; reader++) {
            struct standing standing = { reader, row % SHELTER_COUNT, emergency };
            text_print(out, "| %s |", readers[reader]);
            for (enum personal_field field = 1; field < PERSONAL_FIELD_COUNT; field++)
                text_print(out, " %s |", exposures[identity_exposure(&standing, field)]);
            text_add(out, "\n");
        }
    }
}

/* What one begins and another has to finish, beside petitions and break-glass, which are tables of the core.
 * tests/story/test_seconds.c walks them. */
static const struct {
    const char *rule;
    enum command_kind first, second, third;
    const char *besides;
} pairs[] = {
    { "the city's tables: rights, lines, routing, limits, parameters", COMMAND_AMENDMENT_SUBMIT,
      COMMAND_AMENDMENT_RULE, COMMAND_NONE, "which columns: docs/operating.md" },
    { "erase a person or a case", COMMAND_ERASURE_ASK, COMMAND_ERASURE_RULE, COMMAND_ERASURE_RUN,
      "three persons" },
    { "texts to many", COMMAND_NOTICE_CREATE, COMMAND_NOTICE_START, COMMAND_NONE,
      "the only order that reaches more than one case" },
    { "other words for it", COMMAND_NOTICE_CORRECT, COMMAND_NOTICE_GO_ON, COMMAND_NONE,
      "a draft's, whoever writes them: then they wrote it" },
    { "mark a number", COMMAND_MARK_ASK, COMMAND_MARK_CONFIRM, COMMAND_NONE,
      "asked for: void after `mark_ask_ms`" },
    { "let a person see a secret case", COMMAND_NONE, COMMAND_INCIDENT_GRANT, COMMAND_NONE,
      "never oneself" },
    { "publish knowledge", COMMAND_ARTICLE_WRITE, COMMAND_ARTICLE_PUBLISH, COMMAND_NONE,
      "never the author" },
    { "pass a record", COMMAND_INCIDENT_REGISTER, COMMAND_INCIDENT_REVIEW, COMMAND_NONE,
      "never who wrote it" },
    { "part what was merged once it was answered", COMMAND_INCIDENT_MERGE, COMMAND_INCIDENT_UNMERGE,
      COMMAND_NONE, "another supervisor or reviewer than who merged" },
};

static void write_roles(struct text *out, uint32_t roles)
{
    const char *gap = "";
    text_add(out, " ");
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
        if (roles & 1U << role) {
            text_print(out, "%s%s", gap, heads[role]);
            gap = ", ";
        }
    text_add(out, " |");
}

static void write_second(struct text *out, enum command_kind kind)
{
    if (kind == COMMAND_NONE) {
        text_add(out, " – |");
        return;
    }
    text_print(out, " `%s`:", command_kind_name(kind));
    write_roles(out, access_command_roles(kind));
}

static void write_seconds(struct text *out)
{
    text_add(out,
             "\n## Two persons\n\nOne begins, another finishes, never the same person (refusal "
             "`same_person`), whatever roles they have. 双人复核:一人发起,另一人完成。\n\n"
             "| rule | first | second | third | |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        text_print(out, "| %s |", pairs[i].rule);
        write_second(out, pairs[i].first);
        write_second(out, pairs[i].second);
        write_second(out, pairs[i].third);
        text_print(out, " %s |\n", pairs[i].besides);
    }
    text_add(
        out,
        "\nPetitions (`petition_ask`, `petition_rule`); each stage is another person, and has a "
        "clock of its own:\n\n| petition | asks | first stage | second stage |\n|---|---|---|---|\n");
    for (uint32_t i = 0; i < approval_count; i++) {
        text_print(out, "| %s%s |", petition_kind_name(approvals[i].kind),
                   approvals[i].alone ? " (who asked may bring the answer)" : "");
        write_roles(out, approvals[i].askers);
        for (unsigned stage = 0; stage < PETITION_STAGES_MAX; stage++)
            if (approvals[i].stages[stage])
                write_roles(out, approvals[i].stages[stage]);
            else
                text_add(out, " – |");
        text_add(out, "\n");
    }
    text_add(
        out,
        "\nBreak-glass (`glass_ask`, `glass_agree`, `glass_end`, `glass_review`): asked for with a reason, "
        "void after `glass_ask_ms`; open for `glass_ms`; an auditor who is neither of the two "
        "looks at it.\n`export` gives no command: without it nobody takes more than "
        "`export_rows` rows out of the house.\n\n"
        "| right | asks, and has it | agrees | gives |\n|---|---|---|---|\n");
    for (enum glass_right right = GLASS_RIGHT_NONE + 1; right < GLASS_RIGHT_COUNT; right++) {
        const struct access_glass *glass = access_glass(right);
        text_print(out, "| %s |", glass_right_name(right));
        write_roles(out, glass->asks);
        write_roles(out, glass->agrees);
        for (size_t i = 0; i < sizeof glass->commands / sizeof glass->commands[0]; i++)
            if (glass->commands[i] != COMMAND_NONE)
                text_print(out, " `%s`", command_kind_name(glass->commands[i]));
        text_add(out, " |\n");
    }
    text_add(out,
             "\nThere is no order that deletes, that ends recording, or that changes many cases at "
             "once but `notice_start`.\n");
}

static void the_matrix_is_what_people_signed(void **state)
{
    (void)state;
    static char words[65536];
    struct text out = text_into(words, sizeof words);
    text_add(&out,
             "# Who may do what · 权限矩阵\n\n"
             "Printed from `proto/access.c` by the test `access_matrix`, which also walks every "
             "cell: change the table, then\n"
             "`YIHAO_GOLDEN=write build/dev/tests/test_access_matrix`. "
             "本表由程序生成,并由测试逐格核验。\n\n"
             "Operator 系统管理员, security 安全管理员 and auditor 安全审计员 are three people: a "
             "user with one of these roles has no\nother (refusal `duties_clash`, and "
             "`yihao conf check` says so of users.csv). Nobody both acts and audits.\n");
    write_programs(&out);
    write_commands(&out);
    write_seconds(&out);
    write_queries(&out);
    write_identity(&out);
    write_routes(&out);
    assert_true(out.length < sizeof words - 1);
    assert_golden("docs/access.md", words);
}

/* ---- the walk --------------------------------------------------------------------------------- */

static struct core *core;
static struct command command;
static struct verdict verdict;

static void fresh(enum command_kind kind, enum actor_kind actor_kind, uint32_t actor)
{
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = kind;
    command.at_ms = NOW_MS;
    command.actor_kind = actor_kind;
    command.actor = actor;
    memset((char *)&command + offsetof(struct command, tick), 0,
           sizeof command - offsetof(struct command, tick));
}

static enum refusal step(void)
{
    core_step(core, &command, &verdict);
    return verdict.refusal;
}

static int make_city(void **state)
{
    size_t size = core_size(&limits);
    void *memory = calloc(1, size);
    *state = memory;
    core = core_init(memory, size, &limits);
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++) {
        fresh(COMMAND_USER_DEFINE, ACTOR_KIND_SYSTEM, 0);
        command.user_define.has_row = true;
        command.user_define.row.user = FIRST_USER + role;
        command.user_define.row.roles = 1U << role;
        assert_int_equal(step(), REFUSAL_NONE);
    }
    fresh(COMMAND_GATEWAY_DEFINE, ACTOR_KIND_SYSTEM, 0);
    command.gateway_define.has_row = true;
    command.gateway_define.row.gateway = GATEWAY;
    command.gateway_define.row.kind = GATEWAY_KIND_TRUNK;
    strcpy(command.gateway_define.row.name, "trunk-1");
    assert_int_equal(step(), REFUSAL_NONE);
    return 0;
}

static int end_city(void **state)
{
    free(*state);
    return 0;
}

static void every_role_gives_its_commands_and_no_others(void **state)
{
    (void)state;
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++) {
        if (!is_command(kind))
            continue;
        for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++) {
            fresh(kind, ACTOR_KIND_USER, FIRST_USER + role);
            uint64_t seq = core_seq(core);
            enum refusal refusal = step();
            bool may = access_command_roles(kind) & 1U << role;
            if (may == (refusal == REFUSAL_NOT_ALLOWED) || (!may && core_seq(core) != seq))
                fail_msg("%s by a %s: %s", command_kind_name(kind), role_name(role),
                         refusal_name(refusal));
        }
    }
}

static void nobody_gives_no_command(void **state)
{
    (void)state;
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++) {
        if (!is_command(kind))
            continue;
        fresh(kind, ACTOR_KIND_NONE, 0);
        assert_int_equal(step(), REFUSAL_NOT_SIGNED_IN);
        fresh(kind, ACTOR_KIND_USER, 9);
        assert_int_equal(step(), REFUSAL_NO_SUCH_USER);
    }
}

static void a_program_gives_only_what_is_a_programs(void **state)
{
    (void)state;
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++) {
        if (!is_command(kind))
            continue;
        fresh(kind, ACTOR_KIND_GATEWAY, GATEWAY);
        enum refusal refusal = step();
        if (!access_hears_gateways(kind) && refusal != REFUSAL_NOT_ALLOWED)
            fail_msg("%s by a program: %s", command_kind_name(kind), refusal_name(refusal));
    }
}

static void every_role_reads_what_is_its_own(void **state)
{
    (void)state;
    for (enum query_kind kind = QUERY_NONE + 1; kind < QUERY_KIND_COUNT; kind++)
        for (enum role role = ROLE_NONE; role < ROLE_COUNT; role++) {
            struct user_row user = { .user = 7, .roles = role ? 1U << role : 0, .department = 2 };
            static struct query query;
            memset(&query, 0, sizeof query);
            query.kind = kind;
            bool owned;
            enum refusal refusal = access_query(&user, &query, &owned);
            if (!(access_query_roles(kind) & user.roles))
                assert_int_equal(refusal, REFUSAL_NOT_ALLOWED);
            else if (!access_is_bound(&user) && kind != QUERY_EVENTS)
                assert_int_equal(refusal, REFUSAL_NONE);
        }
}

static enum refusal judge(const struct standing *standing, enum personal_field field,
                          enum read_purpose purpose)
{
    uint32_t given, masked;
    enum refusal refusal = identity_judge(standing, 1U << field, purpose, &given, &masked);
    assert_true(refusal != REFUSAL_NONE || (given == 1U << field && masked == 0));
    return refusal;
}

/* Every reader × line × wish × field: what is open comes, what is masked wants a purpose, what is sealed never
 * comes, by whatever way it is asked for. */
static void every_field_is_given_as_its_cell_says(void **state)
{
    (void)state;
    for (unsigned cell = 0; cell < READER_COUNT * SHELTER_COUNT * 2; cell++) {
        struct standing standing = { cell % READER_COUNT, cell / READER_COUNT % SHELTER_COUNT,
                                     cell / READER_COUNT / SHELTER_COUNT };
        uint32_t given = 0, masked = 0;
        (void)identity_judge(&standing, 0, READ_PURPOSE_NONE, &given, &masked);
        for (enum personal_field field = 1; field < PERSONAL_FIELD_COUNT; field++) {
            enum exposure exposure = identity_exposure(&standing, field);
            bool comes = field < PERSONAL_FIELD_RECORDING && exposure == EXPOSURE_OPEN;
            assert_int_equal(given >> field & 1U, comes);
            assert_false(masked >> field & 1U && exposure != EXPOSURE_REVEALED);
            assert_int_equal(judge(&standing, field, READ_PURPOSE_NONE),
                             exposure == EXPOSURE_OPEN       ? REFUSAL_NONE
                             : exposure == EXPOSURE_REVEALED ? REFUSAL_REASON_MISSING
                                                             : REFUSAL_NOT_ALLOWED);
            assert_int_equal(judge(&standing, field, READ_PURPOSE_VERIFY),
                             exposure == EXPOSURE_SEALED ? REFUSAL_NOT_ALLOWED : REFUSAL_NONE);
            bool department =
                standing.reader == READER_HANDLING || standing.reader == READER_INFORMED;
            if (department && field == PERSONAL_FIELD_NAME)
                assert_int_equal(exposure, EXPOSURE_SEALED); /* who it is stays with the centre */
        }
        assert_int_equal(judge(&standing, PERSONAL_FIELD_COUNT, READ_PURPOSE_VERIFY),
                         REFUSAL_NOT_ALLOWED);
    }
}

static void what_is_not_given_is_masked_or_gone(void **state)
{
    (void)state;
    static struct personal personal;
    static const char *const numbers[][2] = { { "13800000001", "138****0001" },
                                              { "+8613800000001", "+86138****0001" },
                                              { "01062345678", "010****5678" },
                                              { "62345678", "****5678" },
                                              { "12345", "***45" },
                                              { "110", "***" },
                                              { "", "" } };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (unsigned again = 0; again < 2; again++) { /* masking a mask shows no more */
            strcpy(personal.number, again ? numbers[i][1] : numbers[i][0]);
            strcpy(personal.name, again ? "欧**" : "欧阳明");
            strcpy(personal.address, "人民路88号");
            strcpy(personal.text, "三楼");
            strcpy(personal.position, "30.1,115.2");
            identity_show(&personal, 1U << PERSONAL_FIELD_TEXT,
                          1U << PERSONAL_FIELD_NUMBER | 1U << PERSONAL_FIELD_NAME);
            assert_string_equal(personal.number, numbers[i][1]);
            assert_string_equal(personal.name, "欧**");
            assert_string_equal(personal.address, "");
            assert_string_equal(personal.position, "");
            assert_string_equal(personal.text, "三楼");
        }
    identity_show(&personal, 0, 0);
    assert_string_equal(personal.number, "");
    assert_string_equal(personal.name, "");
    assert_string_equal(personal.text, "");
}

/* An auditor reads, takes along what was read, approves what is to be forgotten; and runs nothing. */
static bool auditors_own(enum command_kind kind)
{
    switch (kind) {
    case COMMAND_PERSONAL_READ:
    case COMMAND_EXPORT_BEGIN:
    case COMMAND_WORDS_SEARCH:
    case COMMAND_SESSION_CLOSE:
    case COMMAND_SESSION_PROVE:
    case COMMAND_ERASURE_RULE:
    case COMMAND_PRESERVATION_SET:
    case COMMAND_PRESERVATION_LIFT:
    case COMMAND_GLASS_ASK: /* for an export alone */
    case COMMAND_GLASS_END:
    case COMMAND_GLASS_REVIEW:
        return true;
    default:
        return false;
    }
}

/* Every command that a program may give by its own right some kind gives, and no other is in the table. */
static void each_kind_of_program_has_words_of_its_own(void **state)
{
    (void)state;
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++) {
        bool any = false;
        for (enum gateway_kind who = GATEWAY_KIND_NONE; who <= GATEWAY_KIND_COUNT; who++) {
            bool may = program_may_command(who, kind);
            any = any || may;
            assert_false(may && (who == GATEWAY_KIND_NONE || who == GATEWAY_KIND_COUNT));
            assert_false(may && who == GATEWAY_KIND_PERSON);
        }
        bool passed_on = kind == COMMAND_CITIZEN_VISIT; /* what a citizen does on the page */
        bool inner = kind == COMMAND_GATEWAY_RISE;      /* a hello */
        if (is_command(kind))
            assert_int_equal(any || inner, access_hears_gateways(kind) || passed_on);
    }
    for (enum frame_kind frame = FRAME_NONE; frame < FRAME_KIND_COUNT; frame++) {
        assert_false(program_may_send(GATEWAY_KIND_NONE, frame));
        assert_false(program_may_send(GATEWAY_KIND_TRUNK, frame) && frame == FRAME_SIGN_IN);
    }
    assert_false(program_brings_persons(GATEWAY_KIND_TRUNK));
    assert_true(program_brings_persons(GATEWAY_KIND_PERSON));
    assert_string_equal(program_person("person.jz"), "jz");
    assert_null(program_person("console"));
}

static uint32_t whose_readings(uint32_t roles, uint32_t asked)
{
    struct user_row user = { .user = 1001, .department = 2, .roles = roles };
    struct query query = { .kind = QUERY_READINGS, .readings = { .user = asked } };
    bool owned;
    assert_int_equal(access_query(&user, &query, &owned), REFUSAL_NONE);
    return query.readings.user;
}

static void what_another_must_read_supervisors_and_reviewers_see(void **state)
{
    (void)state;
    assert_int_equal(whose_readings(1U << ROLE_TAKER, 1002), 1001);
    assert_int_equal(whose_readings(1U << ROLE_DEPARTMENT_HEAD, 1002), 1001);
    assert_int_equal(whose_readings(1U << ROLE_AUDITOR, 1002), 1001);
    assert_int_equal(whose_readings(1U << ROLE_SUPERVISOR, 1002), 1002);
    assert_int_equal(whose_readings(1U << ROLE_REVIEWER, 1002), 1002);
    assert_int_equal(whose_readings(1U << ROLE_SUPERVISOR, 0), 1001);
}

static uint32_t whose_marks(uint32_t roles, uint32_t asked, enum query_kind kind)
{
    struct user_row user = { .user = 1001, .department = 2, .roles = roles };
    struct query query = { .kind = kind };
    bool owned;
    uint32_t *whose = kind == QUERY_EXAMS        ? &query.exams.user
                      : kind == QUERY_EXAM_PAPER ? &query.exam_paper.user
                                                 : &query.exam_marks.user;
    *whose = asked;
    assert_int_equal(access_query(&user, &query, &owned), REFUSAL_NONE);
    return *whose;
}

static void of_tests_everybody_sees_their_own(void **state)
{
    static const enum query_kind kinds[] = { QUERY_EXAMS, QUERY_EXAM_PAPER, QUERY_EXAM_MARKS };
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(whose_marks(1U << ROLE_TAKER, 1002, kinds[i]), 1001);
        assert_int_equal(whose_marks(1U << ROLE_TAKER, 0, kinds[i]), 1001);
        assert_int_equal(whose_marks(1U << ROLE_DEPARTMENT_HEAD, 0, kinds[i]), 1001);
        assert_int_equal(whose_marks(1U << ROLE_REVIEWER, 1002, kinds[i]), 1001);
        assert_int_equal(whose_marks(1U << ROLE_SUPERVISOR, 1002, kinds[i]), 1002);
    }
    assert_int_equal(whose_marks(1U << ROLE_REVIEWER, 0, QUERY_EXAM_PAPER),
                     0); /* as it is written */
    assert_int_equal(whose_marks(1U << ROLE_REVIEWER, 0, QUERY_EXAM_MARKS), 0);
}

static void three_duties_are_three_people(void **state)
{
    (void)state;
    static const uint32_t apart[] = { ROLES_OPERATOR, ROLES_SECURITY, ROLES_AUDITOR };
    for (unsigned i = 0; i < 3; i++) {
        assert_true(access_is_sound(apart[i]));
        for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
            assert_true(access_is_sound(apart[i] | 1U << role) == (apart[i] == 1U << role));
        fresh(COMMAND_USER_DEFINE, ACTOR_KIND_SYSTEM, 0);
        command.user_define.has_row = true;
        command.user_define.row.user = 7;
        command.user_define.row.roles = apart[i] | ROLES_TAKER;
        assert_int_equal(step(), REFUSAL_DUTIES_CLASH);
    }
    assert_true(access_is_sound(ROLES_TAKER | ROLES_SUPERVISOR | ROLES_DIRECTOR));
    for (enum command_kind kind = COMMAND_NONE + 1; kind < COMMAND_KIND_COUNT; kind++)
        if (access_command_roles(kind) & ROLES_AUDITOR)
            assert_true(auditors_own(kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matrix_is_what_people_signed),
        cmocka_unit_test(every_role_gives_its_commands_and_no_others),
        cmocka_unit_test(nobody_gives_no_command),
        cmocka_unit_test(a_program_gives_only_what_is_a_programs),
        cmocka_unit_test(each_kind_of_program_has_words_of_its_own),
        cmocka_unit_test(every_role_reads_what_is_its_own),
        cmocka_unit_test(every_field_is_given_as_its_cell_says),
        cmocka_unit_test(what_is_not_given_is_masked_or_gone),
        cmocka_unit_test(what_another_must_read_supervisors_and_reviewers_see),
        cmocka_unit_test(of_tests_everybody_sees_their_own),
        cmocka_unit_test(three_duties_are_three_people),
    };
    return cmocka_run_group_tests(tests, make_city, end_city);
}
