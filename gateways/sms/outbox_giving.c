/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/outbox_texts.h"

/* Texts that can be another gateway's. */
struct giving {
    uint64_t *texts;
    uint32_t count;
    uint32_t most;
    uint64_t stuck_ms;  /* only those that are stuck since then; 0: all */
    uint64_t urgent_ms; /* the same of answers to who is in danger */
};

static bool was_given_away(const struct outbox *outbox, uint64_t id)
{
    for (uint32_t i = 0; i < OUTBOX_AWAY_KEPT_MAX; i++)
        if (outbox->aways[i] == id)
            return true;
    return false;
}

static bool can_be_given(const struct outbox *outbox, const struct outbox_text *text,
                         uint64_t stuck_ms)
{
    if (!text->fenced)
        return false;
    for (uint8_t part = 0; part < text->total; part++)
        if (text->parts[part].state != PART_WAITING || text->parts[part].doubtful)
            return false;
    return stuck_ms == 0 || (text->stuck_ms != 0 && text->stuck_ms <= stuck_ms &&
                             !was_given_away(outbox, text->text));
}

static void give(struct outbox *outbox, struct giving *giving)
{
    for (uint32_t lane = 0; lane < 2 * OUTBOX_LANES; lane++) {
        const struct heap *heap = &outbox->lanes[lane];

        for (uint32_t i = 0; i < heap->count && giving->count < giving->most; i++) {
            const struct outbox_text *text =
                (const struct outbox_text *)(void *)heap->places[i].node;

            if (can_be_given(outbox, text, text->urgent ? giving->urgent_ms : giving->stuck_ms))
                giving->texts[giving->count++] = text->text;
        }
    }
    for (uint32_t i = 0; i < giving->count; i++) {
        struct outbox_text *text = outbox_text_find(outbox, giving->texts[i]);

        text->leave = LEAVE_ASKED;
        text->stuck_ms = 0;
        outbox->counts.fenced++;
        outbox_schedule(outbox, text, 0);
    }
}

uint32_t outbox_give_back(struct outbox *outbox, uint64_t texts[OUTBOX_ASKS_MAX])
{
    struct giving giving = { .most = OUTBOX_ASKS_MAX };

    giving.texts = texts;
    give(outbox, &giving);
    return giving.count;
}

uint32_t outbox_give_away(struct outbox *outbox, uint64_t since_ms, uint64_t urgent_since_ms,
                          uint64_t texts[OUTBOX_ASKS_MAX])
{
    struct giving giving = { .most = OUTBOX_AWAY_MAX,
                             .stuck_ms = since_ms,
                             .urgent_ms = urgent_since_ms };

    giving.texts = texts;
    give(outbox, &giving);
    for (uint32_t i = 0; i < giving.count; i++)
        outbox->aways[outbox->aways_next++ % OUTBOX_AWAY_KEPT_MAX] = texts[i];
    return giving.count;
}

void outbox_keep(struct outbox *outbox, uint64_t id)
{
    for (uint32_t i = 0; i < OUTBOX_AWAY_KEPT_MAX; i++)
        if (outbox->aways[i] == id)
            outbox->aways[i] = 0;
}
