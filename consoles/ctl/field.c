/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/field.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/require.h"
#include "base/text.h"
#include "consoles/ctl/words.h"
#include "proto/json.h"
#include "proto/schema.h"

enum {
    SPAN_UNITS_MAX = 10000
};

bool number_read(const char *words, uint64_t *number)
{
    char *end = NULL;
    if (strspn(words, "0123456789") != strlen(words) || *words == '\0')
        return false;
    errno = 0;
    *number = strtoull(words, &end, 10);
    return errno == 0 && *end == '\0';
}

int number_wanted(const char *word, uint32_t *number)
{
    uint64_t value = 0;
    *number = 0;
    if (!word)
        return EXIT_DONE;
    if (!number_read(word, &value) || value == 0 || value > UINT32_MAX) {
        complain(words("a number is wanted, not \"%s\"", "应为编号，不是“%s”"), word);
        return EXIT_USAGE;
    }
    *number = (uint32_t)value;
    return EXIT_DONE;
}

int contact_read(const char *written, uint64_t *contact)
{
    if (number_read(written, contact))
        return EXIT_DONE;
    complain(words("a contact is a number, not \"%s\"", "来电是数字，不是“%s”"), written);
    return EXIT_USAGE;
}

int incident_read(const char *written, struct incident_query *query)
{
    uint64_t number = 0;
    *query = (struct incident_query){ 0 };
    if (!number_read(written, &number)) {
        complain(words("an incident is a number, not \"%s\"", "工单是数字,不是“%s”"), written);
        return EXIT_USAGE;
    }
    if (strlen(written) == ORDER_NUMBER_DIGITS)
        query->number = number;
    else
        query->incident = number;
    return EXIT_DONE;
}

static const struct field *field_of(enum schema_id id, const char *name)
{
    const struct schema *schema = &schemas[id];
    for (uint32_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    return NULL;
}

static const struct field *body_field(const char *body, const char *name)
{
    const struct field *member = body ? field_of(SCHEMA_COMMAND, body) : NULL;
    return member ? field_of(member->message, name) : NULL;
}

static bool is_citizens_fields(const struct field *field)
{
    return field->type == FIELD_UINT32 && strcmp(field->name, "fields") == 0;
}

static void describe(const struct field *field, struct text *text)
{
    if (is_citizens_fields(field)) {
        text_add(text, words("number, name, position: what is masked, separated by commas",
                             "number、name、position：要揭示的项，用逗号分隔"));
        return;
    }
    switch (field->type) {
    case FIELD_UINT32:
    case FIELD_UINT64:
        text_add(text, field->maximum ? words("numbers, separated by commas", "数字,用逗号分隔")
                                      : words("number", "数字"));
        return;
    case FIELD_BOOL:
        text_add(text, "yes | no");
        return;
    case FIELD_ENUM:
        for (uint32_t i = 1; i < field->words->count; i++)
            if (field->words->words[i])
                text_print(text, "%s%s", text->length ? " | " : "", field->words->words[i]);
        return;
    case FIELD_TEXT:
        text_print(text, words("words, at most %u bytes", "文字,最多 %u 字节"), field->bound);
        return;
    case FIELD_BYTES:
    case FIELD_DIGEST:
    case FIELD_MESSAGE:
        return;
    }
}

void field_describe(const char *body, const char *name, char *out, size_t size)
{
    struct text text = text_into(out, size);
    const struct field *field = body_field(body, name);
    if (!field)
        field = field_of(SCHEMA_PERSONAL, name);
    if (field && body)
        describe(field, &text);
    else if (body && strcmp(name, "signet") == 0)
        text_add(&text, words("the file of a key", "密钥文件"));
}

/* "90m", "12h", "20d". */
static bool span_read(const char *words, uint64_t *span_ms)
{
    char *unit;
    unsigned long long many = strtoull(words, &unit, 10);
    uint64_t ms = *unit == 's'   ? 1000
                  : *unit == 'm' ? 60000
                  : *unit == 'h' ? 3600000
                  : *unit == 'd' ? 86400000
                                 : 0;
    if (unit == words || ms == 0 || unit[1] || many > SPAN_UNITS_MAX)
        return false;
    *span_ms = many * ms;
    return true;
}

bool moment_read(const char *words, uint64_t now_ms, uint64_t *at_ms)
{
    static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
                                         "%Y-%m-%dT%H:%M:%S" };
    uint64_t span_ms;
    if (span_read(words, &span_ms)) {
        *at_ms = span_ms < now_ms ? now_ms - span_ms : 0;
        return true;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm civil = { .tm_isdst = -1 };
        const char *end = strptime(words, forms[i], &civil);
        time_t seconds = end && *end == '\0' ? mktime(&civil) : -1;
        if (seconds < 0)
            continue;
        *at_ms = (uint64_t)seconds * 1000;
        return true;
    }
    return false;
}

/* A moment may be said as a time from now. */
static json_t *time_of(const char *name, const char *word)
{
    char text[24];
    uint64_t span_ms;
    size_t length = strlen(name);
    if (length < 3 || strcmp(name + length - 3, "_ms") != 0 || !span_read(word, &span_ms))
        return json_string(word);
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)time(NULL) * 1000 + span_ms);
    return json_string(text);
}

/* Bits by the names of what they stand for; what is none is left for the complaint. */
static json_t *citizens_fields(const char *value)
{
    json_int_t bits = 0;
    const char *at = value;
    while (*at) {
        size_t length = strcspn(at, ",");
        enum personal_field field = PERSONAL_FIELD_NONE + 1;
        while (field < PERSONAL_FIELD_COUNT &&
               (strlen(personal_field_name(field)) != length ||
                strncmp(personal_field_name(field), at, length) != 0))
            field++;
        if (field == PERSONAL_FIELD_COUNT)
            return json_string(value);
        bits |= 1 << field;
        at += length + (at[length] == ',');
    }
    return json_integer(bits);
}

/* One word as JSON of the field's kind; what json_to_message() says about it comes later. */
static json_t *json_of(const struct field *field, const char *word)
{
    uint64_t number = 0;
    switch (field->type) {
    case FIELD_UINT32:
        return number_read(word, &number) && number <= UINT32_MAX ? json_integer((json_int_t)number)
                                                                  : json_string(word);
    case FIELD_BOOL:
        if (strcmp(word, "yes") == 0 || strcmp(word, "no") == 0)
            return json_boolean(word[0] == 'y');
        return json_string(word);
    case FIELD_UINT64:
        return time_of(field->name, word);
    case FIELD_ENUM:
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_DIGEST:
    case FIELD_MESSAGE:
        return json_string(word);
    }
    REQUIRE(!"unknown field type");
    return NULL;
}

static json_t *json_list(const struct field *field, const char *value)
{
    json_t *list = json_array();
    for (size_t length; *value; value += length + (value[length] == ',')) {
        char word[64];
        struct text text = text_into(word, sizeof word);
        length = strcspn(value, ",");
        text_add_bytes(&text, value, length);
        (void)json_array_append_new(list, json_of(field, word));
    }
    return list;
}

static void set(json_t *object, const struct field *field, const char *value)
{
    (void)json_object_set_new(object, field->name,
                              is_citizens_fields(field) ? citizens_fields(value)
                              : field->maximum          ? json_list(field, value)
                                                        : json_of(field, value));
}

static void set_all(const struct request *request, json_t *body, json_t *personal)
{
    const struct verb *verb = request->verb;
    struct verb_word word;
    unsigned index = 0;
    for (const char *list = verb->arguments; (list = verb_word(list, &word)); index++) {
        const struct field *field = body_field(verb->command, word.name);
        REQUIRE(field != NULL); /* the verb table is wrong (tested) */
        if (index < request->argument_count)
            set(body, field, request->arguments[index]);
    }
    for (unsigned i = 0; i < request->option_count; i++) {
        const struct request_option *option = &request->options[i];
        const struct field *field = body_field(verb->command, option->word.name);
        if (field)
            set(body, field, option->value);
        else if (strcmp(option->word.name, "signet") != 0) /* a file that signs (act.c) */
            set(personal, field_of(SCHEMA_PERSONAL, option->word.name), option->value);
    }
}

int field_fill(const struct request *request, struct command *command, struct personal *personal)
{
    char complaint[JSON_COMPLAINT_BYTES];
    json_t *whole = json_object();
    json_t *body = json_object();
    json_t *person = json_object();
    set_all(request, body, person);
    (void)json_object_set_new(whole, request->verb->command, body);
    bool good =
        json_to_message(SCHEMA_COMMAND, whole, command, complaint, sizeof complaint) == 0 &&
        json_to_message(SCHEMA_PERSONAL, person, personal, complaint, sizeof complaint) == 0;
    json_decref(whole);
    json_decref(person);
    if (good)
        return EXIT_DONE;
    complain(words("%s; see yihao help %s", "%s;请看 yihao help %s"), complaint,
             request->verb->name);
    return EXIT_USAGE;
}
