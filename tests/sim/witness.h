/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * witness: remembers the newest events, so that whoever reads a failure reads at once what led there. */
#ifndef TESTS_SIM_WITNESS_H
#define TESTS_SIM_WITNESS_H

#include "proto/message.h"

/* The next event; what is broken from here on is about it, unless somebody says otherwise. */
void witness_see(const struct event *event);

/* What is being looked at now; 0: not about one of these. */
void witness_about(uint64_t contact, uint64_t incident, uint64_t task);

/* Prints the newest events about it, by the city's clock; of nothing in particular, the newest ones. */
void witness_tell(void);

#endif
