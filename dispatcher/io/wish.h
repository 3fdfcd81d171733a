/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wish: what a citizen asks for with a word and perhaps an order number: "CX", "查询 20261121000123",
 * "ｕｒｇｅ", "reopen #000123". The words are the city's table (wishes.csv). Whoever writes anything more
 * wants a person, and gets one. Pure. */
#ifndef DISPATCHER_IO_WISH_H
#define DISPATCHER_IO_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    WISH_TEXT_MAX = 96,     /* bytes; a longer text is a message */
    WISH_DIGITS_LEAST = 4,  /* of an order number, from its end */
    WISH_DIGITS_WHOLE = 14, /* of a whole one: by itself it asks for the state */
    WISH_DIGITS_BYTES = 21
};

/* rows: by wish. digits receives the order number's digits, empty when none were written. False when the
 * text is no wish. */
bool wish_parse(const struct wish_row rows[CITIZEN_WISH_COUNT], const char *text,
                enum citizen_wish *wish, char digits[WISH_DIGITS_BYTES]);

/* Do these digits end the order number? */
bool wish_names(const char *digits, uint64_t number);

#endif
