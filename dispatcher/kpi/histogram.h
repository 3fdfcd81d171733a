/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * histogram: durations counted in the classes in which centres publish them, so that a day is a few
 * numbers and days add up. A mean alone hides the caller who waited ten minutes. */
#ifndef DISPATCHER_KPI_HISTOGRAM_H
#define DISPATCHER_KPI_HISTOGRAM_H

#include <stdint.h>

#include "proto/message.h"

enum histogram {
    HISTOGRAM_WAIT,     /* arrival to answer */
    HISTOGRAM_ORDER,    /* answer to dispatch order */
    HISTOGRAM_SIGN,     /* order to signature */
    HISTOGRAM_ROLL,     /* signature to departure */
    HISTOGRAM_ARRIVE,   /* order to arrival */
    HISTOGRAM_FEEDBACK, /* order to feedback */
    HISTOGRAM_TRANSFER, /* asked to answered */
    HISTOGRAM_LATE,     /* due to reply */
    HISTOGRAM_COUNT
};

enum {
    HISTOGRAM_CLASSES_MAX = 12
};

/* The class that a duration counts in; its upper limit belongs to it. */
enum kpi_count histogram_class(enum histogram histogram, uint64_t duration_ms);

/* How many classes there are, the first one's count, and each one's upper limit (the last has none:
 * UINT64_MAX). */
uint32_t histogram_classes(enum histogram histogram, enum kpi_count *first,
                           uint64_t limits_ms[HISTOGRAM_CLASSES_MAX]);

/* The upper limit of the class in which the given share (permille) of all durations is reached;
 * UINT64_MAX: beyond the last limit; 0: there are none. counts by enum kpi_count. */
uint64_t histogram_quantile_ms(enum histogram histogram, const uint64_t *counts, uint32_t permille);

#endif
