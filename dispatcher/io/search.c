/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/search.h"

#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/views/finder.h"
#include "proto/schema.h"

enum {
    LOOK_MS = 500, /* for what was written since; who searches has it looked for at once */
    BITE_MS = 20,  /* between two bites while it is being made */
    BITE_LONG = 3, /* milliseconds of one */
    WINDOW = 16,   /* events read at once */
    HITS_MAX = sizeof((struct outcome *)0)->found / sizeof(uint64_t)
};

#define SEARCH_BYTES_MAX (UINT64_C(768) << 20) /* some three million cases (docs/figures.md) */

/* ---- taking in --------------------------------------------------------------------------------- */

static void take(struct dispatcher *dispatcher, const struct stored_event *row)
{
    static struct record record;
    static struct personal personal;
    struct searching *searching = &dispatcher->searching;
    if (journal_unpack(dispatcher->journal, row, &record) < 0 || record.sealed_size == 0 ||
        record.event.notice != 0 ||
        journal_personal_at(dispatcher->journal, record.subject, row->seq, &personal) < 0)
        return;
    const char *const words[] = { personal.text, personal.address, personal.name };
    struct finding of = { record.subject, record.event.incident, record.event.contact };
    int status = finder_put(searching->finder, &of, words, sizeof words / sizeof words[0]);
    sodium_memzero(&personal, sizeof personal);
    if (status == 0 || searching->full)
        return;
    searching->full = true;
    log_warn("search index is full entries=%u event=%" PRIu64 "; older words are not found",
             finder_count(searching->finder), row->seq);
}

/* Events behind `after`, up to `last`. Returns the last one looked at. */
static uint64_t take_window(struct dispatcher *dispatcher, uint64_t after, uint64_t last)
{
    static struct answer answer;
    static struct events events;
    struct query query = { .kind = QUERY_EVENTS, .events = { .after = after } };
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    if (answer.refusal != REFUSAL_NONE || answer.events.rows_count == 0)
        return last;
    events = answer.events;
    for (uint32_t i = 0; i < events.rows_count && events.rows[i].seq <= last; i++) {
        take(dispatcher, &events.rows[i]);
        after = events.rows[i].seq;
    }
    return after;
}

/* What was written since. True when nothing of it is left. */
static bool catch_up(struct dispatcher *dispatcher, uint64_t until_ms)
{
    struct searching *searching = &dispatcher->searching;
    uint64_t newest = journal_seq(dispatcher->journal);
    while (searching->up < newest && clock_mono_ms() < until_ms)
        searching->up = take_window(dispatcher, searching->up, newest);
    return searching->up >= newest;
}

static void bite(struct dispatcher *dispatcher)
{
    struct searching *searching = &dispatcher->searching;
    uint64_t until_ms = clock_mono_ms() + BITE_LONG;
    if (!catch_up(dispatcher, until_ms))
        return;
    while (searching->down > 0 && !searching->full && clock_mono_ms() < until_ms) {
        uint64_t low = searching->down > WINDOW ? searching->down - WINDOW : 0;
        uint64_t at = low;
        while (at < searching->down)
            at = take_window(dispatcher, at, searching->down);
        searching->down = low;
    }
}

void search_turn(struct dispatcher *dispatcher)
{
    struct searching *searching = &dispatcher->searching;
    uint64_t since_ms = dispatcher->mono_ms - searching->looked_ms;
    bool making = search_wait_ms(dispatcher) == BITE_MS;
    if (since_ms < (making ? BITE_MS : LOOK_MS) || bus_waits(dispatcher->bus))
        return;
    searching->looked_ms = dispatcher->mono_ms;
    if (!searching->finder) {
        searching->finder = finder_open(SEARCH_BYTES_MAX);
        searching->up = searching->down = journal_seq(dispatcher->journal);
    }
    if (searching->finder)
        bite(dispatcher);
}

uint64_t search_wait_ms(const struct dispatcher *dispatcher)
{
    const struct searching *searching = &dispatcher->searching;
    return searching->finder && searching->down > 0 && !searching->full ? BITE_MS : UINT64_MAX;
}

void search_forget(struct dispatcher *dispatcher, uint64_t subject)
{
    if (dispatcher->searching.finder)
        (void)finder_forget(dispatcher->searching.finder, subject);
}

void search_close(struct dispatcher *dispatcher)
{
    finder_close(dispatcher->searching.finder);
    dispatcher->searching.finder = NULL;
}

/* ---- finding ----------------------------------------------------------------------------------- */

/* The case of what was found; 0: it came to none. */
static uint64_t case_of(struct dispatcher *dispatcher, const struct finding *hit)
{
    static struct answer answer;
    struct query query = { .kind = QUERY_CONTACTS, .contacts = { .contact = hit->contact } };
    if (hit->incident || !hit->contact)
        return hit->incident;
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    return answer.refusal == REFUSAL_NONE && answer.contacts.rows_count > 0
               ? answer.contacts.rows[0].incident
               : 0;
}

/* Is it there for this person, and of what was asked for? */
static bool may_see(struct dispatcher *dispatcher, const struct user_row *user,
                    const struct words_search *asked, uint64_t incident)
{
    static struct answer answer;
    struct query query = { .kind = QUERY_INCIDENT, .incident = { .incident = incident } };
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    if (user)
        journal_conceal(dispatcher->journal, user, &query, &answer);
    const struct incident_row *row = &answer.incident_detail.row;
    return answer.refusal == REFUSAL_NONE && answer.kind == ANSWER_INCIDENT_DETAIL &&
           row->incident == incident && (!asked->line || row->line == asked->line) &&
           (!asked->department || row->lead == asked->department);
}

static bool is_listed(const struct outcome *outcome, uint64_t incident)
{
    for (uint32_t i = 0; i < outcome->found_count; i++)
        if (outcome->found[i] == incident)
            return true;
    return false;
}

void search_answer(struct dispatcher *dispatcher, const struct command *command, const char *words,
                   struct outcome *outcome)
{
    static struct finding hits[FINDER_HITS_MAX];
    struct searching *searching = &dispatcher->searching;
    const struct roster_user *user = command->actor_kind == ACTOR_KIND_USER
                                         ? roster_user(&dispatcher->roster, command->actor)
                                         : NULL;
    outcome->found_count = 0;
    outcome->found_partly = true;
    if (!searching->finder)
        return;
    bool caught_up = catch_up(dispatcher, clock_mono_ms() + BITE_LONG);
    outcome->found_partly = !caught_up || searching->down > 0;
    uint32_t count = finder_find(searching->finder, words, hits, &outcome->found_more);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t incident = case_of(dispatcher, &hits[i]);
        if (!incident || is_listed(outcome, incident) ||
            !may_see(dispatcher, user ? &user->row : NULL, &command->words_search, incident))
            continue;
        if (outcome->found_count == HITS_MAX) {
            outcome->found_more = true;
            break;
        }
        outcome->found[outcome->found_count++] = incident;
    }
}

uint64_t search_index(const uint8_t key[32], const char *words)
{
    uint8_t hash[32];
    uint64_t index = 0;
    if (*words == '\0')
        return 0;
    crypto_generichash(hash, sizeof hash, (const uint8_t *)words, strlen(words), key, 32);
    memcpy(&index, hash, sizeof index);
    return index ? index : 1;
}
