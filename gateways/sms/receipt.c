/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/receipt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
    WORD_BYTES = PIECE_ID_BYTES
};

/* §5.2.28 message_state; the words of appendix B. */
static const struct {
    const char *word;
    enum receipt_state state;
} states[] = {
    [1] = { "ENROUTE", RECEIPT_UNDER_WAY }, [2] = { "DELIVRD", RECEIPT_DELIVERED },
    [3] = { "EXPIRED", RECEIPT_FAILED },    [4] = { "DELETED", RECEIPT_FAILED },
    [5] = { "UNDELIV", RECEIPT_FAILED },    [6] = { "ACCEPTD", RECEIPT_UNDER_WAY },
    [7] = { "UNKNOWN", RECEIPT_FAILED },    [8] = { "REJECTD", RECEIPT_FAILED },
};

bool receipt_is(const struct smpp_pdu *pdu)
{
    uint8_t type = pdu->esm_class & SMPP_ESM_TYPE_MASK;

    return type == SMPP_ESM_RECEIPT || type == SMPP_ESM_INTERMEDIATE ||
           smpp_pdu_tlv(pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID) != NULL;
}

/* The word behind "key:" at a word's start; empty when it is not there. */
static void word_behind(const struct octets *text, const char *key, char word[WORD_BYTES])
{
    const char *bytes = (const char *)text->bytes;
    size_t length = strlen(key);
    size_t size = 0;

    word[0] = '\0';
    for (size_t at = 0; at + length <= text->count; at++) {
        if ((at > 0 && bytes[at - 1] != ' ') || strncasecmp(bytes + at, key, length) != 0)
            continue;
        for (at += length; at < text->count && size < WORD_BYTES - 1; at++) {
            if (bytes[at] == ' ' || bytes[at] == '\0')
                break;
            word[size++] = bytes[at];
        }
        word[size] = '\0';
        return;
    }
}

static enum receipt_state state_of_word(const char *word)
{
    for (size_t i = 1; i < sizeof states / sizeof states[0]; i++)
        if (strcasecmp(word, states[i].word) == 0)
            return states[i].state;
    return RECEIPT_NONE;
}

static void id_read(struct receipt *receipt, const struct smpp_pdu *pdu, const struct octets *text)
{
    const struct tlv *tlv = smpp_pdu_tlv(pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID);

    if (!tlv || tlv->value.count == 0) {
        word_behind(text, "id:", receipt->message_id);
        return;
    }
    size_t size = strnlen((const char *)tlv->value.bytes, tlv->value.count);
    if (size >= sizeof receipt->message_id)
        size = sizeof receipt->message_id - 1;
    memcpy(receipt->message_id, tlv->value.bytes, size);
    receipt->message_id[size] = '\0';
}

/* network_error_code: one octet says which network, two the error (§5.3.2.31). */
static uint32_t error_read(const struct smpp_pdu *pdu, const struct octets *text)
{
    uint32_t error = smpp_pdu_number(pdu, SMPP_TAG_NETWORK_ERROR_CODE, 0) & 0xFFFF;
    char word[WORD_BYTES];

    if (error != 0)
        return error;
    word_behind(text, "err:", word);
    bool decimal = word[strspn(word, "0123456789")] == '\0';
    return (uint32_t)strtoul(word, NULL, decimal ? 10 : 16) & 0xFFFF;
}

int receipt_read(struct receipt *receipt, const struct smpp_pdu *pdu)
{
    struct octets text = smpp_pdu_text(pdu);
    uint32_t state = smpp_pdu_number(pdu, SMPP_TAG_MESSAGE_STATE, 0);
    char word[WORD_BYTES];

    memset(receipt, 0, sizeof *receipt);
    id_read(receipt, pdu, &text);
    if (state > 0 && state < sizeof states / sizeof states[0]) {
        receipt->state = states[state].state;
    } else {
        word_behind(&text, "stat:", word);
        receipt->state = state_of_word(word);
    }
    if (receipt->message_id[0] == '\0' || receipt->state == RECEIPT_NONE)
        return -EBADMSG;
    receipt->mark = (uint16_t)smpp_pdu_number(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, 0);
    (void)text_copy(receipt->number, sizeof receipt->number, pdu->source);
    if ((pdu->esm_class & SMPP_ESM_TYPE_MASK) == SMPP_ESM_INTERMEDIATE)
        receipt->state = RECEIPT_UNDER_WAY;
    if (receipt->state != RECEIPT_FAILED)
        return 0;
    receipt->error = error_read(pdu, &text);
    if (receipt->error == 0)
        receipt->error = SMPP_RDELIVERYFAILURE;
    return 0;
}

int receipt_of_state(struct receipt *receipt, const char *message_id, uint32_t state,
                     uint32_t error)
{
    memset(receipt, 0, sizeof *receipt);
    if (message_id[0] == '\0' || state == 0 || state >= sizeof states / sizeof states[0] ||
        !text_copy(receipt->message_id, sizeof receipt->message_id, message_id))
        return -EBADMSG;
    receipt->state = states[state].state;
    if (receipt->state == RECEIPT_FAILED)
        receipt->error = error != 0 ? error : SMPP_RDELIVERYFAILURE;
    return 0;
}

int receipt_of_word(struct receipt *receipt, const char *message_id, const char *word)
{
    const char *digits = word + strcspn(word, "0123456789");

    memset(receipt, 0, sizeof *receipt);
    if (message_id[0] == '\0' || word[0] == '\0' ||
        !text_copy(receipt->message_id, sizeof receipt->message_id, message_id))
        return -EBADMSG;
    receipt->state = state_of_word(word);
    if (receipt->state == RECEIPT_NONE)
        receipt->state = RECEIPT_FAILED;
    if (receipt->state == RECEIPT_FAILED)
        receipt->error = (uint32_t)strtoul(digits, NULL, 10) & 0xFFFF;
    if (receipt->state == RECEIPT_FAILED && receipt->error == 0)
        receipt->error = SMPP_RDELIVERYFAILURE;
    return 0;
}

int receipt_of_text(struct receipt *receipt, const char *message_id, struct octets text)
{
    char stat[WORD_BYTES];
    char error[WORD_BYTES];

    word_behind(&text, "stat:", stat);
    word_behind(&text, "err:", error);
    int status = receipt_of_word(receipt, message_id, stat);
    uint32_t number = (uint32_t)strtoul(error, NULL, 10) & 0xFFFF;
    if (status == 0 && receipt->state == RECEIPT_FAILED && number != 0)
        receipt->error = number;
    return status;
}

bool receipt_variant(const char *id, unsigned variant, char other[PIECE_ID_BYTES])
{
    bool decimal = variant < 2;
    const char *digits = decimal ? "0123456789" : "0123456789abcdefABCDEF";
    size_t length = strlen(id);

    if (length == 0 || length > 16 || id[strspn(id, digits)] != '\0')
        return false;
    unsigned long long number = strtoull(id, NULL, decimal ? 10 : 16);
    (void)snprintf(other, PIECE_ID_BYTES,
                   variant == 0   ? "%llx"
                   : variant == 1 ? "%llX"
                                  : "%llu",
                   number);
    return true;
}
