/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * O1's second half: was a direct answer enough? It was not when, within seven days, the same number asked
 * about the same category again, somebody linked a further request as the same matter, or the answer was
 * reopened. Each answer counts once, on its own day. */
#include <errno.h>

#include "dispatcher/views/kpi.h"

#define AGAIN_MS (7ULL * 24 * 60 * 60 * 1000)

/* Of whom the last direct answer in this category is kept. */
static struct key direct_key(uint64_t caller, uint32_t category)
{
    return key_of2(VIEW_DIRECT, caller, category);
}

int kpi_again_asked(const struct change *change, const struct incident_stamps *direct)
{
    bool soon = direct->direct_ms && change->event->at_ms - direct->direct_ms <= AGAIN_MS;
    return kpi_add_to_order(change, direct->direct_ms, 0, KPI_COUNT_DIRECT_AGAIN, soon);
}

int kpi_again_accepted(const struct change *change, uint64_t incident, uint64_t caller,
                       uint32_t category)
{
    struct incident_stamps direct;
    uint64_t last;
    if (!caller)
        return 0;
    int status = number_take(change, direct_key(caller, category), &last);
    if (status < 0 || last == 0 || last == incident)
        return status;
    status = kpi_stamps_of(change, last, &direct);
    if (status == 0)
        status = kpi_again_asked(change, &direct);
    if (status < 0 || direct.direct_ms == 0)
        return status == -ENOENT ? 0 : status;
    direct.direct_ms = 0;
    return kpi_stamps_put(change, &direct);
}

int kpi_again_answered(const struct change *change, const struct incident_row *incident)
{
    return incident->caller ? number_put(change, direct_key(incident->caller, incident->category),
                                         incident->incident)
                            : 0;
}
