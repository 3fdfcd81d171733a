/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * journal_file: a history as packed events one behind the other, each behind its size in bytes as four
 * bytes, lowest first. What tests/golden/journal-*.bin are. */
#ifndef TESTS_GOLDEN_JOURNAL_FILE_H
#define TESTS_GOLDEN_JOURNAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

/* Both end the process on any error: for tests. A file may hold several histories, each from seq 1. */
void journal_file_write(const char *path, const struct event *events, uint32_t count);
void journal_file_append(const char *path, const struct event *events, uint32_t count);

struct journal_file;

struct journal_file *journal_file_open(const char *path);

/* The next event; false at the end. Bytes that are no event, or not those into which today's codec packs
 * it (links of a chain stand on them), end the process. */
bool journal_file_next(struct journal_file *file, struct event *event);
void journal_file_close(struct journal_file *file);

#endif
