/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amendments of the city's tables, on the side of the disk. The core says who may and in which order;
 * here the rows become tables, are checked as a load checks them, and come into force in the turn in
 * which the core lets them. The files follow when that turn is durable; a death in between is made good
 * at the next start. Private to dispatcher/io. */
#ifndef DISPATCHER_IO_AMENDMENT_H
#define DISPATCHER_IO_AMENDMENT_H

#include "dispatcher/io/dispatcher.h"

/* Before the core decides: checks what would come into force and fills in what only the tables know.
 * Returns a refusal, or NONE; what the actor may not do is left to the core to refuse. */
enum refusal amendment_before(struct dispatcher *dispatcher, struct command *command);

/* After it decided: the city's rows, when it let them come into force. */
void amendment_after(struct dispatcher *dispatcher, const struct command *command,
                     const struct outcome *outcome);

/* After the turn's commit: puts the tables in place. */
void amendment_keep(struct dispatcher *dispatcher);

/* At the start, before the tables are read: writes what came into force and did not reach the disk,
 * of a former life or on the other machine. */
void amendment_recover(struct dispatcher *dispatcher);

/* QUERY_TABLE_PAGE and QUERY_AMENDMENT_CHECK. */
void amendment_answer(struct dispatcher *dispatcher, const struct query *query,
                      struct answer *answer);

#endif
