/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/show.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "gateways/sms/evidence.h"
#include "gateways/sms/parts.h"
#include "proto/keys.h"

struct showing {
    bool known[PARTS_MAX + 1]; /* by part; of a repeat the first counts */
    uint8_t digests[PARTS_MAX + 1][ORIGINALS_DIGEST_BYTES];
};

static void print_digest(const char *what, const uint8_t digest[ORIGINALS_DIGEST_BYTES])
{
    char digits[2 * ORIGINALS_DIGEST_BYTES + 1];

    hex_write(digest, ORIGINALS_DIGEST_BYTES, digits);
    (void)printf("%s %s\n", what, digits);
}

static void print_one(void *owner, const struct original *original)
{
    struct showing *showing = owner;
    uint8_t digest[ORIGINALS_DIGEST_BYTES];

    original_digest(digest, original->octets.bytes, original->octets.count);
    (void)printf("part %u heard_ms %" PRIu64 "%s\n", original->index, original->heard_ms,
                 showing->known[original->index] ? " again" : "");
    for (size_t i = 0; i < original->octets.count; i++)
        (void)printf("%02x", original->octets.bytes[i]);
    print_digest("\npdu", digest);
    if (showing->known[original->index])
        return;
    showing->known[original->index] = true;
    memcpy(showing->digests[original->index], digest, sizeof digest);
}

/* A text to a citizen: each PDU, and the digest of all up to it, which a report bears. */
static void print_sent(void *owner, const struct original *original)
{
    uint8_t *chained = owner;
    uint8_t digest[ORIGINALS_DIGEST_BYTES];
    const char *what = original->index & EVIDENCE_RECEIPT  ? "receipt of part"
                       : original->index & EVIDENCE_ANSWER ? "answer to part"
                                                           : "sent part";

    unsigned part = original->index & ~(unsigned)(EVIDENCE_RECEIPT | EVIDENCE_ANSWER);
    bool is_elsewhere =
        part == EVIDENCE_ELSEWHERE && original->octets.count == EVIDENCE_ELSEWHERE_BYTES;
    (void)printf("%s %u at_ms %" PRIu64 "\n", what, is_elsewhere ? 1 : part, original->heard_ms);
    if (is_elsewhere) {
        uint64_t text = 0;
        for (unsigned i = 8; i-- > 0;)
            text = text << 8 | original->octets.bytes[i];
        (void)printf("in a PDU of many texts, kept under %" PRIu64, text);
        memcpy(digest, original->octets.bytes + 8, sizeof digest);
    } else {
        original_digest(digest, original->octets.bytes, original->octets.count);
        for (size_t i = 0; i < original->octets.count; i++)
            (void)printf("%02x", original->octets.bytes[i]);
    }
    print_digest("\npdu", digest);
    evidence_chain(chained, digest);
    print_digest("original", chained);
}

/* Returns how many PDUs of this call there are in the store of that name, or a negative errno. */
static int find(const char *program, const char *store, const uint8_t *key, uint64_t call,
                originals_each *each, void *owner)
{
    char folder[PATH_MAX];
    uint32_t broken = 0;

    (void)snprintf(folder, sizeof folder, "%s/%s", program, store);
    int found = originals_find(folder, key, call, each, owner, &broken);
    if (broken > 0)
        (void)fprintf(stderr, "records that the key does not open: %" PRIu32 "\n", broken);
    return found == -ENOENT ? 0 : found;
}

int show_originals(const char *home, const char *name, const char *call)
{
    static struct showing showing;
    static uint8_t digests[PARTS_MAX + 1][ORIGINALS_DIGEST_BYTES];
    char program[PATH_MAX], *end;
    uint8_t key[ORIGINALS_KEY_BYTES], digest[ORIGINALS_DIGEST_BYTES] = { 0 };
    size_t count = 0;
    int sent = 0;
    uint64_t number = strtoull(call, &end, 10);
    int status = keys_read_bytes(home, "originals.key", key, sizeof key);

    (void)snprintf(program, sizeof program, "%s/%s", home, name);
    if (status == 0 && *end == '\0') {
        status = find(program, "originals", key, number, print_one, &showing);
        sent = find(program, "sent", key, number, print_sent, digest);
    }
    if (status <= 0 && sent <= 0) {
        (void)fprintf(stderr, "%s: %s\n", call, status < 0 ? strerror(-status) : "no PDU here");
        return 1;
    }
    if (status <= 0)
        return 0;
    for (unsigned i = 0; i <= PARTS_MAX; i++)
        if (showing.known[i])
            memcpy(digests[count++], showing.digests[i], sizeof digests[0]);
    original_digest(digest, digests, count * sizeof digests[0]);
    print_digest("original", digest);
    return 0;
}
