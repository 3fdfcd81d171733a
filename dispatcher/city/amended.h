/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * amended: the city's tables with changes in them, beside those on the disk until it is settled that
 * they come to lie there. */
#ifndef DISPATCHER_CITY_AMENDED_H
#define DISPATCHER_CITY_AMENDED_H

#include "dispatcher/city/city.h"

struct amended;

/* The tables of the folder, which is borrowed. Returns NULL when memory is short. */
struct amended *amended_open(const char *folder);

/* Takes back what amended_stage() wrote and amended_settle() did not put in place. Accepts NULL. */
void amended_close(struct amended *amended);

/* One changed row, as grid_put() (dispatcher/city/grid.h) takes it, and with its errors. */
int amended_put(struct amended *amended, enum city_file file, const char *before, const char *after,
                bool again);

/* Does anything of it take a second person? */
bool amended_is_grave(const struct amended *amended);

/* The city as it would be, read and checked like any other; as city_open(). */
int amended_city(struct amended *amended, struct city **city, city_complain *complain, void *owner);

/* Writes the changed tables beside the old ones, durably. Returns 0 or a negative errno. */
int amended_stage(struct amended *amended);

/* Puts them in the old ones' place. A death in between leaves some old and some new. */
int amended_settle(struct amended *amended);

#endif
