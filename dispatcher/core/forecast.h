/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * forecast: what a line expects, by weekday and half hour: calls an hour and how long one takes
 * (ops/city/forecast.csv; a mean of some weeks is hard to beat, Taylor 2008). A day off counts as a
 * Sunday, a working weekend day as a Monday. */
#ifndef DISPATCHER_CORE_FORECAST_H
#define DISPATCHER_CORE_FORECAST_H

#include "dispatcher/core/decision.h"

/* Calls an hour the line expects at this moment; 0: no forecast. */
uint32_t forecast_calls(const struct core *core, const struct line *line, uint64_t at_ms);

enum refusal decide_forecast_define(struct decision *decision);

void apply_forecast_defined(struct core *core, const struct event *event);

#endif
