/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * assembly: where the parts of long texts wait for each other. Parts may come in any order and more
 * than once; a text leaves when it is whole, or when its time is up, or when its place is needed,
 * with a note for each part that is missing: a citizen's words never wait for ever and are never
 * thrown away. Texts of different people, numbers or references never mix. */
#ifndef GATEWAYS_SMS_ASSEMBLY_H
#define GATEWAYS_SMS_ASSEMBLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "gateways/sms/originals.h"
#include "gateways/sms/parts.h"

enum {
    ASSEMBLY_TEXTS_MAX = 512,
    ASSEMBLY_PARTS_MAX = 4096,
    ASSEMBLY_PART_BYTES = 255,      /* of one part; longer ones are texts by themselves */
    ASSEMBLY_WAIT_MS = 30 * 1000,   /* after the first part: a cry for help may be among them */
    ASSEMBLY_WORDS_MAX = 160 * 1024 /* UTF-8 of the longest text with its notes */
};

struct assembly;

struct assembly *assembly_create(void);
void assembly_destroy(struct assembly *assembly);

/* One part of one text. */
struct assembly_part {
    uint64_t id; /* the owner's name for the text if this is its first part; else set to it */
    uint64_t arrived_ms;
    char source[PIECE_ADDRESS_BYTES];
    char dest[PIECE_ADDRESS_BYTES];
    struct part part;
    uint8_t original[ORIGINALS_DIGEST_BYTES]; /* of the PDU that brought it */
};

/* A text that left. */
struct assembled {
    uint64_t id;
    uint64_t arrived_ms; /* of its first part */
    char source[PIECE_ADDRESS_BYTES];
    char dest[PIECE_ADDRESS_BYTES];
    bool whole;
    uint8_t original[ORIGINALS_DIGEST_BYTES]; /* of all PDUs (originals.h) */
};

enum assembly_verdict {
    ASSEMBLY_KEPT,
    ASSEMBLY_KNOWN,   /* this part was there already */
    ASSEMBLY_FULL,    /* take out what assembly_next() gives, then add again */
    ASSEMBLY_CONFLICT /* the same number with other letters: as ASSEMBLY_FULL */
};

enum assembly_verdict assembly_add(struct assembly *assembly, struct assembly_part *part);

/* Shows every part that waits, texts in no order; a part is borrowed for the call. */
typedef void assembly_each(void *owner, const struct assembly_part *part);
void assembly_walk(const struct assembly *assembly, assembly_each *each, void *owner);

/* The id of the next text that leaves at now_ms (UTC, as arrived_ms), oldest first; 0 when none. */
uint64_t assembly_next(const struct assembly *assembly, uint64_t now_ms);

/* Takes the text out: its words, decoded, are written to text. False when the id is not there. */
bool assembly_take(struct assembly *assembly, uint64_t id, struct assembled *assembled,
                   struct text *text);

/* When assembly_next() will have one; 0 when it has. */
uint64_t assembly_due(const struct assembly *assembly);

/* How many texts and parts wait. */
uint32_t assembly_texts(const struct assembly *assembly);
uint32_t assembly_parts(const struct assembly *assembly);

/* Decodes the letters of a text's parts in order: a run of parts with the same coding at once, so
 * that a surrogate pair cut by a careless telephone is whole again. Octets that are no letters are
 * written as hexadecimal behind a note. parts[i].total == 0 stands for a missing part. */
void parts_words(const struct part *parts, unsigned total, struct text *text);

#endif
