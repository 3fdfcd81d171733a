/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * guide: the questions of one tree being asked on one contact. It keeps the edition it began with;
 * every answer is an event with tree, version and question, so that the record says what was asked.
 *
 * What the answers say takes effect at once and in one direction: a matter becomes more urgent, more
 * dangerous, more secret. Answers alone never make an emergency less urgent: that is proposed, and a
 * person decides. Taking an answer back takes back the step, not what was done because of it. */
#ifndef DISPATCHER_CORE_GUIDE_H
#define DISPATCHER_CORE_GUIDE_H

#include "dispatcher/core/tree.h"

struct guide_answer_given {
    uint32_t question;
    uint32_t answer;
    uint32_t value;
};

/* What the trees before it found out: asking another one forgets no danger. */
struct guide_brought {
    enum priority priority;
    enum secrecy secrecy;
    uint32_t risks;
};

struct guide {
    uint64_t contact; /* 0: a free slot */
    struct edition *edition;
    struct guide_brought brought;
    uint32_t asked; /* question, 0: done */
    uint32_t count;
    struct guide_answer_given given[TREE_PATH_MAX];
};

/* What all answers so far ask for. */
struct guidance {
    enum priority priority; /* NONE: nothing */
    enum priority proposed; /* less urgent than it is; only for an emergency */
    enum secrecy secrecy;
    uint32_t category;
    uint32_t risks;
    bool lowered; /* the priority is less urgent than a category may say */
};

/* All NONE without a guide. */
struct guidance contact_guidance(const struct contact *contact);

/* For the registration of a contact's incident; open: nobody chose its priority. */
void guide_fill(const struct contact *contact, bool open, struct incident_registered *row);
void guide_registered(struct decision *decision, const struct contact *contact,
                      const struct incident *incident);

/* Makes an open incident at least as urgent, dangerous and secret; no event when it is so already. */
void incident_raise(struct decision *decision, const struct incident *incident,
                    const struct guidance *guidance, uint64_t because);

/* The contact is forgotten, and its guide with it. */
void guide_forget(struct core *core, struct contact *contact);

enum refusal decide_guide_begin(struct decision *decision);
enum refusal decide_guide_answer(struct decision *decision);
enum refusal decide_guide_undo(struct decision *decision);

void apply_guide_begun(struct core *core, const struct event *event);
void apply_guide_answered(struct core *core, const struct event *event);
void apply_guide_undone(struct core *core, const struct event *event);
void apply_incident_raised(struct core *core, const struct event *event);
void apply_contact_raised(struct core *core, const struct event *event);

#endif
