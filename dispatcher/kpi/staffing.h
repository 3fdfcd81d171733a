/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * staffing: how many takers and how many trunks a line needs. Erlang's B and C formulae (1917) and
 * Palm's M/M/n+M (1957, "Erlang A"), in which callers lose patience; a city's callers do, so A is
 * what staffing_takers() asks, and C only shows what a formula without patience would say.
 *
 * Calls come by chance (Poisson) at one rate, conversations and patience are exponential, whoever is
 * free takes the next call. A real hour is less even: take the busiest half hour, not the day's mean.
 *
 * Pure. Loads are in erlangs: calls in an hour × seconds each / 3600. Shares are 0 … 1. */
#ifndef DISPATCHER_KPI_STAFFING_H
#define DISPATCHER_KPI_STAFFING_H

#include <stdbool.h>
#include <stdint.h>

enum {
    STAFFING_SERVERS_MAX = 20000, /* takers or trunks; no centre has as many */
    STAFFING_WAITING_MAX = 20000, /* callers the model lets wait at once */
    STAFFING_WITHIN_MAX_S = 600
};

/* One line, or several that are answered as one. */
struct workload {
    double calls_per_hour;
    double talk_s;     /* conversation and wrap-up, mean */
    double patience_s; /* mean time until a waiting caller hangs up; 0: never */
    double within_s;   /* answered within this long is answered well */
};

struct service {
    double waits;       /* share of callers who wait at all */
    double abandons;    /* share who hang up before the answer */
    double mean_wait_s; /* of all callers, also those who hang up */
    double within;      /* share of all callers answered within workload.within_s */
    double occupancy;   /* share of a taker's time in conversation or wrap-up */
};

/* May this be asked: finite, a conversation of a second at least, patience of 0 or a second at
 * least, and no more than the limits above can hold? */
bool workload_is_sound(const struct workload *workload);

/* The share of callers who find all of `servers` lines busy when nobody can wait (Erlang B). */
double blocking(double load, uint32_t servers);

/* The service that `takers` give. Without patience the queue must be able to shrink: a load of
 * `takers` erlangs or more has no steady state, and every caller waits, for ever (within = 0,
 * mean_wait_s = INFINITY). The workload must be sound, takers 1 … STAFFING_SERVERS_MAX. */
struct service service_of(const struct workload *workload, uint32_t takers);

/* The fewest takers who answer `share` of all calls in time; 0 when STAFFING_SERVERS_MAX do not.
 * Share below 1. */
uint32_t staffing_takers(const struct workload *workload, double share);

/* The fewest trunks on which at most `loss` of all calls is refused. A caller who waits in the queue
 * holds a trunk, too: load = calls × (wait + talk). 0 when STAFFING_SERVERS_MAX do not do. Loss
 * above 0. */
uint32_t staffing_trunks(double load, double loss);

#endif
