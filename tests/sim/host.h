/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * host: the machine of a whole simulation. It runs the real dispatcher (dispatcher/io, journal, views,
 * core) turn by turn on a simulated disk, wire and clock; a power cut may come between any two
 * operations of the disk. */
#ifndef TESTS_SIM_HOST_H
#define TESTS_SIM_HOST_H

#include "tests/sim/node.h"

void host_open(struct node *node);
void host_start(struct node *node); /* when its city is defined */
void host_close(struct node *node);
void host_die(struct node *node);
void host_rise(struct node *node);
void host_poke(struct node *node);
enum refusal host_system(struct node *node, struct command *command);
const struct core *host_core(const struct node *node);
void host_prove(struct node *node);

#endif
