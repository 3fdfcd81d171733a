/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/ball.h"

#include "base/require.h"
#include "dispatcher/core/task.h"
#include "proto/owner.h"

static enum owner owner_now(const struct incident *incident)
{
    const struct task *lead = task_lead(incident);
    bool asked = lead && lead->state == TASK_STATE_RETURN_ASKED;
    return owner_of(incident->state, asked ? OVERLAY_RETURN_ASKED : OVERLAY_NONE);
}

void ball_begin(struct incident *incident)
{
    incident->ledger.since_ms = incident->started_ms;
    incident->ledger.owner = owner_now(incident);
}

/* A clock that jumped back at a gateway cannot make time negative: what is earlier counts nothing. */
static uint64_t runs_ms(const struct ledger *ledger, uint64_t at_ms)
{
    return at_ms > ledger->since_ms ? at_ms - ledger->since_ms : 0;
}

void ball_pass(struct incident *incident, uint64_t at_ms)
{
    struct ledger *ledger = &incident->ledger;
    enum owner owner = owner_now(incident);
    if (owner == ledger->owner)
        return;
    ledger->booked_ms[ledger->owner] += runs_ms(ledger, at_ms);
    if (at_ms > ledger->since_ms)
        ledger->since_ms = at_ms;
    ledger->owner = owner;
}

uint64_t ball_booked_ms(const struct incident *incident, enum owner owner, uint64_t at_ms)
{
    const struct ledger *ledger = &incident->ledger;
    return ledger->booked_ms[owner] + (ledger->owner == owner ? runs_ms(ledger, at_ms) : 0);
}

void ball_check(const struct incident *incident, uint64_t at_ms)
{
    uint64_t sum_ms = 0;
    for (enum owner owner = OWNER_NONE; owner < OWNER_COUNT; owner++)
        sum_ms += ball_booked_ms(incident, owner, at_ms);
    REQUIRE(incident->ledger.owner == owner_now(incident));
    REQUIRE(sum_ms == (at_ms > incident->started_ms ? at_ms - incident->started_ms : 0));
}
