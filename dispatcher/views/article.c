/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Articles of the knowledge base: their editions with every word, what people said of them, and the search. The
 * concordance is no part of the store: it is made from what is published, a piece with each question, and then
 * follows the events. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "dispatcher/views/concordance.h"
#include "dispatcher/views/row.h"

enum {
    INDEXED_PER_QUESTION = 300, /* some 10 ms: the dispatcher must not hold up a call */
    PARAGRAPHS_MAX =
        sizeof(((struct article_detail *)0)->paragraphs) / sizeof(struct article_paragraph),
    ROWS_MAX = sizeof(((struct articles *)0)->rows) / sizeof(struct article_row)
};

static struct key row_key(uint32_t article)
{
    return key_of1(VIEW_ARTICLE, article);
}

static struct key edition_key(uint32_t article, uint32_t edition)
{
    return key_of2(VIEW_ARTICLE_EDITION, article, edition);
}

/* ---- events --------------------------------------------------------------------------------------- */

static void show_head(struct article_row *row, const struct article_head *head)
{
    row->category = head->category;
    row->department = head->department;
    row->from_ms = head->from_ms;
    row->until_ms = head->until_ms;
    memcpy(row->title_zh, head->title_zh, sizeof row->title_zh);
    memcpy(row->title_en, head->title_en, sizeof row->title_en);
}

static int drafted(const struct change *change)
{
    const struct event *event = change->event;
    const struct article_drafted *said = &event->article_drafted;
    struct article_row row;
    struct article_edition edition = { .edition = said->edition, .drafted_ms = event->at_ms };
    int status = row_take(change, row_key(said->article), SCHEMA_ARTICLE_ROW, &row);
    if (status == -ENOENT) {
        memset(&row, 0, sizeof row);
        row.article = said->article;
        status = 0;
    }
    if (status == 0 && row.drafted == said->edition) /* its author changes the head */
        status = row_take(change, edition_key(row.article, row.drafted), SCHEMA_ARTICLE_EDITION,
                          &edition);
    if (status < 0)
        return status;
    edition.state = ARTICLE_STATE_DRAFT;
    edition.author = event->actor;
    edition.moved_ms = event->at_ms;
    edition.has_head = true;
    edition.head = said->head;
    row.drafted = said->edition;
    row.state = ARTICLE_STATE_DRAFT;
    row.author = event->actor;
    row.moved_ms = event->at_ms;
    if (!row.published)
        show_head(&row, &said->head);
    status =
        row_put(change, edition_key(row.article, row.drafted), SCHEMA_ARTICLE_EDITION, &edition);
    return status < 0 ? status : row_put(change, row_key(row.article), SCHEMA_ARTICLE_ROW, &row);
}

static int written(const struct change *change)
{
    const struct article_written *said = &change->event->article_written;
    struct article_paragraph paragraph = { .paragraph = said->paragraph };
    struct key key = key_of3(VIEW_ARTICLE_TEXT, said->article, said->edition, said->paragraph);
    if (!said->text[0])
        return row_remove(change, key);
    memcpy(paragraph.text, said->text, sizeof paragraph.text);
    return row_put(change, key, SCHEMA_ARTICLE_PARAGRAPH, &paragraph);
}

static void published(struct article_row *row, const struct article_edition *edition,
                      uint64_t at_ms)
{
    row->published = edition->edition;
    row->published_ms = at_ms;
    row->corrections = row->ratings = 0;
    row->useful = row->correct = row->clear = row->current = 0;
    show_head(row, &edition->head);
}

/* What changed is looked at with the next question that sees it. */
static void note_change(struct views *views, uint32_t article, uint64_t seq)
{
    struct article_changes *changes = &views->articles;
    if (changes->count == ARTICLE_CHANGES_MAX) { /* begin anew */
        changes->count = 0;
        changes->walked = 0;
        changes->complete = false;
        return;
    }
    changes->rows[changes->count].article = article;
    changes->rows[changes->count++].seq = seq;
}

static int moved(const struct change *change)
{
    const struct event *event = change->event;
    const struct article_moved *said = &event->article_moved;
    struct article_row row;
    struct article_edition edition;
    int status = row_take(change, row_key(said->article), SCHEMA_ARTICLE_ROW, &row);
    if (status == 0)
        status = row_take(change, edition_key(said->article, said->edition), SCHEMA_ARTICLE_EDITION,
                          &edition);
    if (status != 0)
        return status;
    edition.state = said->to;
    edition.moved_ms = event->at_ms;
    if (said->step == ARTICLE_STEP_PASS)
        edition.reviewer = event->actor;
    memcpy(edition.words, said->words, sizeof edition.words);
    bool ends = said->to == ARTICLE_STATE_PUBLISHED || said->to == ARTICLE_STATE_ARCHIVED;
    if (said->edition == row.published)
        row.published = 0;
    if (said->edition == row.drafted && ends)
        row.drafted = 0;
    if (said->to == ARTICLE_STATE_PUBLISHED)
        published(&row, &edition, event->at_ms);
    if (said->again) {
        row.again = said->edition;
        row.again_ms = event->at_ms;
    }
    row.state = row.drafted && said->edition != row.drafted ? row.state : said->to;
    if (ends && row.published && !row.drafted)
        row.state = ARTICLE_STATE_PUBLISHED;
    row.moved_ms = event->at_ms;
    note_change(change->views, row.article, event->seq);
    status = row_put(change, edition_key(row.article, edition.edition), SCHEMA_ARTICLE_EDITION,
                     &edition);
    return status < 0 ? status : row_put(change, row_key(row.article), SCHEMA_ARTICLE_ROW, &row);
}

static int corrected(const struct change *change)
{
    const struct event *event = change->event;
    const struct article_corrected *said = &event->article_corrected;
    struct article_correction correction = { .user = event->actor,
                                             .edition = said->edition,
                                             .at_ms = event->at_ms };
    struct article_row row;
    int status = row_take(change, row_key(said->article), SCHEMA_ARTICLE_ROW, &row);
    if (status < 0)
        return status;
    row.corrections++;
    memcpy(correction.words, said->words, sizeof correction.words);
    status = row_put(change, key_of2(VIEW_ARTICLE_CORRECTION, said->article, event->seq),
                     SCHEMA_ARTICLE_CORRECTION, &correction);
    return status < 0 ? status : row_put(change, row_key(row.article), SCHEMA_ARTICLE_ROW, &row);
}

/* Of one person the last marks count. */
static int rated(const struct change *change)
{
    const struct event *event = change->event;
    const struct article_rated *said = &event->article_rated;
    struct key key = key_of3(VIEW_ARTICLE_RATING, said->article, said->edition, event->actor);
    struct article_rating before = { 0 };
    struct article_rating now = { said->useful, said->correct, said->clear, said->current };
    struct article_row row;
    int status = row_take(change, row_key(said->article), SCHEMA_ARTICLE_ROW, &row);
    if (status < 0)
        return status;
    status = row_take(change, key, SCHEMA_ARTICLE_RATING, &before);
    if (status < 0 && status != -ENOENT)
        return status;
    if (status == -ENOENT) {
        memset(&before, 0, sizeof before);
        row.ratings++;
    }
    row.useful += now.useful - before.useful;
    row.correct += now.correct - before.correct;
    row.clear += now.clear - before.clear;
    row.current += now.current - before.current;
    status = row_put(change, key, SCHEMA_ARTICLE_RATING, &now);
    return status < 0 ? status : row_put(change, row_key(row.article), SCHEMA_ARTICLE_ROW, &row);
}

int apply_to_articles(const struct change *change)
{
    switch (change->event->kind) {
    case EVENT_ARTICLE_DRAFTED:
        return drafted(change);
    case EVENT_ARTICLE_WRITTEN:
        return written(change);
    case EVENT_ARTICLE_MOVED:
        return moved(change);
    case EVENT_ARTICLE_CORRECTED:
        return corrected(change);
    case EVENT_ARTICLE_RATED:
        return rated(change);
    default:
        return 0;
    }
}

/* ---- reading -------------------------------------------------------------------------------------- */

static int get_row(const struct question *question, uint32_t article, struct article_row *row)
{
    return row_get(question->views, question->read, row_key(article), SCHEMA_ARTICLE_ROW, row);
}

static int read_edition(const struct question *question, uint32_t article, uint32_t number,
                        struct article_detail *detail)
{
    struct key prefix = key_of2(VIEW_ARTICLE_TEXT, article, number), from = prefix;
    int status = row_get(question->views, question->read, edition_key(article, number),
                         SCHEMA_ARTICLE_EDITION, &detail->edition);
    detail->has_edition = status == 0;
    detail->paragraphs_count = 0;
    while (status == 0 && detail->paragraphs_count < PARAGRAPHS_MAX) {
        struct slice value;
        uint64_t paragraph;
        status = view_next(question->read, &prefix, &from, &paragraph, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        status = codec_unpack(question->views->codec, SCHEMA_ARTICLE_PARAGRAPH, value.data,
                              value.size, &detail->paragraphs[detail->paragraphs_count++]);
        from = key_of3(VIEW_ARTICLE_TEXT, article, number, paragraph + 1);
    }
    return status;
}

static int read_corrections(const struct question *question, struct article_detail *detail)
{
    uint32_t room = sizeof detail->corrections / sizeof detail->corrections[0];
    struct key prefix = key_of1(VIEW_ARTICLE_CORRECTION, detail->row.article);
    struct key limit = key_of2(VIEW_ARTICLE_CORRECTION, detail->row.article, UINT64_MAX);
    detail->corrections_count = 0;
    while (detail->corrections_count < room) {
        struct slice value;
        uint64_t seq;
        int status = view_previous(question->read, &prefix, &limit, &seq, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        status = codec_unpack(question->views->codec, SCHEMA_ARTICLE_CORRECTION, value.data,
                              value.size, &detail->corrections[detail->corrections_count++]);
        if (status < 0)
            return status;
        limit = key_of2(VIEW_ARTICLE_CORRECTION, detail->row.article, seq);
    }
    return 0;
}

int answer_article(const struct question *question, struct answer *answer)
{
    const struct article_query *asked = &question->query->article;
    struct article_detail *detail = &answer->article_detail;
    answer->kind = ANSWER_ARTICLE_DETAIL;
    int status = get_row(question, asked->article, &detail->row);
    if (status < 0)
        return status;
    detail->has_row = true;
    uint32_t edition = asked->edition          ? asked->edition
                       : detail->row.published ? detail->row.published
                                               : detail->row.drafted;
    if (!edition) /* all of it is archived: the last one */
        for (edition = 1; status == 0; edition += status == 0)
            status =
                row_get(question->views, question->read, edition_key(asked->article, edition + 1),
                        SCHEMA_ARTICLE_EDITION, &detail->edition);
    status = read_edition(question, asked->article, edition, detail);
    return status < 0 ? status : read_corrections(question, detail);
}

/* ---- the search ----------------------------------------------------------------------------------- */

static int index_article(const struct question *question, uint32_t article)
{
    static struct article_detail detail;
    struct concordance *concordance = question->views->concordance;
    struct passage passages[PARAGRAPHS_MAX + 4];
    uint32_t count = 0;
    int status = get_row(question, article, &detail.row);
    if (status < 0 || !detail.row.published) {
        concordance_drop(concordance, article);
        return status;
    }
    status = read_edition(question, article, detail.row.published, &detail);
    if (status < 0)
        return status;
    passages[count++] = (struct passage){ detail.edition.head.title_zh, WEIGHT_TITLE };
    passages[count++] = (struct passage){ detail.edition.head.title_en, WEIGHT_TITLE };
    passages[count++] = (struct passage){ detail.edition.head.words, WEIGHT_TITLE };
    passages[count++] = (struct passage){ detail.edition.head.summary_en, WEIGHT_OPENING };
    for (uint32_t i = 0; i < detail.paragraphs_count; i++)
        passages[count++] =
            (struct passage){ detail.paragraphs[i].text, i == 0 ? WEIGHT_OPENING : WEIGHT_TEXT };
    return concordance_put(concordance, article, detail.edition.head.category, passages, count);
}

/* What this question's reader sees already. */
static int index_changes(const struct question *question, uint64_t seq)
{
    struct article_changes *changes = &question->views->articles;
    uint32_t kept = 0;
    int status = 0;
    for (uint32_t i = 0; i < changes->count; i++) {
        if (changes->rows[i].seq > seq || status < 0)
            changes->rows[kept++] = changes->rows[i];
        else
            status = index_article(question, changes->rows[i].article);
    }
    changes->count = kept;
    return status;
}

static int index_some(const struct question *question, uint64_t seq)
{
    struct views *views = question->views;
    if (!views->concordance)
        views->concordance = concordance_open();
    if (!views->concordance)
        return -ENOMEM;
    int status = index_changes(question, seq);
    for (unsigned i = 0; status == 0 && !views->articles.complete && i < INDEXED_PER_QUESTION;
         i++) {
        status = index_article(question, views->articles.walked + 1);
        views->articles.complete = status == -ENOENT; /* numbers have no gap */
        if (status == -ENOENT)
            return 0;
        views->articles.walked++;
    }
    return status;
}

static bool is_in_force(const struct question *question, const struct article_row *row)
{
    return row->published && row->from_ms <= question->now_ms &&
           (!row->until_ms || question->now_ms < row->until_ms);
}

static void add_excerpt(const struct question *question, struct article_row *row)
{
    struct article_paragraph paragraph;
    if (row_get(question->views, question->read,
                key_of3(VIEW_ARTICLE_TEXT, row->article, row->published, 1),
                SCHEMA_ARTICLE_PARAGRAPH, &paragraph) == 0)
        (void)text_copy(row->excerpt, sizeof row->excerpt, paragraph.text);
}

static int search(const struct question *question, struct answer *answer)
{
    static struct hit hits[CONCORDANCE_HITS_MAX];
    const struct articles_query *asked = &question->query->articles;
    struct articles *articles = &answer->articles;
    int status = index_some(question, answer->seq);
    if (status < 0)
        return status;
    answer->more = !question->views->articles.complete;
    uint32_t count =
        concordance_find(question->views->concordance, asked->words, asked->category, hits);
    for (uint32_t i = 0; i < count && articles->rows_count < ROWS_MAX; i++) {
        struct article_row *row = &articles->rows[articles->rows_count];
        status = get_row(question, hits[i].article, row);
        if (status != 0)
            return status;
        if (!is_in_force(question, row))
            continue;
        row->score = hits[i].score;
        add_excerpt(question, row);
        articles->rows_count++;
    }
    return 0;
}

static bool fits(const struct articles_query *asked, const struct article_row *row)
{
    if (asked->category && row->category != asked->category)
        return false;
    if (asked->state == ARTICLE_STATE_PUBLISHED)
        return row->published != 0;
    return asked->state == ARTICLE_STATE_NONE || row->state == asked->state;
}

int answer_articles(const struct question *question, struct answer *answer)
{
    const struct articles_query *asked = &question->query->articles;
    struct articles *articles = &answer->articles;
    struct key prefix = key_of(VIEW_ARTICLE), from = key_of1(VIEW_ARTICLE, asked->after + 1);
    answer->kind = ANSWER_ARTICLES;
    articles->rows_count = 0;
    if (asked->words[0])
        return search(question, answer);
    for (;;) {
        struct article_row row;
        struct slice value;
        uint64_t number;
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_ARTICLE_ROW, value.data,
                                  value.size, &row);
        if (status != 0)
            return status == -ENOENT ? 0 : status;
        from = key_of1(VIEW_ARTICLE, number + 1);
        if (!fits(asked, &row))
            continue;
        answer->more = articles->rows_count == ROWS_MAX;
        if (answer->more)
            return 0;
        articles->rows[articles->rows_count++] = row;
        answer->next = number;
    }
}
