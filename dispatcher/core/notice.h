/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notice: one text to many citizens. A notice is one object with a cursor: its words and its
 * recipients' numbers lie sealed beside the events that brought them, and outside the core texts are
 * made of them as the cursor goes on, NOTICE_STEP_MAX at a time, not faster than its rate and not
 * further ahead of the message gateway than NOTICE_AHEAD_MAX. Nothing of it waits in the pool of texts.
 *
 * Whoever writes it does not start it: a second person does. It keeps the quiet hours unless it says
 * why not. Each recipient's text is ordered once. */
#ifndef DISPATCHER_CORE_NOTICE_H
#define DISPATCHER_CORE_NOTICE_H

#include "dispatcher/core/decision.h"

enum {
    NOTICES_MAX = 64,
    NOTICE_CHUNKS_MAX = 8192,       /* of all notices */
    NOTICE_RECIPIENTS_MAX = 500000, /* of one */
    NOTICE_STEP_MAX = 32,
    NOTICE_AHEAD_MAX = 1024
};

/* The notice whose recipient's text this is, NULL: none's. */
const struct notice *notice_of_text(const struct core *core, uint64_t text);

void notice_due(struct decision *decision, const struct notice *notice);

/* A gateway's word of a recipient's text. */
enum refusal notice_text_report(struct decision *decision, const struct notice *notice);

enum refusal decide_notice_create(struct decision *decision);
enum refusal decide_notice_add(struct decision *decision);
enum refusal decide_notice_start(struct decision *decision);
enum refusal decide_notice_pause(struct decision *decision);
enum refusal decide_notice_go_on(struct decision *decision);
enum refusal decide_notice_stop(struct decision *decision);

/* A gateway rose or fell. */
void notices_refile(struct core *core);

void apply_notice_created(struct core *core, const struct event *event);
void apply_notice_added(struct core *core, const struct event *event);
void apply_notice_moved(struct core *core, const struct event *event);
void apply_notice_stepped(struct core *core, const struct event *event);
void apply_notice_reported(struct core *core, const struct event *event);

#endif
