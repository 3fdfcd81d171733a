/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as pleas to the arbiter, and as its rulings: a message or none, never a crash; what is read is written
 * again as it was; and two that plead whatever they like never both are granted to lead. */
#include <string.h>

#include "base/require.h"
#include "dispatcher/arbiter/mandate.h"
#include "dispatcher/arbiter/pleader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void judge(struct mandate *mandate, const struct plea *plea)
{
    struct mandate before = *mandate;
    struct ruling ruling;
    bool changed = mandate_judge(mandate, plea, &ruling);
    REQUIRE(changed || memcmp(&before, mandate, sizeof before) == 0);
    REQUIRE(mandate->term >= before.term);
    /* Who leads alone is replaced by a person's word only. */
    if (before.term && before.alone && strcmp(before.holder, mandate->holder) != 0)
        REQUIRE(plea->kind == PLEA_FORCE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mandate mandate;
    struct pleader pleader;
    struct ruling ruling;
    struct plea plea;
    uint8_t again[RULING_BYTES];
    memset(&mandate, 0, sizeof mandate);
    pleader_init(&pleader, "tcp://10.0.0.2:7112", 0);
    for (; size >= PLEA_BYTES; bytes += PLEA_BYTES, size -= PLEA_BYTES) {
        if (plea_read(bytes, PLEA_BYTES, &plea)) {
            plea_write(again, &plea);
            REQUIRE(memcmp(again, bytes, PLEA_BYTES) == 0);
            judge(&mandate, &plea);
        }
        if (size >= RULING_BYTES && ruling_read(bytes, RULING_BYTES, &ruling)) {
            ruling_write(again, &ruling);
            REQUIRE(memcmp(again, bytes, RULING_BYTES) == 0);
            pleader_hear(&pleader, &ruling, 1);
        }
    }
    return 0;
}
