/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Callers who type because they cannot hear or speak: their words become texts of the conversation beside the
 * call, piece by piece, and the taker's words go back the same way. */
#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "gateways/trunk/call.h"

enum {
    PAUSE_MS = 1500 /* nobody types so slowly within a word */
};

void typing_begin(struct exchange *exchange, struct call *call)
{
    struct command command = { .kind = COMMAND_CONTACT_TYPE };
    uint64_t ticket;
    if (!call->line.emergency || call->media.channel == 0)
        return;
    media_channel_read(exchange->media, call->media.channel);
    if (call->media.text_port == 0 || call->typing.way != TYPING_NONE)
        return;
    call->typing.way = TYPING_T140;
    command.contact_type.call = call->number;
    command.contact_type.typing = TYPING_T140;
    (void)exchange_report(exchange, &command, NULL, &ticket); /* the taker may write first */
}

static void flush(struct exchange *exchange, struct call *call)
{
    struct call_typing *typing = &call->typing;
    struct command command = { .kind = COMMAND_CONTACT_TYPE };
    struct personal personal = { 0 };
    uint64_t ticket;
    command.contact_type.call = call->number;
    command.contact_type.typing = typing->way;
    (void)text_copy(personal.text, sizeof personal.text, typing->words);
    (void)exchange_report(exchange, &command, &personal, &ticket);
    sodium_memzero(&personal, sizeof personal);
    sodium_memzero(typing->words, sizeof typing->words);
    typing->length = 0;
    typing->flush_ms = 0;
}

/* A line's end, or the other's turn: "go ahead", "stop keying". */
static bool is_turn(const struct call_typing *typing)
{
    const char *end = typing->words + typing->length;
    if (typing->length > 0 && end[-1] == '\n')
        return true;
    bool said = typing->length >= 3 && end[-3] == ' ';
    return said && (memcmp(end - 2, "GA", 2) == 0 || memcmp(end - 2, "SK", 2) == 0);
}

/* T.140 §8.1: the last character was a mistake. */
static void take_back(struct call_typing *typing)
{
    do
        typing->length--;
    while (typing->length > 0 && ((uint8_t)typing->words[typing->length] & 0xC0) == 0x80);
}

void typing_hear(struct exchange *exchange, struct call *call, const struct media_event *event)
{
    struct call_typing *typing = &call->typing;
    uint64_t pause_ms = exchange->mono_ms + PAUSE_MS;
    if (typing->way == TYPING_NONE)
        log_info("text telephone call=%" PRIu64, call->number);
    if (event->t140)
        typing->way = TYPING_T140;
    else
        typing->way = event->fifty ? TYPING_BAUDOT_50 : TYPING_BAUDOT_45;
    for (const char *at = event->text; *at; at++) {
        if (typing->length == 0 && (*at == '\n' || *at == ' ' || *at == '\b'))
            continue; /* what was told stays told */
        if (*at == '\b') {
            take_back(typing);
            continue;
        }
        if (typing->length + 4 >= TYPING_WORDS_BYTES && ((uint8_t)*at & 0xC0) != 0x80)
            flush(exchange, call); /* never within a character */
        typing->words[typing->length++] = *at;
    }
    typing->words[typing->length] = 0;
    if (typing->length == 0)
        return;
    typing->flush_ms = is_turn(typing) ? exchange->mono_ms + EXCHANGE_TICK_MS : pause_ms;
}

void typing_tick(struct exchange *exchange, struct call *call)
{
    if (call->typing.flush_ms != 0 && call->typing.flush_ms <= exchange->mono_ms)
        flush(exchange, call);
}

void typing_end(struct exchange *exchange, struct call *call)
{
    if (call->typing.length > 0)
        flush(exchange, call);
}

void typing_say(struct exchange *exchange, const struct order_type *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (!call || call->media.channel == 0) {
        log_warn("cannot type call=%" PRIu64 ": it is over", order->call);
        return;
    }
    if (order->typing == TYPING_T140) {
        media_text_say(exchange->media, call->media.channel, order->words);
        media_text_say(exchange->media, call->media.channel, "\xE2\x80\xA8"); /* a line's end */
        return;
    }
    typing_begin(exchange, call); /* of a former process */
    media_channel_type(exchange->media, call->media.channel, order->words,
                       order->typing == TYPING_BAUDOT_50);
}
