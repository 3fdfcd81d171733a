/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * audience: who follows an event live (docs/console-api.md §5). Pure. */
#ifndef CONSOLES_SERVER_AUDIENCE_H
#define CONSOLES_SERVER_AUDIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/access.h"

enum {
    AUDIENCE_DEPARTMENTS_MAX = 32 /* as many tasks as struct incident_detail holds */
};

struct audience {
    uint32_t roles;
    uint32_t user; /* sees it whatever the roles, 0: nobody in particular */
    bool locked;   /* goes on behind a locked screen */
    uint32_t department_count;
    uint32_t departments[AUDIENCE_DEPARTMENTS_MAX];
    bool secret; /* nobody but the circle, and the user above */
    struct circle circle;
};

/* detail: the incident the event is about as it stands after it, NULL when there is none. circle: who may know
 * of it, NULL when it is no secret. */
void audience_of(struct audience *audience, const struct event *event,
                 const struct incident_detail *detail, const struct circle *circle);
bool audience_holds(const struct audience *audience, const struct user_row *user);

#endif
