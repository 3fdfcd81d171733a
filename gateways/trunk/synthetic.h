/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * synthetic: a call that nobody makes, once a minute to each number of the settings (`synthetic`): INVITE to the twin
 * gateway or through a carrier, the dispatcher's decision there, the answer, and the tone that comes back (tone.h).
 * One that fails is tried again soon, and known to metrics and log at once. RFC 6881 §17 asks for such calls. */
#ifndef GATEWAYS_TRUNK_SYNTHETIC_H
#define GATEWAYS_TRUNK_SYNTHETIC_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/settings.h"

enum {
    SYNTHETIC_FIRST_MS = 3000, /* after the start */
    SYNTHETIC_EVERY_MS = 60000,
    SYNTHETIC_AGAIN_MS = 15000, /* after one that failed */
    SYNTHETIC_MOST_MS = 8000,   /* from the INVITE until the tone was heard */
    SYNTHETIC_LATE_MS =
        75000, /* the last good one is older: something is wrong with the calls themselves */
    SYNTHETIC_TONE_MS = 2000 /* how long the side that is called sounds */
};

enum synthetic_result {
    SYNTHETIC_OK,
    SYNTHETIC_REFUSED,
    SYNTHETIC_NO_ANSWER,
    SYNTHETIC_NO_SOUND,
    SYNTHETIC_RESULTS
};

const char *synthetic_result_name(enum synthetic_result result);

/* For metrics. */
struct synthetic_figures {
    const char *uri;
    bool up; /* the last one was good, and is not old */
    uint64_t age_ms;
    uint32_t answer_ms; /* of the last good one: from the INVITE to its 200 … */
    uint32_t sound_ms;  /* … and to the tone */
    uint64_t results[SYNTHETIC_RESULTS];
};

#endif
