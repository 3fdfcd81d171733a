/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/taker.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/disposition.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/storm.h"

enum taker_state taker_state(const struct user *taker)
{
    if (!taker->signed_on)
        return TAKER_STATE_SIGNED_OFF;
    if (taker->contact)
        return offer_to(taker->contact, taker) ? TAKER_STATE_OFFERED : TAKER_STATE_TALKING;
    if (taker->wrap_up_ms)
        return TAKER_STATE_WRAP_UP;
    return taker->away ? TAKER_STATE_AWAY : TAKER_STATE_READY;
}

const char *taker_phone(const struct user *taker)
{
    return taker->phone[0] ? taker->phone : taker->row.phone;
}

static void count(uint32_t *counter, bool *counted, bool now)
{
    if (*counted != now)
        *counter += now ? 1 : UINT32_MAX;
    *counted = now;
}

static void seat_file(struct user *taker, uint32_t skill, uint32_t spoken, struct rank *rank)
{
    struct seat *seat = &taker->seats[spoken][skill];
    uint32_t level = taker->row.skills[skill].level;
    seat->taker = taker;
    seat->number = taker->row.user;
    bool cut = taker->wrap_up_ms || taker->rest_ms;
    rank_enter(rank, seat, cut ? SEAT_WRAP_UP + level : level, taker->idle_ms);
}

/* A seat among all who have the skill, and one for each language the taker speaks. */
static void seats_file(struct user *taker, uint32_t skill)
{
    struct line *line = taker->lines[skill];
    if (!line)
        return;
    enum channel channel = taker_phone(taker)[0] ? CHANNEL_VOICE : CHANNEL_SMS;
    seat_file(taker, skill, 0, &line->idle[LANGUAGE_NONE][channel][taker->emergency]);
    uint32_t languages = taker->row.languages;
    for (uint32_t spoken = 1; languages; spoken++) {
        uint32_t language = (uint32_t)__builtin_ctz(languages);
        languages &= languages - 1;
        seat_file(taker, skill, spoken, &line->idle[language][channel][taker->emergency]);
    }
}

static uint64_t earliest(const struct user *taker)
{
    uint64_t due_ms = taker->wrap_up_ms ? taker->wrap_up_ms : NEVER;
    return taker->rest_ms && taker->rest_ms < due_ms ? taker->rest_ms : due_ms;
}

bool taker_is_open(const struct user *taker)
{
    enum taker_state state = taker_state(taker);
    return !taker->row.retired && !taker->away && (!taker->rest_ms || taker->ordinary_rest) &&
           !taker->guest_of && (state == TAKER_STATE_READY || state == TAKER_STATE_WRAP_UP);
}

void taker_leave_seats(struct user *taker)
{
    uint32_t spoken_most = taker->row.languages ? SPOKEN_MAX : 0;
    for (uint32_t spoken = 0; spoken <= spoken_most; spoken++)
        for (uint32_t i = 0; i < taker->row.skills_count; i++)
            rank_leave(&taker->seats[spoken][i]);
    taker->seated = false;
}

void taker_refile(struct core *core, struct user *taker)
{
    bool open = taker_is_open(taker);
    for (uint32_t i = 0; open && i < taker->row.skills_count; i++)
        seats_file(taker, i);
    if (taker->seated && !open)
        taker_leave_seats(taker);
    taker->seated = open;
    count(&core->emergency_on, &taker->counted_on, taker->emergency && taker->signed_on);
    count(&core->emergency_ready, &taker->counted_ready,
          taker->emergency && open && !taker->wrap_up_ms && !taker->rest_ms);
    deadline_set(core, &taker->deadline, earliest(taker), taker->row.user);
}

void taker_find_seats(struct core *core, struct user *taker)
{
    taker->emergency = false;
    for (uint32_t i = 0; i < taker->row.skills_count; i++) {
        taker->lines[i] = core_line(core, taker->row.skills[i].line);
        taker->emergency |= taker->lines[i] && taker->lines[i]->row.emergency;
    }
    taker_refile(core, taker);
}

void takers_find_seats(struct core *core)
{
    for (uint32_t i = 0; i < core->users.reached; i++) {
        struct user *taker = pool_at(&core->users, i);
        if (!taker->row.user)
            continue;
        taker_leave_seats(taker);
        taker_find_seats(core, taker);
    }
}

void takers_rebuild_seats(struct core *core)
{
    for (uint32_t i = 0; i < pool_used(&core->lines); i++) {
        struct line *line = pool_at(&core->lines, i);
        memset(line->idle, 0, sizeof line->idle);
    }
    for (uint32_t i = 0; i < core->users.reached; i++) {
        struct user *taker = pool_at(&core->users, i);
        memset(taker->seats, 0, sizeof taker->seats);
        taker->seated = false;
        if (taker->row.user)
            taker_refile(core, taker);
    }
}

static struct event *taker_event(struct decision *decision, enum event_kind kind,
                                 const struct user *taker)
{
    struct event *event = decision_event(decision, kind);
    event->taker = taker->row.user;
    return event;
}

void taker_let_go(struct core *core, struct user *taker, uint64_t at_ms)
{
    taker->contact = NULL;
    taker->idle_ms = at_ms;
    taker_refile(core, taker);
}

void taker_wrap_up(struct decision *decision, const struct contact *contact)
{
    if (!contact->taker)
        return;
    if (contact->taker->row.retired) {
        taker_event(decision, EVENT_TAKER_SIGNED_OFF, contact->taker);
        return;
    }
    uint64_t length_ms = storm_wrap_up_ms(decision->core, contact->line);
    if (length_ms == 0)
        return;
    struct event *event = taker_event(decision, EVENT_WRAP_UP_STARTED, contact->taker);
    event->contact = contact->id;
    event->wrap_up_started.until_ms = decision->at_ms + length_ms;
}

void taker_due(struct decision *decision, const struct user *taker)
{
    bool rested = taker->rest_ms && taker->rest_ms <= decision->at_ms;
    taker_event(decision, rested ? EVENT_TAKER_RESTED : EVENT_WRAP_UP_ENDED, taker);
}

void taker_cut_in(struct decision *decision, const struct user *taker)
{
    if (taker->rest_ms)
        taker_event(decision, EVENT_TAKER_RESTED, taker);
    if (taker->wrap_up_ms)
        taker_event(decision, EVENT_WRAP_UP_ENDED, taker);
}

/* A supervisor's word ends another's wrap-up all the same. */
static bool owes(const struct decision *decision, const struct user *taker)
{
    return taker == decision->user && disposition_is_owed(decision->core, taker);
}

/* The taker meant: the actor, or another whom a supervisor means. */
static enum refusal find_taker(const struct decision *decision, uint32_t number,
                               const struct user **taker)
{
    if (number == 0)
        number = decision->actor_kind == ACTOR_KIND_USER ? decision->actor : 0;
    *taker = core_user(decision->core, number);
    if (!*taker)
        return REFUSAL_NO_SUCH_USER;
    if (*taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_ALLOWED;
    return REFUSAL_NONE;
}

void taker_retire(struct decision *decision, const struct user *taker)
{
    enum taker_state state = taker_state(taker);
    if (state == TAKER_STATE_SIGNED_OFF || state == TAKER_STATE_TALKING)
        return;
    if (state == TAKER_STATE_OFFERED)
        offer_leave(decision, taker);
    taker_event(decision, EVENT_TAKER_SIGNED_OFF, taker);
}

static bool attends(const struct user *taker, const struct line *line)
{
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->lines[i] == line)
            return taker->signed_on && !taker->away;
    return false;
}

/* Would this taker's leaving bring one of their lines under its seats_min? A supervisor's word, for another or for
 * themselves, is taken all the same; so is who leaves by a rule of the city (unanswered, phone failed, retired). */
static bool is_needed(const struct decision *decision, const struct user *taker)
{
    const struct core *core = decision->core;
    if (taker != decision->user || decision_forces(decision))
        return false;
    for (uint32_t i = 0; i < taker->row.skills_count; i++) {
        const struct line *line = taker->lines[i];
        uint32_t others = 0;
        if (!line || line->row.retired || line->row.seats_min == 0 || !attends(taker, line))
            continue;
        for (uint32_t k = 0; k < core->users.reached; k++) {
            const struct user *other = pool_at(&core->users, k);
            others += other->row.user && other != taker && attends(other, line);
        }
        if (others < line->row.seats_min)
            return true;
    }
    return false;
}

enum refusal decide_taker_sign_on(struct decision *decision)
{
    const struct user *taker = decision->user;
    if (!taker || taker->row.retired)
        return REFUSAL_NO_SUCH_USER;
    if (taker->signed_on)
        return REFUSAL_ALREADY;
    taker_event(decision, EVENT_TAKER_SIGNED_ON, taker);
    return REFUSAL_NONE;
}

enum refusal decide_taker_sign_off(struct decision *decision)
{
    const struct user *taker;
    enum refusal refusal = find_taker(decision, decision->command->taker_sign_off.taker, &taker);
    if (refusal)
        return refusal;
    enum taker_state state = taker_state(taker);
    if (state == TAKER_STATE_SIGNED_OFF)
        return REFUSAL_ALREADY;
    if (state == TAKER_STATE_TALKING)
        return REFUSAL_WRONG_STATE; /* nobody walks out of a conversation */
    if (is_needed(decision, taker))
        return REFUSAL_SEATS_MIN;
    if (state == TAKER_STATE_OFFERED)
        offer_leave(decision, taker);
    taker_event(decision, EVENT_TAKER_SIGNED_OFF, taker);
    return REFUSAL_NONE;
}

enum refusal decide_taker_ready(struct decision *decision)
{
    const struct user *taker;
    enum refusal refusal = find_taker(decision, decision->command->taker_ready.taker, &taker);
    if (refusal)
        return refusal;
    enum taker_state state = taker_state(taker);
    if (state == TAKER_STATE_SIGNED_OFF || taker->guest_of)
        return REFUSAL_WRONG_STATE;
    if (state != TAKER_STATE_WRAP_UP && !taker->away)
        return REFUSAL_ALREADY;
    if (state == TAKER_STATE_WRAP_UP && owes(decision, taker))
        return REFUSAL_DISPOSITION_MISSING;
    if (state == TAKER_STATE_WRAP_UP)
        taker_event(decision, EVENT_WRAP_UP_ENDED, taker);
    if (taker->away)
        taker_event(decision, EVENT_TAKER_BECAME_READY, taker);
    return REFUSAL_NONE;
}

enum refusal decide_taker_away(struct decision *decision)
{
    enum away_reason reason = decision->command->taker_away.reason;
    const struct user *taker;
    enum refusal refusal = find_taker(decision, decision->command->taker_away.taker, &taker);
    if (refusal)
        return refusal;
    if (reason == AWAY_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    enum taker_state state = taker_state(taker);
    if (state == TAKER_STATE_SIGNED_OFF)
        return REFUSAL_WRONG_STATE;
    if (taker->away == reason)
        return REFUSAL_ALREADY;
    if (is_needed(decision, taker))
        return REFUSAL_SEATS_MIN;
    if (state == TAKER_STATE_OFFERED)
        offer_leave(decision, taker);
    taker_event(decision, EVENT_TAKER_WENT_AWAY, taker)->taker_went_away.reason = reason;
    return REFUSAL_NONE;
}

enum refusal decide_wrap_up_finish(struct decision *decision)
{
    const struct user *taker;
    enum refusal refusal = find_taker(decision, decision->command->wrap_up_finish.taker, &taker);
    if (refusal)
        return refusal;
    if (taker_state(taker) != TAKER_STATE_WRAP_UP)
        return REFUSAL_WRONG_STATE;
    if (owes(decision, taker))
        return REFUSAL_DISPOSITION_MISSING;
    taker_event(decision, EVENT_WRAP_UP_ENDED, taker);
    return REFUSAL_NONE;
}

enum refusal decide_phone_register(struct decision *decision)
{
    const struct phone_register *asked = &decision->command->phone_register;
    const struct user *taker = core_user(decision->core, asked->user);
    if (!taker)
        return REFUSAL_NO_SUCH_USER;
    /* A refresh of the same registration is no news; it comes every minute from every phone. */
    if (strcmp(taker->phone, asked->phone) == 0)
        return REFUSAL_ALREADY;
    struct event *event = taker_event(decision, EVENT_PHONE_REGISTERED, taker);
    memcpy(event->phone_registered.phone, asked->phone, sizeof asked->phone);
    event->phone_registered.until_ms = asked->until_ms;
    return REFUSAL_NONE;
}

static struct user *signed_on_taker(const struct core *core, const struct event *event)
{
    struct user *taker = core_user(core, event->taker);
    REQUIRE(taker && taker->signed_on);
    return taker;
}

void apply_taker_signed_on(struct core *core, const struct event *event)
{
    struct user *taker = core_user(core, event->taker);
    REQUIRE(taker && !taker->signed_on && !taker->contact);
    taker->signed_on = true;
    taker->away = AWAY_REASON_SIGNED_ON;
    taker->idle_ms = event->at_ms;
    taker->unanswered = 0;
    taker_refile(core, taker);
}

void apply_taker_signed_off(struct core *core, const struct event *event)
{
    struct user *taker = signed_on_taker(core, event);
    REQUIRE(!taker->contact);
    taker->signed_on = false;
    taker->away = AWAY_REASON_NONE;
    taker->wrap_up_ms = taker->wrap_up_of = 0;
    taker->rest_ms = 0;
    taker->ordinary_rest = false;
    taker_refile(core, taker);
}

void apply_taker_became_ready(struct core *core, const struct event *event)
{
    struct user *taker = signed_on_taker(core, event);
    taker->away = AWAY_REASON_NONE;
    taker->idle_ms = event->at_ms;
    taker->unanswered = 0;
    taker_refile(core, taker);
}

void apply_taker_went_away(struct core *core, const struct event *event)
{
    struct user *taker = signed_on_taker(core, event);
    REQUIRE(event->taker_went_away.reason != AWAY_REASON_NONE);
    taker->away = event->taker_went_away.reason;
    taker_refile(core, taker);
}

void apply_wrap_up_started(struct core *core, const struct event *event)
{
    struct user *taker = signed_on_taker(core, event);
    REQUIRE(!taker->contact && event->wrap_up_started.until_ms > event->at_ms);
    taker->wrap_up_ms = event->wrap_up_started.until_ms;
    taker->wrap_up_of = event->contact;
    taker_refile(core, taker);
}

void apply_wrap_up_ended(struct core *core, const struct event *event)
{
    struct user *taker = signed_on_taker(core, event);
    REQUIRE(taker->wrap_up_ms);
    taker->wrap_up_ms = taker->wrap_up_of = 0;
    taker->idle_ms = event->at_ms;
    taker_refile(core, taker);
}

void apply_taker_rested(struct core *core, const struct event *event)
{
    struct user *taker = core_user(core, event->taker);
    REQUIRE(taker && taker->rest_ms);
    taker->rest_ms = 0;
    taker->ordinary_rest = false;
    taker_refile(core, taker);
}

void apply_phone_registered(struct core *core, const struct event *event)
{
    struct user *taker = core_user(core, event->taker);
    REQUIRE(taker);
    memset(taker->phone, 0, sizeof taker->phone);
    memcpy(taker->phone, event->phone_registered.phone,
           strnlen(event->phone_registered.phone, sizeof taker->phone - 1));
    taker_refile(core, taker);
}
