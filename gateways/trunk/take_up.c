/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What outlives the process, and how the next one goes on with it. A call is kept when it changed; a
 * change that only the dispatcher or the other side knows (killed between the two) heals by itself: they
 * say it again, or take what we say for a repetition. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/require.h"
#include "gateways/trunk/call.h"
#include "gateways/trunk/kept_table.h"

enum {
    HEAD_BYTES = 6144, /* of an INVITE, without what its answers do not repeat */
    CSEQ_AHEAD =
        100 /* of requests that were sent and not kept any more (RFC 3261 §12.2.1.1: it rises) */
};

_Static_assert((int)HEAD_BYTES <= (int)KEPT_BODY_MAX, "a head fits into a record");

int exchange_open_kept(struct kept **kept, const char *path)
{
    const struct kept_shape shapes[KEPT_KIND_COUNT] = {
        [KEPT_CALL] = { EXCHANGE_CALLS_MAX, kept_table_bytes(kept_call_fields),
                        kept_table_layout(kept_call_fields) },
        [KEPT_PHONE] = { EXCHANGE_PHONES_MAX, kept_table_bytes(kept_phone_fields),
                         kept_table_layout(kept_phone_fields) },
        [KEPT_INVITE] = { EXCHANGE_CALLS_MAX, HEAD_BYTES, 1 },
        [KEPT_GONE] = { GONE_MAX, kept_table_bytes(kept_gone_fields),
                        kept_table_layout(kept_gone_fields) },
    };
    return kept_open(kept, path, shapes);
}

/* ---- keeping ----------------------------------------------------------------------------------- */

/* Its INVITE has not got its last answer, or that has not been acknowledged. */
static bool is_open(const struct call *call)
{
    return call->state == CALLER_ARRIVING || call->state == CALLER_WAITING ||
           call->state == CALLER_ANSWERED || call->state == CALLER_LEAVING;
}

static uint32_t place_of(uint64_t token)
{
    return (uint32_t)(token & TOKEN_PLACE);
}

static void keep_call(struct exchange *exchange, struct call *call)
{
    uint8_t body[KEPT_BODY_MAX];
    call->phone_offer = call->phone ? call->phone->offer : 0;
    size_t size = kept_pack(kept_call_fields, call, body);
    kept_write(exchange->kept, KEPT_CALL, place_of(call->token), body, size);
    if (!is_open(call))
        kept_clear(exchange->kept, KEPT_INVITE, place_of(call->token));
}

static void keep_phone(struct exchange *exchange, struct phone *phone)
{
    uint8_t body[KEPT_BODY_MAX];
    phone->call_number = phone->call ? phone->call->number : 0;
    size_t size = kept_pack(kept_phone_fields, phone, body);
    kept_write(exchange->kept, KEPT_PHONE, place_of(phone->token), body, size);
}

void exchange_keep(struct exchange *exchange)
{
    for (uint32_t i = 0; i < TOUCH_WORDS; i++) {
        for (uint64_t calls = exchange->touched[0][i]; calls; calls &= calls - 1) {
            struct call *call = &exchange->calls[i * 64 + (uint32_t)__builtin_ctzll(calls)];
            if (call->token != 0 && exchange->kept)
                keep_call(exchange, call);
        }
        for (uint64_t phones = exchange->touched[1][i]; phones; phones &= phones - 1) {
            struct phone *phone = &exchange->phones[i * 64 + (uint32_t)__builtin_ctzll(phones)];
            if (phone->token != 0 && exchange->kept)
                keep_phone(exchange, phone);
        }
        exchange->touched[0][i] = exchange->touched[1][i] = 0;
    }
    if (exchange->kept)
        kept_beat(exchange->kept, exchange->wall_ms);
}

void keep_invite(struct exchange *exchange, const struct call *call)
{
    char head[HEAD_BYTES];
    if (!exchange->kept)
        return;
    size_t length = stack_head(exchange->stack, call->invite, head, sizeof head);
    if (length > 0)
        kept_write(exchange->kept, KEPT_INVITE, place_of(call->token), (const uint8_t *)head,
                   length);
    else
        kept_clear(exchange->kept, KEPT_INVITE, place_of(call->token));
}

void keep_nothing(struct exchange *exchange, enum kept_kind kind, uint64_t token)
{
    if (exchange->kept)
        kept_clear(exchange->kept, kind, place_of(token));
}

/* ---- taking up --------------------------------------------------------------------------------- */

/* A monotonic time of another machine becomes ours; 0 says "none" on both. */
static void shift(const struct exchange *exchange, uint64_t *ms)
{
    if (*ms != 0)
        *ms += exchange->origin.skew_ms;
}

static bool resume_invite(struct exchange *exchange, struct call *call)
{
    uint8_t body[KEPT_BODY_MAX];
    size_t length = kept_read(exchange->kept, KEPT_INVITE, place_of(call->token), body);
    return length > 0 && stack_resume(exchange->stack, (const char *)body, length,
                                      &call->dialog.peer, call->token, &call->invite) == 0;
}

static bool read_call(struct exchange *exchange, struct call *call, uint32_t place)
{
    uint8_t body[KEPT_BODY_MAX];
    size_t size = kept_read(exchange->kept, KEPT_CALL, place, body);
    if (size == 0)
        return false;
    memset(call, 0, sizeof *call);
    if (!kept_unpack(kept_call_fields, call, body, size) || call->state == CALLER_NONE ||
        call->state == CALLER_OVER) {
        log_error("kept call cannot be read place=%" PRIu32, place);
        memset(call, 0, sizeof *call);
        return false;
    }
    return true;
}

static void take_up_call(struct exchange *exchange, uint32_t place)
{
    struct call *call = &exchange->calls[place];
    if (!read_call(exchange, call, place)) {
        kept_clear(exchange->kept, KEPT_CALL, place);
        kept_clear(exchange->kept, KEPT_INVITE, place);
        return;
    }
    call->token = ++exchange->serial << 16 | place;
    shift(exchange, &call->resume_ms);
    shift(exchange, &call->leave_ms);
    shift(exchange, &call->session.due_ms);
    if (is_open(call) && !resume_invite(exchange, call)) {
        log_error("kept call is lost call=%" PRIu64 ": its INVITE cannot be answered",
                  call->number);
        exchange->counts.kept_lost++;
        keep_nothing(exchange, KEPT_CALL, call->token);
        keep_nothing(exchange, KEPT_INVITE, call->token);
        memset(call, 0, sizeof *call);
        return;
    }
    call->taken_up = true;
    carriers_take_up(exchange, call);
    call->dialog.local_cseq += CSEQ_AHEAD;
    if (!call->early.acknowledged)
        call->early.rseq = 0; /* said again, under the same number */
    exchange->call_count++;
    exchange->counts.kept++;
    leg_resume_media(exchange, &call->media, &call->theirs, call->token);
}

static void take_up_phone(struct exchange *exchange, uint32_t place)
{
    uint8_t body[KEPT_BODY_MAX];
    struct phone *phone = &exchange->phones[place];
    size_t size = kept_read(exchange->kept, KEPT_PHONE, place, body);
    memset(phone, 0, sizeof *phone);
    if (size == 0 || !kept_unpack(kept_phone_fields, phone, body, size) ||
        phone->state == PHONE_NONE || phone->state == PHONE_OVER) {
        memset(phone, 0, sizeof *phone);
        kept_clear(exchange->kept, KEPT_PHONE, place);
        return;
    }
    phone->token = ++exchange->serial << 16 | TOKEN_PHONE | place;
    shift(exchange, &phone->give_up_ms);
    shift(exchange, &phone->session.due_ms);
    phone->call = phone->call_number ? call_of_number(exchange, phone->call_number) : NULL;
    if (phone->call && phone->call->phone_offer == phone->offer)
        phone->call->phone = phone;
    phone->dialog.local_cseq += CSEQ_AHEAD; /* its INVITE goes out as it was */
    refer_resume(exchange, phone);
    exchange->phone_count++;
    leg_resume_media(exchange, &phone->media, &phone->theirs, phone->token);
}

static void resume_all(struct exchange *exchange)
{
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++)
        if (exchange->calls[i].token != 0)
            caller_resume(exchange, &exchange->calls[i]);
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].token != 0)
            phone_resume(exchange, &exchange->phones[i]);
}

void exchange_take_up(struct exchange *exchange, struct kept *kept, uint64_t mono_ms,
                      uint64_t wall_ms)
{
    exchange->kept = kept;
    exchange->mono_ms = mono_ms;
    exchange->wall_ms = wall_ms;
    exchange->former_ms = kept_former(kept);
    kept_origin_of(kept, &exchange->origin);
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++)
        take_up_call(exchange, i);
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        take_up_phone(exchange, i);
    gone_take_up(exchange);
    resume_all(exchange);
    media_settle(exchange->media);
    exchange->origin = (struct kept_origin){ 0 }; /* from here on they are this machine's */
    kept_note(kept, &exchange->origin);
    exchange_keep(exchange);
    if (exchange->call_count > 0)
        log_info("take up calls=%" PRIu32 " phones=%" PRIu32 " silent_ms=%" PRIu64,
                 exchange->call_count, exchange->phone_count, wall_ms - exchange->former_ms);
}

/* ---- the dispatcher ---------------------------------------------------------------------------- */

static void name_call(struct exchange *exchange, struct call *call)
{
    struct command command = { .kind = COMMAND_CONTACT_KEEP };
    uint64_t silent_ms = exchange->wall_ms > exchange->former_ms && exchange->former_ms
                             ? exchange->wall_ms - exchange->former_ms
                             : 0;
    command.contact_keep.call = call->number;
    command.contact_keep.silent_ms = silent_ms < UINT32_MAX ? (uint32_t)silent_ms : UINT32_MAX;
    if (call->recorded_ms && exchange->former_ms > call->recorded_ms)
        command.contact_keep.recorded_ms = exchange->former_ms - call->recorded_ms;
    call->taken_up = false;
    if (exchange_report(exchange, &command, NULL, &call->keep_ticket) < 0)
        call->keep_ticket = 0;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].token != 0 && exchange->phones[i].call == call)
            phone_report_again(exchange, &exchange->phones[i]);
}

/* In its first life of this process the calls that were taken up, in a later one (the dispatcher lost its
 * past) all of them. */
void exchange_name_kept(struct exchange *exchange, bool all)
{
    struct command command = { .kind = COMMAND_GATEWAY_SETTLE };
    uint64_t epoch = link_epoch(exchange->link), ticket;
    if (!all && (!exchange->kept || exchange->named_epoch == epoch))
        return;
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        struct call *call = &exchange->calls[i];
        if (call->token != 0 && (all || call->taken_up || exchange->named_epoch != 0))
            name_call(exchange, call);
    }
    exchange->named_epoch = epoch;
    exchange->former_ms = 0; /* nobody was without a gateway later on */
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

void exchange_hear_kept(struct exchange *exchange, struct call *call, enum refusal refusal)
{
    bool good = refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY;
    bool stays = call->state == CALLER_WAITING || call->state == CALLER_ANSWERED ||
                 call->state == CALLER_TALKING;
    if (good || !stays || call->leave_ms != 0 || call->ticket != 0 || call->retry_ms != 0)
        return; /* one that arrives, or will once more, is reported as such */
    caller_begin_anew(exchange, call);
}
