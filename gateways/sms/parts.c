/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/parts.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"

enum {
    ELEMENT_PARTS_8 = 0x00,
    ELEMENT_PARTS_16 = 0x08,
    ELEMENT_SINGLE_SHIFT = 0x24, /* TS 23.040 §9.2.3.24.15 and .16 */
    ELEMENT_LOCKING_SHIFT = 0x25
};

/* ------------------------------------------------------------------------------------- in */

static bool part_is_sound(const struct part *part)
{
    return part->total >= 1 && part->index >= 1 && part->index <= part->total;
}

/* One element of the header. Returns whether it says which piece of which text this is. */
static bool element_read(struct part *part, uint8_t id, const uint8_t *value, size_t size)
{
    if (id == ELEMENT_PARTS_8 && size == 3) {
        part->means = PARTS_HEADER_8;
        part->reference = value[0];
        part->total = value[1];
        part->index = value[2];
        return true;
    }
    if (id == ELEMENT_PARTS_16 && size == 4) {
        part->means = PARTS_HEADER_16;
        part->reference = (uint16_t)(value[0] << 8 | value[1]);
        part->total = value[2];
        part->index = value[3];
        return true;
    }
    if (id == ELEMENT_SINGLE_SHIFT && size == 1)
        part->reading.single = value[0];
    if (id == ELEMENT_LOCKING_SHIFT && size == 1)
        part->reading.locking = value[0];
    return false;
}

/* The header's elements: id, length, value … A broken one ends the reading. */
static bool header_read(struct part *part, const uint8_t *bytes, size_t length)
{
    bool found = false;

    for (size_t at = 0; at + 2 <= length;) {
        size_t size = bytes[at + 1];

        if (length - at - 2 < size)
            break;
        found |= element_read(part, bytes[at], bytes + at + 2, size);
        at += 2 + size;
    }
    return found;
}

static bool beside_read(struct part *part, const struct piece_in *in)
{
    if (in->total == 0)
        return false;
    part->means = PARTS_SAR;
    part->reference = in->reference;
    part->total = in->total;
    part->index = in->index;
    return true;
}

void part_read(struct part *part, const struct piece_in *in)
{
    struct octets text = in->text;
    bool found = false;

    *part = (struct part){ .reading = { .coding = in->coding } };
    if (in->has_header && text.count > 0 && text.bytes[0] < text.count) {
        size_t header = text.bytes[0];

        found = header_read(part, text.bytes + 1, header);
        text.bytes += 1 + header;
        text.count -= 1 + header;
        part->reading.fill = (uint8_t)((7 - (1 + header) * 8 % 7) % 7);
    }
    if (!found)
        found = beside_read(part, in);
    part->octets = text;
    if (found && part_is_sound(part) && part->total > 1)
        return;
    part->means = PARTS_WHOLE;
    part->reference = 0;
    part->total = 1;
    part->index = 1;
}

/* ------------------------------------------------------------------------------------ out */

/* Our header, its length in front: which piece it is, which national tables it is in; nothing when there is nothing to
 * say. Returns its octets. */
static uint8_t header_write(uint8_t *at, enum parts_means means, uint16_t reference, uint8_t total,
                            uint8_t index, const struct letters_reading *tables)
{
    uint8_t low = (uint8_t)reference;
    const uint8_t piece_8[] = { ELEMENT_PARTS_8, 3, low, total, index };
    const uint8_t piece_16[] = {
        ELEMENT_PARTS_16, 4, (uint8_t)(reference >> 8), low, total, index
    };
    const uint8_t single[] = { ELEMENT_SINGLE_SHIFT, 1, tables->single };
    const uint8_t locking[] = { ELEMENT_LOCKING_SHIFT, 1, tables->locking };
    uint8_t size = 1;

    if (means == PARTS_HEADER_8) {
        memcpy(at + size, piece_8, sizeof piece_8);
        size += sizeof piece_8;
    } else if (means == PARTS_HEADER_16) {
        memcpy(at + size, piece_16, sizeof piece_16);
        size += sizeof piece_16;
    }
    if (tables->single != 0) {
        memcpy(at + size, single, sizeof single);
        size += sizeof single;
    }
    if (tables->locking != 0) {
        memcpy(at + size, locking, sizeof locking);
        size += sizeof locking;
    }
    if (size == 1)
        return 0;
    at[0] = size - 1;
    return size;
}

static struct letters_reading tables_of(enum letters letters)
{
    return (struct letters_reading){ .single = letters_single(letters),
                                     .locking = letters_locking(letters) };
}

/* Octets of letters a piece holds behind so long a header. In SMPP an unpacked septet is an octet; the centre packs. */
static size_t room_behind(enum letters letters, size_t header)
{
    if (letters == LETTERS_UCS2)
        return (PARTS_AIR_OCTETS - header) / 2 * 2;
    return header == 0 ? PARTS_AIR_SEPTETS : (PARTS_AIR_OCTETS - header) * 8 / 7;
}

static size_t room_of(enum letters letters, enum parts_means means)
{
    uint8_t header[PARTS_HEADER_MAX];
    struct letters_reading tables = tables_of(letters);

    return room_behind(letters, header_write(header, means, 0, 0, 0, &tables));
}

static void piece_begin(struct parts_out *out, struct part_out *piece)
{
    struct letters_reading tables = tables_of(out->letters);

    out->total++;
    *piece = (struct part_out){ .index = out->total };
    piece->count =
        header_write(piece->octets, out->means, out->reference, 0, piece->index, &tables);
    piece->has_header = piece->count > 0;
}

static int split_into(struct parts_out *out, const char *words, size_t length)
{
    size_t room = room_of(out->letters, out->means);
    struct part_out *piece = out->parts;
    uint32_t character = 0;
    size_t used = 0;

    piece_begin(out, piece);
    for (size_t at = 0; at < length;) {
        uint8_t octets[4];
        size_t size = utf8_decode(words + at, length - at, &character);

        REQUIRE(size > 0);
        size_t count = letters_write(out->letters, character, octets);
        REQUIRE(count > 0);
        if (used + count > room) {
            if (out->total == PARTS_OUT_MAX)
                return -E2BIG;
            piece_begin(out, ++piece);
            used = 0;
        }
        memcpy(piece->octets + piece->count, octets, count);
        piece->count = (uint8_t)(piece->count + count);
        used += count;
        at += size;
    }
    return 0;
}

int parts_split(struct parts_out *out, const char *words, size_t length, enum parts_means means,
                uint16_t reference)
{
    return parts_split_in(out, letters_choose(words, length), words, length, means, reference);
}

int parts_split_in(struct parts_out *out, enum letters letters, const char *words, size_t length,
                   enum parts_means means, uint16_t reference)
{
    struct letters_reading tables = tables_of(letters);
    size_t units = letters_count(letters, words, length);
    bool whole = units * (letters == LETTERS_UCS2 ? 2 : 1) <= room_of(letters, PARTS_WHOLE);

    REQUIRE(means == PARTS_HEADER_8 || means == PARTS_HEADER_16 || means == PARTS_SAR);
    out->letters = letters;
    out->means = whole ? PARTS_WHOLE : means;
    out->reference = reference;
    out->total = 0;
    int status = split_into(out, words, length);
    if (status != 0)
        return status;
    for (uint8_t i = 0; i < out->total; i++)
        (void)header_write(out->parts[i].octets, out->means, reference, out->total,
                           (uint8_t)(i + 1), &tables);
    return 0;
}

void parts_dress(const struct parts_out *out, uint8_t index, struct piece_out *piece)
{
    REQUIRE(index >= 1 && index <= out->total);
    const struct part_out *part = &out->parts[index - 1];

    piece->coding = letters_coding(out->letters);
    piece->text = (struct octets){ part->octets, part->count };
    piece->has_header = part->has_header;
    piece->beside = out->means == PARTS_SAR;
    piece->total = out->total;
    piece->index = index;
    piece->reference = out->reference;
}

void parts_redress(struct piece_out *piece, enum parts_means means,
                   uint8_t octets[PARTS_PIECE_BYTES])
{
    struct part part;

    if (!piece->has_header || piece->total < 2)
        return;
    part_read(&part, &(struct piece_in){ .has_header = true, .text = piece->text });
    uint8_t header[PARTS_HEADER_MAX];
    uint8_t begun =
        header_write(header, means, piece->reference, piece->total, piece->index, &part.reading);
    if (part.octets.count > room_behind(letters_of_coding(piece->coding), begun))
        return;
    memcpy(octets, header, begun);
    memcpy(octets + begun, part.octets.bytes, part.octets.count);
    piece->text = (struct octets){ octets, begun + part.octets.count };
    piece->has_header = begun > 0;
    piece->beside = means == PARTS_SAR;
}
