/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kpi: the city's figures as a page shows them and as a table: each with its formula in the words of
 * proto/query.proto's KpiCount, what stands above and below the line, and the interval of a share. */
#ifndef CONSOLES_SERVER_KPI_H
#define CONSOLES_SERVER_KPI_H

#include "consoles/server/csv.h"
#include "proto/json.h"

/* {"version":3,"formulas":[…],"rows":[{"scope","number","figures":[…]}]}, docs/console-api.md. NULL when memory is
 * short. */
json_t *kpi_json(const struct kpi_rows *rows);

/* The heads; and one line for each figure of a row. name: of the line or department. */
void kpi_csv_heads(struct csv *csv, bool english);
void kpi_csv_row(struct csv *csv, const struct kpi_row *row, const char *name,
                 const struct kpi_query *asked, bool english);

#endif
