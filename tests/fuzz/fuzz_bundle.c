/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as an exported trail: a verdict, never a crash; and never "ok" unless it is one. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bundle_report report;
    REQUIRE(sodium_init() >= 0);
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)bytes, size, "rb") : NULL;
    if (!file)
        return 0;
    int status = bundle_verify_stream(file, NULL, &report);
    (void)fclose(file);
    REQUIRE(status == 0);
    if (report.ok)
        REQUIRE(report.records > 0 && report.last >= report.first && report.size >= report.last);
    else
        REQUIRE(report.reason[0] != 0 && memchr(report.reason, 0, sizeof report.reason));
    return 0;
}
