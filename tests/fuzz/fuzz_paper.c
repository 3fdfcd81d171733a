/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a paper: each line that is taken is one that a writer writes again as the same cells. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "consoles/paper/paper.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct paper_cells line, same;
    char *text = malloc(size + 1);
    REQUIRE(text);
    memcpy(text, bytes, size);
    text[size] = '\0';
    for (char *at = text; paper_read(&at, &line) == 1;) {
        struct paper paper;
        paper_begin(&paper);
        paper_line(&paper, line.kind);
        for (uint32_t i = 0; i < line.count; i++)
            paper_cell(&paper, line.cells[i]);
        paper_end(&paper);
        char *again = paper.bytes;
        REQUIRE(paper_read(&again, &same) == 1 && same.kind == line.kind);
        REQUIRE(same.count == line.count);
        for (uint32_t i = 0; i < line.count; i++)
            REQUIRE(strcmp(same.cells[i], line.cells[i]) == 0);
        paper_done(&paper);
    }
    free(text);
    return 0;
}
