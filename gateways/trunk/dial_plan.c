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
    ROW_BYTES = SURVIVAL_WORDS_BYTES + 64, /* of the file */
    AREA_DIGITS_MAX = 4                    /* 0 and up to three digits */
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
        if (survival_is_sound(row->survival))
            (void)text_copy(plan->rows[plan->count].survival, SURVIVAL_WORDS_BYTES, row->survival);
        plan->count++;
    }
    for (uint32_t i = 0; i < setup->phones_count && i < DIAL_PLAN_PHONES_MAX; i++) {
        struct planned_phone *phone = &plan->phones[plan->phone_count++];
        phone->user = setup->phones[i].user;
        (void)text_copy(phone->uri, sizeof phone->uri, setup->phones[i].phone);
    }
}

static bool is_same_line(const struct line *a, const struct line *b)
{
    return a->number == b->number && a->emergency == b->emergency && a->language == b->language &&
           a->header_language == b->header_language && strcmp(a->survival, b->survival) == 0;
}

bool dial_plan_is_same(const struct dial_plan *a, const struct dial_plan *b)
{
    bool same = a->count == b->count && a->phone_count == b->phone_count;
    for (uint32_t i = 0; same && i < a->count; i++)
        same = is_same_line(&a->rows[i], &b->rows[i]);
    for (uint32_t i = 0; same && i < a->phone_count; i++)
        same = a->phones[i].user == b->phones[i].user &&
               strcmp(a->phones[i].uri, b->phones[i].uri) == 0;
    return same;
}

/* LANGUAGE_COUNT: no such word. */
static enum language language_of_word(const char *word)
{
    enum language language = LANGUAGE_NONE;
    while (language < LANGUAGE_COUNT && strcmp(language_name(language), word) != 0)
        language++;
    return language;
}

/* The plan behind a bar. */
static bool read_survival(struct line *row, char *words)
{
    char *bar = strchr(words, '|');
    if (!bar)
        return true;
    *bar++ = 0;
    bar += *bar == ' ';
    bar[strcspn(bar, "\n")] = 0;
    return survival_is_sound(bar) && text_copy(row->survival, sizeof row->survival, bar);
}

static bool read_phone(struct planned_phone *phone, const char *words)
{
    return sscanf(words, "phone %" SCNu32 " %160s", &phone->user, phone->uri) == 2;
}

static bool read_row(struct line *row, char *words)
{
    char kind[16] = "", language[16] = "", star[2] = "";
    *row = (struct line){ 0 };
    if (!read_survival(row, words) ||
        sscanf(words, "%" SCNu32 " %15s %15s %1s", &row->number, kind, language, star) < 2)
        return false;
    row->emergency = strcmp(kind, "emergency") == 0;
    row->language = language[0] ? language_of_word(language) : LANGUAGE_NONE;
    row->header_language = star[0] == '*';
    return (row->emergency || strcmp(kind, "ordinary") == 0) && row->language < LANGUAGE_COUNT;
}

static bool read_any(struct dial_plan *plan, char *words)
{
    if (strncmp(words, "phone ", 6) == 0)
        return plan->phone_count < DIAL_PLAN_PHONES_MAX &&
               read_phone(&plan->phones[plan->phone_count++], words);
    return plan->count < DIAL_PLAN_LINES_MAX && read_row(&plan->rows[plan->count++], words);
}

int dial_plan_read(struct dial_plan *plan, const char *path)
{
    struct dial_plan fresh = { 0 };
    char words[ROW_BYTES];
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int status = 0;
    while (status == 0 && fgets(words, sizeof words, file))
        if (!read_any(&fresh, words))
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
    char fresh[512], words[(DIAL_PLAN_LINES_MAX + DIAL_PLAN_PHONES_MAX) * ROW_BYTES];
    struct text text = text_into(words, sizeof words);
    for (uint32_t i = 0; i < plan->count; i++)
        text_print(&text, "%" PRIu32 " %s %s%s%s%s\n", plan->rows[i].number,
                   plan->rows[i].emergency ? "emergency" : "ordinary",
                   language_name(plan->rows[i].language), plan->rows[i].header_language ? " *" : "",
                   plan->rows[i].survival[0] ? " | " : "", plan->rows[i].survival);
    for (uint32_t i = 0; i < plan->phone_count; i++)
        if (plan->phones[i].uri[0])
            text_print(&text, "phone %" PRIu32 " %s\n", plan->phones[i].user, plan->phones[i].uri);
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

const struct line *dial_plan_line(const struct dial_plan *plan, uint32_t number)
{
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->rows[i].number == number)
            return &plan->rows[i];
    return NULL;
}

const char *dial_plan_uri(const struct dial_plan *plan, const struct survival_target *target)
{
    if (target->user == 0)
        return target->uri;
    for (uint32_t i = 0; i < plan->phone_count; i++)
        if (plan->phones[i].user == target->user && plan->phones[i].uri[0])
            return plan->phones[i].uri;
    return NULL;
}

static bool is_named(const struct dial_plan *plan, uint32_t user)
{
    struct survival_target target;
    for (uint32_t i = 0; i < plan->count; i++) {
        const char *words = plan->rows[i].survival;
        for (uint32_t step = 0; survival_next(&words, &step, &target);)
            if (target.user == user)
                return true;
    }
    return false;
}

bool dial_plan_learn(struct dial_plan *plan, uint32_t user, const char *uri)
{
    uint32_t place = 0;
    if (user == 0 || !is_named(plan, user))
        return false;
    while (place < plan->phone_count && plan->phones[place].user != user)
        place++;
    if (place == DIAL_PLAN_PHONES_MAX)
        return false;
    struct planned_phone *phone = &plan->phones[place];
    if (strcmp(phone->uri, uri) == 0)
        return false;
    plan->phone_count += place == plan->phone_count;
    phone->user = user;
    return text_copy(phone->uri, sizeof phone->uri, uri);
}

/* A kind of help that is not named here is its parent's: the last word goes (RFC 5031 §4). */
static const struct line *find_service(const struct dial_plan *plan, const char *service)
{
    static const struct {
        const char *service;
        uint32_t number;
    } services[] = { { "service:sos", 110 },
                     { "service:sos.police", 110 },
                     { "service:sos.fire", 119 },
                     { "service:sos.ambulance", 120 } };
    for (size_t length = strlen(service); length > 0;) {
        for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
            if (strlen(services[i].service) == length &&
                strncasecmp(services[i].service, service, length) == 0)
                return dial_plan_line(plan, services[i].number);
        while (length > 0 && service[--length] != '.')
            ;
    }
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
