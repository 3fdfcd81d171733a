/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The caller's leg: what the table of leg.h says, done. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

void caller_reply(struct exchange *exchange, struct call *call, int status, const char *body,
                  const char *headers)
{
    char contact[SIP_CONTACT_BYTES];
    stack_contact(exchange->stack, &call->dialog.peer, call->dialog.secure, contact);
    struct sip_reply reply = { .status = status,
                               .to_tag = call->dialog.local_tag,
                               .contact = status > 100 && status < 300 ? contact : NULL,
                               .headers = headers,
                               .body = body };
    (void)stack_reply(exchange->stack, call->invite, &reply);
}

/* RFC 3261 §8.2.6.1 allows a 100 at once; it says nothing but "do not send that again". */
static void do_trying(struct exchange *exchange, struct call *call)
{
    caller_reply(exchange, call, 100, NULL, NULL);
}

void caller_describe(const struct call *call, struct command *command, struct personal *personal)
{
    struct contact_arrive *arrive = &command->contact_arrive;
    arrive->call = call->number;
    arrive->line = call->line.number;
    arrive->channel = CHANNEL_VOICE;
    arrive->arrived_ms = call->arrived_ms;
    arrive->test = call->test;
    arrive->language = call->language;
    (void)text_copy(arrive->trunk, sizeof arrive->trunk, call->trunk);
    (void)text_copy(arrive->called, sizeof arrive->called, call->called);
    (void)text_copy(personal->number, sizeof personal->number, call->caller);
    (void)text_copy(personal->position, sizeof personal->position, call->place.position);
    (void)text_copy(personal->address, sizeof personal->address, call->place.address);
    (void)text_copy(personal->text, sizeof personal->text, call->place.words);
}

static void do_arrive(struct exchange *exchange, struct call *call)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    struct personal personal = { 0 };
    caller_describe(call, &command, &personal);
    bool known =
        personal.number[0] || personal.position[0] || personal.address[0] || personal.text[0];
    call->tries++;
    call->retry_ms = 0;
    if (exchange_report(exchange, &command, known ? &personal : NULL, &call->ticket) < 0) {
        call->ticket = 0;
        call->retry_ms = exchange->mono_ms + EXCHANGE_RETRY_MS;
    } else if (call->tries == 1) {
        call_report_place(exchange, call); /* behind it on the same way */
    }
}

static bool can_hear(const struct call *call)
{
    return call->has_offer && call->theirs.ip[0] != 0 && call->theirs.port != 0;
}

/* With a description we give early media, so that the caller hears the announcement; else 180 and
 * the carrier's own tone. */
static void do_progress(struct exchange *exchange, struct call *call)
{
    char body[CODECS_ANSWER_BYTES];
    call->refresh_ms = exchange->mono_ms + EXCHANGE_REFRESH_MS;
    bool offers = !call->has_offer && call->early.wanted; /* its answer comes in the PRACK */
    if (!(can_hear(call) || offers) || !leg_open_media(exchange, &call->media, call->token)) {
        early_say(exchange, call, 180, NULL);
        return;
    }
    leg_connect_media(exchange, &call->media, &call->theirs);
    leg_describe(exchange, &call->media, offers ? NULL : &call->theirs, body);
    early_say(exchange, call, 183, body);
}

static uint32_t local_day(uint64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    REQUIRE(localtime_r(&seconds, &parts));
    return (uint32_t)((parts.tm_year + 1900) * 10000 + (parts.tm_mon + 1) * 100 + parts.tm_mday);
}

static void recording_name(const struct call *call, char name[32])
{
    if (call->recorded_part)
        (void)snprintf(name, 32, "%" PRIu64 "-%" PRIu32, call->number, call->recorded_part);
    else
        (void)snprintf(name, 32, "%" PRIu64, call->number);
}

static void start_recording(struct exchange *exchange, struct call *call)
{
    char name[32];
    if (call->recording || call->media.channel == 0 || call->test)
        return;
    typing_begin(exchange, call);
    call->recording = true;
    call->recorded_ms = exchange->wall_ms;
    recording_name(call, name);
    media_record(exchange->media, call->media.channel, call->number, local_day(exchange->wall_ms),
                 name);
}

/* What those hear who wait and were welcomed, or were let go for a while. */
static void play_waiting(struct exchange *exchange, const struct call *call)
{
    char waiting[CALL_PROMPT_BYTES];
    const char *const names[] = { waiting, NULL };
    if (call->media.channel == 0)
        return;
    if (call->parked) {
        call_play_hold(exchange, call);
        return;
    }
    call_waiting_prompt(exchange, call, waiting);
    media_channel_play(exchange->media, call->media.channel, names, 0);
}

static void play_welcome(struct exchange *exchange, const struct call *call)
{
    char welcome[CALL_PROMPT_BYTES], waiting[CALL_PROMPT_BYTES];
    const char *const names[] = { welcome, waiting, NULL };
    call_prompt(exchange, call, "welcome", welcome);
    call_waiting_prompt(exchange, call, waiting);
    media_channel_play(exchange->media, call->media.channel, names, 0);
}

/* Who comes back from a phone is not welcomed again. */
void caller_play(struct exchange *exchange, struct call *call)
{
    if (call->media.channel == 0)
        return;
    start_recording(exchange, call);
    if (call->state == CALLER_WAITING)
        play_welcome(exchange, call);
    else
        play_waiting(exchange, call);
}

void caller_connect(struct exchange *exchange, struct call *call)
{
    char body[CODECS_ANSWER_BYTES], headers[256];
    bool sound = leg_open_media(exchange, &call->media, call->token);
    if (sound && !call->early.settled) {
        leg_connect_media(exchange, &call->media, &call->theirs);
        leg_describe(exchange, &call->media, call->has_offer ? &call->theirs : NULL, body);
    }
    caller_reply(exchange, call, 200, sound && !call->early.settled ? body : NULL,
                 session_headers(&call->session, headers, sizeof headers));
}

static void do_ok(struct exchange *exchange, struct call *call)
{
    if (!early_holds(exchange, call))
        caller_connect(exchange, call);
}

static void do_bridge(struct exchange *exchange, struct call *call)
{
    call->parked = false;
    start_recording(exchange, call);
    call_arrange(exchange, call);
}

static void do_bye(struct exchange *exchange, struct call *call)
{
    uint64_t transaction;
    struct sip_request bye = { .method = "BYE",
                               .dialog = &call->dialog,
                               .cseq = ++call->dialog.local_cseq,
                               .headers = "Reason: Q.850;cause=16\r\n" };
    (void)stack_send(exchange->stack, &bye, 0, &transaction);
}

static void do_report_end(struct exchange *exchange, struct call *call)
{
    struct command command = { .kind = COMMAND_CONTACT_END };
    uint64_t ticket;
    typing_end(exchange, call);
    if (call->retry_ms != 0 && !call->test) { /* it does not know of them yet */
        gone_take(exchange, call);
        return;
    }
    command.contact_end.call = call->number;
    command.contact_end.cause = call->cause;
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

/* kept NULL: all of them. */
static void drop_phones_but(struct exchange *exchange, struct call *call, struct phone *kept)
{
    call->phone = NULL;
    if (kept)
        kept->call = NULL; /* not while the others go */
    for (struct phone *phone = call_any_phone(exchange, call); phone;
         phone = call_any_phone(exchange, call)) {
        phone->call = NULL;
        phone->reported = true; /* the end of the call says it */
        phone_step(exchange, phone, phone->state == PHONE_TALKING ? PHONE_RELEASE : PHONE_WITHDRAW);
    }
    if (!kept)
        return;
    kept->call = call;
    call->phone = kept;
}

static void do_drop_phone(struct exchange *exchange, struct call *call)
{
    drop_phones_but(exchange, call, NULL);
}

static enum end_cause default_cause(enum caller_step step)
{
    switch (step) {
    case CALLER_CANCEL:
        return END_CAUSE_CANCELLED;
    case CALLER_BYE:
        return END_CAUSE_CALLER;
    case CALLER_ACK_MISSING:
        return END_CAUSE_MEDIA_LOST;
    case CALLER_INVITE:
    case CALLER_KEPT:
    case CALLER_REFUSE:
    case CALLER_CONNECT:
    case CALLER_PARK:
    case CALLER_ACK:
    case CALLER_RELEASE:
    case CALLER_STEP_COUNT:
        break;
    }
    return END_CAUSE_TAKER;
}

void caller_step(struct exchange *exchange, struct call *call, enum caller_step step)
{
    static const struct {
        enum caller_act act;
        void (*act_out)(struct exchange *exchange, struct call *call);
    } acts[] = { { CALLER_DO_TRYING, do_trying },
                 { CALLER_DO_ARRIVE, do_arrive },
                 { CALLER_DO_PROGRESS, do_progress },
                 { CALLER_DO_PLAY, caller_play },
                 { CALLER_DO_OK, do_ok },
                 { CALLER_DO_BRIDGE, do_bridge },
                 { CALLER_DO_BYE, do_bye },
                 { CALLER_DO_REPORT_END, do_report_end },
                 { CALLER_DO_DROP_PHONE, do_drop_phone } };
    struct leg_rule rule = caller_rule(call->state, step);
    if (rule.to == CALLER_NONE)
        return;
    call_touch(exchange, call);
    call->state = (enum caller_state)rule.to;
    if (call->cause == END_CAUSE_NONE && rule.acts & CALLER_DO_REPORT_END)
        call->cause = default_cause(step);
    if (call->cause == END_CAUSE_CALLER && rule.acts & CALLER_DO_GONE)
        call->cause = END_CAUSE_CANCELLED; /* BYE on an early dialog */
    if (rule.acts & CALLER_DO_GONE) {
        exchange->counts.cancelled++;
        caller_reply(exchange, call, 487, NULL, NULL);
    }
    if (rule.acts & CALLER_DO_DENY)
        caller_reply(exchange, call, call->deny_status ? call->deny_status : 480, NULL, NULL);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (rule.acts & acts[i].act)
            acts[i].act_out(exchange, call);
    if (rule.acts & CALLER_DO_CLOSE) {
        log_info("end call=%" PRIu64 " cause=%s", call->number, end_cause_name(call->cause));
        hearing_end(exchange, call, NULL);
        leg_close_media(exchange, &call->media);
        call_give(exchange, call);
    }
}

/* The first part lies on the twin's machine, under the call's number; here a file of its own begins. */
static void resume_recording(struct exchange *exchange, struct call *call)
{
    char name[32];
    if (!call->recording || call->media.channel == 0)
        return;
    if (exchange->origin.generation != 0) {
        call->recorded_part = (uint32_t)exchange->origin.generation;
        call->recording = false;
        start_recording(exchange, call);
        return;
    }
    recording_name(call, name);
    media_record_on(exchange->media, call->media.channel, call->number,
                    local_day(call->recorded_ms), name, call->recorded_ms);
}

void caller_resume(struct exchange *exchange, struct call *call)
{
    bool alone = !call->phone || call->phone->state != PHONE_TALKING;
    if (call->asked)
        media_channel_heed(exchange->media, call->media.channel, true);
    typing_begin(exchange, call);
    resume_recording(exchange, call);
    if (call->state == CALLER_ARRIVING)
        do_arrive(exchange, call);
    if (call->state == CALLER_WAITING)
        do_progress(exchange, call);
    if (call->state == CALLER_ANSWERED || call->state == CALLER_LEAVING)
        do_ok(exchange, call); /* again, until the ACK comes */
    if (call->state != CALLER_ARRIVING && call->state != CALLER_LEAVING && alone)
        play_waiting(exchange, call);
    call_arrange(exchange, call);
}

void caller_begin_anew(struct exchange *exchange, struct call *call)
{
    struct phone *talks = call->phone && call->phone->state == PHONE_TALKING ? call->phone : NULL;
    log_warn("call=%" PRIu64 " is over for the dispatcher, and its caller is here: call=%" PRIu64
             " begins",
             call->number, exchange->next_number);
    drop_phones_but(exchange, call, talks);
    if (call->asked)
        media_channel_heed(exchange->media, call->media.channel, false);
    call->number = exchange->next_number++;
    call->cause = END_CAUSE_NONE;
    call->transferring = call->held = call->hears_hold = call->sender_gone = call->asked = false;
    call->muted = call->parked = false;
    call->recording = false;
    call->talk.answered_ms = 0;
    call_touch(exchange, call);
    call_arrange(exchange, call);
    start_recording(exchange, call);
    if (!talks)
        play_waiting(exchange, call);
    do_arrive(exchange, call);
    if (talks)
        alone_report(exchange, talks);
}

void caller_report_again(struct exchange *exchange, struct call *call)
{
    const struct phone *phone = call->phone;
    do_arrive(exchange, call);
    if (phone && phone->state == PHONE_TALKING && phone_is_planned(phone))
        alone_report(exchange, phone); /* what was said of it before was refused with the arrival */
}

void caller_refresh(struct exchange *exchange, struct call *call)
{
    do_progress(exchange, call);
}

void caller_hear_invite(struct exchange *exchange, struct call *call, uint64_t transaction,
                        const struct sip_message *invite)
{
    char headers[256];
    if (leg_refuses(exchange, &call->media, transaction, invite))
        return;
    dialog_retarget(&call->dialog, invite);
    session_hear_request(exchange, &call->session, invite);
    stack_own(exchange->stack, transaction, call->token);
    leg_renegotiate(exchange, &call->media, &call->theirs, transaction, invite,
                    session_headers(&call->session, headers, sizeof headers));
}
