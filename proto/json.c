/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"

/* ------------------------------------------------------------------------------- struct → JSON */

json_t *json_from_uint64(uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, value);
    return json_string_nocheck(digits);
}

static json_t *write_hex(const char *at, uint32_t size)
{
    char *digits = malloc(2 * (size_t)size + 1);
    if (!digits)
        return NULL;
    hex_write((const uint8_t *)at, size, digits);
    json_t *value = json_string_nocheck(digits);
    free(digits);
    return value;
}

static bool is_zero(const char *bytes, size_t size)
{
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

/* How many elements of the field there are to write; 0 leaves the member out. */
static uint32_t present(const struct field *field, const char *message)
{
    uint32_t count = 0;
    bool has = false;
    const char *at = message + field->offset;
    if (field->maximum > 0) {
        memcpy(&count, message + field->count_offset, sizeof count);
        return count;
    }
    switch (field->type) {
    case FIELD_UINT32:
    case FIELD_ENUM:
        return is_zero(at, sizeof(uint32_t)) ? 0 : 1;
    case FIELD_UINT64:
        return is_zero(at, sizeof(uint64_t)) ? 0 : 1;
    case FIELD_BOOL:
        return *(const bool *)at;
    case FIELD_TEXT:
        return *at != 0;
    case FIELD_BYTES:
        memcpy(&count, message + field->count_offset, sizeof count);
        return count > 0;
    case FIELD_DIGEST:
        return is_zero(at, field->bound) ? 0 : 1;
    case FIELD_MESSAGE:
        memcpy(&has, message + field->count_offset, sizeof has);
        return has;
    }
    REQUIRE(!"a field type");
    return 0;
}

static json_t *write_value(const struct field *field, const char *at, uint32_t size)
{
    uint32_t small;
    uint64_t big;
    switch (field->type) {
    case FIELD_UINT32:
        memcpy(&small, at, sizeof small);
        return json_integer(small);
    case FIELD_ENUM:
        memcpy(&small, at, sizeof small);
        REQUIRE(small < field->words->count && field->words->words[small]);
        return json_string_nocheck(field->words->words[small]);
    case FIELD_UINT64:
        memcpy(&big, at, sizeof big);
        return json_from_uint64(big);
    case FIELD_BOOL:
        return json_boolean(*(const bool *)at);
    case FIELD_TEXT:
        return json_string(at);
    case FIELD_BYTES:
        return write_hex(at, size);
    case FIELD_DIGEST:
        return write_hex(at, field->bound);
    case FIELD_MESSAGE:
        return json_from_message(field->message, at);
    }
    REQUIRE(!"a field type");
    return NULL;
}

static json_t *write_list(const struct field *field, const char *message, uint32_t count)
{
    json_t *list = json_array();
    for (uint32_t i = 0; list && i < count; i++) {
        json_t *value = write_value(field, message + field->offset + i * field->stride, 0);
        if (json_array_append_new(list, value) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static int write_field(json_t *object, const struct field *field, const char *message)
{
    uint32_t count = present(field, message);
    if (count == 0)
        return 0;
    if (field->maximum > 0)
        return json_object_set_new_nocheck(object, field->name, write_list(field, message, count));
    if (field->type == FIELD_BYTES)
        memcpy(&count, message + field->count_offset, sizeof count);
    return json_object_set_new_nocheck(object, field->name,
                                       write_value(field, message + field->offset, count));
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
json_t *json_from_message(enum schema_id id, const void *message)
{
    const struct schema *schema = &schemas[id];
    const char *bytes = message;
    int status = 0;
    json_t *object = json_object();
    if (!object)
        return NULL;
    for (uint32_t i = 0; status == 0 && i < schema->field_count; i++)
        if (!schema->fields[i].in_oneof)
            status = write_field(object, &schema->fields[i], bytes);
    if (status == 0 && schema->has_kind) {
        uint32_t kind;
        memcpy(&kind, bytes + schema->kind_offset, sizeof kind);
        const struct field *body = schema_body(schema, kind);
        if (body)
            status = json_object_set_new_nocheck(
                object, body->name, json_from_message(body->message, bytes + body->offset));
    }
    if (status < 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* ------------------------------------------------------------------------------- JSON → struct */

/* Where the reader stands, for complaints: a chain on the stack as deep as the types nest. */
struct place {
    const struct place *above;
    const char *member;
    long index; /* in a list, -1 outside */
};

struct reading {
    char *complaint;
    size_t room;
};

enum {
    PLACE_DEPTH_MAX = 8
};

static int complain(const struct reading *reading, const struct place *place, const char *words)
{
    const struct place *chain[PLACE_DEPTH_MAX];
    struct text text = text_into(reading->complaint, reading->room);
    unsigned depth = 0;
    for (; place && depth < PLACE_DEPTH_MAX; place = place->above)
        chain[depth++] = place;
    for (unsigned i = depth; i > 0; i--) {
        text_add(&text, chain[i - 1]->member);
        if (chain[i - 1]->index >= 0)
            text_print(&text, "[%ld]", chain[i - 1]->index);
        if (i > 1)
            text_add_char(&text, '.');
    }
    if (depth > 0)
        text_add(&text, ": ");
    text_add(&text, words);
    return -EBADMSG;
}

bool json_to_uint64(const json_t *from, uint64_t *value)
{
    if (json_is_integer(from)) {
        json_int_t number = json_integer_value(from);
        if (number < 0 || number > (json_int_t)1 << JSON_NUMBER_MAX_BITS)
            return false;
        *value = (uint64_t)number;
        return true;
    }
    const char *digits = json_string_value(from);
    if (!digits || json_string_length(from) == 0 || json_string_length(from) > 20)
        return false;
    uint64_t sum = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) {
        unsigned digit = (unsigned)(*digits - '0');
        if (sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    if (*digits != 0)
        return false;
    *value = sum;
    return true;
}

static int read_enum(const struct reading *reading, const struct place *place,
                     const struct field *field, const json_t *from, char *to)
{
    const char *word = json_string_value(from);
    if (!word)
        return complain(reading, place, "a word is wanted");
    for (uint32_t value = 0; value < field->words->count; value++)
        if (field->words->words[value] && strcmp(field->words->words[value], word) == 0) {
            memcpy(to, &value, sizeof value);
            return 0;
        }
    return complain(reading, place, "no such word");
}

static int read_text(const struct reading *reading, const struct place *place,
                     const struct field *field, const json_t *from, char *to)
{
    const char *words = json_string_value(from);
    if (!words)
        return complain(reading, place, "a text is wanted");
    size_t length = json_string_length(from);
    if (length > field->bound) {
        char sentence[64];
        (void)snprintf(sentence, sizeof sentence, "longer than %" PRIu32 " bytes", field->bound);
        return complain(reading, place, sentence);
    }
    if (!utf8_is_text(words, length))
        return complain(reading, place, "holds a control character");
    memcpy(to, words, length);
    to[length] = 0;
    return 0;
}

static int read_bytes(const struct reading *reading, const struct place *place,
                      const struct field *field, const json_t *from, char *message)
{
    const char *digits = json_string_value(from);
    size_t length = digits ? json_string_length(from) : 1;
    uint32_t size = (uint32_t)(length / 2);
    if (length % 2 != 0 || strlen(digits) != length)
        return complain(reading, place, "hexadecimal digits are wanted");
    if (length / 2 > field->bound || (field->type == FIELD_DIGEST && size != field->bound))
        return complain(reading, place, "a wrong number of bytes");
    if (!hex_read(digits, (uint8_t *)message + field->offset, size))
        return complain(reading, place, "hexadecimal digits are wanted");
    if (field->type == FIELD_BYTES)
        memcpy(message + field->count_offset, &size, sizeof size);
    return 0;
}

static int read_message(const struct reading *reading, const struct place *above, enum schema_id id,
                        const json_t *object, char *message);

/* Everything but bytes and digests, whose size lies elsewhere. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_value(const struct reading *reading, const struct place *place,
                      const struct field *field, const json_t *from, char *to)
{
    uint64_t big;
    uint32_t small;
    switch (field->type) {
    case FIELD_UINT32:
        if (!json_is_integer(from))
            return complain(reading, place, "a number is wanted");
        if (json_integer_value(from) < 0 || json_integer_value(from) > UINT32_MAX)
            return complain(reading, place, "out of range");
        small = (uint32_t)json_integer_value(from);
        memcpy(to, &small, sizeof small);
        return 0;
    case FIELD_UINT64:
        if (!json_to_uint64(from, &big))
            return complain(reading, place, "a decimal number (as a string) is wanted");
        memcpy(to, &big, sizeof big);
        return 0;
    case FIELD_BOOL:
        if (!json_is_boolean(from))
            return complain(reading, place, "true or false is wanted");
        *(bool *)to = json_is_true(from);
        return 0;
    case FIELD_ENUM:
        return read_enum(reading, place, field, from, to);
    case FIELD_TEXT:
        return read_text(reading, place, field, from, to);
    case FIELD_MESSAGE:
        return read_message(reading, place, field->message, from, to);
    case FIELD_BYTES:
    case FIELD_DIGEST:
        break;
    }
    REQUIRE(!"bytes have their own reader");
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_list(const struct reading *reading, struct place *place, const struct field *field,
                     const json_t *from, char *message)
{
    if (!json_is_array(from))
        return complain(reading, place, "a list is wanted");
    if (json_array_size(from) > field->maximum) {
        char sentence[64];
        (void)snprintf(sentence, sizeof sentence, "more than %" PRIu32 " elements", field->maximum);
        return complain(reading, place, sentence);
    }
    uint32_t count = (uint32_t)json_array_size(from);
    for (uint32_t i = 0; i < count; i++) {
        place->index = (long)i;
        int status = read_value(reading, place, field, json_array_get(from, i),
                                message + field->offset + i * field->stride);
        if (status < 0)
            return status;
    }
    memcpy(message + field->count_offset, &count, sizeof count);
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_field(const struct reading *reading, struct place *place, const struct field *field,
                      const json_t *from, char *message)
{
    static const bool yes = true;
    if (field->maximum > 0)
        return read_list(reading, place, field, from, message);
    if (field->type == FIELD_BYTES || field->type == FIELD_DIGEST)
        return read_bytes(reading, place, field, from, message);
    int status = read_value(reading, place, field, from, message + field->offset);
    if (status == 0 && field->type == FIELD_MESSAGE && !field->in_oneof)
        memcpy(message + field->count_offset, &yes, sizeof yes);
    return status;
}

static const struct field *field_named(const struct schema *schema, const char *name)
{
    for (uint32_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    return NULL;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_message(const struct reading *reading, const struct place *above, enum schema_id id,
                        const json_t *object, char *message)
{
    const struct schema *schema = &schemas[id];
    bool body_seen = false;
    if (!json_is_object(object))
        return complain(reading, above, "an object is wanted");
    schema_clear(id, message);
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *name = json_object_iter_key(at);
        struct place place = { above, name, -1 };
        const struct field *field = field_named(schema, name);
        if (!field)
            return complain(reading, &place, "no such member");
        if (field->in_oneof) {
            if (body_seen)
                return complain(reading, &place, "only one of these members may be there");
            body_seen = true;
            memcpy(message + schema->kind_offset, &field->number, sizeof field->number);
        }
        int status = read_field(reading, &place, field, json_object_iter_value(at), message);
        if (status < 0)
            return status;
    }
    return 0;
}

// NOLINTNEXTLINE(readability-non-const-parameter): written through the reading
int json_to_message(enum schema_id id, const json_t *object, void *message, char *complaint,
                    size_t room)
{
    struct reading reading = { complaint, room };
    return read_message(&reading, NULL, id, object, message);
}

static _Thread_local bool memory_ended;

static void *take_memory(size_t size)
{
    void *memory = malloc(size);
    memory_ended |= !memory;
    return memory;
}

__attribute__((constructor)) static void watch_memory(void)
{
    json_set_alloc_funcs(take_memory, free);
}

bool json_lacked_memory(void)
{
    bool lacked = memory_ended;
    memory_ended = false;
    return lacked;
}

json_t *json_read_object(const char *bytes, size_t size, char *complaint, size_t room)
{
    json_error_t error = { .line = 0 };
    bool before = json_lacked_memory();
    json_t *object = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    bool lacked = memory_ended;
    memory_ended |= before;
    if (json_is_object(object))
        return object;
    (void)snprintf(complaint, room, "no JSON object: %s",
                   lacked                                         ? "memory ran out"
                   : object                                       ? "something else"
                   : utf8_is_text(error.text, strlen(error.text)) ? error.text
                                                                  : "not readable");
    json_decref(object);
    return NULL;
}
