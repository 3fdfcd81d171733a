/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/transcript.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char words[65536];
static size_t length;
static int taken = 1;

void transcript_say(const char *format, ...)
{
    va_list list;
    if (taken)
        length = 0;
    taken = 0;
    va_start(list, format);
    int more = vsnprintf(words + length, sizeof words - length - 1, format, list);
    va_end(list);
    length += (size_t)more;
    if (length > sizeof words - 2)
        length = sizeof words - 2;
    words[length++] = '\n';
    words[length] = 0;
}

const char *transcript_take(void)
{
    if (taken)
        words[0] = 0;
    taken = 1;
    return words;
}
