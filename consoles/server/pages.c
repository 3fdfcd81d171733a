/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/pages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/text.h"

struct pages {
    uint32_t count;
    size_t bytes;
    struct page rows[PAGES_MAX];
};

static const char *const types[][2] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" },
    { ".geojson", "application/geo+json" },
    { ".webmanifest", "application/manifest+json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".ico", "image/x-icon" },
    { ".woff2", "font/woff2" },
    { ".txt", "text/plain; charset=utf-8" },
};

static const char *type_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i][0], ending) == 0)
            return types[i][1];
    return NULL;
}

static void set_etag(struct page *page)
{
    uint8_t hash[16];
    char digits[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)page->bytes, page->size, NULL, 0);
    hex_write(hash, sizeof hash, digits);
    (void)snprintf(page->etag, sizeof page->etag, "\"%s\"", digits);
}

static int read_whole(int fd, char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        done += (size_t)got;
    }
    return 0;
}

/* Fills the page from an open file, which it closes; *page holds nothing after an error. */
static int page_read(struct page *page, int fd, const char *name, const char *path)
{
    struct stat stat;
    *page = (struct page){ .type = type_of(name) };
    int status = fstat(fd, &stat) < 0 ? -errno : stat.st_size > PAGE_MAX_BYTES ? -EFBIG : 0;
    if (status == 0) {
        page->size = (size_t)stat.st_size;
        page->bytes = malloc(page->size + 1);
        status = page->bytes ? read_whole(fd, page->bytes, page->size) : -ENOMEM;
    }
    (void)close(fd);
    if (status < 0) {
        page_close(page);
        return status;
    }
    (void)text_copy(page->path, sizeof page->path, path);
    set_etag(page);
    return 0;
}

int page_open(struct page *page, const char *file, const char *path)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : page_read(page, fd, file, path);
}

void page_close(struct page *page)
{
    free(page->bytes);
    page->bytes = NULL;
}

/* path: of the file below the folder, "/" in front. */
static int add_page(struct pages *pages, int folder, const char *name, const char *path)
{
    if (pages->count == PAGES_MAX)
        return -EFBIG;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    int status = page_read(&pages->rows[pages->count], fd, name, path);
    if (status < 0)
        return status;
    pages->bytes += pages->rows[pages->count++].size;
    return pages->bytes > PAGES_MAX_BYTES ? -EFBIG : 0;
}

// NOLINTNEXTLINE(misc-no-recursion): PAGES_DEPTH_MAX
static int add_folder(struct pages *pages, int fd, const char *above, unsigned depth)
{
    int status = 0;
    struct dirent *entry;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        status = -errno;
        (void)close(fd);
        return status;
    }
    while (status == 0 && (entry = readdir(folder))) {
        char path[PAGE_PATH_BYTES];
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", above, entry->d_name) >= (int)sizeof path)
            continue; /* no request can name it */
        int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (below >= 0 && depth < PAGES_DEPTH_MAX)
            status = add_folder(pages, below, path, depth + 1);
        else if (below >= 0)
            (void)close(below);
        else if (type_of(entry->d_name))
            status = add_page(pages, fd, entry->d_name, path);
    }
    (void)closedir(folder);
    return status;
}

static int by_path(const void *one, const void *two)
{
    const struct page *a = one, *b = two;
    return strcmp(a->path, b->path);
}

int pages_open(struct pages **pages, const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct pages *fresh = calloc(1, sizeof *fresh);
    if (!fresh) {
        (void)close(fd);
        return -ENOMEM;
    }
    int status = add_folder(fresh, fd, "", 0);
    if (status == 0) {
        qsort(fresh->rows, fresh->count, sizeof fresh->rows[0], by_path);
        if (!pages_find(fresh, "/"))
            status = -ENOENT;
    }
    if (status < 0) {
        pages_close(fresh);
        return status;
    }
    *pages = fresh;
    return 0;
}

void pages_close(struct pages *pages)
{
    if (!pages)
        return;
    for (uint32_t i = 0; i < pages->count; i++)
        page_close(&pages->rows[i]);
    free(pages);
}

const struct page *pages_find(const struct pages *pages, const char *path)
{
    struct page key;
    if (!text_copy(key.path, sizeof key.path, strcmp(path, "/") == 0 ? "/index.html" : path))
        return NULL;
    return bsearch(&key, pages->rows, pages->count, sizeof pages->rows[0], by_path);
}

uint32_t pages_count(const struct pages *pages)
{
    return pages->count;
}

const char *pages_standard(void)
{
    return access(WEB_SOURCE "/index.html", R_OK) == 0 ? WEB_SOURCE : "/usr/share/yihao/web";
}
