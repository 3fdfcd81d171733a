/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Notes for whoever takes over, as long as nobody has taken them. */
#include <errno.h>

#include "dispatcher/views/row.h"

int apply_to_handovers(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_HANDOVER_TAKEN)
        return row_remove(change, key_of1(VIEW_HANDOVER, event->handover_taken.handover));
    if (event->kind != EVENT_HANDOVER_LEFT)
        return 0;
    const struct handover_left *left = &event->handover_left;
    struct handover_row row = { .handover = left->handover,
                                .from_taker = event->taker,
                                .to_taker = left->to_taker,
                                .to_line = left->to_line,
                                .incident = event->incident,
                                .left_ms = event->at_ms,
                                .seq = event->seq };
    return row_put(change, key_of1(VIEW_HANDOVER, row.handover), SCHEMA_HANDOVER_ROW, &row);
}

int answer_handovers(const struct question *question, struct answer *answer)
{
    struct handovers *handovers = &answer->handovers;
    uint64_t after = question->query->handovers.after;
    struct key prefix = key_of(VIEW_HANDOVER);
    answer->kind = ANSWER_HANDOVERS;
    handovers->rows_count = 0;
    for (;;) {
        struct key from = key_of1(VIEW_HANDOVER, after + 1);
        struct slice value;
        uint64_t handover;
        int status = view_next(question->read, &prefix, &from, &handover, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (handovers->rows_count == sizeof handovers->rows / sizeof handovers->rows[0]) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_HANDOVER_ROW, value.data, value.size,
                              &handovers->rows[handovers->rows_count++]);
        if (status < 0)
            return status;
        after = handover;
    }
}
