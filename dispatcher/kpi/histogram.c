/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/kpi/histogram.h"

#include "base/require.h"

#define S 1000ULL
#define M (60 * S)

static const struct {
    enum kpi_count first;
    uint32_t classes;
    uint64_t limits_ms[HISTOGRAM_CLASSES_MAX]; /* of all but the last class */
} histograms[HISTOGRAM_COUNT] = {
    [HISTOGRAM_WAIT] = { KPI_COUNT_WAIT_TO_5S,
                         12,
                         { 5 * S, 10 * S, 15 * S, 20 * S, 30 * S, 45 * S, 60 * S, 90 * S, 120 * S,
                           180 * S, 300 * S } },
    [HISTOGRAM_ORDER] = { KPI_COUNT_ORDER_TO_30S, 5, { 30 * S, 60 * S, 90 * S, 120 * S } },
    [HISTOGRAM_SIGN] = { KPI_COUNT_SIGN_TO_30S, 5, { 30 * S, 60 * S, 120 * S, 180 * S } },
    [HISTOGRAM_ROLL] = { KPI_COUNT_ROLL_TO_5M, 5, { 5 * M, 10 * M, 15 * M, 30 * M } },
    [HISTOGRAM_ARRIVE] = { KPI_COUNT_ARRIVE_TO_5M, 3, { 5 * M, 10 * M } },
    [HISTOGRAM_TRANSFER] = { KPI_COUNT_TRANSFER_TO_10S, 5, { 10 * S, 20 * S, 30 * S, 60 * S } },
    [HISTOGRAM_LATE] = { KPI_COUNT_LATE_TO_1H, 5, { 60 * M, 480 * M, 1440 * M, 4320 * M } },
    [HISTOGRAM_FEEDBACK] = { KPI_COUNT_FEEDBACK_TO_30M, 5, { 30 * M, 60 * M, 120 * M, 240 * M } },
};

enum kpi_count histogram_class(enum histogram histogram, uint64_t duration_ms)
{
    REQUIRE((unsigned)histogram < HISTOGRAM_COUNT);
    uint32_t class = 0;
    while (class + 1 < histograms[histogram].classes &&
           duration_ms > histograms[histogram].limits_ms[class])
        class ++;
    return histograms[histogram].first + class;
}

uint32_t histogram_classes(enum histogram histogram, enum kpi_count *first,
                           uint64_t limits_ms[HISTOGRAM_CLASSES_MAX])
{
    REQUIRE((unsigned)histogram < HISTOGRAM_COUNT);
    uint32_t classes = histograms[histogram].classes;
    for (uint32_t i = 0; i < classes; i++)
        limits_ms[i] = i + 1 < classes ? histograms[histogram].limits_ms[i] : UINT64_MAX;
    *first = histograms[histogram].first;
    return classes;
}

uint64_t histogram_quantile_ms(enum histogram histogram, const uint64_t *counts, uint32_t permille)
{
    uint64_t limits_ms[HISTOGRAM_CLASSES_MAX], all = 0, below = 0;
    enum kpi_count first;
    uint32_t classes = histogram_classes(histogram, &first, limits_ms);
    for (uint32_t i = 0; i < classes; i++)
        all += counts[first + i];
    for (uint32_t i = 0; i < classes; i++) {
        below += counts[first + i];
        if (all > 0 && below * 1000 >= all * permille)
            return limits_ms[i];
    }
    return 0;
}
