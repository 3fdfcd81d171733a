/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two real dispatchers over one PostgreSQL: what one promised the other has, and never do both lead.
 *     test_second PATH-OF-YIHAO-DISPATCHER */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "tests/fake/postgresql.h"
#include "tests/fake/program.h"

enum {
    CALLS = 20,
    ENDS_MS = 10000,
    SPEAKS_MS_MAX = 3000,
    AFTERWARDS = 1000000 /* a call that nobody told before */
};

static const char *const programs[] = { "dispatcher", "trunk-1", "console", NULL };
static const char *dispatcher;
static struct home first, second;
static uint64_t contacts[CALLS];

static int set_up(void **state)
{
    (void)state;
    postgresql_start();
    home_make(&first, programs);
    home_name_annals(&first, postgresql_place("yihao", "annals"));
    home_make_second(&first, &second);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    home_remove(&first);
    home_remove(&second);
    postgresql_stop();
    return 0;
}

/* The same call each time it is told: the first says which contact it is, the others hear it again. */
static uint64_t tell_call(struct program *trunk, uint64_t call)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    struct personal personal = { .number = "13800001111" };
    command.contact_arrive =
        (struct contact_arrive){ .call = call, .line = 110, .channel = CHANNEL_VOICE };
    (void)snprintf(command.key, sizeof command.key, "call-%llu", (unsigned long long)call);
    const struct outcome *outcome = program_submit(trunk, &command, &personal, NULL);
    assert_int_equal(outcome->refusal, REFUSAL_NONE);
    return outcome->contact;
}

static void tell_calls(const struct home *home, uint64_t from, uint64_t to)
{
    struct program *trunk = program_open(home, "trunk-1", NULL, false, 0);
    program_wait_up(trunk);
    for (uint64_t call = 0; call < to; call++) {
        uint64_t contact = tell_call(trunk, call + 1);
        assert_true(contact > 0);
        if (call >= from)
            contacts[call] = contact;
        assert_true(contacts[call] == contact);
    }
    program_close(trunk);
}

/* What is sealed of a caller opens on the other machine, too. */
static void number_opens(const struct home *home, uint64_t contact)
{
    uint8_t token[32];
    struct program *console = program_open(home, "console", NULL, false, 0);
    program_wait_up(console);
    assert_int_equal(program_sign_in(console, "2001", HOME_PASSWORD, token), REFUSAL_NONE);
    struct command read = { .kind = COMMAND_PERSONAL_READ };
    read.personal_read.subject = contact;
    read.personal_read.reason = READ_REASON_SUPERVISION;
    const struct outcome *opened = program_submit(console, &read, NULL, token);
    assert_int_equal(opened->refusal, REFUSAL_NONE);
    assert_string_equal(opened->personal.number, "138****1111"); /* as a supervisor sees it */
    program_close(console);
}

static int status_of_end(struct home *home)
{
    int status = 0;
    uint64_t until_ms = clock_mono_ms() + ENDS_MS;
    while (waitpid(home->dispatcher, &status, WNOHANG) == 0) {
        assert_true(clock_mono_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
    home->dispatcher = 0;
    return status;
}

static void wait_for_log(const struct home *home, const char *words)
{
    char path[160];
    static char log[1 << 16];
    (void)snprintf(path, sizeof path, "%s/dispatcher.log", home->folder);
    for (uint64_t until_ms = clock_mono_ms() + ENDS_MS;;) {
        FILE *file = fopen(path, "re");
        size_t size = file ? fread(log, 1, sizeof log - 1, file) : 0;
        log[size] = '\0';
        if (file)
            (void)fclose(file);
        if (strstr(log, words))
            return;
        assert_true(clock_mono_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
}

static void wait_for_metric(const struct home *home, const char *name, uint64_t value)
{
    uint64_t until_ms = clock_mono_ms() + ENDS_MS;
    while (home_metric(home, name) != value) {
        assert_true(clock_mono_ms() < until_ms);
        (void)poll(NULL, 0, 5);
    }
}

static uint64_t wait_until_leads(const struct home *home, uint64_t begun_ms)
{
    while (home_metric(home, "yihao_journal_epoch") == UINT64_MAX) {
        assert_true(clock_mono_ms() - begun_ms < ENDS_MS);
        (void)poll(NULL, 0, 2);
    }
    return clock_mono_ms() - begun_ms;
}

static void the_second_has_all_that_the_first_said_and_leads_alone(void **state)
{
    (void)state;
    (void)home_start(&first, dispatcher);
    (void)home_start(&second, dispatcher); /* of nothing but the annals */
    tell_calls(&first, 0, CALLS / 2);
    uint64_t epoch = home_metric(&first, "yihao_journal_epoch");
    assert_true(home_metric(&first, "yihao_annals_answer") == 1);
    wait_for_metric(&second, "yihao_standby_turn", home_metric(&first, "yihao_annals_turn"));
    wait_for_metric(&second, "yihao_standby_seq", home_metric(&first, "yihao_journal_seq"));
    assert_true(home_metric(&second, "yihao_standby_live") == 1);
    assert_true(home_metric(&second, "yihao_standby_follows") == 1);
    assert_true(home_metric(&second, "yihao_standby_behind") == 0);

    uint64_t begun_ms = clock_mono_ms();
    assert_int_equal(kill(first.dispatcher, SIGSTOP), 0); /* it hangs, and believes that it leads */
    uint64_t took_ms = wait_until_leads(&second, begun_ms);
    print_message("the second speaks %llu ms after the leader hung\n", (unsigned long long)took_ms);
    assert_true(took_ms < SPEAKS_MS_MAX);
    assert_true(home_metric(&second, "yihao_journal_epoch") > epoch);
    tell_calls(&second, CALLS / 2, CALLS);
    number_opens(&second, contacts[0]);

    assert_int_equal(kill(first.dispatcher, SIGCONT), 0);
    int status = status_of_end(&first);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    wait_for_log(&first, "another dispatcher leads by the annals: ending");
}

/* Started again the first one follows by itself, without a backup; told to end, the second lets it lead at once. */
static void a_leader_that_ends_is_followed_at_once(void **state)
{
    (void)state;
    uint64_t epoch = home_metric(&second, "yihao_journal_epoch");
    first.dispatcher = home_begin(&first, dispatcher);
    wait_for_log(&first, "another dispatcher leads holder=");
    int status = home_stop(&second, SIGTERM);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    print_message("the first speaks %llu ms after the second ended\n",
                  (unsigned long long)wait_until_leads(&first, clock_mono_ms()));
    assert_true(home_metric(&first, "yihao_journal_epoch") > epoch);
    tell_calls(&first, CALLS, CALLS);
}

/* `yihao cluster hand-over`: a gateway that speaks all the time hardly notices. */
static void handed_over_a_gateway_waits_for_a_moment(void **state)
{
    (void)state;
    char path[192];
    int status;
    uint64_t call = CALLS, longest_ms = 0;
    (void)home_start(&second, dispatcher);
    wait_for_metric(&second, "yihao_standby_live", 1);
    (void)snprintf(first.twin, sizeof first.twin, "%s", second.commands);
    struct program *trunk = program_open(&first, "trunk-1", NULL, false, 0);
    program_wait_up(trunk);
    (void)snprintf(path, sizeof path, "%s/run/hand-over", first.folder);
    FILE *word = fopen(path, "we");
    assert_true(word && fclose(word) == 0);
    while (waitpid(first.dispatcher, &status, WNOHANG) == 0 ||
           home_metric(&second, "yihao_journal_epoch") == UINT64_MAX) {
        uint64_t begun_ms = clock_mono_ms();
        assert_true(tell_call(trunk, ++call) > 0);
        uint64_t waited_ms = clock_mono_ms() - begun_ms;
        longest_ms = waited_ms > longest_ms ? waited_ms : longest_ms;
        assert_true(call < 100000);
    }
    first.dispatcher = 0;
    print_message("handed over: the longest wait was %llu ms\n", (unsigned long long)longest_ms);
    assert_true(longest_ms < SPEAKS_MS_MAX / 2);
    program_close(trunk);
    first.dispatcher = home_begin(&first, dispatcher); /* it follows */
    wait_for_metric(&first, "yihao_standby_live", 1);
    assert_true(WIFEXITED(home_stop(&second, SIGTERM)));
    (void)wait_until_leads(&first, clock_mono_ms());
}

/* The database restarts under it: nothing is said meanwhile, nothing is lost or doubled, nobody has to do anything. */
static void a_database_that_restarts_costs_a_pause(void **state)
{
    (void)state;
    struct program *trunk = program_open(&first, "trunk-1", NULL, false, 0);
    program_wait_up(trunk);
    postgresql_restart("work_mem=4MB");
    uint64_t contact = tell_call(trunk, AFTERWARDS);
    assert_true(tell_call(trunk, AFTERWARDS) == contact);
    assert_true(home_metric(&first, "yihao_annals_answer") == 1);
    program_close(trunk);
    int status = home_stop(&first, SIGTERM);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest stories[] = {
        cmocka_unit_test(the_second_has_all_that_the_first_said_and_leads_alone),
        cmocka_unit_test(a_leader_that_ends_is_followed_at_once),
        cmocka_unit_test(handed_over_a_gateway_waits_for_a_moment),
        cmocka_unit_test(a_database_that_restarts_costs_a_pause),
    };
    if (argc != 2)
        return 2;
    dispatcher = argv[1];
    return cmocka_run_group_tests(stories, set_up, tear_down);
}
