/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * auditor: watches the events of a core and ends the process when one breaks a promise. It shares no
 * code with the core, keeps everything in plain arrays and finds it by looking at all of them: slow,
 * simple, and wrong in other places than the core would be.
 *
 * Promises: numbers and times never go back (I17) · a contact has one owner (I2) · a taker one contact,
 * a contact one offer (I4) · nobody is passed over whom the same taker might take, first come first
 * served (I5, I6), and the longest idle of the best level answers · the reserve is left alone · an
 * emergency that got lost is called back (I7) · every move is one of the list (I8) · a missed clock is
 * reported when it is missed, once (I9) · one lead, which does not assist (I10) · no closing without
 * telling (I12) · every read is written down (I20). */
#ifndef TESTS_SIM_AUDITOR_H
#define TESTS_SIM_AUDITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    SEEN_MAX = 65536 /* of each thing, in one run */
};

struct seen_contact {
    uint64_t id, call, caller, due_ms, offer;
    uint32_t line, gateway, taker, band;
    enum channel channel;
    enum contact_state state;
    bool late, lost; /* lost: the city cut it off */
};

struct seen_taker {
    struct user_row row;
    char phone[161];
    bool on, away, emergency;
    uint64_t contact, wrap_up_ms, idle_ms;
};

struct seen_incident {
    uint64_t id, caller, clock_due_ms;
    uint32_t line, round;
    enum incident_state state;
    enum clock_kind clock;
    bool told, unsafe, reported;
};

struct seen_task {
    uint64_t id, incident, sign_due_ms, reply_due_ms, rule_due_ms;
    uint32_t department, round;
    enum task_kind kind;
    enum task_state state;
    bool sign_reported, reply_reported, rule_reported, forgotten;
};

struct seen_callback {
    uint64_t id, contact, caller, due_ms;
    bool ended, reported;
};

struct seen_text {
    uint64_t id, incident;
    enum template template;
    bool ended;
};

struct auditor {
    uint64_t seq, at_ms;
    struct line_row lines[16];
    uint32_t line_count;
    struct seen_taker takers[64];
    uint32_t taker_count;
    uint64_t gateway_epoch[8];
    bool gateway_down[8];
    uint64_t reserve_permille;
    struct seen_contact *contacts;
    struct seen_incident *incidents;
    struct seen_task *tasks;
    struct seen_callback *callbacks;
    struct seen_text *texts;
    uint32_t contact_count, incident_count, task_count, callback_count, text_count;
    uint64_t reads;
};

void auditor_open(struct auditor *auditor);
void auditor_close(struct auditor *auditor);

/* Looks at one event. */
void auditor_see(struct auditor *auditor, const struct event *event);

/* The core says nothing is left to do now: is it so? */
void auditor_rest(const struct auditor *auditor, uint64_t now_ms);

#endif
