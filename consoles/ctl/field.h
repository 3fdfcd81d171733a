/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * field: words of the command line as fields of a command, by the field tables of proto/schema.h. */
#ifndef CONSOLES_CTL_FIELD_H
#define CONSOLES_CTL_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/ctl/request.h"
#include "proto/message.h"

/* Makes the verb's command of the request's arguments and options; options that are fields of
 * Personal go there. Returns EXIT_DONE, or EXIT_USAGE after a complaint that names the field. */
int field_fill(const struct request *request, struct command *command, struct personal *personal);

/* What may be written for the field of a command's body: its words, or its kind. body may be NULL. */
void field_describe(const char *body, const char *name, char *out, size_t size);

/* Reads a decimal number. Returns false for anything else. */
bool number_read(const char *words, uint64_t *number);

/* A number of something, 1 at least; 0 when nothing was written (NULL). Returns EXIT_DONE, or EXIT_USAGE after a complaint. */
int number_wanted(const char *word, uint32_t *number);

/* Reads the number of a contact. Returns EXIT_DONE, or EXIT_USAGE after a complaint. */
int contact_read(const char *written, uint64_t *contact);

/* Reads a moment of the past: a day (2026-11-22), a day and a time (2026-11-22 08:00, with seconds or
 * without), both in local time, or a span ago (90m, 12h, 7d). Returns false for anything else. */
bool moment_read(const char *words, uint64_t now_ms, uint64_t *at_ms);

/* Whoever writes an incident may write its order number (yyyymmdd000001) instead of its id. Returns
 * EXIT_DONE, or EXIT_USAGE after a complaint. */
enum {
    ORDER_NUMBER_DIGITS = 14
};
int incident_read(const char *written, struct incident_query *query);

#endif
