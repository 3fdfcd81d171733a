/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wire: the whole simulation's side of a port: the real gateways/link, over frames that are lost,
 * repeated, delayed, reordered or cut off (network.c), with a spool that outlives the process. */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include "tests/sim/port.h"

void wire_rise(struct port *port);
void wire_die(struct port *port);
void wire_close(struct port *port);
uint64_t wire_submit(struct port *port, const struct command *command, uint32_t user,
                     uint32_t citizen, const char *words);
uint64_t wire_silent_ms(const struct port *port);
bool wire_is_up(const struct port *port);
void wire_was_alone(struct port *port, bool alone);
void wire_done(struct port *port, uint64_t seq);

/* A frame waits in its inbox. */
void wire_wake(struct port *port);

#endif
