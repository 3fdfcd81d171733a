/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs of guided questions, and of duplicates: what a call taker asks before anything is saved. */
#include "consoles/ctl/guide.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "consoles/ctl/request.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/tables.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof(array)[0])

/* ---- a tree as text ------------------------------------------------------------------------ */

static void write_effects(FILE *out, const struct answer_row *row)
{
    if (row->raise)
        (void)fprintf(out, " ↑%s", priority_name(row->raise));
    if (row->lower)
        (void)fprintf(out, " ↓%s", priority_name(row->lower));
    if (row->category)
        (void)fprintf(out, " #%" PRIu32, row->category);
    if (row->secrecy)
        (void)fprintf(out, " %s", secrecy_name(row->secrecy));
    for (uint32_t i = 0; i < row->risks_count; i++)
        (void)fprintf(out, " !%s", risk_name(row->risks[i]));
}

static void write_answer(FILE *out, const struct answer_row *row, enum question_kind kind,
                         bool chinese)
{
    (void)fprintf(out, "    %" PRIu32 " %s", row->answer, chinese ? row->text_zh : row->text_en);
    if (kind == QUESTION_KIND_NUMBER)
        (void)fprintf(out, " (%" PRIu32 "–%" PRIu32 ")", row->least, row->most);
    write_effects(out, row);
    if (row->next)
        (void)fprintf(out, " → %" PRIu32 "\n", row->next);
    else
        (void)fprintf(out, chinese ? " → 结束\n" : " → done\n");
    if (*row->instruct_zh)
        (void)fprintf(out, chinese ? "      告知：%s\n" : "      Say: %s\n",
                      chinese ? row->instruct_zh : row->instruct_en);
}

static void write_question(FILE *out, const struct city *city, const struct question_row *row,
                           bool chinese)
{
    (void)fprintf(out, "%" PRIu32 ". %s [%s", row->question, chinese ? row->text_zh : row->text_en,
                  question_kind_name(row->kind));
    if (row->fills)
        (void)fprintf(out, ", %s", guide_field_name(row->fills));
    (void)fprintf(out, "]\n");
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        const struct answer_row *answer = &command->answer_define.row;
        if (command->kind == COMMAND_ANSWER_DEFINE && answer->tree == row->tree &&
            answer->question == row->question)
            write_answer(out, answer, row->kind, chinese);
    }
}

static const struct tree_row *find_tree(const struct city *city, uint32_t tree)
{
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind == COMMAND_TREE_DEFINE && command->tree_define.row.tree == tree)
            return &command->tree_define.row;
    }
    return NULL;
}

bool guide_write(FILE *out, const struct city *city, uint32_t tree, bool chinese)
{
    const struct tree_row *row = find_tree(city, tree);
    if (!row)
        return false;
    (void)fprintf(out, "%s\n", chinese ? row->name_zh : row->name_en);
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind == COMMAND_QUESTION_DEFINE && command->question_define.row.tree == tree)
            write_question(out, city, &command->question_define.row, chinese);
    }
    return true;
}

/* ---- verbs on a home ----------------------------------------------------------------------- */

static void list_trees(const struct city *city)
{
    static const struct column columns[] = {
        { "tree", "TREE", "编号", COLUMN_PLAIN },
        { "name_zh", "CHINESE", "名称", COLUMN_PLAIN },
        { "name_en", "ENGLISH", "英文", COLUMN_PLAIN },
        { "questions", "QUESTIONS", "问题", COLUMN_COUNT },
        { "answers", "ANSWERS", "选项", COLUMN_COUNT },
    };
    struct rows *rows = rows_open(SCHEMA_TREE_ROW, columns, COUNT(columns));
    for (uint32_t i = 0; i < city_count(city); i++)
        if (city_command(city, i)->kind == COMMAND_TREE_DEFINE)
            rows_add(rows, &city_command(city, i)->tree_define.row, 1);
    rows_print(rows);
    rows_close(rows);
}

int run_guide(struct request *request)
{
    struct city *city = NULL;
    const char *tree = request_argument(request, 0);
    bool chinese = words_are_chinese() && !request_option(request, "english");
    int code = tables_open(request->home, &city);
    if (code == EXIT_DONE && !tree) {
        list_trees(city);
    } else if (code == EXIT_DONE &&
               !guide_write(stdout, city, (uint32_t)strtoul(tree, NULL, 10), chinese)) {
        complain(words("there is no tree %s in the tables", "表格中没有引导问题 %s"), tree);
        code = EXIT_NOT_FOUND;
    }
    city_close(city);
    return code;
}

int run_guide_check(struct request *request)
{
    struct city *city = NULL;
    uint32_t trees = 0, questions = 0, answers = 0;
    int code = tables_open(request->home, &city);
    if (code != EXIT_DONE)
        return code;
    for (uint32_t i = 0; i < city_count(city); i++) {
        trees += city_command(city, i)->kind == COMMAND_TREE_DEFINE;
        questions += city_command(city, i)->kind == COMMAND_QUESTION_DEFINE;
        answers += city_command(city, i)->kind == COMMAND_ANSWER_DEFINE;
    }
    (void)printf(words("%" PRIu32 " trees, %" PRIu32 " questions, %" PRIu32
                       " answers hold together\n",
                       "%" PRIu32 " 组引导问题、%" PRIu32 " 个问题、%" PRIu32 " 个选项检查通过\n"),
                 trees, questions, answers);
    city_close(city);
    return EXIT_DONE;
}

/* ---- verbs on the dispatcher --------------------------------------------------------------- */

static int look(struct session **session, const struct request *request)
{
    char login[33] = "";
    if (!request->as)
        login_of_role(request->home, ROLE_SUPERVISOR, login);
    return session_open(session, request, login);
}

static uint64_t number_option(const struct request *request, const char *name)
{
    const char *value = request_option(request, name);
    return value ? strtoull(value, NULL, 10) : 0;
}

int run_guide_show(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_GUIDE };
    query.guide.contact = strtoull(request->arguments[0], NULL, 10);
    int code = look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE)
        print_json(SCHEMA_GUIDE_DETAIL, &answer->guide_detail);
    session_close(session);
    return code;
}

static void print_likely(const struct likely_incidents *likely)
{
    if (likely->rows_count == 0)
        (void)puts(words("none", "没有疑似重复"));
    for (uint32_t i = 0; i < likely->rows_count; i++) {
        const struct likely_row *row = &likely->rows[i];
        (void)printf("%3" PRIu32 " %% %" PRIu64 " %" PRIu64 " %" PRIu32 " %s", row->score,
                     row->incident.incident, row->incident.number, row->incident.category,
                     words_of_state(incident_state_name(row->incident.state)));
        for (uint32_t r = 0; r < row->reasons_count; r++)
            (void)printf(" %s", words_of_state(likeness_name(row->reasons[r])));
        if (row->distance_m)
            (void)printf(" %" PRIu32 " m", row->distance_m);
        (void)printf(" %" PRIu64 " min\n", row->age_ms / 60000);
    }
}

int run_likely(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_LIKELY };
    query.likely.contact = number_option(request, "contact");
    query.likely.line = (uint32_t)number_option(request, "line");
    query.likely.category = (uint32_t)number_option(request, "category");
    query.likely.east_cell = (uint32_t)number_option(request, "east_cell");
    query.likely.north_cell = (uint32_t)number_option(request, "north_cell");
    query.likely.district = (uint32_t)number_option(request, "district");
    int code = look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_LIKELY_INCIDENTS, &answer->likely_incidents);
    else if (code == EXIT_DONE)
        print_likely(&answer->likely_incidents);
    session_close(session);
    return code;
}
