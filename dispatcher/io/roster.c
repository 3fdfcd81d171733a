/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/survival.h"

enum {
    LOST_MS_DEFAULT = 3000,
    TEXT_PARTS_DEFAULT = 10,
    UTC_OFFSET_MIN_DEFAULT = 480
};

int roster_open(struct roster *roster)
{
    *roster = (struct roster){ .lost_ms = LOST_MS_DEFAULT,
                               .utc_offset_min = UTC_OFFSET_MIN_DEFAULT,
                               .text_parts = TEXT_PARTS_DEFAULT };
    roster->users = calloc(ROSTER_USERS_MAX, sizeof *roster->users);
    return roster->users ? 0 : -ENOMEM;
}

void roster_close(struct roster *roster)
{
    free(roster->users);
    roster->users = NULL;
}

const struct line_row *roster_line(const struct roster *roster, uint32_t line)
{
    for (uint32_t i = 0; i < roster->line_count; i++)
        if (roster->lines[i].line == line)
            return &roster->lines[i];
    return NULL;
}

const struct roster_gateway *roster_gateway(const struct roster *roster, uint32_t gateway)
{
    for (uint32_t i = 0; i < roster->gateway_count; i++)
        if (roster->gateways[i].row.gateway == gateway)
            return &roster->gateways[i];
    return NULL;
}

const struct roster_gateway *roster_gateway_named(const struct roster *roster, const char *name)
{
    for (uint32_t i = 0; i < roster->gateway_count; i++)
        if (!roster->gateways[i].row.retired && strcmp(roster->gateways[i].row.name, name) == 0)
            return &roster->gateways[i];
    return NULL;
}

/* The first place whose user is not below the number. */
static uint32_t place_of(const struct roster *roster, uint32_t user)
{
    uint32_t low = 0, high = roster->user_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (roster->users[middle].row.user < user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct roster_user *roster_user(const struct roster *roster, uint32_t user)
{
    uint32_t place = place_of(roster, user);
    bool found = place < roster->user_count && roster->users[place].row.user == user;
    return found ? &roster->users[place] : NULL;
}

const struct roster_user *roster_user_of_login(const struct roster *roster, const char *login)
{
    for (uint32_t i = 0; i < roster->user_count; i++)
        if (!roster->users[i].row.retired && strcmp(roster->users[i].row.login, login) == 0)
            return &roster->users[i];
    return NULL;
}

static void define_line(struct roster *roster, const struct line_row *row)
{
    struct line_row *line = (struct line_row *)(uintptr_t)roster_line(roster, row->line);
    if (!line && roster->line_count == ROSTER_LINES_MAX) {
        roster->ignored++;
        return;
    }
    if (!line)
        line = &roster->lines[roster->line_count++];
    *line = *row;
    roster->lines_version++;
}

static struct roster_gateway *gateway_of(struct roster *roster, uint32_t gateway)
{
    return (struct roster_gateway *)(uintptr_t)roster_gateway(roster, gateway);
}

static void define_gateway(struct roster *roster, const struct gateway_row *row)
{
    struct roster_gateway *gateway = gateway_of(roster, row->gateway);
    if (!gateway && roster->gateway_count == ROSTER_GATEWAYS_MAX) {
        roster->ignored++;
        return;
    }
    if (!gateway)
        gateway = &roster->gateways[roster->gateway_count++];
    gateway->row = *row;
}

/* Some line's plan of survival names them. */
static bool is_planned(const struct roster *roster, uint32_t user)
{
    struct survival_target target;
    for (uint32_t i = 0; i < roster->line_count; i++) {
        const char *words = roster->lines[i].survival;
        for (uint32_t step = 0; survival_next(&words, &step, &target);)
            if (target.user == user)
                return true;
    }
    return false;
}

static void define_user(struct roster *roster, const struct user_row *row)
{
    uint32_t place = place_of(roster, row->user);
    bool found = place < roster->user_count && roster->users[place].row.user == row->user;
    if (!found && roster->user_count == ROSTER_USERS_MAX) {
        roster->ignored++;
        return;
    }
    if (!found) {
        memmove(&roster->users[place + 1], &roster->users[place],
                (roster->user_count - place) * sizeof *roster->users);
        roster->user_count++;
        roster->users[place].closed_ms = 0;
        roster->users[place].phone[0] = 0;
    }
    roster->users[place].row = *row;
    roster->lines_version += is_planned(roster, row->user);
}

static void take_phone(struct roster *roster, const struct event *event)
{
    uint32_t place = place_of(roster, event->taker);
    if (place == roster->user_count || roster->users[place].row.user != event->taker)
        return;
    (void)text_copy(roster->users[place].phone, sizeof roster->users[place].phone,
                    event->phone_registered.phone);
    roster->lines_version += is_planned(roster, event->taker);
}

static void set_up(struct roster *roster, uint32_t number, bool up, uint64_t epoch)
{
    struct roster_gateway *gateway = gateway_of(roster, number);
    if (!gateway)
        return;
    gateway->up = up;
    if (up)
        gateway->epoch = epoch;
}

static void close_sessions(struct roster *roster, uint32_t number, uint64_t at_ms)
{
    uint32_t place = place_of(roster, number);
    if (place < roster->user_count && roster->users[place].row.user == number)
        roster->users[place].closed_ms = at_ms;
}

static void set_parameter(struct roster *roster, const struct parameter_changed *changed)
{
    if (changed->parameter == PARAMETER_GATEWAY_LOST_MS && changed->value > 0)
        roster->lost_ms = changed->value;
    if (changed->parameter == PARAMETER_TEXT_PARTS)
        roster->text_parts = (uint32_t)changed->value;
    if (changed->parameter == PARAMETER_UTC_OFFSET_MIN)
        roster->utc_offset_min = (uint32_t)changed->value;
}

static void load_city(struct roster *roster, const struct city_loaded *loaded)
{
    memcpy(roster->digest, loaded->digest, sizeof roster->digest);
    (void)text_copy(roster->south, sizeof roster->south, loaded->south);
    (void)text_copy(roster->west, sizeof roster->west, loaded->west);
}

void roster_apply(struct roster *roster, const struct event *event)
{
    roster->at_ms = event->at_ms;
    if (event->kind == EVENT_LINE_DEFINED)
        define_line(roster, &event->line_defined.row);
    else if (event->kind == EVENT_GATEWAY_DEFINED)
        define_gateway(roster, &event->gateway_defined.row);
    else if (event->kind == EVENT_USER_DEFINED)
        define_user(roster, &event->user_defined.row);
    else if (event->kind == EVENT_PHONE_REGISTERED)
        take_phone(roster, event);
    else if (event->kind == EVENT_TEMPLATE_DEFINED)
        roster->templates[event->template_defined.row.template] = event->template_defined.row;
    else if (event->kind == EVENT_WISH_DEFINED)
        roster->wishes[event->wish_defined.row.wish] = event->wish_defined.row;
    else if (event->kind == EVENT_GATEWAY_ROSE)
        set_up(roster, event->gateway_rose.gateway, true, event->gateway_rose.epoch);
    else if (event->kind == EVENT_GATEWAY_FELL)
        set_up(roster, event->gateway_fell.gateway, false, 0);
    else if (event->kind == EVENT_SESSION_CLOSED)
        close_sessions(roster, event->session_closed.user, event->at_ms);
    else if (event->kind == EVENT_PARAMETER_CHANGED)
        set_parameter(roster, &event->parameter_changed);
    else if (event->kind == EVENT_CITY_LOADED)
        load_city(roster, &event->city_loaded);
}

static bool has_phone(const struct setup *setup, uint32_t user)
{
    for (uint32_t i = 0; i < setup->phones_count; i++)
        if (setup->phones[i].user == user)
            return true;
    return false;
}

/* Of the takers whom a plan of survival names. */
static void add_phones(const struct roster *roster, struct setup *setup, const char *words)
{
    struct survival_target target;
    for (uint32_t step = 0; survival_next(&words, &step, &target);) {
        const struct roster_user *user = roster_user(roster, target.user);
        const char *phone = user && user->phone[0] ? user->phone : user ? user->row.phone : "";
        if (!phone[0] || user->row.retired || has_phone(setup, target.user) ||
            setup->phones_count == sizeof setup->phones / sizeof setup->phones[0])
            continue;
        struct seat_phone *fresh = &setup->phones[setup->phones_count++];
        fresh->user = target.user;
        (void)text_copy(fresh->phone, sizeof fresh->phone, phone);
    }
}

void roster_setup(const struct roster *roster, struct setup *setup)
{
    for (uint32_t i = 0; i < roster->line_count; i++)
        setup->lines[setup->lines_count++] = roster->lines[i];
    for (uint32_t i = 0; i < setup->lines_count; i++)
        add_phones(roster, setup, setup->lines[i].survival);
}
