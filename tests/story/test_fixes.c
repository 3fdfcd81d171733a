/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of telephones that say where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dispatcher/core/fix.h"
#include "dispatcher/core/state.h"
#include "tests/story/world.h"

static enum refusal locate(struct world *w, uint64_t caller, uint32_t uncertainty_m, uint32_t east)
{
    struct command command = from_gateway(3, COMMAND_CALLER_LOCATE);
    command.caller = caller;
    command.has_personal = true;
    command.caller_locate.means = FIX_MEANS_TEXT;
    command.caller_locate.source = FIX_SOURCE_GNSS;
    command.caller_locate.uncertainty_m = uncertainty_m;
    command.caller_locate.east_cell = east;
    command.caller_locate.north_cell = east ? 7 : 0;
    return world_send(w, command);
}

static uint32_t east_of(struct world *w, uint64_t contact)
{
    return core_contact(w->core, contact)->cell.east;
}

static void a_place_joins_the_live_call_and_is_no_contact(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    world_skip(w);
    assert_int_equal(locate(w, LI, 14, 5), REFUSAL_NONE);
    assert_int_equal(w->verdict.contact, contact);
    assert_true(w->verdict.events[0].has_personal);
    assert_int_equal(w->verdict.events[1].contact_located.seq, w->verdict.events[0].seq);
    world_expect(w, "[0.0] caller_located means=text\n"
                    "[0.0] contact_located uncertainty_m=14\n");
    assert_int_equal(east_of(w, contact), 5);
    assert_int_equal(count_events(w, EVENT_CONTACT_ARRIVED), 1);
}

static void a_place_before_the_call_waits_for_it(void **state)
{
    struct world *w = *state;
    assert_int_equal(locate(w, LI, 900, 5), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_int_equal(locate(w, LI, 14, 6), REFUSAL_NONE);
    assert_int_equal(locate(w, WANG, 10, 9), REFUSAL_NONE);
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(count_events(w, EVENT_CONTACT_LOCATED), 2);
    assert_int_equal(east_of(w, contact), 6);
    world_wait(w, 6 * MINUTE); /* too long ago for the next one */
    uint64_t text = text_in(w, 12345, LI);
    assert_int_equal(count_events(w, EVENT_CONTACT_LOCATED), 2);
    assert_int_equal(east_of(w, text), 0);
    world_skip(w);
}

static void a_place_after_the_call_still_belongs_to_it(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    world_wait(w, 4 * MINUTE);
    assert_int_equal(locate(w, LI, 14, 5), REFUSAL_NONE);
    assert_int_equal(w->verdict.contact, contact);
    world_wait(w, 4 * MINUTE);
    assert_int_equal(locate(w, LI, 14, 5), REFUSAL_NONE);
    assert_int_equal(w->verdict.contact, 0);
    world_skip(w);
}

static void all_candidates_are_kept_and_the_surest_is_the_place(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(locate(w, LI, 0, 0), REFUSAL_NONE); /* it does not know */
    assert_int_equal(east_of(w, contact), 0);
    assert_int_equal(locate(w, LI, 2800, 3), REFUSAL_NONE); /* a mast: too wide for a place */
    assert_int_equal(east_of(w, contact), 0);
    assert_int_equal(locate(w, LI, 30, 4), REFUSAL_NONE);
    assert_int_equal(locate(w, LI, 500, 5), REFUSAL_NONE);
    assert_int_equal(east_of(w, contact), 4);
    assert_int_equal(locate(w, LI, 8, 6), REFUSAL_NONE);
    assert_int_equal(east_of(w, contact), 6);
    assert_int_equal(count_events(w, EVENT_CONTACT_LOCATED), 5);
    world_skip(w);
}

static void a_call_and_a_text_of_the_number_both_learn_it(void **state)
{
    struct world *w = *state;
    uint64_t call = call_in(w, 110, LI);
    uint64_t text = text_in(w, 110, LI);
    assert_int_equal(locate(w, LI, 14, 5), REFUSAL_NONE);
    assert_int_equal(east_of(w, call), 5);
    assert_int_equal(east_of(w, text), 5);
    world_skip(w);
}

static void nobody_s_place_is_refused(void **state)
{
    struct world *w = *state;
    assert_int_equal(locate(w, 0, 14, 5), REFUSAL_MALFORMED);
    assert_int_equal(locate(w, LI, 14, 40000), REFUSAL_MALFORMED);
}

static enum refusal read_fix(struct world *w, uint32_t user, uint64_t fix, enum read_reason reason)
{
    struct command command = from_user(user, COMMAND_PERSONAL_READ);
    command.personal_read.subject = fix;
    command.personal_read.reason = reason;
    return world_send(w, command);
}

static void the_position_is_read_by_who_has_the_contact(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)talk(w, 110, LI);
    assert_int_equal(locate(w, LI, 14, 5), REFUSAL_NONE);
    uint64_t fix = last_event(w, EVENT_CALLER_LOCATED)->caller_located.fix;
    assert_int_equal(read_fix(w, 1001, fix, READ_REASON_ANSWERING), REFUSAL_NONE);
    assert_int_equal(read_fix(w, 1003, fix, READ_REASON_ANSWERING), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_fix(w, 2001, fix, READ_REASON_HANDLING), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_fix(w, 3002, fix, READ_REASON_AUDIT), REFUSAL_NONE);
    world_skip(w);
}

static void the_oldest_places_make_room(void **state)
{
    struct world *w = *state;
    for (uint32_t i = 0; i < FIXES_MAX + 10; i++)
        assert_int_equal(locate(w, LI + i % 2000, 14, 5), REFUSAL_NONE);
    assert_int_equal(pool_used(&w->core->fixes), FIXES_MAX);
    uint64_t contact = call_in(w, 110, LI + 100);
    assert_int_equal(east_of(w, contact), 5);
    world_skip(w);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_place_joins_the_live_call_and_is_no_contact),
        STORY(a_place_before_the_call_waits_for_it),
        STORY(a_place_after_the_call_still_belongs_to_it),
        STORY(all_candidates_are_kept_and_the_surest_is_the_place),
        STORY(a_call_and_a_text_of_the_number_both_learn_it),
        STORY(nobody_s_place_is_refused),
        STORY(the_position_is_read_by_who_has_the_contact),
        STORY(the_oldest_places_make_room),
    };
    return cmocka_run_group_tests_name("fixes", tests, NULL, NULL);
}
