/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the .proto files and writes what the rest of the program sees of them: message.h (plain,
 * bounded structs), schema.c (field tables that codec, JSON and the event line walk) and
 * descriptors.c (each table's protobuf-c descriptor). A message is described once, in its .proto.
 *
 *     generate OUTPUT_FOLDER FILE.proto …      files in the order of their imports
 *
 * It reads the plain subset of proto3 that this project uses, one declaration a line, with the bound
 * of each field in the comment behind it:  [64] text of at most 64 bytes, [=32] exactly 32 bytes,
 * [<64] at most 64 bytes, [x8] at most 8 elements. Anything else stops the build with file and line.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGES_MAX = 768,
    FIELDS_MAX = 256,
    ENUMS_MAX = 128,
    VALUES_MAX = 192,
    NAME_MAX_BYTES = 64
};

struct value {
    char name[NAME_MAX_BYTES];
    int number;
};

struct enumeration {
    char name[NAME_MAX_BYTES];
    struct value values[VALUES_MAX];
    int count;
};

struct field {
    char type[NAME_MAX_BYTES];
    char name[NAME_MAX_BYTES];
    int number;
    bool repeated;
    bool in_oneof;
    bool exact;  /* bytes [=n] */
    int bound;   /* bytes of text or of a byte string */
    int maximum; /* elements */
};

struct message {
    char name[NAME_MAX_BYTES];
    struct field fields[FIELDS_MAX];
    int count;
    bool has_oneof;
    bool written;
    bool being_written;
};

static struct message messages[MESSAGES_MAX];
static int message_count;
static struct enumeration enumerations[ENUMS_MAX];
static int enumeration_count;
static const char *file_name;
static int line_number;

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void fail(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s:%d: ", file_name, line_number);
    vfprintf(stderr, format, list);
    fprintf(stderr, "\n");
    va_end(list);
    exit(1);
}

/* ContactArrived -> contact_arrived; the caller's buffer holds 2 * NAME_MAX_BYTES. */
static const char *snake(const char *camel, char *out)
{
    char *at = out;
    for (const char *c = camel; *c; c++) {
        if (isupper((unsigned char)*c) && c != camel)
            *at++ = '_';
        *at++ = (char)tolower((unsigned char)*c);
    }
    *at = 0;
    return out;
}

static const char *upper(const char *text, char *out)
{
    size_t i = 0;
    for (; text[i]; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[i] = 0;
    return out;
}

static const char *snake_upper(const char *camel, char *out)
{
    char lower[2 * NAME_MAX_BYTES];
    return upper(snake(camel, lower), out);
}

static struct message *message_find(const char *name)
{
    for (int i = 0; i < message_count; i++)
        if (!strcmp(messages[i].name, name))
            return &messages[i];
    return NULL;
}

static struct enumeration *enumeration_find(const char *name)
{
    for (int i = 0; i < enumeration_count; i++)
        if (!strcmp(enumerations[i].name, name))
            return &enumerations[i];
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------------- */

static void read_bounds(struct field *field, const char *comment)
{
    for (const char *at = comment; at && (at = strchr(at, '[')); at++) {
        int number;
        if (sscanf(at, "[x%d]", &number) == 1)
            field->maximum = number;
        else if (sscanf(at, "[=%d]", &number) == 1)
            field->bound = number, field->exact = true;
        else if (sscanf(at, "[<%d]", &number) == 1 || sscanf(at, "[%d]", &number) == 1)
            field->bound = number;
    }
    bool sized = !strcmp(field->type, "string") || !strcmp(field->type, "bytes");
    if (sized != (field->bound > 0))
        fail("%s: text and bytes carry a bound in their comment, other fields none", field->name);
    if (field->repeated != (field->maximum > 0))
        fail("%s: repeated fields carry a maximum [xN] in their comment", field->name);
}

static void read_field(struct message *message, const char *text, bool in_oneof)
{
    if (message->count == FIELDS_MAX)
        fail("more than %d fields in %s", FIELDS_MAX, message->name);
    struct field *field = &message->fields[message->count];
    *field = (struct field){ .in_oneof = in_oneof };
    if (!strncmp(text, "repeated ", 9)) {
        field->repeated = true;
        text += 9;
    }
    if (sscanf(text, "%63s %63[a-z0-9_] = %d;", field->type, field->name, &field->number) != 3)
        fail("not understood: %s", text);
    read_bounds(field, strstr(text, "//"));
    message->has_oneof |= in_oneof;
    message->count++;
}

static void read_value(struct enumeration *enumeration, const char *text)
{
    if (enumeration->count == VALUES_MAX)
        fail("more than %d values in %s", VALUES_MAX, enumeration->name);
    struct value *value = &enumeration->values[enumeration->count];
    if (sscanf(text, "%63[A-Z0-9_] = %d;", value->name, &value->number) != 2)
        fail("not understood: %s", text);
    char prefix[2 * NAME_MAX_BYTES];
    snake_upper(enumeration->name, prefix);
    size_t length = strlen(prefix);
    if (strncmp(value->name, prefix, length) != 0 || value->name[length] != '_')
        fail("%s does not begin with %s_", value->name, prefix);
    enumeration->count++;
}

static void begin_message(struct message **open, const char *name)
{
    if (message_count == MESSAGES_MAX)
        fail("more than %d messages", MESSAGES_MAX);
    *open = &messages[message_count++];
    snprintf((*open)->name, NAME_MAX_BYTES, "%s", name);
}

static void begin_enumeration(struct enumeration **open, const char *name)
{
    if (enumeration_count == ENUMS_MAX)
        fail("more than %d enumerations", ENUMS_MAX);
    *open = &enumerations[enumeration_count++];
    snprintf((*open)->name, NAME_MAX_BYTES, "%s", name);
}

static void read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    file_name = path;
    line_number = 0;
    if (!file)
        fail("cannot be opened");

    char line[512], name[NAME_MAX_BYTES];
    struct message *message = NULL;
    struct enumeration *enumeration = NULL;
    bool in_oneof = false;
    while (fgets(line, sizeof line, file)) {
        const char *text = line + strspn(line, " \t");
        line_number++;
        if (!strncmp(text, "//", 2) || *text == '\n' || !strncmp(text, "syntax", 6) ||
            !strncmp(text, "package", 7) || !strncmp(text, "import", 6))
            continue;
        if (sscanf(text, "message %63[A-Za-z0-9] {", name) == 1)
            begin_message(&message, name);
        else if (sscanf(text, "enum %63[A-Za-z0-9] {", name) == 1)
            begin_enumeration(&enumeration, name);
        else if (message && !strncmp(text, "oneof body {", 12))
            in_oneof = true;
        else if (*text == '}' && in_oneof)
            in_oneof = false;
        else if (*text == '}')
            message = NULL, enumeration = NULL;
        else if (message)
            read_field(message, text, in_oneof);
        else if (enumeration)
            read_value(enumeration, text);
        else
            fail("not understood: %s", text);
    }
    fclose(file);
}

/* ---- message.h ----------------------------------------------------------------------------- */

static void write_enumeration(FILE *out, const struct enumeration *enumeration)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES];
    snake(enumeration->name, lower);
    upper(lower, big);
    fprintf(out, "enum %s {\n", lower);
    int count = 0;
    for (int i = 0; i < enumeration->count; i++) {
        fprintf(out, "    %s = %d,\n", enumeration->values[i].name, enumeration->values[i].number);
        if (enumeration->values[i].number >= count)
            count = enumeration->values[i].number + 1;
    }
    fprintf(out, "    %s_COUNT = %d\n};\n", big, count);
    fprintf(out, "const char *%s_name(enum %s %s);\n\n", lower, lower, lower);
}

static const char *plain_type(const struct field *field, char *out)
{
    char lower[2 * NAME_MAX_BYTES];
    static const char *const scalars[][2] = { { "uint32", "uint32_t" },
                                              { "uint64", "uint64_t" },
                                              { "bool", "bool" } };
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        if (!strcmp(field->type, scalars[i][0]))
            return scalars[i][1];
    if (enumeration_find(field->type))
        snprintf(out, 160, "enum %s", snake(field->type, lower));
    else if (message_find(field->type))
        snprintf(out, 160, "struct %s", snake(field->type, lower));
    else
        fail("%s: unknown type %s", field->name, field->type);
    return out;
}

static void write_member(FILE *out, const struct field *field, const char *indent)
{
    char type[160], many[24] = "";
    if (field->repeated) {
        fprintf(out, "%suint32_t %s_count;\n", indent, field->name);
        snprintf(many, sizeof many, "[%d]", field->maximum);
    }
    if (!strcmp(field->type, "string")) {
        fprintf(out, "%schar %s%s[%d];\n", indent, field->name, many, field->bound + 1);
    } else if (!strcmp(field->type, "bytes")) {
        if (!field->exact)
            fprintf(out, "%suint32_t %s_size;\n", indent, field->name);
        fprintf(out, "%suint8_t %s[%d];\n", indent, field->name, field->bound);
    } else {
        bool nested = message_find(field->type) != NULL;
        if (nested && !field->repeated && !field->in_oneof)
            fprintf(out, "%sbool has_%s;\n", indent, field->name);
        fprintf(out, "%s%s %s%s;\n", indent, plain_type(field, type), field->name, many);
    }
}

static void write_kinds(FILE *out, const struct message *message)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES], name[NAME_MAX_BYTES];
    snake(message->name, lower);
    upper(lower, big);
    int count = 0;
    fprintf(out, "enum %s_kind {\n    %s_NONE = 0,\n", lower, big);
    for (int i = 0; i < message->count; i++) {
        const struct field *field = &message->fields[i];
        if (!field->in_oneof)
            continue;
        fprintf(out, "    %s_%s = %d,\n", big, upper(field->name, name), field->number);
        if (field->number >= count)
            count = field->number + 1;
    }
    fprintf(out, "    %s_KIND_COUNT = %d\n};\n", big, count);
    fprintf(out, "const char *%s_kind_name(enum %s_kind kind);\n\n", lower, lower);
}

static void write_struct(FILE *out, struct message *message)
{
    char lower[2 * NAME_MAX_BYTES];
    if (message->written)
        return;
    if (message->being_written)
        fail("%s contains itself", message->name);
    message->being_written = true;
    for (int i = 0; i < message->count; i++) {
        struct message *nested = message_find(message->fields[i].type);
        if (nested)
            write_struct(out, nested);
    }
    if (message->has_oneof)
        write_kinds(out, message);
    snake(message->name, lower);
    fprintf(out, "struct %s {\n", lower);
    for (int i = 0; i < message->count; i++)
        if (!message->fields[i].in_oneof)
            write_member(out, &message->fields[i], "    ");
    if (message->has_oneof) {
        fprintf(out, "    enum %s_kind kind;\n    union {\n", lower);
        for (int i = 0; i < message->count; i++)
            if (message->fields[i].in_oneof)
                write_member(out, &message->fields[i], "        ");
        fprintf(out, "    };\n");
    }
    if (message->count == 0)
        fprintf(out, "    uint8_t nothing;\n");
    fprintf(out, "};\n");
    if (message->has_oneof)
        fprintf(out,
                "/* Bytes of the struct that a %s of this kind uses, from its start. */\n"
                "extern const uint32_t %s_sizes[];\n",
                lower, lower);
    fprintf(out, "\n");
    message->written = true;
}

static void write_header(FILE *out)
{
    fprintf(out,
            "/* Generated from proto/ by proto/generate.c; not to be edited.\n"
            " *\n"
            " * The wire contract as plain, bounded structs: text is NUL-terminated UTF-8, byte\n"
            " * strings carry their size, absent means zero. */\n"
            "#ifndef PROTO_MESSAGE_H\n#define PROTO_MESSAGE_H\n\n"
            "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n");
    for (int i = 0; i < enumeration_count; i++)
        write_enumeration(out, &enumerations[i]);
    for (int i = 0; i < message_count; i++)
        write_struct(out, &messages[i]);
    char big[2 * NAME_MAX_BYTES];
    fprintf(
        out,
        "/* Numbers of the field tables, for codec, JSON and formatter. */\nenum schema_id {\n");
    for (int i = 0; i < message_count; i++)
        fprintf(out, "    SCHEMA_%s,\n", snake_upper(messages[i].name, big));
    fprintf(out, "    SCHEMA_COUNT\n};\n\n#endif\n");
}

/* ---- schema.c ------------------------------------------------------------------------------ */

static void write_names(FILE *out)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES], word[NAME_MAX_BYTES];
    for (int i = 0; i < enumeration_count; i++) {
        const struct enumeration *e = &enumerations[i];
        snake(e->name, lower);
        upper(lower, big);
        fprintf(out, "static const char *const %s_words[%s_COUNT] = {\n", lower, big);
        for (int k = 0; k < e->count; k++) {
            const char *name = e->values[k].name + strlen(big) + 1;
            size_t n = 0;
            for (; name[n]; n++)
                word[n] = (char)tolower((unsigned char)name[n]);
            word[n] = 0;
            fprintf(out, "    [%d] = \"%s\",\n", e->values[k].number, word);
        }
        fprintf(out, "};\n\nconst char *%s_name(enum %s %s)\n{\n", lower, lower, lower);
        fprintf(out,
                "    return (unsigned)%s < %s_COUNT && %s_words[%s] ? %s_words[%s] : \"?\";\n}\n\n",
                lower, big, lower, lower, lower, lower);
        fprintf(out,
                "static const struct enumeration %s_enumeration = { \"%s\", %s_words, %s_COUNT };"
                "\n\n",
                lower, lower, lower, big);
    }
}

static void write_kind_names(FILE *out, const struct message *message)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES];
    snake(message->name, lower);
    upper(lower, big);
    fprintf(out, "const char *%s_kind_name(enum %s_kind kind)\n{\n", lower, lower);
    fprintf(out, "    static const char *const words[%s_KIND_COUNT] = {\n        [0] = \"none\",\n",
            big);
    for (int i = 0; i < message->count; i++)
        if (message->fields[i].in_oneof)
            fprintf(out, "        [%d] = \"%s\",\n", message->fields[i].number,
                    message->fields[i].name);
    fprintf(out,
            "    };\n    return (unsigned)kind < %s_KIND_COUNT && words[kind] ? words[kind] : "
            "\"?\";\n}\n\n",
            big);
}

static void write_sizes(FILE *out, const struct message *message)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES];
    snake(message->name, lower);
    fprintf(out,
            "const uint32_t %s_sizes[%s_KIND_COUNT] = {\n"
            "    [0] = offsetof(struct %s, kind) + sizeof(enum %s_kind),\n",
            lower, upper(lower, big), lower, lower);
    for (int i = 0; i < message->count; i++) {
        const char *name = message->fields[i].name;
        if (message->fields[i].in_oneof)
            fprintf(out, "    [%d] = offsetof(struct %s, %s) + sizeof(((struct %s *)0)->%s),\n",
                    message->fields[i].number, lower, name, lower, name);
    }
    fprintf(out, "};\n\n");
}

static const char *field_type(const struct field *field)
{
    static const char *const names[][2] = { { "uint32", "FIELD_UINT32" },
                                            { "uint64", "FIELD_UINT64" },
                                            { "bool", "FIELD_BOOL" },
                                            { "string", "FIELD_TEXT" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(field->type, names[i][0]))
            return names[i][1];
    if (!strcmp(field->type, "bytes"))
        return field->exact ? "FIELD_DIGEST" : "FIELD_BYTES";
    return enumeration_find(field->type) ? "FIELD_ENUM" : "FIELD_MESSAGE";
}

static void write_field(FILE *out, const struct message *message, const struct field *field)
{
    char lower[2 * NAME_MAX_BYTES], owner[2 * NAME_MAX_BYTES];
    snake(message->name, owner);
    fprintf(out,
            "    { .name = \"%s\", .number = %d, .type = %s, .offset = offsetof(struct %s, %s)",
            field->name, field->number, field_type(field), owner, field->name);
    if (field->bound)
        fprintf(out, ", .bound = %d", field->bound);
    if (field->repeated)
        fprintf(out, ", .maximum = %d, .count_offset = offsetof(struct %s, %s_count)",
                field->maximum, owner, field->name);
    if (!strcmp(field->type, "bytes") && !field->exact)
        fprintf(out, ", .count_offset = offsetof(struct %s, %s_size)", owner, field->name);
    if (field->in_oneof)
        fprintf(out, ", .in_oneof = true");
    if (enumeration_find(field->type))
        fprintf(out, ", .words = &%s_enumeration", snake(field->type, lower));
    if (message_find(field->type)) {
        fprintf(out, ", .message = SCHEMA_%s", snake_upper(field->type, lower));
        if (!field->repeated && !field->in_oneof)
            fprintf(out, ", .count_offset = offsetof(struct %s, has_%s)", owner, field->name);
    }
    if (field->repeated)
        fprintf(out, ", .stride = sizeof ((struct %s *)0)->%s[0]", owner, field->name);
    fprintf(out, " },\n");
}

static void write_schema(FILE *out)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES];
    fprintf(out, "/* Generated from proto/ by proto/generate.c; not to be edited. */\n"
                 "#include \"proto/schema.h\"\n\n");
    write_names(out);
    for (int i = 0; i < message_count; i++)
        if (messages[i].has_oneof) {
            write_kind_names(out, &messages[i]);
            write_sizes(out, &messages[i]);
        }
    for (int i = 0; i < message_count; i++) {
        if (messages[i].count == 0)
            continue;
        fprintf(out, "static const struct field %s_fields[] = {\n", snake(messages[i].name, lower));
        for (int k = 0; k < messages[i].count; k++)
            write_field(out, &messages[i], &messages[i].fields[k]);
        fprintf(out, "};\n\n");
    }
    fprintf(out, "const struct schema schemas[SCHEMA_COUNT] = {\n");
    for (int i = 0; i < message_count; i++) {
        const struct message *m = &messages[i];
        snake(m->name, lower);
        fprintf(out,
                "    [SCHEMA_%s] = { .name = \"%s\", .size = sizeof(struct %s), .field_count = %d",
                snake_upper(m->name, big), lower, lower, m->count);
        if (m->count)
            fprintf(out, ", .fields = %s_fields", lower);
        if (m->has_oneof)
            fprintf(out, ", .has_kind = true, .kind_offset = offsetof(struct %s, kind)", lower);
        fprintf(out, " },\n");
    }
    fprintf(out, "};\n");
}

static void write_descriptors(FILE *out, char **files, int count)
{
    char lower[2 * NAME_MAX_BYTES], big[2 * NAME_MAX_BYTES];
    fprintf(out, "/* Generated from proto/ by proto/generate.c; not to be edited. */\n");
    for (int i = 0; i < count; i++) {
        const char *base = strrchr(files[i], '/');
        base = base ? base + 1 : files[i];
        fprintf(out, "#include \"%.*s.pb-c.h\"\n", (int)(strlen(base) - strlen(".proto")), base);
    }
    fprintf(out, "#include \"proto/message.h\"\n\n"
                 "extern const ProtobufCMessageDescriptor *const codec_descriptors[SCHEMA_COUNT];\n"
                 "const ProtobufCMessageDescriptor *const codec_descriptors[SCHEMA_COUNT] = {\n");
    for (int i = 0; i < message_count; i++)
        fprintf(out, "    [SCHEMA_%s] = &yihao__%s__descriptor,\n",
                snake_upper(messages[i].name, big), snake(messages[i].name, lower));
    fprintf(out, "};\n");
}

static FILE *output(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

int main(int count, char **words)
{
    if (count < 3) {
        fprintf(stderr, "usage: generate OUTPUT_FOLDER FILE.proto ...\n");
        return 2;
    }
    for (int i = 2; i < count; i++)
        read_file(words[i]);
    FILE *header = output(words[1], "message.h");
    FILE *schema = output(words[1], "schema.c");
    FILE *descriptors = output(words[1], "descriptors.c");
    write_header(header);
    write_schema(schema);
    write_descriptors(descriptors, words + 2, count - 2);
    return fclose(header) | fclose(schema) | fclose(descriptors) ? 1 : 0;
}
