/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each document is set twice: once to count its pages, once to draw them, since every page says how many there are. */
#include "consoles/paper/press.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "consoles/paper/paper.h"

/* In points, 1/72 inch. */
static const double page_short = 595.28, page_long = 841.89;
static const double margin = 42, foot_room = 24, cell_gap = 6, rule_width = 0.5;
static const double cell_points = 8.5; /* of FACE_CELL */
static const double name_width = 120;  /* of a field */

/* A city's own typefaces come first as fontconfig has them. */
#define FACES "Noto Sans CJK SC, WenQuanYi Zen Hei, sans-serif"

enum face {
    FACE_TITLE,
    FACE_HEADING,
    FACE_TEXT,
    FACE_STRONG,
    FACE_CELL,
    FACE_FOOT,
    FACE_COUNT
};

static const char *const faces[FACE_COUNT] = {
    [FACE_TITLE] = FACES " Bold 17", [FACE_HEADING] = FACES " Bold 12",
    [FACE_TEXT] = FACES " 10",       [FACE_STRONG] = FACES " Bold 9.5",
    [FACE_CELL] = FACES " 8.5",      [FACE_FOOT] = FACES " 7.5",
};

struct press {
    cairo_t *cairo;
    PangoLayout *layout;
    PangoFontDescription *descriptions[FACE_COUNT];
    bool draws; /* the second time */
    bool english;
    bool in_table;
    double width, height; /* of a page */
    double y;
    uint32_t page, pages;
    const char *foot;
    struct paper_cells columns;
    double parts[PAPER_CELLS_MAX]; /* of the width */
    double parts_sum;
    double *heights;   /* of the lines, by their number, found out the first time; 0: not yet */
    uint32_t line;     /* that is being laid */
    double row_height; /* of one line of FACE_CELL */
};

/* ---- pages ----------------------------------------------------------------------------------- */

static double bottom(const struct press *press)
{
    return press->height - margin - foot_room;
}

/* Sets words into the layout and returns their height. */
static double set(struct press *press, enum face face, double width, const char *words)
{
    int height;
    pango_layout_set_font_description(press->layout, press->descriptions[face]);
    pango_layout_set_width(press->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_text(press->layout, words, -1);
    pango_layout_get_size(press->layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

/* tag NULL: the whole row has one. */
static void show(const struct press *press, double x, double y, const char *tag)
{
    if (!press->draws)
        return;
    if (tag)
        cairo_tag_begin(press->cairo, tag, NULL);
    cairo_move_to(press->cairo, x, y);
    pango_cairo_show_layout(press->cairo, press->layout);
    if (tag)
        cairo_tag_end(press->cairo, tag);
}

static void rule(const struct press *press, double y, double grey)
{
    if (!press->draws)
        return;
    cairo_set_source_rgb(press->cairo, grey, grey, grey);
    cairo_set_line_width(press->cairo, rule_width);
    cairo_move_to(press->cairo, margin, y);
    cairo_line_to(press->cairo, press->width - margin, y);
    cairo_stroke(press->cairo);
    cairo_set_source_rgb(press->cairo, 0, 0, 0);
}

static void end_page(struct press *press)
{
    char number[48];
    double y = press->height - margin - foot_room / 2;
    (void)snprintf(number, sizeof number, press->english ? "Page %u of %u" : "第 %u 页,共 %u 页",
                   press->page, press->pages);
    rule(press, y - 3, 0.6);
    pango_layout_set_alignment(press->layout, PANGO_ALIGN_RIGHT);
    (void)set(press, FACE_FOOT, press->width - 2 * margin, number);
    show(press, margin, y, "P");
    pango_layout_set_alignment(press->layout, PANGO_ALIGN_LEFT);
    (void)set(press, FACE_FOOT, press->width - 2 * margin - 100, press->foot);
    show(press, margin, y, "P");
    if (press->draws)
        cairo_show_page(press->cairo);
}

static void heads(struct press *press);

static void new_page(struct press *press)
{
    end_page(press);
    press->page++;
    press->y = margin;
    if (press->in_table)
        heads(press);
}

/* Goes to a new page when this height is not left. */
static void need(struct press *press, double height)
{
    if (press->y + height > bottom(press))
        new_page(press);
}

/* Words over the whole width from x on, line by line, so that they may go over several pages. */
static void flow(struct press *press, enum face face, double x, double width, const char *words)
{
    (void)set(press, face, width, words);
    PangoLayout *whole = pango_layout_copy(press->layout);
    int lines = pango_layout_get_line_count(whole);
    for (int i = 0; i < lines; i++) {
        PangoRectangle box;
        PangoLayoutLine *line = pango_layout_get_line_readonly(whole, i);
        pango_layout_line_get_extents(line, NULL, &box);
        double height = (double)box.height / PANGO_SCALE;
        need(press, height);
        if (press->draws) {
            cairo_tag_begin(press->cairo, "P", NULL);
            cairo_move_to(press->cairo, x, press->y - (double)box.y / PANGO_SCALE);
            pango_cairo_show_layout_line(press->cairo, line);
            cairo_tag_end(press->cairo, "P");
        }
        press->y += height;
    }
    g_object_unref(whole);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static double column_width(const struct press *press, uint32_t i)
{
    return (press->width - 2 * margin) * press->parts[i] / press->parts_sum;
}

/* Does it stand in one line for certain? No character is wider than the type is high. */
static bool is_short(const char *words, double width)
{
    double most = width / cell_points;
    double count = 0;
    for (; *words && count <= most; words++) {
        if (*words == '\n')
            return false;
        count += ((unsigned char)*words & 0xc0) != 0x80;
    }
    return count <= most;
}

static double row_height(struct press *press, const struct paper_cells *line, enum face face)
{
    double height = 0;
    if (press->row_height == 0)
        press->row_height = set(press, FACE_CELL, press->width, "一");
    for (uint32_t i = 0; i < line->count && i < press->columns.count; i++) {
        double width = column_width(press, i) - cell_gap;
        double one = face == FACE_CELL && is_short(line->cells[i], width)
                         ? press->row_height
                         : set(press, face, width, line->cells[i]);
        height = one > height ? one : height;
    }
    return height;
}

static void begin_cells(const struct press *press)
{
    pango_layout_set_height(press->layout, -12);
    pango_layout_set_ellipsize(press->layout, PANGO_ELLIPSIZE_END);
}

/* One line of a table; a cell that would fill pages is cut with an ellipsis. */
static void cells(struct press *press, const struct paper_cells *line, enum face face)
{
    double x = margin;
    bool row = line->kind == PAPER_ROW;
    double height = row ? press->heights[press->line] : 0;
    begin_cells(press);
    if (height == 0)
        height = row_height(press, line, face);
    if (row)
        press->heights[press->line] = height;
    if (row)
        need(press, height + 2);
    begin_cells(press); /* the foot of a page was set between */
    if (press->draws)
        cairo_tag_begin(press->cairo, "TR", NULL);
    for (uint32_t i = 0; press->draws && i < line->count && i < press->columns.count; i++) {
        (void)set(press, face, column_width(press, i) - cell_gap, line->cells[i]);
        show(press, x, press->y + 1, NULL);
        x += column_width(press, i);
    }
    if (press->draws)
        cairo_tag_end(press->cairo, "TR");
    pango_layout_set_ellipsize(press->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_height(press->layout, -1);
    press->y += height + 2;
    rule(press, press->y, row ? 0.85 : 0.3);
}

static void heads(struct press *press)
{
    cells(press, &press->columns, FACE_STRONG);
}

/* "6 time": six parts wide, called time. */
static void read_columns(struct press *press, const struct paper_cells *line)
{
    press->columns = *line;
    press->parts_sum = 0;
    for (uint32_t i = 0; i < line->count; i++) {
        char *name;
        double part = strtod(line->cells[i], &name);
        press->parts[i] = part >= 1 && part <= 100 ? part : 1;
        press->parts_sum += press->parts[i];
        press->columns.cells[i] = *name == ' ' ? name + 1 : name;
    }
    need(press, 60); /* heads do not stand alone at the end of a page */
    press->in_table = true;
    press->y += 4;
    heads(press);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void title(struct press *press, const struct paper_cells *line)
{
    bool wide = line->count > 3 && strcmp(line->cells[3], "wide") == 0;
    press->foot = line->count > 1 ? line->cells[1] : "";
    press->english = line->count > 2 && strcmp(line->cells[2], "en") == 0;
    press->width = wide ? page_long : page_short;
    press->height = wide ? page_short : page_long;
    press->y = margin;
    press->page = 1;
    pango_context_set_language(pango_layout_get_context(press->layout),
                               pango_language_from_string(press->english ? "en" : "zh-cn"));
    if (press->draws)
        cairo_pdf_surface_set_size(cairo_get_target(press->cairo), press->width, press->height);
    double height = set(press, FACE_TITLE, press->width - 2 * margin, line->cells[0]);
    show(press, margin, press->y, "H1");
    press->y += height + 6;
}

static void field(struct press *press, const struct paper_cells *line)
{
    double height = set(press, FACE_STRONG, name_width - cell_gap, line->cells[0]);
    need(press, height);
    (void)set(press, FACE_STRONG, name_width - cell_gap, line->cells[0]);
    show(press, margin, press->y, "P");
    flow(press, FACE_TEXT, margin + name_width, press->width - 2 * margin - name_width,
         line->count > 1 ? line->cells[1] : "");
    press->y += 2;
}

static void lay(struct press *press, const struct paper_cells *line)
{
    if (line->kind != PAPER_ROW)
        press->in_table = false;
    switch (line->kind) {
    case PAPER_TITLE:
        title(press, line);
        return;
    case PAPER_HEADING:
        need(press, 60);
        press->y += 10;
        flow(press, FACE_HEADING, margin, press->width - 2 * margin, line->cells[0]);
        press->y += 3;
        return;
    case PAPER_PARAGRAPH:
        flow(press, FACE_TEXT, margin, press->width - 2 * margin, line->cells[0]);
        press->y += 3;
        return;
    case PAPER_FIELD:
        field(press, line);
        return;
    case PAPER_COLUMNS:
        read_columns(press, line);
        return;
    case PAPER_ROW:
        press->in_table = true;
        cells(press, line, FACE_CELL);
        return;
    case PAPER_NONE:
    case PAPER_KIND_COUNT:
        break;
    }
}

/* ---- the document ---------------------------------------------------------------------------- */

static cairo_status_t write_bytes(void *owner, const unsigned char *bytes, unsigned size)
{
    return fwrite(bytes, 1, size, owner) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* All lines, from a title on; -EFBIG, or 0. */
static int lay_all(struct press *press, const struct paper_cells *lines, uint32_t count)
{
    press->in_table = false;
    press->columns.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        press->line = i;
        lay(press, &lines[i]);
        if (press->page > PRESS_PAGES_MAX)
            return -EFBIG;
    }
    press->in_table = false;
    end_page(press);
    press->pages = press->page;
    return 0;
}

static int print_lines(const struct paper_cells *lines, uint32_t count, FILE *to, uint32_t *pages)
{
    struct press press = { .heights = calloc(count, sizeof *press.heights) };
    if (!press.heights)
        return -ENOMEM;
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, to, page_short, page_long);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, lines[0].cells[0]);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Yihao");
    press.cairo = cairo_create(surface);
    press.layout = pango_cairo_create_layout(press.cairo);
    pango_cairo_context_set_resolution(pango_layout_get_context(press.layout),
                                       72); /* points are points */
    pango_layout_set_wrap(press.layout, PANGO_WRAP_WORD_CHAR);
    for (unsigned i = 0; i < FACE_COUNT; i++)
        press.descriptions[i] = pango_font_description_from_string(faces[i]);
    int status = lay_all(&press, lines, count);
    press.draws = true;
    cairo_tag_begin(press.cairo, "Document", NULL);
    if (status == 0)
        status = lay_all(&press, lines, count);
    cairo_tag_end(press.cairo, "Document");
    for (unsigned i = 0; i < FACE_COUNT; i++)
        pango_font_description_free(press.descriptions[i]);
    g_object_unref(press.layout);
    cairo_destroy(press.cairo);
    cairo_surface_finish(surface);
    if (status == 0 && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
        status = -EIO;
    cairo_surface_destroy(surface);
    free(press.heights);
    *pages = press.pages;
    return status;
}

int press_print(char *text, FILE *to, uint32_t *pages)
{
    uint32_t count = 0;
    int status = -ENOMEM;
    struct paper_cells *lines = calloc(PAPER_LINES_MAX, sizeof *lines);
    while (lines && count < PAPER_LINES_MAX && (status = paper_read(&text, &lines[count])) == 1) {
        bool first = lines[count].kind == PAPER_TITLE;
        if (first != (count == 0)) /* one title, in front */
            status = -EBADMSG;
        if (status < 0)
            break;
        count++;
    }
    if (lines && status == 1) /* more than there may be */
        status = -EFBIG;
    if (status == 0)
        status = count > 0 ? print_lines(lines, count, to, pages) : -EBADMSG;
    free(lines);
    return status;
}
