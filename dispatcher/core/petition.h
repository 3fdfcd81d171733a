/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * petition: what is asked for against the ordinary course, and who must agree, in order. One table
 * says for each kind and occasion who may ask and which roles answer at each stage; nobody answers
 * their own petition, nor two stages of one. Each stage has a clock of its own. A petition that no
 * longer fits, because the incident went on, ends as overtaken. */
#ifndef DISPATCHER_CORE_PETITION_H
#define DISPATCHER_CORE_PETITION_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

enum {
    PETITION_STAGES_MAX = 2,
    PETITIONS_PER_INCIDENT_MAX = 8 /* one of each kind at a time */
};

enum occasion {
    OCCASION_ANY,
    OCCASION_SECOND,   /* the extraordinary extension */
    OCCASION_DISPUTED, /* not accepted because the ruling says so */
    OCCASION_CITY      /* a transfer out of the city */
};

/* A row of the table: role sets, bit (1 << role). Golden: tests/golden/core_tables.txt. */
struct approval {
    enum petition_kind kind;
    enum occasion occasion;
    uint32_t askers;
    uint32_t stages[PETITION_STAGES_MAX]; /* 0: no such stage */
    bool alone;                           /* who asked may bring the answer, too */
    bool lapses;                          /* no answer in time is an answer */
};
extern const struct approval approvals[];
extern const uint32_t approval_count;

struct petition *core_petition(const struct core *core, uint64_t id);

/* The incident's open petition of this kind, NULL for none. */
const struct petition *petition_open_of(const struct incident *incident, enum petition_kind kind);

/* Asks in the name of the command's actor. LIMIT: no room; ALREADY: one of the kind waits. */
enum refusal petition_open(struct decision *decision, const struct incident *incident,
                           const struct petition_asked *asked, const struct task *task);
enum refusal petition_of_nuisance(struct decision *decision, const struct incident *incident,
                                  enum void_reason reason);

/* Its stage is due, or it no longer fits. */
void petition_due(struct decision *decision, const struct petition *petition);

/* The incident or one of its tasks moved: what no longer fits is due at once. */
void petitions_refile(struct core *core, struct incident *incident);

/* The incident leaves memory. */
void petitions_forget(struct core *core, struct incident *incident);

enum refusal decide_petition_ask(struct decision *decision);
enum refusal decide_petition_rule(struct decision *decision);
enum refusal decide_petition_cancel(struct decision *decision);

void apply_petition_asked(struct core *core, const struct event *event);
void apply_petition_agreed(struct core *core, const struct event *event);
void apply_petition_ended(struct core *core, const struct event *event);
void apply_petition_overdue(struct core *core, uint64_t id);

/* ---- petition_kind.c: what each kind wants to be asked, and does when it is granted ---- */

/* May it be asked now? Fills `asked` beyond what the command says. */
enum refusal petition_check(const struct decision *decision, const struct incident *incident,
                            const struct task *task, struct petition_asked *asked,
                            enum occasion *occasion);

/* Could it still be granted? */
bool petition_fits(const struct core *core, const struct petition *petition);

void petition_grant(struct decision *decision, const struct petition *petition);
void petition_refuse(struct decision *decision, const struct petition *petition);

#endif
