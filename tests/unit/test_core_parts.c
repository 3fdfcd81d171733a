/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the core alone: index, pool, rank, calendar, the reading of survey replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/rank.h"
#include "dispatcher/core/survey_parse.h"
#include "tests/unit/wall_calendar.h"

static void index_finds_what_was_put_and_not_removed(void **state)
{
    static struct entry entries[256];
    static bool held[120];
    static uint64_t values[120];
    struct index index;
    struct prng prng;
    (void)state;
    memset(entries, 0, sizeof entries);
    index_init(&index, entries, 256, values);
    prng_seed(&prng, 7);
    for (int step = 0; step < 20000; step++) {
        uint32_t i = (uint32_t)prng_below(&prng, 120);
        /* Numbers far apart, equal ones of different kinds and owners. */
        enum entry_kind kind = i % 2 ? ENTRY_CALL : ENTRY_TASK;
        uint64_t number = (uint64_t)(i / 4) << 32 | 5;
        uint32_t owner = i / 2 % 2;
        if (held[i])
            index_remove(&index, kind, number, owner);
        else
            index_put(&index, kind, number, owner, &values[i]);
        held[i] = !held[i];
        for (uint32_t j = 0; j < 120; j++)
            assert_ptr_equal(index_find(&index, j % 2 ? ENTRY_CALL : ENTRY_TASK,
                                        (uint64_t)(j / 4) << 32 | 5, j / 2 % 2),
                             held[j] ? &values[j] : NULL);
    }
}

/* Whom a walk over all seats finds in these rows of the rank. */
static const struct seat *first_of_all(const struct seat seats[60], const struct rank *rank,
                                       uint32_t rows)
{
    const struct seat *first = NULL;
    for (uint32_t i = 0; i < 60; i++)
        if (seats[i].rank == rank && rows & 1U << seats[i].row &&
            (!first || seat_before(&seats[i], first)))
            first = &seats[i];
    return first;
}

static void at_a_rank_the_longest_idle_of_the_earliest_row_goes_first(void **state)
{
    static struct rank ranks[2];
    static struct seat seats[60];
    struct prng prng;
    (void)state;
    prng_seed(&prng, 11);
    for (uint32_t i = 0; i < 60; i++)
        seats[i].number = 1000 + i;
    for (uint64_t now_ms = 1; now_ms < 20000; now_ms++) {
        struct seat *seat = &seats[prng_below(&prng, 60)];
        uint32_t row = (uint32_t)prng_below(&prng, 4) * 6;
        /* Mostly the latest of all, several in the same moment, sometimes back to an older place. */
        uint64_t idle_ms = prng_below(&prng, 5) ? now_ms / 4 : prng_below(&prng, now_ms);
        if (prng_below(&prng, 3))
            rank_enter(&ranks[prng_below(&prng, 8) == 0], seat, row, idle_ms);
        else
            rank_leave(seat);
        uint32_t rows = 1U << 6 | 1U << 18;
        assert_ptr_equal(rank_first(&ranks[0], rows), first_of_all(seats, &ranks[0], rows));
        for (const struct seat *next = rank_first(&ranks[0], 1); next; next = next->next)
            assert_true(!next->next || seat_before(next, next->next));
    }
}

static void a_slot_given_back_comes_clean(void **state)
{
    uint64_t slots[3];
    uint32_t stack[3];
    struct pool pool;
    (void)state;
    memset(slots, 0, sizeof slots);
    pool_init(&pool, slots, stack, sizeof slots[0], 3);
    uint64_t *first = pool_take(&pool);
    *first = 9;
    (void)pool_take(&pool);
    (void)pool_take(&pool);
    assert_int_equal(pool_room(&pool), 0);
    pool_give(&pool, first);
    assert_int_equal(pool_used(&pool), 2);
    assert_int_equal(*(uint64_t *)pool_take(&pool), 0);
}

/* ---- calendar ------------------------------------------------------------------------------- */

static const struct core_limits small = { .lines = 1,
                                          .departments = 1,
                                          .users = 1,
                                          .categories = 1,
                                          .gateways = 1,
                                          .contacts = 1,
                                          .incidents = 1,
                                          .tasks = 1,
                                          .callbacks = 1,
                                          .texts = 1 };

static struct core *city_with_days(void)
{
    /* The state's notices for 2025 and 2026 around the dates below. */
    static const uint32_t off[] = {
        20250128, 20250129, 20250130, 20250131, 20250201, 20250202, 20250203, 20250204, 20251001,
        20251002, 20251003, 20251004, 20251005, 20251006, 20251007, 20251008, 20260101, 20260102,
        20260103, 20260215, 20260216, 20260217, 20260218, 20260219, 20260220, 20260221, 20260222,
        20260223, 20260501, 20260502, 20260503, 20260504, 20260505, 20260925, 20260926, 20260927,
        20261001, 20261002, 20261003, 20261004, 20261005, 20261006, 20261007,
    };
    static const uint32_t on[] = { 20250126, 20250208, 20250928, 20251011, 20260104,
                                   20260214, 20260228, 20260509, 20260920, 20261010 };
    struct core *core = core_init(calloc(1, core_size(&small)), core_size(&small), &small);
    struct verdict *verdict = malloc(sizeof *verdict);
    for (size_t i = 0; i < sizeof off / sizeof off[0] + sizeof on / sizeof on[0]; i++) {
        size_t offs = sizeof off / sizeof off[0];
        struct command command = { .actor_kind = ACTOR_KIND_SYSTEM, .kind = COMMAND_DAY_DEFINE };
        command.day_define.has_row = true;
        command.day_define.row.day = i < offs ? off[i] : on[i - offs];
        command.day_define.row.working = i >= offs;
        core_step(core, &command, verdict);
        assert_int_equal(verdict->refusal, REFUSAL_NONE);
    }
    free(verdict);
    return core;
}

static void working_days_follow_the_states_calendar(void **state)
{
    static const struct {
        uint32_t received;
        uint64_t days;
        uint32_t due;
    } vectors[] = {
        { 20250124, 1, 20250126 }, /* make-up Sunday */
        { 20250124, 5, 20250207 }, /* Spring Festival skipped */
        { 20250125, 1, 20250126 }, /* received on a rest day */
        { 20250926, 3, 20250930 }, /* 09-28, a Sunday, counts */
        { 20250930, 5, 20251014 }, /* Golden Week, and 10-11, a Saturday, counts */
        { 20260213, 1, 20260214 }, /* make-up Saturday */
        { 20260213, 5, 20260227 }, /* nine days of feast */
        { 20260214, 5, 20260228 }, /* both ends are make-up days */
        { 20260218, 1, 20260224 }, /* received in the feast */
        { 20260430, 5, 20260511 }, /* 05-09, a Saturday, counts */
        { 20260918, 5, 20260924 }, /* 09-20, a Sunday, counts */
        { 20260930, 5, 20261013 }, /* 10-10 counts */
        { 20261225, 5, 20270101 }, /* the list of 2027 is not published */
    };
    struct core *core = city_with_days();
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        for (uint64_t hour = 0; hour < 24; hour += 23) {
            uint64_t due_ms = calendar_due(core, wall_time(vectors[i].received, hour, 59),
                                           vectors[i].days * WORKING_DAY_MS, true);
            assert_int_equal(calendar_date(core, due_ms - 1), vectors[i].due);
            assert_int_equal(due_ms, wall_time(vectors[i].due, 24, 0));
        }
    free(core);
}

static void working_hours_run_from_nine_to_five(void **state)
{
    struct core *core = city_with_days();
    (void)state;
    assert_int_equal(calendar_due(core, wall_time(20260302, 10, 0), 4 * HOUR_MS, true),
                     wall_time(20260302, 14, 0));
    assert_int_equal(calendar_due(core, wall_time(20260302, 15, 30), 4 * HOUR_MS, true),
                     wall_time(20260303, 11, 30));
    assert_int_equal(calendar_due(core, wall_time(20260306, 16, 0), 2 * HOUR_MS, true),
                     wall_time(20260309, 10, 0)); /* over the weekend */
    assert_int_equal(calendar_due(core, wall_time(20260302, 3, 0), HOUR_MS, true),
                     wall_time(20260302, 10, 0));
    assert_int_equal(calendar_due(core, wall_time(20260302, 20, 0), HOUR_MS, true),
                     wall_time(20260303, 10, 0));
    assert_int_equal(calendar_due(core, wall_time(20260302, 20, 0), HOUR_MS, false),
                     wall_time(20260302, 21, 0)); /* by the clock */
    free(core);
}

static void every_day_has_its_date(void **state)
{
    struct core *core = city_with_days();
    (void)state;
    for (uint32_t year = 1970; year < 2100; year++) {
        assert_int_equal(calendar_date(core, wall_time(year * 10000 + 301, 0, 0)),
                         year * 10000 + 301);
        assert_int_equal(calendar_date(core, wall_time(year * 10000 + 1231, 23, 59)),
                         year * 10000 + 1231);
    }
    assert_int_equal(calendar_date(core, wall_time(20240229, 12, 0)), 20240229);
    free(core);
}

/* ---- survey replies ------------------------------------------------------------------------- */

static void citizens_answer_in_many_ways(void **state)
{
    static const struct {
        const char *text;
        enum degree answers[3];
    } replies[] = {
        { "111", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "123", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_NO } },
        { "211", { DEGREE_NO, DEGREE_YES, DEGREE_YES } },
        { " 1 3 3 ", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "1,1,2", { DEGREE_YES, DEGREE_YES, DEGREE_MOSTLY } },
        { "1，2，3。", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_NO } },
        { " 2，２、3 ", { DEGREE_NO, DEGREE_MOSTLY, DEGREE_NO } },
        { "１１１", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "一二三", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_NO } },
        { "①①②", { DEGREE_YES, DEGREE_YES, DEGREE_MOSTLY } },
        { "满意", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "　满意！", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "基本满意", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_MOSTLY } },
        { "不满意。", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "未解决", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        enum degree out[3] = { DEGREE_NONE };
        assert_true(survey_parse(replies[i].text, out));
        assert_memory_equal(out, replies[i].answers, sizeof out);
    }
}

static void what_is_no_rating_stays_a_text(void **state)
{
    static const char *const texts[] = {
        "",          " ",
        "1",         "11",
        "1111",      "110",
        "311",       "114",
        "12345",     "1a1",
        "满",        "我很满意但是路灯还是坏的",
        "11 1 谢谢", "111谢谢",
        "abc",       "help",
        "\xe4\xb8",  "。。。",
        "三一一",    "1111111111111111111111111111111111111111111111111111111111111111111111111",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum degree out[3] = { DEGREE_MOSTLY, DEGREE_MOSTLY, DEGREE_MOSTLY };
        assert_false(survey_parse(texts[i], out));
        assert_int_equal(out[0], DEGREE_MOSTLY);
    }
}

static void cells_lie_as_far_apart_as_their_middles(void **state)
{
    (void)state;
    const struct cell here = { 10, 10 };
    assert_int_equal(cell_distance_m(here, here), 0);
    assert_int_equal(cell_distance_m(here, (struct cell){ 12, 10 }), 500);
    assert_int_equal(cell_distance_m((struct cell){ 11, 11 }, here), 353); /* 353.55 */
    assert_int_equal(cell_distance_m((struct cell){ 7, 6 }, here), 1250);
    assert_int_equal(cell_distance_m((struct cell){ 1, 1 }, (struct cell){ CELLS_MAX, CELLS_MAX }),
                     1413860);
    assert_true(cell_is_sound((struct cell){ 0, 0 }));
    assert_true(cell_is_sound((struct cell){ 1, CELLS_MAX }));
    assert_false(cell_is_sound((struct cell){ 1, 0 }));
    assert_false(cell_is_sound((struct cell){ CELLS_MAX + 1, 1 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_finds_what_was_put_and_not_removed),
        cmocka_unit_test(at_a_rank_the_longest_idle_of_the_earliest_row_goes_first),
        cmocka_unit_test(a_slot_given_back_comes_clean),
        cmocka_unit_test(working_days_follow_the_states_calendar),
        cmocka_unit_test(working_hours_run_from_nine_to_five),
        cmocka_unit_test(every_day_has_its_date),
        cmocka_unit_test(citizens_answer_in_many_ways),
        cmocka_unit_test(what_is_no_rating_stays_a_text),
        cmocka_unit_test(cells_lie_as_far_apart_as_their_middles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
