/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * json: plain structs ↔ JSON, walked along the field tables of proto/schema.h; the only includer of
 * jansson. The mapping is described for outsiders in docs/console-api.md §1: names as in the .proto,
 * enumerations as words, uint64 as decimal strings, bytes as hex, a oneof as one member named by its
 * kind, absent left out.
 *
 * What json_to_message() lets pass is as safe as what codec_unpack() lets pass: bounds, valid UTF-8
 * without control characters, known words. */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "proto/schema.h"

enum {
    JSON_COMPLAINT_BYTES = 256,
    JSON_NUMBER_MAX_BITS = 53 /* above, a JavaScript number is no longer exact */
};

/* The message as a new object, NULL when memory is short. */
json_t *json_from_message(enum schema_id id, const void *message);

/* Reads an object into *message, a struct of schema `id`, overwriting all of it that is meaningful.
 * Returns 0, or -EBADMSG with a sentence in complaint (room ≥ 1) that names the member:
 * "incident_register.category: a number is wanted"; *message is then undefined. */
int json_to_message(enum schema_id id, const json_t *object, void *message, char *complaint,
                    size_t room);

/* Parses exactly one object: strict JSON, valid UTF-8, no member twice. Returns it or NULL with a
 * sentence in complaint: perhaps for want of memory, json_lacked_memory() knows. */
json_t *json_read_object(const char *bytes, size_t size, char *complaint, size_t room);

/* A 64-bit value as this mapping writes it. */
json_t *json_from_uint64(uint64_t value);

/* Reads a decimal string or a number up to 2^53. Returns false for anything else. */
bool json_to_uint64(const json_t *from, uint64_t *value);

/* Whether memory ran out in jansson, on this thread, since this was asked last: what was read or made meanwhile may be
 * taken for wrong, or lack members, for not all of jansson says so. */
bool json_lacked_memory(void);

#endif
