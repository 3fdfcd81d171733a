/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/layout.h"

#include <stdlib.h>

#include "base/require.h"

static bool is_before(const struct field *a, const struct field *b)
{
    return a->in_oneof != b->in_oneof ? b->in_oneof : a->number < b->number;
}

/* By insertion: they are nearly sorted. */
static void lay_out(struct layout *layout, const struct schema *schema)
{
    layout->count = schema->field_count;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        REQUIRE(!field->in_oneof || (field->type == FIELD_MESSAGE && field->maximum == 0));
        uint32_t place = i;
        for (; place > 0 && is_before(field, layout->fields[place - 1]); place--)
            layout->fields[place] = layout->fields[place - 1];
        layout->fields[place] = field;
        layout->plain_count += !field->in_oneof;
    }
}

struct layouts *layouts_open(void)
{
    size_t count = 0;
    for (uint32_t id = 0; id < SCHEMA_COUNT; id++)
        count += schemas[id].field_count;
    struct layouts *layouts = calloc(1, sizeof *layouts + count * sizeof layouts->fields[0]);
    if (!layouts)
        return NULL;
    count = 0;
    for (uint32_t id = 0; id < SCHEMA_COUNT; id++) {
        layouts->of[id].fields = layouts->fields + count;
        lay_out(&layouts->of[id], &schemas[id]);
        count += schemas[id].field_count;
    }
    return layouts;
}

void layouts_close(struct layouts *layouts)
{
    free(layouts);
}

uint32_t layout_seek(const struct layout *layout, uint32_t number, uint32_t low, uint32_t high)
{
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (layout->fields[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct field *layout_body(const struct layout *layout, uint32_t number)
{
    uint32_t place = layout_seek(layout, number, layout->plain_count, layout->count);
    return place < layout->count && layout->fields[place]->number == number ? layout->fields[place]
                                                                            : NULL;
}
