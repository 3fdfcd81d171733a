/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The suite under which a test runs: YIHAO_SUITE names it (tests/unit/suite.cmake registers the trail's tests
 * once more with the second one); without it the default. */
#ifndef TESTS_UNIT_WHICH_SUITE_H
#define TESTS_UNIT_WHICH_SUITE_H

#include <stdlib.h>

#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "proto/suite.h"

static inline const struct suite *which_suite(void)
{
    const char *name = getenv("YIHAO_SUITE");
    const struct suite *suite = name ? suite_named(name) : suite_default();
    REQUIRE(suite);
    return suite;
}

/* The city's suite and its key. */
static inline void which_keys(struct journal_settings *settings, const uint8_t seed[32])
{
    settings->suite = which_suite();
    settings->suite->pair(seed, settings->sign_public, settings->sign_secret);
}

#endif
