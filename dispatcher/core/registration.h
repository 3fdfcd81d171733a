/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * registration: a contact becomes an incident with an order number, or joins one that is there. */
#ifndef DISPATCHER_CORE_REGISTRATION_H
#define DISPATCHER_CORE_REGISTRATION_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* The class of time limits that an emergency's priority stands for. */
enum sla_class emergency_class(enum priority priority);
/* ---- for drafts, splits and transfers: the parts of a registration ---- */

/* The next order number: yyyymmdd, then six digits; never given twice. */
uint64_t registration_number(const struct decision *decision);

/* The class of time limits: by priority for emergencies, else by category. */
enum sla_class registration_class(const struct category_row *category, enum priority priority,
                                  bool emergency);

/* The contact the record is about: the asker's own, now or last; id 0: none, *contact is NULL. */
enum refusal registration_contact(const struct decision *decision, uint64_t id,
                                  const struct contact **contact);

void registration_attach(struct decision *decision, const struct contact *contact,
                         const struct incident *incident, bool first);

/* Is there a slot, or a closed incident whose slot may be had? */
bool registration_has_room(const struct core *core);

/* What is known of the danger there is told to whoever goes, as it was to those who went before. */
void registration_pass_danger(struct decision *decision, const struct incident *from,
                              const struct incident *incident);

/* The record goes to another line, which has its own order from now on. */
void registration_push(struct decision *decision, const struct incident *from, uint32_t line);

/* What apply will make of the event; clocks and texts are decided on it in the same breath. */
struct incident registration_seen(const struct event *event);

enum refusal decide_incident_register(struct decision *decision);
enum refusal decide_incident_attach(struct decision *decision);

#endif
