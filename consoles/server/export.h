/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * export: a list as a table (CSV) that this server makes, of what the asker may see, so that nobody's browser
 * decides what stands in it. Before it leaves, the trail says who takes it, how many rows it has and its
 * BLAKE2b-256: `yihao export check FILE` proves later that a file is the one that left.
 *
 * POST /api/v1/export {"query":{"incidents":{…}},"language":"zh"}; queries: incidents, incident, contacts, kpi, reading_progress.
 * Or {"cases":["1234",…],…}: single ones, as a search by words found them, at most EXPORT_CASES_MAX.
 * Answered {"event_seq","digest","rows","more","csv"}; more: there were more than EXPORT_ROWS_MAX. */
#ifndef CONSOLES_SERVER_EXPORT_H
#define CONSOLES_SERVER_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "consoles/server/csv.h"
#include "proto/json.h"

enum {
    EXPORT_ROWS_MAX = 5000, /* the loop stands still while they are written */
    EXPORT_CASES_MAX = 64,  /* what a search by words finds (outcome.found) */
    EXPORTS_MAX = 8         /* that wait for their event at once */
};

struct console;
struct exchange;
struct session;
struct waiter;

/* A table that waits for its event. */
struct export
{
    const struct exchange *exchange; /* NULL: free */
    struct csv csv;
    uint8_t digest[32];
    bool more;
};

struct exports {
    struct export all[EXPORTS_MAX];
};

void export_take(struct console *console, const struct session *session, struct exchange *exchange,
                 const json_t *body);

/* WAIT_EXPORT: the event stands, or was refused. */
void export_outcome(struct console *console, const struct waiter *waiter,
                    const struct outcome *outcome);

/* The asker of this exchange left. */
void export_forget(struct exports *exports, const struct exchange *exchange);

void exports_close(struct exports *exports);

#endif
