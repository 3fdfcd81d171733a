/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of calls: arriving, being offered, answered, lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/world.h"

static void a_call_is_offered_answered_and_ended(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_wait(w, MINUTE);
    world_expect(w, "[0.0] taker_signed_on taker=1001\n"
                    "[0.0] taker_became_ready taker=1001\n"
                    "[0.0] contact_arrived contact=1 line=110 channel=voice band=life due=10.0\n"
                    "[0.0] offer_made contact=1 taker=1001 phone=\"sip:1001@phones\" until=15.0\n"
                    "[0.0] contact_connected contact=1 taker=1001\n"
                    "[0.0] contact_ended contact=1 cause=caller from=connected\n"
                    "[0.0] wrap_up_started taker=1001 until=30.0\n"
                    "[30.0] wrap_up_ended taker=1001\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_is_offered_answered_and_ended, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
