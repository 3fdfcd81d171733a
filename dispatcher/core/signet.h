/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signet: the key with which a person signs acknowledgements (proto/acknowledgement.h). A person enrols
 * their own; where one of their roles is in ROLES_SECONDED it waits for a second person's word. A revoked
 * one stays known for ever, so that nobody brings its key again.
 *
 * Whether a signature is one is looked at outside, before the command comes here; here it is judged whose
 * key that is, whether it still holds, and whether what was signed is this task as it stands now. */
#ifndef DISPATCHER_CORE_SIGNET_H
#define DISPATCHER_CORE_SIGNET_H

#include "dispatcher/core/decision.h"

enum {
    SIGNETS_MAX = 8192,       /* of all persons, revoked ones too; then REFUSAL_LIMIT */
    SIGNETS_OF_PERSON_MAX = 4 /* that are not revoked */
};

struct signet {
    struct signet_row row;
};

/* May this step of the task be taken with this acknowledgement (NULL: without one)? NONE;
 * SIGNATURE_WANTED: the department signs; NO_SUCH_SIGNET, NOT_YOURS, WRONG_STATE (it waits for its second
 * person), SIGNET_REVOKED; SIGNATURE_WRONG: another key, another incident; SIGNATURE_STALE: another
 * version of the task, or more than PARAMETER_SIGNATURE_MS away; SIGNATURE_COPIED: its authenticator had
 * counted as far before. */
enum refusal signet_judge(const struct decision *decision, const struct task *task,
                          const struct acknowledgement *acknowledgement);

/* The step's event bears it from now on. */
void signet_keep(struct event *event, const struct acknowledgement *acknowledgement);

enum refusal decide_signet_enrol(struct decision *decision);
enum refusal decide_signet_rule(struct decision *decision);
enum refusal decide_signet_revoke(struct decision *decision);

/* Part of applying the event that bears it. */
void signet_used(struct core *core, const struct acknowledgement *acknowledgement);
void apply_signet_enrolled(struct core *core, const struct event *event);
void apply_signet_moved(struct core *core, const struct event *event);

#endif
