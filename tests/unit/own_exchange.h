/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own_exchange: a message gateway's exchange between a message centre and a dispatcher that the test
 * plays: the centre writes real PDUs, the link holds what was submitted until the test answers. The clock
 * is turned by hand. */
#ifndef TESTS_UNIT_OWN_EXCHANGE_H
#define TESTS_UNIT_OWN_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/exchange.h"
#include "gateways/sms/parts.h"
#include "gateways/sms/smpp_pdu.h"

enum {
    TICKETS_MAX = 64
};

struct link {
    uint64_t tickets;
    bool full;
    struct command commands[TICKETS_MAX];
    struct personal personals[TICKETS_MAX];
    uint64_t done;
};

extern struct link link_played;
extern struct exchange *exchange;
extern char folder[64];
extern uint64_t mono;
extern uint64_t wall;
extern const uint8_t *own_key; /* of the PDUs that are kept; NULL: none is */
extern uint32_t last_submit;   /* its sequence */
extern uint32_t last_question; /* query_sm or cancel_sm */
extern char last_text[512];
extern char last_validity[17];
extern struct part last_part; /* which piece it was; its index beside the octets, too */
extern struct sms_settings own_sms; /* of the next process */ /* the letters of the last submit */

void turn(void);
void pass(uint64_t ms);
void say(const struct smpp_pdu *pdu);
void bind_again(void);
void expect(const char *words);
/* On a line on which the centre is heard. */
void live(unsigned minutes);
/* What the centre heard since the last of these two. */
void hearing_take(char *words, size_t size);
int begin(void **state);
int end(void **state);
void kill_and_restart(void);
void lose_connection(void);
void text_in(uint32_t sequence, const char *dest, const char *letters);
void part_in(uint32_t sequence, uint8_t index, uint8_t total, const char *letters);
void receipt_in(uint32_t sequence, const char *words);
void outcome(uint64_t ticket, enum refusal refusal);
void order_text(uint64_t seq, uint64_t text, const char *words, bool receipt);
void order_valid(uint64_t seq, uint64_t text, const char *words, bool receipt, uint64_t until_ms);
void answer_submit(uint32_t sequence, uint32_t status, const char *id);
void expect_report(uint64_t ticket, enum text_state state, uint32_t cause);
void order_fenced(uint64_t seq, uint64_t text, bool urgent);
void expect_question(uint64_t ticket, uint32_t count);

#endif
