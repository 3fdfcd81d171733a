/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person finds in the knowledge base: by words, sounds and in spite of slips; and what stands of each
 * article after every step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/views/concordance.h"
#include "dispatcher/views/pinyin.h"
#include "tests/unit/own_views.h"

static void characters_have_their_usual_sound(void **state)
{
    size_t length;
    (void)state;
    assert_string_equal(pinyin_syllable(pinyin_of(0x71c3)), "ran");
    assert_string_equal(pinyin_syllable(pinyin_of(0x6c14)), "qi");
    assert_int_equal(pinyin_of('a'), 0);
    assert_int_equal(pinyin_of(0x3000), 0);
    assert_int_equal(pinyin_of(0xa000), 0);
    assert_string_equal(pinyin_syllable(pinyin_take("ranqi", &length)), "ran");
    assert_int_equal(length, 3);
    assert_int_equal(pinyin_take("", &length), 0);
    assert_int_equal(pinyin_take("vvv", &length), 0);
}

static void names_are_read_as_they_are_typed(void **state)
{
    static const char *const rows[][2] = {
        { "居民楼火灾", "ju min lou huo zai" },
        { "120急救 中心", "120 ji jiu zhong xin" },
        { "误拨/打错(ＥＴＣ)", "wu bo da cuo etc" },
        { "绿化", "lv hua" },
        { "Fire and rescue", "fire and rescue" },
        { "", "" },
        { "\xff", "" },
    };
    char sound[PINYIN_SOUND_BYTES], longest[3 * 64 + 1] = "";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pinyin_sound(rows[i][0], sound);
        assert_string_equal(sound, rows[i][1]);
    }
    for (int i = 0; i < 64; i++)
        memcpy(longest + (size_t)i * 3, "庄", 4); /* zhuang */
    pinyin_sound(longest, sound);
    assert_int_equal(strlen(sound), PINYIN_SOUND_BYTES - 1); /* 32 of them: no syllable is cut */
    assert_string_equal(sound + strlen(sound) - 7, " zhuang");
}

static void fill(struct concordance *concordance)
{
    static const struct {
        uint32_t category;
        const char *title, *english, *text;
    } rows[] = {
        { 160100, "燃气泄漏怎么办", "Smell of gas", "闻到燃气味，马上关闭阀门，开门开窗。" },
        { 240600, "燃气收费标准", "Gas prices", "阶梯气价按年用量计算。" },
        { 240100, "停水了怎么办", "No water", "先查公告，再看阀门。" },
        { 230300, "路灯不亮报修", "Street light out", "请提供灯杆编号。" },
    };
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct passage passages[] = { { rows[i].title, WEIGHT_TITLE },
                                            { rows[i].english, WEIGHT_TITLE },
                                            { rows[i].text, WEIGHT_OPENING } };
        assert_int_equal(concordance_put(concordance, i + 1, rows[i].category, passages, 3), 0);
    }
}

static uint32_t first(struct concordance *concordance, const char *words, uint32_t category)
{
    static struct hit hits[CONCORDANCE_HITS_MAX];
    uint32_t count = concordance_find(concordance, words, category, hits);
    return count ? hits[0].article : 0;
}

static void articles_are_found_as_people_type(void **state)
{
    struct concordance *concordance = concordance_open();
    (void)state;
    fill(concordance);
    assert_int_equal(first(concordance, "燃气泄漏", 0), 1);
    assert_int_equal(first(concordance, "我家里有燃气的味道，可能漏了", 0), 1);
    assert_int_equal(first(concordance, "然气泄露", 0), 1); /* homophones */
    assert_int_equal(first(concordance, "ranqixielou", 0), 1);
    assert_int_equal(first(concordance, "rqxl", 0), 1);
    assert_int_equal(first(concordance, "tingshui", 0), 3);
    assert_int_equal(first(concordance, "ＧＡＳ prices", 0), 2);
    assert_int_equal(first(concordance, "street ligth", 0), 4);
    assert_int_equal(first(concordance, "阀门", 240100), 3);
    assert_int_equal(first(concordance, "", 230300), 4);
    assert_int_equal(first(concordance, "", 0), 0);
    assert_int_equal(first(concordance, "马拉松", 0), 0);
    assert_int_equal(first(concordance, "\xff\xfe", 0), 0);
    concordance_close(concordance);
}

static void what_was_dropped_or_replaced_is_not_found(void **state)
{
    struct concordance *concordance = concordance_open();
    const struct passage passage = { "自来水价格", WEIGHT_TITLE };
    (void)state;
    fill(concordance);
    concordance_drop(concordance, 3);
    concordance_drop(concordance, 3);
    concordance_drop(concordance, 1000);
    assert_int_equal(first(concordance, "停水", 0), 0);
    assert_int_equal(concordance_put(concordance, 2, 0, &passage, 1), 0);
    assert_int_equal(first(concordance, "自来水", 0), 2);
    assert_int_equal(first(concordance, "gas prices", 0), 1);
    assert_int_equal(concordance_count(concordance), 3);
    concordance_close(concordance);
}

/* ---- views ------------------------------------------------------------------------------------------- */

static struct answer answer;

static struct event drafted(uint32_t article, uint32_t edition, const char *title)
{
    struct event event = { .kind = EVENT_ARTICLE_DRAFTED,
                           .actor_kind = ACTOR_KIND_USER,
                           .actor = 1 };
    event.article_drafted.article = article;
    event.article_drafted.edition = edition;
    event.article_drafted.has_head = true;
    (void)text_copy(event.article_drafted.head.title_zh, sizeof event.article_drafted.head.title_zh,
                    title);
    return event;
}

static struct event written(uint32_t article, uint32_t edition, const char *text)
{
    struct event event = { .kind = EVENT_ARTICLE_WRITTEN,
                           .actor_kind = ACTOR_KIND_USER,
                           .actor = 1 };
    event.article_written.article = article;
    event.article_written.edition = edition;
    event.article_written.paragraph = 1;
    (void)text_copy(event.article_written.text, sizeof event.article_written.text, text);
    return event;
}

static void moves(uint32_t article, uint32_t edition, enum article_step step,
                  enum article_state from, enum article_state to)
{
    struct event event = { .kind = EVENT_ARTICLE_MOVED, .actor_kind = ACTOR_KIND_USER, .actor = 2 };
    event.article_moved = (struct article_moved){
        .article = article, .edition = edition, .step = step, .from = from, .to = to
    };
    own_views_happen(event);
}

static void goes_out(uint32_t article, uint32_t edition)
{
    moves(article, edition, ARTICLE_STEP_PASS, ARTICLE_STATE_DRAFT, ARTICLE_STATE_REVIEWED);
    moves(article, edition, ARTICLE_STEP_PUBLISH, ARTICLE_STATE_REVIEWED, ARTICLE_STATE_PUBLISHED);
}

static const struct article_row *look(uint32_t article)
{
    struct query query = { .kind = QUERY_ARTICLE, .article = { .article = article } };
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.refusal, REFUSAL_NONE);
    return &answer.article_detail.row;
}

static uint32_t found(const char *words)
{
    struct query query = { .kind = QUERY_ARTICLES };
    (void)text_copy(query.articles.words, sizeof query.articles.words, words);
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.refusal, REFUSAL_NONE);
    assert_false(answer.more);
    return answer.articles.rows_count ? answer.articles.rows[0].article : 0;
}

static void only_what_is_published_and_in_force_is_found(void **state)
{
    (void)state;
    struct event event = drafted(1, 1, "停水怎么办");
    event.article_drafted.head.until_ms = OWN_VIEWS_BEGIN_MS + 5000;
    own_views_happen(event);
    own_views_happen(written(1, 1, "先看公告。"));
    assert_int_equal(found("停水"), 0);
    goes_out(1, 1);
    assert_int_equal(found("停水"), 1);
    assert_string_equal(answer.articles.rows[0].excerpt, "先看公告。");
    own_views_now_ms += 5000;
    assert_int_equal(found("停水"), 0);
}

static void a_new_edition_is_found_when_it_is_out(void **state)
{
    (void)state;
    own_views_happen(drafted(1, 1, "停水怎么办"));
    own_views_happen(written(1, 1, "先看公告。"));
    goes_out(1, 1);
    own_views_happen(drafted(1, 2, "停水停电怎么办"));
    own_views_happen(written(1, 2, "先看阀门。"));
    assert_int_equal(found("停电"), 0);
    assert_int_equal(look(1)->drafted, 2);
    assert_int_equal(look(1)->published, 1);
    assert_string_equal(look(1)->title_zh, "停水怎么办");
    moves(1, 2, ARTICLE_STEP_PASS, ARTICLE_STATE_DRAFT, ARTICLE_STATE_REVIEWED);
    assert_int_equal(look(1)->state, ARTICLE_STATE_REVIEWED);
    moves(1, 1, ARTICLE_STEP_REPLACE, ARTICLE_STATE_PUBLISHED, ARTICLE_STATE_ARCHIVED);
    moves(1, 2, ARTICLE_STEP_PUBLISH, ARTICLE_STATE_REVIEWED, ARTICLE_STATE_PUBLISHED);
    assert_int_equal(found("停电"), 1);
    assert_int_equal(look(1)->state, ARTICLE_STATE_PUBLISHED);
    assert_int_equal(answer.article_detail.edition.reviewer, 2);
    assert_string_equal(answer.article_detail.paragraphs[0].text, "先看阀门。");
    moves(1, 2, ARTICLE_STEP_ARCHIVE, ARTICLE_STATE_PUBLISHED, ARTICLE_STATE_ARCHIVED);
    assert_int_equal(look(1)->state, ARTICLE_STATE_ARCHIVED);
    assert_int_equal(answer.article_detail.edition.edition, 2);
    assert_int_equal(found("停水"), 0);
}

static void of_one_person_the_last_marks_count(void **state)
{
    (void)state;
    own_views_happen(drafted(1, 1, "停水怎么办"));
    own_views_happen(written(1, 1, "先看公告。"));
    goes_out(1, 1);
    struct event rate = { .kind = EVENT_ARTICLE_RATED, .actor_kind = ACTOR_KIND_USER, .actor = 3 };
    rate.article_rated = (struct article_rated){ 1, 1, 5, 5, 5, 5 };
    own_views_happen(rate);
    rate.article_rated.useful = 2;
    own_views_happen(rate);
    rate.actor = 4;
    own_views_happen(rate);
    assert_int_equal(look(1)->ratings, 2);
    assert_int_equal(look(1)->useful, 4);
    assert_int_equal(look(1)->clear, 10);
    struct event correct = { .kind = EVENT_ARTICLE_CORRECTED,
                             .actor_kind = ACTOR_KIND_USER,
                             .actor = 3 };
    correct.article_corrected.article = correct.article_corrected.edition = 1;
    (void)text_copy(correct.article_corrected.words, sizeof correct.article_corrected.words,
                    "电话改了");
    own_views_happen(correct);
    assert_int_equal(look(1)->corrections, 1);
    assert_string_equal(answer.article_detail.corrections[0].words, "电话改了");
}

static void defined(uint32_t user, uint32_t roles)
{
    struct event event = { .kind = EVENT_USER_DEFINED, .actor_kind = ACTOR_KIND_SYSTEM };
    event.user_defined.has_row = true;
    event.user_defined.row.user = user;
    event.user_defined.row.roles = roles;
    own_views_happen(event);
}

static void assigned(uint32_t list, enum role role, uint64_t due_ms)
{
    struct event event = { .kind = EVENT_READING_ASSIGNED,
                           .actor_kind = ACTOR_KIND_USER,
                           .actor = 9 };
    event.reading_assigned = (struct reading_assigned){ .list = list,
                                                        .name_zh = "上岗必读",
                                                        .role = role,
                                                        .due_ms = due_ms,
                                                        .again_days = 7,
                                                        .articles_count = 2,
                                                        .articles = { 1, 2 } };
    own_views_happen(event);
}

static void reads(uint32_t user, uint32_t article, uint32_t edition)
{
    struct event event = { .kind = EVENT_READING_CONFIRMED,
                           .actor_kind = ACTOR_KIND_USER,
                           .actor = user };
    event.reading_confirmed = (struct reading_confirmed){ article, edition };
    own_views_happen(event);
}

static const struct readings *owed_by(uint32_t user)
{
    struct query query = { .kind = QUERY_READINGS, .readings = { .user = user } };
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.kind, ANSWER_READINGS);
    return &answer.readings;
}

static const struct reading_progress *progress_of(uint32_t list)
{
    struct query query = { .kind = QUERY_READING_PROGRESS, .reading_progress = { .list = list } };
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    return &answer.reading_progress;
}

static void two_articles_and_a_list(void)
{
    defined(3, 1U << ROLE_TAKER);
    defined(4, 1U << ROLE_SUPERVISOR);
    own_views_happen(drafted(1, 1, "停水怎么办"));
    own_views_happen(written(1, 1, "先看公告。"));
    goes_out(1, 1);
    own_views_happen(drafted(2, 1, "心肺复苏口令"));
    own_views_happen(written(2, 1, "双手叠放，用力按压。"));
    goes_out(2, 1);
    assigned(1, ROLE_TAKER, own_views_now_ms + 1000);
}

static void who_has_not_read_what_is_seen_and_so_is_when(void **state)
{
    (void)state;
    two_articles_and_a_list();
    assert_int_equal(owed_by(3)->rows_count, 2);
    assert_int_equal(answer.readings.rows[0].article, 1);
    assert_int_equal(answer.readings.rows[0].read, 0);
    assert_string_equal(answer.readings.rows[0].name_zh, "上岗必读");
    assert_int_equal(owed_by(4)->rows_count, 0); /* no taker */
    reads(3, 1, 1);
    assert_int_equal(owed_by(3)->rows_count, 1);
    assert_int_equal(progress_of(1)->rows_count, 1);
    assert_int_equal(answer.reading_progress.rows[0].user, 3);
    assert_int_equal(answer.reading_progress.rows[0].read, 1);
    assert_int_equal(answer.reading_progress.rows[0].overdue, 0);
    own_views_now_ms += 2000;
    assert_int_equal(progress_of(1)->rows[0].overdue, 1);
    assert_int_equal(answer.reading_progress.rows[0].owed_count, 1);
    assert_int_equal(answer.reading_progress.rows[0].owed[0], 2);
    (void)progress_of(7);
    assert_int_equal(answer.refusal, REFUSAL_NO_SUCH_READING_LIST);
    struct event end = { .kind = EVENT_READING_ENDED, .actor_kind = ACTOR_KIND_USER, .actor = 9 };
    end.reading_ended.list = 1;
    own_views_happen(end);
    assert_int_equal(owed_by(3)->rows_count, 0);
}

static void goes_out_anew(uint32_t article, uint32_t edition, bool again)
{
    struct event event = { .kind = EVENT_ARTICLE_MOVED, .actor_kind = ACTOR_KIND_USER, .actor = 2 };
    own_views_happen(drafted(article, edition, "停水怎么办"));
    moves(article, edition, ARTICLE_STEP_PASS, ARTICLE_STATE_DRAFT, ARTICLE_STATE_REVIEWED);
    moves(article, edition - 1, ARTICLE_STEP_REPLACE, ARTICLE_STATE_PUBLISHED,
          ARTICLE_STATE_ARCHIVED);
    event.article_moved = (struct article_moved){ .article = article,
                                                  .edition = edition,
                                                  .step = ARTICLE_STEP_PUBLISH,
                                                  .from = ARTICLE_STATE_REVIEWED,
                                                  .to = ARTICLE_STATE_PUBLISHED,
                                                  .again = again };
    own_views_happen(event);
}

static void a_newer_edition_is_read_again_only_if_it_must_be(void **state)
{
    (void)state;
    two_articles_and_a_list();
    reads(3, 1, 1);
    reads(3, 2, 1);
    goes_out_anew(1, 2, false); /* a comma */
    assert_int_equal(owed_by(3)->rows_count, 0);
    goes_out_anew(1, 3, true);
    assert_int_equal(owed_by(3)->rows_count, 1);
    assert_int_equal(answer.readings.rows[0].edition, 3);
    assert_int_equal(answer.readings.rows[0].read, 1);
    assert_int_equal(answer.readings.rows[0].due_ms, own_views_now_ms + 7ULL * 24 * 3600 * 1000);
    reads(3, 1, 3);
    assert_int_equal(owed_by(3)->rows_count, 0);
}

static void who_corrected_an_article_is_told_of_its_new_edition(void **state)
{
    (void)state;
    two_articles_and_a_list();
    struct event correct = { .kind = EVENT_ARTICLE_CORRECTED,
                             .actor_kind = ACTOR_KIND_USER,
                             .actor = 4 };
    correct.article_corrected.article = correct.article_corrected.edition = 1;
    own_views_happen(correct);
    assert_int_equal(owed_by(4)->rows_count, 0);
    goes_out_anew(1, 2, false);
    assert_int_equal(owed_by(4)->rows_count, 1);
    assert_int_equal(answer.readings.rows[0].list, 0);
    assert_int_equal(answer.readings.rows[0].edition, 2);
    reads(4, 1, 2);
    assert_int_equal(owed_by(4)->rows_count, 0);
}

#define WITH_VIEWS(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, own_views_set_up, own_views_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_have_their_usual_sound),
        cmocka_unit_test(names_are_read_as_they_are_typed),
        cmocka_unit_test(articles_are_found_as_people_type),
        cmocka_unit_test(what_was_dropped_or_replaced_is_not_found),
        WITH_VIEWS(only_what_is_published_and_in_force_is_found),
        WITH_VIEWS(a_new_edition_is_found_when_it_is_out),
        WITH_VIEWS(of_one_person_the_last_marks_count),
        WITH_VIEWS(who_has_not_read_what_is_seen_and_so_is_when),
        WITH_VIEWS(a_newer_edition_is_read_again_only_if_it_must_be),
        WITH_VIEWS(who_corrected_an_article_is_told_of_its_new_edition),
    };
    return cmocka_run_group_tests_name("articles", tests, NULL, NULL);
}
