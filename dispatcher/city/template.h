/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * template: the words of a text to a citizen with places for what is only known then.
 *
 *   {number}  the order number, 14 digits
 *   {date}    the day, 2026-11-22
 *   {state}   where the case stands, in the citizen's words
 *   {code}    eight digits that open the citizen's page, with the number
 *   {text}    what a person wrote: a department's reply, the facts that are missing. It gets the room
 *             the other words leave within the parts a text may have, and is cut there
 *
 * Which of them a template may hold is a table: what goes to somebody who may not be alone
 * (emergency_received, called_back, duress, lapsed) tells nothing of the case. */
#ifndef DISPATCHER_CITY_TEMPLATE_H
#define DISPATCHER_CITY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    TEMPLATE_ROOM_LEAST = 60, /* characters that {text} must have */
    TEMPLATE_WORDS_BYTES = 3001
};

/* A template's size with its longest fields and an empty {text}. */
struct template_size {
    bool gsm7;
    bool has_text;
    size_t units; /* as the operator counts them */
    unsigned parts;
    size_t room; /* characters left for {text} within the parts allowed; 0 without {text} */
};

void template_measure(const char *words, unsigned parts, struct template_size *size);

/* The first place the template must not hold, with its brackets; false: it holds none. */
bool template_bad_place(enum template template, const char *words, char place[32]);

/* What its places stand for in an example. */
struct template_sample {
    const char *number;
    const char *date;
    const char *text;
    const char *state;
    const char *code;
};
void template_fill(const char *words, const struct template_sample *sample,
                   char filled[TEMPLATE_WORDS_BYTES]);

#endif
