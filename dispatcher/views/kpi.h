/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that keep the counts behind the figures share (docs/kpi.md). Each is called before the
 * rows change, so that a row is as it was when the event happened. Private to dispatcher/views. */
#ifndef DISPATCHER_VIEWS_KPI_H
#define DISPATCHER_VIEWS_KPI_H

#include "dispatcher/views/row.h"

/* Each returns 0 or a negative errno. */

int kpi_add(const struct change *change, uint32_t day, enum kpi_scope scope, uint32_t number,
            enum kpi_count count, uint64_t amount);

/* Of a count that is the day's longest (kpi_is_longest()). */
int kpi_longest(const struct change *change, uint32_t day, enum kpi_scope scope, uint32_t number,
                enum kpi_count count, uint64_t amount);

/* What begins or ends, counted up and down on one day of the past or KPI_NOW. */
int kpi_step(const struct change *change, uint32_t day, enum kpi_scope scope, uint32_t number,
             enum kpi_count count, int64_t step);

/* The city's and, unless it is 0, the department's. */
int kpi_add_to_order(const struct change *change, uint64_t at_ms, uint32_t department,
                     enum kpi_count count, uint64_t amount);

/* Nothing, unless it is one. */
int kpi_add_to_emergency(const struct change *change, const struct incident_row *incident,
                         enum kpi_count count, uint64_t amount);

/* -ENOENT: it was never registered. */
int kpi_stamps_of(const struct change *change, uint64_t incident, struct incident_stamps *stamps);
int kpi_stamps_put(const struct change *change, const struct incident_stamps *stamps);

/* kpi.c: a further department of an emergency was ordered. */
int kpi_sibling(const struct change *change, const struct incident_row *incident,
                const struct incident_stamps *stamps);

/* kpi_task.c: an event of one of the incident's tasks. */
int kpi_task(const struct change *change, const struct incident_row *incident,
             const struct incident_stamps *stamps);

/* kpi_ledger.c: who has the ball, from the first contact until the first end; then all of it is counted. */
int kpi_ledger_pass(const struct change *change);
int kpi_ledger_close(const struct change *change, uint32_t lead);

/* kpi_again.c: the matter was accepted: does the citizen come again about what was answered directly? */
int kpi_again_accepted(const struct change *change, uint64_t incident, uint64_t caller,
                       uint32_t category);
/* The incident is answered directly. */
int kpi_again_answered(const struct change *change, const struct incident_row *incident);
/* Somebody says so: it is reopened, or linked to. */
int kpi_again_asked(const struct change *change, const struct incident_stamps *direct);

/* kpi_city.c: what the city's tables say. */
int kpi_city(const struct change *change);

#endif
