/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Before a command is decided, each incident it names that left memory is brought back from the real
 * journal; nothing else is touched. The dispatcher's turn is played by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/core/core.h"
#include "dispatcher/io/dispatcher.h"
#include "tests/story/world.h"
#include "tests/unit/own_journal.h"

static struct dispatcher dispatcher;
static struct world *world;
static uint32_t turns;

void turn_system(struct dispatcher *of, struct command *command)
{
    assert_ptr_equal(of, &dispatcher);
    assert_int_equal(command->kind, COMMAND_INCIDENT_RETURN);
    assert_true(command->incident_return.has_row);
    struct command back = *command;
    back.actor_kind = ACTOR_KIND_SYSTEM;
    assert_int_equal(world_send(world, back), REFUSAL_NONE);
    turns++;
}

/* Two closed incidents that left memory, and the journal that remembers them. */
static char folder[FOLDER_BYTES];
static uint64_t left[2];

static int set_up(void **state)
{
    if (sodium_init() < 0 || world_setup(state) || own_journal_open(&dispatcher.journal, folder))
        return -1;
    world = *state;
    for (int i = 0; i < 2; i++) {
        left[i] = told_incident(world);
        assert_int_equal(survey(world, left[i], DEGREE_YES), REFUSAL_NONE);
        world_wait(world, MINUTE);
    }
    assert_int_equal(set_parameter(world, PARAMETER_CLOSED_STAY_MS, 1), REFUSAL_NONE);
    world_wait(world, MINUTE);
    assert_int_equal(world_send(world, from_system(COMMAND_TICK)), REFUSAL_NONE);
    assert_int_equal(set_parameter(world, PARAMETER_CLOSED_STAY_MS, DAY), REFUSAL_NONE);
    assert_int_equal(journal_begin(dispatcher.journal), 0);
    for (uint32_t i = 0; i < world->history_count; i++) {
        const struct stored_event *row;
        assert_int_equal(journal_append(dispatcher.journal, &world->history[i], NULL, &row), 0);
    }
    assert_int_equal(journal_commit(dispatcher.journal, world->now_ms), 0);
    dispatcher.core = world->core;
    dispatcher.figures.returned = 0;
    turns = 0;
    return 0;
}

static int tear_down(void **state)
{
    journal_close(dispatcher.journal);
    folder_remove(folder);
    return world_teardown(state);
}

static void before(struct command command)
{
    returning_before(&dispatcher, &command);
}

static void whoever_is_named_is_brought_back_once(void **state)
{
    (void)state;
    assert_false(core_holds_incident(world->core, left[0]));
    struct command reopen = from_user(1001, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.incident = left[0];
    before(reopen);
    assert_true(core_holds_incident(world->core, left[0]));
    assert_false(core_holds_incident(world->core, left[1]));
    before(reopen); /* it is there */
    assert_int_equal(turns, 1);
    assert_int_equal(dispatcher.figures.returned, 1);
    assert_int_equal(world_send(world, reopen), REFUSAL_NONE);
}

static void both_of_a_pair_are_brought_back(void **state)
{
    (void)state;
    struct command merge = from_user(3001, COMMAND_INCIDENT_MERGE);
    merge.incident_merge.parent = left[0];
    merge.incident_merge.child = left[1];
    before(merge);
    assert_int_equal(turns, 2);
    assert_true(core_holds_incident(world->core, left[0]));
    assert_true(core_holds_incident(world->core, left[1]));
}

static void who_is_linked_or_read_is_brought_back(void **state)
{
    (void)state;
    struct command link = from_user(3001, COMMAND_INCIDENT_LINK);
    link.incident_link.other = left[0];
    before(link);
    assert_true(core_holds_incident(world->core, left[0]));
    struct command read = from_user(3001, COMMAND_PERSONAL_READ);
    read.personal_read.subject = left[1];
    before(read);
    assert_true(core_holds_incident(world->core, left[1]));
}

static void other_numbers_bring_nothing(void **state)
{
    (void)state;
    struct command command = from_user(1001, COMMAND_INCIDENT_REOPEN);
    before(command); /* none is named */
    command.incident_reopen.incident = 999999999;
    before(command); /* nobody's number */
    command = from_user(1001, COMMAND_TASK_SIGN);
    command.task_sign.task = left[0];
    before(command); /* a task's number, whatever it equals */
    before(from_system(COMMAND_TICK));
    assert_int_equal(turns, 0);
    assert_int_equal(dispatcher.figures.returned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whoever_is_named_is_brought_back_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_of_a_pair_are_brought_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_linked_or_read_is_brought_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_numbers_bring_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("brought_back", tests, NULL, NULL);
}
