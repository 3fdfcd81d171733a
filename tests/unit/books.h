/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * books: the figures of a few events, kept as the dispatcher keeps them and counted again as an auditor
 * does. Each ends the test when something is wrong. */
#ifndef TESTS_UNIT_BOOKS_H
#define TESTS_UNIT_BOOKS_H

#include "proto/message.h"

enum {
    DAY_ONE = 20260302, /* the stories' world begins on this Monday */
    EVER = 99991231
};

void books_open(void);
void books_close(void);

/* The dispatcher's books and the auditor's get the same events. */
void enter(const struct event *events, uint32_t count);

/* What the dispatcher's say; good until the next question. */
const struct kpi_row *kept(uint32_t from, uint32_t to, enum kpi_scope scope, uint32_t number);
uint64_t count_of(const struct kpi_row *row, enum kpi_count count);

/* Both say the same of these days and of all: each line, the city, each department. */
void all_agree(uint32_t first_day, uint32_t last_day);

#endif
