/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/require.h"

void folder_make(char path[FOLDER_BYTES])
{
    const char *parent = getenv("TMPDIR");
    (void)snprintf(path, FOLDER_BYTES, "%s/yihao-test-XXXXXX", parent ? parent : "/tmp");
    REQUIRE(mkdtemp(path) != NULL);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

void folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
