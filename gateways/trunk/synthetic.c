/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/synthetic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

const char *synthetic_result_name(enum synthetic_result result)
{
    static const char *const names[SYNTHETIC_RESULTS] = { "ok", "refused", "no_answer",
                                                          "no_sound" };
    return names[result];
}

void synthetic_open(struct exchange *exchange, const struct exchange_settings *settings)
{
    exchange->synthetic_count = settings->synthetic_count;
    for (uint32_t i = 0; i < settings->synthetic_count; i++)
        (void)text_copy(exchange->synthetics[i].uri, sizeof exchange->synthetics[i].uri,
                        settings->synthetic[i]);
}

static struct synthetic *of_token(struct exchange *exchange, uint64_t token)
{
    uint64_t place = (token & 0xffff) - SYNTHETIC_TOKEN;
    struct synthetic *found =
        place < exchange->synthetic_count ? &exchange->synthetics[place] : NULL;
    return found && found->token == token ? found : NULL;
}

static void say(struct exchange *exchange, struct synthetic *call, const char *method)
{
    uint64_t transaction;
    struct sip_request request = { .method = method,
                                   .dialog = &call->dialog,
                                   .cseq = ++call->dialog.local_cseq };
    (void)stack_send(exchange->stack, &request, 0, &transaction);
}

static void finish(struct exchange *exchange, struct synthetic *call, enum synthetic_result result,
                   int status)
{
    uint64_t took_ms = exchange->mono_ms - call->begun_ms;
    call->results[result]++;
    call->token = 0;
    call->failed = result != SYNTHETIC_OK;
    call->next_ms =
        call->failed ? exchange->mono_ms + SYNTHETIC_AGAIN_MS : call->begun_ms + SYNTHETIC_EVERY_MS;
    leg_close_media(exchange, &call->media);
    if (call->failed) {
        log_error("synthetic call fails to=%s result=%s status=%d", call->uri,
                  synthetic_result_name(result), status);
        return;
    }
    call->good_ms = exchange->mono_ms;
    call->sound_ms = (uint32_t)took_ms;
}

static void begin(struct exchange *exchange, struct synthetic *call, uint32_t place)
{
    char body[CODECS_ANSWER_BYTES], contact[SIP_CONTACT_BYTES], own[96], call_id[40], tag[32];
    uint64_t random[2];
    bool six = strchr(exchange->address, ':') != NULL;
    call->token = ++exchange->serial << 16 | (SYNTHETIC_TOKEN + place);
    call->begun_ms = exchange->mono_ms;
    call->answered = false;
    randombytes_buf(random, sizeof random);
    (void)snprintf(call_id, sizeof call_id, "%016" PRIx64 "@yihao", random[0]);
    (void)snprintf(tag, sizeof tag, "s%016" PRIx64, random[1]);
    (void)snprintf(own, sizeof own, six ? "sip:synthetic@[%s]:%u" : "sip:synthetic@%s:%u",
                   exchange->address, (unsigned)stack_port(exchange->stack));
    dialog_to(&call->dialog, own, tag, call->uri, call_id);
    if (!leg_open_media(exchange, &call->media, call->token)) {
        finish(exchange, call, SYNTHETIC_NO_SOUND, 0);
        return;
    }
    leg_describe(exchange, &call->media, NULL, body);
    stack_contact(exchange->stack, &call->dialog.peer, false, contact);
    struct sip_request invite = { .method = "INVITE",
                                  .dialog = &call->dialog,
                                  .cseq = ++call->dialog.local_cseq,
                                  .contact = contact,
                                  .body = body };
    if (stack_send(exchange->stack, &invite, call->token, &call->invite) < 0)
        finish(exchange, call, SYNTHETIC_NO_ANSWER, 0);
}

bool synthetic_hear(struct exchange *exchange, uint64_t token, const struct sip_message *response)
{
    struct synthetic *call = of_token(exchange, token);
    int status = response ? response->status : 0;
    if (!call)
        return (token & 0xffff) >= SYNTHETIC_TOKEN &&
               !(token & TOKEN_PHONE); /* of one that is over */
    if (call->answered || (status > 0 && status < 200))
        return true;
    if (status == 0 || status >= 300) {
        finish(exchange, call, status ? SYNTHETIC_REFUSED : SYNTHETIC_NO_ANSWER, status);
        return true;
    }
    call->answered = true;
    call->answer_ms = (uint32_t)(exchange->mono_ms - call->begun_ms);
    dialog_from_answer(&call->dialog, response);
    if (!response->description ||
        codecs_read(&call->theirs, response->description, response->description_length) < 0 ||
        !leg_agrees(&call->media, &call->theirs)) {
        say(exchange, call, "BYE");
        finish(exchange, call, SYNTHETIC_NO_SOUND, status);
        return true;
    }
    leg_connect_media(exchange, &call->media, &call->theirs);
    media_channel_listen(exchange->media, call->media.channel);
    return true;
}

bool synthetic_hear_bye(struct exchange *exchange, const struct sip_message *request)
{
    for (uint32_t i = 0; i < exchange->synthetic_count; i++) {
        struct synthetic *call = &exchange->synthetics[i];
        if (call->token == 0 || request->method != SIP_BYE || !dialog_owns(&call->dialog, request))
            continue;
        finish(exchange, call, SYNTHETIC_NO_SOUND, 200);
        return true;
    }
    return false;
}

void synthetic_hear_tone(struct exchange *exchange, uint64_t token)
{
    struct synthetic *call = of_token(exchange, token);
    if (!call || !call->answered)
        return;
    say(exchange, call, "BYE");
    finish(exchange, call, SYNTHETIC_OK, 200);
}

void synthetic_tick(struct exchange *exchange)
{
    for (uint32_t i = 0; i < exchange->synthetic_count; i++) {
        struct synthetic *call = &exchange->synthetics[i];
        if (call->next_ms == 0) { /* the first turn */
            call->good_ms = exchange->mono_ms;
            call->next_ms = exchange->mono_ms + SYNTHETIC_FIRST_MS;
        } else if (call->token == 0 && call->next_ms <= exchange->mono_ms && !exchange->draining) {
            begin(exchange, call, i);
        } else if (call->token != 0 && call->begun_ms + SYNTHETIC_MOST_MS <= exchange->mono_ms) {
            if (call->answered)
                say(exchange, call, "BYE");
            else
                stack_cancel(exchange->stack, call->invite, false);
            finish(exchange, call, call->answered ? SYNTHETIC_NO_SOUND : SYNTHETIC_NO_ANSWER, 0);
        }
    }
}

bool exchange_synthetic(const struct exchange *exchange, uint32_t place,
                        struct synthetic_figures *figures)
{
    if (place >= exchange->synthetic_count)
        return false;
    const struct synthetic *call = &exchange->synthetics[place];
    uint64_t age_ms = exchange->mono_ms - call->good_ms;
    *figures = (struct synthetic_figures){ .uri = call->uri,
                                           .up = !call->failed && age_ms < SYNTHETIC_LATE_MS,
                                           .age_ms = age_ms,
                                           .answer_ms = call->answer_ms,
                                           .sound_ms = call->sound_ms };
    memcpy(figures->results, call->results, sizeof figures->results);
    return true;
}
