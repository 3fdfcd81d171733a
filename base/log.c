/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const char *log_program = "yihao";
static enum log_level log_highest = LOG_INFO;

void log_open(const char *program, enum log_level level)
{
    log_program = program;
    log_highest = level;
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    if (level > log_highest)
        return;
    uint64_t now_ms = clock_wall_ms();
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm parts;
    char stamp[32], words[1024];
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    va_list list;
    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    /* One call, so that lines of several threads do not mix. */
    (void)fprintf(stderr, "%s.%03uZ %s %s %s\n", stamp, (unsigned)(now_ms % 1000), names[level],
                  log_program, words);
}

bool log_allowed(struct log_limit *limit)
{
    uint64_t second = clock_mono_ms() / 1000;
    if (second != limit->second) {
        limit->second = second;
        limit->lines = 0;
        if (limit->hidden > 0)
            log_warn("hid lines count=%" PRIu64, limit->hidden);
        limit->hidden = 0;
    }
    if (limit->lines < LOG_LINES_PER_SECOND) {
        limit->lines++;
        return true;
    }
    limit->hidden++;
    return false;
}

const char *log_masked(const char *number, char out[8])
{
    size_t length = strlen(number);
    (void)snprintf(out, 8, "***%.4s", length > 4 ? number + length - 4 : number);
    return out;
}
