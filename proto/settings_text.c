/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/settings_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void settings_text_blank(char *words)
{
    bool quoted = false, comment = false;
    for (; *words; words++) {
        if (*words == '\n')
            comment = false;
        else if (comment)
            *words = ' ';
        else if (*words == '"' && words[-1] != '\\')
            quoted = !quoted;
        else if (*words == '#' && !quoted) {
            comment = true;
            *words = ' ';
        }
    }
}

int settings_text_read(const char *path, char words[SETTINGS_FILE_MAX_BYTES])
{
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    words[0] = ' ';
    size_t size = fread(words + 1, 1, SETTINGS_FILE_MAX_BYTES - 2, file);
    int status = feof(file) ? 0 : -EFBIG;
    words[size + 1] = 0;
    (void)fclose(file);
    return memchr(words, 0, size + 1) ? -EBADMSG : status;
}
