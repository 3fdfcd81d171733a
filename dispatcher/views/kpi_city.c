/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * C13: how many may take calls, and how many people live there, as the city's tables say now. */
#include <errno.h>

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

static int count_people(const struct change *change, uint64_t people)
{
    uint64_t before;
    int status = number_take(change, key_of1(VIEW_PARAMETER, PARAMETER_POPULATION), &before);
    return status < 0 ? status
                      : kpi_step(change, KPI_NOW, KPI_SCOPE_CITY, 0, KPI_COUNT_POPULATION_NOW,
                                 (int64_t)(people - before));
}

int kpi_city(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_USER_DEFINED)
        return count_user(change, &event->user_defined.row);
    return event->parameter_changed.parameter == PARAMETER_POPULATION
               ? count_people(change, event->parameter_changed.value)
               : 0;
}
