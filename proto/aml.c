/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/aml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"

enum {
    E7 = 10000000,
    FIELDS_MAX = 64,  /* of one text or form */
    VALUE_BYTES = 80, /* longer values are nothing we read; a signature by SHA-256 has 64 */
    CONFIDENCE_MAX = 100,
    UNCERTAINTY_MAX_M = 1000000
};

static const char head[] = "A\"ML=";

/* "key=value", borrowed. */
struct pair {
    const char *key;
    size_t key_length;
    char value[VALUE_BYTES];
};

/* What is said, before it is known what it means: version 2 gives keys other meanings. */
struct said {
    bool latitude, longitude, none;
    int64_t latitude_e7, longitude_e7;
    uint64_t call_s; /* version 2: the call, and the fix against it */
    int64_t after_s;
    bool after;
};

/* ---- numbers ------------------------------------------------------------------------------- */

/* "+51.53321", "-0.12601", "48.8" as 10^-7 degrees; *end is behind it. */
static bool degrees_read(const char *words, int64_t *degrees_e7, const char **end)
{
    bool negative = *words == '-';
    int64_t whole = 0;
    int64_t part = 0;
    int64_t scale = E7;
    if (*words == '-' || *words == '+')
        words++;
    const char *first = words;
    for (; *words >= '0' && *words <= '9' && words - first < 4; words++)
        whole = whole * 10 + (*words - '0');
    if (words == first)
        return false;
    if (*words == '.')
        for (words++; *words >= '0' && *words <= '9'; words++)
            if (scale > 1) {
                part = part * 10 + (*words - '0');
                scale /= 10;
            }
    *degrees_e7 = (whole * E7 + part * scale) * (negative ? -1 : 1);
    *end = words;
    return true;
}

static bool number_read(const char *words, uint64_t most, uint64_t *number)
{
    char *end;
    if (*words < '0' || *words > '9')
        return false;
    errno = 0;
    *number = strtoull(words, &end, 10);
    return errno == 0 && end != words && *number <= most; /* "14.5" is 14 */
}

static uint32_t whole_of(const char *words, uint64_t most)
{
    uint64_t number;
    return number_read(words, most, &number) ? (uint32_t)number : 0;
}

static uint32_t digits_of(const char *words, uint32_t count)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < count; i++)
        number = number * 10 + (uint32_t)(words[i] - '0');
    return number;
}

/* "20220131171748" UTC; 0 when it is no time of our days. */
static uint64_t stamp_of(const char *words)
{
    if (strspn(words, "0123456789") != 14 || words[14])
        return 0;
    uint32_t date = digits_of(words, 8);
    uint32_t month = date / 100 % 100;
    uint32_t hour = digits_of(words + 8, 2);
    uint32_t minute = digits_of(words + 10, 2);
    uint32_t second = digits_of(words + 12, 2);
    if (date < 19700101 || month < 1 || month > 12 || date % 100 < 1 || date % 100 > 31 ||
        hour > 23 || minute > 59 || second > 60)
        return 0;
    return ((civil_day(date) * 24 + hour) * 60 + minute) * 60000 + second * 1000ULL;
}

/* One letter in texts, a word in forms. */
static enum fix_source source_of(const char *words)
{
    switch (words[0] | 0x20) {
    case 'g': /* G, GPS, GNSS */
        return FIX_SOURCE_GNSS;
    case 'w':
        return FIX_SOURCE_WIFI;
    case 'c':
        return FIX_SOURCE_CELL;
    case 'f':
        return FIX_SOURCE_FUSED;
    case 'n':
        return FIX_SOURCE_NONE;
    default:
        return FIX_SOURCE_UNKNOWN;
    }
}

/* ---- fields -------------------------------------------------------------------------------- */

static bool key_is(const struct pair *pair, const char *key)
{
    return pair->key_length == strlen(key) && memcmp(pair->key, key, pair->key_length) == 0;
}

static void latitude_take(struct said *said, const char *words)
{
    const char *end;
    said->latitude = degrees_read(words, &said->latitude_e7, &end);
}

static void longitude_take(struct said *said, const char *words)
{
    const char *end;
    said->longitude = degrees_read(words, &said->longitude_e7, &end);
}

static void uncertainty_take(struct aml *aml, const char *words)
{
    if (*words == '+')
        words++;
    aml->uncertainty_m = whole_of(words, UNCERTAINTY_MAX_M);
}

static void take_first(struct aml *aml, struct said *said, const struct pair *pair)
{
    if (key_is(pair, "lt")) {
        latitude_take(said, pair->value);
    } else if (key_is(pair, "lg")) {
        longitude_take(said, pair->value);
    } else if (key_is(pair, "rd")) {
        said->none |= (pair->value[0] | 0x20) == 'n';
        uncertainty_take(aml, pair->value);
    } else if (key_is(pair, "top")) {
        aml->measured_ms = stamp_of(pair->value);
    } else if (key_is(pair, "lc")) {
        aml->confidence = whole_of(pair->value, CONFIDENCE_MAX);
    } else if (key_is(pair, "pm")) {
        aml->source = source_of(pair->value);
        said->none |= aml->source == FIX_SOURCE_NONE;
    }
}

/* "37.42175,-122.08461,20.1" */
static void place_take(struct aml *aml, struct said *said, const char *words)
{
    const char *end;
    said->latitude = degrees_read(words, &said->latitude_e7, &end);
    if (!said->latitude || *end != ',')
        return;
    said->longitude = degrees_read(end + 1, &said->longitude_e7, &end);
    if (said->longitude && *end == ',')
        uncertainty_take(aml, end + 1);
}

static void take_second(struct aml *aml, struct said *said, const struct pair *pair)
{
    const char *end;
    if (key_is(pair, "lo")) {
        place_take(aml, said, pair->value);
    } else if (key_is(pair, "et")) {
        (void)number_read(pair->value, UINT32_MAX, &said->call_s);
    } else if (key_is(pair, "lt")) {
        said->after = degrees_read(pair->value, &said->after_s, &end); /* seconds, with a sign */
        said->after_s /= E7;
    } else if (key_is(pair, "lc")) {
        aml->confidence = whole_of(pair->value, CONFIDENCE_MAX);
    } else if (key_is(pair, "ls")) {
        aml->source = source_of(pair->value);
        said->none |= aml->source == FIX_SOURCE_NONE;
    }
}

static void take_form(struct aml *aml, struct said *said, const struct pair *pair)
{
    if (key_is(pair, "v"))
        aml->version = whole_of(pair->value, UINT32_MAX);
    else if (key_is(pair, "location_latitude"))
        latitude_take(said, pair->value);
    else if (key_is(pair, "location_longitude"))
        longitude_take(said, pair->value);
    else if (key_is(pair, "location_time"))
        (void)number_read(pair->value, UINT64_MAX / 2, &aml->measured_ms);
    else if (key_is(pair, "location_accuracy"))
        uncertainty_take(aml, pair->value);
    else if (key_is(pair, "location_certainty"))
        aml->confidence = whole_of(pair->value, CONFIDENCE_MAX);
    else if (key_is(pair, "location_source"))
        aml->source = source_of(pair->value);
}

/* Puts together what was said. */
static int conclude(struct aml *aml, const struct said *said)
{
    bool both = said->latitude && said->longitude;
    bool nowhere = both && said->latitude_e7 == 0 && said->longitude_e7 == 0;
    if (said->call_s && said->after && (int64_t)said->call_s + said->after_s > 0)
        aml->measured_ms = (uint64_t)((int64_t)said->call_s + said->after_s) * 1000;
    else if (said->call_s)
        aml->measured_ms = said->call_s * 1000;
    if (said->none || nowhere) {
        aml->source = FIX_SOURCE_NONE;
        aml->uncertainty_m = aml->confidence = 0;
        return 0;
    }
    if (!both || llabs(said->latitude_e7) > 90LL * E7 || llabs(said->longitude_e7) > 180LL * E7)
        return -EBADMSG;
    aml->placed = true;
    aml->latitude_e7 = (int32_t)said->latitude_e7;
    aml->longitude_e7 = (int32_t)said->longitude_e7;
    if (aml->source == FIX_SOURCE_NONE)
        aml->source = FIX_SOURCE_UNKNOWN;
    return 0;
}

/* ---- texts --------------------------------------------------------------------------------- */

static const char *begin_of(const char *words)
{
    return words + strspn(words, " \t\n");
}

bool aml_is(const char *words)
{
    return strncmp(begin_of(words), head, sizeof head - 1) == 0;
}

/* Takes the next "key=value" before one of `ends`; false at the end. */
static bool pair_next(const char **at, const char *end, char border, struct pair *pair)
{
    while (*at < end) {
        const char *stop = memchr(*at, border, (size_t)(end - *at));
        size_t length = (size_t)((stop ? stop : end) - *at);
        const char *equals = memchr(*at, '=', length);
        const char *from = *at;
        *at = stop ? stop + 1 : end;
        if (!equals)
            continue;
        size_t size = length - (size_t)(equals + 1 - from);
        if (size >= sizeof pair->value)
            continue;
        pair->key = from;
        pair->key_length = (size_t)(equals - from);
        memcpy(pair->value, equals + 1, size);
        pair->value[size] = '\0';
        return true;
    }
    return false;
}

int aml_read(struct aml *aml, const char *words)
{
    const char *at = begin_of(words);
    struct said said = { 0 };
    struct pair pair;

    *aml = (struct aml){ .version = 0 };
    if (!aml_is(words))
        return -EBADMSG;
    const char *end = at + strlen(at);
    at += sizeof head - 1;
    aml->version = whole_of(at, UINT32_MAX);
    at += strcspn(at, ";");
    for (uint32_t i = 0; i < FIELDS_MAX && pair_next(&at, end, ';', &pair); i++) {
        if (aml->version >= 2)
            take_second(aml, &said, &pair);
        else
            take_first(aml, &said, &pair);
    }
    return conclude(aml, &said);
}

/* ---- forms --------------------------------------------------------------------------------- */

static int hex_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* "%2B44" becomes "+44". False for a value that cannot be text. */
static bool percent_read(char *value)
{
    char *to = value;
    for (const char *at = value; *at; at++) {
        char c = *at == '+' ? ' ' : *at;
        if (*at == '%') {
            int high = hex_of(at[1]);
            int low = high < 0 ? -1 : hex_of(at[2]);
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            at += 2;
        }
        if (c < ' ' || c == 0x7f)
            return false;
        *to++ = c;
    }
    *to = '\0';
    return true;
}

int aml_read_form(struct aml *aml, const char *body, size_t length, char number[32],
                  size_t *signed_length, const char **signature)
{
    const char *at = body;
    struct said said = { 0 };
    struct pair pair;

    *aml = (struct aml){ .version = 0 };
    *signed_length = length;
    *signature = NULL;
    number[0] = '\0';
    for (uint32_t i = 0; i < FIELDS_MAX && pair_next(&at, body + length, '&', &pair); i++) {
        if (key_is(&pair, "hmac")) {
            *signed_length = pair.key == body ? 0 : (size_t)(pair.key - body) - 1;
            *signature = pair.key + pair.key_length + 1;
            break; /* nothing behind it is signed */
        }
        if (!percent_read(pair.value))
            continue;
        if (key_is(&pair, "device_number")) {
            if (!text_copy(number, 32, pair.value))
                return -EBADMSG;
        } else {
            take_form(aml, &said, &pair);
        }
    }
    return number[0] ? conclude(aml, &said) : -EBADMSG;
}

/* ---- the command --------------------------------------------------------------------------- */

static void degrees_add(struct text *text, int32_t degrees_e7)
{
    int64_t degrees = degrees_e7;
    text_print(text, "%s%" PRId64 ".%07" PRId64, degrees < 0 ? "-" : "",
               (degrees < 0 ? -degrees : degrees) / E7, (degrees < 0 ? -degrees : degrees) % E7);
}

void aml_command(const struct aml *aml, enum fix_means means, struct command *command,
                 struct personal *personal)
{
    command->kind = COMMAND_CALLER_LOCATE;
    command->caller_locate = (struct caller_locate){ .means = means,
                                                     .source = aml->source,
                                                     .uncertainty_m = aml->uncertainty_m,
                                                     .confidence = aml->confidence,
                                                     .measured_ms = aml->measured_ms };
    personal->position[0] = '\0';
    if (!aml->placed)
        return;
    struct text text = text_into(personal->position, sizeof personal->position);
    degrees_add(&text, aml->latitude_e7);
    text_add_char(&text, ',');
    degrees_add(&text, aml->longitude_e7);
}
