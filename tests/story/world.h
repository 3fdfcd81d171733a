/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * world: a small city for stories. Commands go in, event lines come out, the clock is turned by hand.
 *
 * Every step is followed by core_check(); at the end the events are replayed into a fresh core, whose
 * digest must be the same.
 *
 * With WORLD_BASE=N in the environment every count begins at N: the same stories hold there
 * (tests/story/far.cmake).
 *
 * With WORLD_JOURNAL=FILE each story's history is appended to the file (tests/golden/README.md).
 *
 * The city: lines 110 (emergency, 10 s), 120 (emergency), 12345 (15 s); takers 1001 (110 and 12345),
 * 1002 (12345), 1003 (all lines, second choice); departments 1 police, 2 water, 3 roads, 4 housing
 * with users 2001 … 2004; supervisor 3001, auditor 3002, operator 3003; categories 10100 (life
 * danger), 20100 (class G), 20200 (class L); gateways 1 and 2 (trunks), 3 (texts).
 * It starts on Monday 2026-03-02, 09:00 in the city. */
#ifndef TESTS_STORY_WORLD_H
#define TESTS_STORY_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "dispatcher/core/core.h"

#define SECOND 1000ULL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

enum {
    EVENTS_MAX = 200000,
    LINES_MAX_BYTES = 1 << 20
};

/* Blind indexes of three citizens' numbers. */
enum {
    LI = 501,
    WANG = 502,
    ZHAO = 503
};

struct world {
    struct core_limits limits;
    void *memory;
    struct core *core;
    uint64_t start_ms;
    uint64_t now_ms;
    struct verdict verdict;
    struct event *history;
    uint32_t history_count;
    char *buffer;
    struct text lines; /* since the last world_expect() */
    uint64_t next_call;
    uint64_t base; /* seq, ids and calls count on from here */
};

/* cmocka's setup and teardown; *state is the world. */
int world_setup(void **state);
int world_teardown(void **state);

/* Without the replay: for a core that the test itself broke. */
int world_drop(void **state);

/* Starts anew with other limits. */
void world_restart(struct world *w, const struct core_limits *limits);

/* Sends a command as it is, at the world's time. */
enum refusal world_send(struct world *w, struct command command);

/* Turns the clock, ticking at each deadline on the way. */
void world_wait(struct world *w, uint64_t ms);

/* Compares the event lines since the last time. An expected line holds the time in seconds since the
 * start of the last wait, the kind, and any of the line's words; every event has its line. */
void world_expect(struct world *w, const char *expected);

/* Forgets the lines so far. */
void world_skip(struct world *w);

/* ---- words of the stories; each returns the refusal or what was made -------------------------- */

struct command from_system(enum command_kind kind);
struct command from_gateway(uint32_t gateway, enum command_kind kind);
struct command from_user(uint32_t user, enum command_kind kind);

enum refusal set_parameter(struct world *w, enum parameter parameter, uint64_t value);

/* A call or a text; returns the contact, 0 when it was refused. The last call is w->next_call - 1. */
uint64_t call_in(struct world *w, uint32_t line, uint64_t caller);
uint64_t call_by(struct world *w, uint32_t gateway, uint32_t line, uint64_t caller);
uint64_t text_in(struct world *w, uint32_t line, uint64_t caller);
uint64_t rating_in(struct world *w, uint64_t caller, enum degree contacted, enum degree solved,
                   enum degree satisfied);
enum refusal hang_up(struct world *w, uint64_t contact, enum end_cause cause);

enum refusal sign_on(struct world *w, uint32_t taker);
enum refusal sign_off(struct world *w, uint32_t taker);
enum refusal ready(struct world *w, uint32_t taker);
enum refusal away(struct world *w, uint32_t taker, enum away_reason reason);
enum refusal finish_wrap_up(struct world *w, uint32_t taker);
void on_duty(struct world *w, uint32_t taker); /* signed on and ready */

uint64_t last_offer(const struct world *w);           /* the newest offer made */
enum refusal answer(struct world *w, uint64_t offer); /* the phone */
enum refusal accept(struct world *w, uint32_t taker, uint64_t offer);
enum refusal decline(struct world *w, uint32_t taker, uint64_t offer);
enum refusal fail_offer(struct world *w, uint64_t offer, enum offer_end cause);
enum refusal finish(struct world *w, uint32_t taker, uint64_t contact);
uint64_t talk(struct world *w, uint32_t line, uint64_t caller); /* called and answered */

uint64_t register_incident(struct world *w, uint32_t taker, uint64_t contact, uint32_t category);
enum refusal dispatch(struct world *w, uint64_t incident, uint32_t lead, uint32_t assist);
uint64_t task_at(const struct world *w, uint64_t incident, uint32_t department);
enum refusal sign(struct world *w, uint64_t task);
enum refusal reply(struct world *w, uint64_t task);
enum refusal say_why(struct world *w, uint64_t task, enum late_reason reason);
enum refusal send_back(struct world *w, uint64_t task, enum return_reason reason);
enum refusal rule(struct world *w, uint64_t task, bool accept);
enum refusal tell(struct world *w, uint64_t incident, enum tell_means means,
                  enum excuse_reason excuse);
enum refusal survey(struct world *w, uint64_t incident, enum degree solved);
enum refusal revisit(struct world *w, uint64_t incident, bool reached, enum degree solved);
enum refusal report_text(struct world *w, uint64_t text, enum text_state state);
uint64_t last_text(const struct world *w, enum template template);
enum incident_state state_of(const struct world *w, uint64_t incident);

/* The newest event of a kind, NULL: none; how many there are. */
const struct event *last_event(const struct world *w, enum event_kind kind);
uint32_t count_events(const struct world *w, enum event_kind kind);

/* An incident of Li's about water, handled and replied; the result text is ordered. */
uint64_t replied_incident(struct world *w);
uint64_t told_incident(struct world *w);

#endif
