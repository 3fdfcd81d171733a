/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/template.h"

#include <string.h>

#include "base/segment.h"
#include "base/text.h"

enum {
    PLACE_NUMBER = 1,
    PLACE_DATE = 2,
    PLACE_TEXT = 4,
    PLACE_STATE = 8,
    PLACE_CODE = 16,
    PLACES_ALL = PLACE_NUMBER | PLACE_DATE | PLACE_TEXT
};

static const struct {
    const char *place;
    unsigned bit;
    const char *longest; /* an example of its greatest length */
} places[] = {
    { "{number}", PLACE_NUMBER, "20261122000001" },
    { "{date}", PLACE_DATE, "2026-11-22" },
    { "{text}", PLACE_TEXT, "" },
    { "{state}", PLACE_STATE, "handled with the same request of others" },
    { "{code}", PLACE_CODE, "12345678" },
};

/* A template that is not here knows no case: it may hold nothing. */
static const unsigned allowed[TEMPLATE_COUNT] = {
    [TEMPLATE_RECEIVED] = PLACE_NUMBER | PLACE_DATE | PLACE_CODE,
    [TEMPLATE_RESULT] = PLACES_ALL,
    [TEMPLATE_SURVEY] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_REDO] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_NOT_RATED] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_INFO] = PLACES_ALL,
    [TEMPLATE_NOT_ACCEPTED] = PLACES_ALL,
    [TEMPLATE_EXTENDED] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_WITHDRAWN] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_STATUS] = PLACE_NUMBER | PLACE_DATE | PLACE_STATE | PLACE_CODE,
    [TEMPLATE_URGED] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_REOPENED] = PLACE_NUMBER | PLACE_DATE,
    [TEMPLATE_WITHDRAW_ASKED] = PLACE_NUMBER | PLACE_DATE,
};

/* The known place at the start of the words, NULL: none. */
static const char *place_at(const char *words, unsigned *bit, const char **longest)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strncmp(words, places[i].place, strlen(places[i].place)) == 0) {
            *bit = places[i].bit;
            *longest = places[i].longest;
            return places[i].place;
        }
    return NULL;
}

bool template_bad_place(enum template template, const char *words, char place[32])
{
    for (const char *at = strchr(words, '{'); at; at = strchr(at + 1, '{')) {
        unsigned bit = 0;
        const char *longest;
        const char *known = place_at(at, &bit, &longest);
        size_t length = strcspn(at, "}");
        if (known && (allowed[template] & bit))
            continue;
        if (!known && !at[length])
            continue; /* a bracket is no place */
        struct text text = text_into(place, 32);
        text_add_bytes(&text, at, length + 1);
        return true;
    }
    return false;
}

void template_fill(const char *words, const struct template_sample *sample,
                   char filled[TEMPLATE_WORDS_BYTES])
{
    struct text text = text_into(filled, TEMPLATE_WORDS_BYTES);
    while (*words) {
        unsigned bit = 0;
        const char *longest;
        const char *place = place_at(words, &bit, &longest);
        if (!place) {
            text_add_bytes(&text, words++, 1);
            continue;
        }
        words += strlen(place);
        text_add(&text, bit == PLACE_NUMBER  ? sample->number
                        : bit == PLACE_DATE  ? sample->date
                        : bit == PLACE_STATE ? sample->state
                        : bit == PLACE_CODE  ? sample->code
                                             : sample->text);
    }
}

/* How many Chinese characters, or Latin letters in a Latin text, still fit. */
static size_t room_of(const char *words, unsigned parts, bool gsm7)
{
    static char filled[TEMPLATE_WORDS_BYTES];
    static char text[TEMPLATE_WORDS_BYTES];
    const char *letter = gsm7 ? "a" : "\xe5\xad\x97";
    size_t size = strlen(letter);
    struct template_sample sample = { places[0].longest, places[1].longest, text, places[3].longest,
                                      places[4].longest };
    size_t least = 0;
    size_t most = (sizeof text - 1 - strlen(words) - 64) / size;
    while (least < most) {
        size_t middle = (least + most + 1) / 2;
        for (size_t i = 0; i < middle; i++)
            memcpy(text + i * size, letter, size);
        text[middle * size] = 0;
        template_fill(words, &sample, filled);
        if (segment_count(filled, strlen(filled)) <= parts)
            least = middle;
        else
            most = middle - 1;
    }
    return least;
}

void template_measure(const char *words, unsigned parts, struct template_size *size)
{
    static char filled[TEMPLATE_WORDS_BYTES];
    struct template_sample sample = { places[0].longest, places[1].longest, "", places[3].longest,
                                      places[4].longest };
    template_fill(words, &sample, filled);
    size_t length = strlen(filled);
    *size = (struct template_size){ .gsm7 = segment_is_gsm7(filled, length),
                                    .has_text = strstr(words, "{text}") != NULL,
                                    .units = segment_units(filled, length),
                                    .parts = segment_count(filled, length) };
    if (size->has_text && size->parts <= parts)
        size->room = room_of(words, parts, size->gsm7);
}
