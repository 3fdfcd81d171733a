/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/kpi/staffing.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/require.h"

#define NEGLIGIBLE 1e-12

static bool is_amount(double value, double most)
{
    return isfinite(value) && value >= 0 && value <= most;
}

bool workload_is_sound(const struct workload *workload)
{
    return is_amount(workload->calls_per_hour, 1e6) && workload->calls_per_hour > 0 &&
           is_amount(workload->talk_s, 24 * 3600) && workload->talk_s >= 1 &&
           is_amount(workload->patience_s, 24 * 3600) &&
           (workload->patience_s == 0 || workload->patience_s >= 1) &&
           is_amount(workload->within_s, STAFFING_WITHIN_MAX_S) &&
           workload->calls_per_hour * workload->talk_s / 3600 < STAFFING_SERVERS_MAX &&
           workload->calls_per_hour * workload->patience_s / 3600 < 0.5 * STAFFING_WAITING_MAX;
}

/* B(n) = a·B(n-1) / (n + a·B(n-1)): exact, and nothing in it can grow out of a double. */
double blocking(double load, uint32_t servers)
{
    double busy = 1;
    for (uint32_t n = 1; n <= servers; n++)
        busy = load * busy / (n + load * busy);
    return busy;
}

static struct service service_of_the_patient(const struct workload *workload, uint32_t takers,
                                             double load)
{
    if (load >= takers)
        return (struct service){ .waits = 1, .mean_wait_s = (double)INFINITY, .occupancy = 1 };
    double busy = blocking(load, takers), free = takers - load;
    double waits = takers * busy / (takers - load * (1 - busy));
    return (struct service){ .waits = waits,
                             .mean_wait_s = waits * workload->talk_s / free,
                             .within =
                                 1 - waits * exp(-free * workload->within_s / workload->talk_s),
                             .occupancy = load / takers };
}

/* The chain of the callers who wait, per second. */
struct chain {
    double arrive, serve, lose; /* rates: of calls, of all takers together, of one waiting caller */
    uint32_t longest;           /* positions that matter */
};

/* How likely a new caller finds `position` others waiting and everybody busy; all of them together
 * are the share who wait. Unnormalised states stay finite: the one with all takers busy and nobody
 * waiting is 1, those below it weigh 1 / B(n) together. */
static double find_waiting(struct chain *chain, double load, uint32_t takers, double *found)
{
    double weight = 1, all = 0;
    for (uint32_t waiting = 0; waiting < STAFFING_WAITING_MAX; waiting++) {
        found[waiting] = weight;
        all += weight;
        chain->longest = waiting + 1;
        double leave = chain->serve + (waiting + 1) * chain->lose;
        weight *= chain->arrive / leave;
        if (chain->arrive < leave && weight < NEGLIGIBLE * all)
            break;
    }
    /* With far more takers than calls B is 0 in a double: nobody waits. */
    double busy = blocking(load, takers);
    double total = busy > 0 ? all - 1 + 1 / busy : (double)INFINITY;
    for (uint32_t waiting = 0; waiting < chain->longest; waiting++)
        found[waiting] /= total;
    return all / total;
}

/* One jump of the uniformised chain: a caller with k others in front comes to the takers when
 * k = 0 and one becomes free, moves up when one becomes free or one in front hangs up, or hangs up.
 * Returns what came to a taker. */
static double jump(const struct chain *chain, double rate, double *at)
{
    double served = at[0] * chain->serve / rate;
    for (uint32_t k = 0; k < chain->longest; k++) {
        double leave = chain->serve + (k + 1) * chain->lose;
        double behind =
            k + 1 < chain->longest ? at[k + 1] * (chain->serve + (k + 1) * chain->lose) / rate : 0;
        at[k] = at[k] * (1 - leave / rate) + behind;
    }
    return served;
}

/* The share of all callers who wait and come to a taker within `within_s`: uniformisation (Jensen
 * 1953). `at` holds where they are at the beginning and is used up. */
static double answered_in_time(const struct chain *chain, double within_s, double *at)
{
    double rate = chain->serve + (chain->longest + 1) * chain->lose;
    double jumps = rate * within_s, sum = 0, arrived = 0;
    uint32_t last = (uint32_t)(jumps + 12 * sqrt(jumps) + 40);
    for (uint32_t i = 0; i <= last; i++) {
        double weight = jumps > 0 ? exp(i * log(jumps) - jumps - lgamma(i + 1.0)) : i == 0;
        sum += weight * arrived;
        arrived += jump(chain, rate, at);
    }
    return sum;
}

static struct service service_of_the_impatient(const struct workload *workload, uint32_t takers,
                                               double load)
{
    struct chain chain = { .arrive = workload->calls_per_hour / 3600,
                           .serve = takers / workload->talk_s,
                           .lose = 1 / workload->patience_s };
    double *found = calloc(STAFFING_WAITING_MAX, sizeof found[0]);
    REQUIRE(found);
    double waits = find_waiting(&chain, load, takers, found), queue = 0;
    for (uint32_t waiting = 0; waiting < chain.longest; waiting++)
        queue += waiting * found[waiting];
    double abandons = queue * chain.lose / chain.arrive;
    struct service service = { .waits = waits,
                               .abandons = abandons,
                               .mean_wait_s = queue / chain.arrive,
                               .within =
                                   1 - waits + answered_in_time(&chain, workload->within_s, found),
                               .occupancy = load * (1 - abandons) / takers };
    free(found);
    return service;
}

struct service service_of(const struct workload *workload, uint32_t takers)
{
    REQUIRE(workload_is_sound(workload) && takers > 0 && takers <= STAFFING_SERVERS_MAX);
    double load = workload->calls_per_hour * workload->talk_s / 3600;
    return workload->patience_s > 0 ? service_of_the_impatient(workload, takers, load)
                                    : service_of_the_patient(workload, takers, load);
}

/* One taker more never answers fewer in time, so the search may halve. */
uint32_t staffing_takers(const struct workload *workload, double share)
{
    uint32_t least = 1, most = STAFFING_SERVERS_MAX;
    if (service_of(workload, most).within < share)
        return 0;
    while (least < most) {
        uint32_t middle = least + (most - least) / 2;
        if (service_of(workload, middle).within >= share)
            most = middle;
        else
            least = middle + 1;
    }
    return least;
}

uint32_t staffing_trunks(double load, double loss)
{
    double busy = 1;
    for (uint32_t n = 1; n <= STAFFING_SERVERS_MAX; n++) {
        busy = load * busy / (n + load * busy);
        if (busy <= loss)
            return n;
    }
    return 0;
}
