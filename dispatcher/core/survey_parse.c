/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/survey_parse.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

enum {
    ANSWERS = 3,
    REPLY_MAX_BYTES = 64 /* a longer text says more than a rating */
};

/* 1 … 3 for a digit of any habit, 0 otherwise. */
static uint32_t digit_of(uint32_t character)
{
    static const struct {
        uint32_t first; /* the character that means one; its neighbours mean two and three */
        uint32_t step;
    } habits[] = {
        { '1', 1 },
        { 0xff11, 1 } /* １ */,
        { 0x2460, 1 } /* ① */,
        { 0x2474, 1 } /* ⑴ */,
    };
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        if (character >= habits[i].first && character < habits[i].first + ANSWERS)
            return character - habits[i].first + 1;
    switch (character) {
    case 0x4e00: /* 一 */
    case 0x58f9: /* 壹 */
        return 1;
    case 0x4e8c: /* 二 */
    case 0x8d30: /* 贰 */
        return 2;
    case 0x4e09: /* 三 */
    case 0x53c1: /* 叁 */
        return 3;
    default:
        return 0;
    }
}

/* What people put between, before and behind the digits. */
static bool is_filler(uint32_t character)
{
    static const uint32_t fillers[] = {
        ' ',    '\t',   '\n',   ',',    '.',    ';',    '-',    '/',
        '\'',   '"',    '!',    0x3000, 0xff0c, 0x3002, 0x3001, 0xff1b, /* 　，。、； */
        0xff0e, 0xff01, 0x00a0, 0x201c, 0x201d, 0xff0d, 0xff0f,         /* ．！ “”－／ */
    };
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
        if (fillers[i] == character)
            return true;
    return false;
}

/* Reads digits into found; returns how many, or 0 when something else stands between. */
static uint32_t read_digits(const char *text, size_t length, uint32_t found[ANSWERS])
{
    uint32_t count = 0;
    for (size_t at = 0; at < length;) {
        uint32_t character;
        size_t size = utf8_decode(text + at, length - at, &character);
        uint32_t digit = size ? digit_of(character) : 0;
        if (size == 0 || (digit == 0 && !is_filler(character)) || (digit && count == ANSWERS))
            return 0;
        if (digit)
            found[count++] = digit;
        at += size;
    }
    return count;
}

/* The words of people who do not count, without what stands around them. */
static bool read_word(const char *text, size_t length, enum degree out[ANSWERS])
{
    static const struct {
        const char *word;
        enum degree answers[ANSWERS];
    } words[] = {
        { "非常满意", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "很满意", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "满意", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "基本满意", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_MOSTLY } },
        { "比较满意", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_MOSTLY } },
        { "已解决", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "解决了", { DEGREE_YES, DEGREE_YES, DEGREE_YES } },
        { "基本解决", { DEGREE_YES, DEGREE_MOSTLY, DEGREE_MOSTLY } },
        { "不满意", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "非常不满意", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "未解决", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "没解决", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "没有解决", { DEGREE_YES, DEGREE_NO, DEGREE_NO } },
        { "未联系", { DEGREE_NO, DEGREE_NO, DEGREE_NO } },
        { "没联系", { DEGREE_NO, DEGREE_NO, DEGREE_NO } },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].word) == length && memcmp(words[i].word, text, length) == 0) {
            memcpy(out, words[i].answers, sizeof words[i].answers);
            return true;
        }
    return false;
}

/* Cuts filler off both ends. */
static const char *trim(const char *text, size_t *length)
{
    size_t start = 0;
    size_t end = 0;
    bool begun = false;
    for (size_t at = 0; at < *length;) {
        uint32_t character;
        size_t size = utf8_decode(text + at, *length - at, &character);
        if (size == 0)
            break;
        at += size;
        if (is_filler(character)) {
            start = begun ? start : at;
            continue;
        }
        begun = true;
        end = at;
    }
    *length = end > start ? end - start : 0;
    return text + start;
}

bool survey_parse(const char *text, enum degree out[3])
{
    size_t length = strnlen(text, REPLY_MAX_BYTES + 1);
    if (length > REPLY_MAX_BYTES)
        return false;
    const char *word = trim(text, &length);
    if (read_word(word, length, out))
        return true;
    uint32_t found[ANSWERS];
    if (read_digits(word, length, found) != ANSWERS || found[0] == 3)
        return false;
    out[0] = found[0] == 1 ? DEGREE_YES : DEGREE_NO;
    out[1] = (enum degree)found[1];
    out[2] = (enum degree)found[2];
    return true;
}
