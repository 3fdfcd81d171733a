/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * orders: what a gateway must do because of an event. Pure: the same event, the same order. */
#ifndef DISPATCHER_IO_ORDERS_H
#define DISPATCHER_IO_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/io/roster.h"
#include "proto/message.h"

/* The order a trunk gateway gets for an event of a call: offer made → offer, accepted → answer,
 * ended without conversation → withdraw, contact ended by the city → release. Returns false when
 * there is none: a text, or the gateway itself said it or is gone. */
bool orders_of_call(const struct roster *roster, const struct event *event, struct order *order,
                    uint32_t *gateway);

/* The gateway that shall send a text: the one the core leased it to; when it named none, `came_by` when
 * it lives, else any living one, else any that is not retired (it gets the order when it rises). 0 when
 * the city has no message gateway. */
uint32_t orders_text_gateway(const struct roster *roster, uint32_t named, uint32_t came_by);

/* Does somebody who wrote these words read English? They hold Latin letters (more than the
 * two of a command) and no Chinese character. */
bool orders_speak_english(const char *words);

/* What a template's placeholders stand for. */
struct wording {
    uint64_t number;   /* {number}: the incident's order number */
    const char *text;  /* {text}: the reply */
    uint64_t at_ms;    /* {date}, in the city's civil time */
    const char *state; /* {state}: where it stands, in the citizen's words */
    const char *code;  /* {code}: what shows the citizen's page, NULL: none */
};

/* Where an incident stands, in words for its citizen. */
const char *orders_state_word(enum incident_state state, bool english);

/* The words of a text; {text} is cut at a character's border, with "...", when they would take more than
 * the roster's text_parts, and all when they are longer than an order holds. An unknown placeholder
 * stays as it is. */
void orders_word(const struct roster *roster, const char *template, const struct wording *wording,
                 char words[3001]);

#endif
