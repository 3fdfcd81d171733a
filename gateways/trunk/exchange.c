/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/call.h"
#include "gateways/trunk/tongue.h"

static const char allow[] = SESSION_ALLOW;

enum {
    ADVICE_BYTES = 512
};

/* ---- places ------------------------------------------------------------------------------------ */

static struct call *call_of(struct exchange *exchange, uint64_t token)
{
    uint64_t place = token & TOKEN_PLACE;
    if (token & TOKEN_PHONE || place >= EXCHANGE_CALLS_MAX)
        return NULL;
    if (token == 0 || exchange->calls[place].token != token)
        return NULL;
    call_touch(exchange, &exchange->calls[place]);
    return &exchange->calls[place];
}

static struct phone *phone_of(struct exchange *exchange, uint64_t token)
{
    uint64_t place = token & TOKEN_PLACE;
    if (!(token & TOKEN_PHONE) || place >= EXCHANGE_PHONES_MAX)
        return NULL;
    if (exchange->phones[place].token != token)
        return NULL;
    phone_touch(exchange, &exchange->phones[place]);
    return &exchange->phones[place];
}

struct call *call_take(struct exchange *exchange)
{
    for (uint64_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        struct call *call = &exchange->calls[i];
        if (call->token != 0)
            continue;
        memset(call, 0, sizeof *call);
        call->token = ++exchange->serial << 16 | i;
        call->number = exchange->next_number++;
        exchange->call_count++;
        return call;
    }
    return NULL;
}

void call_give(struct exchange *exchange, struct call *call)
{
    keep_nothing(exchange, KEPT_CALL, call->token);
    keep_nothing(exchange, KEPT_INVITE, call->token);
    if (call->carrier)
        call->carrier->calls--;
    call->carrier = NULL;
    call->token = 0;
    call->state = CALLER_NONE;
    exchange->call_count--;
}

struct phone *phone_take(struct exchange *exchange)
{
    for (uint64_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (phone->token != 0)
            continue;
        memset(phone, 0, sizeof *phone);
        phone->token = ++exchange->serial << 16 | TOKEN_PHONE | i;
        exchange->phone_count++;
        return phone;
    }
    return NULL;
}

void phone_give(struct exchange *exchange, struct phone *phone)
{
    keep_nothing(exchange, KEPT_PHONE, phone->token);
    phone->token = 0;
    phone->state = PHONE_NONE;
    exchange->phone_count--;
}

int exchange_report(struct exchange *exchange, const struct command *command,
                    const struct personal *personal, uint64_t *ticket)
{
    int status = link_submit(exchange->link, command, personal, NULL, 0, ticket);
    if (status < 0) {
        exchange->counts.reports_lost++;
        log_error("cannot submit kind=%d: %s", (int)command->kind, strerror(-status));
    }
    return status;
}

/* ---- an INVITE that begins a call -------------------------------------------------------------- */

void exchange_reply(struct exchange *exchange, uint64_t transaction, int status,
                    const char *headers)
{
    struct sip_reply reply = { .status = status, .to_tag = "yihao", .headers = headers };
    (void)stack_reply(exchange->stack, transaction, &reply);
}

/* The header that tells a refused one what would do instead; NULL: none. */
static const char *advice_of(int status, const struct sip_message *request, char *line, size_t size)
{
    switch (status) {
    case 417:
        (void)snprintf(line, size, "Accept-Resource-Priority: %s\r\n", precedence_known);
        return line;
    case 415:
        return "Accept: application/sdp, multipart/mixed\r\n";
    case 422:
        return "Min-SE: 90\r\n";
    case 420:
        (void)snprintf(line, size, "Unsupported: %s\r\n", request->require);
        return line;
    case 503:
        return "Retry-After: 5\r\n";
    default:
        return NULL;
    }
}

static void deny(struct exchange *exchange, uint64_t transaction, const struct sip_message *invite,
                 int status)
{
    char line[ADVICE_BYTES];
    if (log_allowed(&exchange->deny_lines))
        log_warn("deny call source=%s called=%s status=%d", invite->source.ip, invite->user,
                 status);
    exchange_reply(exchange, transaction, status, advice_of(status, invite, line, sizeof line));
}

static bool is_scheme_known(const char *scheme)
{
    static const char *const known[] = { "sip", "sips", "tel", "urn" };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(known[i], scheme) == 0)
            return true;
    return false;
}

/* RFC 3261 §8.2.2: what is asked of us that we cannot do; 0: nothing. */
static int inspect(const struct sip_message *request)
{
    if (!is_scheme_known(request->scheme))
        return 416;
    if (request->require[0])
        return 420;
    if (request->precedence_unknown)
        return 417;
    if (session_is_short(request))
        return 422;
    return request->strange ? 415 : 0;
}

/* The number as the carrier asserts it (RFC 3325, from listed networks only), else From. */
static void copy_caller(struct call *call, const struct sip_message *invite, bool trusted)
{
    char plain[CARRIER_NUMBER_BYTES];
    const char *number = trusted && invite->identity[0] ? invite->identity : invite->from.user;
    if (strcasecmp(number, "anonymous") == 0 || strcasecmp(number, "unavailable") == 0 ||
        strcasecmp(number, "unknown") == 0)
        number = "";
    if (call->carrier) {
        carrier_number(call->carrier, number, plain);
        number = plain;
    }
    if (!text_copy(call->caller, sizeof call->caller, number))
        call->caller[0] = 0;
}

static void read_offer(struct exchange *exchange, struct call *call,
                       const struct sip_message *invite)
{
    memset(&call->theirs, 0, sizeof call->theirs);
    call->theirs.a_law = call->theirs.mu_law = call->theirs.g722 = CODECS_NONE;
    call->theirs.opus = call->theirs.events = call->theirs.audio_at = CODECS_NONE;
    call->theirs.text_at = call->theirs.t140 = call->theirs.red = CODECS_NONE;
    call->media.texts = call->line.emergency;
    call->has_offer = invite->description != NULL;
    if (call->has_offer &&
        codecs_read(&call->theirs, invite->description, invite->description_length) < 0)
        exchange->counts.no_media++;
}

/* Why the call cannot begin: a status, or 0. */
static int refusal_of(struct exchange *exchange, const struct sip_message *invite,
                      const struct line *line, struct carrier *carrier)
{
    int wrong = invite->flaw ? invite->flaw : inspect(invite);
    if (wrong != 0 && (!line || !line->emergency))
        return wrong;
    if (!line) {
        exchange->counts.unknown_line++;
        return 404;
    }
    if (carrier && !line->emergency && (carrier->drained || carrier_is_full(carrier))) {
        carrier->full += !carrier->drained;
        return 503;
    }
    uint32_t limit = line->emergency ? EXCHANGE_CALLS_MAX : EXCHANGE_ORDINARY_MAX;
    if (exchange->draining || exchange->call_count >= limit) {
        exchange->counts.full++;
        return 503;
    }
    struct codecs codecs;
    if (!line->emergency && invite->description &&
        (codecs_read(&codecs, invite->description, invite->description_length) < 0 ||
         !codecs_match(&codecs) || (carrier && carrier->secured && !codecs.secured))) {
        exchange->counts.no_media++;
        return 488;
    }
    return 0;
}

/* What the line is for; or what its carrier says of the caller, when the city trusts that. */
static enum language language_of(const struct line *line, const struct sip_message *invite)
{
    enum language asked =
        line->header_language ? tongue_of(invite->accept_language) : LANGUAGE_NONE;
    return asked ? asked : line->language;
}

static bool is_listed(struct exchange *exchange, const struct wire_peer *source)
{
    return exchange->sources.count + exchange->carrier_count == 0 ||
           sources_find(&exchange->sources, source->ip) || carriers_find(exchange, source);
}

/* Who may not call in costs no memory; whoever looks for holes hears nothing; whoever cries for help is taken. */
static int hear_stranger(void *owner, const struct sip_message *request)
{
    struct exchange *exchange = owner;
    if (is_listed(exchange, &request->source))
        return 0;
    if (request->scanner)
        return STACK_SILENCE;
    if (request->method != SIP_INVITE)
        return 0;
    bool test;
    const struct line *line =
        dial_plan_test(&exchange->plan, request->scheme, request->user, &test);
    if (line && line->emergency && !test)
        return strangers_hear(exchange, request);
    exchange->counts.unlisted_source++;
    if (log_allowed(&exchange->deny_lines))
        log_warn("deny call source=%s called=%s: not a listed source", request->source.ip,
                 request->user);
    return 403;
}

static void hear_new_invite(struct exchange *exchange, uint64_t transaction,
                            const struct sip_message *invite)
{
    bool test;
    const struct line *line = dial_plan_test(&exchange->plan, invite->scheme, invite->user, &test);
    struct carrier *carrier = carriers_find(exchange, &invite->source);
    bool source = carrier || sources_find(&exchange->sources, invite->source.ip);
    int status = refusal_of(exchange, invite, line, carrier);
    if (status != 0) {
        if (status == 503 && line && !test && !exchange->draining && !(carrier && carrier->drained))
            turned_away_count(exchange, line->number);
        deny(exchange, transaction, invite, status);
        return;
    }
    struct call *call = call_take(exchange);
    REQUIRE(call);
    uint64_t random;
    char tag[32];
    randombytes_buf(&random, sizeof random);
    (void)snprintf(tag, sizeof tag, "c%04x%016" PRIx64, (unsigned)(call->token & TOKEN_PLACE),
                   random);
    call->line = *line;
    call->carrier = carrier;
    if (carrier) {
        carrier->calls++;
        carrier->calls_total++;
    }
    call->language = language_of(line, invite);
    call->invite = transaction;
    call->test = test;
    call->arrived_ms = exchange->wall_ms;
    call->stranger = !is_listed(exchange, &invite->source);
    dialog_from_invite(&call->dialog, invite, tag);
    copy_caller(call, invite, source);
    call->early.wanted = invite->reliable;
    call->early.cseq = invite->cseq;
    session_hear_request(exchange, &call->session, invite);
    read_offer(exchange, call, invite);
    call->media.secured = carrier && carrier->secured && (!call->has_offer || call->theirs.secured);
    call_take_place(call, invite);
    if (call->stranger)
        strangers_doubt(call);
    else
        (void)text_copy(call->trunk, sizeof call->trunk,
                        carrier ? carrier->settings.name : invite->source.ip);
    const char *called = source && invite->first_called[0] ? invite->first_called : invite->user;
    if (!text_copy(call->called, sizeof call->called, called))
        (void)snprintf(call->called, sizeof call->called, "%" PRIu32, line->number);
    stack_own(exchange->stack, transaction, call->token);
    keep_invite(exchange, call);
    exchange->counts.calls++;
    log_info("arrive call=%" PRIu64 " line=%" PRIu32 " source=%s", call->number, line->number,
             invite->source.ip);
    caller_step(exchange, call, CALLER_INVITE);
}

/* ---- other requests ---------------------------------------------------------------------------- */

static struct call *call_of_dialog(struct exchange *exchange, const struct sip_message *request)
{
    char digits[5];
    if (request->to.tag[0] != 'c' || strlen(request->to.tag) != 21)
        return NULL;
    memcpy(digits, request->to.tag + 1, 4);
    digits[4] = 0;
    unsigned long place = strtoul(digits, NULL, 16);
    if (place >= EXCHANGE_CALLS_MAX)
        return NULL;
    struct call *call = &exchange->calls[place];
    if (call->token == 0 || !dialog_owns(&call->dialog, request))
        return NULL;
    call_touch(exchange, call);
    return call;
}

static struct phone *phone_of_dialog(struct exchange *exchange, const struct sip_message *request)
{
    if (request->to.tag[0] != 'p')
        return NULL;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].token != 0 && dialog_owns(&exchange->phones[i].dialog, request)) {
            phone_touch(exchange, &exchange->phones[i]);
            return &exchange->phones[i];
        }
    return NULL;
}

/* RFC 3311: as a re-INVITE, but also before the answer. An offer that crosses one of ours is 491. */
static void hear_update(struct exchange *exchange, struct call *call, struct phone *phone,
                        uint64_t transaction, const struct sip_message *update)
{
    char headers[256];
    bool crosses = call ? call->state != CALLER_TALKING && !call->has_offer && !call->early.settled
                        : phone->state != PHONE_TALKING;
    if (update->description && crosses) {
        exchange_reply(exchange, transaction, 491, NULL);
    } else if (update->description && call) {
        caller_hear_invite(exchange, call, transaction, update);
    } else if (update->description) {
        phone_hear_invite(exchange, phone, transaction, update);
    } else {
        struct session *session = call ? &call->session : &phone->session;
        dialog_retarget(call ? &call->dialog : &phone->dialog, update);
        session_hear_request(exchange, session, update);
        exchange_reply(exchange, transaction, 200,
                       session_headers(session, headers, sizeof headers));
    }
}

/* A request inside a dialog. RFC 3261 §12.2.2: an unknown one is 481, an old CSeq 500. */
static void hear_inside(struct exchange *exchange, uint64_t transaction,
                        const struct sip_message *request)
{
    struct call *call = call_of_dialog(exchange, request);
    struct phone *phone = call ? NULL : phone_of_dialog(exchange, request);
    if (!call && !phone) {
        bool known = synthetic_hear_bye(exchange, request);
        exchange_reply(exchange, transaction, known ? 200 : 481, NULL);
        return;
    }
    if (!dialog_take_cseq(call ? &call->dialog : &phone->dialog, request)) {
        exchange_reply(exchange, transaction, 500, NULL);
        return;
    }
    switch (request->method) {
    case SIP_BYE:
        exchange_reply(exchange, transaction, 200, NULL);
        if (request->reason[0])
            log_info("hung up call=%" PRIu64 " reason=%s",
                     call          ? call->number
                     : phone->call ? phone->call->number
                                   : 0,
                     request->reason);
        if (call)
            caller_step(exchange, call, CALLER_BYE);
        else
            phone_step(exchange, phone, PHONE_BYE);
        return;
    case SIP_INVITE:
        /* RFC 3261 §14.2: one offer at a time. */
        if (session_crosses(call ? &call->session : &phone->session) ||
            (call ? call->state != CALLER_TALKING : phone->state != PHONE_TALKING))
            exchange_reply(exchange, transaction, 491, NULL);
        else if (call)
            caller_hear_invite(exchange, call, transaction, request);
        else
            phone_hear_invite(exchange, phone, transaction, request);
        return;
    case SIP_OPTIONS:
        exchange_reply(exchange, transaction, 200, allow);
        return;
    case SIP_PRACK:
        if (call)
            early_hear_prack(exchange, call, transaction, request);
        else
            exchange_reply(exchange, transaction, 481, NULL);
        return;
    case SIP_UPDATE:
        hear_update(exchange, call, phone, transaction, request);
        return;
    case SIP_INFO:
        call_hear_info(exchange, call, transaction, request);
        return;
    case SIP_REFER:
        refer_hear(exchange, call, phone, transaction, request);
        return;
    case SIP_NOTIFY:
        refer_out_hear_notice(exchange, call, transaction, request);
        return;
    case SIP_ACK:
    case SIP_CANCEL:
    case SIP_REGISTER:
    case SIP_KNOWN_UNSUPPORTED:
        exchange_reply(exchange, transaction, 405, allow);
        return;
    case SIP_UNKNOWN:
        exchange_reply(exchange, transaction, 501, allow);
        return;
    }
}

/* Also of what we would heed (RFC 4412 §3.2): nobody has to try. */
static void answer_options(struct exchange *exchange, uint64_t transaction, int status)
{
    char headers[sizeof allow + ADVICE_BYTES];
    (void)snprintf(headers, sizeof headers, "%sAccept-Resource-Priority: %s\r\n", allow,
                   precedence_known);
    exchange_reply(exchange, transaction, status, headers);
}

/* Carriers ask so whether we live. */
static void hear_options(struct exchange *exchange, uint64_t transaction,
                         const struct sip_message *request)
{
    char line[ADVICE_BYTES];
    int wrong = inspect(request);
    const struct carrier *carrier = carriers_find(exchange, &request->source);
    bool drains = exchange->draining || (carrier && carrier->drained);
    if (wrong != 0)
        exchange_reply(exchange, transaction, wrong, advice_of(wrong, request, line, sizeof line));
    else
        answer_options(exchange, transaction, drains ? 503 : 200);
}

static void hear_request(void *owner, uint64_t transaction, const struct sip_message *request)
{
    struct exchange *exchange = owner;
    if (request->to.tag[0] != 0 && request->method != SIP_REGISTER) {
        hear_inside(exchange, transaction, request);
        return;
    }
    switch (request->method) {
    case SIP_INVITE:
        if (request->replacing)
            replaces_hear(exchange, transaction, request);
        else
            hear_new_invite(exchange, transaction, request);
        return;
    case SIP_REFER: /* calls that nobody is in: whoever asks that wants them made at our cost */
        exchange_reply(exchange, transaction, 603, NULL);
        return;
    case SIP_OPTIONS:
        hear_options(exchange, transaction, request);
        return;
    case SIP_REGISTER:
        registers_hear(exchange, transaction, request);
        return;
    case SIP_BYE:
    case SIP_PRACK:
    case SIP_UPDATE:
    case SIP_INFO:
    case SIP_NOTIFY:
        exchange_reply(exchange, transaction, 481, NULL);
        return;
    case SIP_ACK:
    case SIP_CANCEL:
    case SIP_KNOWN_UNSUPPORTED:
        exchange_reply(exchange, transaction, 405, allow);
        return;
    case SIP_UNKNOWN:
        exchange_reply(exchange, transaction, 501, allow);
        return;
    }
}

/* ---- the stack's other words ------------------------------------------------------------------- */

static void hear_cancel(void *owner, uint64_t token)
{
    struct call *call = call_of(owner, token);
    if (call)
        caller_step(owner, call, CALLER_CANCEL);
}

static void hear_ack(void *owner, uint64_t token, const struct sip_message *ack)
{
    struct exchange *exchange = owner;
    struct call *call = call_of(exchange, token);
    struct phone *phone = phone_of(exchange, token);
    if (call) {
        leg_hear_answer(exchange, &call->media, &call->theirs, ack);
        caller_step(exchange, call, CALLER_ACK);
    } else if (phone) {
        leg_hear_answer(exchange, &phone->media, &phone->theirs, ack);
    }
}

static void hear_ack_missing(void *owner, uint64_t token)
{
    struct call *call = call_of(owner, token);
    if (call)
        caller_step(owner, call, CALLER_ACK_MISSING);
}

static void hear_response(void *owner, uint64_t token, const struct sip_message *response)
{
    struct call *call = call_of(owner, token);
    struct phone *phone = phone_of(owner, token);
    if (!call && !phone && synthetic_hear(owner, token, response))
        return;
    if (!call && !phone && response->method == SIP_REGISTER)
        carriers_hear_register(owner, token, response);
    else if (!call && !phone)
        carriers_hear(owner, token, response->status);
    else if (response->method == SIP_OPTIONS && (call || phone))
        life_hear_answer(owner, call, phone, response->status);
    else if (call && response->method == SIP_REFER)
        refer_out_hear(owner, call, response->status);
    else if (call || (phone && response->method == SIP_UPDATE))
        session_hear_refreshed(owner, phone ? phone->call : call, phone, response);
    else if (phone)
        phone_hear_response(owner, phone, response);
}

static void hear_failed(void *owner, uint64_t token)
{
    struct phone *phone = phone_of(owner, token);
    if (!phone && synthetic_hear(owner, token, NULL))
        return;
    carriers_hear(owner, token, 0);
    carriers_hear_register(owner, token, NULL);
    if (!phone || phone->state == PHONE_TALKING) /* then it was a question that life.c gave up */
        return;
    phone->fail_cause = OFFER_END_PHONE_FAILED;
    phone_step(owner, phone, PHONE_REFUSE);
}

/* We called: its tags are the other way round. */
static bool hear_known(void *owner, const struct sip_message *answer)
{
    const struct exchange *exchange = owner;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        const struct phone *phone = &exchange->phones[i];
        if (phone->token != 0 && strcmp(phone->dialog.local_tag, answer->from.tag) == 0 &&
            strcmp(phone->dialog.remote_tag, answer->to.tag) == 0 &&
            strcmp(phone->dialog.call_id, answer->call_id) == 0)
            return true;
    }
    return false;
}

const struct stack_handlers exchange_stack_handlers = { .stranger = hear_stranger,
                                                        .request = hear_request,
                                                        .cancel = hear_cancel,
                                                        .ack = hear_ack,
                                                        .ack_missing = hear_ack_missing,
                                                        .response = hear_response,
                                                        .failed = hear_failed,
                                                        .known = hear_known };

/* ---- sound ------------------------------------------------------------------------------------- */

/* Sound stopped, or is back. Who it belongs to is asked before anything is believed. */
static void hear_quiet(struct exchange *exchange, const struct media_event *event)
{
    struct call *call = call_of(exchange, event->owner);
    struct phone *phone = phone_of(exchange, event->owner);
    if (call || phone)
        life_hear_quiet(call, phone, event->kind == MEDIA_LOST, event->sounded);
}

void exchange_hear_media(struct exchange *exchange, const struct media_event *event)
{
    switch (event->kind) {
    case MEDIA_DIGIT:
        if (call_of(exchange, event->owner))
            call_hear_digit(exchange, call_of(exchange, event->owner), event->digit,
                            KEY_FROM_SOUND);
        return;
    case MEDIA_SECURED:
        leg_hear_secured(exchange, event);
        return;
    case MEDIA_TYPED:
        if (call_of(exchange, event->owner))
            typing_hear(exchange, call_of(exchange, event->owner), event);
        return;
    case MEDIA_STILL:
        if (call_of(exchange, event->owner))
            call_hear_still(exchange, call_of(exchange, event->owner));
        return;
    case MEDIA_TONE:
        synthetic_hear_tone(exchange, event->owner);
        return;
    case MEDIA_LOST:
    case MEDIA_BACK:
        hear_quiet(exchange, event);
        return;
    case MEDIA_RECORDED:
        hearing_recorded(exchange, event);
        return;
    case MEDIA_RECORD_FAILED:
        exchange->counts.recordings_failed++;
        log_error("recording failed call=%" PRIu64, event->owner);
        return;
    }
}

/* ---- time -------------------------------------------------------------------------------------- */

static void tick_call(struct exchange *exchange, struct call *call)
{
    uint64_t now = exchange->mono_ms;
    if (call->retry_ms != 0 && call->retry_ms <= now) {
        if (call_may_be_refused(call) && call->tries >= EXCHANGE_ORDINARY_TRIES) {
            call->deny_status = 503;
            turned_away_count(exchange, call->line.number);
            caller_step(exchange, call, CALLER_REFUSE);
        } else {
            caller_report_again(exchange, call);
        }
    } else if (call->state == CALLER_WAITING && call->refresh_ms <= now) {
        caller_refresh(exchange, call);
    }
    early_tick(exchange, call);
    call_tick_sound(exchange, call);
    if (call->token != 0)
        life_tick(exchange, call, NULL);
    if (call->token != 0)
        session_tick(exchange, call, NULL);
    if (call->token != 0)
        hearing_tick(exchange, call, NULL);
}

void exchange_tick(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms)
{
    exchange->mono_ms = mono_ms;
    exchange->wall_ms = wall_ms;
    if (mono_ms < exchange->next_tick_ms)
        return;
    exchange->next_tick_ms = mono_ms + EXCHANGE_TICK_MS;
    media_tick(exchange->media);
    carriers_tick(exchange);
    alone_tick(exchange);
    synthetic_tick(exchange);
    gone_tick(exchange);
    turned_away_tick(exchange);
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++)
        if (exchange->calls[i].token != 0)
            tick_call(exchange, &exchange->calls[i]);
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (phone->token != 0 && phone->state == PHONE_TALKING) {
            life_tick(exchange, phone->call, phone);
            if (phone->token != 0)
                session_tick(exchange, phone->call, phone);
            if (phone->token != 0)
                hearing_tick(exchange, phone->call, phone);
            if (phone->token != 0)
                refer_tick(exchange, phone);
        } else if (phone->token != 0 && phone->give_up_ms <= mono_ms) {
            phone->fail_cause = OFFER_END_UNANSWERED;
            phone_step(exchange, phone, PHONE_EXPIRE);
        }
    }
}

/* ---- life -------------------------------------------------------------------------------------- */

struct exchange *exchange_create(const struct exchange_settings *settings)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    (void)text_copy(exchange->address, sizeof exchange->address, settings->address);
    exchange->lines_path = settings->lines_path;
    exchange->sources = settings->sources;
    exchange->registrar = settings->registrar;
    exchange->next_number = settings->first_call;
    exchange->carrier_count = settings->carrier_count;
    exchange->drained_path = settings->drained_path;
    exchange->phones_secured = settings->phones_secured || settings->phones_dtls;
    exchange->phones_dtls = settings->phones_dtls;
    synthetic_open(exchange, settings);
    for (uint32_t i = 0; i < settings->carrier_count; i++)
        carriers_open(&exchange->carriers[i], &settings->carriers[i], settings->passwords_path);
    int status = dial_plan_read(&exchange->plan, settings->lines_path);
    if (status < 0) {
        log_warn("no lines file=%s (%s): the national numbers hold", settings->lines_path,
                 strerror(-status));
        dial_plan_default(&exchange->plan);
    }
    return exchange;
}

void exchange_destroy(struct exchange *exchange)
{
    free(exchange);
}

void exchange_connect(struct exchange *exchange, struct stack *stack, struct link *link,
                      struct media *media)
{
    exchange->stack = stack;
    exchange->link = link;
    exchange->media = media;
}

void exchange_drain(struct exchange *exchange)
{
    exchange->draining = true;
}

void exchange_release_all(struct exchange *exchange)
{
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        struct call *call = &exchange->calls[i];
        if (call->token == 0)
            continue;
        call->cause = END_CAUSE_GATEWAY_LOST;
        call->deny_status = 503;
        caller_step(exchange, call, CALLER_RELEASE);
    }
}

uint32_t exchange_calls(const struct exchange *exchange)
{
    return exchange->call_count;
}

void exchange_count(const struct exchange *exchange, struct exchange_counts *counts)
{
    *counts = exchange->counts;
    counts->calls_now = exchange->call_count;
    counts->phones_now = exchange->phone_count;
    counts->alone = exchange->alone;
}
