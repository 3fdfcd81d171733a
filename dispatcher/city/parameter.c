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
        [PARAMETER_PRE_REVIEW] = { 0, 1 },
        [PARAMETER_REPLY_REVIEW] = { 0, 1 },
        [PARAMETER_INFO_WAIT_MS] = { HOUR_MS, 30ULL * DAY_MS },
        [PARAMETER_INFO_LIMIT] = { 0, 10 },
        [PARAMETER_RETURN_WINDOW_MS] = { 0, 240ULL * HOUR_MS },
        [PARAMETER_DISPUTE_WAIT_MS] = { HOUR_MS, 240ULL * HOUR_MS },
        [PARAMETER_BACKSTOP_DEPARTMENT] = { 0, UINT32_MAX },
        [PARAMETER_ARCHIVE_WAIT_MS] = { 0, 365ULL * DAY_MS },
        [PARAMETER_DIRECT_WINDOW_MS] = { 0, 365ULL * DAY_MS },
        [PARAMETER_PETITION_WAIT_MS] = { HOUR_MS, 240ULL * HOUR_MS },
        [PARAMETER_EXTENSION_MAX_MS] = { HOUR_MS, 365ULL * DAY_MS },
        [PARAMETER_SUSPENSION_MAX_MS] = { DAY_MS, 365ULL * DAY_MS },
        [PARAMETER_HANDSHAKE_MS] = { 1000, HOUR_MS },
        [PARAMETER_HANDSHAKE_CITY_MS] = { MINUTE_MS, 30ULL * DAY_MS },
        [PARAMETER_DRAFT_WAIT_MS] = { MINUTE_MS, 30ULL * DAY_MS },
        [PARAMETER_CONTACT_FIRST] = { 0, 1 },
        [PARAMETER_OTHER_HANDLER] = { 0, 1 },
        [PARAMETER_REDO_FREELY] = { 1, 100 },
        [PARAMETER_POSITION_STALE_MS] = { MINUTE_MS, DAY_MS },
        [PARAMETER_POSITION_EVERY_MS] = { 0, HOUR_MS },
        [PARAMETER_UNIT_SIGN_MS] = { 10000, HOUR_MS },
        [PARAMETER_CHECK_IN_MS] = { 0, 4 * HOUR_MS },
        [PARAMETER_UNIT_REST_MS] = { 0, DAY_MS },
        [PARAMETER_ROAD_PERCENT] = { 100, 500 },
        [PARAMETER_UNIT_SPEED_KMH] = { 1, 200 },
        [PARAMETER_TURNOUT_MS] = { 0, 10 * MINUTE_MS },
        [PARAMETER_COVERAGE_HOLD_MS] = { 0, HOUR_MS },
    };
    return bounds[parameter];
}
