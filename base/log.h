/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * log: one line to stderr per decision of an edge program: time, level, program, sentence.
 * Write `verb object key=value …`, ids first. Levels: error = somebody must act, warn = degraded,
 * info = life cycle, debug = off unless asked for. No personal data: log_masked() for numbers.
 * Lines about what outsiders send go through log_limited(), so that a flood cannot fill a disk. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
    LOG_ERROR,
    LOG_WARN,
    LOG_INFO,
    LOG_DEBUG
};

/* program is borrowed for ever. Lines above `level` are not written. */
void log_open(const char *program, enum log_level level);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* One cause of lines. Zero-initialise; keep one per cause and thread. */
struct log_limit {
    uint64_t second; /* the second being counted */
    uint32_t lines;  /* written in it */
    uint64_t hidden; /* not written since the last line that was */
};

/* At most LOG_LINES_PER_SECOND lines per limit; the next line that passes tells how many were not
 * written. Returns true when the caller shall write its line. */
enum {
    LOG_LINES_PER_SECOND = 10
};
bool log_allowed(struct log_limit *limit);

/* Writes "***" and the last four characters of number to out (8 bytes). */
const char *log_masked(const char *number, char out[8]);

#endif
