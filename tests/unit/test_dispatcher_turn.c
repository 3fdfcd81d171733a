/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dispatcher's own loop over a real journal in a home of its own, with the wires in the test's hand
 * and the clock turned by hand: what no program may hear too early, and what a start must not believe. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "dispatcher/core/state.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/loop.h"
#include "dispatcher/journal/vault.h"
#include "proto/keys.h"
#include "tests/unit/folder.h"

enum {
    START_MS = 1000000,
    TAKER = 1001,
    LONG_MS = 60000 /* a gateway silent for so long is given up, whatever the city says */
};

/* ---- clocks ---------------------------------------------------------------------------------- */

static uint64_t passed_ms;

uint64_t clock_mono_ms(void)
{
    return START_MS + passed_ms;
}

uint64_t clock_mono_ns(void)
{
    return clock_mono_ms() * 1000000;
}

uint64_t clock_wall_ms(void)
{
    return 1772409600000 + passed_ms; /* 2026-03-02, UTC */
}

/* ---- the wires ------------------------------------------------------------------------------- */

/* One frame that waits, and what was said of each kind. */
static struct {
    int fd;
    struct dispatcher *dispatcher;
    bool waits;
    struct bus_sender sender;
    uint8_t bytes[FRAME_MAX_BYTES];
    size_t size;
    uint32_t said[FRAME_KIND_COUNT];
    uint32_t published[EVENT_KIND_COUNT];
    uint32_t too_early; /* said of a turn whose commit is still to come */
} wires;

struct bus {
    int unused;
};

int bus_open(struct bus **bus, const struct bus_settings *settings)
{
    static struct bus one;
    (void)settings;
    wires.fd = eventfd(0, EFD_CLOEXEC);
    *bus = &one;
    return 0;
}

void bus_close(struct bus *bus)
{
    if (bus)
        (void)close(wires.fd);
}

int bus_fd(const struct bus *bus)
{
    (void)bus;
    return wires.fd;
}

int bus_receive(struct bus *bus, struct bus_sender *sender, uint8_t *bytes, size_t room)
{
    (void)bus;
    if (!wires.waits)
        return -EAGAIN;
    assert_true(wires.size <= room);
    wires.waits = false;
    *sender = wires.sender;
    memcpy(bytes, wires.bytes, wires.size);
    return (int)wires.size;
}

bool bus_waits(struct bus *bus)
{
    (void)bus;
    return wires.waits;
}

static struct codec *codec;

static const struct frame *read_frame(const uint8_t *bytes, size_t size)
{
    static struct frame frame;
    assert_int_equal(codec_unpack(codec, SCHEMA_FRAME, bytes, size, &frame), 0);
    wires.said[frame.kind]++;
    wires.too_early += wires.dispatcher && wires.dispatcher->open;
    return &frame;
}

int bus_send(struct bus *bus, const uint8_t route[BUS_ROUTE_BYTES], const uint8_t *bytes,
             size_t size)
{
    (void)bus;
    (void)route;
    (void)read_frame(bytes, size);
    return 0;
}

void bus_publish(struct bus *bus, const uint8_t *bytes, size_t size)
{
    static struct record record;
    const struct frame *frame = read_frame(bytes, size);
    (void)bus;
    if (!frame->publication.has_row)
        return;
    const struct stored_event *row = &frame->publication.row;
    assert_int_equal(codec_unpack(codec, SCHEMA_RECORD, row->record, row->record_size, &record), 0);
    wires.published[record.event.kind]++;
}

void bus_part(struct bus *bus, uint8_t (*routes)[BUS_ROUTE_BYTES], unsigned count,
              const uint8_t *bytes, size_t size)
{
    for (unsigned i = 0; i < count; i++)
        (void)bus_send(bus, routes[i], bytes, size);
}

int bus_look_at_keys(struct bus *bus, bool anyway)
{
    (void)bus, (void)anyway;
    return 0;
}

void bus_count(struct bus *bus, struct bus_counts *counts)
{
    (void)bus;
    *counts = (struct bus_counts){ .received = 0 };
}

/* ---- forks ----------------------------------------------------------------------------------- */

static uint32_t forks;

/* The machine has no room for another process. */
pid_t fork(void)
{
    forks++;
    errno = EAGAIN;
    return -1;
}

/* Only a copy that writes a snapshot ends like this, and there is none. */
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__exit(int status)
{
    (void)status;
    abort();
}

/* ---- lives ----------------------------------------------------------------------------------- */

static char home[FOLDER_BYTES];
static struct settings settings;
static struct dispatcher *dispatcher;

static void rise(void)
{
    static const struct dispatcher_start alone;
    assert_int_equal(dispatcher_open(&dispatcher, &settings, "dispatcher", &alone), 0);
    wires.dispatcher = dispatcher;
}

static void stop(void)
{
    recovery_finish(dispatcher);
    wires.dispatcher = NULL;
    dispatcher_close(dispatcher);
    dispatcher = NULL;
}

static int make_home(void **state)
{
    static const char *const programs[] = { "dispatcher", "trunk-1", "trunk-2", NULL };
    (void)state;
    log_open("test", LOG_ERROR);
    folder_make(home);
    memset(&wires, 0, sizeof wires);
    passed_ms = forks = 0;
    codec = codec_open();
    settings = (struct settings){ .city = "ops/city",
                                  .dispatcher = { .map_gib = 1, .incidents = 100, .tasks = 200 } };
    (void)snprintf(settings.home, sizeof settings.home, "%s", home);
    return keys_make(home, suite_default(), programs, 3);
}

static int remove_home(void **state)
{
    (void)state;
    if (dispatcher)
        stop();
    codec_close(codec);
    folder_remove(home);
    return 0;
}

static void turn(void)
{
    (void)dispatcher_turn(dispatcher);
}

static void say(const char *name, const struct frame *frame)
{
    assert_false(wires.waits);
    wires.sender = (struct bus_sender){ .route = { [4] = (uint8_t)name[strlen(name) - 1] } };
    (void)snprintf(wires.sender.name, sizeof wires.sender.name, "%s", name);
    int size = codec_pack(codec, SCHEMA_FRAME, frame, wires.bytes, sizeof wires.bytes);
    assert_true(size > 0);
    wires.size = (size_t)size;
    wires.waits = true;
    turn();
}

static void greet(const char *name)
{
    static struct frame frame;
    frame = (struct frame){ .kind = FRAME_HELLO, .hello = { .epoch = 7, .version = 1 } };
    (void)snprintf(frame.hello.name, sizeof frame.hello.name, "%s", name);
    say(name, &frame);
}

static void call(const char *name, uint64_t number)
{
    static struct frame frame;
    frame = (struct frame){ .kind = FRAME_SUBMIT };
    frame.submit = (struct submit){ .epoch = 7, .seq = number, .has_command = true };
    frame.submit.command = (struct command){
        .kind = COMMAND_CONTACT_ARRIVE,
        .contact_arrive = { .call = number, .line = 110, .channel = CHANNEL_VOICE }
    };
    (void)snprintf(frame.submit.command.key, sizeof frame.submit.command.key, "%u",
                   (unsigned)number);
    say(name, &frame);
}

/* ---- the stories ----------------------------------------------------------------------------- */

static void nobody_hears_of_anything_before_it_is_durable(void **state)
{
    (void)state;
    rise();
    greet("trunk-1");
    call("trunk-1", 1);
    assert_int_equal(wires.said[FRAME_OUTCOME], 1);
    assert_int_equal(wires.published[EVENT_CONTACT_ARRIVED], 1);
    assert_int_equal(wires.too_early, 0);
}

static void a_gateway_that_says_nothing_is_given_up_in_time(void **state)
{
    (void)state;
    rise();
    passed_ms += LONG_MS; /* they had the time to find us */
    greet("trunk-1");
    uint64_t lost_ms = dispatcher->roster.lost_ms;
    assert_true(lost_ms > 0 && lost_ms < LONG_MS);
    passed_ms += lost_ms - 1;
    turn();
    assert_int_equal(wires.published[EVENT_GATEWAY_FELL], 0);
    passed_ms += 2;
    turn();
    assert_int_equal(wires.published[EVENT_GATEWAY_FELL], 1);
}

static void a_machine_that_cannot_fork_goes_on_without_a_snapshot(void **state)
{
    (void)state;
    settings.dispatcher.snapshot_events = 1;
    rise();
    greet("trunk-1");
    assert_int_equal(forks, 1);
    assert_int_equal(dispatcher->mind.keeper, 0);
    call("trunk-1", 1);
    assert_int_equal(forks, 2); /* it tries again */
    assert_int_equal(wires.said[FRAME_OUTCOME], 1);
}

static void as_taker(enum command_kind kind)
{
    static struct command command;
    command = (struct command){ .kind = kind, .actor_kind = ACTOR_KIND_USER, .actor = TAKER };
    turn_step(dispatcher, &command, NULL);
    assert_int_equal(dispatcher->verdict.refusal, REFUSAL_NONE);
}

/* The queue has forgotten where the taker sits; the watchdog has not. */
static void who_waits_beside_an_idle_taker_is_seen_in_half_a_second(void **state)
{
    (void)state;
    rise();
    greet("trunk-1");
    as_taker(COMMAND_TAKER_SIGN_ON);
    as_taker(COMMAND_TAKER_READY);
    turn();
    taker_leave_seats(core_user(dispatcher->core, TAKER)); /* the bug */
    call("trunk-1", 1);
    assert_int_equal(wires.published[EVENT_OFFER_MADE], 0);
    for (uint32_t looks = 0; looks < 3; looks++) {
        assert_int_equal(wires.published[EVENT_QUEUE_STALLED], 0);
        passed_ms += 250;
        turn();
    }
    assert_int_equal(wires.published[EVENT_QUEUE_STALLED], 1);
    assert_int_equal(wires.published[EVENT_OFFER_MADE], 1);
}

/* ---- years ----------------------------------------------------------------------------------- */

enum {
    DAY_MS = 24 * 3600 * 1000
};

static void step(enum actor_kind kind, uint32_t actor, struct command *command,
                 const struct personal *personal)
{
    command->actor_kind = kind;
    command->actor = actor;
    turn_step(dispatcher, command, personal);
    assert_int_equal(dispatcher->verdict.refusal, REFUSAL_NONE);
}

static uint64_t arrive(uint32_t line, uint64_t number)
{
    static struct command command;
    struct personal personal = { .number = "13800001111" };
    command = (struct command){ .kind = COMMAND_CONTACT_ARRIVE, .caller = number };
    command.contact_arrive =
        (struct contact_arrive){ .call = number, .line = line, .channel = CHANNEL_VOICE };
    step(ACTOR_KIND_GATEWAY, 1, &command, &personal);
    return dispatcher->verdict.contact;
}

/* A conversation that is over; returns its contact. */
static uint64_t conversation(uint32_t line, uint64_t number)
{
    static struct command command;
    uint64_t offer = 0;
    as_taker(COMMAND_TAKER_READY);
    uint64_t contact = arrive(line, number);
    for (uint32_t i = 0; i < dispatcher->verdict.count; i++)
        if (dispatcher->verdict.events[i].kind == EVENT_OFFER_MADE)
            offer = dispatcher->verdict.events[i].offer;
    command = (struct command){ .kind = COMMAND_OFFER_ANSWER, .offer_answer = { offer } };
    step(ACTOR_KIND_GATEWAY, 1, &command, NULL);
    command = (struct command){ .kind = COMMAND_CONTACT_END,
                                .contact_end = { number, END_CAUSE_CALLER } };
    step(ACTOR_KIND_GATEWAY, 1, &command, NULL);
    turn();
    return contact;
}

/* So many days, and the night after them. */
static void live_on(uint32_t days)
{
    passed_ms += (uint64_t)days * DAY_MS;
    for (uint32_t i = 0; i < 100; i++) {
        passed_ms += 1000;
        turn();
    }
}

static const struct retention_due *what_is_due(void)
{
    static struct answer answer;
    struct query query = { .kind = QUERY_RETENTION };
    retention_answer(dispatcher, &query.retention, &answer);
    assert_false(answer.more);
    return &answer.retention_due;
}

static bool is_erased(uint64_t contact)
{
    return journal_is_erased(dispatcher->journal, contact);
}

/* By ops/city/retention.csv: two years for an ordinary line, three for 110. */
static void what_was_kept_for_years_goes_at_night_and_what_is_preserved_stays(void **state)
{
    (void)state;
    rise();
    greet("trunk-1");
    as_taker(COMMAND_TAKER_SIGN_ON);
    uint64_t ordinary = conversation(12345, 1), kept = conversation(12345, 2),
             emergency = conversation(110, 3);
    static struct command command;
    command = (struct command){ .kind = COMMAND_PRESERVATION_SET, .caller = 2 };
    strcpy(command.preservation_set.words, "court");
    step(ACTOR_KIND_SYSTEM, 0, &command, NULL);
    uint64_t order = dispatcher->verdict.events[0].preservation_begun.preservation;
    live_on(729);
    assert_int_equal(what_is_due()->rows_count, 0);
    assert_int_equal(wires.published[EVENT_RETENTION_ENDED], 1);
    stop();
    passed_ms += DAY_MS;
    rise();
    turn();
    const struct retention_due *due = what_is_due();
    assert_int_equal(due->looked, 3);
    assert_int_equal(due->rows_count, 1);
    assert_int_equal(due->rows[0].rule, 1);
    assert_int_equal(due->rows[0].due, 1);
    assert_int_equal(due->rows[0].preserved, 1);
    assert_int_equal(due->rows[0].preservation, order);
    live_on(0);
    assert_true(is_erased(ordinary));
    assert_false(is_erased(kept));
    assert_false(is_erased(emergency));
    assert_int_equal(wires.published[EVENT_RETENTION_ENDED], 2);
    live_on(365);
    assert_true(is_erased(emergency));
    assert_false(is_erased(kept));
    assert_int_equal(wires.published[EVENT_ERASED], 2);
    assert_int_equal(wires.too_early, 0);
}

/* The recording of this contact; returns its record. */
static uint64_t recorded(uint64_t contact, uint64_t call)
{
    static struct command command;
    static struct personal personal;
    command =
        (struct command){ .kind = COMMAND_RECORDING_STORE, .recording_store = { .call = call } };
    (void)snprintf(command.recording_store.file, sizeof command.recording_store.file,
                   "20261122/%llu.tape", (unsigned long long)call);
    memset(personal.tape_key, 0x5e, sizeof personal.tape_key);
    step(ACTOR_KIND_GATEWAY, 1, &command, &personal);
    const struct event *event = &dispatcher->verdict.events[0];
    assert_int_equal(event->kind, EVENT_RECORDING_STORED);
    assert_int_equal(event->contact, contact);
    uint64_t seq = event->seq;
    turn();
    return seq;
}

/* The sound's key is the sound's alone: it goes, the words stay until their own time, and what is preserved stays whole. */
static void sound_goes_before_the_words_and_what_is_preserved_stays(void **state)
{
    (void)state;
    static struct personal personal;
    static struct command command;
    rise();
    greet("trunk-1");
    as_taker(COMMAND_TAKER_SIGN_ON);
    uint64_t ordinary = conversation(12345, 1), sound = recorded(ordinary, 1);
    uint64_t kept = conversation(12345, 2), kept_sound = recorded(kept, 2);
    uint64_t silent = conversation(12345, 3);
    command = (struct command){ .kind = COMMAND_RETENTION_DEFINE };
    command.retention_define.has_row = true;
    command.retention_define.row = (struct retention_row){
        .rule = 8, .thing = RETENTION_THING_SOUND, .line = 12345, .days = 100, .basis = "law"
    };
    step(ACTOR_KIND_SYSTEM, 0, &command, NULL);
    command = (struct command){ .kind = COMMAND_PRESERVATION_SET, .caller = 2 };
    strcpy(command.preservation_set.words, "court");
    step(ACTOR_KIND_SYSTEM, 0, &command, NULL);
    turn();
    passed_ms += 100ULL * DAY_MS;
    turn();
    const struct retention_due *due = what_is_due();
    assert_int_equal(due->rows_count, 1);
    assert_int_equal(due->rows[0].rule, 8);
    assert_int_equal(due->rows[0].thing, RETENTION_THING_SOUND);
    assert_int_equal(due->rows[0].due, 1);
    assert_int_equal(due->rows[0].preserved, 1);
    assert_int_equal(journal_personal_at(dispatcher->journal, ordinary, sound, &personal), 0);
    assert_int_equal(personal.tape_key[0], 0x5e);
    live_on(1);
    assert_int_equal(wires.published[EVENT_ERASED], 1);
    assert_true(is_erased(vault_sound_of(ordinary)));
    assert_false(is_erased(ordinary));
    assert_int_equal(journal_personal_at(dispatcher->journal, ordinary, sound, &personal),
                     -EKEYREVOKED);
    assert_int_equal(journal_personal(dispatcher->journal, ordinary, &personal), 0);
    assert_string_equal(personal.number, "13800001111");
    assert_int_equal(journal_personal_at(dispatcher->journal, kept, kept_sound, &personal), 0);
    live_on(2); /* once is enough, and who said nothing on tape is asked nothing */
    assert_int_equal(wires.published[EVENT_ERASED], 1);
    assert_false(is_erased(vault_sound_of(silent)));
    live_on(700);
    assert_true(is_erased(ordinary) && is_erased(silent) && !is_erased(kept));
}

static void a_part_of_the_dry_run_is_small(void **state)
{
    (void)state;
    enum {
        CONVERSATIONS = RETENTION_JUDGED + 5
    };
    rise();
    greet("trunk-1");
    as_taker(COMMAND_TAKER_SIGN_ON);
    for (uint64_t number = 1; number <= CONVERSATIONS; number++)
        (void)conversation(12345, number);
    passed_ms += 800ULL * DAY_MS;
    turn();
    struct answer *answer = calloc(1, sizeof *answer);
    struct retention_query query = { .after = 0 };
    retention_answer(dispatcher, &query, answer);
    assert_true(answer->more);
    assert_int_equal(answer->retention_due.rows[0].due, RETENTION_JUDGED);
    query.after = answer->next;
    retention_answer(dispatcher, &query, answer);
    assert_false(answer->more);
    assert_int_equal(answer->retention_due.rows[0].due, CONVERSATIONS - RETENTION_JUDGED);
    assert_int_equal(wires.published[EVENT_ERASED], 0); /* it erases nothing */
    free(answer);
}

static void who_waits_holds_up_what_is_to_be_erased(void **state)
{
    (void)state;
    rise();
    greet("trunk-1");
    as_taker(COMMAND_TAKER_SIGN_ON);
    uint64_t ordinary = conversation(12345, 1);
    passed_ms += 800ULL * DAY_MS;
    turn();
    greet("trunk-1");
    as_taker(COMMAND_TAKER_SIGN_OFF);
    (void)arrive(110, 9); /* nobody is there */
    for (uint32_t i = 0; i < 20; i++) {
        passed_ms += 100;
        turn();
    }
    assert_int_equal(wires.published[EVENT_RETENTION_BEGUN], 1);
    assert_false(is_erased(ordinary));
    static struct command command;
    command =
        (struct command){ .kind = COMMAND_CONTACT_END, .contact_end = { 9, END_CAUSE_CANCELLED } };
    step(ACTOR_KIND_GATEWAY, 1, &command, NULL);
    live_on(0);
    assert_true(is_erased(ordinary));
    assert_int_equal(wires.published[EVENT_RETENTION_ENDED], 1);
}

static void snapshot_of(const char *folder, char path[FOLDER_BYTES + 32])
{
    (void)snprintf(path, FOLDER_BYTES + 32, "%s/%s/snapshot", home, folder);
}

/* Somebody put a backup's snapshot beside another journal: as long, under the same keys, and not its own. */
static void a_snapshot_of_another_journal_is_left_alone(void **state)
{
    char from[FOLDER_BYTES + 32], to[FOLDER_BYTES + 32];
    (void)state;
    rise();
    greet("trunk-1");
    uint64_t first_seq = core_seq(dispatcher->core);
    stop();
    (void)snprintf(from, sizeof from, "%s/journal", home);
    (void)snprintf(to, sizeof to, "%s/former", home);
    assert_int_equal(rename(from, to), 0);
    rise();
    greet("trunk-2");
    call("trunk-2", 1);
    uint64_t digest = core_digest(dispatcher->core), seq = core_seq(dispatcher->core);
    assert_true(seq >= first_seq);
    stop();
    snapshot_of("former", from);
    snapshot_of("journal", to);
    assert_int_equal(rename(from, to), 0);
    rise();
    assert_int_equal(dispatcher->mind.replayed, seq);
    assert_true(core_digest(dispatcher->core) == digest);
    stop();
    rise(); /* its own, it takes */
    assert_int_equal(dispatcher->mind.replayed, 0);
    assert_true(core_digest(dispatcher->core) == digest);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)
    const struct CMUnitTest tests[] = {
        TEST(nobody_hears_of_anything_before_it_is_durable),
        TEST(a_gateway_that_says_nothing_is_given_up_in_time),
        TEST(a_machine_that_cannot_fork_goes_on_without_a_snapshot),
        TEST(a_snapshot_of_another_journal_is_left_alone),
        TEST(what_was_kept_for_years_goes_at_night_and_what_is_preserved_stays),
        TEST(a_part_of_the_dry_run_is_small),
        TEST(sound_goes_before_the_words_and_what_is_preserved_stays),
        TEST(who_waits_holds_up_what_is_to_be_erased),
        TEST(who_waits_beside_an_idle_taker_is_seen_in_half_a_second),
    };
    return cmocka_run_group_tests_name("dispatcher_turn", tests, NULL, NULL);
}
