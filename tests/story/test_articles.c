/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of the knowledge base: two persons for every edition, and what its readers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/reading_register.h"
#include "tests/story/world.h"

enum {
    AUTHOR = 1002,
    EDITOR = 3001, /* a supervisor */
    OTHER = 1001
};

static enum refusal draft(struct world *w, uint32_t user, uint32_t article, const char *title)
{
    struct command command = from_user(user, COMMAND_ARTICLE_DRAFT);
    command.article_draft.article = article;
    command.article_draft.has_head = true;
    command.article_draft.head = (struct article_head){ .category = 20100, .department = 2 };
    (void)snprintf(command.article_draft.head.title_zh, sizeof command.article_draft.head.title_zh,
                   "%s", title);
    return world_send(w, command);
}

static enum refusal write_in(struct world *w, uint32_t user, uint32_t article, uint32_t paragraph,
                             const char *text)
{
    struct command command = from_user(user, COMMAND_ARTICLE_WRITE);
    command.article_write.article = article;
    command.article_write.paragraph = paragraph;
    (void)snprintf(command.article_write.text, sizeof command.article_write.text, "%s", text);
    return world_send(w, command);
}

static enum refusal review(struct world *w, uint32_t user, uint32_t article, bool agree,
                           const char *why)
{
    struct command command = from_user(user, COMMAND_ARTICLE_REVIEW);
    command.article_review.article = article;
    command.article_review.agree = agree;
    (void)snprintf(command.article_review.words, sizeof command.article_review.words, "%s", why);
    return world_send(w, command);
}

static enum refusal publish(struct world *w, uint32_t user, uint32_t article)
{
    struct command command = from_user(user, COMMAND_ARTICLE_PUBLISH);
    command.article_publish.article = article;
    return world_send(w, command);
}

static enum refusal archive(struct world *w, uint32_t article, bool of_draft, const char *why)
{
    struct command command = from_user(EDITOR, COMMAND_ARTICLE_ARCHIVE);
    command.article_archive.article = article;
    command.article_archive.draft = of_draft;
    (void)snprintf(command.article_archive.words, sizeof command.article_archive.words, "%s", why);
    return world_send(w, command);
}

static uint32_t published_article(struct world *w)
{
    assert_int_equal(draft(w, AUTHOR, 0, "停水怎么办"), REFUSAL_NONE);
    uint32_t article = w->verdict.article;
    assert_int_equal(write_in(w, AUTHOR, article, 1, "先看公告。"), REFUSAL_NONE);
    assert_int_equal(review(w, EDITOR, article, true, ""), REFUSAL_NONE);
    assert_int_equal(publish(w, EDITOR, article), REFUSAL_NONE);
    return article;
}

static void nobody_publishes_what_they_wrote_themselves(void **state)
{
    struct world *w = *state;
    assert_int_equal(draft(w, EDITOR, 0, "停水怎么办"), REFUSAL_NONE);
    uint32_t article = w->verdict.article;
    assert_int_equal(article, 1);
    assert_int_equal(review(w, AUTHOR, article, true, ""), REFUSAL_NOT_ALLOWED);
    assert_int_equal(write_in(w, EDITOR, article, 1, "先看公告。"), REFUSAL_NONE);
    assert_int_equal(review(w, EDITOR, article, true, ""), REFUSAL_SAME_PERSON);
    assert_int_equal(archive(w, article, true, "重复"), REFUSAL_NONE);
    article = published_article(w);
    assert_int_equal(article, 2);
    assert_int_equal(last_event(w, EVENT_ARTICLE_MOVED)->article_moved.to, ARTICLE_STATE_PUBLISHED);
    world_skip(w);
}

static void a_draft_is_its_authors_and_rests_once_it_was_reviewed(void **state)
{
    struct world *w = *state;
    assert_int_equal(draft(w, AUTHOR, 0, ""), REFUSAL_MALFORMED);
    assert_int_equal(draft(w, AUTHOR, 9, "停水"), REFUSAL_NO_SUCH_ARTICLE);
    assert_int_equal(draft(w, AUTHOR, 0, "停水"), REFUSAL_NONE);
    assert_int_equal(draft(w, OTHER, 1, "停电"), REFUSAL_NOT_YOURS);
    assert_int_equal(write_in(w, OTHER, 1, 1, "x"), REFUSAL_NOT_YOURS);
    assert_int_equal(write_in(w, AUTHOR, 1, 13, "x"), REFUSAL_MALFORMED);
    assert_int_equal(write_in(w, AUTHOR, 1, 2, ""), REFUSAL_ALREADY);
    assert_int_equal(review(w, EDITOR, 1, true, ""), REFUSAL_INCOMPLETE);
    assert_int_equal(write_in(w, AUTHOR, 1, 1, "x"), REFUSAL_NONE);
    assert_int_equal(write_in(w, AUTHOR, 1, 1, ""), REFUSAL_NONE);
    assert_int_equal(review(w, EDITOR, 1, true, ""), REFUSAL_INCOMPLETE);
    assert_int_equal(write_in(w, AUTHOR, 1, 1, "先看公告。"), REFUSAL_NONE);
    assert_int_equal(draft(w, AUTHOR, 1, "停水怎么办"),
                     REFUSAL_NONE); /* another head, the same edition */
    assert_int_equal(publish(w, EDITOR, 1), REFUSAL_WRONG_STATE);
    assert_int_equal(review(w, EDITOR, 1, false, ""), REFUSAL_REASON_MISSING);
    assert_int_equal(review(w, EDITOR, 1, true, ""), REFUSAL_NONE);
    assert_int_equal(write_in(w, AUTHOR, 1, 1, "y"), REFUSAL_WRONG_STATE);
    assert_int_equal(draft(w, AUTHOR, 1, "停水"), REFUSAL_WRONG_STATE);
    assert_int_equal(review(w, EDITOR, 1, false, "缺电话"), REFUSAL_NONE);
    assert_int_equal(write_in(w, AUTHOR, 1, 2, "电话96001"), REFUSAL_NONE);
    world_skip(w);
}

static void a_new_edition_replaces_the_old_one_only_when_it_is_published(void **state)
{
    struct world *w = *state;
    uint32_t article = published_article(w);
    assert_int_equal(draft(w, OTHER, article, "停水怎么办（新）"), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_ARTICLE_DRAFTED)->article_drafted.edition, 2);
    assert_int_equal(write_in(w, OTHER, article, 1, "先看公告，再看阀门。"), REFUSAL_NONE);
    assert_int_equal(review(w, EDITOR, article, true, ""), REFUSAL_NONE);
    assert_int_equal(count_events(w, EVENT_ARTICLE_MOVED), 3);
    assert_int_equal(publish(w, EDITOR, article), REFUSAL_NONE);
    assert_int_equal(count_events(w, EVENT_ARTICLE_MOVED), 5); /* replaced, published */
    assert_int_equal(archive(w, article, true, "x"), REFUSAL_WRONG_STATE);
    assert_int_equal(archive(w, article, false, ""), REFUSAL_REASON_MISSING);
    assert_int_equal(archive(w, article, false, "失效"), REFUSAL_NONE);
    assert_int_equal(archive(w, article, false, "失效"), REFUSAL_WRONG_STATE);
    world_skip(w);
}

static void readers_correct_and_rate_what_they_read(void **state)
{
    struct world *w = *state;
    uint32_t article = published_article(w);
    struct command correct = from_user(AUTHOR, COMMAND_ARTICLE_CORRECT);
    correct.article_correct = (struct article_correct){ .article = article, .edition = 1 };
    assert_int_equal(world_send(w, correct), REFUSAL_REASON_MISSING);
    (void)snprintf(correct.article_correct.words, sizeof correct.article_correct.words, "电话改了");
    assert_int_equal(world_send(w, correct), REFUSAL_NONE);
    correct.article_correct.edition = 2;
    assert_int_equal(world_send(w, correct), REFUSAL_WRONG_STATE);
    struct command rate = from_user(OTHER, COMMAND_ARTICLE_RATE);
    rate.article_rate = (struct article_rate){ article, 1, 5, 4, 3, 6 };
    assert_int_equal(world_send(w, rate), REFUSAL_MALFORMED);
    rate.article_rate.current = 2;
    assert_int_equal(world_send(w, rate), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_ARTICLE_RATED)->article_rated.clear, 3);
    world_skip(w);
}

static struct command to_read(uint32_t user, uint32_t article)
{
    struct command command = from_user(user, COMMAND_READING_ASSIGN);
    command.reading_assign = (struct reading_assign){ .name_zh = "上岗必读",
                                                      .role = ROLE_TAKER,
                                                      .due_ms = UINT64_MAX,
                                                      .articles_count = 1,
                                                      .articles = { article } };
    return command;
}

static void a_list_says_who_must_read_what_by_when(void **state)
{
    struct world *w = *state;
    uint32_t article = published_article(w);
    struct command assign = to_read(EDITOR, article);
    assert_int_equal(world_send(w, to_read(AUTHOR, article)), REFUSAL_NOT_ALLOWED);
    assert_int_equal(world_send(w, to_read(EDITOR, article + 1)), REFUSAL_NO_SUCH_ARTICLE);
    assign.reading_assign.role = ROLE_SECURITY; /* has no knowledge base to read in */
    assert_int_equal(world_send(w, assign), REFUSAL_MALFORMED);
    assign = to_read(EDITOR, article);
    assign.reading_assign.due_ms = w->now_ms;
    assert_int_equal(world_send(w, assign), REFUSAL_MALFORMED);
    assign = to_read(EDITOR, article);
    assign.reading_assign.articles[assign.reading_assign.articles_count++] = article;
    assert_int_equal(world_send(w, assign), REFUSAL_MALFORMED); /* the same twice */
    assign.reading_assign.articles_count = 0;
    assert_int_equal(world_send(w, assign), REFUSAL_INCOMPLETE);
    assert_int_equal(world_send(w, to_read(EDITOR, article)), REFUSAL_NONE);
    assert_int_equal(w->verdict.reading_list, 1);
    assert_int_equal(last_event(w, EVENT_READING_ASSIGNED)->reading_assigned.again_days, 7);
    assign = to_read(EDITOR, article);
    assign.reading_assign.list = 1; /* another one from now on, under its number */
    assign.reading_assign.role = ROLE_NONE;
    assert_int_equal(world_send(w, assign), REFUSAL_NONE);
    assert_int_equal(w->verdict.reading_list, 1);
    struct command end = from_user(EDITOR, COMMAND_READING_END);
    end.reading_end.list = 1;
    assert_int_equal(world_send(w, end), REFUSAL_REASON_MISSING);
    (void)snprintf(end.reading_end.words, sizeof end.reading_end.words, "全员已读");
    assert_int_equal(world_send(w, end), REFUSAL_NONE);
    assert_int_equal(world_send(w, end), REFUSAL_NO_SUCH_READING_LIST);
    assert_int_equal(world_send(w, assign), REFUSAL_NO_SUCH_READING_LIST);
    world_skip(w);
}

static void only_what_is_published_now_is_said_to_be_read(void **state)
{
    struct world *w = *state;
    uint32_t article = published_article(w);
    struct command confirm = from_user(OTHER, COMMAND_READING_CONFIRM);
    confirm.reading_confirm = (struct reading_confirm){ .article = article, .edition = 2 };
    assert_int_equal(world_send(w, confirm), REFUSAL_WRONG_STATE);
    confirm.reading_confirm.edition = 1;
    assert_int_equal(world_send(w, confirm), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_READING_CONFIRMED)->actor, OTHER);
    assert_int_equal(draft(w, AUTHOR, article, "停水怎么办（新）"), REFUSAL_NONE);
    assert_int_equal(write_in(w, AUTHOR, article, 1, "改打96001。"), REFUSAL_NONE);
    assert_int_equal(review(w, EDITOR, article, true, ""), REFUSAL_NONE);
    struct command again = from_user(EDITOR, COMMAND_ARTICLE_PUBLISH);
    again.article_publish = (struct article_publish){ .article = article, .again = true };
    assert_int_equal(world_send(w, again), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_ARTICLE_MOVED)->article_moved.again);
    assert_int_equal(world_send(w, confirm), REFUSAL_WRONG_STATE); /* it says something else now */
    world_skip(w);
}

static void so_many_lists_hold_at_one_time(void **state)
{
    struct world *w = *state;
    uint32_t article = published_article(w);
    for (unsigned i = 0; i < READING_LISTS_HOLDING_MAX; i++)
        assert_int_equal(world_send(w, to_read(EDITOR, article)), REFUSAL_NONE);
    assert_int_equal(world_send(w, to_read(EDITOR, article)), REFUSAL_LIMIT);
    struct command end = from_user(EDITOR, COMMAND_READING_END);
    end.reading_end = (struct reading_end){ .list = 3, .words = "x" };
    assert_int_equal(world_send(w, end), REFUSAL_NONE);
    assert_int_equal(world_send(w, to_read(EDITOR, article)), REFUSAL_NONE);
    assert_int_equal(w->verdict.reading_list, READING_LISTS_HOLDING_MAX + 1);
    world_skip(w);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(nobody_publishes_what_they_wrote_themselves),
        STORY(a_draft_is_its_authors_and_rests_once_it_was_reviewed),
        STORY(a_new_edition_replaces_the_old_one_only_when_it_is_published),
        STORY(readers_correct_and_rate_what_they_read),
        STORY(a_list_says_who_must_read_what_by_when),
        STORY(only_what_is_published_now_is_said_to_be_read),
        STORY(so_many_lists_hold_at_one_time),
    };
    return cmocka_run_group_tests_name("articles", tests, NULL, NULL);
}
