/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * grid: one of the city's tables as people keep it: its file with columns and rows of words. What is
 * not changed keeps its bytes. Whether the words are right, city_open_amended() says. */
#ifndef DISPATCHER_CITY_GRID_H
#define DISPATCHER_CITY_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatcher/city/cells.h"

enum {
    GRID_KEY_BYTES = 96
};

struct grid;

/* "users.csv"; NULL for CITY_FILE_NONE. */
const char *grid_file(enum city_file file);

/* A table that cities founded before it do not have: without the file it has no rows. */
bool grid_is_missing(const char *folder, enum city_file file);

/* The schema of the file's rows. */
enum schema_id grid_schema(enum city_file file);

/* What people may fill in: the columns of the key first. Returns how many; *keys of them are the key. */
uint32_t grid_columns(enum city_file file, const char *columns[TABLE_COLUMNS_MAX], uint32_t *keys);

/* Reads folder/FILE.csv. Returns 0 and *grid (close with grid_close(), which accepts NULL), -EBADMSG
 * when it is no table, or another negative errno. */
int grid_open(struct grid **grid, const char *folder, enum city_file file);
void grid_close(struct grid *grid);

uint32_t grid_count(const struct grid *grid);

/* The row in its normal form; NULL when it is too long for one, and is amended in its file alone. */
const char *grid_cells(const struct grid *grid, uint32_t row);

/* What makes the row the only one of its table, e.g. "1/10/2". Returns 0 or -EBADMSG. */
int grid_key(enum city_file file, const char *cells, char key[GRID_KEY_BYTES]);

/* Changes the row from before to after; before empty: it is new; after empty: it is taken out. Returns
 * 0; -ESTALE: the table does not say before (any more); -EBADMSG: no rows of this table, or of two
 * keys; -EMSGSIZE; -ENOMEM. With `again` a row that is as after says already is none the worse. */
int grid_put(struct grid *grid, const char *before, const char *after, bool again);

bool grid_is_changed(const struct grid *grid);

/* The whole file, from malloc(); NULL when memory is short. */
char *grid_text(const struct grid *grid, size_t *size);

/* Does the change take a second person? By a table of the columns that one person may change alone. */
bool grid_is_grave(enum city_file file, const char *before, const char *after);

/* Tells each row that differs; before or after is empty for one that is on one side alone. Returns 0, or
 * -EMSGSIZE when a row of fresh has no normal form or no key. */
typedef void grid_differs(void *owner, enum city_file file, const char *before, const char *after);
int grid_compare(const struct grid *old, const struct grid *fresh, grid_differs *tell, void *owner);

#endif
