/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * records: what recount.c gathers and recount_tally.c counts. Each array grows; its ids rise, as ids
 * do in a journal. */
#ifndef DISPATCHER_KPI_RECORDS_H
#define DISPATCHER_KPI_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/kpi/histogram.h"
#include "proto/message.h"

struct call_record {
    uint64_t id;
    uint64_t arrived_ms;
    uint64_t due_ms;
    uint64_t connected_ms;
    uint64_t ended_ms; /* of the last end */
    uint64_t talk_ms;
    uint64_t wrap_up_ms;
    uint32_t line;
    uint32_t unanswered;
    uint32_t relined;
    uint32_t callbacks;
    uint32_t callbacks_reached;
    uint32_t callbacks_fast;
    bool text;
    bool invalid; /* so says its disposition */
    bool by_rule;
    bool in_target;
    bool abandoned;
    bool abandoned_short;
    bool abandoned_in_target;
    bool cut_off;
    uint64_t held_ms; /* since when the citizen is held, 0: is not */
    uint64_t hold_ms;
    uint32_t transfers;
    uint32_t transfers_in[HISTOGRAM_CLASSES_MAX]; /* taken, by class of the answer */
    uint32_t bounced;
    uint32_t diverted; /* from an emergency line to an ordinary one */
};

struct order_record {
    uint64_t id;
    uint64_t registered_ms; /* for the first time; 0: a draft */
    uint64_t started_ms;
    uint64_t answered_ms;
    uint64_t ordered_ms;
    uint64_t replied_ms;
    uint64_t closed_ms;
    uint32_t line;
    uint32_t lead;
    bool emergency;
    bool overdue; /* the running clock of the incident */
    bool ordered_in_time;
    bool on_scene;
    bool misdirected;
    bool followed;
    enum incident_state state;
    uint32_t siblings;
    uint32_t siblings_fast;
    uint64_t complained_ms; /* the last bad verdict that nothing was done about */
    uint64_t redo_until_ms; /* three working days behind it, 0: the event does not say */
    enum degree solved;     /* as that verdict said */
    enum degree satisfied;
    enum void_reason void_reason;
    bool asked; /* for a verdict */
    uint64_t caller;
    uint32_t category;
    /* Who has the ball (recount_owner.c). */
    enum owner owner;
    uint64_t since_ms;
    uint32_t lead_task; /* place among the tasks, NOWHERE: none yet */
    bool return_asked;
    uint32_t segment; /* the last one, NOWHERE: none */
    bool closed;
    uint32_t closing; /* the last one up to the first end, NOWHERE: none, or it has not ended */
    uint32_t direct;  /* its last direct answer, NOWHERE: none */
};

/* So long somebody had the ball of an order; segments of one order are a chain, the last one first. */
struct segment_record {
    uint64_t ms;
    uint32_t before; /* NOWHERE: it is the first */
    uint32_t task;   /* of the lead then */
    enum owner owner;
};

/* A direct answer, until the citizen came again about the matter. */
struct direct_record {
    uint64_t at_ms;
    uint64_t caller;
    uint32_t category;
    uint32_t order;
    bool over;
};

struct task_record {
    uint64_t id;
    uint64_t sent_ms;
    uint64_t sign_due_ms;
    uint64_t due_ms;
    uint64_t first_due_ms;
    uint64_t signed_ms;
    uint64_t arrived_ms;
    uint64_t replied_ms;
    uint64_t due_at_reply_ms;
    uint64_t missed_ms;      /* its time passed without a reply: that time */
    uint64_t contact_due_ms; /* the first word with the citizen, 0: not awaited */
    bool returned;
    bool supervised; /* a supervision order waits for its answer */
    uint32_t order;  /* place among the orders */
    uint32_t department;
    enum task_kind kind;
};

/* One thing that happened to an order or a task, as the event told it. */
struct step_record {
    uint64_t at_ms;
    uint32_t order;
    uint32_t task; /* place among the tasks; NOWHERE: the order's own */
    uint32_t lead; /* at that time */
    enum event_kind kind;
    bool first; /* of its sort for the order or the task */
    union {
        struct incident_moved moved;
        struct task_moved task_moved;
        struct survey_answered survey;
        struct citizen_told told;
        struct petition_ended petition;
        struct incident_supervised supervised;
    };
};

/* What one event counts by itself, for the city and perhaps a department. */
struct booking {
    uint64_t at_ms;
    uint64_t amount;
    uint32_t department;
    uint32_t line; /* 0: it is the city's and the department's */
    enum kpi_count count;
};

/* A taker, and since when they do what they do. */
struct seat_record {
    uint32_t taker;
    bool on;
    bool away;
    bool conference; /* away to take part in another's conversation */
    bool wraps_up;
    uint64_t contact;      /* asked or in conversation */
    uint64_t offer;        /* asked */
    enum taker_state does; /* NONE: not signed on */
    uint64_t since_ms;
};

struct callback_record {
    uint64_t id;
    uint64_t opened_ms;
    uint32_t call;
};

struct wrap_up_record {
    uint64_t since_ms; /* 0: none runs */
    uint32_t taker;
    uint32_t call;
};

struct user_record {
    uint32_t user;
    bool takes_calls;
};

struct line_record {
    uint32_t line;
    bool emergency;
};

/* A growing array of any of them. */
struct records {
    void *rows;
    uint32_t count;
    uint32_t room;
};

#define NOWHERE UINT32_MAX

/* A zeroed row at the end; NULL: no memory. */
void *records_add(struct records *records, size_t size);

/* Who has the ball (recount_owner.c); an event of the order, also while it is a draft. Return 0 or -ENOMEM. */
struct recount;
void recount_owner_begin(struct order_record *order, enum incident_state state);
int recount_owner(struct recount *recount, struct order_record *order, const struct event *event);

/* Was a direct answer enough (recount_again.c)? The order is accepted, answered directly, or somebody says
 * that its answer was not enough. Each returns 0 or -ENOMEM. */
int recount_again_accepted(struct recount *recount, const struct order_record *order,
                           uint64_t at_ms);
int recount_again_answered(struct recount *recount, struct order_record *order, uint64_t at_ms);
int recount_again_asked(struct recount *recount, const struct order_record *order, uint64_t at_ms);

/* Takers' time (recount_seat.c). Returns 0 or -ENOMEM. */
int recount_seat(struct recount *recount, const struct event *event);

/* Books an amount; 0 is nothing. Returns 0 or -ENOMEM. */
int recount_book(struct recount *recount, uint64_t at_ms, uint32_t department, enum kpi_count count,
                 uint64_t amount);

struct recount {
    uint64_t seq;
    uint64_t offset_min;
    struct records calls;
    struct records orders;
    struct records tasks;
    struct records steps;
    struct records callbacks;
    struct records wrap_ups; /* by taker, unordered */
    struct records lines;    /* unordered */
    struct records seats;    /* by taker, unordered */
    struct records bookings;
    struct records segments;
    struct records directs;
    uint32_t *direct_places; /* by caller and category: place among the directs + 1, 0: empty */
    uint32_t direct_room;    /* a power of two, or 0 */
    struct records users;    /* unordered */
    uint64_t said[KPI_COUNT_COUNT]; /* what the city's parameters say */
};

#endif
