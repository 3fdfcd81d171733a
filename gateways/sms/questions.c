/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/questions.h"

#include <errno.h>

#include "base/text.h"

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS
};

void questions_patience(const struct centres *centres,
                        struct outbox_patience patience[QUESTIONS_PATIENCES])
{
    uint32_t count = centres_count(centres);

    for (uint32_t i = 0; i < QUESTIONS_PATIENCES; i++) {
        const struct centre_settings *centre = centres_centre(centres, i < count ? i : 0);

        patience[i].ask_ms = (uint64_t)centre->query_min * MINUTE_MS;
        patience[i].wait_ms = (uint64_t)centre->receipt_h * HOUR_MS;
    }
}

static int put(struct centres *centres, const struct outbox_question *question)
{
    struct piece_out piece = { .receipt = false };

    if (question->centre >= centres_count(centres))
        return -ENOTSUP; /* the settings have fewer than they had */
    if (!question->cancel)
        return centres_query(centres, question->centre, question->message_id, question->from);
    (void)text_copy(piece.source, sizeof piece.source, question->from);
    (void)text_copy(piece.dest, sizeof piece.dest, question->number);
    return centres_cancel(centres, question->centre, question->message_id, &piece);
}

void questions_put(struct outbox *outbox, struct centres *centres, uint64_t wall_ms)
{
    struct outbox_question question;

    while (outbox_next_question(outbox, &question)) {
        int status = put(centres, &question);

        if (status == -EAGAIN || status == -ENOTCONN)
            return; /* the next turn tries again */
        outbox_question_done(outbox, wall_ms);
    }
}
