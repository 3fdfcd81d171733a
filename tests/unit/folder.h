/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder: a temporary folder of one test. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

enum {
    FOLDER_BYTES = 256
};

/* Makes an empty folder below $TMPDIR or /tmp. Ends the test when it cannot. */
void folder_make(char path[FOLDER_BYTES]);

/* Removes it with all that is in it. */
void folder_remove(const char *path);

#endif
