/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

struct entry {
    char *words;
    size_t size;
    struct audience audience;
};

struct feed {
    uint64_t first; /* the oldest event held, last + 1 when there is none */
    uint64_t last;
    struct entry entries[FEED_EVENTS]; /* event seq lies at seq % FEED_EVENTS */
};

struct feed *feed_create(uint64_t seq)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return NULL;
    feed->last = seq;
    feed->first = seq + 1;
    return feed;
}

void feed_destroy(struct feed *feed)
{
    if (!feed)
        return;
    for (unsigned i = 0; i < FEED_EVENTS; i++)
        free(feed->entries[i].words);
    free(feed);
}

bool feed_add(struct feed *feed, uint64_t seq, const struct audience *audience, const char *words,
              size_t size)
{
    REQUIRE(seq == feed->last + 1);
    struct entry *entry = &feed->entries[seq % FEED_EVENTS];
    free(entry->words);
    *entry = (struct entry){ .size = size, .audience = *audience };
    if (words && size <= FEED_EVENT_BYTES)
        entry->words = malloc(size + 1);
    if (entry->words) {
        memcpy(entry->words, words, size);
        entry->words[size] = 0;
    }
    feed->last = seq;
    if (feed->last - feed->first >= FEED_EVENTS)
        feed->first = feed->last - FEED_EVENTS + 1;
    return entry->words != NULL;
}

uint64_t feed_last(const struct feed *feed)
{
    return feed->last;
}

bool feed_reaches(const struct feed *feed, uint64_t after)
{
    return after + 1 >= feed->first && after <= feed->last;
}

bool feed_resumes(const struct feed *feed, uint64_t last)
{
    return feed_reaches(feed, last) && feed->last - last <= FEED_RESUME;
}

bool feed_next(const struct feed *feed, const struct user_row *user, bool locked, uint64_t *cursor,
               struct feed_event *event)
{
    REQUIRE(feed_reaches(feed, *cursor));
    for (uint64_t seq = *cursor + 1; seq <= feed->last; seq++) {
        const struct entry *entry = &feed->entries[seq % FEED_EVENTS];
        if (!entry->words || (locked && !entry->audience.locked) ||
            !audience_holds(&entry->audience, user))
            continue;
        *event = (struct feed_event){ seq, entry->words, entry->size };
        *cursor = seq;
        return true;
    }
    *cursor = feed->last;
    return false;
}
