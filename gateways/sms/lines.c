/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

void lines_set(struct lines *lines, const struct setup *setup)
{
    lines->count = 0;
    for (uint32_t i = 0; i < setup->lines_count && lines->count < LINES_MAX; i++) {
        const struct line_row *row = &setup->lines[i];

        if (row->retired || row->short_number[0] == '\0')
            continue;
        lines->rows[lines->count].line = row->line;
        (void)text_copy(lines->rows[lines->count].short_number,
                        sizeof lines->rows[0].short_number, row->short_number);
        lines->count++;
    }
}

uint32_t lines_find(const struct lines *lines, const char *number)
{
    if (number[0] == '+')
        number++;
    for (uint32_t i = 0; i < lines->count; i++)
        if (strcmp(lines->rows[i].short_number, number) == 0)
            return lines->rows[i].line;
    return 0;
}

int lines_read(struct lines *lines, const char *path)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return -errno;
    lines->count = 0;
    while (lines->count < LINES_MAX &&
           fscanf(file, "%32s %" SCNu32, lines->rows[lines->count].short_number,
                  &lines->rows[lines->count].line) == 2)
        lines->count++;
    (void)fclose(file);
    return 0;
}

int lines_write(const struct lines *lines, const char *path)
{
    char fresh[PATH_MAX];
    struct text text = text_into(fresh, sizeof fresh);

    text_print(&text, "%s.new", path);
    FILE *file = text.cut ? NULL : fopen(fresh, "we");
    if (!file)
        return text.cut ? -ENAMETOOLONG : -errno;
    for (uint32_t i = 0; i < lines->count; i++)
        (void)fprintf(file, "%s %" PRIu32 "\n", lines->rows[i].short_number, lines->rows[i].line);
    int status = fflush(file) != 0 || fsync(fileno(file)) != 0 ? -errno : 0;
    if (fclose(file) != 0 && status == 0)
        status = -errno;
    if (status == 0 && rename(fresh, path) != 0)
        status = -errno;
    return status;
}
