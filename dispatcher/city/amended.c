/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/amended.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/text.h"
#include "dispatcher/city/grid.h"

enum {
    PATH_BYTES = 600
};

struct amended {
    const char *folder;
    bool grave;
    struct grid *grids[CITY_FILE_COUNT]; /* those that a change was for */
    bool staged[CITY_FILE_COUNT];
};

struct amended *amended_open(const char *folder)
{
    struct amended *fresh = calloc(1, sizeof *fresh);
    if (fresh)
        fresh->folder = folder;
    return fresh;
}

static bool is_changed(const struct amended *amended, enum city_file file)
{
    return amended->grids[file] && grid_is_changed(amended->grids[file]);
}

/* Where the table lies, and where it waits to lie there. */
static bool paths(const struct amended *amended, enum city_file file, char place[PATH_BYTES],
                  char staged[PATH_BYTES])
{
    struct text first = text_into(place, PATH_BYTES), second = text_into(staged, PATH_BYTES);
    text_print(&first, "%s/%s", amended->folder, grid_file(file));
    text_print(&second, "%s/.%s.amended", amended->folder, grid_file(file));
    return !first.cut && !second.cut;
}

void amended_close(struct amended *amended)
{
    char place[PATH_BYTES], staged[PATH_BYTES];
    if (!amended)
        return;
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++) {
        if (amended->staged[file] && paths(amended, file, place, staged))
            (void)unlink(staged);
        grid_close(amended->grids[file]);
    }
    free(amended);
}

int amended_put(struct amended *amended, enum city_file file, const char *before, const char *after,
                bool again)
{
    int status = 0;
    if (!grid_file(file))
        return -EBADMSG;
    if (!amended->grids[file])
        status = grid_open(&amended->grids[file], amended->folder, file);
    if (status == 0)
        status = grid_put(amended->grids[file], before, after, again);
    if (status == 0)
        amended->grave |= grid_is_grave(file, before, after);
    return status;
}

bool amended_is_grave(const struct amended *amended)
{
    return amended->grave;
}

int amended_city(struct amended *amended, struct city **city, city_complain *complain, void *owner)
{
    struct city_text texts[CITY_FILE_COUNT] = { { NULL, 0 } };
    int status = 0;
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++) {
        if (!is_changed(amended, file))
            continue;
        texts[file].bytes = grid_text(amended->grids[file], &texts[file].size);
        if (!texts[file].bytes)
            status = -ENOMEM;
    }
    if (status == 0)
        status = city_open_amended(city, amended->folder, texts, complain, owner);
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++)
        free(texts[file].bytes);
    return status;
}

static int write_durably(const char *path, const char *bytes, size_t size, mode_t mode)
{
    FILE *stream = fopen(path, "we");
    if (!stream)
        return -errno;
    bool written = fwrite(bytes, 1, size, stream) == size && fflush(stream) == 0 &&
                   fchmod(fileno(stream), mode) == 0 && fsync(fileno(stream)) == 0;
    int status = written ? 0 : -errno;
    if (fclose(stream) != 0 && status == 0)
        status = -errno;
    return status;
}

static int stage(struct amended *amended, enum city_file file)
{
    char place[PATH_BYTES], staged[PATH_BYTES];
    struct stat about;
    size_t size;
    if (!paths(amended, file, place, staged))
        return -ENAMETOOLONG;
    if (stat(place, &about) < 0)
        return -errno;
    char *bytes = grid_text(amended->grids[file], &size);
    if (!bytes)
        return -ENOMEM;
    amended->staged[file] = true;
    int status = write_durably(staged, bytes, size, about.st_mode & 0777);
    free(bytes);
    return status;
}

int amended_stage(struct amended *amended)
{
    int status = 0;
    for (enum city_file file = CITY_FILE_NONE + 1; status == 0 && file < CITY_FILE_COUNT; file++)
        if (is_changed(amended, file))
            status = stage(amended, file);
    return status;
}

int amended_settle(struct amended *amended)
{
    char place[PATH_BYTES], staged[PATH_BYTES];
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++) {
        if (!amended->staged[file] || !paths(amended, file, place, staged))
            continue;
        if (rename(staged, place) < 0)
            return -errno;
        amended->staged[file] = false;
    }
    return folder_sync(amended->folder);
}
