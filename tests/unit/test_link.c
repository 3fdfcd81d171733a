/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a submission goes to the spool, with the clock turned by hand. Nobody answers at the other
 * end: the endpoint is a socket file that does not exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "gateways/link/backlog.h"
#include "proto/codec.h"

enum {
    START_MS = 50000
};

static char folder[64], endpoint[96], path[96], pending[96];
static struct link_settings settings;
static struct link *trunk;
static uint64_t spooled_last;

static void spooled(void *owner, uint64_t ticket)
{
    (void)owner;
    spooled_last = ticket;
}

static int open_link(void **state)
{
    struct link_handlers handlers = { .spooled = spooled };
    char secret[41];
    (void)state;
    spooled_last = 0;
    (void)snprintf(folder, sizeof folder, "/tmp/yihao-link-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/nobody", folder);
    (void)snprintf(path, sizeof path, "%s/spool", folder);
    (void)snprintf(pending, sizeof pending, "%s/pending", folder);
    settings = (struct link_settings){
        .name = "trunk-1", .endpoint = endpoint, .spool_path = path, .pending_path = pending
    };
    assert_int_equal(zmq_curve_keypair(settings.server_public, secret), 0);
    assert_int_equal(zmq_curve_keypair(settings.public_key, settings.secret_key), 0);
    assert_int_equal(link_open(&trunk, &settings, &handlers, NULL), 0);
    return 0;
}

static int close_link(void **state)
{
    (void)state;
    link_close(trunk);
    (void)unlink(path);
    (void)unlink(pending);
    return rmdir(folder);
}

static uint64_t submit(void)
{
    static const struct command command = { .kind = COMMAND_TAKER_READY };
    uint64_t ticket = 0;
    assert_int_equal(link_submit(trunk, &command, NULL, NULL, 0, &ticket), 0);
    return ticket;
}

/* Pongs come each second: an idle link is quiet for longer than a submission may stay unanswered. */
static void a_quiet_link_alone_sends_nothing_to_the_spool(void **state)
{
    (void)state;
    (void)link_turn(trunk, START_MS);
    (void)link_turn(trunk, START_MS + 2 * LINK_SILENCE_MS);
    (void)submit();
    (void)link_turn(trunk, START_MS + 2 * LINK_SILENCE_MS);
    (void)link_turn(trunk, START_MS + 3 * LINK_SILENCE_MS - 1);
    assert_int_equal(spooled_last, 0);
}

static void a_submission_unanswered_for_the_silence_is_spooled(void **state)
{
    (void)state;
    (void)link_turn(trunk, START_MS);
    uint64_t first = submit();
    (void)link_turn(trunk, START_MS + 100);
    uint64_t second = submit();
    assert_true(link_turn(trunk, START_MS + 200) <= LINK_SILENCE_MS - 100); /* wakes in time */
    (void)link_turn(trunk, START_MS + 100 + LINK_SILENCE_MS);
    assert_true(spooled_last == first);
    (void)link_turn(trunk, START_MS + 200 + LINK_SILENCE_MS - 1);
    assert_true(spooled_last == first);
    (void)link_turn(trunk, START_MS + 200 + LINK_SILENCE_MS);
    assert_true(spooled_last == second);
}

static void a_submission_is_spooled_at_once_while_the_link_is_down(void **state)
{
    (void)state;
    (void)link_turn(trunk, START_MS);
    (void)link_turn(trunk, START_MS + LINK_DEAD_MS);
    uint64_t ticket = submit();
    (void)link_turn(trunk, START_MS + LINK_DEAD_MS + 1);
    assert_true(spooled_last == ticket);
}

/* Nobody is there to be greeted: the program waits for the next try, it does not turn round and round. */
static void a_link_that_reaches_nobody_sleeps_between_its_tries(void **state)
{
    uint64_t now_ms = START_MS;
    unsigned turns = 0;
    (void)state;
    for (; now_ms < START_MS + 5000; turns++)
        now_ms += (uint64_t)link_turn(trunk, now_ms) + 1;
    assert_true(turns <= 5000 / 20 + 10);
}

static void what_was_submitted_in_the_instant_of_a_kill_is_submitted_again(void **state)
{
    static const struct link_handlers handlers = { .spooled = spooled };
    struct link_counts counts;
    (void)state;
    (void)submit();
    (void)submit();
    link_close(trunk); /* which says nothing to anybody */
    assert_int_equal(link_open(&trunk, &settings, &handlers, NULL), 0);
    link_count(trunk, &counts);
    assert_int_equal(counts.waiting, 2);
    (void)link_turn(trunk, START_MS);
    (void)link_turn(trunk,
                    START_MS + LINK_SILENCE_MS); /* into the spool, and out of the other file */
    link_close(trunk);
    (void)unlink(path);
    assert_int_equal(link_open(&trunk, &settings, &handlers, NULL), 0);
    link_count(trunk, &counts);
    assert_int_equal(counts.waiting, 0);
}

/* A program's next life reads what the one before left; room for the frames is the test's. */
static void rise(struct backlog *backlog, const struct backlog_settings *room)
{
    *backlog = (struct backlog){ .head = 0 };
    assert_int_equal(backlog_open(backlog, room), 0);
}

static void an_answer_takes_nothing_along_that_waits_behind_it_in_the_spool(void **state)
{
    static struct backlog backlog;
    static struct frame frame;
    static uint8_t bytes[FRAME_MAX_BYTES];
    char own[sizeof folder + 8];
    uint64_t ticket;
    (void)state;
    (void)snprintf(own, sizeof own, "%s/own", folder);
    struct codec *codec = codec_open();
    struct backlog_settings room = {
        .spool_path = own, .codec = codec, .frame = &frame, .bytes = bytes
    };
    rise(&backlog, &room);
    for (uint64_t i = 1; i <= 2; i++) {
        frame = (struct frame){ .kind = FRAME_SUBMIT };
        frame.submit.has_command = true;
        frame.submit.command.kind = COMMAND_TAKER_READY;
        assert_int_equal(backlog_add(&backlog, i), 0);
    }
    backlog_stamp(&backlog, START_MS);
    backlog_spool(&backlog, START_MS, 0);
    assert_int_equal(backlog.in_spool, 2);
    assert_non_null(backlog_due(&backlog, START_MS));
    window_sent(&backlog.window, START_MS);
    assert_true(backlog_answer(&backlog, backlog.window.epoch, 1, START_MS, &ticket));
    assert_int_equal(ticket, 1);
    backlog_close(&backlog); /* killed before the second one's answer */
    rise(&backlog, &room);
    uint64_t waiting = window_waiting(&backlog.window);
    assert_true(waiting > 0);
    while (waiting-- > 0) {
        assert_non_null(backlog_due(&backlog, START_MS));
        window_sent(&backlog.window, START_MS);
        assert_true(
            backlog_answer(&backlog, backlog.window.epoch, backlog.window.base, START_MS, &ticket));
    }
    backlog_close(&backlog);
    rise(&backlog, &room); /* all was answered: nothing is left */
    assert_int_equal(window_waiting(&backlog.window), 0);
    backlog_close(&backlog);
    codec_close(codec);
    (void)unlink(own);
}

/* Whoever hears that it was refused hears what it was, also of an earlier process's. */
static void what_an_earlier_process_said_is_read_back_when_its_answer_comes(void **state)
{
    static struct backlog backlog;
    static struct frame frame;
    static uint8_t bytes[FRAME_MAX_BYTES];
    char own[sizeof folder + 8];
    (void)state;
    (void)snprintf(own, sizeof own, "%s/own", folder);
    struct codec *codec = codec_open();
    struct backlog_settings room = {
        .spool_path = own, .codec = codec, .frame = &frame, .bytes = bytes
    };
    rise(&backlog, &room);
    assert_false(backlog_read_oldest(&backlog, 1)); /* nothing was said */
    frame = (struct frame){ .kind = FRAME_SUBMIT };
    frame.submit.has_command = frame.submit.has_personal = true;
    frame.submit.command.kind = COMMAND_CONTACT_ARRIVE;
    frame.submit.command.contact_arrive.call = 77;
    (void)snprintf(frame.submit.personal.number, sizeof frame.submit.personal.number, "138");
    assert_int_equal(backlog_add(&backlog, 1), 0);
    backlog_stamp(&backlog, START_MS);
    backlog_spool(&backlog, START_MS, 0);
    backlog_close(&backlog);
    rise(&backlog, &room);
    memset(&frame, 0, sizeof frame);
    assert_false(backlog_read_oldest(&backlog, backlog.window.base + 1));
    assert_true(backlog_read_oldest(&backlog, backlog.window.base));
    assert_int_equal(frame.submit.command.contact_arrive.call, 77);
    assert_string_equal(frame.submit.personal.number, "138");
    backlog_close(&backlog);
    codec_close(codec);
    (void)unlink(own);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_link, close_link)
    const struct CMUnitTest tests[] = {
        TEST(a_quiet_link_alone_sends_nothing_to_the_spool),
        TEST(a_submission_unanswered_for_the_silence_is_spooled),
        TEST(what_was_submitted_in_the_instant_of_a_kill_is_submitted_again),
        TEST(a_submission_is_spooled_at_once_while_the_link_is_down),
        TEST(a_link_that_reaches_nobody_sleeps_between_its_tries),
        TEST(an_answer_takes_nothing_along_that_waits_behind_it_in_the_spool),
        TEST(what_an_earlier_process_said_is_read_back_when_its_answer_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
