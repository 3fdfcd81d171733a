/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glass: what is behind glass until two persons break it. One asks for a narrow right, with a reason; another
 * agrees, of a role that the right names, never the same person; for some hours the first may do what the
 * right gives (proto/access.h), and each event of it says so. It ends by the clock or by hand, and is an open
 * item until an auditor looked at it: GLASSES_MAX of them that nobody looked at, and there are no more. */
#ifndef DISPATCHER_CORE_GLASS_H
#define DISPATCHER_CORE_GLASS_H

#include "dispatcher/core/decision.h"

enum {
    GLASSES_MAX = 64 /* asked for, open, or waiting for the auditor; then REFUSAL_LIMIT */
};

struct glass {
    uint64_t id;
    enum glass_right right;
    enum glass_state state;
    uint32_t user; /* who asked, and whose right it is */
    uint32_t agreed_by;
    struct deadline deadline; /* ASKED: nobody agreed; OPEN: its end */
};

/* The user's open break-glass that gives this command, or has this right; 0: none. */
uint64_t glass_that_gives(const struct core *core, uint32_t user, enum command_kind kind);
uint64_t glass_of(const struct core *core, uint32_t user, enum glass_right right);

void glass_due(struct decision *decision, const struct glass *glass);

enum refusal decide_glass_ask(struct decision *decision);
enum refusal decide_glass_agree(struct decision *decision);
enum refusal decide_glass_end(struct decision *decision);
enum refusal decide_glass_review(struct decision *decision);

void apply_glass_asked(struct core *core, const struct event *event);
void apply_glass_moved(struct core *core, const struct event *event);

#endif
