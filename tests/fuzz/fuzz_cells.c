/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a row of an amendment: what is taken reads back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/city/grid.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct cells cells, again;
    char record[CELLS_BYTES], other[CELLS_BYTES], key[GRID_KEY_BYTES];
    char *words = malloc(size + 1);
    REQUIRE(words);
    memcpy(words, bytes, size);
    words[size] = '\0';
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++) {
        if (cells_read(&cells, grid_schema(file), words) < 0 || cells_write(&cells, record) < 0)
            continue;
        REQUIRE(cells_read(&again, grid_schema(file), record) == 0);
        REQUIRE(cells_write(&again, other) == 0 && strcmp(record, other) == 0);
        if (grid_key(file, record, key) == 0)
            REQUIRE(!grid_is_grave(file, record, record));
    }
    free(words);
    return 0;
}
