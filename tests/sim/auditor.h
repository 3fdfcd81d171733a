/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * auditor: watches what is durable and ends the process when a promise is broken. It shares no code
 * with the core and keeps its own books from the events alone, so that it is wrong in other places
 * than the core would be. Each promise has an id; the list of them stands in auditor.c. Who looks after
 * those that are not kept here: I13 to I15 node.c and host.c, I16 and I19 wire.c, figures in figures.c.
 *
 * Kinds of event it does not know make what they touch a stranger, which is no longer judged. */
#ifndef TESTS_SIM_AUDITOR_H
#define TESTS_SIM_AUDITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    SEEN_TAKERS_MAX = 512,
    SEEN_GATEWAYS_MAX = 16,
    SEEN_LINES_MAX = 16,
    SEEN_UNITS_MAX = 128,
    SEEN_CLUSTERS_MAX = 64,
    SEEN_TREES_MAX = 16,
    SEEN_PARTIES_MAX = 1024,
    SEEN_DAYS_MAX = 256
};

struct seen_offer {
    uint64_t id, made_ms, until_ms; /* id 0: none */
    uint32_t taker;
    enum offer_kind kind;
    bool accepted;
};

struct seen_transfer {
    enum transfer_kind kind; /* NONE: none runs */
    uint32_t named, line, receiver;
    uint64_t asked_ms, until_ms, answered_ms, offer;
};

/* The questions being asked on a contact, and what was answered. */
struct seen_guide {
    uint32_t tree, version, asked, count;
    struct {
        uint32_t question, answer;
    } given[32];
    enum priority priority; /* what all answers came to */
    uint32_t risks;
};

struct seen_contact {
    uint64_t id, call, caller, arrived_ms, due_ms, unanswered;
    uint64_t
        survived_ms; /* a telephone answered without a dispatcher: connected with the next event */
    bool owes_reached;           /* so did this one's that was given up: its callback ends */
    uint32_t dialled;            /* the line it came on */
    uint32_t answered_by;        /* 0: nobody, or nobody's seat */
    struct seen_offer offers[2]; /* the second only beside a first */
    uint32_t line, gateway, taker, band;
    enum channel channel;
    enum contact_state state;
    struct seen_transfer transfer;
    uint32_t came_from; /* the line it was handed over from */
    bool bounced, owes_bounce;
    uint64_t incident, likely;
    uint32_t minutes; /* that were said */
    struct seen_guide *guide;
    enum language language; /* needed; NONE: any */
    uint32_t level;         /* takers up to it are asked; 0: all */
    uint64_t needed_ms, widen_ms, held_ms, muted_ms;
    uint64_t parked_ms, park_until_ms;
    uint32_t parker;      /* who parked it last, 0: nobody ever did */
    uint32_t unparked_to; /* they are asked with the next event */
    enum silence_state silence;
    uint64_t silence_ms; /* PROMPTED: until then a key */
    uint32_t checks;     /* of the checklist that were made */
    uint32_t tries;      /* dial: in vain */
    uint64_t next_ms, lapse_ms;
    bool any_language, undiallable, quiet, owes_text;
    enum typing typing;              /* inside the call, last */
    bool dial;                       /* has no leg: whoever takes it calls the citizen */
    bool late, lost, stranger, owed; /* lost: the city cut it off */
    bool stranded;                   /* its gateway began a new life */
    uint32_t live_at;                /* place in live_contacts */
};

struct seen_taker {
    struct user_row row;
    char phone[161];
    bool on, away, emergency, must_go_away, stranger, recall;
    bool ordinary_rest; /* the pause after an offer is none for emergencies */
    bool cut_short;     /* the pause ended before its time: an emergency comes at once */
    bool cut_in;        /* … for who talks with them already */
    bool comes_back;    /* the other's conversation is over, and with it the pause */
    enum away_reason reason;
    uint64_t guest_of;   /* another's conversation */
    uint64_t takes_over; /* it is theirs with the next event */
    uint64_t contact, wrap_up_ms, rest_ms, idle_ms, unanswered;
};

/* One clock, as it was told: from these three anybody can reckon when it is due. */
struct seen_clock {
    uint64_t start_ms;
    struct span length; /* measure NONE: not told */
    uint64_t paused_ms[MEASURE_COUNT];
    uint64_t pause_since_ms; /* 0: runs */
};

struct seen_incident {
    uint64_t id, caller, number, clock_due_ms, closed_ms, started_ms;
    struct seen_clock promise;
    uint64_t parent;              /* it follows, 0: none */
    uint32_t children, followers; /* that follow it; that still wait for its answer */
    bool called;                  /* its parent's answer reached it */
    bool unmerged;                /* just now: its own clock comes next */
    enum priority priority;
    enum secrecy secrecy;
    uint32_t risks;
    enum priority owed_priority; /* NONE: no answer asks for more */
    uint64_t since_ms, booked_ms[OWNER_COUNT];
    enum owner owner;
    uint32_t line, round, tries, returns, first_task; /* place in tasks + 1 */
    enum sla_class sla;
    enum incident_state state;
    enum clock_kind clock;
    uint64_t texts; /* bits: templates of this round */
    bool emergency, told, unsafe, reported, rated, rated_well, stranger;
    uint32_t open_at;
};

struct seen_task {
    uint64_t id, incident, sign_due_ms, reply_due_ms, rule_due_ms;
    uint32_t department, round, next_task, open_at;
    enum task_kind kind;
    enum task_state state;
    enum degree solved; /* as it replied last */
    struct seen_clock sign, reply;
    bool sign_reported, reply_reported, rule_reported, forgotten, final, stranger;
    bool late; /* for an emergency, and has not said why */
};

struct seen_callback {
    uint64_t id, contact, caller, due_ms, next_ms;
    uint32_t tries;
    bool ended, reported, undiallable, quiet;
};

struct seen_mark {
    uint64_t id, until_ms;
    enum mark_kind kind;
    uint32_t days, asker;
    bool set, ended;
};

struct seen_text {
    uint64_t id, incident;
    enum template template;
    enum text_state state;
    uint64_t held_ms; /* not before; 0: it was not held */
    uint64_t ordered_ms;
    uint32_t gateway; /* that asked whether it may send it, 0: none */
    bool sent;        /* the message centre has it */
    bool recalled;    /* its gateway was asked to take it back */
    bool doubtful;    /* the post that was to send it is gone: another one may send it, too */
};

/* Who was answered by a telephone of a plan, without a dispatcher. */
struct seen_survival {
    uint32_t gateway, line;
    struct contact_survive said;
    uint32_t before; /* the same call's former one: place + 1 */
    bool alone;      /* the gateway had no dispatcher then, and has not said so yet */
    bool kept;       /* the gateway will say so for certain */
    bool told;       /* it stands on the trail */
    bool over;       /* the report came too late for the dispatcher to know the call */
};

/* Somebody more in a conversation. */
struct seen_party {
    uint64_t id, contact, joined_ms;
    uint32_t user; /* 0: a department */
    enum party_role role;
    bool must_pause; /* with the next event */
    bool pauses;
};

struct seen_petition {
    uint64_t id;
    uint32_t asker;
    bool ended;
};

struct seen_unit {
    struct unit_row row;
    enum unit_state state;
    uint64_t incident, sign_due_ms, check_in_ms;
    uint64_t stack[8];
    uint32_t stack_count;
    bool passed, mayday;
};

struct seen_cluster {
    uint64_t id, incident, grew_ms;
    uint32_t line, calls;
    bool ended;
};

/* Somebody may look into a secret. */
struct seen_grant {
    uint64_t incident, until_ms;
    uint32_t user;
    bool ended;
};

/* What the office decides beside its cases. */
enum paper {
    PAPER_AMENDMENT = 1,
    PAPER_ARTICLE, /* an edition */
    PAPER_ERASURE,
    PAPER_GLASS,
    PAPER_NOTICE,
    PAPER_SIGNET,
    PAPER_PRESERVATION,
    PAPER_RETENTION,
    PAPER_READING_LIST,
    PAPER_EXAM,
    PAPER_ATTEMPT, /* by: whose it is */
    PAPER_WORDS    /* of a corrected notice, by the correction's seq */
};

struct seen_paper {
    uint32_t state, by; /* by: whom the second person must not be; 0: no person */
    bool urgent;        /* a notice that may wake people */
    uint64_t until_ms;  /* of an attempt at a test */
    uint32_t right;     /* answers of it */
};

struct seen_storm {
    enum storm_cause cause; /* NONE: none */
    uint64_t since_ms, stirred_ms;
};

/* An answer of an edition of a tree. */
struct seen_answer {
    uint32_t tree, version, question, answer, next;
    enum priority raise, lower;
    uint32_t risks;
};

struct seen_tree {
    uint32_t tree, current, coming, first, coming_first; /* versions, 0: none */
};

/* Where things are, by kind and number. */
struct seen_place {
    uint64_t key, owner;
    uint32_t place; /* + 1 */
};

struct auditor {
    uint64_t seq, at_ms, last_id, last_number;
    struct line_row lines[SEEN_LINES_MAX];
    uint32_t line_count;
    struct seen_taker takers[SEEN_TAKERS_MAX];
    uint32_t taker_count;
    uint64_t gateway_epoch[SEEN_GATEWAYS_MAX];
    bool gateway_down[SEEN_GATEWAYS_MAX];
    bool gateway_unable[SEEN_GATEWAYS_MAX]; /* to send texts, until it says otherwise */
    uint64_t gateway_fell_ms[SEEN_GATEWAYS_MAX];
    uint64_t gateway_keep_ms[SEEN_GATEWAYS_MAX]; /* it names the calls that go on by then */
    uint64_t gateway_hold_ms[SEEN_GATEWAYS_MAX]; /* it tells what it did alone by then */
    uint64_t parameters[PARAMETER_COUNT];
    uint32_t reserve, reserve_extra; /* as it was told last */
    struct seen_contact *contacts;
    struct seen_incident *incidents;
    struct seen_task *tasks;
    struct seen_callback *callbacks;
    struct seen_text *texts;
    struct seen_petition *petitions;
    uint32_t petition_count, petition_room;
    struct seen_mark *marks;
    uint32_t mark_count, mark_room;
    struct seen_survival *survivals;
    uint32_t survival_count, survival_room;
    struct seen_grant *grants;
    uint32_t grant_count, grant_room;
    struct seen_paper *papers;
    uint32_t paper_count, paper_room;
    struct seen_party parties[SEEN_PARTIES_MAX];
    uint32_t party_count;
    struct seen_unit units[SEEN_UNITS_MAX];
    uint32_t unit_count;
    struct seen_cluster clusters[SEEN_CLUSTERS_MAX]; /* the newest of a ring */
    uint32_t cluster_count;
    struct seen_storm storm;
    struct seen_answer *answers;
    uint32_t answer_count, answer_room;
    struct seen_tree trees[SEEN_TREES_MAX];
    uint32_t tree_count;
    struct calendar_loaded calendar; /* version 0: none yet */
    struct day_row days[SEEN_DAYS_MAX];
    uint32_t day_count;
    uint32_t contact_count, incident_count, task_count, callback_count, text_count;
    uint32_t contact_room, incident_room, task_room, callback_room, text_room;
    uint32_t *live_contacts, *open_incidents, *open_tasks;
    uint32_t live_contact_count, open_incident_count, open_task_count;
    uint32_t live_contact_room, open_incident_room, open_task_room;
    struct seen_place *places;
    uint32_t place_count, place_room;
    uint64_t *promised; /* gateway << 56 | call */
    uint32_t promised_count, promised_room;
    uint64_t turned_away[SEEN_GATEWAYS_MAX], counted_away[SEEN_GATEWAYS_MAX];
    uint32_t open_callbacks;
    uint32_t
        callbacks_most; /* so many places there are, 0: enough; a full pool is an alarm, no promise */
    uint32_t owed_callbacks; /* contacts whose callback must be opened in the same breath */
    uint64_t reads, strangers;
};

/* initial: the parameters' values before any event. */
void auditor_open(struct auditor *auditor, const uint64_t initial[PARAMETER_COUNT]);
void auditor_close(struct auditor *auditor);

/* Looks at one event. */
void auditor_see(struct auditor *auditor, const struct event *event);

/* The core says nothing was left to do at this moment: is it so? */
void auditor_rest(const struct auditor *auditor, uint64_t now_ms);

/* The core's own counters, for metrics: are they what the trail says? (I23) */
struct core_counts;
void auditor_count(const struct auditor *auditor, const struct core_counts *counts);

/* How long this owner has had the incident, by the auditor's books. (I31) */
uint64_t auditor_booked_ms(const struct seen_incident *incident, enum owner owner, uint64_t at_ms);

/* After the faults: the queue is empty; in the end everything is closed (all) and kept. */
void auditor_drained(const struct auditor *auditor);
void auditor_finished(const struct auditor *auditor, bool all);

/* ---- what the outside saw --------------------------------------------------------------------- */

/* A gateway told a citizen that the city has them. */
void auditor_promised(struct auditor *auditor, uint32_t gateway, uint64_t call);

/* It could not keep them after all, and will say how many. */
void auditor_turned_away(struct auditor *auditor, uint32_t gateway, uint64_t call);

/* Somebody was answered who asked when `asked_seq` was the newest event. */
void auditor_answered(struct auditor *auditor, uint64_t asked_seq, const struct outcome *outcome);

/* A telephone of a plan answered, and the gateway says so, perhaps again; it will for certain; it was answered. A
 * gateway that was alone says that at its next hello, or there was none, for the connection stood. */
void auditor_survives(struct auditor *auditor, uint32_t gateway, uint32_t line,
                      const struct contact_survive *said, bool alone);
void auditor_stood(struct auditor *auditor, uint32_t gateway);
void auditor_survival_kept(struct auditor *auditor, uint32_t gateway, uint64_t call,
                           uint64_t answered_ms);
void auditor_survival_heard(struct auditor *auditor, uint32_t gateway, uint64_t call,
                            uint64_t answered_ms, enum refusal refusal);

/* Was this text ordered by a notice? */
bool auditor_is_notice(const struct auditor *auditor, uint64_t text);

/* A text was handed to the message centre. */
void auditor_sent(struct auditor *auditor, uint64_t text);

/* A promise that others look after is broken. */
_Noreturn void auditor_broken(const char *id, const char *words);

/* ---- for people who look things up; NULL for none ----------------------------------------------- */

const struct seen_contact *auditor_contact(const struct auditor *auditor, uint64_t id);
const struct seen_incident *auditor_incident(const struct auditor *auditor, uint64_t id);
const struct seen_task *auditor_task(const struct auditor *auditor, uint64_t id);

#endif
