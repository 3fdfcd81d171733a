/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a check of access costs, and how long "who saw this number?" takes over a year of reads:
 * bench_access READS. Each read is a recorded search by number, of 300,000 numbers drawn at random; one of
 * them was read a thousand times. Time is CPU time of this thread. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/prng.h"
#include "proto/access.h"
#include "proto/identity.h"
#include "tests/bench/cpu.h"
#include "tests/unit/own_journal.h"

enum {
    CHECKS = 5000000,
    TURN = 1000, /* reads of one turn */
    CALLERS = 300000,
    WATCHED = CALLERS + 1,
    WATCHED_READS = 1000,
    YEAR_S = 365 * 86400
};

static const uint64_t begin_ms = 1735660800000; /* 2025-01-01 in the city */
static struct prng dice;
static uint64_t seq;

static double cpu_ms(void)
{
    return (double)thread_cpu_ns() / 1e6;
}

/* A command, a query, a citizen's fields and a secret's circle of forty, in turn. */
static double check_ns(void)
{
    static struct query query = { .kind = QUERY_INCIDENTS };
    const struct user_row user = { .user = 7, .roles = ROLES_TAKER };
    struct circle circle = { 0 };
    uint32_t given, masked, sum = 0;
    bool owned;
    for (uint32_t i = 0; i < 40; i++)
        circle_add_person(&circle, 1000 + i);
    double begun = cpu_ms();
    for (uint32_t i = 0; i < CHECKS; i += 4) {
        struct standing standing = { 1 + i / 4 % (READER_COUNT - 1), i / 64 % SHELTER_COUNT,
                                     i / 256 % 2 };
        sum += access_command(&user, (enum command_kind)(i / 4 % COMMAND_KIND_COUNT));
        sum += access_query(&user, &query, &owned);
        sum += identity_judge(&standing, 0, READ_PURPOSE_NONE, &given, &masked);
        sum += access_is_within(&circle, &user);
    }
    double took = cpu_ms() - begun;
    return sum ? took * 1e6 / CHECKS : 0;
}

static void add(struct journal *journal, uint64_t caller, uint64_t at_ms)
{
    static struct event event;
    const struct stored_event *row;
    event = (struct event){ .kind = EVENT_PERSONAL_WAS_READ,
                            .actor_kind = ACTOR_KIND_USER,
                            .actor = 1 + (uint32_t)prng_below(&dice, 200),
                            .seq = ++seq,
                            .at_ms = at_ms };
    event.personal_was_read.caller = caller;
    event.personal_was_read.reason = READ_REASON_SUPERVISION;
    event.personal_was_read.fields = 1U << PERSONAL_FIELD_NUMBER;
    if (journal_append(journal, &event, NULL, &row) < 0)
        abort();
}

static void fill(struct journal *journal, uint64_t reads)
{
    uint64_t every = reads / WATCHED_READS, at_ms = begin_ms;
    for (uint64_t read = 0; read < reads;) {
        if (journal_begin(journal) < 0)
            abort();
        for (uint32_t i = 0; i < TURN && read < reads; i++, read++) {
            at_ms = begin_ms + read * ((uint64_t)YEAR_S * 1000 / reads);
            add(journal, read % every == 0 ? WATCHED : 1 + prng_below(&dice, CALLERS), at_ms);
        }
        if (journal_commit(journal, at_ms) < 0)
            abort();
    }
}

static double who_saw_ms(struct journal *journal, uint64_t *rows)
{
    static struct answer answer;
    static struct query query = { .kind = QUERY_VIEWINGS, .viewings = { .caller = WATCHED } };
    double begun = cpu_ms();
    *rows = 0;
    do {
        journal_query(journal, &query, begin_ms, &answer);
        *rows += answer.viewings.rows_count;
        query.viewings.before = answer.next;
    } while (answer.refusal == REFUSAL_NONE && answer.more);
    return cpu_ms() - begun;
}

int main(int count, char **arguments)
{
    uint64_t reads = count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000, rows;
    struct journal *journal;
    char folder[FOLDER_BYTES];
    prng_seed(&dice, 1);
    (void)printf("access: check_ns=%.0f\n", check_ns());
    if (reads < WATCHED_READS || own_journal_open(&journal, folder) < 0)
        return EXIT_FAILURE;
    fill(journal, reads);
    double took = who_saw_ms(journal, &rows);
    (void)printf("access: reads=%llu who_saw_rows=%llu who_saw_ms=%.2f\n",
                 (unsigned long long)reads, (unsigned long long)rows, took);
    journal_close(journal);
    folder_remove(folder);
    return EXIT_SUCCESS;
}
