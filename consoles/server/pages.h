/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pages: the files of the web consoles, read once at start. A request names a row of this table or
 * nothing: no path of a request ever reaches the file system. */
#ifndef CONSOLES_SERVER_PAGES_H
#define CONSOLES_SERVER_PAGES_H

#include <stddef.h>
#include <stdint.h>

enum {
    PAGES_MAX = 512,
    PAGE_MAX_BYTES = 4 * 1024 * 1024,
    PAGES_MAX_BYTES = 32 * 1024 * 1024,
    PAGES_DEPTH_MAX = 8,
    PAGE_PATH_BYTES = 160
};

struct page {
    char path[PAGE_PATH_BYTES]; /* as requested, "/" in front */
    const char *type;
    char etag[40];
    char *bytes;
    size_t size;
};

struct pages;

/* Reads every file below folder whose ending is known; names that begin with a dot and node_modules
 * are left out. Returns 0 and *pages, -ENOENT when there is no index.html, -EFBIG above a limit, or
 * another negative errno. */
int pages_open(struct pages **pages, const char *folder);
void pages_close(struct pages *pages);

/* "/" is "/index.html". NULL when there is no such page. */
const struct page *pages_find(const struct pages *pages, const char *path);

/* One file apart from the folder, to be served under `path`. Returns 0 and *page, or a negative errno;
 * -EFBIG above PAGE_MAX_BYTES. Free with page_close(). */
int page_open(struct page *page, const char *file, const char *path);
void page_close(struct page *page);

uint32_t pages_count(const struct pages *pages);

/* The pages beside the sources of this build, else the installed ones. */
const char *pages_standard(void);

#endif
