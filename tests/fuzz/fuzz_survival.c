/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any words as a line's plan of survival: what is sound is read to its end within its limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "proto/survival.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *words = malloc(size + 1);
    struct survival_target target;
    uint32_t step = 0, count = 0;

    REQUIRE(words);
    memcpy(words, bytes, size);
    words[size] = '\0';
    if (survival_is_sound(words)) {
        const char *rest = words;
        while (survival_next(&rest, &step, &target)) {
            REQUIRE(target.step < survival_steps(words) &&
                    (target.user != 0) != (target.uri[0] != 0));
            count++;
        }
        REQUIRE(*rest == 0 && count <= SURVIVAL_STEPS_MAX * SURVIVAL_TARGETS_MAX);
        REQUIRE(survival_steps(words) <= SURVIVAL_STEPS_MAX && (count > 0) == (words[0] != 0));
    }
    free(words);
    return 0;
}
