/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decide: the table of all commands: who may give each, and which function decides it. */
#ifndef DISPATCHER_CORE_DECIDE_H
#define DISPATCHER_CORE_DECIDE_H

#include "dispatcher/core/decision.h"

/* Checks the actor, then decides. On a refusal the verdict's events mean nothing. */
enum refusal decide(struct decision *decision);

#endif
