/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/course.h"

#include <stdio.h>

#include "consoles/ctl/rows.h"
#include "consoles/ctl/words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct column clock_columns[] = {
    { "clock", "CLOCK", "时限", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "start_ms", "START", "起算", COLUMN_TIME },
    { "length", "LENGTH", "时长", COLUMN_PLAIN },
    { "sla", "CLASS", "时限类", COLUMN_PLAIN },
    { "paused_ms", "PAUSED", "暂停累计", COLUMN_SPAN },
    { "calendar", "CALENDAR", "日历版本", COLUMN_PLAIN },
    { "due_ms", "DUE", "到期", COLUMN_TIME },
    { "provisional", "PROVISIONAL", "暂定", COLUMN_PLAIN },
    { "overdue", "OVERDUE", "超时", COLUMN_PLAIN },
    { "level", "LEVEL", "预警督办", COLUMN_PLAIN },
};
static const struct column segment_columns[] = {
    { "owner", "OWNER", "责任方", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "round", "ROUND", "轮次", COLUMN_PLAIN },
    { "from_ms", "FROM", "自", COLUMN_TIME },
    { "until_ms", "UNTIL", "至", COLUMN_TIME },
};
static const struct column owned_columns[] = {
    { "owner", "OWNER", "责任方", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "ms", "TIME", "用时", COLUMN_SPAN },
    { "air_ms", "SENT BACK", "退单空转", COLUMN_SPAN },
};

static void print(enum schema_id schema, const struct column *columns, uint32_t count,
                  const void *first, uint32_t rows_count)
{
    if (rows_count == 0)
        return;
    struct rows *rows = rows_open(schema, columns, count);
    rows_add(rows, first, rows_count);
    (void)putchar('\n');
    rows_print(rows);
    rows_close(rows);
}

/* The segment that runs counts until now. */
static void count_running(struct incident_detail *detail, uint64_t now_ms)
{
    if (detail->segments_count == 0)
        return;
    const struct owned_segment *last = &detail->segments[detail->segments_count - 1];
    for (uint32_t i = 0; i < detail->owned_count && last->until_ms == 0; i++)
        if (detail->owned[i].owner == last->owner &&
            detail->owned[i].department == last->department && now_ms > last->from_ms)
            detail->owned[i].ms += now_ms - last->from_ms;
}

void course_print(struct incident_detail *detail, uint64_t now_ms)
{
    count_running(detail, now_ms);
    print(SCHEMA_RUNNING_CLOCK, clock_columns, COUNT(clock_columns), detail->clocks,
          detail->clocks_count);
    print(SCHEMA_OWNED_SEGMENT, segment_columns, COUNT(segment_columns), detail->segments,
          detail->segments_count);
    print(SCHEMA_OWNED_TIME, owned_columns, COUNT(owned_columns), detail->owned,
          detail->owned_count);
}
