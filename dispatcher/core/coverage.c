/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/coverage.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/core/rows.h"
#include "dispatcher/core/unit.h"

bool coverage_counts(const struct coverage *coverage, const struct unit *unit)
{
    const struct coverage_row *row = &coverage->row;
    return !unit->row.retired && unit_is_free(unit) && unit_is_staffed(unit) &&
           (!row->district || row->district == unit->row.district) &&
           strcmp(row->kind, unit->row.kind) == 0;
}

/* Starts or stops the wait before a change is told. */
static void refile(struct core *core, struct coverage *coverage)
{
    bool low = !coverage->row.retired && coverage->available < coverage->row.minimum;
    if (low == coverage->low)
        coverage->turned_ms = 0;
    else if (!coverage->turned_ms)
        coverage->turned_ms = core->at_ms;
    deadline_set(core, &coverage->deadline,
                 coverage->turned_ms
                     ? coverage->turned_ms + core->parameters[PARAMETER_COVERAGE_HOLD_MS]
                     : NEVER,
                 coverage->row.coverage);
}

static void count(struct core *core, const struct unit *unit, uint32_t step)
{
    for (uint32_t i = 0; i < core->coverages.reached; i++) {
        struct coverage *coverage = pool_at(&core->coverages, i);
        if (coverage_counts(coverage, unit))
            coverage->available += step;
    }
}

void coverage_leave(struct core *core, const struct unit *unit)
{
    count(core, unit, UINT32_MAX); /* one less */
}

void coverage_enter(struct core *core, const struct unit *unit)
{
    count(core, unit, 1);
    coverages_refile(core);
}

void coverages_refile(struct core *core)
{
    for (uint32_t i = 0; i < core->coverages.reached; i++)
        refile(core, pool_at(&core->coverages, i));
}

void coverage_due(struct decision *decision, const struct coverage *coverage)
{
    struct event *event = decision_event(decision, EVENT_COVERAGE_CHANGED);
    event->coverage_changed.coverage = coverage->row.coverage;
    event->coverage_changed.low = !coverage->low;
    event->coverage_changed.available = coverage->available;
    event->coverage_changed.minimum = coverage->row.minimum;
    event->coverage_changed.district = coverage->row.district;
    (void)text_copy(event->coverage_changed.kind, sizeof event->coverage_changed.kind,
                    coverage->row.kind);
}

static struct coverage *find(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_COVERAGE, number, 0);
}

void apply_coverage_changed(struct core *core, const struct event *event)
{
    struct coverage *coverage = find(core, event->coverage_changed.coverage);
    REQUIRE(coverage);
    coverage->low = event->coverage_changed.low;
    refile(core, coverage);
}

enum refusal decide_coverage_define(struct decision *decision)
{
    const struct coverage_define *asked = &decision->command->coverage_define;
    const struct core *core = decision->core;
    if (!asked->has_row || asked->row.coverage == 0 || !*asked->row.kind)
        return REFUSAL_MALFORMED;
    const struct coverage *known = find(core, asked->row.coverage);
    if (!known && pool_room(&core->coverages) == 0)
        return REFUSAL_LIMIT;
    if (known && coverage_fingerprint(&known->row) == coverage_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_COVERAGE_DEFINED);
    event->coverage_defined.has_row = true;
    event->coverage_defined.row = asked->row;
    return REFUSAL_NONE;
}

void apply_coverage_defined(struct core *core, const struct event *event)
{
    const struct coverage_row *row = &event->coverage_defined.row;
    struct coverage *coverage = find(core, row->coverage);
    if (!coverage) {
        coverage = pool_take(&core->coverages);
        index_put(&core->index, ENTRY_COVERAGE, row->coverage, 0, coverage);
        coverage->deadline.kind = DEADLINE_COVERAGE;
        coverage->deadline.owner = coverage;
    }
    coverage->row = *row;
    coverage->available = 0;
    for (uint32_t i = 0; i < core->units.reached; i++)
        coverage->available += coverage_counts(coverage, pool_at(&core->units, i));
    refile(core, coverage);
}
