/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What lists say of contacts that are over and of notes for the next shift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/world.h"
#include "tests/unit/folder.h"
#include "tests/unit/own_journal.h"

static char folder[FOLDER_BYTES];
static struct journal *journal;
static struct answer said;

static void enter(const struct world *w)
{
    assert_int_equal(own_journal_open(&journal, folder), 0);
    own_journal_enter(journal, w->history, w->history_count);
}

static void leave(void)
{
    journal_close(journal);
    folder_remove(folder);
}

static const struct answer *ask(struct query query)
{
    journal_query(journal, &query, 0, &said);
    assert_int_equal(said.refusal, REFUSAL_NONE);
    return &said;
}

static void define(struct world *w, uint32_t number)
{
    struct command command = from_system(COMMAND_DISPOSITION_DEFINE);
    command.disposition_define.has_row = true;
    command.disposition_define.row = (struct disposition_row){ .disposition = number };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static uint64_t ended(struct world *w, uint32_t disposition)
{
    struct command command = from_user(1001, COMMAND_CONTACT_DISPOSE);
    uint64_t contact = talk(w, 12345, LI);
    (void)finish(w, 1001, contact);
    command.contact_dispose.contact = contact;
    command.contact_dispose.disposition = disposition;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)finish_wrap_up(w, 1001);
    return contact;
}

static void contacts_are_found_by_what_became_of_them(void **state)
{
    struct world *w = *state;
    define(w, 1);
    define(w, 2);
    on_duty(w, 1001);
    uint64_t first = ended(w, 1), second = ended(w, 2), third = ended(w, 1);
    struct command again = from_user(1001, COMMAND_CONTACT_DISPOSE);
    again.contact_dispose.contact = second;
    again.contact_dispose.disposition = 1;
    assert_int_equal(world_send(w, again), REFUSAL_NONE);
    enter(w);
    const struct contacts *contacts =
        &ask((struct query){ .kind = QUERY_CONTACTS, .contacts = { .disposition = 1 } })->contacts;
    assert_int_equal(contacts->rows_count, 3);
    assert_int_equal(contacts->rows[0].contact, third); /* the newest first */
    assert_int_equal(contacts->rows[2].contact, first);
    assert_int_equal(contacts->rows[1].disposition, 1);
    contacts = &ask((struct query){ .kind = QUERY_CONTACTS,
                                    .contacts = { .disposition = 1, .after = second } })
                    ->contacts;
    assert_int_equal(contacts->rows_count, 1);
    contacts =
        &ask((struct query){ .kind = QUERY_CONTACTS, .contacts = { .disposition = 2 } })->contacts;
    assert_int_equal(contacts->rows_count, 0);
    assert_int_equal(
        ask((struct query){ .kind = QUERY_CITY, .city = { .table = CITY_TABLE_DISPOSITIONS } })
            ->dispositions.rows_count,
        2);
    leave();
}

static void names_come_with_how_they_are_read(void **state)
{
    struct world *w = *state;
    struct command command = from_system(COMMAND_CATEGORY_DEFINE);
    command.category_define.has_row = true;
    command.category_define.row = (struct category_row){ .category = 230100,
                                                         .name_zh = "井盖缺失",
                                                         .initials = "jgqs",
                                                         .priority = PRIORITY_P2,
                                                         .sla = SLA_CLASS_U };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    enter(w);
    const struct categories *found =
        &ask((struct query){ .kind = QUERY_CITY,
                             .city = { .table = CITY_TABLE_CATEGORIES, .after = 230099 } })
             ->categories;
    assert_int_equal(found->sounds_count, found->rows_count);
    assert_string_equal(found->rows[0].name_zh, "井盖缺失");
    assert_string_equal(found->sounds[0], "jing gai que shi");
    leave();
}

static void a_note_is_listed_until_somebody_takes_it(void **state)
{
    struct world *w = *state;
    struct command command = from_user(1001, COMMAND_HANDOVER_LEAVE);
    command.has_personal = true;
    command.handover_leave.taker = 1002;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t taken = last_event(w, EVENT_HANDOVER_LEFT)->handover_left.handover;
    command.handover_leave.taker = 0;
    command.handover_leave.line = 110;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    const struct event *left = last_event(w, EVENT_HANDOVER_LEFT);
    struct command take = from_user(1002, COMMAND_HANDOVER_TAKE);
    take.handover_take.handover = taken;
    assert_int_equal(world_send(w, take), REFUSAL_NONE);
    enter(w);
    const struct handovers *handovers = &ask((struct query){ .kind = QUERY_HANDOVERS })->handovers;
    assert_int_equal(handovers->rows_count, 1);
    assert_int_equal(handovers->rows[0].to_line, 110);
    assert_int_equal(handovers->rows[0].from_taker, 1001);
    assert_int_equal(handovers->rows[0].seq, left->seq);
    leave();
}

static void sounded(struct world *w, enum sound_side side, uint32_t user, uint32_t lost)
{
    struct command command = from_gateway(1, COMMAND_SOUND_REPORT);
    command.sound_report = (struct sound_report){ .call = w->next_call - 1,
                                                  .side = side,
                                                  .user = user,
                                                  .state = SOUND_STATE_POOR,
                                                  .packets = 1000 - lost,
                                                  .lost = lost,
                                                  .jitter_ms = 7 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_contact_shows_how_the_citizen_and_its_taker_sound(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)talk(w, 110, LI);
    sounded(w, SOUND_SIDE_CITIZEN, 0, 80);
    sounded(w, SOUND_SIDE_TAKER, 1001, 20);
    sounded(w, SOUND_SIDE_TAKER, 1002, 500); /* who had it before */
    sounded(w, SOUND_SIDE_PARTY, 2001, 500);
    enter(w);
    const struct contact_row *row =
        &ask((struct query){ .kind = QUERY_CONTACTS })->contacts.rows[0];
    assert_int_equal(row->citizen_sound, SOUND_STATE_POOR);
    assert_int_equal(row->citizen_lost, 80);
    assert_int_equal(row->citizen_jitter_ms, 7);
    assert_int_equal(row->taker_lost, 20);
    leave();
}

static void handed(struct world *w, uint64_t contact, uint32_t from, uint32_t line)
{
    struct command command = from_user(from, COMMAND_CONTACT_TRANSFER);
    command.contact_transfer.contact = contact;
    command.contact_transfer.line = line;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)answer(w, last_offer(w));
    command = from_user(from, COMMAND_TRANSFER_FINISH);
    command.transfer_finish.contact = contact;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

/* Their supervisors see it among the alarms, and decide. */
static void who_is_handed_to_and_fro_between_two_lines_stands_out(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1001);
    handed(w, contact, 1002, 110);
    on_duty(w, 1003);
    handed(w, contact, 1001, 12345);
    enter(w);
    const struct contacts *contacts =
        &ask((struct query){ .kind = QUERY_CONTACTS, .contacts = { .contact = contact } })
             ->contacts;
    assert_int_equal(contacts->rows_count, 1);
    assert_true(contacts->rows[0].bounced);
    assert_int_equal(contacts->rows[0].state, CONTACT_STATE_CONNECTED);
    leave();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(contacts_are_found_by_what_became_of_them, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(names_come_with_how_they_are_read, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_contact_shows_how_the_citizen_and_its_taker_sound,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(who_is_handed_to_and_fro_between_two_lines_stands_out,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_note_is_listed_until_somebody_takes_it, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
