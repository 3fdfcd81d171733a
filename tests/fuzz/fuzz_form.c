/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a form: what is read is text within its bounds. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"
#include "consoles/server/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct form form;
    if (!form_read(&form, (const char *)bytes, size)) {
        REQUIRE(form.count == 0);
        return 0;
    }
    REQUIRE(form.count <= FORM_FIELDS_MAX && form.used <= FORM_BYTES);
    for (unsigned i = 0; i < form.count; i++) {
        const char *value = form.fields[i].value;
        REQUIRE(form.fields[i].name[0] && strlen(form.fields[i].name) < FORM_NAME_BYTES);
        REQUIRE(utf8_is_text(value, strlen(value)) && strlen(value) < FORM_BYTES);
        REQUIRE(form_field(&form, form.fields[i].name)[0] || !value[0] || i > 0);
    }
    return 0;
}
