/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reading_register: what the core holds of them: which there are, and which ended. */
#ifndef DISPATCHER_CORE_READING_REGISTER_H
#define DISPATCHER_CORE_READING_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    READING_LISTS_MAX = 1024,       /* ever: numbers are not used twice */
    READING_LISTS_HOLDING_MAX = 64, /* at one time */
    READING_AGAIN_DAYS = 7,         /* unless the list says otherwise */
    READING_AGAIN_DAYS_MAX = 365
};

struct reading_register {
    uint32_t count;   /* ever begun; number n is in place n - 1 */
    uint32_t holding; /* of them not ended */
    bool ended[READING_LISTS_MAX];
};

#endif
