/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/short_numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

void short_numbers_set(struct short_numbers *numbers, const struct setup *setup)
{
    numbers->count = 0;
    for (uint32_t i = 0; i < setup->lines_count && numbers->count < SHORT_NUMBERS_MAX; i++) {
        const struct line_row *row = &setup->lines[i];

        if (row->retired || row->short_number[0] == '\0')
            continue;
        numbers->rows[numbers->count].line = row->line;
        (void)text_copy(numbers->rows[numbers->count].short_number,
                        sizeof numbers->rows[0].short_number, row->short_number);
        numbers->count++;
    }
}

uint32_t short_numbers_find(const struct short_numbers *numbers, const char *number)
{
    if (number[0] == '+')
        number++;
    for (uint32_t i = 0; i < numbers->count; i++)
        if (strcmp(numbers->rows[i].short_number, number) == 0)
            return numbers->rows[i].line;
    return 0;
}

int short_numbers_read(struct short_numbers *numbers, const char *path)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return -errno;
    numbers->count = 0;
    while (numbers->count < SHORT_NUMBERS_MAX &&
           fscanf(file, "%32s %" SCNu32, numbers->rows[numbers->count].short_number,
                  &numbers->rows[numbers->count].line) == 2)
        numbers->count++;
    (void)fclose(file);
    return 0;
}

bool short_numbers_same(const struct short_numbers *one, const struct short_numbers *other)
{
    bool same = one->count == other->count;

    for (uint32_t i = 0; same && i < one->count; i++)
        same = one->rows[i].line == other->rows[i].line &&
               strcmp(one->rows[i].short_number, other->rows[i].short_number) == 0;
    return same;
}

int short_numbers_write(const struct short_numbers *numbers, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    int status = 0;

    if (file < 0)
        return -errno;
    for (uint32_t i = 0; i < numbers->count && status == 0; i++)
        if (dprintf(file, "%s %" PRIu32 "\n", numbers->rows[i].short_number,
                    numbers->rows[i].line) < 0)
            status = -errno;
    if (status == 0)
        return file;
    (void)close(file);
    return status;
}
