/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A real dispatcher process over real sockets: what a program may count on.
 *     test_dispatcher PATH-OF-YIHAO-DISPATCHER */
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
#include <zmq.h>

#include "base/clock.h"
#include "base/text.h"
#include "dispatcher/io/token.h"
#include "gateways/link/link_socket.h"
#include "proto/codec.h"
#include "proto/keys.h"
#include "tests/fake/program.h"

static const char *const programs[] = { "dispatcher", "trunk-1",     "sms-1", "console",
                                        "ctl",        "person.1002", NULL };
static const char *dispatcher;
static struct home home;

static int start(void **state)
{
    (void)state;
    home_make(&home, programs);
    (void)home_start(&home, dispatcher);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (home.dispatcher) {
        int status = home_stop(&home, SIGTERM);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    home_remove(&home);
    return 0;
}

static struct command call_of(uint64_t call)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    command.contact_arrive =
        (struct contact_arrive){ .call = call, .line = 110, .channel = CHANNEL_VOICE };
    (void)snprintf(command.key, sizeof command.key, "call-%llu", (unsigned long long)call);
    return command;
}

static struct personal number(const char *words)
{
    struct personal personal = { .number = "" };
    (void)text_copy(personal.number, sizeof personal.number, words);
    return personal;
}

static void say(struct program *program, enum command_kind kind, const uint8_t *token)
{
    struct command command = { .kind = kind };
    assert_int_equal(program_submit(program, &command, NULL, token)->refusal, REFUSAL_NONE);
}

/* A taker who is signed in, on and ready. */
static void seat(struct program *console, const char *login, uint8_t token[32])
{
    assert_int_equal(program_sign_in(console, login, HOME_PASSWORD, token), REFUSAL_NONE);
    say(console, COMMAND_TAKER_SIGN_ON, token);
    say(console, COMMAND_TAKER_READY, token);
}

static void a_call_is_offered_answered_and_ended(void **state)
{
    (void)state;
    uint8_t token[32];
    struct program *trunk = program_open(&home, "trunk-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, true, 0);
    program_wait_up(trunk);
    program_wait_up(console);
    program_run(trunk, 50);
    assert_int_equal(trunk->setups, 1);
    seat(console, "1001", token);

    struct command command = call_of(1);
    struct personal personal = number("13800001111");
    struct outcome outcome = *program_submit(trunk, &command, &personal, NULL);
    assert_int_equal(outcome.refusal, REFUSAL_NONE);
    assert_int_not_equal(outcome.contact, 0);
    program_wait_orders(trunk, 1);
    assert_int_equal(trunk->orders[0].kind, ORDER_OFFER);
    assert_int_equal(trunk->orders[0].offer.call, 1);
    assert_int_equal(trunk->orders[0].offer.taker, 1001);
    link_order_done(trunk->link, trunk->orders[0].seq);

    uint64_t offer = trunk->orders[0].offer.offer;
    struct command ring = { .kind = COMMAND_OFFER_RING, .offer_ring = { offer } };
    assert_int_equal(program_submit(trunk, &ring, NULL, NULL)->refusal, REFUSAL_NONE);
    struct command answer = { .kind = COMMAND_OFFER_ANSWER, .offer_answer = { offer } };
    assert_int_equal(program_submit(trunk, &answer, NULL, NULL)->refusal, REFUSAL_NONE);

    struct command finish = { .kind = COMMAND_CONTACT_FINISH,
                              .contact_finish = { outcome.contact } };
    assert_int_equal(program_submit(console, &finish, NULL, token)->refusal, REFUSAL_NONE);
    program_wait_orders(trunk, 2);
    assert_int_equal(trunk->orders[1].kind, ORDER_RELEASE);
    assert_int_equal(trunk->orders[1].release.call, 1);

    program_run(console, 300);
    assert_true(console->event_count > 0);
    assert_int_equal(console->event_gaps, 0);
    assert_int_equal(console->event_last, console->told_last);

    struct command read = { .kind = COMMAND_PERSONAL_READ,
                            .personal_read = { outcome.contact, READ_REASON_ANSWERING } };
    const struct outcome *opened = program_submit(console, &read, NULL, token);
    assert_int_equal(opened->refusal, REFUSAL_NONE);
    assert_true(opened->has_personal);
    assert_string_equal(opened->personal.number, "13800001111");
    program_close(trunk);
    program_close(console);
}

static void a_repeated_key_gets_the_stored_answer_and_a_reused_one_is_refused(void **state)
{
    (void)state;
    struct program *trunk = program_open(&home, "trunk-1", NULL, false, 0);
    program_wait_up(trunk);
    struct command command = call_of(20);
    struct personal personal = number("13800002222");
    struct outcome first = *program_submit(trunk, &command, &personal, NULL);
    assert_int_equal(first.refusal, REFUSAL_NONE);
    struct outcome again = *program_submit(trunk, &command, &personal, NULL);
    assert_int_equal(again.contact, first.contact);
    assert_int_equal(again.event_seq, first.event_seq);
    command.contact_arrive.line = 119;
    assert_int_equal(program_submit(trunk, &command, &personal, NULL)->refusal, REFUSAL_KEY_REUSED);
    /* The program restarts and says the same once more. */
    program_close(trunk);
    trunk = program_open(&home, "trunk-1", NULL, false, 0);
    program_wait_up(trunk);
    command.contact_arrive.line = 110;
    assert_int_equal(program_submit(trunk, &command, &personal, NULL)->contact, first.contact);
    program_close(trunk);
}

static void who_asks_decides_what_is_allowed(void **state)
{
    (void)state;
    uint8_t token[32], forged[32] = { 1 };
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(console);
    struct command ready = { .kind = COMMAND_TAKER_READY };
    assert_int_equal(program_submit(console, &ready, NULL, NULL)->refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(program_submit(console, &ready, NULL, forged)->refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(program_sign_in(console, "1002", "wrong", token), REFUSAL_BAD_PASSWORD);
    assert_int_equal(program_sign_in(console, "nobody", HOME_PASSWORD, token),
                     REFUSAL_BAD_PASSWORD);
    assert_int_equal(program_sign_in(console, "1002", HOME_PASSWORD, token), REFUSAL_NONE);
    struct command tick = { .kind = COMMAND_TICK };
    assert_int_equal(program_submit(console, &tick, NULL, token)->refusal, REFUSAL_NOT_ALLOWED);
    struct command arrive = call_of(30);
    assert_int_equal(program_submit(console, &arrive, NULL, token)->refusal, REFUSAL_NOT_ALLOWED);
    struct query status = { .kind = QUERY_STATUS }, contacts = { .kind = QUERY_CONTACTS };
    assert_int_equal(program_ask(console, &status, NULL)->kind, ANSWER_STATUS);
    assert_int_equal(program_ask(console, &contacts, NULL)->refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(program_ask(console, &contacts, token)->kind, ANSWER_CONTACTS);
    assert_int_equal(link_sign_out(console->link, token, 32), 0);
    program_run(console, 200);
    assert_int_equal(program_ask(console, &contacts, token)->refusal, REFUSAL_NOT_SIGNED_IN);
    program_close(console);
}

/* The newest order of this kind for this call; what earlier tests left undone may come before it. */
static const struct order *ordered(struct program *trunk, uint32_t kind, uint64_t call)
{
    for (;;) {
        for (uint32_t i = trunk->order_count; i > 0; i--) {
            const struct order *order = &trunk->orders[i - 1];
            if ((uint32_t)order->kind == kind &&
                (kind == ORDER_OFFER ? order->offer.call : order->release.call) == call)
                return order;
        }
        program_wait_orders(trunk, trunk->order_count + 1);
    }
}

/* A trunk's key, and then the dispatcher's own, change between a call's ring and its end. */
static void keys_change_under_a_call(void **state)
{
    (void)state;
    uint8_t token[32];
    char login[16];
    struct program *trunk = program_open(&home, "trunk-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, true, 0);
    program_wait_up(trunk);
    program_wait_up(console);
    seat(console, "1003", token);
    struct command command = call_of(40);
    struct personal personal = number("13800004040");
    struct outcome outcome = *program_submit(trunk, &command, &personal, NULL);
    struct order_offer offered = ordered(trunk, ORDER_OFFER, 40)->offer;
    link_order_done(trunk->link, ordered(trunk, ORDER_OFFER, 40)->seq);
    (void)snprintf(login, sizeof login, "%u", offered.taker); /* whoever was free */
    assert_int_equal(program_sign_in(console, login, HOME_PASSWORD, token), REFUSAL_NONE);

    assert_int_equal(keys_renew(home.folder, "trunk-1", clock_wall_ms() + 60000), 0);
    program_wait_anew(trunk);
    struct command answer = { .kind = COMMAND_OFFER_ANSWER, .offer_answer = { offered.offer } };
    assert_int_equal(program_submit(trunk, &answer, NULL, NULL)->refusal, REFUSAL_NONE);

    assert_int_equal(keys_renew(home.folder, "dispatcher", clock_wall_ms()), 0);
    program_wait_anew(trunk);
    program_wait_anew(console);
    struct command finish = { .kind = COMMAND_CONTACT_FINISH,
                              .contact_finish = { outcome.contact } };
    assert_int_equal(program_submit(console, &finish, NULL, token)->refusal, REFUSAL_NONE);
    assert_non_null(ordered(trunk, ORDER_RELEASE, 40));
    program_run(console, 300);
    assert_int_equal(console->event_gaps, 0);
    say(console, COMMAND_WRAP_UP_FINISH, token);
    say(console, COMMAND_TAKER_SIGN_OFF, token);
    program_close(trunk);
    program_close(console);
}

/* A program's key speaks for what such a program does, and for nobody who signed in elsewhere. */
static void each_program_says_what_is_its_own(void **state)
{
    (void)state;
    uint8_t token[32];
    struct program *sms = program_open(&home, "sms-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(sms);
    program_wait_up(console);
    struct command ring = { .kind = COMMAND_OFFER_RING, .offer_ring = { 1 } };
    struct command ready = { .kind = COMMAND_TAKER_READY };
    struct command doubt = { .kind = COMMAND_HISTORY_DOUBT };
    assert_int_equal(program_submit(sms, &ring, NULL, NULL)->refusal, REFUSAL_NOT_ALLOWED);
    assert_int_equal(program_submit(sms, &doubt, NULL, NULL)->refusal, REFUSAL_NOT_ALLOWED);
    assert_int_equal(program_sign_in(console, "1001", HOME_PASSWORD, token), REFUSAL_NONE);
    assert_int_equal(program_submit(sms, &ready, NULL, token)->refusal, REFUSAL_NOT_ALLOWED);
    uint64_t before = home_metric(&home, "yihao_frames_objected_total{cause=\"not_its_own\"}");
    assert_int_equal(link_sign_out(sms->link, token, 32), 0);
    while (home_metric(&home, "yihao_frames_objected_total{cause=\"not_its_own\"}") == before)
        program_run(sms, 20);
    struct query contacts = { .kind = QUERY_CONTACTS };
    assert_int_equal(program_ask(console, &contacts, token)->kind, ANSWER_CONTACTS);
    program_close(sms);
    program_close(console);
}

/* The key of a person's client and the login belong together, whatever password comes along. */
static void a_persons_client_serves_that_person_alone(void **state)
{
    (void)state;
    uint8_t mine[32], theirs[32];
    struct query contacts = { .kind = QUERY_CONTACTS };
    struct program *person = program_open(&home, "person.1002", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(person);
    program_wait_up(console);
    assert_int_equal(program_sign_in(person, "1001", HOME_PASSWORD, theirs), REFUSAL_NOT_ALLOWED);
    assert_int_equal(program_sign_in(console, "1001", HOME_PASSWORD, theirs), REFUSAL_NONE);
    assert_int_equal(program_ask(person, &contacts, theirs)->refusal, REFUSAL_NOT_ALLOWED);
    struct command ready = { .kind = COMMAND_TAKER_READY };
    assert_int_equal(program_submit(person, &ready, NULL, theirs)->refusal, REFUSAL_NOT_ALLOWED);
    assert_int_equal(program_prove(person, HOME_PASSWORD, theirs), REFUSAL_NOT_ALLOWED);
    assert_int_equal(program_sign_in(person, "1002", HOME_PASSWORD, mine), REFUSAL_NONE);
    assert_int_equal(program_ask(person, &contacts, mine)->kind, ANSWER_CONTACTS);
    program_close(person);
    program_close(console);
}

/* Orders, sessions, answers and the stream outlive the dispatcher. */
static void nothing_is_forgotten_when_the_dispatcher_is_killed(void **state)
{
    (void)state;
    uint8_t token[32];
    struct program *trunk = program_open(&home, "trunk-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, true, 0);
    program_wait_up(trunk);
    program_wait_up(console);
    seat(console, "1003", token);
    struct command command = call_of(40);
    struct personal personal = number("13800004444");
    struct outcome outcome = *program_submit(trunk, &command, &personal, NULL);
    program_wait_orders(trunk, 1);
    /* The trunk dies with the order in its hands, the dispatcher too. */
    program_close(trunk);
    (void)home_stop(&home, SIGKILL);
    (void)home_start(&home, dispatcher);
    trunk = program_open(&home, "trunk-1", NULL, false, 0);
    program_wait_up(trunk);
    program_wait_orders(trunk, 1);
    assert_int_equal(program_submit(trunk, &command, &personal, NULL)->contact, outcome.contact);
    program_run(console, 2500);
    assert_true(link_is_up(console->link));
    struct query contacts = { .kind = QUERY_CONTACTS };
    assert_int_equal(program_ask(console, &contacts, token)->kind, ANSWER_CONTACTS);
    assert_int_equal(console->event_gaps, 0);
    assert_int_equal(console->event_last, console->told_last);
    program_close(trunk);
    program_close(console);
}

/* ---- the city ------------------------------------------------------------------------------ */

/* Drops the line that begins with the words from a table, keeping the table aside; or puts it back. */
static void cut_row(const char *table, const char *row)
{
    char words[512];
    (void)snprintf(words, sizeof words,
                   "cd %s/city && cp %s %s.whole && sed -i '/^%s,/d' %s && ! cmp -s %s %s.whole",
                   home.folder, table, table, row, table, table, table);
    assert_int_equal(system(words), 0); // NOLINT(cert-env33-c): a test's own fixed words
}

/* Gives the city's parameter another value, keeping the table aside. */
static void set_parameter(const char *name, const char *value)
{
    char words[512];
    (void)snprintf(words, sizeof words,
                   "cd %s/city && cp parameters.csv parameters.csv.whole && "
                   "sed -i 's/^%s,.*/%s,%s/' parameters.csv",
                   home.folder, name, name, value);
    assert_int_equal(system(words), 0); // NOLINT(cert-env33-c): a test's own fixed words
}

static void put_back(const char *table)
{
    char words[512];
    (void)snprintf(words, sizeof words, "mv %s/city/%s.whole %s/city/%s", home.folder, table,
                   home.folder, table);
    assert_int_equal(system(words), 0); // NOLINT(cert-env33-c): a test's own fixed words
}

/* SIGHUP, and what the dispatcher makes of it. Returns how many events that was. */
static uint64_t load_city(void)
{
    uint64_t before = home_metric(&home, "yihao_journal_seq"), now = before;
    assert_int_equal(kill(home.dispatcher, SIGHUP), 0);
    for (int i = 0; i < 500 && now == before; i++) {
        (void)poll(NULL, 0, 10);
        now = home_metric(&home, "yihao_journal_seq");
    }
    return now - before;
}

/* A test run at night waits for no morning. */
static void no_quiet_hours(void)
{
    char words[512];
    (void)snprintf(words, sizeof words,
                   "cd %s/city && cp parameters.csv parameters.csv.whole && "
                   "sed -i '/^text_quiet_/d' parameters.csv && "
                   "printf 'text_quiet_begin_min,0\\ntext_quiet_end_min,0\\n' >> parameters.csv",
                   home.folder);
    assert_int_equal(system(words), 0); // NOLINT(cert-env33-c): a test's own fixed words
    (void)load_city();
}

static const struct category_row *category_of(struct program *console, const uint8_t *token,
                                              uint32_t category)
{
    struct query query = { .kind = QUERY_CITY,
                           .city = { .table = CITY_TABLE_CATEGORIES, .after = category - 1 } };
    const struct answer *answer = program_ask(console, &query, token);
    assert_int_equal(answer->kind, ANSWER_CATEGORIES);
    assert_int_equal(answer->categories.rows[0].category, category);
    return &answer->categories.rows[0];
}

static bool unit_is_retired(struct program *console, const uint8_t *token, uint32_t unit)
{
    struct query query = { .kind = QUERY_CITY,
                           .city = { .table = CITY_TABLE_UNITS, .after = unit - 1 } };
    const struct answer *answer = program_ask(console, &query, token);
    assert_int_equal(answer->kind, ANSWER_UNITS);
    assert_int_equal(answer->units.rows[0].unit, unit);
    assert_string_equal(answer->units.rows[0].kind, "engine");
    return answer->units.rows[0].retired;
}

static enum refusal register_as(struct program *console, const uint8_t *token, uint32_t category)
{
    struct command command = { .kind = COMMAND_INCIDENT_REGISTER,
                               .incident_register = { .category = category, .line = 12345 } };
    return program_submit(console, &command, NULL, token)->refusal;
}

static void a_row_that_vanished_is_retired_until_it_comes_back(void **state)
{
    (void)state;
    uint8_t token[32], gone[32], none[32];
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(console);
    assert_int_equal(program_sign_in(console, "1010", HOME_PASSWORD, token), REFUSAL_NONE);
    assert_int_equal(program_sign_in(console, "1011", HOME_PASSWORD, gone), REFUSAL_NONE);
    assert_int_equal(register_as(console, token, 100200), REFUSAL_NONE);

    cut_row("categories.csv", "100200");
    cut_row("users.csv", "1011");
    cut_row("units.csv", "302");
    assert_int_equal(load_city(), 4); /* three rows, and the load itself */
    assert_int_equal(register_as(console, token, 100200), REFUSAL_NO_SUCH_CATEGORY);
    assert_int_equal(register_as(console, gone, 100300), REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(program_sign_in(console, "1011", HOME_PASSWORD, none), REFUSAL_BAD_PASSWORD);
    assert_true(unit_is_retired(console, token, 302));
    assert_false(unit_is_retired(console, token, 303));
    assert_true(category_of(console, token, 100200)->retired);
    assert_string_equal(category_of(console, token, 100200)->name_zh, "误拨/打错");

    /* Nothing comes twice, neither by the same tables nor after a start. */
    (void)home_stop(&home, SIGKILL);
    (void)home_start(&home, dispatcher);
    program_run(console, 2500);
    assert_true(category_of(console, token, 100200)->retired);

    put_back("categories.csv");
    put_back("users.csv");
    put_back("units.csv");
    assert_int_equal(load_city(), 4);
    assert_false(unit_is_retired(console, token, 302));
    assert_false(category_of(console, token, 100200)->retired);
    assert_int_equal(register_as(console, token, 100200), REFUSAL_NONE);
    assert_int_equal(program_sign_in(console, "1011", HOME_PASSWORD, gone), REFUSAL_NONE);
    program_close(console);
}

/* ---- step-up --------------------------------------------------------------------------------- */

/* A session of this user that opened and was proved so long ago: the home's key signs it. */
static void forge(uint32_t user, uint64_t ago_ms, uint8_t bytes[32])
{
    uint8_t orders[32], key[TOKEN_KEY_BYTES];
    uint64_t at_ms = clock_wall_ms() - ago_ms;
    struct token token = { .user = user, .opened_ms = at_ms, .proved_ms = at_ms };
    assert_int_equal(keys_read_bytes(home.folder, "orders.key", orders, sizeof orders), 0);
    token_key(orders, key);
    token_make(key, &token, bytes);
}

static enum refusal answer_to(struct program *console, const struct command *command,
                              const uint8_t *token)
{
    return program_submit(console, command, NULL, token)->refusal;
}

static void a_step_that_matters_wants_a_fresh_proof(void **state)
{
    (void)state;
    enum {
        MINUTE_MS = 60000,
        SUPERVISOR = 2002,
        AUDITOR = 3002
    };
    uint8_t old[32], stale[32], fresh[32];
    struct program *console = program_open(&home, "console", NULL, false, 0);
    struct command listen = { .kind = COMMAND_PARTY_INVITE,
                              .key = "listen",
                              .party_invite = { .contact = 1, .role = PARTY_ROLE_LISTENER } };
    struct command take = { .kind = COMMAND_EXPORT_BEGIN,
                            .key = "take",
                            .export_begin = { .kind = EXPORT_KIND_TABLE, .rows = 7 } };
    program_wait_up(console);
    forge(SUPERVISOR, 6 * MINUTE_MS, stale);
    forge(SUPERVISOR, 4 * MINUTE_MS, fresh);
    forge(SUPERVISOR, 12 * 60 * MINUTE_MS + MINUTE_MS, old);
    assert_int_equal(answer_to(console, &listen, stale), REFUSAL_PROOF_WANTED);
    assert_int_equal(answer_to(console, &take, stale), REFUSAL_PROOF_WANTED);
    assert_int_equal(answer_to(console, &take, old), REFUSAL_NOT_SIGNED_IN);
    assert_int_not_equal(answer_to(console, &listen, fresh), REFUSAL_PROOF_WANTED);
    struct query manifest = { .kind = QUERY_MANIFEST, .manifest = { .first = 1, .last = 1 } };
    assert_int_equal(program_ask(console, &manifest, stale)->refusal, REFUSAL_PROOF_WANTED);
    /* What is not in the table goes on: a third party is invited, a number is read. */
    listen.party_invite.role = PARTY_ROLE_GUEST;
    listen.key[0] = 0;
    assert_int_not_equal(answer_to(console, &listen, stale), REFUSAL_PROOF_WANTED);
    struct query status = { .kind = QUERY_STATUS };
    assert_int_equal(program_ask(console, &status, stale)->refusal, REFUSAL_NONE);

    uint64_t seq = home_metric(&home, "yihao_journal_seq");
    assert_int_equal(program_prove(console, "wrong", stale), REFUSAL_BAD_PASSWORD);
    assert_int_equal(answer_to(console, &take, stale), REFUSAL_PROOF_WANTED);
    assert_int_equal(program_prove(console, HOME_PASSWORD, stale), REFUSAL_NONE);
    assert_int_not_equal(program_ask(console, &manifest, stale)->refusal, REFUSAL_PROOF_WANTED);
    assert_int_equal(answer_to(console, &take, stale), REFUSAL_NONE);   /* under the same key */
    assert_int_equal(home_metric(&home, "yihao_journal_seq"), seq + 3); /* refused, proved, begun */
    assert_int_equal(program_prove(console, HOME_PASSWORD, old), REFUSAL_NOT_SIGNED_IN);

    /* Nobody proves themselves for somebody else, and a sign-out ends the proven session, too. */
    forge(AUDITOR, 6 * MINUTE_MS, old);
    take.key[0] = 0;
    assert_int_equal(answer_to(console, &take, old), REFUSAL_PROOF_WANTED);
    assert_int_equal(link_sign_out(console->link, stale, 32), 0);
    assert_int_equal(program_prove(console, HOME_PASSWORD, stale), REFUSAL_NOT_SIGNED_IN);
    program_close(console);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static uint64_t register_for(struct program *console, const uint8_t *token, uint64_t contact,
                             const char *citizen)
{
    struct command command = { .kind = COMMAND_INCIDENT_REGISTER };
    command.incident_register =
        (struct incident_register){ .contact = contact, .category = 210200, .line = 12345 };
    struct personal personal = number(citizen);
    const struct outcome *outcome =
        program_submit(console, &command, citizen[0] ? &personal : NULL, token);
    assert_int_equal(outcome->refusal, REFUSAL_NONE);
    return outcome->incident;
}

static void the_first_text_decides_the_language_of_all(void **state)
{
    (void)state;
    uint8_t token[32];
    static struct personal words;
    struct program *sms = program_open(&home, "sms-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(sms);
    program_wait_up(console);
    assert_int_equal(program_sign_in(console, "2001", HOME_PASSWORD, token), REFUSAL_NONE);
    struct command command = call_of(700);
    command.contact_arrive.line = 12345;
    command.contact_arrive.channel = CHANNEL_SMS;
    words = number("13800007777");
    (void)text_copy(words.text, sizeof words.text, "The lift is stuck on floor 3");
    uint64_t contact = program_submit(sms, &command, &words, NULL)->contact;
    (void)register_for(console, token, contact, "");
    (void)register_for(console, token, 0, "13800007778");
    program_wait_orders(sms, 2);
    assert_string_equal(sms->orders[0].text.number, "13800007777");
    assert_non_null(strstr(sms->orders[0].text.words, "Your request is recorded"));
    assert_string_equal(sms->orders[1].text.number, "13800007778");
    assert_non_null(strstr(sms->orders[1].text.words, "您的诉求已受理"));
    program_close(sms);
    program_close(console);
}

static const struct text_preview *preview_of(struct program *console, const uint8_t *token,
                                             uint64_t incident, const char *text)
{
    static struct query query;
    query.kind = QUERY_TEXT_PREVIEW;
    query.text_preview.incident = incident;
    (void)text_copy(query.text_preview.text, sizeof query.text_preview.text, text);
    const struct answer *answer = program_ask(console, &query, token);
    assert_int_equal(answer->refusal, REFUSAL_NONE);
    assert_int_equal(answer->kind, ANSWER_TEXT_PREVIEW);
    return &answer->text_preview;
}

static uint64_t task_of(struct program *console, const uint8_t *token, uint64_t incident)
{
    struct query query = { .kind = QUERY_INCIDENT, .incident = { .incident = incident } };
    return program_ask(console, &query, token)->incident_detail.tasks[0].task;
}

/* Soon, among what else goes out. */
static bool was_ordered(struct program *sms, const char *words)
{
    for (int round = 0; round < 100; round++) {
        for (uint32_t i = 0; i < sms->order_count; i++)
            if (strcmp(sms->orders[i].text.words, words) == 0)
                return true;
        program_run(sms, 100);
    }
    return false;
}

static void a_reply_goes_out_as_its_preview_showed(void **state)
{
    (void)state;
    uint8_t taker[32], officer[32];
    static struct personal words;
    static char shown[3001], long_words[3001];
    struct program *sms = program_open(&home, "sms-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(sms);
    program_wait_up(console);
    no_quiet_hours();
    assert_int_equal(program_sign_in(console, "2001", HOME_PASSWORD, taker), REFUSAL_NONE);
    assert_int_equal(program_sign_in(console, "hw", HOME_PASSWORD, officer), REFUSAL_NONE);
    uint64_t incident = register_for(console, taker, 0, "13800007779");
    uint64_t others = register_for(console, taker, 0, "13800007780");
    struct command command = { .kind = COMMAND_INCIDENT_DISPATCH };
    command.incident_dispatch.incident = incident;
    command.incident_dispatch.lead = 53;
    (void)program_submit(console, &command, NULL, taker);
    uint64_t task = task_of(console, officer, incident);
    command = (struct command){ .kind = COMMAND_TASK_SIGN, .task_sign = { .task = task } };
    (void)program_submit(console, &command, NULL, officer);

    for (int i = 0; i < 900; i++) /* ten messages hold 670 */
        (void)text_copy(long_words + strlen(long_words), sizeof long_words - strlen(long_words),
                        "长");
    assert_true(preview_of(console, officer, incident, long_words)->cut);
    const struct text_preview *preview = preview_of(console, officer, incident, "电梯已修复");
    assert_false(preview->cut || preview->english || preview->gsm7);
    assert_int_equal(preview->excuse, TEXT_EXCUSE_NONE);
    assert_int_equal(preview->until_ms, 0);
    assert_int_equal(preview->parts, 1);
    assert_non_null(strstr(preview->words, "答复：电梯已修复"));
    (void)text_copy(shown, sizeof shown, preview->words);

    command = (struct command){ .kind = COMMAND_TASK_REPLY,
                                .task_reply = { .task = task, .solved = DEGREE_YES } };
    (void)text_copy(words.text, sizeof words.text, "电梯已修复");
    (void)program_submit(console, &command, &words, officer);
    assert_true(was_ordered(sms, shown));
    assert_int_equal(preview_of(console, officer, incident, "x")->excuse, TEXT_EXCUSE_SENT_BEFORE);

    struct query query = { .kind = QUERY_TEXT_PREVIEW, .text_preview = { .incident = others } };
    assert_int_equal(program_ask(console, &query, officer)->refusal, REFUSAL_NOT_YOURS);
    put_back("parameters.csv");
    (void)load_city();
    program_close(sms);
    program_close(console);
}

static void count_fall(void *owner, const struct stored_event *row, const struct event *event)
{
    unsigned *falls = owner;
    (void)row;
    *falls += event->kind == EVENT_GATEWAY_FELL;
}

/* Not after ten minutes of silence: its connection is seen to be over, and the twin answers who is in danger. */
static void a_message_gateway_that_was_killed_is_missed_at_once(void **state)
{
    (void)state;
    unsigned falls = 0;
    struct program *sms = program_open(&home, "sms-1", NULL, false, 0);
    struct program *console = program_open(&home, "console", NULL, true, 0);
    console->owner = &falls;
    console->on_event = count_fall;
    set_parameter("gateway_lost_ms", "10m");
    assert_int_equal(load_city(), 2); /* the value, and the load itself */
    program_wait_up(sms);
    program_wait_up(console);
    program_run(console, 100);
    falls = 0; /* of before */
    program_close(sms);
    for (int i = 0; i < 200 && falls == 0; i++)
        program_run(console, 100);
    assert_int_equal(falls, 1);
    put_back("parameters.csv");
    assert_int_equal(load_city(), 2);
    program_close(console);
}

static enum text_state state_of_text(struct program *console, const uint8_t *token,
                                     uint64_t incident)
{
    struct query query = { .kind = QUERY_TEXTS, .texts = { incident } };
    const struct answer *answer = program_ask(console, &query, token);
    assert_int_equal(answer->kind, ANSWER_TEXTS);
    assert_int_equal(answer->texts.rows_count, 1);
    assert_int_equal(answer->texts.rows[0].template, TEMPLATE_RECEIVED);
    return answer->texts.rows[0].state;
}

/* Nobody waits for a report that cannot come: the system itself says that the text failed. */
static void a_text_that_no_gateway_can_send_has_failed(void **state)
{
    (void)state;
    uint8_t token[32];
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(console);
    assert_int_equal(program_sign_in(console, "1013", HOME_PASSWORD, token), REFUSAL_NONE);
    uint64_t sendable = register_for(console, token, 0, "13800008881");
    cut_row("gateways.csv", "[0-9]*,sms-[12]");
    assert_int_equal(load_city(), 3);
    uint64_t stuck = register_for(console, token, 0, "13800008882");
    assert_int_equal(state_of_text(console, token, sendable), TEXT_STATE_ORDERED);
    assert_int_equal(state_of_text(console, token, stuck), TEXT_STATE_FAILED);
    put_back("gateways.csv");
    assert_int_equal(load_city(), 3);
    assert_int_equal(state_of_text(console, token, register_for(console, token, 0, "13800008883")),
                     TEXT_STATE_ORDERED);
    program_close(console);
}

static unsigned arrivals[600];

static void count_arrival(void *owner, const struct stored_event *row, const struct event *event)
{
    (void)owner, (void)row;
    if (event->kind == EVENT_CONTACT_ARRIVED && event->contact_arrived.call < 600)
        arrivals[event->contact_arrived.call]++;
}

/* Survivable: no dispatcher, a spool, a restart of the gateway; then everything arrives once. */
static void what_was_spooled_arrives_once(void **state)
{
    (void)state;
    char spool[192];
    (void)snprintf(spool, sizeof spool, "%s/trunk-1.spool", home.folder);
    struct program *trunk = program_open(&home, "trunk-1", spool, false, 0);
    program_wait_up(trunk);
    (void)home_stop(&home, SIGKILL);
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t ticket;
        struct command command = call_of(500 + i);
        struct personal personal = number("13800005555");
        assert_int_equal(link_submit(trunk->link, &command, &personal, NULL, 0, &ticket), 0);
    }
    program_run(trunk, 1500);
    assert_int_equal(trunk->spooled, 50);
    program_close(trunk);
    (void)home_start(&home, dispatcher);
    struct program *console = program_open(&home, "console", NULL, true, 0);
    console->on_event = count_arrival;
    trunk = program_open(&home, "trunk-1", spool, false, 0);
    struct link_counts counts = { .outcomes = 0 };
    for (int i = 0; i < 200 && counts.outcomes < 50; i++) {
        program_run(trunk, 50);
        link_count(trunk->link, &counts);
    }
    assert_int_equal(counts.outcomes, 50);
    program_close(trunk);
    trunk = program_open(&home, "trunk-1", spool, false, 0);
    program_wait_up(trunk);
    program_run(trunk, 300);
    program_run(console, 1500);
    for (uint64_t i = 500; i < 550; i++)
        assert_int_equal(arrivals[i], 1);
    program_close(console);
    link_count(trunk->link, &counts);
    assert_int_equal(counts.outcomes, 0);
    program_close(trunk);
}

static void garbage_is_counted_and_changes_nothing(void **state)
{
    (void)state;
    struct link_settings keys;
    home_link(&home, "ctl", &keys);
    struct link_socket_settings settings = { keys.endpoint, keys.server_public, keys.public_key,
                                             keys.secret_key, false };
    struct link_socket *rude = NULL;
    uint8_t garbage[2000];
    uint64_t before = home_metric(&home, "yihao_frames_objected_total{cause=\"unreadable\"}");
    uint64_t seq = home_metric(&home, "yihao_journal_seq");
    assert_int_equal(link_socket_open(&rude, &settings), 0);
    unsigned sent = 0;
    for (int i = 0; i < 3000 && sent < 500; i++) {
        memset(garbage, 0x80 | (i & 0x7f), sizeof garbage);
        if (link_socket_send(rude, garbage, (size_t)(i % 1999) + 1) == 0)
            sent++;
        else
            (void)poll(NULL, 0, 10);
    }
    assert_int_equal(sent, 500);
    uint64_t now = before;
    for (int i = 0; i < 300 && now - before < 400; i++) {
        (void)poll(NULL, 0, 10);
        now = home_metric(&home, "yihao_frames_objected_total{cause=\"unreadable\"}");
    }
    assert_true(now - before >= 400); /* some happen to be readable and say nothing */
    assert_int_equal(home_metric(&home, "yihao_journal_seq"), seq);
    link_socket_close(rude);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_offered_answered_and_ended),
        cmocka_unit_test(a_repeated_key_gets_the_stored_answer_and_a_reused_one_is_refused),
        cmocka_unit_test(who_asks_decides_what_is_allowed),
        cmocka_unit_test(keys_change_under_a_call),
        cmocka_unit_test(each_program_says_what_is_its_own),
        cmocka_unit_test(a_persons_client_serves_that_person_alone),
        cmocka_unit_test(garbage_is_counted_and_changes_nothing),
        cmocka_unit_test(nothing_is_forgotten_when_the_dispatcher_is_killed),
        cmocka_unit_test(what_was_spooled_arrives_once),
        cmocka_unit_test(a_row_that_vanished_is_retired_until_it_comes_back),
        cmocka_unit_test(a_step_that_matters_wants_a_fresh_proof),
        cmocka_unit_test(the_first_text_decides_the_language_of_all),
        cmocka_unit_test(a_text_that_no_gateway_can_send_has_failed),
        cmocka_unit_test(a_message_gateway_that_was_killed_is_missed_at_once),
        cmocka_unit_test(a_reply_goes_out_as_its_preview_showed),
    };
    if (argc != 2)
        return 2;
    dispatcher = argv[1];
    return cmocka_run_group_tests(tests, start, stop);
}
