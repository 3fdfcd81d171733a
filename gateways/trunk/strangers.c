/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who calls an emergency line from an address that no trunk has: taken, within limits, and believed in nothing. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

/* So few at a time, and a minute, that a flood of them leaves places and takers to the trunks. */
static bool has_room(struct exchange *exchange, const struct sip_message *invite)
{
    uint32_t all = 0, same = 0;
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        const struct call *call = &exchange->calls[i];
        all += call->token != 0 && call->stranger;
        same += call->token != 0 && call->stranger &&
                strcmp(call->dialog.peer.ip, invite->source.ip) == 0;
    }
    if (exchange->mono_ms >= exchange->strangers_ms + STRANGERS_WINDOW_MS) {
        exchange->strangers_ms = exchange->mono_ms;
        exchange->strangers = 0;
    }
    if (all >= STRANGERS_MAX || same >= STRANGERS_SAME_MAX ||
        exchange->strangers >= STRANGERS_WINDOW_MAX)
        return false;
    exchange->strangers++;
    exchange->counts.strangers_taken++;
    return true;
}

int strangers_hear(struct exchange *exchange, const struct sip_message *invite)
{
    bool taken = has_room(exchange, invite);
    exchange->counts.strangers_flood += !taken;
    if (log_allowed(&exchange->deny_lines))
        log_warn("%s call of no listed source=%s called=%s", taken ? "take" : "ignore",
                 invite->source.ip, invite->user);
    return taken ? 0 : STACK_SILENCE; /* its telephone tries another gateway */
}

void strangers_doubt(struct call *call)
{
    char words[sizeof call->place.words];
    struct text text = text_into(words, sizeof words);
    text_print(&text, "UNTRUSTED source 未验证来源 %s; number 自称 %s\n%s", call->dialog.peer.ip,
               call->caller[0] ? call->caller : "-", call->place.words);
    memcpy(call->place.words, words, sizeof words);
    call->caller[0] = 0;
    (void)text_copy(call->trunk, sizeof call->trunk, "untrusted");
}
