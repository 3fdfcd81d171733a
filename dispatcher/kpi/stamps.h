/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stamps: when each step of an incident happened for the first time. Nobody types them and nothing
 * changes one that is set: intervals (answer to order, order to signature …) are derived from them. */
#ifndef DISPATCHER_KPI_STAMPS_H
#define DISPATCHER_KPI_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

/* Sets what the event of this incident says for the first time. answered_ms: when the contact that
 * opened it was answered; looked at for IncidentRegistered only, 0 when there was none. Returns
 * whether something changed. */
bool stamps_see(struct incident_stamps *stamps, const struct event *event, uint64_t answered_ms);

/* Of a ContactConnected: when the citizen was spoken to. */
uint64_t contact_answered_ms(const struct event *connected);

#endif
