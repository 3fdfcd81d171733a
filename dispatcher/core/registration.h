/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * registration: a contact becomes an incident with an order number, or joins one that is there. */
#ifndef DISPATCHER_CORE_REGISTRATION_H
#define DISPATCHER_CORE_REGISTRATION_H

#include "dispatcher/core/decision.h"

/* The class of time limits that an emergency's priority stands for. */
enum sla_class emergency_class(enum priority priority);

enum refusal decide_incident_register(struct decision *decision);
enum refusal decide_incident_attach(struct decision *decision);

#endif
