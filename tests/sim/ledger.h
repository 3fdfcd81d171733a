/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ledger: the auditor's own books: growing lists, and one index over all of them. */
#ifndef TESTS_SIM_LEDGER_H
#define TESTS_SIM_LEDGER_H

#include "tests/sim/auditor.h"

enum ledger_kind {
    LEDGER_CONTACT = 1,
    LEDGER_CALL, /* owner: the gateway */
    LEDGER_INCIDENT,
    LEDGER_TASK,
    LEDGER_CALLBACK,
    LEDGER_TEXT,
    LEDGER_PETITION,
    LEDGER_RUNG,            /* of a task; owner: which */
    LEDGER_TIE,             /* of an incident; owner: to which, how; the place: still there? */
    LEDGER_CALLER_CALLBACK, /* the newest */
    LEDGER_EFFECT,          /* an event's seq that somebody was answered with */
    LEDGER_MARK,
    LEDGER_CALLER_MARK, /* the newest; owner: its kind */
    LEDGER_SURVIVAL,    /* of a call, the newest; owner: the gateway */
    LEDGER_GRANT,       /* of an incident, the newest; owner: who may look */
    LEDGER_PAPER,       /* owner: its kind */
    LEDGER_ERASED,
    LEDGER_EXAM_TIME, /* of a question: how often it was written */
    LEDGER_EXAM_RIGHT, /* a blind index; owner: its question; the place: written for the how-manieth time */
    LEDGER_NOTICE_TEXT /* a text of a notice; owner 1: the message centre has it */
};

#define PROMISE(id, condition, words)                                                              \
    do {                                                                                           \
        if (!(condition))                                                                          \
            auditor_broken(id, words);                                                             \
    } while (0)

/* A notice orders texts. */
void auditor_see_step(struct auditor *auditor, const struct event *event, bool urgent);

/* Makes room for one more. */
void *ledger_grow(void *list, uint32_t count, uint32_t *room, size_t size);
#define LEDGER_ADD(auditor, list)                                                                  \
    ((auditor)->list##s = ledger_grow((auditor)->list##s, (auditor)->list##_count,                 \
                                      &(auditor)->list##_room, sizeof *(auditor)->list##s),        \
     &(auditor)->list##s[(auditor)->list##_count++])

void ledger_put(struct auditor *auditor, enum ledger_kind kind, uint64_t number, uint64_t owner,
                uint32_t place);

/* The place + 1, 0 for none. */
uint32_t ledger_find(const struct auditor *auditor, enum ledger_kind kind, uint64_t number,
                     uint64_t owner);

struct seen_contact *ledger_contact(const struct auditor *auditor, uint64_t id);
struct seen_incident *ledger_incident(const struct auditor *auditor, uint64_t id);
struct seen_task *ledger_task(const struct auditor *auditor, uint64_t id);
struct seen_callback *ledger_callback(const struct auditor *auditor, uint64_t id);
struct seen_text *ledger_text(const struct auditor *auditor, uint64_t id);

/* Lists of places: of contacts that live, of incidents and tasks that are open. The element knows
 * where in the list it stands. */
#define LEDGER_ENTER(auditor, list, of, place, at)                                                 \
    ((auditor)->list##s = ledger_grow((auditor)->list##s, (auditor)->list##_count,                 \
                                      &(auditor)->list##_room, sizeof *(auditor)->list##s),        \
     (auditor)->of[place].at = (auditor)->list##_count,                                            \
     (auditor)->list##s[(auditor)->list##_count++] = (place))
#define LEDGER_LEAVE(auditor, list, of, where, at)                                                 \
    ((auditor)->list##_count--,                                                                    \
     (auditor)->list##s[where] = (auditor)->list##s[(auditor)->list##_count],                      \
     (auditor)->of[(auditor)->list##s[where]].at = (where))

/* ---- the auditor's parts ------------------------------------------------------------------------ */

struct seen_taker *auditor_taker(struct auditor *auditor, uint32_t user);
const struct line_row *auditor_line(const struct auditor *auditor, uint32_t line);

/* The line whose takers a contact asks. */
uint32_t auditor_asked_line(const struct seen_contact *contact);

/* The contact and the offer an event speaks of; what is dropped is followed by the second one. */
struct seen_contact *auditor_offered(struct auditor *auditor, const struct event *event,
                                     struct seen_offer **offer);
void auditor_drop(struct seen_contact *contact, const struct seen_offer *offer);

/* What was told to a taker is in the record. (I29) */
void auditor_check_guided(const struct auditor *auditor, const struct seen_contact *contact,
                          const struct incident_registered *row);

bool auditor_unit_may_move(enum unit_machine machine, enum unit_state from, enum unit_step step,
                           enum unit_state to); /* to NONE: anywhere */

/* The clock a start and a length make; ends the process when it is due at another time. (I31) */
struct seen_clock auditor_clock(const struct auditor *auditor, uint64_t start_ms,
                                const struct span *length, uint64_t due_ms);

/* Whoever has the incident now has it from here on. (I31) */
void auditor_pass_ball(struct auditor *auditor, struct seen_incident *incident);

/* Nobody was heard on it, and nobody has ruled. (I32) */
bool auditor_is_unheard(const struct seen_contact *contact);

/* Bits (1 << kind) of the marks a number bears. (I33) */
uint32_t auditor_marks(const struct auditor *auditor, uint64_t caller);

/* It asks the takers its wait has opened. (I34) */
void auditor_check_ring(const struct auditor *auditor, const struct seen_contact *contact);

/* Who waits to be called under this number, NULL: nobody. (I35) */
const struct seen_contact *auditor_queued(const struct auditor *auditor, uint64_t caller);

/* As long as the line's row or the storm says. (I27) */
void auditor_check_wrap_up(const struct auditor *auditor, const struct event *event);

/* Might this taker be offered this contact now? (I5) */
bool auditor_fits(const struct auditor *auditor, const struct seen_taker *taker,
                  const struct seen_contact *contact);

bool auditor_incident_may_move(bool emergency, enum incident_state from, enum incident_step step,
                               enum incident_state to);
bool auditor_task_may_move(enum task_state from, enum task_step step, enum task_state to);
/* How many idle takers of emergency lines ordinary contacts leave alone, by the rule. */
uint32_t auditor_reserve(const struct auditor *auditor);

bool auditor_task_is_open(enum task_state state);

/* Whether departments have open tasks in this state. */
enum auditor_work {
    AUDITOR_WORK_NONE,
    AUDITOR_WORK_OPEN,
    AUDITOR_WORK_ANY
};
enum auditor_work auditor_work_in(enum incident_state state);
bool auditor_incident_is_closed(enum incident_state state);

/* One lead, no open task left behind. (I10) */
void auditor_check_tasks(const struct auditor *auditor, const struct seen_incident *incident);

/* A conversation that began without a dispatcher. (I38) */
void auditor_see_survived_connect(struct auditor *auditor, const struct event *event);
void auditor_rest_of_survivals(const struct auditor *auditor, uint64_t now_ms);
void auditor_finished_survivals(const struct auditor *auditor);

/* Each returns false for a kind that is not its own. */
bool auditor_see_survival(struct auditor *auditor, const struct event *event);
bool auditor_see_call(struct auditor *auditor, const struct event *event);
bool auditor_see_work(struct auditor *auditor, const struct event *event);
bool auditor_see_transfer(struct auditor *auditor, const struct event *event);

/* auditor_park.c: is this the offer that follows from who was unparked a moment ago? */
bool auditor_see_park(struct auditor *auditor, const struct event *event);
bool auditor_unparked(struct seen_contact *contact, const struct event *offer);
void auditor_rest_of_park(const struct seen_contact *contact, uint64_t now_ms);
bool auditor_see_storm(struct auditor *auditor, const struct event *event);
bool auditor_see_unit(struct auditor *auditor, const struct event *event);
bool auditor_see_guide(struct auditor *auditor, const struct event *event);
bool auditor_see_family(struct auditor *auditor, const struct event *event);
bool auditor_see_clock(struct auditor *auditor, const struct event *event);
bool auditor_see_text(struct auditor *auditor, const struct event *event);
bool auditor_see_caller(struct auditor *auditor, const struct event *event);
bool auditor_see_paper(struct auditor *auditor, const struct event *event);
bool auditor_see_exam(struct auditor *auditor, const struct event *event);
void auditor_rest_of_grants(const struct auditor *auditor, uint64_t now_ms);
bool auditor_see_party(struct auditor *auditor, const struct event *event);

/* What must hold of each when nothing is left to do. */
void auditor_rest_of_parties(const struct auditor *auditor);
void auditor_rest_of_transfer(const struct auditor *auditor, const struct seen_contact *contact,
                              uint64_t now_ms);
void auditor_rest_of_storm(const struct auditor *auditor, uint64_t now_ms);
void auditor_rest_of_units(const struct auditor *auditor, uint64_t now_ms);
void auditor_rest_of_caller(const struct seen_contact *contact, uint64_t now_ms);
void auditor_rest_of_marks(const struct auditor *auditor, uint64_t now_ms);
void auditor_rest_of_texts(const struct auditor *auditor, uint64_t now_ms);
void auditor_finished_texts(const struct auditor *auditor);
void auditor_rest_of_family(const struct auditor *auditor, const struct seen_incident *incident);

#endif
