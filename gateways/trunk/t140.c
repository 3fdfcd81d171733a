/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/t140.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"

enum {
    HEADER_BYTES = 12,
    BLOCKS_MAX = 8,
    BLOCK_HEAD_BYTES = 4,
    BYTE_ORDER_MARK = 0xFEFF,
    LINE_SEPARATOR = 0x2028,
    LOST = 0xFFFD
};

static const char lost[] = "\xEF\xBF\xBD";

/* ---- what comes ---------------------------------------------------------------------------------- */

/* One character at *at; what is no UTF-8 is LOST, octet by octet. */
static uint32_t character(const uint8_t **at, const uint8_t *end)
{
    uint32_t code = LOST;
    size_t size = utf8_decode((const char *)*at, (size_t)(end - *at), &code);
    *at += size ? size : 1;
    return size ? code : LOST;
}

static void add_bytes(struct text *text, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        text_add_char(text, (char)bytes[i]);
}

/* T.140 §8: what a taker is shown; the rest is for machines. */
static void read_piece(struct text *text, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes, *end = bytes + size;
    while (at < end) {
        const uint8_t *start = at;
        uint32_t code = character(&at, end);
        if (code == LINE_SEPARATOR || code == '\n')
            text_add_char(text, '\n');
        else if (code == '\b')
            text_add_char(text, '\b');
        else if (code == LOST)
            text_add(text, lost);
        else if (code >= ' ' && code != 0x7F && (code < 0x80 || code > 0x9F) &&
                 code != BYTE_ORDER_MARK)
            add_bytes(text, start, (size_t)(at - start));
    }
}

struct piece {
    const uint8_t *bytes;
    size_t size;
};

/* The pieces of a payload, oldest first; 0: it is broken. */
static unsigned split(const struct t140 *t140, uint8_t type, const uint8_t *bytes, size_t size,
                      struct piece pieces[BLOCKS_MAX])
{
    unsigned count = 0;
    size_t at = 0, sum = 0;
    if (type == t140->payload) {
        pieces[0] = (struct piece){ bytes, size };
        return 1;
    }
    for (; at < size && bytes[at] & 0x80; at += BLOCK_HEAD_BYTES) {
        if (count + 1 == BLOCKS_MAX || size - at < BLOCK_HEAD_BYTES ||
            (bytes[at] & 0x7F) != t140->payload)
            return 0;
        pieces[count].size = (size_t)(bytes[at + 2] & 3) << 8 | bytes[at + 3];
        sum += pieces[count++].size;
    }
    if (at == size || bytes[at] != t140->payload || size - at - 1 < sum)
        return 0;
    at++;
    pieces[count++].size = size - at - sum;
    for (unsigned i = 0; i < count; i++) {
        pieces[i].bytes = bytes + at;
        at += pieces[i].size;
    }
    return count;
}

/* Where the payload begins and ends; 0: no packet that we read. */
static size_t open_packet(const uint8_t *packet, size_t *size)
{
    size_t at = HEADER_BYTES + (*size > 0 ? (size_t)(packet[0] & 15) * 4 : 0);
    if (*size < at || packet[0] >> 6 != 2)
        return 0;
    if (packet[0] & 0x10) {
        if (*size < at + 4)
            return 0;
        at += 4 + (size_t)(packet[at + 2] << 8 | packet[at + 3]) * 4;
    }
    if (*size < at)
        return 0;
    size_t padding = packet[0] & 0x20 && *size > at ? packet[*size - 1] : 0;
    if (padding > *size - at)
        return 0;
    *size -= padding;
    return at;
}

size_t t140_hear(struct t140 *t140, const uint8_t *packet, size_t size, char text[T140_HEARD_BYTES])
{
    struct piece pieces[BLOCKS_MAX];
    struct text words = text_into(text, T140_HEARD_BYTES);
    size_t at = open_packet(packet, &size);
    uint8_t type = at > 0 ? packet[1] & 0x7F : 0;
    text[0] = 0;
    if (at == 0 || (type != t140->payload && (type != t140->red || t140->red == 0)))
        return 0;
    uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);
    uint32_t source = (uint32_t)packet[8] << 24 | (uint32_t)packet[9] << 16 |
                      (uint32_t)packet[10] << 8 | packet[11];
    unsigned count = split(t140, type, packet + at, size - at, pieces), missing = BLOCKS_MAX;
    if (count == 0)
        return 0;
    if (t140->begun && source == t140->source) {
        int16_t ahead = (int16_t)(uint16_t)(sequence - t140->newest);
        if (ahead <= 0)
            return 0; /* what it brought came by the redundancy of a later one, or never does */
        missing = (unsigned)ahead - 1;
        if (missing > count - 1) {
            t140->lost++;
            text_add(&words, lost);
        }
    }
    t140->begun = true;
    t140->source = source;
    t140->newest = sequence;
    for (unsigned i = missing + 1 < count ? count - 1 - missing : 0; i < count; i++)
        read_piece(&words, pieces[i].bytes, pieces[i].size);
    return words.length;
}

/* ---- what goes ------------------------------------------------------------------------------------- */

size_t t140_add(struct t140 *t140, const char *words)
{
    size_t size = strlen(words), room = sizeof t140->waiting - t140->size;
    size_t taken = size < room ? size : room;
    while (taken < size && taken > 0 && ((uint8_t)words[taken] & 0xC0) == 0x80)
        taken--; /* no half characters */
    memcpy(t140->waiting + t140->size, words, taken);
    t140->size = (uint16_t)(t140->size + taken);
    return size - taken;
}

static void take_piece(struct t140 *t140, struct t140_piece *piece)
{
    unsigned characters = 0;
    size_t size = 0;
    while (size < t140->size && size < T140_PIECE_BYTES) {
        bool begins = ((uint8_t)t140->waiting[size] & 0xC0) != 0x80;
        if (begins && (characters == T140_PIECE_CHARACTERS || size + 4 > T140_PIECE_BYTES))
            break;
        characters += begins;
        piece->bytes[size] = (uint8_t)t140->waiting[size];
        size++;
    }
    piece->size = (uint8_t)size;
    t140->size = (uint16_t)(t140->size - size);
    memmove(t140->waiting, t140->waiting + size, t140->size);
}

static void put_word(uint8_t *at, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* The heads of the earlier pieces, oldest first, then all of them and the new one. */
static size_t write_pieces(const struct t140 *t140, const struct t140_piece *fresh, uint8_t *at)
{
    size_t size = 0;
    for (unsigned i = T140_GENERATIONS; t140->red && i-- > 0;) {
        const struct t140_piece *piece = &t140->sent[i];
        uint32_t back = piece->size ? fresh->stamp - piece->stamp : 0;
        if (back > 0x3FFF)
            back = 0x3FFF;
        put_word(at + size, (uint32_t)(0x80 | t140->payload) << 24 | back << 10 | piece->size);
        size += BLOCK_HEAD_BYTES;
    }
    if (t140->red)
        at[size++] = t140->payload;
    for (unsigned i = T140_GENERATIONS; t140->red && i-- > 0; size += t140->sent[i].size)
        memcpy(at + size, t140->sent[i].bytes, t140->sent[i].size);
    memcpy(at + size, fresh->bytes, fresh->size);
    return size + fresh->size;
}

_Static_assert(HEADER_BYTES + 2 * BLOCK_HEAD_BYTES + 1 + 3 * T140_PIECE_BYTES <= T140_PACKET_BYTES,
               "a packet holds its three pieces");

size_t t140_say(struct t140 *t140, uint64_t now_ms, uint8_t packet[T140_PACKET_BYTES])
{
    struct t140_piece fresh = { .stamp = t140->stamp_base + (uint32_t)now_ms };
    bool owed = t140->red && (t140->sent[0].size > 0 || t140->sent[1].size > 0);
    if (t140->said && now_ms < t140->said_ms + T140_STEP_MS)
        return 0;
    if (t140->size == 0 && !owed) {
        t140->idle = true;
        return 0;
    }
    take_piece(t140, &fresh);
    bool marked = !t140->said || t140->idle;
    packet[0] = 0x80;
    packet[1] = (uint8_t)((marked ? 0x80 : 0) | (t140->red ? t140->red : t140->payload));
    packet[2] = (uint8_t)(t140->sequence >> 8);
    packet[3] = (uint8_t)t140->sequence;
    put_word(packet + 4, fresh.stamp);
    put_word(packet + 8, t140->own_source);
    size_t size = HEADER_BYTES + write_pieces(t140, &fresh, packet + HEADER_BYTES);
    t140->sequence++;
    t140->sent[1] = t140->sent[0];
    t140->sent[0] = fresh;
    t140->said = true;
    t140->idle = false;
    t140->said_ms = now_ms;
    REQUIRE(size <= T140_PACKET_BYTES);
    return size;
}
