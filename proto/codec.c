/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "base/require.h"
#include "base/utf8.h"
#include "proto/packer.h"

/* Generated beside message.h: protobuf-c's descriptor of each schema. */
extern const ProtobufCMessageDescriptor *const codec_descriptors[SCHEMA_COUNT];

struct codec {
    struct packer *packer;
    size_t used;
    ProtobufCAllocator allocator;
    _Alignas(16) uint8_t arena[CODEC_ARENA_BYTES];
};

static void *arena_take(void *data, size_t size)
{
    struct codec *codec = data;
    size = (size + 15) & ~(size_t)15;
    if (size > sizeof codec->arena - codec->used)
        return NULL; /* protobuf-c gives up: the frame is refused */
    void *memory = codec->arena + codec->used;
    codec->used += size;
    return memory;
}

static void arena_give(void *data, void *memory)
{
    (void)data, (void)memory; /* all of it goes with the next message */
}

struct codec *codec_open(void)
{
    struct codec *codec = malloc(sizeof *codec);
    if (!codec)
        return NULL;
    codec->packer = packer_open();
    codec->used = 0;
    codec->allocator = (ProtobufCAllocator){ arena_take, arena_give, codec };
    if (codec->packer)
        return codec;
    free(codec);
    return NULL;
}

void codec_close(struct codec *codec)
{
    if (codec)
        packer_close(codec->packer);
    free(codec);
}

static const ProtobufCFieldDescriptor *wire_field(enum schema_id id, uint32_t index)
{
    const ProtobufCMessageDescriptor *message = codec_descriptors[id];
    uint32_t number = schemas[id].fields[index].number;
    if (index < message->n_fields && message->fields[index].id == number)
        return &message->fields[index]; /* fields written in the order of their numbers */
    const ProtobufCFieldDescriptor *wire = protobuf_c_message_descriptor_get_field(message, number);
    REQUIRE(wire != NULL);
    return wire;
}

/* ---- bytes → struct ------------------------------------------------------------------------ */

static int read_message(enum schema_id id, const ProtobufCMessage *message, char *plain);

static int read_enum(const struct enumeration *words, const void *from, char *to)
{
    int value;
    memcpy(&value, from, sizeof value);
    if (value < 0 || (uint32_t)value >= words->count || !words->words[value])
        return -EBADMSG;
    memcpy(to, &value, sizeof value);
    return 0;
}

static int read_text(const struct field *field, const void *from, char *to)
{
    const char *words;
    memcpy(&words, from, sizeof words);
    size_t length = strlen(words);
    if (length > field->bound || !utf8_is_text(words, length))
        return -EBADMSG;
    memcpy(to, words, length + 1);
    return 0;
}

static int read_bytes(const struct field *field, const void *from, char *plain)
{
    ProtobufCBinaryData data;
    memcpy(&data, from, sizeof data);
    if (data.len > field->bound)
        return -EBADMSG;
    if (field->type == FIELD_DIGEST) {
        if (data.len != 0 && data.len != field->bound)
            return -EBADMSG;
        memset(plain + field->offset, 0, field->bound);
    } else {
        uint32_t size = (uint32_t)data.len;
        memcpy(plain + field->count_offset, &size, sizeof size);
    }
    if (data.len > 0)
        memcpy(plain + field->offset, data.data, data.len);
    return 0;
}

/* One element of any type but bytes. */
static int read_value(const struct field *field, const void *from, char *to)
{
    switch (field->type) {
    case FIELD_UINT32:
        memcpy(to, from, sizeof(uint32_t));
        return 0;
    case FIELD_UINT64:
        memcpy(to, from, sizeof(uint64_t));
        return 0;
    case FIELD_BOOL: {
        protobuf_c_boolean value;
        memcpy(&value, from, sizeof value);
        *(bool *)to = value != 0;
        return 0;
    }
    case FIELD_ENUM:
        return read_enum(field->words, from, to);
    case FIELD_TEXT:
        return read_text(field, from, to);
    case FIELD_MESSAGE: {
        const ProtobufCMessage *nested;
        memcpy(&nested, from, sizeof nested);
        return read_message(field->message, nested, to);
    }
    case FIELD_BYTES:
    case FIELD_DIGEST:
        break;
    }
    REQUIRE(!"bytes are read by read_bytes");
    return -EBADMSG;
}

static size_t wire_size(enum field_type type)
{
    switch (type) {
    case FIELD_UINT32:
        return sizeof(uint32_t);
    case FIELD_UINT64:
        return sizeof(uint64_t);
    case FIELD_BOOL:
        return sizeof(protobuf_c_boolean);
    case FIELD_ENUM:
        return sizeof(int);
    case FIELD_TEXT:
    case FIELD_MESSAGE:
        return sizeof(void *);
    case FIELD_BYTES:
    case FIELD_DIGEST:
        return sizeof(ProtobufCBinaryData);
    }
    return 0;
}

static int read_list(const struct field *field, const ProtobufCFieldDescriptor *wire,
                     const char *from, char *plain)
{
    size_t count;
    const char *elements;
    memcpy(&count, from + wire->quantifier_offset, sizeof count);
    memcpy(&elements, from + wire->offset, sizeof elements);
    if (count > field->maximum)
        return -EBADMSG;
    for (size_t i = 0; i < count; i++) {
        int status = read_value(field, elements + i * wire_size(field->type),
                                plain + field->offset + i * field->stride);
        if (status < 0)
            return status;
    }
    uint32_t kept = (uint32_t)count;
    memcpy(plain + field->count_offset, &kept, sizeof kept);
    return 0;
}

static int read_field(const struct field *field, const ProtobufCFieldDescriptor *wire,
                      const char *from, char *plain)
{
    if (field->maximum > 0)
        return read_list(field, wire, from, plain);
    if (field->type == FIELD_BYTES || field->type == FIELD_DIGEST)
        return read_bytes(field, from + wire->offset, plain);
    if (field->type == FIELD_MESSAGE) {
        const ProtobufCMessage *nested;
        memcpy(&nested, from + wire->offset, sizeof nested);
        bool has = nested != NULL;
        if (!field->in_oneof)
            memcpy(plain + field->count_offset, &has, sizeof has);
        if (!has) {
            schema_clear(field->message, plain + field->offset);
            return 0;
        }
    }
    return read_value(field, from + wire->offset, plain + field->offset);
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_message(enum schema_id id, const ProtobufCMessage *message, char *plain)
{
    const struct schema *schema = &schemas[id];
    const char *from = (const char *)message;
    uint32_t kind = 0;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        const ProtobufCFieldDescriptor *wire = wire_field(id, i);
        if (field->in_oneof) {
            int present;
            memcpy(&present, from + wire->quantifier_offset, sizeof present);
            if (present != (int)field->number)
                continue;
            kind = field->number;
        }
        int status = read_field(field, wire, from, plain);
        if (status < 0)
            return status;
    }
    if (schema->has_kind)
        memcpy(plain + schema->kind_offset, &kind, sizeof kind);
    return 0;
}

int codec_unpack(struct codec *codec, enum schema_id id, const uint8_t *bytes, size_t size,
                 void *message)
{
    if (size > FRAME_MAX_BYTES)
        return -EMSGSIZE;
    codec->used = 0;
    ProtobufCMessage *wire =
        protobuf_c_message_unpack(codec_descriptors[id], &codec->allocator, size, bytes);
    return wire ? read_message(id, wire, message) : -EBADMSG;
}

/* ---- struct → bytes ------------------------------------------------------------------------ */

int codec_pack(struct codec *codec, enum schema_id id, const void *message, uint8_t *bytes,
               size_t room)
{
    return packer_pack(codec->packer, id, message, bytes,
                       room < FRAME_MAX_BYTES ? room : FRAME_MAX_BYTES);
}
