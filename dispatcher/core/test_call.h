/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test_call: synthetic calls that watch the trunks. Answered by rule, offered to nobody, in no figure
 * but their own. The same trunk is refused within PARAMETER_TEST_GUARD_MS; a trunk that had them and has
 * none for PARAMETER_TEST_MISSED intervals is an alarm. */
#ifndef DISPATCHER_CORE_TEST_CALL_H
#define DISPATCHER_CORE_TEST_CALL_H

#include "dispatcher/core/decision.h"

enum {
    TESTED_TRUNKS_MAX = 256 /* more are answered, and not watched */
};

/* May a test call of this trunk come now? */
enum refusal test_call_check(const struct decision *decision);

/* The arrival that was just decided was a test: its end. */
void test_call_end(struct decision *decision, const struct event *arrived);

void test_call_missed(struct decision *decision, const struct tested_trunk *trunk);

/* Learns from an arrival that has just been applied. */
void test_call_hear(struct core *core, const struct event *event);

/* As the times between test calls now are. */
void test_calls_refile(struct core *core);

void apply_test_missed(struct core *core, const struct event *event);

#endif
