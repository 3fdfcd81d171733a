/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/doubts.h"

#include <string.h>

#include "base/fnv.h"
#include "base/text.h"
#include "gateways/sms/domestic.h"

uint64_t doubts_id(const char *message_id)
{
    uint64_t hash = fnv_add(FNV_BASIS, message_id, strlen(message_id));

    return hash ? hash : 1;
}

uint64_t doubts_number(const char *number)
{
    char national[PIECE_ADDRESS_BYTES];

    return domestic_number(national, number) && national[0] != '\0' ? doubts_id(national) : 0;
}

void doubts_attempt(struct doubts *doubts, const struct doubt_attempt *attempt)
{
    doubts->attempts[doubts->attempts_next++ % DOUBTS_ATTEMPTS_MAX] = *attempt;
}

bool doubts_attempt_is_held(const struct doubts *doubts, struct parcel parcel)
{
    uint32_t i = 0;

    while (i < DOUBTS_ATTEMPTS_MAX && (doubts->attempts[i].parcel.text != parcel.text ||
                                       doubts->attempts[i].parcel.part != parcel.part))
        i++;
    return i < DOUBTS_ATTEMPTS_MAX;
}

/* Of one id for many numbers. */
static uint64_t id_for(const char *message_id, uint64_t to)
{
    return to ? fnv_word(doubts_id(message_id), to) : doubts_id(message_id);
}

void doubts_over(struct doubts *doubts, const char *message_id, uint64_t to)
{
    doubts->over[doubts->over_next++ % DOUBTS_OVER_MAX] = id_for(message_id, to);
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX && i < doubts->strays_next; i++) {
        struct receipt *stray = &doubts->strays[i].receipt;

        if (strcmp(stray->message_id, message_id) == 0 &&
            (to == 0 || doubts_number(stray->number) == to))
            stray->state = RECEIPT_NONE;
    }
}

static bool is_over(const struct doubts *doubts, const char *message_id, uint64_t to)
{
    uint64_t whole = doubts_id(message_id);
    uint64_t one = id_for(message_id, to);

    for (uint32_t i = 0; i < DOUBTS_OVER_MAX; i++)
        if (doubts->over[i] == whole || doubts->over[i] == one)
            return true;
    return false;
}

/* The centre may spell the id otherwise in receipts than in answers. */
static bool is_over_in_any_spelling(const struct doubts *doubts, const char *message_id,
                                    uint64_t to)
{
    char other[PIECE_ID_BYTES];

    if (is_over(doubts, message_id, to))
        return true;
    for (unsigned variant = 0; variant < RECEIPT_VARIANTS; variant++)
        if (receipt_variant(message_id, variant, other) && is_over(doubts, other, to))
            return true;
    return false;
}

static bool is_again(const struct doubt_stray *stray, const struct receipt *receipt, uint64_t to)
{
    uint64_t other = doubts_number(stray->receipt.number);

    return stray->receipt.state != RECEIPT_NONE &&
           strcmp(stray->receipt.message_id, receipt->message_id) == 0 &&
           (to == 0 || other == 0 || to == other);
}

bool doubts_stray(struct doubts *doubts, const struct receipt *receipt, uint64_t came_ms)
{
    uint64_t to = doubts_number(receipt->number);
    if (is_over(doubts, receipt->message_id, to))
        return false;
    /* 460 that is over, and 1120 whose answer is still to come: it settles that, and proves nothing. */
    bool proves = !receipt->mark && !is_over_in_any_spelling(doubts, receipt->message_id, to);
    uint64_t id = doubts_id(receipt->message_id);
    for (uint32_t i = 0; i < DOUBTS_ATTEMPTS_MAX; i++)
        if (doubts->attempts[i].own_id == id)
            return false; /* of a text that is over: else it proved the attempt */
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX && i < doubts->strays_next; i++)
        if (is_again(&doubts->strays[i], receipt, to))
            return false;
    doubts->strays[doubts->strays_next++ % DOUBTS_STRAYS_MAX] =
        (struct doubt_stray){ *receipt, proves ? to : 0, came_ms };
    return true;
}

void doubts_forget(struct doubts *doubts, uint64_t before_ms)
{
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX && i < doubts->strays_next; i++)
        if (doubts->strays[i].came_ms < before_ms)
            doubts->strays[i] = (struct doubt_stray){ 0 };
}

const struct receipt *doubts_receipt(const struct doubts *doubts, uint64_t own_id)
{
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX && own_id; i++) {
        const struct receipt *receipt = &doubts->strays[i].receipt;

        if (receipt->state != RECEIPT_NONE && doubts_id(receipt->message_id) == own_id)
            return receipt;
    }
    return NULL;
}

/* One that only a receipt to the number can prove. */
static bool is_to(const struct doubt_attempt *attempt, uint64_t to)
{
    return attempt->parcel.text != 0 && attempt->to == to && attempt->own_id == 0;
}

/* The oldest attempt to the number was sent then; UINT64_MAX: there was none. */
static uint64_t first_sent(const struct doubts *doubts, uint64_t to)
{
    uint64_t first = UINT64_MAX;

    for (uint32_t i = 0; i < DOUBTS_ATTEMPTS_MAX; i++) {
        const struct doubt_attempt *attempt = &doubts->attempts[i];

        if (is_to(attempt, to) && attempt->sent_ms < first)
            first = attempt->sent_ms;
    }
    return first;
}

static bool may_prove(const struct doubt_stray *stray, uint64_t to, uint64_t since_ms)
{
    return stray->receipt.state != RECEIPT_NONE && stray->to == to && stray->came_ms >= since_ms;
}

uint64_t doubts_youngest(const struct doubts *doubts, uint64_t to)
{
    uint64_t since_ms = first_sent(doubts, to);
    uint64_t youngest = 0;

    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX && i < doubts->strays_next; i++)
        if (may_prove(&doubts->strays[i], to, since_ms) && doubts->strays[i].came_ms > youngest)
            youngest = doubts->strays[i].came_ms;
    return youngest;
}

/* The attempts to one number and the receipts that may prove them, each in the order they came. */
struct match {
    struct doubt_attempt *attempts[DOUBTS_PROVED_MAX];
    struct doubt_stray *strays[DOUBTS_PROVED_MAX];
    uint32_t attempts_count, strays_count;
    bool too_many;
};

static void match_gather(struct match *match, struct doubts *doubts, uint64_t to)
{
    uint64_t since_ms = first_sent(doubts, to);

    for (uint32_t i = 0; i < DOUBTS_ATTEMPTS_MAX; i++) {
        struct doubt_attempt *attempt =
            &doubts->attempts[(doubts->attempts_next + i) % DOUBTS_ATTEMPTS_MAX];

        if (!is_to(attempt, to))
            continue;
        match->too_many |= match->attempts_count == DOUBTS_PROVED_MAX;
        if (!match->too_many)
            match->attempts[match->attempts_count++] = attempt;
    }
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX; i++) {
        struct doubt_stray *stray = &doubts->strays[(doubts->strays_next + i) % DOUBTS_STRAYS_MAX];

        if (!may_prove(stray, to, since_ms))
            continue;
        match->too_many |= match->strays_count == DOUBTS_PROVED_MAX;
        if (!match->too_many)
            match->strays[match->strays_count++] = stray;
    }
}

static bool is_one_part(const struct match *match)
{
    const struct parcel *first = &match->attempts[0]->parcel;

    for (uint32_t i = 1; i < match->attempts_count; i++) {
        const struct parcel *parcel = &match->attempts[i]->parcel;

        if (parcel->text != first->text || parcel->part != first->part)
            return false;
    }
    return true;
}

static bool is_proof(const struct match *match)
{
    uint32_t count = match->strays_count;

    if (match->too_many || count == 0 || count > match->attempts_count ||
        (count < match->attempts_count && !is_one_part(match)))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (match->strays[i]->came_ms < match->attempts[i]->sent_ms)
            return false;
    return true;
}

uint32_t doubts_prove(struct doubts *doubts, uint64_t to,
                      struct doubt_proof proofs[DOUBTS_PROVED_MAX])
{
    struct match match = { .attempts_count = 0 };

    match_gather(&match, doubts, to);
    if (!is_proof(&match))
        return 0;
    for (uint32_t i = 0; i < match.strays_count; i++) {
        proofs[i].parcel = match.attempts[i]->parcel;
        (void)text_copy(proofs[i].message_id, sizeof proofs[i].message_id,
                        match.strays[i]->receipt.message_id);
    }
    for (uint32_t i = 0; i < match.attempts_count; i++)
        *match.attempts[i] = (struct doubt_attempt){ 0 };
    return match.strays_count;
}
