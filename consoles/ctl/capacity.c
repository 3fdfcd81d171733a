/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many takers a line needs, and how many trunks. Needs no running city: it is for those who plan
 * one, and for the supervisor who must say what one seat less costs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "consoles/ctl/request.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/kpi/staffing.h"

enum {
    CELL_BYTES = 32,
    ROWS_AROUND = 3 /* so many takers more and fewer than are needed */
};

/* A number as people write it: digits with or without a point. */
static int amount_of(const char *name, const char *value, double otherwise, double *amount)
{
    char *end;
    *amount = otherwise;
    if (!value)
        return EXIT_DONE;
    *amount = strtod(value, &end);
    if (end != value && *end == '\0' && isfinite(*amount) && *amount >= 0)
        return EXIT_DONE;
    complain(words("%s wants a number, not \"%s\"", "%s 要数字,不是“%s”"), name, value);
    return EXIT_USAGE;
}

struct amount {
    const char *name;
    double otherwise;
    double *into;
    bool is_argument;
};

static int amounts_read(const struct request *request, const struct amount *amounts, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *value = amounts[i].is_argument ? request_argument(request, i)
                                                   : request_option(request, amounts[i].name);
        int code = amount_of(amounts[i].name, value, amounts[i].otherwise, amounts[i].into);
        if (code != EXIT_DONE)
            return code;
    }
    return EXIT_DONE;
}

static int unsound(void)
{
    complain(words(
        "no city has such numbers: calls in the busiest hour (above 0), seconds of conversation and "
        "wrap-up (1 to 86400), --patience 0 (never hangs up) or 1 to 86400 s, --within 0 to 600 s, "
        "--share 1 to 99.9, --shrink 0 to 90",
        "数值不合理:最忙小时来电数(大于 0)、通话加话后秒数(1 至 86400)、--patience 0(不挂断)或 1 至 86400 秒、"
        "--within 0 至 600 秒、--share 1 至 99.9、--shrink 0 至 90"));
    return EXIT_USAGE;
}

static bool share_add(struct sheet *sheet, double share)
{
    char cell[CELL_BYTES];
    (void)snprintf(cell, sizeof cell, "%.1f %%", 100 * share);
    return sheet_add(sheet, cell);
}

static bool service_add(struct sheet *sheet, uint32_t takers, bool enough, double shrink,
                        const struct service *service)
{
    char wait[CELL_BYTES], number[CELL_BYTES], staff[CELL_BYTES];
    (void)snprintf(number, sizeof number, "%u%s", takers, enough ? " *" : "");
    (void)snprintf(staff, sizeof staff, "%.0f", ceil(takers / (1 - shrink / 100)));
    if (isinf(service->mean_wait_s))
        (void)snprintf(wait, sizeof wait, "%s", words("for ever", "无限"));
    else
        (void)snprintf(wait, sizeof wait, "%.1f s", service->mean_wait_s);
    return sheet_add(sheet, number) && sheet_add(sheet, staff) &&
           share_add(sheet, service->within) && share_add(sheet, service->waits) &&
           sheet_add(sheet, wait) && share_add(sheet, service->abandons) &&
           share_add(sheet, service->occupancy);
}

static void services_print(const struct workload *workload, uint32_t needed, double shrink)
{
    const char *const heads[] = { words("TAKERS", "坐席"),        words("TO HIRE", "排班人数"),
                                  words("IN TIME", "及时接通"),   words("WAIT AT ALL", "需等待"),
                                  words("MEAN WAIT", "平均等待"), words("HANG UP", "放弃"),
                                  words("OCCUPIED", "占用率") };
    struct sheet *sheet = sheet_open(heads, sizeof heads / sizeof heads[0]);
    if (!sheet)
        return;
    uint32_t first = needed > ROWS_AROUND ? needed - ROWS_AROUND : 1;
    for (uint32_t takers = first; takers <= needed + ROWS_AROUND && takers <= STAFFING_SERVERS_MAX;
         takers++) {
        struct service service = service_of(workload, takers);
        if (!service_add(sheet, takers, takers == needed, shrink, &service))
            break;
    }
    sheet_print(sheet, stdout);
    sheet_close(sheet);
}

int run_capacity_takers(struct request *request)
{
    struct workload workload;
    double percent, shrink;
    const struct amount amounts[] = {
        { "calls", 0, &workload.calls_per_hour, true },
        { "talk", 0, &workload.talk_s, true },
        { "patience", 120, &workload.patience_s, false },
        { "within", 10, &workload.within_s, false },
        { "share", 95, &percent, false },
        { "shrink", 0, &shrink, false },
    };
    int code = amounts_read(request, amounts, sizeof amounts / sizeof amounts[0]);
    if (code != EXIT_DONE)
        return code;
    if (!workload_is_sound(&workload) || percent < 1 || percent > 99.9 || shrink > 90)
        return unsound();
    uint32_t needed = staffing_takers(&workload, percent / 100);
    if (needed == 0) {
        complain(words("not even %d takers would do", "%d 个坐席也不够"), STAFFING_SERVERS_MAX);
        return EXIT_FAILED;
    }
    if (request->json) {
        struct service service = service_of(&workload, needed);
        (void)printf("{\"takers\":%u,\"to_hire\":%.0f,\"within\":%.6f,\"waits\":%.6f,"
                     "\"mean_wait_s\":%.6f,\"abandons\":%.6f,\"occupancy\":%.6f}\n",
                     needed, ceil(needed / (1 - shrink / 100)), service.within, service.waits,
                     service.mean_wait_s, service.abandons, service.occupancy);
        return EXIT_DONE;
    }
    (void)printf(words("%u takers (*) answer %.4g %% within %.4g s\n\n",
                       "%u 个坐席(*)可使 %.4g%% 的来电在 %.4g 秒内接通\n\n"),
                 needed, percent, workload.within_s);
    services_print(&workload, needed, shrink);
    return EXIT_DONE;
}

int run_capacity_trunks(struct request *request)
{
    static const double losses[] = { 0.01, 0.001, 0.0001 };
    struct workload workload = { 0 };
    double wait_s;
    const struct amount amounts[] = {
        { "calls", 0, &workload.calls_per_hour, true },
        { "talk", 0, &workload.talk_s, true },
        { "wait", 0, &wait_s, false },
    };
    int code = amounts_read(request, amounts, sizeof amounts / sizeof amounts[0]);
    if (code != EXIT_DONE)
        return code;
    workload.talk_s += wait_s; /* whoever waits holds a trunk, too */
    if (!workload_is_sound(&workload))
        return unsound();
    double load = workload.calls_per_hour * workload.talk_s / 3600;
    const char *const heads[] = { words("REFUSED AT MOST", "呼损不超过"), words("TRUNKS", "中继") };
    struct sheet *sheet = sheet_open(heads, sizeof heads / sizeof heads[0]);
    for (unsigned i = 0; sheet && i < sizeof losses / sizeof losses[0]; i++) {
        char loss[CELL_BYTES], trunks[CELL_BYTES];
        uint32_t needed = staffing_trunks(load, losses[i]);
        (void)snprintf(loss, sizeof loss, "%g %%", 100 * losses[i]);
        (void)snprintf(trunks, sizeof trunks, "%u", needed);
        if (request->json)
            (void)printf("{\"loss\":%g,\"trunks\":%u,\"erlangs\":%.3f}\n", losses[i], needed, load);
        (void)(sheet_add(sheet, loss) && sheet_add(sheet, needed ? trunks : "> 20000"));
    }
    if (sheet && !request->json) {
        (void)printf(words("%.1f erlangs\n\n", "话务量 %.1f 爱尔兰\n\n"), load);
        sheet_print(sheet, stdout);
    }
    sheet_close(sheet);
    return EXIT_DONE;
}
