/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * schema: the field tables that proto/generate.c derives from the .proto files. Codec, JSON mapping
 * and event line walk them; no message is described anywhere else. */
#ifndef PROTO_SCHEMA_H
#define PROTO_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

enum field_type {
    FIELD_UINT32,
    FIELD_UINT64,
    FIELD_BOOL,
    FIELD_ENUM,
    FIELD_TEXT,   /* char[bound + 1], NUL-terminated */
    FIELD_BYTES,  /* uint8_t[bound] with its size at count_offset */
    FIELD_DIGEST, /* uint8_t[bound], exactly; all zero means absent */
    FIELD_MESSAGE
};

struct enumeration {
    const char *name;         /* "incident_state" */
    const char *const *words; /* by value; NULL where a value does not exist */
    uint32_t count;
};

struct field {
    const char *name;
    uint32_t number;
    enum field_type type;
    uint32_t bound;   /* bytes, for text, bytes and digests */
    uint32_t maximum; /* elements; 0 = a single value */
    size_t offset;
    size_t count_offset; /* uint32_t count or size; for a single message: bool has_… */
    size_t stride;       /* between elements */
    bool in_oneof;
    const struct enumeration *words;
    enum schema_id message;
};

struct schema {
    const char *name;
    size_t size; /* of the struct */
    const struct field *fields;
    uint32_t field_count;
    bool has_kind;
    size_t kind_offset;
};

extern const struct schema schemas[SCHEMA_COUNT];

/* The field `number` of the oneof, NULL when it has none. */
const struct field *schema_body(const struct schema *schema, uint32_t number);

/* Sets the field of this struct to absent. */
void schema_clear_field(const struct field *field, char *message);

/* Sets every field of the struct to absent without touching the bytes behind. */
void schema_clear(enum schema_id id, void *message);

#endif
