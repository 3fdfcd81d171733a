/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/tongue.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum language tongue_of(const char *accept_language)
{
    static const struct {
        const char *tag;
        enum language language;
    } tongues[] = { { "en", LANGUAGE_ENGLISH },       { "yue", LANGUAGE_CANTONESE },
                    { "zh-yue", LANGUAGE_CANTONESE }, { "ug", LANGUAGE_UYGHUR },
                    { "bo", LANGUAGE_TIBETAN },       { "mn", LANGUAGE_MONGOLIAN },
                    { "ko", LANGUAGE_KOREAN },        { "kk", LANGUAGE_KAZAKH },
                    { "za", LANGUAGE_ZHUANG },        { "ii", LANGUAGE_YI },
                    { "ja", LANGUAGE_JAPANESE },      { "ru", LANGUAGE_RUSSIAN } };
    const char *tag = accept_language + strspn(accept_language, " \t");
    size_t length = strcspn(tag, ",; \t");
    for (size_t i = 0; i < sizeof tongues / sizeof tongues[0]; i++) {
        size_t size = strlen(tongues[i].tag);
        if (length >= size && strncasecmp(tag, tongues[i].tag, size) == 0 &&
            (length == size || tag[size] == '-'))
            return tongues[i].language;
    }
    return LANGUAGE_NONE;
}
