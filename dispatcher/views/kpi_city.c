/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the city's tables say now: how many may take calls and how many people live there (C13), what the
 * three rates weigh (T4). */
#include <errno.h>

#include "dispatcher/kpi/formula.h"
#include "dispatcher/views/kpi.h"

static bool takes_calls(const struct user_row *user)
{
    return !user->retired && user->roles & 1U << ROLE_TAKER;
}

static int count_user(const struct change *change, const struct user_row *user)
{
    struct user_row before = { .user = 0 };
    int status = row_take(change, key_of2(VIEW_CITY, CITY_TABLE_USERS, user->user), SCHEMA_USER_ROW,
                          &before);
    if (status < 0 && status != -ENOENT)
        return status;
    return kpi_step(change, KPI_NOW, KPI_SCOPE_CITY, 0, KPI_COUNT_TAKERS_NOW,
                    (int64_t)takes_calls(user) - takes_calls(&before));
}

static int count_parameter(const struct change *change, enum kpi_count count)
{
    const struct parameter_changed *changed = &change->event->parameter_changed;
    uint64_t before = 0;
    int status = number_take(change, key_of1(VIEW_PARAMETER, changed->parameter), &before);
    return status < 0 ? status
                      : kpi_step(change, KPI_NOW, KPI_SCOPE_CITY, 0, count,
                                 (int64_t)(changed->value - before));
}

int kpi_city(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_USER_DEFINED)
        return count_user(change, &event->user_defined.row);
    enum kpi_count count = kpi_count_of(event->parameter_changed.parameter);
    return count ? count_parameter(change, count) : 0;
}
