/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/grid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <csv.h>

#include "base/require.h"
#include "base/text.h"

enum {
    KEYS_MAX = 3,
    LINE_MAX_BYTES = 8192
};

/* Of each table: what makes a row the only one; which columns one person changes alone ("*": all of
 * them, and adds and removes rows); which ones nobody fills in by hand. */
static const struct rule {
    const char *file;
    enum schema_id row;
    const char *keys[KEYS_MAX];
    const char *light;
    const char *hidden;
} rules[CITY_FILE_COUNT] = {
    [CITY_FILE_PARAMETERS] = { "parameters.csv", SCHEMA_PARAMETER_SET, { "parameter" }, "", "" },
    [CITY_FILE_LINES] = { "lines.csv",
                          SCHEMA_LINE_ROW,
                          { "line" },
                          "name_zh name_en",
                          "retired rings" },
    [CITY_FILE_FORECAST] = { "forecast.csv",
                             SCHEMA_FORECAST_ROW,
                             { "line", "weekday" },
                             "*",
                             "retired forecast" },
    [CITY_FILE_DEPARTMENTS] = { "departments.csv",
                                SCHEMA_DEPARTMENT_ROW,
                                { "department" },
                                "name_zh name_en",
                                "retired" },
    [CITY_FILE_DISTRICTS] = { "districts.csv",
                              SCHEMA_DISTRICT_ROW,
                              { "district" },
                              "name_zh name_en initials",
                              "retired" },
    [CITY_FILE_LIMITS] = { "limits.csv",
                           SCHEMA_LIMIT_ROW,
                           { "sla" },
                           "",
                           "dispatch_ms sign_ms reply_ms tell_ms working_time" },
    [CITY_FILE_DAYS] = { "days.csv", SCHEMA_DAY_ROW, { "day" }, "*", "" },
    [CITY_FILE_TEMPLATES] = { "templates.csv", SCHEMA_TEMPLATE_ROW, { "template" }, "*", "" },
    [CITY_FILE_WISHES] = { "wishes.csv", SCHEMA_WISH_ROW, { "wish" }, "*", "" },
    [CITY_FILE_GATEWAYS] = { "gateways.csv", SCHEMA_GATEWAY_ROW, { "gateway" }, "", "retired" },
    [CITY_FILE_CATEGORIES] = { "categories.csv",
                               SCHEMA_CATEGORY_ROW,
                               { "category" },
                               "name_zh name_en initials",
                               "retired" },
    [CITY_FILE_UNITS] = { "units.csv", SCHEMA_UNIT_ROW, { "unit" }, "name_zh name_en", "retired" },
    [CITY_FILE_TREES] = { "trees.csv",
                          SCHEMA_TREE_ROW,
                          { "tree" },
                          "name_zh name_en",
                          "questions answers fingerprint retired version" },
    [CITY_FILE_QUESTIONS] = { "questions.csv",
                              SCHEMA_QUESTION_ROW,
                              { "tree", "question" },
                              "",
                              "version" },
    [CITY_FILE_ANSWERS] = { "answers.csv",
                            SCHEMA_ANSWER_ROW,
                            { "tree", "question", "answer" },
                            "",
                            "version" },
    [CITY_FILE_RUNCARDS] = { "runcards.csv",
                             SCHEMA_RUN_CARD_ROW,
                             { "run_card" },
                             "name_zh name_en",
                             "retired" },
    [CITY_FILE_COVERAGE] = { "coverage.csv", SCHEMA_COVERAGE_ROW, { "coverage" }, "*", "retired" },
    [CITY_FILE_USERS] = { "users.csv",
                          SCHEMA_USER_ROW,
                          { "user" },
                          "name_zh name_en auto_answer languages",
                          "retired" },
    [CITY_FILE_DISPOSITIONS] = { "dispositions.csv",
                                 SCHEMA_DISPOSITION_ROW,
                                 { "disposition" },
                                 "*",
                                 "retired" },
    [CITY_FILE_RETENTION] = { "retention.csv", SCHEMA_RETENTION_ROW, { "rule" }, "", "retired" },
    [CITY_FILE_CITY] = { "city.csv", SCHEMA_CITY_LOAD, { NULL }, "*", "digest" },
};

struct grid_row {
    char *line;  /* as it stands in the file, without its end */
    char *cells; /* NULL: too long for a record */
    char *key;   /* NULL: it has none */
};

struct grid {
    enum city_file file;
    uint32_t column_count;
    const char *columns[TABLE_COLUMNS_MAX]; /* of the file, in its order */
    struct grid_row *rows;
    uint32_t count, room;
    bool changed;
};

const char *grid_file(enum city_file file)
{
    return rules[file].file;
}

bool grid_is_missing(const char *folder, enum city_file file)
{
    char path[512];
    struct text text = text_into(path, sizeof path);
    text_print(&text, "%s/%s", folder, rules[file].file);
    return file == CITY_FILE_RETENTION && !text.cut && access(path, F_OK) < 0 && errno == ENOENT;
}

enum schema_id grid_schema(enum city_file file)
{
    return rules[file].row;
}

/* Is the word one of those in the list, which blanks separate? */
static bool is_among(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0))
            return true;
    return false;
}

static bool is_key(const struct rule *rule, const char *column)
{
    for (uint32_t i = 0; i < KEYS_MAX && rule->keys[i]; i++)
        if (strcmp(rule->keys[i], column) == 0)
            return true;
    return false;
}

uint32_t grid_columns(enum city_file file, const char *columns[TABLE_COLUMNS_MAX], uint32_t *keys)
{
    const struct rule *rule = &rules[file];
    uint32_t count = 0;
    while (count < KEYS_MAX && rule->keys[count]) {
        columns[count] = rule->keys[count];
        count++;
    }
    *keys = count;
    for (uint32_t i = 0; i < schemas[rule->row].field_count; i++) {
        const char *name = schemas[rule->row].fields[i].name;
        if (is_key(rule, name) || is_among(rule->hidden, name))
            continue;
        REQUIRE(count < TABLE_COLUMNS_MAX);
        columns[count++] = name;
    }
    return count;
}

/* ---- reading ---------------------------------------------------------------------------------- */

struct reading {
    struct grid *grid;
    struct cells cells;
    size_t used;
    uint32_t column;
    bool headed, wrong, too_long, whole;
    int status;
};

static const char *field_name(enum schema_id schema, const char *bytes, size_t size)
{
    for (uint32_t i = 0; i < schemas[schema].field_count; i++) {
        const char *name = schemas[schema].fields[i].name;
        if (strlen(name) == size && memcmp(name, bytes, size) == 0)
            return name;
    }
    return NULL;
}

static void take_heading(struct reading *reading, const char *bytes, size_t size)
{
    struct grid *grid = reading->grid;
    const char *name = field_name(rules[grid->file].row, bytes, size);
    if (!name || grid->column_count == TABLE_COLUMNS_MAX)
        reading->wrong = true;
    else
        grid->columns[grid->column_count++] = name;
}

static void on_cell(void *bytes, size_t size, void *owner)
{
    struct reading *reading = owner;
    struct cells *cells = &reading->cells;
    if (!reading->headed) {
        take_heading(reading, bytes, size);
        return;
    }
    if (reading->column == reading->grid->column_count) {
        reading->wrong = true;
        return;
    }
    const char *column = reading->grid->columns[reading->column++];
    if (size == 0)
        return;
    if (reading->used + size >= sizeof cells->bytes) {
        reading->too_long = true;
        return;
    }
    char *words = cells->bytes + reading->used;
    memcpy(words, bytes, size);
    words[size] = 0;
    reading->used += size + 1;
    cells->at[cells->count].column = column;
    cells->at[cells->count++].words = words;
}

static void on_row(int ending, void *owner)
{
    struct reading *reading = owner;
    (void)ending;
    if (reading->headed && reading->column < reading->grid->column_count)
        reading->wrong = true;
    reading->whole = true;
}

/* In the schema's order, whatever the file's is. */
static int write_normal(enum schema_id schema, const struct cells *cells, char record[CELLS_BYTES])
{
    struct cells sorted;
    int status = cells_write(cells, record);
    if (status == 0 && cells->count > 0)
        status = cells_read(&sorted, schema, record);
    return status < 0 || cells->count == 0 ? status : cells_write(&sorted, record);
}

static void free_row(struct grid_row *row)
{
    free(row->line);
    free(row->cells);
    free(row->key);
}

static int add_row(struct grid *grid, uint32_t at, const char *line, const char *cells)
{
    char key[GRID_KEY_BYTES];
    bool keyed = cells && grid_key(grid->file, cells, key) == 0;
    if (grid->count == grid->room) {
        uint32_t room = grid->room ? 2 * grid->room : 64;
        struct grid_row *rows = realloc(grid->rows, room * sizeof *rows);
        if (!rows)
            return -ENOMEM;
        grid->rows = rows;
        grid->room = room;
    }
    struct grid_row row = { strdup(line), cells ? strdup(cells) : NULL,
                            keyed ? strdup(key) : NULL };
    if (!row.line || (cells && !row.cells) || (keyed && !row.key)) {
        free_row(&row);
        return -ENOMEM;
    }
    memmove(&grid->rows[at + 1], &grid->rows[at], (grid->count - at) * sizeof grid->rows[0]);
    grid->rows[at] = row;
    grid->count++;
    return 0;
}

static int take_line(struct reading *reading, const char *line)
{
    struct grid *grid = reading->grid;
    char record[CELLS_BYTES];
    if (!reading->whole)
        return 0; /* an empty line */
    if (!reading->headed) {
        reading->headed = true;
        return 0;
    }
    bool fits =
        !reading->too_long && write_normal(rules[grid->file].row, &reading->cells, record) == 0;
    return add_row(grid, grid->count, line, fits ? record : NULL);
}

static int read_line(struct reading *reading, struct csv_parser *parser, char *line)
{
    size_t end = strcspn(line, "\r\n");
    reading->cells.count = 0;
    reading->used = 0;
    reading->column = 0;
    reading->whole = reading->too_long = false;
    line[end] = 0;
    if (csv_parse(parser, line, end, on_cell, on_row, reading) != end ||
        csv_fini(parser, on_cell, on_row, reading) != 0 || reading->wrong)
        return -EBADMSG;
    return take_line(reading, line);
}

static int read_file(struct grid *grid, FILE *file)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* what spreadsheets put before UTF-8 */
    struct reading reading = { .grid = grid };
    struct csv_parser parser;
    char line[LINE_MAX_BYTES];
    int status = 0;
    REQUIRE(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    while (status == 0 && fgets(line, sizeof line, file)) {
        bool marked = !reading.headed && strncmp(line, mark, strlen(mark)) == 0;
        status = read_line(&reading, &parser, marked ? line + strlen(mark) : line);
    }
    csv_free(&parser);
    if (status == 0 && ferror(file))
        status = -EIO;
    return status == 0 && !reading.headed ? -EBADMSG : status;
}

int grid_open(struct grid **grid, const char *folder, enum city_file file)
{
    char path[512];
    struct text text = text_into(path, sizeof path);
    text_print(&text, "%s/%s", folder, rules[file].file);
    char heading[] = "rule,thing,line,category,days,basis\n";
    FILE *stream = text.cut                        ? NULL
                   : grid_is_missing(folder, file) ? fmemopen(heading, strlen(heading), "r")
                                                   : fopen(path, "re");
    if (!stream)
        return text.cut ? -ENAMETOOLONG : -errno;
    struct grid *fresh = calloc(1, sizeof *fresh);
    int status = fresh ? 0 : -ENOMEM;
    if (fresh) {
        fresh->file = file;
        status = read_file(fresh, stream);
    }
    (void)fclose(stream);
    if (status < 0)
        grid_close(fresh);
    else
        *grid = fresh;
    return status;
}

void grid_close(struct grid *grid)
{
    if (!grid)
        return;
    for (uint32_t i = 0; i < grid->count; i++)
        free_row(&grid->rows[i]);
    free(grid->rows);
    free(grid);
}

uint32_t grid_count(const struct grid *grid)
{
    return grid->count;
}

const char *grid_cells(const struct grid *grid, uint32_t row)
{
    REQUIRE(row < grid->count);
    return grid->rows[row].cells;
}

/* ---- changing --------------------------------------------------------------------------------- */

static int key_of(const struct rule *rule, const struct cells *cells, char key[GRID_KEY_BYTES])
{
    struct text text = text_into(key, GRID_KEY_BYTES);
    for (uint32_t i = 0; i < KEYS_MAX && rule->keys[i]; i++) {
        const char *words = cells_find(cells, rule->keys[i]);
        text_print(&text, "%s%s", i > 0 ? "/" : "", words);
        if (!*words || text.cut)
            return -EBADMSG;
    }
    return 0;
}

int grid_key(enum city_file file, const char *cells, char key[GRID_KEY_BYTES])
{
    struct cells read;
    int status = cells_read(&read, rules[file].row, cells);
    return status < 0 ? status : key_of(&rules[file], &read, key);
}

/* The row's place, or count. */
static uint32_t find(const struct grid *grid, const char *key)
{
    uint32_t at = 0;
    while (at < grid->count && (!grid->rows[at].key || strcmp(grid->rows[at].key, key) != 0))
        at++;
    return at;
}

/* Is the first key behind the second? By numbers, part by part; words have no order. */
static bool is_behind(const char *key, const char *other)
{
    for (;;) {
        char *end, *other_end;
        unsigned long number = strtoul(key, &end, 10), second = strtoul(other, &other_end, 10);
        if (end == key || other_end == other || number != second)
            return end == key || other_end == other || number > second;
        if (*end != '/' || *other_end != '/')
            return true;
        key = end + 1;
        other = other_end + 1;
    }
}

/* Behind the last row that a new one belongs behind. */
static uint32_t place_for(const struct grid *grid, const char *key)
{
    uint32_t at = grid->count;
    while (at > 0 && grid->rows[at - 1].key && !is_behind(key, grid->rows[at - 1].key))
        at--;
    return at;
}

static bool has_column(const struct grid *grid, const char *column)
{
    for (uint32_t i = 0; i < grid->column_count; i++)
        if (strcmp(grid->columns[i], column) == 0)
            return true;
    return false;
}

/* A column more, with an empty cell in every row. */
static int add_column(struct grid *grid, const char *column)
{
    if (grid->column_count == TABLE_COLUMNS_MAX)
        return -EMSGSIZE;
    for (uint32_t i = 0; i < grid->count; i++) {
        size_t length = strlen(grid->rows[i].line);
        char *line = realloc(grid->rows[i].line, length + 2);
        if (!line)
            return -ENOMEM;
        memcpy(line + length, ",", 2);
        grid->rows[i].line = line;
    }
    grid->columns[grid->column_count++] = field_name(rules[grid->file].row, column, strlen(column));
    return 0;
}

static int write_line(struct grid *grid, const struct cells *cells, char line[LINE_MAX_BYTES])
{
    size_t length = 0;
    for (uint32_t i = 0; i < cells->count; i++) {
        int status =
            has_column(grid, cells->at[i].column) ? 0 : add_column(grid, cells->at[i].column);
        if (status < 0)
            return status;
    }
    for (uint32_t i = 0; i < grid->column_count; i++) {
        if (i > 0)
            line[length++] = ',';
        length +=
            cell_quote(line + length, LINE_MAX_BYTES - length, cells_find(cells, grid->columns[i]));
        if (length + 2 >= LINE_MAX_BYTES)
            return -EMSGSIZE;
    }
    return 0;
}

static void remove_row(struct grid *grid, uint32_t at)
{
    free_row(&grid->rows[at]);
    grid->count--;
    memmove(&grid->rows[at], &grid->rows[at + 1], (grid->count - at) * sizeof grid->rows[0]);
}

static int put_row(struct grid *grid, uint32_t at, const char *key, const struct cells *after)
{
    char line[LINE_MAX_BYTES], record[CELLS_BYTES];
    bool known = at < grid->count;
    grid->changed = true;
    if (after->count == 0) {
        remove_row(grid, at);
        return 0;
    }
    int status = cells_write(after, record);
    if (status == 0)
        status = write_line(grid, after, line);
    if (status == 0)
        status = add_row(grid, known ? at : place_for(grid, key), line, record);
    if (status == 0 && known)
        remove_row(grid, at + 1);
    return status;
}

/* One side of a change: its cells and its key. An empty side has neither. */
static int read_side(enum city_file file, const char *record, struct cells *cells,
                     char key[GRID_KEY_BYTES])
{
    cells->count = 0;
    key[0] = 0;
    if (!*record)
        return 0;
    int status = cells_read(cells, rules[file].row, record);
    return status < 0 ? status : key_of(&rules[file], cells, key);
}

/* Does the table say so of this row? */
static bool stands(const struct grid *grid, uint32_t at, const struct cells *cells)
{
    char record[CELLS_BYTES];
    if (at == grid->count || cells->count == 0)
        return at == grid->count && cells->count == 0;
    return cells_write(cells, record) == 0 && strcmp(grid->rows[at].cells, record) == 0;
}

int grid_put(struct grid *grid, const char *before, const char *after, bool again)
{
    struct cells old, fresh;
    char key[GRID_KEY_BYTES], fresh_key[GRID_KEY_BYTES];
    int status = read_side(grid->file, before, &old, key);
    if (status == 0)
        status = read_side(grid->file, after, &fresh, fresh_key);
    if (status < 0)
        return status;
    if ((old.count == 0 && fresh.count == 0) ||
        (old.count > 0 && fresh.count > 0 && strcmp(key, fresh_key) != 0))
        return -EBADMSG;
    const char *name = old.count > 0 ? key : fresh_key;
    uint32_t at = find(grid, name);
    if (again && stands(grid, at, &fresh))
        return 0;
    return stands(grid, at, &old) ? put_row(grid, at, name, &fresh) : -ESTALE;
}

bool grid_is_changed(const struct grid *grid)
{
    return grid->changed;
}

char *grid_text(const struct grid *grid, size_t *size)
{
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, size);
    if (!file)
        return NULL;
    for (uint32_t i = 0; i < grid->column_count; i++)
        (void)fprintf(file, "%s%s", i > 0 ? "," : "", grid->columns[i]);
    (void)fputc('\n', file);
    for (uint32_t i = 0; i < grid->count; i++)
        (void)fprintf(file, "%s\n", grid->rows[i].line);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

/* ---- comparing -------------------------------------------------------------------------------- */

/* Whether a column differs that is not light. */
static bool differs_gravely(const struct rule *rule, const struct cells *a, const struct cells *b)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (!is_among(rule->light, a->at[i].column) &&
            strcmp(a->at[i].words, cells_find(b, a->at[i].column)) != 0)
            return true;
    return false;
}

bool grid_is_grave(enum city_file file, const char *before, const char *after)
{
    const struct rule *rule = &rules[file];
    struct cells old, fresh;
    if (strcmp(rule->light, "*") == 0)
        return false;
    if (!*before || !*after || cells_read(&old, rule->row, before) < 0 ||
        cells_read(&fresh, rule->row, after) < 0)
        return true;
    return differs_gravely(rule, &old, &fresh) || differs_gravely(rule, &fresh, &old);
}

int grid_compare(const struct grid *old, const struct grid *fresh, grid_differs *tell, void *owner)
{
    for (uint32_t i = 0; i < old->count; i++) {
        const struct grid_row *row = &old->rows[i];
        uint32_t at = row->key ? find(fresh, row->key) : 0;
        if (!row->key)
            continue; /* amended in its file alone */
        if (at == fresh->count)
            tell(owner, old->file, row->cells, "");
        else if (strcmp(fresh->rows[at].cells, row->cells) != 0)
            tell(owner, old->file, row->cells, fresh->rows[at].cells);
    }
    for (uint32_t i = 0; i < fresh->count; i++) {
        const struct grid_row *row = &fresh->rows[i];
        if (!row->key)
            return -EMSGSIZE;
        if (find(old, row->key) == old->count)
            tell(owner, fresh->file, "", row->cells);
    }
    return 0;
}
