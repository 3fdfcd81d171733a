/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A trail on paper: bench_paper EVENTS ROUNDS. The budget is 900 rows in a second, the press's start included. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "consoles/paper/dossier.h"
#include "consoles/paper/print.h"

static const char *say(void *owner, const char *group, const char *word)
{
    (void)owner;
    return strcmp(group, "field") == 0   ? NULL
           : strcmp(group, "event") == 0 ? "派发到主办单位"
                                         : word;
}

static const char *name(void *owner, enum city_table table, uint32_t number)
{
    static char words[64];
    (void)owner, (void)table;
    (void)snprintf(words, sizeof words, "临江市消防救援支队%u", number);
    return words;
}

static void write_case(struct paper *paper, uint32_t events)
{
    static const struct dossier_words words = { NULL, say, name, false, 480 };
    static struct dossier dossier;
    static struct incident_detail detail;
    struct dossier_wish wish = { .at_ms = 1700000000000, .user = 3001 };
    struct event event = { .kind = EVENT_TASK_MOVED, .actor_kind = ACTOR_KIND_USER, .actor = 1001 };
    detail.row.number = 20261122000123;
    event.task_moved.to = TASK_STATE_SIGNED;
    dossier_begin(&dossier, &words);
    for (uint32_t i = 0; i < events; i++) {
        struct stored_event row = { .seq = 1000 + i };
        event.at_ms = 1700000000000 + i * 1000;
        event.department = i % 40 + 1;
        memset(row.link, (int)i, sizeof row.link);
        dossier_event(&dossier, &row, &event, i % 7 == 0);
    }
    dossier_write(&dossier, &detail, &wish, paper);
    dossier_done(&dossier);
}

int main(int count, char **arguments)
{
    uint32_t events = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 900;
    uint32_t rounds = count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 10;
    for (uint32_t i = 0; i < rounds; i++) {
        struct paper paper;
        uint8_t *pdf;
        size_t size;
        uint64_t begin = clock_mono_ms();
        write_case(&paper, events);
        REQUIRE(paper_print(&paper, &pdf, &size) == 0);
        printf("events=%" PRIu32 " ms=%" PRIu64 " bytes=%zu\n", events, clock_mono_ms() - begin,
               size);
        free(pdf);
        paper_done(&paper);
    }
    return 0;
}
