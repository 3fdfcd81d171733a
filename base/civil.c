/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/civil.h"

/* Days since 1970-01-01 to a Gregorian date, counting from March so that the leap day comes last. */
uint32_t civil_day(uint64_t at_ms, uint64_t offset_min)
{
    uint64_t days = (at_ms + offset_min * 60 * 1000) / (24 * 3600 * 1000) + 719468;
    uint64_t era = days / 146097, of_era = days % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t march = (5 * of_year + 2) / 153;
    uint64_t day = of_year - (153 * march + 2) / 5 + 1;
    uint64_t month = march < 10 ? march + 3 : march - 9;
    year += era * 400 + (month <= 2 ? 1 : 0);
    return (uint32_t)(year * 10000 + month * 100 + day);
}
