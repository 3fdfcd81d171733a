/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the dispatcher has said to a caller, and the keys that answer. */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "gateways/trunk/call.h"

enum {
    ANNOUNCE_MS = 20000, /* then the caller hears what everybody hears who waits */
    FAREWELL_MS = 9000,  /* the last words, then the leg ends */
    SAME_KEY_MS = 1000   /* the same key that comes another way within it is the same press */
};

void call_prompt(const struct exchange *exchange, const struct call *call, const char *words,
                 char name[CALL_PROMPT_BYTES])
{
    char line[16], language[32] = "";
    (void)snprintf(line, sizeof line, "-%" PRIu32, call->line.number);
    if (call->language != LANGUAGE_NONE)
        (void)snprintf(language, sizeof language, "-%s", language_name(call->language));
    const char *const ends[][2] = { { line, language }, { language, "" }, { line, "" } };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(name, CALL_PROMPT_BYTES, "%s%s%s", words, ends[i][0], ends[i][1]);
        if (media_knows(exchange->media, name))
            return;
    }
    (void)snprintf(name, CALL_PROMPT_BYTES, "%s", words);
}

void call_waiting_prompt(const struct exchange *exchange, const struct call *call,
                         char name[CALL_PROMPT_BYTES])
{
    if (exchange->alone && !call->line.emergency) {
        call_prompt(exchange, call, "alone", name);
        if (media_knows(exchange->media, name))
            return;
    }
    call_prompt(exchange, call, call->line.emergency ? "waiting-emergency" : "waiting-ordinary",
                name);
}

/* The words of an announcement (ops/prompts). */
static void name_words(enum announcement announcement, uint32_t minutes, char name[24])
{
    static const char *const names[ANNOUNCEMENT_COUNT] = {
        [ANNOUNCEMENT_CALLBACK_OFFER] = "callback-offer",
        [ANNOUNCEMENT_CALLBACK_KEPT] = "callback",
        [ANNOUNCEMENT_SILENT] = "silent",
        [ANNOUNCEMENT_NUISANCE] = "nuisance",
        [ANNOUNCEMENT_CLUSTER] = "cluster",
    };
    name[0] = 0;
    if (announcement == ANNOUNCEMENT_WAIT)
        (void)snprintf(name, 24, "wait-%" PRIu32, minutes);
    else if ((unsigned)announcement < ANNOUNCEMENT_COUNT && names[announcement])
        (void)snprintf(name, 24, "%s", names[announcement]);
}

static bool asks_for_a_key(enum announcement announcement)
{
    return announcement == ANNOUNCEMENT_CALLBACK_OFFER || announcement == ANNOUNCEMENT_CLUSTER ||
           announcement == ANNOUNCEMENT_SILENT;
}

/* A caller in conversation hears it over the taker's voice and is still heard; bridging a taker's phone
 * stops it at once. */
void call_announce(struct exchange *exchange, struct call *call, enum announcement announcement,
                   uint32_t minutes)
{
    char words[24], name[CALL_PROMPT_BYTES], idle[CALL_PROMPT_BYTES];
    bool waits = call->state == CALLER_WAITING || (call->state == CALLER_ANSWERED && !call->phone);
    const char *const alone[] = { name, NULL };
    const char *const waiting[] = { name, idle, NULL };
    name_words(announcement, minutes, words);
    if (call->media.channel == 0 || !words[0])
        return;
    call_prompt(exchange, call, words, name);
    call_waiting_prompt(exchange, call, idle);
    if (asks_for_a_key(announcement)) {
        call->asked = true;
        media_channel_heed(exchange->media, call->media.channel, true);
    }
    media_channel_play(exchange->media, call->media.channel, waits ? waiting : alone, 1);
    call->resume_ms = waits ? exchange->mono_ms + ANNOUNCE_MS : 0;
}

void call_farewell(struct exchange *exchange, struct call *call, enum announcement last)
{
    call_announce(exchange, call, last, 0);
    call->resume_ms = 0;
    call->leave_ms = exchange->mono_ms + FAREWELL_MS;
}

void call_answer_test(struct exchange *exchange, struct call *call)
{
    static const char *const tone[] = { "test-tone", NULL };
    if (call->state == CALLER_ARRIVING)
        caller_step(exchange, call, CALLER_KEPT);
    if (call->state == CALLER_WAITING)
        caller_step(exchange, call, CALLER_CONNECT);
    if (call->media.channel == 0 || !media_knows(exchange->media, tone[0])) {
        caller_step(exchange, call, CALLER_RELEASE);
        return;
    }
    call->resume_ms = 0;
    call->leave_ms = exchange->mono_ms + SYNTHETIC_TONE_MS;
    media_channel_play(exchange->media, call->media.channel, tone, 0);
}

/* Some telephones say a press twice, in the sound and by INFO. */
static bool is_echo(const struct exchange *exchange, const struct call *call, char digit,
                    enum key_way way)
{
    return call->key == digit && call->key_way != way && call->key_way != KEY_NONE &&
           exchange->mono_ms - call->key_ms < SAME_KEY_MS;
}

void call_hear_digit(struct exchange *exchange, struct call *call, char digit, enum key_way way)
{
    struct command command = { .kind = COMMAND_CONTACT_DIGITS };
    uint64_t ticket;
    if (!call->asked || call->leave_ms != 0)
        return; /* no line has a menu */
    if (is_echo(exchange, call, digit, way))
        return;
    call->key = digit;
    call->key_way = way;
    call->key_ms = exchange->mono_ms;
    command.contact_digits.call = call->number;
    command.contact_digits.digits[0] = digit;
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

void call_hear_info(struct exchange *exchange, struct call *call, uint64_t transaction,
                    const struct sip_message *info)
{
    /* RFC 6086 §4.2.2: an INFO of no known package is 200 all the same; what it carries else is nobody's. */
    exchange_reply(exchange, transaction, info->strange && !info->key ? 415 : 200, NULL);
    if (call && info->key)
        call_hear_digit(exchange, call, info->key, KEY_FROM_INFO);
}

/* An ordinary caller may listen; who calls 110 and says nothing may be unable to. */
void call_hear_still(struct exchange *exchange, const struct call *call)
{
    struct command command = { .kind = COMMAND_CONTACT_SILENT };
    uint64_t ticket;
    if (!call->line.emergency || call->state != CALLER_TALKING)
        return;
    command.contact_silent.call = call->number;
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

void call_tick_sound(struct exchange *exchange, struct call *call)
{
    typing_tick(exchange, call);
    if (call->leave_ms != 0 && call->leave_ms <= exchange->mono_ms) {
        call->leave_ms = 0;
        caller_step(exchange, call, CALLER_RELEASE);
    } else if (call->resume_ms != 0 && call->resume_ms <= exchange->mono_ms) {
        char waiting[CALL_PROMPT_BYTES];
        const char *const again[] = { waiting, NULL };
        call_waiting_prompt(exchange, call, waiting);
        call->resume_ms = 0;
        if (call->state == CALLER_WAITING && call->media.channel != 0)
            media_channel_play(exchange->media, call->media.channel, again, 0);
    }
}
