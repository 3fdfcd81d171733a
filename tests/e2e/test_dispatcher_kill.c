/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dispatcher is killed at random moments while calls come in, are offered, answered and ended;
 * now and then it is stopped properly and leaves a snapshot, now and then that is cut off.
 * An auditor that shares no code with it follows the event stream and the outcomes and demands:
 * nothing acknowledged is lost, nothing happens twice, the queue's order holds, the chain verifies,
 * and it is back within a second (reference: fault F2).
 *     test_dispatcher_kill PATH-OF-YIHAO-DISPATCHER ROUNDS SEED
 *         [standby | annals | arbiter PATH-OF-YIHAO-ARBITER | kills PATH-OF-YIHAO-ARBITER] [FORMER]
 *         [partitions PATH-OF-YIHAO-ARBITER] [annals-partitions]
 *         [memory | EIO | ENOSPC | EINTR | short | kill PATH-OF-LIBYIHAO_FAULT]
 * With "standby" there are two dispatchers: the leader is killed for good each time, the standby is told
 * to lead and must speak within TAKE_OVER_MS_MAX, and the same is demanded across all of them. With "arbiter"
 * nobody tells it: the third voice is killed and comes back, then the leader is killed for good, or stopped until it
 * is none any more, or goes on alone so that the standby must not lead.
 * With "kills" (by the arbiter) and "annals" (by a PostgreSQL of its own) each round hands the lead over once and kills the
 * leader once, under calls; the end says how long a gateway waited for an answer, p50, p99 and the longest. FORMER is the
 * yihao-dispatcher of another version, which the second of the two then is (tests/e2e/mixed.sh).
 * With "partitions" nobody is killed: each round cuts the cables between them in every shape there is (partitions.h); with
 * "annals-partitions" those between two dispatchers, their PostgreSQL and the gateway.
 * With a fault's name each round's allocation or system call fails, or is its last (tests/fault). */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/io/turns.h"
#include "dispatcher/journal/chain.h"
#include "tests/e2e/partitions.h"
#include "tests/e2e/waits.h"
#include "tests/fake/cable.h"
#include "tests/fake/postgresql.h"
#include "tests/fake/program.h"
#include "tests/fault/strikes.h"

enum {
    CALLS_MAX = 200000, /* more than 200 rounds have */
    CONTACTS_MAX = 1 << 20,
    TICKETS_MAX = 1 << 21,
    SEATS = 8,
    FIRST_SEAT = 1001,
    CALL_EVERY_MS = 20,
    ALIVE_MS_MIN = 200,
    ALIVE_MS_SPREAD = 1000,
    BACK_MS_MAX = 1000,
    TAKE_OVER_MS_MAX = 3000,
    HAND_OVER_MS_MAX = TURNS_SILENT_MS, /* told, not found silent; the time itself is printed */
    IN_STEP_MS_MAX = 20000,
    SETTLE_MS = 60000
};

/* What one call went through, as the gateway heard it and as the stream tells it. */
struct call {
    uint64_t ticket;
    uint64_t contact; /* of the outcome */
    uint32_t outcomes;
    uint32_t arrivals;
    uint32_t connections;
    uint64_t arrived_as; /* contact of the event */
};

struct city {
    struct home home;
    struct program *trunk, *console;
    uint8_t tokens[SEATS][32];
    uint32_t call_count;
    struct call calls[CALLS_MAX + 1];
    uint32_t call_of_ticket[TICKETS_MAX];  /* arrivals */
    uint64_t ends_of_ticket[TICKETS_MAX];  /* an answered offer: the call to end */
    uint64_t due_of_contact[CONTACTS_MAX]; /* waiting: its due time; 0: not waiting */
    uint32_t call_of_contact[CONTACTS_MAX];
    uint64_t contact_low, contact_high;
    struct chain chain;
    uint64_t offers, order_breaks, chain_breaks, wrap_ups;
    bool seats_ready;
    uint64_t heard_ms,
        gap_ms_max; /* outcomes of the gateway's calls: the last, and the longest time without */
};

static struct city city;

static uint64_t submit(struct program *program, struct command *command,
                       const struct personal *personal, const uint8_t *token)
{
    uint64_t ticket = 0;
    REQUIRE(link_submit(program->link, command, personal, token, token ? 32 : 0, &ticket) == 0);
    REQUIRE(ticket < TICKETS_MAX);
    return ticket;
}

static void arrive(void)
{
    uint32_t call = ++city.call_count;
    REQUIRE(call <= CALLS_MAX);
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    struct personal personal = { .number = "" };
    command.contact_arrive =
        (struct contact_arrive){ .call = call, .line = 110, .channel = CHANNEL_VOICE };
    (void)snprintf(personal.number, sizeof personal.number, "1380%07" PRIu32, call);
    city.calls[call].ticket = submit(city.trunk, &command, &personal, NULL);
    city.call_of_ticket[city.calls[call].ticket] = call;
}

/* ---- the gateway --------------------------------------------------------------------------- */

static void take_order(void *owner, const struct order *order)
{
    (void)owner;
    if (order->kind == ORDER_OFFER) {
        struct command answer = { .kind = COMMAND_OFFER_ANSWER,
                                  .offer_answer = { order->offer.offer } };
        city.ends_of_ticket[submit(city.trunk, &answer, NULL, NULL)] = order->offer.call;
    }
    link_order_done(city.trunk->link, order->seq);
}

static void take_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    (void)owner;
    if (city.call_of_ticket[ticket]) {
        struct call *call = &city.calls[city.call_of_ticket[ticket]];
        REQUIRE(outcome->refusal == REFUSAL_NONE);
        uint64_t now_ms = clock_mono_ms();
        if (city.heard_ms && now_ms - city.heard_ms > city.gap_ms_max)
            city.gap_ms_max = now_ms - city.heard_ms;
        city.heard_ms = now_ms;
        call->outcomes++;
        call->contact = outcome->contact;
    } else if (city.ends_of_ticket[ticket] && outcome->refusal == REFUSAL_NONE) {
        struct command end = { .kind = COMMAND_CONTACT_END };
        end.contact_end = (struct contact_end){ city.ends_of_ticket[ticket], END_CAUSE_CALLER };
        (void)submit(city.trunk, &end, NULL, NULL);
    }
}

/* ---- the auditor --------------------------------------------------------------------------- */

/* Nobody who is due earlier waits while this contact is offered. */
static void audit_offer(uint64_t contact)
{
    city.offers++;
    REQUIRE(contact < CONTACTS_MAX);
    uint64_t due_ms = city.due_of_contact[contact];
    for (uint64_t i = city.contact_low; due_ms && i <= city.contact_high; i++)
        if (city.due_of_contact[i] && i != contact &&
            (city.due_of_contact[i] < due_ms || (city.due_of_contact[i] == due_ms && i < contact)))
            city.order_breaks++;
    city.due_of_contact[contact] = 0;
}

static void audit_arrival(const struct event *event)
{
    REQUIRE(event->contact < CONTACTS_MAX && event->contact_arrived.call <= city.call_count);
    struct call *call = &city.calls[event->contact_arrived.call];
    call->arrivals++;
    call->arrived_as = event->contact;
    city.due_of_contact[event->contact] = event->contact_arrived.due_ms;
    city.call_of_contact[event->contact] = (uint32_t)event->contact_arrived.call;
    if (!city.contact_low)
        city.contact_low = event->contact;
    city.contact_high = event->contact;
    while (city.contact_low < city.contact_high && !city.due_of_contact[city.contact_low])
        city.contact_low++;
}

static void finish_wrap_up(const struct event *event)
{
    if (event->taker < FIRST_SEAT || event->taker >= FIRST_SEAT + SEATS || !city.seats_ready)
        return;
    struct command finish = { .kind = COMMAND_WRAP_UP_FINISH };
    (void)submit(city.console, &finish, NULL, city.tokens[event->taker - FIRST_SEAT]);
    city.wrap_ups++;
}

static void take_event(void *owner, const struct stored_event *row, const struct event *event)
{
    (void)owner;
    city.chain_breaks += chain_follow(&city.chain, row) < 0;
    if (event->kind == EVENT_CONTACT_ARRIVED)
        audit_arrival(event);
    else if (event->kind == EVENT_OFFER_MADE)
        audit_offer(event->contact);
    else if (event->kind == EVENT_CONTACT_CONNECTED)
        city.calls[city.call_of_contact[event->contact]].connections++;
    else if (event->kind == EVENT_CONTACT_ENDED)
        city.due_of_contact[event->contact] = 0;
    else if (event->kind == EVENT_WRAP_UP_STARTED)
        finish_wrap_up(event);
}

/* ---- the drill ----------------------------------------------------------------------------- */

static void run(uint64_t for_ms, bool calls_come)
{
    uint64_t until_ms = clock_mono_ms() + for_ms, next_ms = clock_mono_ms();
    while (clock_mono_ms() < until_ms) {
        if (calls_come && clock_mono_ms() >= next_ms) {
            arrive();
            next_ms += CALL_EVERY_MS;
        }
        program_turn(city.trunk);
        program_turn(city.console);
        struct pollfd fds[] = { { .fd = link_fd(city.trunk->link), .events = POLLIN },
                                { .fd = link_fd(city.console->link), .events = POLLIN } };
        (void)poll(fds, 2, 5);
    }
}

static void open_seats(void)
{
    for (int i = 0; i < SEATS; i++) {
        char login[12];
        (void)snprintf(login, sizeof login, "%d", FIRST_SEAT + i);
        REQUIRE(program_sign_in(city.console, login, HOME_PASSWORD, city.tokens[i]) ==
                REFUSAL_NONE);
        struct command on = { .kind = COMMAND_TAKER_SIGN_ON },
                       ready = { .kind = COMMAND_TAKER_READY };
        REQUIRE(program_submit(city.console, &on, NULL, city.tokens[i])->refusal == REFUSAL_NONE);
        REQUIRE(program_submit(city.console, &ready, NULL, city.tokens[i])->refusal ==
                REFUSAL_NONE);
    }
    city.seats_ready = true;
}

static bool is_settled(void)
{
    for (uint32_t i = 1; i <= city.call_count; i++)
        if (!city.calls[i].outcomes || !city.calls[i].arrivals)
            return false;
    return city.console->event_last == city.console->told_last;
}

static int audit(uint64_t rounds, uint64_t back_ms_max, uint64_t slow)
{
    uint32_t lost = 0, doubled = 0, strange = 0, connected = 0;
    for (uint32_t i = 1; i <= city.call_count; i++) {
        const struct call *call = &city.calls[i];
        lost += call->outcomes > 0 && call->arrivals == 0;
        lost += call->outcomes == 0;
        doubled += call->outcomes > 1 || call->arrivals > 1 || call->connections > 1;
        strange += call->contact != call->arrived_as;
        connected += call->connections;
    }
    struct link_counts counts;
    link_count(city.trunk->link, &counts);
    printf("kills=%" PRIu64 " calls=%u connected=%u events=%" PRIu64 " offers=%" PRIu64
           " resent=%" PRIu64 " orders_repeated=%" PRIu64 "\n",
           rounds, city.call_count, connected, city.console->event_count, city.offers,
           counts.resent, counts.orders_repeated);
    printf("lost=%u doubled=%u strange=%u gaps=%" PRIu64 " order_breaks=%" PRIu64
           " chain_breaks=%" PRIu64 " back_ms_max=%" PRIu64 " slow_restarts=%" PRIu64 "\n",
           lost, doubled, strange, city.console->event_gaps, city.order_breaks, city.chain_breaks,
           back_ms_max, slow);
    return lost || doubled || strange || city.console->event_gaps || city.order_breaks ||
           city.chain_breaks || slow > rounds / 2 || connected < city.call_count / 2;
}

/* Cut off anywhere: it must be as if there were none. */
static void spoil_snapshot(struct prng *prng)
{
    char path[512];
    struct stat file;
    (void)snprintf(path, sizeof path, "%s/journal/snapshot", city.home.folder);
    if (stat(path, &file) == 0)
        REQUIRE(truncate(path, (off_t)prng_below(prng, (uint64_t)file.st_size)) == 0);
}

/* ---- two dispatchers ------------------------------------------------------------------------- */

/* Returns how long it took until the standby speaks. */
static uint64_t take_over(const struct home *standby)
{
    char path[192];
    uint64_t begun_ms = clock_mono_ms();
    (void)snprintf(path, sizeof path, "%s/run/take-over", standby->folder);
    FILE *word = fopen(path, "we");
    REQUIRE(word && fclose(word) == 0);
    while (home_metric(standby, "yihao_journal_epoch") == UINT64_MAX) {
        REQUIRE(clock_mono_ms() - begun_ms < SETTLE_MS);
        run(2, true);
    }
    return clock_mono_ms() - begun_ms;
}

static void wait_in_step(const struct home *leader)
{
    uint64_t until_ms = clock_mono_ms() + IN_STEP_MS_MAX;
    while (home_metric(leader, "yihao_standby_in_step") != 1) {
        REQUIRE(clock_mono_ms() < until_ms);
        if (city.trunk)
            run(20, true);
        else
            (void)poll(NULL, 0, 20);
    }
}

static struct home second;
static const char *elder; /* NULL: both are of this version */

static void start(struct home *home, const char *program)
{
    bool older = elder && home == &second;
    if (!older || !home->annals[0]) {
        (void)home_start(home, older ? elder : program);
        return;
    }
    home->dispatcher = home_begin(home, elder); /* who follows may serve no figures */
    if (city.trunk)
        run(2000, true);
    else
        (void)poll(NULL, 0, 2000);
}

/* The standby begins with what the leader has; then both run until it is in step. */
static void open_standby(struct home *leader, struct home *standby, const char *program)
{
    (void)home_stop(leader, SIGTERM);
    home_make_twin(leader, standby);
    leader->standby = false;
    start(leader, program);
    start(standby, program);
    wait_in_step(leader);
}

static void begin_with_backup(struct home *leader, struct home *standby, const char *program)
{
    home_remove(standby);
    open_standby(leader, standby, program);
}

static void swap_homes(struct home **leader, struct home **standby)
{
    struct home *former = *leader;
    *leader = *standby;
    *standby = former;
}

/* The programs know both addresses; the next standby stands at the dead leader's. */
static void succeed(struct home *leader, struct home *standby, struct prng *prng,
                    const char *program, uint64_t rounds, uint64_t *worst_ms)
{
    for (uint64_t i = 0; i < rounds; i++) {
        if (i > 0)
            begin_with_backup(leader, standby, program);
        run(ALIVE_MS_MIN + prng_below(prng, ALIVE_MS_SPREAD), true);
        (void)home_stop(leader, SIGKILL); /* it comes back by itself: nobody takes over */
        (void)home_start(leader, program);
        wait_in_step(leader);
        run(ALIVE_MS_MIN + prng_below(prng, ALIVE_MS_SPREAD), true);
        (void)home_stop(leader, SIGKILL);
        run(prng_below(prng, 200), true);
        uint64_t took_ms = take_over(standby);
        *worst_ms = took_ms > *worst_ms ? took_ms : *worst_ms;
        run(2000, true);
        swap_homes(&leader, &standby);
    }
}

/* ---- and the third voice --------------------------------------------------------------------- */

static struct home arbiter;

/* Nobody says a word. Returns how long after `since_ms` the standby speaks. */
static uint64_t wait_until_leads(const struct home *standby, uint64_t since_ms)
{
    while (home_metric(standby, "yihao_journal_epoch") == UINT64_MAX) {
        REQUIRE(clock_mono_ms() - since_ms < SETTLE_MS);
        run(2, true);
    }
    return clock_mono_ms() - since_ms;
}

static void restart_arbiter(const char *program)
{
    (void)home_stop(&arbiter, SIGKILL);
    run(500, true);
    (void)home_start(&arbiter, program);
}

/* The leader hangs for longer than the standby waits; when it wakes it is none, and says nothing more. */
static uint64_t outlast(struct home *leader, const struct home *standby)
{
    int status = 0;
    uint64_t begun_ms = clock_mono_ms();
    (void)kill(leader->dispatcher, SIGSTOP);
    uint64_t took_ms = wait_until_leads(standby, begun_ms);
    run(500, true);
    (void)kill(leader->dispatcher, SIGCONT);
    uint64_t until_ms = clock_mono_ms() + SETTLE_MS;
    while (waitpid(leader->dispatcher, &status, WNOHANG) == 0) {
        REQUIRE(clock_mono_ms() < until_ms);
        run(5, true);
    }
    leader->dispatcher = 0;
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TWIN_LEADS);
    return took_ms;
}

/* What the leader said alone is on its machine only: who lacks it never leads, however silent the leader is. */
static void stay_behind(struct home *leader, struct home *standby, const char *program)
{
    (void)home_stop(standby, SIGKILL);
    run(2500, true); /* alone, by the arbiter's grant */
    REQUIRE(home_metric(&arbiter, "yihao_arbiter_alone") == 1);
    (void)home_stop(leader, SIGKILL);
    (void)home_start(standby, program);
    run(TURNS_SILENT_MS + 1000, true);
    REQUIRE(home_metric(standby, "yihao_journal_epoch") == UINT64_MAX);
    (void)home_start(leader, program);
    /* What the leader said alone came before its last start. */
    begin_with_backup(leader, standby, program);
}

/* The shortest of the longest waits: what runs beside it lengthens one or the other. */
static uint64_t best_ms = UINT64_MAX;

/* Planned: the leader asks the standby to lead, ends, and follows it from where it stands. */
static void hand_over(struct home *leader, struct home *standby, const char *program)
{
    char path[192];
    int status = 0;
    (void)snprintf(path, sizeof path, "%s/run/hand-over", leader->folder);
    city.gap_ms_max = 0;
    city.heard_ms = clock_mono_ms();
    FILE *word = fopen(path, "we");
    REQUIRE(word && fclose(word) == 0);
    uint64_t until_ms = clock_mono_ms() + SETTLE_MS;
    while (waitpid(leader->dispatcher, &status, WNOHANG) == 0) {
        REQUIRE(clock_mono_ms() < until_ms);
        run(2, true);
    }
    leader->dispatcher = 0;
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TWIN_LEADS);
    (void)wait_until_leads(standby, clock_mono_ms());
    run(1000, true);
    printf("handed over: longest time without an answer %" PRIu64 " ms\n", city.gap_ms_max);
    best_ms = city.gap_ms_max < best_ms ? city.gap_ms_max : best_ms;
    leader->standby = true;
    (void)home_start(leader, program);
    wait_in_step(standby);
}

/* ---- how long it takes ------------------------------------------------------------------------- */

static struct waits handed_over = { .what = "planned hand-overs" },
                    taken_over = { .what = "take-overs after kill -9" };

static void begin_wait(void)
{
    city.gap_ms_max = 0;
    city.heard_ms = clock_mono_ms();
}

/* Calls are answered again, for a while. */
static void end_wait(struct waits *waits)
{
    run(700, true);
    waits_add(waits, city.gap_ms_max);
}

/* A version that has no such figure is believed. */
static bool says(const struct home *home, const char *figure)
{
    uint64_t value = home_metric(home, figure);
    return value == 1 || (elder && value == UINT64_MAX);
}

static bool is_live(const struct home *leader, const struct home *standby, bool annals)
{
    return says(standby, "yihao_standby_live") && says(standby, "yihao_standby_follows") &&
           (annals || home_metric(leader, "yihao_standby_in_step") == 1);
}

/* Whoever had no more than the leader has follows by itself; who is ahead, with what nobody was told, begins with a backup. */
static void follow_again(struct home *leader, struct home *standby, const char *program,
                         bool annals)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/leads", standby->folder); /* as a person says who knows */
    (void)unlink(path);
    standby->standby = !annals;
    start(standby, program);
    for (uint64_t until_ms = clock_mono_ms() + 3000;
         !is_live(leader, standby, annals) && (annals || clock_mono_ms() < until_ms);)
        run(20, true);
    if (!is_live(leader, standby, annals))
        begin_with_backup(leader, standby, program);
}

static void wait_for_arbiter(bool annals)
{
    while (!annals && home_metric(&arbiter, "yihao_arbiter_alone") != 0)
        run(20, true);
}

static void hand_over_once(struct home *leader, struct home *standby, const char *program,
                           bool annals)
{
    char path[192];
    int status = 0;
    (void)snprintf(path, sizeof path, "%s/run/hand-over", leader->folder);
    FILE *word = fopen(path, "we");
    REQUIRE(word && fclose(word) == 0);
    begin_wait();
    for (uint64_t until_ms = clock_mono_ms() + SETTLE_MS;
         waitpid(leader->dispatcher, &status, WNOHANG) == 0;) {
        REQUIRE(clock_mono_ms() < until_ms);
        run(2, true);
    }
    leader->dispatcher = 0;
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == (annals ? 0 : EXIT_TWIN_LEADS));
    (void)wait_until_leads(standby, clock_mono_ms());
    end_wait(&handed_over);
    follow_again(standby, leader, program, annals);
    wait_for_arbiter(annals);
}

static void drill(struct home *leader, struct home *standby, struct prng *prng, const char *program,
                  uint64_t rounds, bool annals)
{
    for (uint64_t i = 0; i < rounds; i++) {
        wait_for_arbiter(annals);
        run(ALIVE_MS_MIN + prng_below(prng, ALIVE_MS_SPREAD), true);
        hand_over_once(leader, standby, program, annals);
        swap_homes(&leader, &standby);
        run(ALIVE_MS_MIN + prng_below(prng, ALIVE_MS_SPREAD), true);
        begin_wait();
        (void)home_stop(leader, SIGKILL);
        (void)wait_until_leads(standby, clock_mono_ms());
        end_wait(&taken_over);
        swap_homes(&leader, &standby);
        follow_again(leader, standby, program, annals);
        printf("round=%" PRIu64 " handed over in %" PRIu64 " ms, taken over in %" PRIu64 " ms\n", i,
               handed_over.ms[i], taken_over.ms[i]);
    }
    waits_print(&handed_over);
    waits_print(&taken_over);
}

static void open_second(const char *program)
{
    postgresql_start();
    postgresql_restart("listen_addresses=127.0.0.1");
    home_name_annals(&city.home, postgresql_place("yihao", "annals"));
    home_make_second(&city.home, &second);
    (void)snprintf(city.home.twin, sizeof city.home.twin, "%s", second.commands);
    start(&city.home, program);
    start(&second, program);
}

static void arbitrate(struct home *leader, struct home *standby, struct prng *prng, char **programs,
                      uint64_t rounds, uint64_t *worst_ms)
{
    for (uint64_t i = 0; i < rounds; i++) {
        if (i > 0)
            begin_with_backup(leader, standby, programs[0]);
        restart_arbiter(programs[1]);
        if (i % 2 == 0)
            stay_behind(leader, standby, programs[0]);
        while (home_metric(&arbiter, "yihao_arbiter_alone") != 0)
            run(20, true);
        run(ALIVE_MS_MIN + prng_below(prng, ALIVE_MS_SPREAD), true);
        hand_over(leader, standby, programs[0]);
        swap_homes(&leader, &standby);
        while (home_metric(&arbiter, "yihao_arbiter_alone") != 0)
            run(20, true);
        uint64_t took_ms;
        if (i % 2 == 0) {
            (void)home_stop(leader, SIGKILL);
            took_ms = wait_until_leads(standby, clock_mono_ms());
        } else
            took_ms = outlast(leader, standby);
        *worst_ms = took_ms > *worst_ms ? took_ms : *worst_ms;
        run(2000, true);
        swap_homes(&leader, &standby);
    }
}

/* Kills it, or stops it properly, and starts it again. */
static void restart(struct prng *prng, const char *program, uint64_t rounds, uint64_t *back_ms_max,
                    uint64_t *slow)
{
    for (uint64_t i = 0; i < rounds; i++) {
        run(ALIVE_MS_MIN + prng_below(prng, ALIVE_MS_SPREAD), true);
        bool properly = i % 3 == 0, spoilt = i % 5 == 4;
        (void)home_stop(&city.home, properly ? SIGTERM : SIGKILL);
        if (spoilt)
            spoil_snapshot(prng);
        run(prng_below(prng, 200), true);
        uint64_t back_ms = home_start(&city.home, program);
        uint64_t replayed = home_metric(&city.home, "yihao_replayed_events");
        REQUIRE(properly && !spoilt ? replayed == 0 : replayed > 0 && replayed < UINT64_MAX);
        *back_ms_max = back_ms > *back_ms_max ? back_ms : *back_ms_max;
        *slow += back_ms > BACK_MS_MAX;
    }
}

/* Nothing that was acknowledged hangs on it that memory, a disk and the process last. */
static void be_struck(struct strikes *strikes, struct prng *prng, char **argv)
{
    *strikes = (struct strikes){ .program = argv[1],
                                 .rounds = strtoull(argv[2], NULL, 10),
                                 .way = argv[4],
                                 .library = argv[5],
                                 .home = &city.home,
                                 .prng = prng,
                                 .run = run };
    bool known = strikes_run(strikes);
    REQUIRE(known);
}

/* ---- cables ------------------------------------------------------------------------------------ */

static uint64_t take_longest_wait_ms(void)
{
    uint64_t ms = city.gap_ms_max;
    begin_wait();
    return ms;
}

static struct partitions partitions_between(const char *program, struct prng *prng, bool annals)
{
    return (struct partitions){ .leader = &city.home,
                                .standby = &second,
                                .third = annals ? POSTGRESQL_TCP_PORT : arbiter.base,
                                .annals = annals,
                                .program = program,
                                .prng = prng,
                                .run = run,
                                .reopen = begin_with_backup,
                                .take_longest_wait_ms = take_longest_wait_ms };
}

/* ---- which of them ----------------------------------------------------------------------------- */

enum way {
    ALONE,
    STANDBY,
    ARBITER,
    KILLS,
    PARTITIONS,
    ANNALS,
    ANNALS_PARTITIONS,
    STRUCK, /* any other word: a fault's */
    WAYS
};

/* As the head of this file says. `arguments`: with the word. */
static const struct kind {
    const char *word;
    int arguments;
    bool twins, judged;
} kinds[WAYS] = {
    [ALONE] = { "", 4, false, false },
    [STANDBY] = { "standby", 5, true, false },
    [ARBITER] = { "arbiter", 6, true, true },
    [KILLS] = { "kills", 6, true, true },
    [PARTITIONS] = { "partitions", 6, true, true },
    [ANNALS] = { "annals", 5, false, false },
    [ANNALS_PARTITIONS] = { "annals-partitions", 5, false, false },
    [STRUCK] = { NULL, 6, false, false },
};

static bool has_annals(enum way way)
{
    return way == ANNALS || way == ANNALS_PARTITIONS;
}

static bool has_cables(enum way way)
{
    return way == PARTITIONS || way == ANNALS_PARTITIONS;
}

/* WAYS: there is no such way. */
static enum way way_of(int argc, char **argv)
{
    enum way way = ALONE;
    const char *word = argc > 4 ? argv[4] : "";
    while (kinds[way].word && strcmp(kinds[way].word, word) != 0)
        way++;
    if (argc == kinds[way].arguments + 1 && (kinds[way].judged || way == ANNALS)) {
        elder = argv[argc - 1];
        argc--;
    }
    return argc == kinds[way].arguments ? way : WAYS;
}

static void open_dispatchers(enum way way, char **argv)
{
    static const char *const programs[] = { "dispatcher", "standby", "arbiter",
                                            "trunk-1",    "console", NULL };
    home_make(&city.home, programs);
    if (kinds[way].judged) {
        home_make_arbiter(&city.home, &arbiter);
        (void)home_start(&arbiter, argv[5]);
    }
    if (kinds[way].twins)
        home_name_twin(&city.home, &second);
    if (has_annals(way))
        open_second(argv[1]);
    else
        (void)home_start(&city.home, argv[1]);
    if (kinds[way].twins)
        open_standby(&city.home, &second, argv[1]);
}

static void open_programs(const struct home *gateway)
{
    city.trunk = program_open(gateway, "trunk-1", NULL, false, 0);
    city.console = program_open(&city.home, "console", NULL, true, 0);
    city.trunk->on_order = take_order;
    city.trunk->on_outcome = take_outcome;
    city.console->on_event = take_event;
    program_wait_up(city.trunk);
    program_wait_up(city.console);
    open_seats();
}

static void settle(void)
{
    uint64_t until_ms = clock_mono_ms() + SETTLE_MS;
    run(3000, false);
    while (!is_settled() && clock_mono_ms() < until_ms)
        run(200, false);
}

static void remove_homes(enum way way)
{
    home_remove(&city.home);
    if (kinds[way].twins || has_annals(way))
        home_remove(&second);
    if (kinds[way].judged)
        home_remove(&arbiter);
}

int main(int argc, char **argv)
{
    enum way way = way_of(argc, argv);
    if (way == WAYS)
        return 2;
    if (has_cables(way) && !cables_begin()) {
        printf("left out: a network of its own cannot be made here (root, ip, nft)\n");
        return 0;
    }
    uint64_t rounds = strtoull(argv[2], NULL, 10), back_ms_max = 0, slow = 0;
    struct strikes strikes;
    struct prng prng;
    prng_seed(&prng, strtoull(argv[3], NULL, 10));
    chain_init(&city.chain, NULL);
    open_dispatchers(way, argv);
    struct home gateway = city.home;
    struct partitions partitions = partitions_between(argv[1], &prng, has_annals(way));
    if (has_cables(way))
        partitions_open(&partitions, &gateway);
    open_programs(&gateway);
    if (has_cables(way))
        partitions_play(&partitions, rounds);
    else if (way == KILLS || way == ANNALS)
        drill(&city.home, &second, &prng, argv[1], rounds, way == ANNALS);
    else if (way == STRUCK)
        be_struck(&strikes, &prng, argv);
    else if (way == ARBITER) {
        arbitrate(&city.home, &second, &prng, (char *[]){ argv[1], argv[5] }, rounds, &back_ms_max);
        slow = best_ms > HAND_OVER_MS_MAX ? rounds : 0;
    } else if (
        way ==
        STANDBY) { /* what runs beside it makes three seconds of silence; its time is printed */
        succeed(&city.home, &second, &prng, argv[1], rounds, &back_ms_max);
        slow = back_ms_max > TAKE_OVER_MS_MAX ? rounds : 0;
    } else
        restart(&prng, argv[1], rounds, &back_ms_max, &slow);
    settle();
    int status = audit(rounds, back_ms_max, slow);
    if (way == STRUCK) {
        (void)home_stop(&city.home, SIGTERM);
        status |= !strikes_print(&strikes) | !strikes_verify(&strikes);
    }
    program_close(city.trunk);
    program_close(city.console);
    if (has_cables(way))
        partitions_close(&partitions);
    if (has_annals(way))
        status |= !postgresql_holds_one_history();
    if (status == 0)
        remove_homes(way);
    if (has_annals(way))
        postgresql_stop();
    return status;
}
