/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The knowledge base: searching, reading, drafting from files.
 *
 * A file holds one article: lines "title:", "english:", "category:", "department:", "words:", "summary:", an
 * empty line, and paragraphs with empty lines between them (ops/city/knowledge/). */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    FILE_BYTES_MAX = 32768,
    PARAGRAPHS_MAX = 12,
    PATH_BYTES_MAX = 1024,
    FILES_MAX = 4096,
    ASKS_MAX = 2000 /* while the dispatcher still gathers the articles' words */
};

static const struct column columns[] = {
    { "article", "ARTICLE", "编号", COLUMN_PLAIN },
    { "score", "FIT", "匹配", COLUMN_COUNT },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "published", "EDITION", "版次", COLUMN_PLAIN },
    { "drafted", "DRAFT", "草稿", COLUMN_PLAIN },
    { "category", "CATEGORY", "分类", COLUMN_PLAIN },
    { "title_zh", "TITLE", "标题", COLUMN_PLAIN },
    { "title_en", "ENGLISH", "英文标题", COLUMN_PLAIN },
    { "author", "AUTHOR", "作者", COLUMN_PLAIN },
    { "corrections", "CORRECTIONS", "纠错", COLUMN_COUNT },
    { "moved_ms", "SINCE", "自", COLUMN_TIME },
};

static int print_articles(struct request *request, struct query *query)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct rows *rows = NULL;
    bool searching = query->articles.words[0] != 0;
    int code = session_look(&session, request);
    for (int i = 0; code == EXIT_DONE && i < ASKS_MAX; i++) {
        code = session_ask(session, query, &answer);
        if (code != EXIT_DONE || (searching && answer->more))
            continue;
        if (!rows && !request->json)
            rows = rows_open(SCHEMA_ARTICLE_ROW, columns, sizeof columns / sizeof columns[0]);
        if (request->json)
            print_json(SCHEMA_ARTICLES, &answer->articles);
        else
            rows_add(rows, answer->articles.rows, answer->articles.rows_count);
        if (!answer->more)
            break;
        query->articles.after = answer->next;
    }
    if (rows)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}

int run_knowledge_search(struct request *request)
{
    struct query query = { .kind = QUERY_ARTICLES };
    int code = number_wanted(request_option(request, "category"), &query.articles.category);
    if (!text_copy(query.articles.words, sizeof query.articles.words, request->arguments[0]) ||
        !query.articles.words[0]) {
        complain(
            words("say what to look for, in at most 600 bytes", "请给出检索词（600 字节以内）"));
        code = EXIT_USAGE;
    }
    return code == EXIT_DONE ? print_articles(request, &query) : code;
}

int run_knowledge_list(struct request *request)
{
    struct query query = { .kind = QUERY_ARTICLES };
    const char *state = request_option(request, "state");
    int code = number_wanted(request_option(request, "category"), &query.articles.category);
    for (enum article_state one = ARTICLE_STATE_NONE + 1; state && one < ARTICLE_STATE_COUNT; one++)
        if (strcmp(state, article_state_name(one)) == 0)
            query.articles.state = one;
    if (state && !query.articles.state) {
        complain(words("state: draft, reviewed, published or archived",
                       "state 应为 draft、reviewed、published 或 archived"));
        code = EXIT_USAGE;
    }
    return code == EXIT_DONE ? print_articles(request, &query) : code;
}

static void print_article(const struct article_detail *detail)
{
    const struct article_head *head = &detail->edition.head;
    char from[TIME_BYTES], until[TIME_BYTES];
    time_write(from, head->from_ms);
    time_write(until, head->until_ms);
    (void)printf("%s\n%s\n", head->title_zh, head->title_en);
    (void)printf(words("article %u, edition %u, %s; category %u, department %u\n",
                       "知识 %u，第 %u 版，%s；分类 %u，部门 %u\n"),
                 detail->row.article, detail->edition.edition,
                 article_state_name(detail->edition.state), head->category, head->department);
    if (head->from_ms || head->until_ms)
        (void)printf(words("in force from %s to %s\n", "有效期 %s 至 %s\n"), from, until);
    if (head->words[0])
        (void)printf(words("words: %s\n", "关键词：%s\n"), head->words);
    for (uint32_t i = 0; i < detail->paragraphs_count; i++)
        (void)printf("\n%s\n", detail->paragraphs[i].text);
    if (head->summary_en[0])
        (void)printf("\n%s\n", head->summary_en);
    const struct article_row *row = &detail->row;
    if (row->ratings)
        (void)printf(words("\n%u rated it: useful %.1f, correct %.1f, clear %.1f, current %.1f\n",
                           "\n%u 人评价：有用 %.1f，准确 %.1f，清楚 %.1f，及时 %.1f\n"),
                     row->ratings, (double)row->useful / row->ratings,
                     (double)row->correct / row->ratings, (double)row->clear / row->ratings,
                     (double)row->current / row->ratings);
    for (uint32_t i = 0; i < detail->corrections_count; i++)
        (void)printf(words("correction by %u to edition %u: %s\n", "用户 %u 对第 %u 版纠错：%s\n"),
                     detail->corrections[i].user, detail->corrections[i].edition,
                     detail->corrections[i].words);
}

int run_knowledge_show(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_ARTICLE };
    int code = number_wanted(request->arguments[0], &query.article.article);
    if (code == EXIT_DONE)
        code = number_wanted(request_argument(request, 1), &query.article.edition);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_ARTICLE_DETAIL, &answer->article_detail);
    else if (code == EXIT_DONE)
        print_article(&answer->article_detail);
    session_close(session);
    return code;
}

/* ---- files ---------------------------------------------------------------------------------------- */

static int bad_file(const char *path, const char *why)
{
    complain("%s: %s", path, why);
    return EXIT_FAILED;
}

static int read_file(const char *path, char bytes[FILE_BYTES_MAX])
{
    FILE *file = fopen(path, "r");
    if (!file)
        return bad_file(path, strerror(errno));
    size_t size = fread(bytes, 1, FILE_BYTES_MAX, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed)
        return bad_file(path, strerror(EIO));
    if (size == FILE_BYTES_MAX || !utf8_is_text(bytes, size))
        return bad_file(path, words("too long, or no UTF-8 text", "过长，或不是 UTF-8 文本"));
    bytes[size] = 0;
    return EXIT_DONE;
}

/* One line of the head; false: there is no such line, or it is too long. */
static bool read_line(struct article_head *head, const char *line)
{
    const struct {
        const char *name;
        char *text;
        size_t size;
        uint32_t *number;
    } fields[] = {
        { "title: ", head->title_zh, sizeof head->title_zh, NULL },
        { "english: ", head->title_en, sizeof head->title_en, NULL },
        { "words: ", head->words, sizeof head->words, NULL },
        { "summary: ", head->summary_en, sizeof head->summary_en, NULL },
        { "category: ", NULL, 0, &head->category },
        { "department: ", NULL, 0, &head->department },
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t length = strlen(fields[i].name);
        if (strncmp(line, fields[i].name, length) != 0)
            continue;
        return fields[i].text ? text_copy(fields[i].text, fields[i].size, line + length)
                              : number_wanted(line + length, fields[i].number) == EXIT_DONE;
    }
    return false;
}

/* Cuts the text at the next separator. Returns what is behind it, NULL at the end. */
static char *cut(char *text, const char *separator)
{
    char *end = strstr(text, separator);
    if (!end)
        return NULL;
    *end = 0;
    return end + strlen(separator);
}

static int read_article(const char *path, char bytes[FILE_BYTES_MAX], struct article_head *head,
                        char *paragraphs[PARAGRAPHS_MAX], uint32_t *count)
{
    int code = read_file(path, bytes);
    if (code != EXIT_DONE)
        return code;
    *count = 0;
    *head = (struct article_head){ 0 };
    char *body = cut(bytes, "\n\n");
    for (char *line = bytes, *next; line; line = next) {
        next = cut(line, "\n");
        if (!read_line(head, line))
            return bad_file(path, line);
    }
    for (char *at = body; at;) {
        char *next = cut(at, "\n\n");
        size_t length = strlen(at);
        while (length > 0 && at[length - 1] == '\n')
            at[--length] = 0;
        if (length > 0 && *count == PARAGRAPHS_MAX)
            return bad_file(path, words("more than 12 paragraphs", "超过 12 段"));
        if (length > 0)
            paragraphs[(*count)++] = at;
        at = next;
    }
    return *count ? EXIT_DONE : bad_file(path, words("no paragraph", "没有正文"));
}

static int submit(struct session *session, const struct command *command, struct outcome *outcome)
{
    int code = session_submit(session, command, NULL, outcome);
    return code == EXIT_DONE ? session_refused(outcome->refusal) : code;
}

static int draft_file(struct session *session, const char *path, uint32_t *article)
{
    static char bytes[FILE_BYTES_MAX];
    static struct command command;
    struct outcome outcome = { 0 };
    char *paragraphs[PARAGRAPHS_MAX];
    uint32_t count;
    command = (struct command){ .kind = COMMAND_ARTICLE_DRAFT };
    command.article_draft.article = *article;
    command.article_draft.has_head = true;
    int code = read_article(path, bytes, &command.article_draft.head, paragraphs, &count);
    if (code == EXIT_DONE)
        code = submit(session, &command, &outcome);
    *article = outcome.article;
    for (uint32_t i = 0; code == EXIT_DONE && i < count; i++) {
        command = (struct command){ .kind = COMMAND_ARTICLE_WRITE };
        command.article_write.article = *article;
        command.article_write.paragraph = i + 1;
        if (!text_copy(command.article_write.text, sizeof command.article_write.text,
                       paragraphs[i]))
            return bad_file(path,
                            words("a paragraph has at most 1000 bytes", "每段最多 1000 字节"));
        code = submit(session, &command, &outcome);
    }
    if (code == EXIT_DONE)
        (void)printf(words("article %u: %s\n", "知识 %u：%s\n"), *article, path);
    return code;
}

int run_knowledge_draft(struct request *request)
{
    struct session *session = NULL;
    uint32_t article = 0;
    int code = number_wanted(request_option(request, "article"), &article);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = draft_file(session, request->arguments[0], &article);
    session_close(session);
    return code;
}

static int is_article_file(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && ending && strcmp(ending, ".txt") == 0;
}

int run_knowledge_import(struct request *request)
{
    struct session *session = NULL;
    struct dirent **files = NULL;
    const char *folder = request->arguments[0];
    int count = scandir(folder, &files, is_article_file, alphasort);
    if (count < 0)
        return bad_file(folder, strerror(errno));
    int code = session_look(&session, request);
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES_MAX];
        uint32_t article = 0;
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        if (code == EXIT_DONE)
            code = draft_file(session, path, &article);
        free(files[i]);
    }
    free(files);
    session_close(session);
    return code;
}

/* Every draft, or every reviewed one, takes the step; an import is passed at one go. */
int run_knowledge_pass(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct outcome outcome;
    struct query query = { .kind = QUERY_ARTICLES };
    bool publishing = strstr(request->verb->name, "publish") != NULL;
    uint32_t passed = 0;
    query.articles.state = publishing ? ARTICLE_STATE_REVIEWED : ARTICLE_STATE_DRAFT;
    int code = session_look(&session, request);
    for (bool more = true; code == EXIT_DONE && more;) {
        uint32_t numbers[sizeof answer->articles.rows / sizeof answer->articles.rows[0]];
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        uint32_t count = answer->articles.rows_count;
        for (uint32_t i = 0; i < count; i++)
            numbers[i] = answer->articles.rows[i].article;
        more = answer->more;
        query.articles.after = answer->next;
        for (uint32_t i = 0; code == EXIT_DONE && i < count; i++) {
            struct command command = { .kind = publishing ? COMMAND_ARTICLE_PUBLISH
                                                          : COMMAND_ARTICLE_REVIEW };
            if (publishing)
                command.article_publish.article = numbers[i];
            else
                command.article_review =
                    (struct article_review){ .article = numbers[i], .agree = true };
            code = submit(session, &command, &outcome);
            passed += code == EXIT_DONE;
        }
    }
    (void)printf(words("%u articles\n", "%u 篇\n"), passed);
    session_close(session);
    return code;
}
