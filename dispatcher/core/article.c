/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/article.h"

#include <string.h>

#include "base/require.h"

enum article_state article_next(enum article_state from, enum article_step step)
{
    static const enum article_state next[ARTICLE_STATE_COUNT][ARTICLE_STEP_COUNT] = {
        [ARTICLE_STATE_DRAFT] = { [ARTICLE_STEP_PASS] = ARTICLE_STATE_REVIEWED,
                                  [ARTICLE_STEP_RETURN] = ARTICLE_STATE_DRAFT,
                                  [ARTICLE_STEP_ARCHIVE] = ARTICLE_STATE_ARCHIVED },
        [ARTICLE_STATE_REVIEWED] = { [ARTICLE_STEP_RETURN] = ARTICLE_STATE_DRAFT,
                                     [ARTICLE_STEP_PUBLISH] = ARTICLE_STATE_PUBLISHED,
                                     [ARTICLE_STEP_ARCHIVE] = ARTICLE_STATE_ARCHIVED },
        [ARTICLE_STATE_PUBLISHED] = { [ARTICLE_STEP_ARCHIVE] = ARTICLE_STATE_ARCHIVED,
                                      [ARTICLE_STEP_REPLACE] = ARTICLE_STATE_ARCHIVED },
    };
    return next[from][step];
}

struct article *core_article(const struct core *core, uint32_t number)
{
    return number > 0 && number <= pool_used(&core->articles) ? pool_at(&core->articles, number - 1)
                                                              : NULL;
}

static const struct article *find(struct decision *decision, uint32_t number)
{
    const struct article *article = core_article(decision->core, number);
    if (article)
        decision->verdict->article = number;
    return article;
}

static enum refusal check_head(const struct decision *decision, const struct article_head *head)
{
    const struct core *core = decision->core;
    if (!head->title_zh[0] || (head->until_ms && head->until_ms <= head->from_ms))
        return REFUSAL_MALFORMED;
    if (head->category && !core_category(core, head->category))
        return REFUSAL_NO_SUCH_CATEGORY;
    if (head->department && !core_department(core, head->department))
        return REFUSAL_NO_SUCH_DEPARTMENT;
    return REFUSAL_NONE;
}

enum refusal decide_article_draft(struct decision *decision)
{
    const struct article_draft *asked = &decision->command->article_draft;
    const struct article *article = find(decision, asked->article);
    uint32_t edition = 1;
    if (asked->article && !article)
        return REFUSAL_NO_SUCH_ARTICLE;
    if (!article && pool_room(&decision->core->articles) == 0)
        return REFUSAL_LIMIT;
    enum refusal refusal = asked->has_head ? check_head(decision, &asked->head) : REFUSAL_MALFORMED;
    if (refusal)
        return refusal;
    if (article && article->draft) {
        if (article->author != decision->actor)
            return REFUSAL_NOT_YOURS;
        if (article->state != ARTICLE_STATE_DRAFT)
            return REFUSAL_WRONG_STATE; /* it was reviewed as it is: have it returned first */
        edition = article->draft;
    } else if (article) {
        edition = article->editions + 1;
    }
    struct event *event = decision_event(decision, EVENT_ARTICLE_DRAFTED);
    event->article_drafted.article =
        article ? article->number : pool_used(&decision->core->articles) + 1;
    event->article_drafted.edition = edition;
    event->article_drafted.has_head = true;
    event->article_drafted.head = asked->head;
    decision->verdict->article = event->article_drafted.article;
    return REFUSAL_NONE;
}

enum refusal decide_article_write(struct decision *decision)
{
    const struct article_write *asked = &decision->command->article_write;
    const struct article *article = find(decision, asked->article);
    if (!article)
        return REFUSAL_NO_SUCH_ARTICLE;
    if (!article->draft || article->state != ARTICLE_STATE_DRAFT)
        return REFUSAL_WRONG_STATE;
    if (article->author != decision->actor)
        return REFUSAL_NOT_YOURS;
    if (asked->paragraph == 0 || asked->paragraph > ARTICLE_PARAGRAPHS_MAX)
        return REFUSAL_MALFORMED;
    if (!asked->text[0] && !(article->written & 1U << asked->paragraph))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_ARTICLE_WRITTEN);
    event->article_written.article = article->number;
    event->article_written.edition = article->draft;
    event->article_written.paragraph = asked->paragraph;
    memcpy(event->article_written.text, asked->text, sizeof asked->text);
    return REFUSAL_NONE;
}

static struct event *move(struct decision *decision, const struct article *article,
                          uint32_t edition, enum article_state from, enum article_step step,
                          const char *words)
{
    struct event *event = decision_event(decision, EVENT_ARTICLE_MOVED);
    event->article_moved.article = article->number;
    event->article_moved.edition = edition;
    event->article_moved.step = step;
    event->article_moved.from = from;
    event->article_moved.to = article_next(from, step);
    if (words)
        memcpy(event->article_moved.words, words, sizeof event->article_moved.words);
    REQUIRE(event->article_moved.to != ARTICLE_STATE_NONE);
    return event;
}

/* The draft, for a step of somebody else than its author. */
static enum refusal find_draft(struct decision *decision, uint32_t number, enum article_step step,
                               const struct article **article)
{
    *article = find(decision, number);
    if (!*article)
        return REFUSAL_NO_SUCH_ARTICLE;
    if (!(*article)->draft || !article_next((*article)->state, step))
        return REFUSAL_WRONG_STATE;
    return (*article)->author == decision->actor ? REFUSAL_SAME_PERSON : REFUSAL_NONE;
}

enum refusal decide_article_review(struct decision *decision)
{
    const struct article_review *asked = &decision->command->article_review;
    enum article_step step = asked->agree ? ARTICLE_STEP_PASS : ARTICLE_STEP_RETURN;
    const struct article *article;
    enum refusal refusal = find_draft(decision, asked->article, step, &article);
    if (refusal)
        return refusal;
    if (asked->agree && !article->written)
        return REFUSAL_INCOMPLETE;
    if (!asked->agree && !asked->words[0])
        return REFUSAL_REASON_MISSING;
    move(decision, article, article->draft, article->state, step, asked->words);
    return REFUSAL_NONE;
}

enum refusal decide_article_publish(struct decision *decision)
{
    const struct article *article;
    enum refusal refusal = find_draft(decision, decision->command->article_publish.article,
                                      ARTICLE_STEP_PUBLISH, &article);
    if (refusal)
        return refusal;
    if (article->published)
        move(decision, article, article->published, ARTICLE_STATE_PUBLISHED, ARTICLE_STEP_REPLACE,
             NULL);
    move(decision, article, article->draft, article->state, ARTICLE_STEP_PUBLISH, NULL)
        ->article_moved.again = decision->command->article_publish.again;
    return REFUSAL_NONE;
}

enum refusal decide_article_archive(struct decision *decision)
{
    const struct article_archive *asked = &decision->command->article_archive;
    const struct article *article = find(decision, asked->article);
    if (!article)
        return REFUSAL_NO_SUCH_ARTICLE;
    if (asked->draft ? !article->draft : !article->published)
        return REFUSAL_WRONG_STATE;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    move(decision, article, asked->draft ? article->draft : article->published,
         asked->draft ? article->state : ARTICLE_STATE_PUBLISHED, ARTICLE_STEP_ARCHIVE,
         asked->words);
    return REFUSAL_NONE;
}

/* What people use, and no other edition. */
static enum refusal find_published(struct decision *decision, uint32_t number, uint32_t edition,
                                   const struct article **article)
{
    *article = find(decision, number);
    if (!*article)
        return REFUSAL_NO_SUCH_ARTICLE;
    return (*article)->published && (*article)->published == edition ? REFUSAL_NONE
                                                                     : REFUSAL_WRONG_STATE;
}

enum refusal decide_article_correct(struct decision *decision)
{
    const struct article_correct *asked = &decision->command->article_correct;
    const struct article *article;
    enum refusal refusal = find_published(decision, asked->article, asked->edition, &article);
    if (refusal)
        return refusal;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct event *event = decision_event(decision, EVENT_ARTICLE_CORRECTED);
    event->article_corrected.article = article->number;
    event->article_corrected.edition = article->published;
    memcpy(event->article_corrected.words, asked->words, sizeof asked->words);
    return REFUSAL_NONE;
}

static bool is_mark(uint32_t mark)
{
    return mark >= 1 && mark <= ARTICLE_MARK_MAX;
}

enum refusal decide_article_rate(struct decision *decision)
{
    const struct article_rate *asked = &decision->command->article_rate;
    const struct article *article;
    enum refusal refusal = find_published(decision, asked->article, asked->edition, &article);
    if (refusal)
        return refusal;
    if (!is_mark(asked->useful) || !is_mark(asked->correct) || !is_mark(asked->clear) ||
        !is_mark(asked->current))
        return REFUSAL_MALFORMED;
    struct event *event = decision_event(decision, EVENT_ARTICLE_RATED);
    event->article_rated =
        (struct article_rated){ article->number, article->published, asked->useful,
                                asked->correct,  asked->clear,       asked->current };
    return REFUSAL_NONE;
}

/* ---- applying --------------------------------------------------------------------------------- */

void apply_article_drafted(struct core *core, const struct event *event)
{
    const struct article_drafted *drafted = &event->article_drafted;
    struct article *article = core_article(core, drafted->article);
    if (!article) {
        article = pool_take(&core->articles);
        article->number = pool_used(&core->articles);
    }
    REQUIRE(article->number == drafted->article);
    if (article->draft != drafted->edition) {
        REQUIRE(drafted->edition == article->editions + 1);
        article->editions++;
        article->written = 0;
    }
    article->draft = drafted->edition;
    article->author = event->actor;
    article->state = ARTICLE_STATE_DRAFT;
}

void apply_article_written(struct core *core, const struct event *event)
{
    const struct article_written *written = &event->article_written;
    struct article *article = core_article(core, written->article);
    REQUIRE(article && article->draft == written->edition &&
            written->paragraph <= ARTICLE_PARAGRAPHS_MAX);
    uint32_t bit = 1U << written->paragraph;
    article->written = written->text[0] ? article->written | bit : article->written & ~bit;
}

static void leave_draft(struct article *article)
{
    article->draft = 0;
    article->author = 0;
    article->state = ARTICLE_STATE_NONE;
    article->written = 0;
}

void apply_article_moved(struct core *core, const struct event *event)
{
    const struct article_moved *moved = &event->article_moved;
    struct article *article = core_article(core, moved->article);
    REQUIRE(article && article_next(moved->from, moved->step) == moved->to);
    if (moved->edition != article->draft) {
        REQUIRE(moved->edition == article->published && moved->to == ARTICLE_STATE_ARCHIVED);
        article->published = 0;
        return;
    }
    article->state = moved->to;
    if (moved->to == ARTICLE_STATE_PUBLISHED)
        article->published = moved->edition;
    if (moved->to == ARTICLE_STATE_PUBLISHED || moved->to == ARTICLE_STATE_ARCHIVED)
        leave_draft(article);
}

void apply_article_corrected(struct core *core, const struct event *event)
{
    REQUIRE(core_article(core, event->article_corrected.article));
}

void apply_article_rated(struct core *core, const struct event *event)
{
    REQUIRE(core_article(core, event->article_rated.article));
}
