/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the caller is, as the INVITE says (RFC 6442), and what comes with it (RFC 7852, RFC 4412). It travels with
 * the arrival, sealed; when the number is known it is a candidate among the number's others, too, as
 * AML's are. */
#include <string.h>

#include "base/text.h"
#include "gateways/trunk/call.h"
#include "gateways/trunk/call_data.h"
#include "gateways/trunk/pidf.h"

void call_take_place(struct call *call, const struct sip_message *invite)
{
    struct call_place *place = &call->place;
    struct text words = text_into(place->words, sizeof place->words);
    struct command command;
    struct personal personal = { 0 };
    struct pidf pidf;
    if (invite->pidf.bytes && pidf_read(&pidf, invite->pidf.bytes, invite->pidf.length) == 0) {
        place->fix = pidf.place;
        place->located = pidf.place.placed;
        aml_command(&place->fix, FIX_MEANS_CALL, &command, &personal);
        (void)text_copy(place->position, sizeof place->position, personal.position);
        (void)text_copy(place->address, sizeof place->address, pidf.address);
    }
    if (invite->location[0])
        text_print(&words, "Geolocation: %s\n", invite->location);
    if (invite->precedence[0])
        text_print(&words, "Resource-Priority: %s\n", invite->precedence);
    for (unsigned i = 0; i < invite->call_data_count; i++)
        (void)call_data_add(&words, invite->call_data[i].bytes, invite->call_data[i].length);
}

void call_report_place(struct exchange *exchange, const struct call *call)
{
    struct command command = { .kind = COMMAND_NONE };
    struct personal personal = { 0 };
    uint64_t ticket;
    if (!call->place.located || !call->caller[0])
        return;
    aml_command(&call->place.fix, FIX_MEANS_CALL, &command, &personal);
    (void)text_copy(personal.number, sizeof personal.number, call->caller);
    (void)exchange_report(exchange, &command, &personal, &ticket);
}
