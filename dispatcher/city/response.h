/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * response: the checks of a city's response plans: run cards and coverage. */
#ifndef DISPATCHER_CITY_RESPONSE_H
#define DISPATCHER_CITY_RESPONSE_H

#include "dispatcher/city/entry.h"

void check_run_card(struct entries *entries, const struct entry *entry);
void check_coverage(struct entries *entries, const struct entry *entry);

#endif
