/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/assembly.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

struct piece {
    struct piece *next; /* free ones, or the bundle's, in any order */
    uint8_t index;
    uint8_t count;
    struct letters_reading reading;
    uint8_t octets[ASSEMBLY_PART_BYTES];
    uint8_t original[ORIGINALS_DIGEST_BYTES];
};

struct bundle {
    bool taken;
    bool leaves; /* its place is needed */
    uint64_t id;
    uint64_t arrived_ms;
    char source[PIECE_ADDRESS_BYTES];
    char dest[PIECE_ADDRESS_BYTES];
    enum parts_means means;
    uint16_t reference;
    uint8_t total;
    uint8_t count;
    struct piece *pieces;
};

struct assembly {
    uint32_t texts;
    uint32_t parts;
    struct piece *free;
    struct bundle bundles[ASSEMBLY_TEXTS_MAX];
    struct piece pieces[ASSEMBLY_PARTS_MAX];
};

struct assembly *assembly_create(void)
{
    struct assembly *assembly = calloc(1, sizeof *assembly);

    for (uint32_t i = 0; assembly && i < ASSEMBLY_PARTS_MAX; i++) {
        assembly->pieces[i].next = assembly->free;
        assembly->free = &assembly->pieces[i];
    }
    return assembly;
}

void assembly_destroy(struct assembly *assembly)
{
    free(assembly);
}

/* ------------------------------------------------------------------------------------ words */

/* A header of another length moves packed septets, not their alphabet. */
static bool reads_alike(const struct letters_reading *a, const struct letters_reading *b)
{
    return a->coding == b->coding && a->locking == b->locking && a->single == b->single;
}

static bool run_read(const struct part *parts, unsigned count, struct text *text)
{
    static uint8_t octets[PARTS_MAX * ASSEMBLY_PART_BYTES];
    size_t size = 0;

    if (count == 1)
        return letters_read(&parts->reading, parts->octets.bytes, parts->octets.count, text);
    for (unsigned i = 0; i < count; i++) {
        if (parts[i].octets.count > ASSEMBLY_PART_BYTES)
            return false;
        memcpy(octets + size, parts[i].octets.bytes, parts[i].octets.count);
        size += parts[i].octets.count;
    }
    return letters_join(&parts->reading, octets, size, text);
}

static void hex_add(const struct part *part, struct text *text)
{
    text_print(text, "〔无法解码 undecodable, data_coding %u〕", part->reading.coding);
    for (size_t i = 0; i < part->octets.count; i++)
        text_print(text, "%02x", part->octets.bytes[i]);
}

/* Returns the index of the next part that is there. */
static unsigned missing_note(const struct part *parts, unsigned first, unsigned total,
                             struct text *text)
{
    unsigned end = first + 1;

    while (end < total && parts[end].total == 0)
        end++;
    if (end == first + 1)
        text_print(text, "〔缺第%u/%u条 part %u of %u missing〕", end, total, end, total);
    else
        text_print(text, "〔缺第%u至%u/%u条 parts %u to %u of %u missing〕", first + 1, end, total,
                   first + 1, end, total);
    return end;
}

void parts_words(const struct part *parts, unsigned total, struct text *text)
{
    for (unsigned i = 0; i < total;) {
        unsigned run = 1;

        if (parts[i].total == 0) {
            i = missing_note(parts, i, total, text);
            continue;
        }
        while (i + run < total && parts[i + run].total != 0 &&
               reads_alike(&parts[i + run].reading, &parts[i].reading))
            run++;
        if (!run_read(parts + i, run, text))
            for (unsigned j = i; j < i + run; j++)
                if (!run_read(parts + j, 1, text))
                    hex_add(&parts[j], text);
        i += run;
    }
}

/* ---------------------------------------------------------------------------------- bundles */

static struct bundle *bundle_of(struct assembly *assembly, const struct assembly_part *part)
{
    for (uint32_t i = 0; i < ASSEMBLY_TEXTS_MAX; i++) {
        struct bundle *bundle = &assembly->bundles[i];

        if (bundle->taken && bundle->reference == part->part.reference &&
            bundle->means == part->part.means && bundle->total == part->part.total &&
            strcmp(bundle->source, part->source) == 0 && strcmp(bundle->dest, part->dest) == 0)
            return bundle;
    }
    return NULL;
}

static struct bundle *bundle_oldest(struct assembly *assembly)
{
    struct bundle *oldest = NULL;

    for (uint32_t i = 0; i < ASSEMBLY_TEXTS_MAX; i++) {
        struct bundle *bundle = &assembly->bundles[i];

        if (bundle->taken && (!oldest || bundle->arrived_ms < oldest->arrived_ms))
            oldest = bundle;
    }
    return oldest;
}

static struct bundle *bundle_begin(struct assembly *assembly, const struct assembly_part *part)
{
    for (uint32_t i = 0; i < ASSEMBLY_TEXTS_MAX; i++) {
        struct bundle *bundle = &assembly->bundles[i];

        if (bundle->taken)
            continue;
        *bundle = (struct bundle){ .taken = true,
                                   .id = part->id,
                                   .arrived_ms = part->arrived_ms,
                                   .means = part->part.means,
                                   .reference = part->part.reference,
                                   .total = part->part.total };
        (void)text_copy(bundle->source, sizeof bundle->source, part->source);
        (void)text_copy(bundle->dest, sizeof bundle->dest, part->dest);
        assembly->texts++;
        return bundle;
    }
    return NULL;
}

static enum assembly_verdict known_or_conflict(struct bundle *bundle, const struct piece *piece,
                                               const struct part *part)
{
    if (piece->count == part->octets.count && reads_alike(&piece->reading, &part->reading) &&
        memcmp(piece->octets, part->octets.bytes, piece->count) == 0)
        return ASSEMBLY_KNOWN;
    bundle->leaves = true;
    return ASSEMBLY_CONFLICT;
}

enum assembly_verdict assembly_add(struct assembly *assembly, struct assembly_part *part)
{
    struct bundle *bundle = bundle_of(assembly, part);

    REQUIRE(part->part.octets.count <= ASSEMBLY_PART_BYTES);
    for (const struct piece *piece = bundle ? bundle->pieces : NULL; piece; piece = piece->next)
        if (piece->index == part->part.index)
            return known_or_conflict(bundle, piece, &part->part);
    if (assembly->free && !bundle)
        bundle = bundle_begin(assembly, part);
    if (!assembly->free || !bundle) {
        bundle_oldest(assembly)->leaves = true;
        return ASSEMBLY_FULL;
    }
    struct piece *piece = assembly->free;
    part->id = bundle->id;
    assembly->free = piece->next;
    piece->next = bundle->pieces;
    bundle->pieces = piece;
    piece->index = part->part.index;
    piece->reading = part->part.reading;
    piece->count = (uint8_t)part->part.octets.count;
    memcpy(piece->original, part->original, sizeof piece->original);
    if (piece->count > 0)
        memcpy(piece->octets, part->part.octets.bytes, piece->count);
    bundle->count++;
    assembly->parts++;
    return ASSEMBLY_KEPT;
}

static void bundle_walk(const struct bundle *bundle, assembly_each *each, void *owner)
{
    struct assembly_part part = { .id = bundle->id, .arrived_ms = bundle->arrived_ms };

    (void)text_copy(part.source, sizeof part.source, bundle->source);
    (void)text_copy(part.dest, sizeof part.dest, bundle->dest);
    for (const struct piece *piece = bundle->pieces; piece; piece = piece->next) {
        part.part =
            (struct part){ bundle->means, bundle->reference, bundle->total,
                           piece->index,  piece->reading,    { piece->octets, piece->count } };
        memcpy(part.original, piece->original, sizeof part.original);
        each(owner, &part);
    }
}

void assembly_walk(const struct assembly *assembly, assembly_each *each, void *owner)
{
    for (uint32_t i = 0; i < ASSEMBLY_TEXTS_MAX; i++)
        if (assembly->bundles[i].taken)
            bundle_walk(&assembly->bundles[i], each, owner);
}

static void bundle_words(const struct bundle *bundle, struct text *text)
{
    static struct part parts[PARTS_MAX];

    memset(parts, 0, sizeof parts);
    for (const struct piece *piece = bundle->pieces; piece; piece = piece->next)
        parts[piece->index - 1] = (struct part){ .total = bundle->total,
                                                 .index = piece->index,
                                                 .reading = piece->reading,
                                                 .octets = { piece->octets, piece->count } };
    parts_words(parts, bundle->total, text);
}

static void bundle_digest(const struct bundle *bundle, uint8_t digest[ORIGINALS_DIGEST_BYTES])
{
    static uint8_t digests[PARTS_MAX][ORIGINALS_DIGEST_BYTES];
    size_t count = 0;

    for (unsigned index = 1; index <= bundle->total; index++)
        for (const struct piece *piece = bundle->pieces; piece; piece = piece->next)
            if (piece->index == index)
                memcpy(digests[count++], piece->original, ORIGINALS_DIGEST_BYTES);
    original_digest(digest, digests, count * ORIGINALS_DIGEST_BYTES);
}

static void bundle_give(struct assembly *assembly, struct bundle *bundle)
{
    while (bundle->pieces) {
        struct piece *piece = bundle->pieces;

        bundle->pieces = piece->next;
        piece->next = assembly->free;
        assembly->free = piece;
        assembly->parts--;
    }
    bundle->taken = false;
    assembly->texts--;
}

static bool bundle_leaves(const struct bundle *bundle, uint64_t now_ms)
{
    return bundle->taken && (bundle->count == bundle->total || bundle->leaves ||
                             bundle->arrived_ms + ASSEMBLY_WAIT_MS <= now_ms);
}

uint64_t assembly_next(const struct assembly *assembly, uint64_t now_ms)
{
    const struct bundle *found = NULL;

    for (uint32_t i = 0; i < ASSEMBLY_TEXTS_MAX && assembly->texts > 0; i++) {
        const struct bundle *bundle = &assembly->bundles[i];

        if (bundle_leaves(bundle, now_ms) && (!found || bundle->arrived_ms < found->arrived_ms))
            found = bundle;
    }
    return found ? found->id : 0;
}

bool assembly_take(struct assembly *assembly, uint64_t id, struct assembled *assembled,
                   struct text *text)
{
    struct bundle *bundle = assembly->bundles;

    while (bundle < assembly->bundles + ASSEMBLY_TEXTS_MAX && !(bundle->taken && bundle->id == id))
        bundle++;
    if (bundle == assembly->bundles + ASSEMBLY_TEXTS_MAX)
        return false;
    *assembled = (struct assembled){ .id = bundle->id,
                                     .arrived_ms = bundle->arrived_ms,
                                     .whole = bundle->count == bundle->total };
    (void)text_copy(assembled->source, sizeof assembled->source, bundle->source);
    (void)text_copy(assembled->dest, sizeof assembled->dest, bundle->dest);
    bundle_words(bundle, text);
    bundle_digest(bundle, assembled->original);
    bundle_give(assembly, bundle);
    return true;
}

uint64_t assembly_due(const struct assembly *assembly)
{
    uint64_t due = UINT64_MAX;

    for (uint32_t i = 0; i < ASSEMBLY_TEXTS_MAX && assembly->texts > 0; i++) {
        const struct bundle *bundle = &assembly->bundles[i];

        if (!bundle->taken)
            continue;
        if (bundle_leaves(bundle, 0))
            return 0;
        if (bundle->arrived_ms + ASSEMBLY_WAIT_MS < due)
            due = bundle->arrived_ms + ASSEMBLY_WAIT_MS;
    }
    return due;
}

uint32_t assembly_texts(const struct assembly *assembly)
{
    return assembly->texts;
}

uint32_t assembly_parts(const struct assembly *assembly)
{
    return assembly->parts;
}
