/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * charset: the codings of texts that are whole character sets of their own (GB 18030, the East Asian
 * and ISO 8859 ones of SMPP v3.4 §5.2.19), read by iconv. The one adapter to it. Not for threads. */
#ifndef GATEWAYS_SMS_CHARSET_H
#define GATEWAYS_SMS_CHARSET_H

#include <stddef.h>
#include <stdint.h>

enum {
    CHARSET_OCTETS_MAX = 65535 /* of one text */
};

/* The set's name by data_coding, NULL: it is none of these. */
const char *charset_of_coding(uint8_t coding);

/* Reads octets of the set as code points; *characters is borrowed until the next call. Returns 0,
 * -EILSEQ when they are no such text, -ENOSYS when the system does not know the set. */
int charset_read(const char *set, const uint8_t *octets, size_t count, const uint32_t **characters,
                 size_t *length);

#endif
