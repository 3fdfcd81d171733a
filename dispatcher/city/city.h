/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * city: the tables of a city (ops/city/ is the sample), read and checked as a whole: every reference
 * from one table to another must hold, every complaint names file, line and cure. A city comes out
 * as the commands that configure the core, one per row, in an order in which each row only refers to
 * rows before it, with COMMAND_CITY_LOAD and the tables' digest at the end. */
#ifndef DISPATCHER_CITY_CITY_H
#define DISPATCHER_CITY_CITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

struct city;

typedef void city_complain(void *owner, const char *sentence);

/* Reads all tables of the folder. Returns 0 and *city (close with city_close(), which accepts NULL),
 * -EINVAL after at least one complaint, or -ENOMEM. */
int city_open(struct city **city, const char *folder, city_complain *complain, void *owner);
void city_close(struct city *city);

/* The same with the texts of some tables instead of their files; bytes NULL: the file. */
struct city_text {
    char *bytes;
    size_t size;
};
int city_open_amended(struct city **city, const char *folder, const struct city_text *texts,
                      city_complain *complain, void *owner);

/* The commands, in order; actor, key and at_ms are the caller's to fill. */
uint32_t city_count(const struct city *city);
const struct command *city_command(const struct city *city, uint32_t index);

/* Do the tables hold a row of this kind (COMMAND_USER_DEFINE …) under this number? */
bool city_has(const struct city *city, enum command_kind kind, uint32_t number);

/* BLAKE2b-256 over all rows: the same rows, the same digest, however the files are laid out. */
const uint8_t *city_digest(const struct city *city);

#endif
