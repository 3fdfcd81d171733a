/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/witness.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "proto/format.h"
#include "tests/sim/sim.h"

enum {
    REMEMBERED = 8192,
    TOLD = 16,
    LINE_BYTES = 2048
};

static struct {
    struct event events[REMEMBERED]; /* a ring */
    uint64_t count;
    uint64_t contact, incident, task;
} witness;

void witness_see(const struct event *event)
{
    witness.events[witness.count++ % REMEMBERED] = *event;
    witness_about(event->contact, event->incident, event->task);
}

void witness_about(uint64_t contact, uint64_t incident, uint64_t task)
{
    witness.contact = contact;
    witness.incident = incident;
    witness.task = task;
}

/* Whatever the events are about that matters most: the narrowest. */
static bool is_about(const struct event *event)
{
    if (witness.task)
        return event->task == witness.task || (!event->task && event->incident == witness.incident);
    if (witness.incident)
        return event->incident == witness.incident;
    return !witness.contact || event->contact == witness.contact;
}

/* "day 2 14:03:22.120", as the city's clocks show it. */
static void add_time(struct text *line, uint64_t at_ms)
{
    uint64_t since_ms = at_ms - MONDAY_MIDNIGHT_MS;
    uint64_t day = since_ms / DAY_MS + 1, second = since_ms % DAY_MS / SECOND_MS;
    if (day > 1)
        text_print(line, "day %" PRIu64 " ", day);
    text_print(line, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64, second / 3600,
               second / 60 % 60, second % 60, at_ms % 1000);
}

/* Points in time among the words are said like the event's own. */
static void add_words(struct text *line, const char *at)
{
    while (*at) {
        uint64_t ms;
        int taken = 0;
        if (sscanf(at, "_ms=%" SCNu64 "%n", &ms, &taken) == 1 && taken &&
            ms >= MONDAY_MIDNIGHT_MS) {
            text_add(line, "=");
            add_time(line, ms);
            at += taken;
        } else {
            text_add_bytes(line, at++, 1);
        }
    }
}

static void tell(const struct event *event)
{
    char words[LINE_BYTES], buffer[LINE_BYTES];
    struct event shown = *event;
    struct text said = text_into(words, sizeof words);
    struct text line = text_into(buffer, sizeof buffer);
    shown.at_ms = 0;
    format_message(&said, SCHEMA_EVENT, &shown);
    add_time(&line, event->at_ms);
    text_add(&line, "  ");
    add_words(&line, words);
    (void)fprintf(stderr, "    %s\n", buffer);
}

void witness_tell(void)
{
    uint64_t first = witness.count > REMEMBERED ? witness.count - REMEMBERED : 0;
    uint64_t from = witness.count;
    for (uint32_t found = 0; from > first && found < TOLD; from--)
        found += is_about(&witness.events[(from - 1) % REMEMBERED]);
    if (witness.count == 0)
        return;
    (void)fprintf(stderr, "What happened last");
    if (witness.task)
        (void)fprintf(stderr, " to task %" PRIu64, witness.task);
    if (witness.incident)
        (void)fprintf(stderr, "%s incident %" PRIu64, witness.task ? " of" : " to",
                      witness.incident);
    else if (witness.contact)
        (void)fprintf(stderr, " to contact %" PRIu64, witness.contact);
    (void)fprintf(stderr, ":\n");
    for (; from < witness.count; from++)
        if (is_about(&witness.events[from % REMEMBERED]))
            tell(&witness.events[from % REMEMBERED]);
}
