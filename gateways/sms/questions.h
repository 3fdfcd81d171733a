/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * questions: asks the centres what became of texts whose receipt does not come (query_sm), and takes back
 * what is recalled (cancel_sm, CMPP_CANCEL). A centre whose protocol cannot is not asked: its receipts say
 * all there is to know. */
#ifndef GATEWAYS_SMS_QUESTIONS_H
#define GATEWAYS_SMS_QUESTIONS_H

#include "gateways/sms/centres.h"
#include "gateways/sms/outbox.h"

enum {
    QUESTIONS_PATIENCES = PIECE_CENTRES_MAX + 1
};

/* How long each centre is waited for, as its settings say; the last for texts of which no centre is known. */
void questions_patience(const struct centres *centres,
                        struct outbox_patience patience[QUESTIONS_PATIENCES]);

/* Puts what the outbox wants to know, as far as the centres have room; they share the texts' windows. */
void questions_put(struct outbox *outbox, struct centres *centres, uint64_t wall_ms);

#endif
