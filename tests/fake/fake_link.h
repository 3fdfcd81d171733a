/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake_link: link.h without a bus. What is submitted goes to the transcript; a test plays the
 * dispatcher. Call numbers are written as the difference to fake_link_first_call. */
#ifndef TESTS_FAKE_FAKE_LINK_H
#define TESTS_FAKE_FAKE_LINK_H

#include "gateways/link/link.h"

extern uint64_t fake_link_first_call;

struct link *fake_link_make(const struct link_handlers *handlers, void *owner);

/* What the last ContactArrive said beside it of its caller; "" when nothing. */
const char *fake_link_arrived_text(void);

/* The answer to the last submission, or to all that have none. */
void fake_link_outcome(struct link *link, enum refusal refusal);
void fake_link_spool(struct link *link);

/* The transfer is over, and who had the caller has them still. */
void fake_link_refer_out(struct link *link, uint64_t call, const char *phone);
void fake_link_transfer_over(struct link *link, uint64_t call, enum transfer_outcome outcome);
void fake_link_offer(struct link *link, uint64_t offer, uint64_t call, const char *phone,
                     bool auto_answer);
/* A second phone beside the one that rings. */
void fake_link_offer_beside(struct link *link, uint64_t offer, uint64_t call, const char *phone);
/* The receiver of a transfer is rung; is put through; who holds, who takes part. */
void fake_link_offer_transfer(struct link *link, uint64_t offer, uint64_t call, const char *phone);
void fake_link_hand_over(struct link *link, uint64_t call, uint64_t offer);
void fake_link_mute(struct link *link, uint64_t call, bool on);
void fake_link_hold(struct link *link, uint64_t call, bool on, enum language language);
void fake_link_park(struct link *link, uint64_t call, enum language language);
/* party 0: towards the caller. */
void fake_link_press(struct link *link, uint64_t call, uint64_t party, const char *keys);
void fake_link_type(struct link *link, uint64_t call, enum typing typing, const char *words);
void fake_link_party(struct link *link, uint64_t party, uint64_t call, const char *phone,
                     enum party_role role);

/* The dispatcher welcomes this process. */
void fake_link_up(struct link *link);

/* The dispatcher is gone. */
/* So long nothing was heard of a dispatcher; 0: it is there. */
void fake_link_silence(struct link *link, uint64_t silent_ms);
bool fake_link_was_alone(const struct link *link);

void fake_link_sever(struct link *link, bool down);

void fake_link_order(struct link *link, enum order_kind kind, uint64_t number);
void fake_link_announce(struct link *link, uint64_t call, enum announcement announcement,
                        uint32_t minutes);
void fake_link_release(struct link *link, uint64_t call, enum end_cause cause,
                       enum announcement last);
void fake_link_setup(struct link *link, const struct setup *setup);

/* The next submissions are not taken: -ENOBUFS. */
void fake_link_fill(struct link *link, bool full);

#endif
