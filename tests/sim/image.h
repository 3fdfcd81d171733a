/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * image: how some memory lay at one moment; only pages that are not all zero are kept, for a core's
 * block is large and mostly untouched. */
#ifndef TESTS_SIM_IMAGE_H
#define TESTS_SIM_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct image_page;

/* Zero: an empty one. */
struct image {
    struct image_page *pages;
    size_t count, room;
};

/* Forgets what it held; the memory stays its own. */
void image_clear(struct image *image);
void image_free(struct image *image);

/* Adds a piece of memory under this number. */
void image_take(struct image *image, uint32_t number, const void *memory, size_t size);

/* Lays the first `count` pages of this number back into memory that is all zero. */
void image_put(const struct image *image, uint32_t number, void *memory, size_t size, size_t count);

#endif
