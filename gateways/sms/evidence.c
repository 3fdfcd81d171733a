/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/evidence.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "gateways/sms/inbox.h"

static int store_open(struct originals **store, const char *folder, const char *name,
                      const uint8_t *key, const struct originals_bounds *bounds)
{
    char path[PATH_MAX];
    struct text text = text_into(path, sizeof path);
    text_print(&text, "%s/%s", folder, name);
    return text.cut ? -ENAMETOOLONG : originals_open(store, path, key, bounds);
}

int evidence_open(struct evidence *evidence, const char *folder, const uint8_t *key,
                  struct outbox *outbox)
{
    static const struct originals_bounds heard = { ORIGINALS_DAYS, ORIGINALS_BYTES };
    static const struct originals_bounds sent = { EVIDENCE_SENT_DAYS, EVIDENCE_SENT_BYTES };
    *evidence = (struct evidence){ .outbox = outbox };
    if (!key)
        return 0;
    int status = store_open(&evidence->heard, folder, "originals", key, &heard);
    return status < 0 ? status : store_open(&evidence->sent, folder, "sent", key, &sent);
}

void evidence_close(struct evidence *evidence)
{
    originals_close(evidence->heard);
    originals_close(evidence->sent);
}

void evidence_of(struct evidence *evidence, struct parcel parcel)
{
    evidence->parcel = parcel;
    evidence->bundle = NULL;
}

void evidence_of_bundle(struct evidence *evidence, const struct bundle *bundle)
{
    evidence->bundle = bundle;
}

void evidence_chain(uint8_t digest[ORIGINALS_DIGEST_BYTES],
                    const uint8_t pdu[ORIGINALS_DIGEST_BYTES])
{
    uint8_t both[2 * ORIGINALS_DIGEST_BYTES];
    memcpy(both, digest, ORIGINALS_DIGEST_BYTES);
    memcpy(both + ORIGINALS_DIGEST_BYTES, pdu, ORIGINALS_DIGEST_BYTES);
    original_digest(digest, both, sizeof both);
}

static void chain(struct evidence *evidence, uint64_t text,
                  const uint8_t pdu[ORIGINALS_DIGEST_BYTES])
{
    uint8_t digest[ORIGINALS_DIGEST_BYTES];
    if (!outbox_kept(evidence->outbox, text, digest))
        return;
    evidence_chain(digest, pdu);
    outbox_note_kept(evidence->outbox, text, digest);
}

static void keep(struct evidence *evidence, struct parcel parcel, uint8_t flag,
                 struct octets octets, uint64_t now_ms)
{
    uint8_t digest[ORIGINALS_DIGEST_BYTES];
    struct original original = { parcel.text, now_ms, (uint8_t)(parcel.part + 1) | flag, octets };
    originals_keep(evidence->sent, &original);
    original_digest(digest, octets.bytes, octets.count);
    chain(evidence, parcel.text, digest);
}

/* One PDU of many texts is kept once; the others say where. */
static void keep_bundle(struct evidence *evidence, const struct bundle *bundle, uint8_t flag,
                        struct octets octets, uint64_t now_ms)
{
    uint8_t place[EVIDENCE_ELSEWHERE_BYTES];
    keep(evidence, bundle->parcels[0], flag, octets, now_ms);
    for (unsigned i = 0; i < 8; i++)
        place[i] = (uint8_t)(bundle->parcels[0].text >> 8 * i);
    original_digest(place + 8, octets.bytes, octets.count);
    for (uint32_t i = 1; i < bundle->count; i++) {
        struct original original = {
            bundle->parcels[i].text, now_ms, EVIDENCE_ELSEWHERE | flag, { place, sizeof place }
        };
        originals_keep(evidence->sent, &original);
        chain(evidence, bundle->parcels[i].text, place + 8);
    }
}

void evidence_wrote(struct evidence *evidence, const uint8_t *bytes, size_t count, uint64_t now_ms)
{
    if (evidence->sent && evidence->bundle)
        keep_bundle(evidence, evidence->bundle, 0, (struct octets){ bytes, count }, now_ms);
    else if (evidence->sent && evidence->parcel.text)
        keep(evidence, evidence->parcel, 0, (struct octets){ bytes, count }, now_ms);
}

void evidence_answer(struct evidence *evidence, const struct piece_answer *answer, uint64_t now_ms)
{
    if (evidence->sent && answer->raw.count > 0)
        keep(evidence, answer->parcel, EVIDENCE_ANSWER, answer->raw, now_ms);
}

void evidence_bundle_answer(struct evidence *evidence, const struct bundle *bundle,
                            const struct piece_answer *answer, uint64_t now_ms)
{
    if (evidence->sent && answer->raw.count > 0)
        keep_bundle(evidence, bundle, EVIDENCE_ANSWER, answer->raw, now_ms);
}

void evidence_receipt(struct evidence *evidence, const struct receipt *receipt, uint64_t now_ms)
{
    if (evidence->sent)
        keep(evidence, outbox_parcel_of(evidence->outbox, receipt), EVIDENCE_RECEIPT, receipt->raw,
             now_ms);
}

/* A long text's PDUs are kept under the first of its contacts. */
static int heard_erase(struct evidence *evidence, const struct order_erase *order)
{
    uint64_t calls[sizeof order->calls / sizeof *order->calls];
    for (uint32_t i = 0; i < order->calls_count; i++)
        calls[i] = order->calls[i] - order->calls[i] % INBOX_CONTACTS_MAX;
    return originals_erase(evidence->heard, calls, order->calls_count);
}

int evidence_erase(struct evidence *evidence, const struct order_erase *order)
{
    if (!evidence->sent)
        return 0;
    /* Receipts of nobody's text, too. */
    uint64_t texts[sizeof order->texts / sizeof *order->texts + 1] = { 0 };
    memcpy(texts + 1, order->texts, order->texts_count * sizeof *texts);
    int heard = heard_erase(evidence, order);
    int sent = heard < 0 ? heard : originals_erase(evidence->sent, texts, order->texts_count + 1);
    return sent < 0 ? sent : heard + sent;
}

void evidence_flush(struct evidence *evidence)
{
    if (!evidence->sent)
        return;
    originals_flush(evidence->heard);
    originals_flush(evidence->sent);
}

unsigned evidence_unsynced(struct evidence *evidence, int files[EVIDENCE_FILES])
{
    if (!evidence->sent)
        return 0;
    unsigned count = originals_unsynced(evidence->heard, files);
    return count + originals_unsynced(evidence->sent, files + count);
}

void evidence_tidy(struct evidence *evidence, uint64_t now_ms)
{
    if (!evidence->sent)
        return;
    originals_tidy(evidence->heard, now_ms);
    originals_tidy(evidence->sent, now_ms);
}

uint64_t evidence_failures(const struct evidence *evidence)
{
    return evidence->sent ? originals_failures(evidence->heard) + originals_failures(evidence->sent)
                          : 0;
}
