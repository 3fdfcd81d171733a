/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tables: the city's tables of a home, read without a dispatcher. */
#ifndef CONSOLES_CTL_TABLES_H
#define CONSOLES_CTL_TABLES_H

struct city;

/* Returns EXIT_DONE and *city (close with city_close()), or EXIT_FAILED after every complaint was
 * told. */
int tables_open(const char *home, struct city **city);

#endif
