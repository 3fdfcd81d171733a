/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/estimate.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/taker.h"

#define ONE           (1ULL << 20) /* of a fading count */
#define RATE          40           /* bits behind the point of calls per millisecond */
#define SLOT_MS       10000ULL     /* arrivals fade by 1/60 each: a memory of ten minutes */
#define SLOTS         60
#define SLOTS_AGO_MAX 1024       /* all has faded */
#define WAIT_MOST_MS  3600000ULL /* more is not asked for */

enum {
    HANDLED_MOST = 128, /* the mean glides by 1/128 from there */
    EXITS = 1024        /* of the queue, over which giving up is remembered */
};

/* ---- learning ------------------------------------------------------------------------------ */

static void fade_arrivals(struct experience *experience, uint64_t at_ms)
{
    uint64_t slot = at_ms / SLOT_MS;
    uint64_t passed = slot - experience->slot;
    experience->slot = slot;
    if (passed > SLOTS_AGO_MAX)
        experience->arrivals = 0;
    for (uint64_t i = 0; i < passed && experience->arrivals; i++)
        experience->arrivals -= experience->arrivals / SLOTS;
}

void estimate_hear_arrival(struct core *core, const struct event *event)
{
    struct line *line = core_line(core, event->line);
    if (event->contact_arrived.channel != CHANNEL_VOICE || event->contact_arrived.test)
        return;
    fade_arrivals(&line->experience, event->at_ms);
    line->experience.arrivals += ONE;
}

static void hear_exit(struct experience *experience, uint64_t waited_ms, bool gave_up)
{
    experience->given_up -= experience->given_up / EXITS;
    experience->waited -= experience->waited / EXITS;
    experience->waited += waited_ms;
    if (gave_up)
        experience->given_up += ONE;
}

void estimate_hear_connected(struct core *core, const struct event *event)
{
    const struct contact *contact = core_contact(core, event->contact);
    struct user *taker = core_user(core, event->taker);
    if (contact->channel != CHANNEL_VOICE || contact->dial)
        return;
    if (!contact->parker) /* who was parked was answered long ago */
        hear_exit(&contact->line->experience, event->at_ms - contact->arrived_ms, false);
    if (!taker)
        return;
    taker->busy_ms = event->at_ms;
    taker->busy_line = contact->line->row.line;
}

/* The first lesson: now those who wait can be told. */
static void wake_waiting(struct core *core, struct line *line)
{
    for (struct contact *contact = list_first(&line->standing); contact;
         contact = list_next(&line->standing, &contact->place.of_line))
        queue_file(core, contact);
}

static void hear_handled(struct core *core, struct user *taker, uint64_t at_ms)
{
    struct line *line = core_line(core, taker->busy_line);
    if (taker->busy_ms == 0 || !line)
        return;
    struct experience *experience = &line->experience;
    uint64_t took = (at_ms - taker->busy_ms) << 8;
    taker->busy_ms = 0;
    if (experience->handled < HANDLED_MOST)
        experience->handled++;
    if (took >= experience->handling)
        experience->handling += (took - experience->handling) / experience->handled;
    else
        experience->handling -= (experience->handling - took) / experience->handled;
    if (experience->handled == 1)
        wake_waiting(core, line);
}

void estimate_hear_ended(struct core *core, const struct event *event)
{
    const struct contact *contact = core_contact(core, event->contact);
    if (contact->channel != CHANNEL_VOICE || contact->dial || contact->test)
        return;
    if (event->contact_ended.abandoned)
        hear_exit(&contact->line->experience, event->at_ms - contact->arrived_ms, true);
    struct user *taker = core_user(core, event->taker);
    if (taker && taker->busy_ms && core->parameters[PARAMETER_WRAP_UP_MS] == 0)
        hear_handled(core, taker, event->at_ms);
}

void estimate_hear_wrapped_up(struct core *core, const struct event *event)
{
    hear_handled(core, core_user(core, event->taker), event->at_ms);
}

void estimate_hear_signed_off(struct core *core, const struct event *event)
{
    core_user(core, event->taker)->busy_ms = 0;
}

/* ---- estimating ---------------------------------------------------------------------------- */

/* A line's takers, and those of them who have the contact's line, too. */
struct staff {
    uint32_t all;
    uint32_t shared;
};

static bool counts(const struct user *taker)
{
    return taker->signed_on && !taker->away && !taker->row.retired && taker_phone(taker)[0];
}

static bool has_line(const struct user *taker, const struct line *line)
{
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->lines[i] == line)
            return true;
    return false;
}

static uint32_t line_place(const struct core *core, const struct line *line)
{
    return (uint32_t)(((const char *)line - core->lines.slots) / (ptrdiff_t)core->lines.slot_size);
}

enum {
    LINES_MAX = 64 /* lines a city's core may hold and an estimate looks at */
};

static void count_staff(const struct core *core, const struct line *line, struct staff *staff)
{
    for (uint32_t i = 0; i < core->users.reached; i++) {
        const struct user *taker = pool_at(&core->users, i);
        if (!counts(taker))
            continue;
        bool shared = has_line(taker, line);
        for (uint32_t k = 0; k < taker->row.skills_count; k++) {
            if (!taker->lines[k])
                continue;
            uint32_t at = line_place(core, taker->lines[k]);
            staff[at].all += at < LINES_MAX;
            staff[at].shared += at < LINES_MAX && shared;
        }
    }
}

static uint64_t waiting_before(const struct line *line, const struct pile_node *node)
{
    uint64_t count = 0;
    for (const struct contact *other = list_first(&line->standing); other;
         other = list_next(&line->standing, &other->place.of_line))
        count += other->channel == CHANNEL_VOICE && pile_before(&other->place.node, node);
    return count;
}

/* Emergencies of a line, times the takers each holds on the mean: takers that are not there. 2^RATE. */
static uint64_t drain(const struct line *line, uint64_t at_ms)
{
    struct experience now = line->experience;
    fade_arrivals(&now, at_ms);
    uint64_t rate = (now.arrivals << (RATE - 20)) / (SLOTS * SLOT_MS);
    return rate * (now.handling >> 8);
}

struct estimate estimate_wait(const struct core *core, const struct contact *contact)
{
    const struct line *own = contact->line;
    struct staff staff[LINES_MAX] = { 0 };
    struct estimate estimate = { .handling_ms = own->experience.handling >> 8 };
    count_staff(core, own, staff);
    uint64_t ahead = 0; /* 1/256 contacts */
    uint64_t drained = 0;
    for (uint32_t i = 0; i < pool_used(&core->lines) && i < LINES_MAX; i++) {
        const struct line *line = pool_at(&core->lines, i);
        if (line == own)
            estimate.takers = staff[i].shared;
        if (staff[i].shared == 0)
            continue;
        uint64_t before = waiting_before(line, &contact->place.node);
        ahead += before * 256 * staff[i].shared / staff[i].all;
        if (line->row.emergency)
            drained += drain(line, core->at_ms) / staff[i].all * staff[i].shared;
    }
    estimate.ahead = (uint32_t)((ahead + 128) / 256);
    if (estimate.takers == 0 || estimate.handling_ms == 0)
        return estimate;
    uint64_t takers = (uint64_t)estimate.takers << RATE;
    uint64_t left = takers > drained ? takers - drained : 0;
    if (left < takers / 20)
        left = takers / 20;
    uint64_t rate = left / estimate.handling_ms;
    const struct experience *past = &own->experience;
    uint64_t leave = past->waited ? (past->given_up << (RATE - 20)) / past->waited : 0;
    uint64_t wait = 0; /* 1/16 ms */
    for (uint32_t i = 0; i <= estimate.ahead && wait < WAIT_MOST_MS * 16; i++)
        wait += (1ULL << (RATE + 4)) / (rate + i * leave + 1);
    estimate.wait_ms = wait / 16 < WAIT_MOST_MS ? wait / 16 + 1 : WAIT_MOST_MS;
    return estimate;
}

/* ---- telling ------------------------------------------------------------------------------- */

uint32_t estimate_minutes(uint64_t wait_ms)
{
    static const uint32_t steps[] = { 1, 3, 5, 10 };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (wait_ms <= steps[i] * 60000ULL)
            return steps[i];
    return 0;
}

static bool may_be_told(const struct contact *contact)
{
    return contact->state == CONTACT_STATE_WAITING && contact->channel == CHANNEL_VOICE &&
           !contact->line->row.emergency && !contact->dial && !contact->parked_ms;
}

uint64_t estimate_due(const struct core *core, const struct contact *contact)
{
    if (!may_be_told(contact))
        return NEVER;
    if (core->storm.cause != STORM_CAUSE_NONE && contact->estimated_ms == 0)
        return contact->arrived_ms;
    if (contact->line->experience.handled == 0)
        return NEVER;
    return contact->estimated_ms ? contact->estimated_ms + core->parameters[PARAMETER_WAIT_EVERY_MS]
                                 : contact->arrived_ms + core->parameters[PARAMETER_WAIT_FIRST_MS];
}

static enum announcement choose(const struct core *core, const struct contact *contact,
                                uint64_t wait_ms, uint32_t *minutes)
{
    bool long_wait = wait_ms > core->parameters[PARAMETER_WAIT_OFFER_MS];
    bool offer = long_wait || core->storm.cause != STORM_CAUSE_NONE;
    if (offer && contact->announced != ANNOUNCEMENT_CALLBACK_OFFER && contact->caller &&
        !contact->undiallable)
        return ANNOUNCEMENT_CALLBACK_OFFER;
    if (wait_ms < core->parameters[PARAMETER_WAIT_FIRST_MS])
        return ANNOUNCEMENT_NONE;
    *minutes = estimate_minutes(wait_ms);
    if (*minutes == 0 || (contact->minutes && *minutes >= contact->minutes))
        *minutes = 0;
    return *minutes ? ANNOUNCEMENT_WAIT : ANNOUNCEMENT_NONE;
}

void estimate_tell(struct decision *decision, const struct contact *contact)
{
    struct estimate estimate = estimate_wait(decision->core, contact);
    struct event *event = contact_event(decision, EVENT_WAIT_ESTIMATED, contact);
    struct wait_estimated *told = &event->wait_estimated;
    told->wait_ms = estimate.wait_ms;
    told->announcement = choose(decision->core, contact, estimate.wait_ms, &told->minutes);
    told->gateway = contact->gateway->row.gateway;
    told->call = contact->call;
}

void apply_wait_estimated(struct core *core, const struct event *event)
{
    const struct wait_estimated *told = &event->wait_estimated;
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && may_be_told(contact));
    REQUIRE(!told->minutes || !contact->minutes || told->minutes < contact->minutes);
    contact->estimated_ms = event->at_ms;
    if (told->minutes)
        contact->minutes = told->minutes;
    if (told->announcement == ANNOUNCEMENT_CALLBACK_OFFER)
        contact->announced = told->announcement;
    queue_file(core, contact);
}
