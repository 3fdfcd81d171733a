/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/dial_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"

enum {
    DIGITS_MAX = 24,
    AREA_DIGITS_MAX = 4 /* 0 and up to three digits */
};

void dial_plan_default(struct dial_plan *plan)
{
    static const struct dial_plan national = { .count = 5,
                                               .rows = { { .number = 110, .emergency = true },
                                                         { .number = 119, .emergency = true },
                                                         { .number = 120, .emergency = true },
                                                         { .number = 122, .emergency = true },
                                                         { .number = 12345 } } };
    *plan = national;
}

void dial_plan_from_setup(struct dial_plan *plan, const struct setup *setup)
{
    *plan = (struct dial_plan){ 0 };
    for (uint32_t i = 0; i < setup->lines_count && plan->count < DIAL_PLAN_LINES_MAX; i++) {
        const struct line_row *row = &setup->lines[i];
        if (row->retired)
            continue;
        plan->rows[plan->count].number = row->line;
        plan->rows[plan->count].emergency = row->emergency;
        plan->rows[plan->count].language = row->language;
        plan->rows[plan->count].header_language = row->header_language;
        plan->count++;
    }
}

/* LANGUAGE_COUNT: no such word. */
static enum language language_of_word(const char *word)
{
    enum language language = LANGUAGE_NONE;
    while (language < LANGUAGE_COUNT && strcmp(language_name(language), word) != 0)
        language++;
    return language;
}

static bool read_row(struct line *row, const char *words)
{
    char kind[16] = "", language[16] = "", star[2] = "";
    *row = (struct line){ 0 };
    if (sscanf(words, "%" SCNu32 " %15s %15s %1s", &row->number, kind, language, star) < 2)
        return false;
    row->emergency = strcmp(kind, "emergency") == 0;
    row->language = language[0] ? language_of_word(language) : LANGUAGE_NONE;
    row->header_language = star[0] == '*';
    return (row->emergency || strcmp(kind, "ordinary") == 0) && row->language < LANGUAGE_COUNT;
}

int dial_plan_read(struct dial_plan *plan, const char *path)
{
    struct dial_plan fresh = { 0 };
    char words[80];
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int status = 0;
    while (status == 0 && fgets(words, sizeof words, file))
        if (fresh.count == DIAL_PLAN_LINES_MAX || !read_row(&fresh.rows[fresh.count++], words))
            status = -EBADMSG;
    (void)fclose(file);
    if (status == 0 && fresh.count == 0)
        status = -EBADMSG;
    if (status == 0)
        *plan = fresh;
    return status;
}

int dial_plan_write(const struct dial_plan *plan, const char *path)
{
    char fresh[512], words[DIAL_PLAN_LINES_MAX * 48];
    struct text text = text_into(words, sizeof words);
    for (uint32_t i = 0; i < plan->count; i++)
        text_print(&text, "%" PRIu32 " %s %s%s\n", plan->rows[i].number,
                   plan->rows[i].emergency ? "emergency" : "ordinary",
                   language_name(plan->rows[i].language),
                   plan->rows[i].header_language ? " *" : "");
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return -ENAMETOOLONG;
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    int status = 0;
    if (write(fd, words, text.length) != (ssize_t)text.length || fsync(fd) < 0)
        status = errno ? -errno : -EIO;
    (void)close(fd);
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status;
}

static const struct line *find_number(const struct dial_plan *plan, uint32_t number)
{
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->rows[i].number == number)
            return &plan->rows[i];
    return NULL;
}

static const struct line *find_service(const struct dial_plan *plan, const char *service)
{
    static const struct {
        const char *service;
        uint32_t number;
    } services[] = { { "service:sos", 110 },
                     { "service:sos.police", 110 },
                     { "service:sos.fire", 119 },
                     { "service:sos.ambulance", 120 } };
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (strcasecmp(services[i].service, service) == 0)
            return find_number(plan, services[i].number);
    return NULL;
}

/* Digits alone, without separators (RFC 3966 §5.1.1) and without the country's code. */
static bool national_digits(const char *user, char digits[DIGITS_MAX])
{
    size_t length = 0;
    bool plus = user[0] == '+';
    for (const char *c = user + plus; *c && *c != ';'; c++) {
        if (strchr("-.() ", *c))
            continue;
        if (*c < '0' || *c > '9' || length + 1 >= DIGITS_MAX)
            return false;
        digits[length++] = *c;
    }
    digits[length] = 0;
    size_t skip = 0;
    if (plus && strncmp(digits, "86", 2) == 0)
        skip = 2;
    else if (strncmp(digits, "0086", 4) == 0)
        skip = 4;
    memmove(digits, digits + skip, length - skip + 1);
    return length > skip;
}

const struct line *dial_plan_find(const struct dial_plan *plan, const char *scheme,
                                  const char *user)
{
    char digits[DIGITS_MAX], number[12];
    if (strcasecmp(scheme, "urn") == 0)
        return find_service(plan, user);
    if (!national_digits(user, digits))
        return NULL;
    const struct line *best = NULL;
    size_t best_length = 0, length = strlen(digits);
    for (uint32_t i = 0; i < plan->count; i++) {
        size_t size = (size_t)snprintf(number, sizeof number, "%" PRIu32, plan->rows[i].number);
        if (size > length || size <= best_length || strcmp(digits + length - size, number) != 0)
            continue;
        size_t area = length - size;
        bool is_area =
            area == 0 || area == 2 || area == 3 || (area <= AREA_DIGITS_MAX && digits[0] == '0');
        if (!is_area)
            continue;
        best = &plan->rows[i];
        best_length = size;
    }
    return best;
}

const struct line *dial_plan_test(const struct dial_plan *plan, const char *scheme,
                                  const char *user, bool *test)
{
    static const char urn[] = "service:test.", number[] = "test-";
    char plain[64] = "service:";
    *test = true;
    if (strcasecmp(scheme, "urn") == 0 && strncasecmp(user, urn, sizeof urn - 1) == 0 &&
        text_copy(plain + 8, sizeof plain - 8, user + sizeof urn - 1))
        return find_service(plan, plain);
    if (strncasecmp(user, number, sizeof number - 1) == 0)
        return dial_plan_find(plan, scheme, user + sizeof number - 1);
    *test = false;
    return dial_plan_find(plan, scheme, user);
}
