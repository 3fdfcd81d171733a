/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * press: telephone keys that whoever has the conversation presses towards the citizen's side or a guest's, for
 * machines that answer calls: an extension, a menu. The gateway sends them. They stand in the trail as
 * they are, so a secret does not belong here. */
#ifndef DISPATCHER_CORE_PRESS_H
#define DISPATCHER_CORE_PRESS_H

#include "dispatcher/core/decision.h"

enum refusal decide_contact_press(struct decision *decision);

#endif
