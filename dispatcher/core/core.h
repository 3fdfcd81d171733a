/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * core: the one decider. Commands in, events out; pure and deterministic: no I/O, no clock, no
 * allocation, no global (ops/check-core-purity.sh). Live running, recovery, replica checks and
 * simulation run the same code (docs/principles.md 2 and 3).
 *
 * One call of core_step() takes one command at command->at_ms (which never goes back), decides on a
 * const state, applies the events it decided, and lets their consequences settle (offers to idle
 * takers, withdrawn offers, clocks) until nothing more follows. The events it returns carry their
 * seq; the caller makes them durable before anybody hears of them.
 *
 * A due deadline fires after the command of the same moment: an answer in the millisecond in which an
 * offer's lease ends wins. The first event of a command carries has_personal. A repeated arrival is
 * known as long as the contact is in memory; older repeats are the journal's to recognise.
 *
 * Personal data never comes in: commands carry a blind index of the caller's number (`caller`) and
 * whether sealed data travels along (`has_personal`). */
#ifndef DISPATCHER_CORE_CORE_H
#define DISPATCHER_CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

/* How many of each the core holds at once. All memory is one block, sized at start. A full pool is
 * REFUSAL_LIMIT, counted; an emergency contact finds its place as long as `contacts` allows. */
struct core_limits {
    uint32_t lines;
    uint32_t departments;
    uint32_t users;
    uint32_t categories;
    uint32_t gateways;
    uint32_t contacts;  /* live ones, and ended ones until their slot is needed */
    uint32_t incidents; /* open ones, and closed ones until they leave (returning.h) */
    uint32_t tasks;
    uint32_t callbacks;
    uint32_t texts;     /* ordered and not yet finally reported */
    uint32_t petitions; /* open ones */
};

/* Enough for a city of some millions on one machine. */
struct core_limits core_limits_default(void);

struct core;

/* Most events of one step. A command whose consequences would be more spreads them over ticks: the
 * deadline heap then holds a deadline of now. */
enum {
    CORE_EVENTS_MAX = 64
};

struct verdict {
    enum refusal refusal; /* NONE: done. Otherwise count is 0 and nothing changed. */
    uint64_t contact;     /* what the command made or touched, for the asker; 0: nothing */
    uint64_t incident;
    uint64_t number;
    uint64_t task;
    uint64_t petition;
    uint64_t notice;
    uint64_t caller;
    uint32_t article;
    uint32_t amendment;
    uint32_t reading_list;
    uint32_t exam;
    uint64_t erasure;
    uint64_t glass;
    uint32_t count;
    struct event events[CORE_EVENTS_MAX];
};

/* Bytes that core_init() needs for these limits. */
size_t core_size(const struct core_limits *limits);

/* Makes an empty core in `memory` (size ≥ core_size(limits), aligned for any type, all zero as it
 * comes from mmap() or calloc()). Most of it is not touched before it is needed. The memory is
 * borrowed for the core's life; there is nothing to close. */
struct core *core_init(void *memory, size_t size, const struct core_limits *limits);

/* An empty core that goes on counting from here, as after many years: the next event is seq + 1, the
 * next id next_id. For tests of the far end of every number. */
void core_count_from(struct core *core, uint64_t seq, uint64_t next_id);

/* Takes up a core that core_init() made at this very address and somebody copied away and back: what
 * lies in the block points into the block. NULL when it is not a core of these limits. */
struct core *core_resume(void *memory, const struct core_limits *limits);

/* Decides, applies and settles one command. */
void core_step(struct core *core, const struct command *command, struct verdict *verdict);

/* Applies one event of the journal; event->seq must be core_seq() + 1. Cannot fail: an event that
 * does not fit the state is a bug (or a journal of another city) and ends the process. */
void core_apply(struct core *core, const struct event *event);

/* The last event applied; 0 for none. After core_apply() the next deadline is due at once, so that the
 * first tick settles what a crash may have cut off. */
uint64_t core_seq(const struct core *core);

/* Is the incident in memory? A closed one may have left (dispatcher/core/returning.h). */
bool core_holds_incident(const struct core *core, uint64_t incident);

/* When the next tick is due, UTC milliseconds; UINT64_MAX: never. */
uint64_t core_next_deadline_ms(const struct core *core);

/* A number over all that events established: equal histories, equal digests, for ever. What is at its
 * default counts nothing, so that new state leaves the digests of old journals as they are (digest.c,
 * tests/golden/README.md). */
uint64_t core_digest(const struct core *core);

/* Walks all invariants and ends the process at the first that does not hold. */
void core_check(const struct core *core);

/* What a rule of retention may be about: a case, or a contact of which none came. */
struct retention_subject {
    uint64_t incident, contact, caller; /* one of the first two */
    uint32_t line, category;
    uint64_t since_ms; /* when it ended; 0: it has not */
    bool sound;        /* of it recordings and attachments alone */
};

/* Whether it has been kept long enough, and by which rule (0: by none): NONE, it goes; NOT_EXPIRED; PRESERVED, by *preservation;
 * STILL_OPEN, or something of the person is. */
enum refusal core_retention_judge(const struct core *core, const struct retention_subject *subject,
                                  uint64_t now_ms, uint32_t *rule, uint64_t *preservation);

/* The erasures by rule that go on, 0: none; whether the night's are to begin; whether nobody waits and no storm is. */
uint64_t core_retention(const struct core *core);
bool core_retention_is_due(const struct core *core, uint64_t now_ms);
bool core_is_quiet(const struct core *core);

/* Looks for a contact that waits although a taker could have it, without asking the queue (a slow walk
 * over both). There is none; whoever finds one twice in PARAMETER_STALL_MS sends a QueueMend. */
bool core_stalled(const struct core *core, uint64_t *contact, uint32_t *taker);

/* Why this contact stands where it stands, and whom it could have (a slow walk for a person who asks).
 * False when no contact of this number is in memory. */
bool core_explain(const struct core *core, uint64_t contact, uint64_t now_ms,
                  struct explanation *explanation);

/* What is kept idle for emergencies, and why. */
void core_reserve(const struct core *core, uint64_t now_ms, struct reserve_status *status);

/* Shows which texts of a notice were ordered: the first one's number and how many, of each pass over the recipients;
 * of a later pass some of them were not. */
typedef void core_texts_each(void *owner, uint64_t first, uint32_t count);
void core_notice_texts(const struct core *core, uint64_t id, core_texts_each *each, void *owner);

/* Shows the journal's events that brought the recipients of a draft; false: there is no such draft. */
typedef void core_chunk_each(void *owner, uint64_t seq);
bool core_notice_draft(const struct core *core, uint64_t id, core_chunk_each *each, void *owner);

/* May those who told of this incident be sent a notice? Not when it is not in memory. */
bool core_may_notify(const struct core *core, uint64_t incident);

/* Would the citizen of this incident be texted now? NONE: yes, at *until_ms when it waits for the morning, else 0. An
 * incident that is not in memory is excused from nothing. */
enum text_excuse core_text_outlook(const struct core *core, uint64_t incident,
                                   enum template template, uint64_t at_ms, uint64_t *until_ms);

/* Did this caller say no to surveys and notices? */
bool core_is_unsubscribed(const struct core *core, uint64_t caller);

uint64_t core_parameter(const struct core *core, enum parameter parameter);

/* Persons' keys: those of a user or all, in the order of their enrolment, behind asked->after. Returns the
 * one to continue behind, 0: these were all. */
uint64_t core_signets(const struct core *core, const struct signets_query *asked,
                      struct signets *answer);

/* How often a test's question was written, the one being written now included: part of its blind index. */
uint32_t core_exam_time(const struct core *core, uint32_t number, uint32_t question);

/* Shows for each question of a test, written for the time-th time, the blind index of what is right, and of what the
 * person chose in the last attempt (0: nothing). Of a person's open attempt `right` is 0; user 0: what is right alone. */
struct exam_shown {
    uint32_t question, time, article;
    uint64_t right, chosen;
};
typedef void core_exam_each(void *owner, const struct exam_shown *shown);
enum refusal core_exam_marks(const struct core *core, const struct exam_marks_query *asked,
                             core_exam_each *each, void *owner);

/* Counters for metrics: how many there are now. */
struct core_counts {
    uint32_t waiting;
    uint32_t offered;
    uint32_t connected;
    uint32_t signed_on;
    uint32_t ready;
    uint32_t open_incidents;
    uint32_t open_tasks;
    uint32_t callbacks;
    uint32_t reserve; /* idle takers kept for emergencies */
    uint32_t emergency_ready;
    uint32_t emergency_waiting;  /* on emergency lines, not in conversation yet */
    uint64_t emergency_since_ms; /* the arrival of the first of them, 0: none */
    uint64_t refused[REFUSAL_COUNT];
};
void core_count(const struct core *core, struct core_counts *counts);

#endif
