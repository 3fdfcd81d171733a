/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * city: the configuration as history: each row that changed is an event; an unchanged row is
 * REFUSAL_ALREADY. Nothing is ever deleted: a row that vanished comes once more as retired. */
#ifndef DISPATCHER_CORE_CITY_H
#define DISPATCHER_CORE_CITY_H

#include "dispatcher/core/decision.h"

/* What each parameter is until somebody sets it, and the bounds it stays in. */
struct parameter_rule {
    uint64_t initial;
    uint64_t least;
    uint64_t most;
};
const struct parameter_rule *parameter_rule(enum parameter parameter);

enum refusal decide_parameter_set(struct decision *decision);
enum refusal decide_line_define(struct decision *decision);
enum refusal decide_department_define(struct decision *decision);
enum refusal decide_user_define(struct decision *decision);
enum refusal decide_category_define(struct decision *decision);
enum refusal decide_gateway_define(struct decision *decision);
enum refusal decide_limit_define(struct decision *decision);
enum refusal decide_day_define(struct decision *decision);
enum refusal decide_template_define(struct decision *decision);
enum refusal decide_district_define(struct decision *decision);
enum refusal decide_city_load(struct decision *decision);

void apply_parameter_changed(struct core *core, const struct event *event);
void apply_line_defined(struct core *core, const struct event *event);
void apply_department_defined(struct core *core, const struct event *event);
void apply_user_defined(struct core *core, const struct event *event);
void apply_category_defined(struct core *core, const struct event *event);
void apply_gateway_defined(struct core *core, const struct event *event);
void apply_limit_defined(struct core *core, const struct event *event);
void apply_day_defined(struct core *core, const struct event *event);
void apply_template_defined(struct core *core, const struct event *event);
void apply_district_defined(struct core *core, const struct event *event);
void apply_city_loaded(struct core *core, const struct event *event);

#endif
