/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/parameter.h"

struct parameter_bounds parameter_bounds(enum parameter parameter)
{
    enum {
        MINUTE_MS = 60000,
        HOUR_MS = 60 * MINUTE_MS,
        DAY_MS = 24 * HOUR_MS
    };
    static const struct parameter_bounds bounds[PARAMETER_COUNT] = {
        [PARAMETER_OFFER_LEASE_MS] = { 1000, 2 * MINUTE_MS },
        [PARAMETER_WRAP_UP_MS] = { 0, 10 * MINUTE_MS },
        [PARAMETER_UNANSWERED_AWAY] = { 1, 10 },
        [PARAMETER_SURVEY_WAIT_MS] = { MINUTE_MS, 30ULL * DAY_MS },
        [PARAMETER_REVISIT_TRIES] = { 1, 10 },
        [PARAMETER_REVISIT_WAIT_MS] = { MINUTE_MS, 30ULL * DAY_MS },
        [PARAMETER_RETURN_LIMIT] = { 0, 10 },
        [PARAMETER_CALLBACK_DUE_MS] = { 1000, DAY_MS },
        [PARAMETER_TELL_WAIT_MS] = { MINUTE_MS, 30ULL * DAY_MS },
        [PARAMETER_UTC_OFFSET_MIN] = { 0, 840 },
        [PARAMETER_GATEWAY_LOST_MS] = { 0, 10 * MINUTE_MS },
        [PARAMETER_RESERVE_PERMILLE] = { 0, 500 },
        [PARAMETER_REOPEN_WINDOW_MS] = { 0, 365ULL * DAY_MS },
    };
    return bounds[parameter];
}
