/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/charset.h"

#include <endian.h>
#include <errno.h>
#include <iconv.h>
#include <string.h>

static const struct {
    uint8_t coding;
    const char *set;
} sets[] = {
    { 5, "SHIFT_JIS" },    { 6, "ISO-8859-5" }, { 7, "ISO-8859-8" },
    { 10, "ISO-2022-JP" }, { 14, "EUC-KR" },    { 15, "GB18030" },
};

const char *charset_of_coding(uint8_t coding)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (sets[i].coding == coding)
            return sets[i].set;
    return NULL;
}

int charset_read(const char *set, const uint8_t *octets, size_t count, const uint32_t **characters,
                 size_t *length)
{
    static uint32_t out[CHARSET_OCTETS_MAX];
    char *from = (char *)(uintptr_t)octets; /* iconv() does not write there */
    char *to = (char *)out;
    size_t room = sizeof out;

    if (count > CHARSET_OCTETS_MAX)
        return -EILSEQ;
    iconv_t reader = iconv_open(BYTE_ORDER == LITTLE_ENDIAN ? "UTF-32LE" : "UTF-32BE", set);
    if (reader == (iconv_t)-1)
        return -ENOSYS;
    size_t status = iconv(reader, &from, &count, &to, &room);
    (void)iconv_close(reader);
    if (status == (size_t)-1)
        return -EILSEQ;
    *characters = out;
    *length = (size_t)(to - (char *)out) / sizeof out[0];
    return 0;
}
