/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/story/switchboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char sdp[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n"
                   "t=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
int set_up_with(void **state, const struct exchange_settings *own)
{
    struct world *w = calloc(1, sizeof *w);
    struct exchange_settings settings = *own;
    settings.address = "192.0.2.1";
    settings.lines_path = "/nonexistent/lines";
    settings.first_call = FIRST_CALL;
    fake_link_first_call = FIRST_CALL - 1;
    assert_int_equal(registrar_open(&w->registrar, "/nonexistent/phones", "city"), 0);
    settings.registrar = w->registrar;
    w->exchange = exchange_create(&settings);
    w->stack = fake_stack_make(&exchange_stack_handlers, w->exchange);
    w->link = fake_link_make(&exchange_link_handlers, w->exchange);
    w->media = fake_media_make();
    exchange_connect(w->exchange, w->stack, w->link, w->media);
    w->now_ms = 1000;
    exchange_tick(w->exchange, w->now_ms, WALL_MS);
    *state = w;
    return 0;
}

int set_up(void **state)
{
    static const struct exchange_settings nothing = { .address = NULL };
    int status = set_up_with(state, &nothing);
    (void)transcript_take();
    return status;
}

int tear_down(void **state)
{
    struct world *w = *state;
    struct exchange_counts counts;
    exchange_release_all(w->exchange);
    fake_stack_ack_missing(w->stack, w->invite);
    fake_stack_answer(w->stack, 487, NULL);
    exchange_count(w->exchange, &counts);
    assert_int_equal(counts.calls_now, 0);
    assert_int_equal(counts.phones_now, 0);
    assert_int_equal(fake_media_open_channels(w->media), 0);
    stack_close(w->stack);
    link_close(w->link);
    media_close(w->media);
    exchange_destroy(w->exchange);
    registrar_close(w->registrar);
    free(w);
    (void)transcript_take();
    return 0;
}

void expect(const char *story)
{
    assert_string_equal(transcript_take(), story);
}

void wait_for(struct world *w, uint64_t ms)
{
    for (uint64_t i = 0; i < ms; i += EXCHANGE_TICK_MS) {
        w->now_ms += EXCHANGE_TICK_MS;
        exchange_tick(w->exchange, w->now_ms, WALL_MS + w->now_ms);
    }
}

struct sip_message message_of(struct world *w, enum sip_method method, const char *user)
{
    struct sip_message message = { .request = true, .method = method, .cseq = 1 };
    (void)text_copy(message.scheme, sizeof message.scheme, "sip");
    (void)text_copy(message.user, sizeof message.user, user);
    (void)text_copy(message.from.uri, sizeof message.from.uri, "sip:13800001111@192.0.2.7");
    (void)text_copy(message.from.user, sizeof message.from.user, "13800001111");
    (void)text_copy(message.from.tag, sizeof message.from.tag, "caller");
    (void)text_copy(message.to.uri, sizeof message.to.uri, "sip:110@192.0.2.1");
    (void)text_copy(message.contact, sizeof message.contact, "sip:caller@192.0.2.7");
    (void)snprintf(message.call_id, sizeof message.call_id, "call%d@test", w->callers);
    (void)text_copy(message.source.ip, sizeof message.source.ip, "192.0.2.7");
    message.source.port = 5060;
    return message;
}

void call_in(struct world *w, const char *user, const char *description)
{
    w->callers++;
    struct sip_message invite = message_of(w, SIP_INVITE, user);
    invite.description = description;
    invite.description_length = description ? strlen(description) : 0;
    w->invite = fake_stack_request(w->stack, &invite);
}

void inside(struct world *w, enum sip_method method, const char *tag, uint32_t cseq,
            const char *description)
{
    struct sip_message message = message_of(w, method, "yihao");
    (void)text_copy(message.to.tag, sizeof message.to.tag, tag);
    message.cseq = cseq;
    message.description = description;
    message.description_length = description ? strlen(description) : 0;
    (void)fake_stack_request(w->stack, &message);
}

void acknowledge(struct world *w, const char *description)
{
    struct sip_message ack = message_of(w, SIP_ACK, "yihao");
    ack.description = description;
    ack.description_length = description ? strlen(description) : 0;
    fake_stack_ack(w->stack, w->invite, &ack);
}

void caller_waits(struct world *w, const char *line)
{
    call_in(w, line, sdp);
    fake_link_outcome(w->link, REFUSAL_NONE);
    (void)transcript_take();
}

void offer(struct world *w, uint64_t number)
{
    fake_link_offer(w->link, number, 1, "sip:1001@192.0.2.9", false);
}

void both_talk(struct world *w)
{
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)transcript_take();
}
