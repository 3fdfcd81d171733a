/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * claim: HOME/leads says for ever that this home's dispatcher leads, whatever its options say; it is made when a standby takes
 * over, and goes when the lead is handed on (docs/decisions/0016-standby.md). */
#ifndef DISPATCHER_IO_CLAIM_H
#define DISPATCHER_IO_CLAIM_H

#include <stdbool.h>

bool claim_is_made(const char *home);

/* Durable; the word to take over (HOME/run/take-over) is done with it. Returns 0 or a negative errno. */
int claim_make(const char *home);

void claim_drop(const char *home);

#endif
