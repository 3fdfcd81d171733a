/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * machine: what a whole simulation puts in the place of the operating system: clocks, log, keys,
 * passwords, randomness, the city's tables, the gateways' spool files. Linked before the real ones. */
#ifndef TESTS_SIM_MACHINE_H
#define TESTS_SIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

struct sim;

void machine_open(struct sim *sim);
void machine_close(void);

/* Whose clock is read: the dispatcher's, or everybody else's. */
void machine_is_node(bool node);

/* One more row of the city's tables. */
void machine_add_row(const struct command *command);

/* A gateway's process dies: what it had not synced is lost. */
void machine_spool_dies(const char *path);

/* The power of the dispatcher's machine is cut: who was writing a snapshot has written it, or not. */
void machine_node_died(void);

/* Ends what was left of a dispatcher that died while it rose. */
void machine_clear_away(void);

void machine_sign_public(uint8_t key[32]);

#endif
