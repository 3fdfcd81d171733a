/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/leaflet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"

enum {
    NAME_BYTES = 40,
    PATH_BYTES = 600
};

struct leaflet {
    char page[LEAFLET_FILE_MAX];
    char words[LEAFLET_FILE_MAX];
    unsigned piece_count, word_count;
    struct {
        const char *name, *html;
    } pieces[LEAFLET_PIECES_MAX];
    struct {
        const char *key, *zh, *en;
    } rows[LEAFLET_WORDS_MAX];
};

static int read_file(const char *folder, const char *name, char bytes[LEAFLET_FILE_MAX])
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (!file) {
        log_error("read %s failed error=%s", path, strerror(errno));
        return -errno;
    }
    size_t size = fread(bytes, 1, LEAFLET_FILE_MAX, file);
    int status = ferror(file) ? -EIO : 0;
    (void)fclose(file);
    if (status == 0 && (size == LEAFLET_FILE_MAX || !utf8_is_text(bytes, size)))
        status = -EINVAL;
    if (status < 0)
        log_error("read %s failed: %s", path,
                  status == -EINVAL ? "it is too long, or no UTF-8 text" : strerror(-status));
    else
        bytes[size] = 0;
    return status;
}

/* Ends the line at its line feed; returns the next one, NULL behind the last. */
static char *end_line(char *line)
{
    char *feed = strchr(line, '\n');
    if (!feed)
        return NULL;
    *feed = 0;
    return feed + 1;
}

static int split_pages(struct leaflet *leaflet)
{
    char *at = leaflet->page;
    char *mark = strncmp(at, "== ", 3) == 0 ? at : strstr(at, "\n== ");
    while (mark) {
        if (leaflet->piece_count == LEAFLET_PIECES_MAX)
            return -EINVAL;
        if (*mark == '\n')
            *mark++ = 0; /* ends the piece before */
        char *html = end_line(mark);
        leaflet->pieces[leaflet->piece_count].name = mark + 3;
        leaflet->pieces[leaflet->piece_count++].html = html ? html : "";
        mark = html && strncmp(html, "== ", 3) != 0 ? strstr(html, "\n== ") : NULL;
    }
    return leaflet->piece_count ? 0 : -EINVAL;
}

/* Cuts the text at the next " | ". NULL: there is none. */
static char *cut_column(char *at)
{
    char *bar = at ? strstr(at, " | ") : NULL;
    if (!bar)
        return NULL;
    *bar = 0;
    return bar + 3;
}

static int split_words(struct leaflet *leaflet)
{
    char *next;
    for (char *line = leaflet->words; line; line = next) {
        next = end_line(line);
        if (line[0] == 0 || line[0] == '#')
            continue;
        char *zh = cut_column(line);
        char *en = cut_column(zh);
        if (!en || leaflet->word_count == LEAFLET_WORDS_MAX) {
            log_error(
                "words.leaf: \"%s\" is not \"key | Chinese | English\", or it is one too many",
                line);
            return -EINVAL;
        }
        leaflet->rows[leaflet->word_count].key = line;
        leaflet->rows[leaflet->word_count].zh = zh;
        leaflet->rows[leaflet->word_count++].en = en;
    }
    return 0;
}

const char *leaflet_words(const struct leaflet *leaflet, const char *key, bool english)
{
    for (unsigned i = 0; i < leaflet->word_count; i++)
        if (strcmp(leaflet->rows[i].key, key) == 0)
            return english ? leaflet->rows[i].en : leaflet->rows[i].zh;
    return NULL;
}

/* Reads "{name}" or "{=key}" at `at`. Returns its length, 0: a bracket and no more. */
static size_t read_place(const char *at, char name[NAME_BYTES])
{
    size_t length = strcspn(at + 1, "} \n{");
    name[0] = 0;
    if (at[1 + length] != '}' || length == 0 || length >= NAME_BYTES)
        return 0;
    memcpy(name, at + 1, length);
    name[length] = 0;
    return length + 2;
}

static int check_words(const struct leaflet *leaflet)
{
    char name[NAME_BYTES];
    for (unsigned i = 0; i < leaflet->piece_count; i++)
        for (const char *at = leaflet->pieces[i].html; (at = strchr(at, '{')); at++)
            if (read_place(at, name) > 0 && name[0] == '=' &&
                !leaflet_words(leaflet, name + 1, false)) {
                log_error("page.leaf: words.leaf has no \"%s\"", name + 1);
                return -EINVAL;
            }
    return 0;
}

int leaflet_open(struct leaflet **leaflet, const char *folder)
{
    struct leaflet *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int status = read_file(folder, "page.leaf", fresh->page);
    if (status == 0)
        status = read_file(folder, "words.leaf", fresh->words);
    if (status == 0)
        status = split_pages(fresh);
    if (status == 0)
        status = split_words(fresh);
    if (status == 0)
        status = check_words(fresh);
    if (status < 0) {
        leaflet_close(fresh);
        return status;
    }
    *leaflet = fresh;
    return 0;
}

void leaflet_close(struct leaflet *leaflet)
{
    free(leaflet);
}

void leaflet_escape(struct text *page, const char *words)
{
    for (; *words; words++) {
        switch (*words) {
        case '&':
            text_add(page, "&amp;");
            break;
        case '<':
            text_add(page, "&lt;");
            break;
        case '>':
            text_add(page, "&gt;");
            break;
        case '"':
            text_add(page, "&quot;");
            break;
        case '\'':
            text_add(page, "&#39;");
            break;
        default:
            text_add_char(page, *words);
        }
    }
}

static const char *value_of(const struct leaflet_value *values, const char *name)
{
    for (; values && values->name; values++)
        if (strcmp(values->name, name) == 0)
            return values->value;
    return NULL;
}

static void fill(const struct leaflet *leaflet, struct text *page, const char *html, bool english,
                 const struct leaflet_value *values)
{
    char name[NAME_BYTES];
    while (*html) {
        size_t plain = strcspn(html, "{");
        text_add_bytes(page, html, plain);
        html += plain;
        if (!*html)
            return;
        size_t place = read_place(html, name);
        const char *words =
            name[0] == '=' ? leaflet_words(leaflet, name + 1, english) : value_of(values, name);
        if (place == 0)
            text_add_char(page, '{');
        else if (words)
            leaflet_escape(page, words);
        html += place ? place : 1;
    }
}

void leaflet_add(const struct leaflet *leaflet, struct text *page, const char *piece, bool english,
                 const struct leaflet_value *values)
{
    for (unsigned i = 0; i < leaflet->piece_count; i++)
        if (strcmp(leaflet->pieces[i].name, piece) == 0)
            fill(leaflet, page, leaflet->pieces[i].html, english, values);
}
