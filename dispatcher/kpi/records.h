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
    uint32_t order;          /* place among the orders */
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

/* Takers' time (recount_seat.c). Returns 0 or -ENOMEM. */
struct recount;
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
};

#endif
