/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/carrier.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
    LOCAL_DIGITS_MIN = 7, /* a number without its area code */
    LOCAL_DIGITS_MAX = 8
};

void carrier_open(struct carrier *carrier, const struct carrier_settings *settings)
{
    memset(carrier, 0, sizeof *carrier);
    carrier->settings = *settings;
    carrier->up = true;
    carrier->dtls = strcmp(settings->srtp, "dtls") == 0;
    carrier->secured = carrier->dtls || strcmp(settings->srtp, "must") == 0;
    for (uint32_t i = 0; i < settings->source_count; i++)
        (void)sources_add(&carrier->sources, settings->sources[i]);
}

bool carrier_is_full(const struct carrier *carrier)
{
    uint64_t capacity = carrier->settings.capacity;
    return capacity != 0 && carrier->calls * 100ULL >= capacity * (100 - carrier->settings.reserve);
}

static bool is_withheld(const char *number)
{
    static const char *const words[] = { "anonymous", "unavailable", "unknown", "restricted" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(words[i], number) == 0)
            return true;
    return false;
}

/* Digits, a plus sign before them; false when it is no number at all. */
static bool take_digits(const char *number, char plain[CARRIER_NUMBER_BYTES])
{
    struct text text = text_into(plain, CARRIER_NUMBER_BYTES);
    for (const char *c = number; *c && *c != ';'; c++) {
        if ((*c >= '0' && *c <= '9') || (*c == '+' && text.length == 0))
            text_add_char(&text, *c);
        else if (!strchr("-.() ", *c))
            return false;
    }
    return !text.cut;
}

void carrier_number(const struct carrier *carrier, const char *number,
                    char plain[CARRIER_NUMBER_BYTES])
{
    const char *country = carrier->settings.country, *area = carrier->settings.area;
    char digits[CARRIER_NUMBER_BYTES], local[CARRIER_NUMBER_BYTES];
    plain[0] = 0;
    if (is_withheld(number))
        return;
    if (!take_digits(number, digits)) {
        (void)text_copy(plain, CARRIER_NUMBER_BYTES, number);
        return;
    }
    const char *rest = digits;
    size_t code = strlen(country), skip = digits[0] == '+' ? 1 : strncmp(digits, "00", 2) ? 0 : 2;
    bool ours = code > 0 && skip > 0 && strncmp(digits + skip, country, code) == 0;
    if (ours)
        rest = digits + skip + code;
    size_t length = strlen(rest);
    bool lacks_area = code > 0 && (ours || skip == 0) && area[0] && rest[0] != '0' &&
                      length >= LOCAL_DIGITS_MIN && length <= LOCAL_DIGITS_MAX;
    /* +86 551 …: abroad the 0 of the area code is not dialled. */
    bool lacks_zero = ours && area[0] == '0' && strlen(area) > 1 &&
                      strncmp(rest, area + 1, strlen(area) - 1) == 0 && length > LOCAL_DIGITS_MAX;
    struct text text = text_into(local, sizeof local);
    text_add(&text, lacks_area ? area : lacks_zero ? "0" : "");
    if (!ours && skip == 2)
        text_print(&text, "+%s", rest + 2);
    else
        text_add(&text, rest);
    (void)text_copy(plain, CARRIER_NUMBER_BYTES, text.cut ? digits : local);
}

bool carrier_hear(struct carrier *carrier, int status)
{
    /* Whatever it says, it is there; but 503 and 408 say that no call would pass. */
    bool good = status >= 200 && status != 503 && status != 408;
    bool before = carrier->up;
    carrier->asked = false;
    if (good)
        carrier->failures = 0;
    else if (carrier->failures < CARRIER_FAILURES)
        carrier->failures++;
    carrier->up = carrier->failures < CARRIER_FAILURES;
    carrier->downs += before && !carrier->up;
    return before != carrier->up;
}

void carriers_take_drained(struct carrier *carriers, uint32_t count, const char *words)
{
    for (uint32_t i = 0; i < count; i++)
        carriers[i].drained = false;
    while (*words) {
        size_t length = strcspn(words, "\r\n");
        for (uint32_t i = 0; i < count; i++) {
            const char *name = carriers[i].settings.name;
            if ((length == 1 && words[0] == '*') ||
                (strlen(name) == length && strncmp(name, words, length) == 0))
                carriers[i].drained = true;
        }
        words += length;
        words += strspn(words, "\r\n");
    }
}
