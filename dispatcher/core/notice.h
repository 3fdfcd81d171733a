/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notice: one text to many citizens. A notice is one object with a cursor: its words and its
 * recipients' numbers lie sealed beside the events that brought them, and outside the core texts are
 * made of them as the cursor goes on, NOTICE_STEP_MAX at a time, not faster than its rate and not
 * further ahead of the message gateway than NOTICE_AHEAD_MAX. Nothing of it waits in the pool of texts.
 *
 * Whoever writes it does not start it: a second person does. It keeps the quiet hours unless it says
 * why not. Each recipient's text is ordered once.
 *
 * Corrected, it pauses at once, and a second person lets it go on: who has no words yet gets the new ones, and
 * gateways replace what message centres have. Which words each recipient has is known for as long as the lists of
 * recipients are: until the notice is stopped, or the lists of others need their room. Whoever has other words than
 * the last, or perhaps has, is texted again when somebody asks for it: once for each correction. */
#ifndef DISPATCHER_CORE_NOTICE_H
#define DISPATCHER_CORE_NOTICE_H

#include "dispatcher/core/decision.h"

enum {
    NOTICES_MAX = 64,
    NOTICE_CHUNKS_MAX = 8192,       /* of all notices */
    NOTICE_RECIPIENTS_MAX = 500000, /* of one */
    NOTICE_STEP_MAX = 32,
    NOTICE_AHEAD_MAX = 1024,
    NOTICE_CHUNK_MAX = NOTICE_HAS_WORDS * 32 /* recipients that come together */
};

enum notice_step {
    NOTICE_STEP_START,
    NOTICE_STEP_PAUSE,
    NOTICE_STEP_GO_ON,
    NOTICE_STEP_STOP,
    NOTICE_STEP_CORRECT,
    NOTICE_STEP_AGAIN,
    NOTICE_STEP_COUNT
};

/* The notice whose recipient's text this is, NULL: none's. */
const struct notice *notice_of_text(const struct core *core, uint64_t text);

struct notice *notice_find(const struct core *core, uint64_t id); /* NULL: there is none */

void notice_due(struct decision *decision, const struct notice *notice);

/* A gateway's word of a recipient's text. */
enum refusal notice_text_report(struct decision *decision, const struct notice *notice);

enum refusal decide_notice_create(struct decision *decision);
enum refusal decide_notice_add(struct decision *decision);
enum refusal decide_notice_start(struct decision *decision);
enum refusal decide_notice_pause(struct decision *decision);
enum refusal decide_notice_go_on(struct decision *decision);
enum refusal decide_notice_stop(struct decision *decision);

enum refusal decide_notice_correct(struct decision *decision);
enum refusal decide_notice_again(struct decision *decision);

/* A gateway rose or fell. */
void notices_refile(struct core *core);

void apply_notice_created(struct core *core, const struct event *event);
void apply_notice_added(struct core *core, const struct event *event);
void apply_notice_moved(struct core *core, const struct event *event);
void apply_notice_stepped(struct core *core, const struct event *event);
void apply_notice_reported(struct core *core, const struct event *event);
void apply_notice_corrected(struct core *core, const struct event *event);
void apply_notice_replaced(struct core *core, const struct event *event);

/* ---- between notice.c and notice_words.c ---------------------------------------------------------- */

/* Whether the notice may take the step; *notice: which one it is. */
enum refusal notice_take_step(struct decision *decision, uint64_t id, enum notice_step step,
                              const struct notice **notice);
struct event *notice_event(struct decision *decision, enum event_kind kind,
                           const struct notice *notice);
struct notice_moved *notice_move(struct decision *decision, const struct notice *notice,
                                 enum notice_state to);
void notice_refile(struct core *core, struct notice *notice);

/* Recipients of one chunk who are to be texted next. */
struct notice_run {
    const struct notice_chunk *chunk;
    uint32_t place;  /* of the first of them, from 0, in the notice … */
    uint32_t offset; /* … and in the chunk */
    uint32_t count;
};
/* At most so many; false: none is left. */
bool notice_next(const struct notice *notice, uint32_t most, struct notice_run *run);
bool notice_has_more(const struct notice *notice); /* this pass */
/* The cursor goes on over so many recipients. */
void notice_pass(struct notice *notice, uint32_t count);
/* Which recipient's text it is; false: nobody's. And whether it was ordered. */
bool notice_was_ordered(const struct notice *notice, uint64_t text);
bool notice_place(const struct notice *notice, uint64_t text, uint32_t *place);

enum notice_has notice_has(const struct notice *notice, uint32_t place);
/* After a delivery of words of this edition, 0: nobody knows of which. */
enum notice_has notice_has_now(const struct notice *notice, uint32_t place, uint32_t edition);
void notice_has_set(struct notice *notice, uint32_t place, enum notice_has has);

/* The words of the last correction hold from now on. */
void notice_replace(struct decision *decision, const struct notice *notice);
void notice_goes_again(struct core *core, struct notice *notice, const struct notice_moved *moved);

#endif
