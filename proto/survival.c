/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/survival.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    USER_DIGITS_MAX = 9
};

static bool read_target(const char *word, size_t length, struct survival_target *target)
{
    char plain[sizeof target->uri];
    if (length == 0 || length >= sizeof plain)
        return false;
    memcpy(plain, word, length);
    plain[length] = 0;
    target->user = 0;
    target->uri[0] = 0;
    if (strspn(plain, "0123456789") == length && length <= USER_DIGITS_MAX) {
        target->user = (uint32_t)strtoul(plain, NULL, 10);
        return target->user != 0;
    }
    if (strncmp(plain, "sip:", 4) != 0 || strpbrk(plain, "<>\"\r\n\t"))
        return false;
    return text_copy(target->uri, sizeof target->uri, plain);
}

bool survival_next(const char **words, uint32_t *step, struct survival_target *target)
{
    const char *word = *words;
    size_t length = strcspn(word, "& ");
    target->step = *step;
    if (!read_target(word, length, target))
        return false;
    *step += word[length] == ' ';
    *words = word + length + (word[length] != 0);
    return true;
}

bool survival_is_sound(const char *words)
{
    struct survival_target target;
    uint32_t step = 0, before = 0, count = 0;
    size_t length = strlen(words);
    if (length >= SURVIVAL_WORDS_BYTES || (length && strchr("& ", words[length - 1])))
        return false;
    while (*words) {
        if (!survival_next(&words, &step, &target))
            return false;
        count = target.step == before ? count + 1 : 1;
        before = target.step;
        if (count > SURVIVAL_TARGETS_MAX || before >= SURVIVAL_STEPS_MAX)
            return false;
    }
    return true;
}

uint32_t survival_steps(const char *words)
{
    uint32_t steps = *words != 0;
    for (; *words; words++)
        steps += *words == ' ';
    return steps;
}
