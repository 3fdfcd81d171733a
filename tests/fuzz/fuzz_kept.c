/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a kept record: not read, or a call or a phone whose words end, whose states exist, and
 * that is kept again as the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/trunk/call.h"
#include "gateways/trunk/kept_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_record(const struct kept_field *fields, void *record, size_t record_size,
                        const uint8_t *bytes, size_t size)
{
    uint8_t again[KEPT_BODY_MAX];
    memset(record, 0, record_size);
    if (!kept_unpack(fields, record, bytes, size))
        return;
    REQUIRE(kept_pack(fields, record, again) == size && memcmp(again, bytes, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct call call;
    static struct phone phone;
    struct wire_peer peer;
    if (size == 0)
        return 0;
    if (bytes[0] & 1) {
        read_record(kept_call_fields, &call, sizeof call, bytes + 1, size - 1);
        REQUIRE(call.state < CALLER_STATE_COUNT && call.dialog.route_count <= SIP_ROUTES_MAX);
        dialog_next_hop(&call.dialog, &peer);
    } else {
        read_record(kept_phone_fields, &phone, sizeof phone, bytes + 1, size - 1);
        REQUIRE(phone.state < PHONE_STATE_COUNT && phone.role < ROOM_ROLE_COUNT);
        dialog_next_hop(&phone.dialog, &peer);
    }
    return 0;
}
