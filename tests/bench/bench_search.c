/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a search takes over so many incidents: bench_search INCIDENTS.
 *
 * A year of incidents with 1,200 categories, 8 districts, 10 lines, 200 takers and 300,000 callers, three of
 * four closed, drawn at random. Questions are of one to five conditions, two of three with days, each answered
 * with its first page. Time is CPU time of this thread. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/prng.h"
#include "tests/bench/cpu.h"
#include "tests/unit/own_journal.h"

enum {
    QUESTIONS = 2000,
    TURN = 1000, /* incidents of one turn */
    DAYS = 365,
    CATEGORIES = 1200,
    DISTRICTS = 8,
    LINES = 10,
    TAKERS = 200,
    CALLERS = 300000,
    DAY_MS = 86400000
};

static const uint64_t begin_ms = 1735660800000; /* 2025-01-01 in the city */
static struct prng dice;
static uint64_t seq;

static double cpu_ms(void)
{
    return (double)thread_cpu_ns() / 1e6;
}

static uint32_t any(uint32_t count)
{
    return 1 + (uint32_t)prng_below(&dice, count);
}

static void happen(struct journal *journal, struct event *event, uint64_t at_ms)
{
    const struct stored_event *row;
    event->seq = ++seq;
    event->at_ms = at_ms;
    if (journal_append(journal, event, NULL, &row) < 0)
        abort();
}

static void add(struct journal *journal, uint64_t incident, uint64_t at_ms)
{
    static struct event event;
    event = (struct event){ .kind = EVENT_INCIDENT_REGISTERED, .incident = incident };
    event.line = any(LINES);
    event.taker = any(TAKERS);
    event.incident_registered.number = incident;
    event.incident_registered.category = any(CATEGORIES);
    event.incident_registered.district = any(DISTRICTS);
    event.incident_registered.caller = any(CALLERS);
    happen(journal, &event, at_ms);
    if (prng_below(&dice, 4) == 0)
        return;
    event = (struct event){ .kind = EVENT_INCIDENT_MOVED, .incident = incident };
    event.incident_moved.from = INCIDENT_STATE_REGISTERED;
    event.incident_moved.to = INCIDENT_STATE_CLOSED;
    event.incident_moved.round = 1;
    happen(journal, &event, at_ms);
}

static void fill(struct journal *journal, uint64_t incidents)
{
    uint64_t at_ms = begin_ms;
    for (uint64_t incident = 1; incident <= incidents;) {
        if (journal_begin(journal) < 0)
            abort();
        for (uint32_t i = 0; i < TURN && incident <= incidents; i++, incident++)
            add(journal, incident,
                at_ms = begin_ms + incident * (DAYS * (uint64_t)DAY_MS) / incidents);
        if (journal_commit(journal, at_ms) < 0)
            abort();
    }
}

static uint32_t any_day(void)
{
    time_t at = (time_t)(begin_ms / 1000) + (time_t)prng_below(&dice, DAYS) * (DAY_MS / 1000);
    struct tm day;
    (void)gmtime_r(&at, &day);
    return (uint32_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

static void make_question(struct incidents_query *asked)
{
    uint64_t wanted = 1 + prng_below(&dice, 127);
    *asked = (struct incidents_query){ .state = wanted & 1 ? INCIDENT_STATE_CLOSED : 0,
                                       .line = wanted & 2 ? any(LINES) : 0,
                                       .category = wanted & 4 ? any(CATEGORIES) : 0,
                                       .district = wanted & 8 ? any(DISTRICTS) : 0,
                                       .taker = wanted & 16 ? any(TAKERS) : 0,
                                       .caller = wanted == 32 ? any(CALLERS) : 0 };
    if (prng_below(&dice, 3) == 0)
        return;
    uint32_t one = any_day(), other = any_day();
    asked->from_day = one < other ? one : other;
    asked->until_day = one < other ? other : one;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, two = *(const double *)b;
    return (one > two) - (one < two);
}

int main(int count, char **arguments)
{
    uint64_t incidents = count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000;
    static double times[QUESTIONS];
    static struct answer answer;
    static struct query query;
    struct journal *journal;
    char folder[FOLDER_BYTES];
    uint64_t rows = 0, more = 0;
    prng_seed(&dice, 1);
    if (own_journal_open(&journal, folder) < 0)
        return EXIT_FAILURE;
    double begun = cpu_ms();
    fill(journal, incidents);
    (void)printf("%llu incidents filed in %.0f s\n", (unsigned long long)incidents,
                 (cpu_ms() - begun) / 1e3);
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        query.kind = QUERY_INCIDENTS;
        make_question(&query.incidents);
        begun = cpu_ms();
        journal_query(journal, &query, begin_ms, &answer);
        times[i] = cpu_ms() - begun;
        rows += answer.incidents.rows_count;
        more += answer.more;
    }
    qsort(times, QUESTIONS, sizeof times[0], compare);
    (void)printf(
        "%d questions: p50 %.2f ms, p99 %.2f ms, longest %.2f ms; %.0f rows a page, %llu with "
        "more\n",
        QUESTIONS, times[QUESTIONS / 2], times[QUESTIONS * 99 / 100], times[QUESTIONS - 1],
        (double)rows / QUESTIONS, (unsigned long long)more);
    journal_close(journal);
    folder_remove(folder);
    return EXIT_SUCCESS;
}
