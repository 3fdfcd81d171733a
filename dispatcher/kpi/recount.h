/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * recount: the same counts from the bare events of a journal, by another road than the dispatcher's:
 * first the records of every call, task and incident are gathered, then the records are counted. An
 * auditor who does not trust the running counters counts the exported trail again and compares.
 * Keeps every record in memory: some 200 bytes a call, 400 an incident. */
#ifndef DISPATCHER_KPI_RECOUNT_H
#define DISPATCHER_KPI_RECOUNT_H

#include <stdint.h>

#include "proto/message.h"

struct recount;

/* NULL: no memory. Close with recount_close(), which accepts NULL. */
struct recount *recount_open(void);
void recount_close(struct recount *recount);

/* The next event, from the journal's first on. Returns 0, -EINVAL when events are missing before
 * this one, or -ENOMEM. */
int recount_see(struct recount *recount, const struct event *event);

/* The lines that the journal defined, at most `room`; returns how many. */
uint32_t recount_lines(const struct recount *recount, uint32_t *lines, uint32_t room);

/* The counts of the days from … to (yyyymmdd, both included) of one scope. */
void recount_sum(const struct recount *recount, uint32_t from, uint32_t to, enum kpi_scope scope,
                 uint32_t number, struct kpi_row *row);

#endif
