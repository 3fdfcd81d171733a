/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/require.h"

enum {
    PAGE_BYTES = 4096
};

struct image_page {
    uint32_t number;
    size_t place;
    uint8_t bytes[PAGE_BYTES];
};

void image_clear(struct image *image)
{
    image->count = 0;
}

void image_free(struct image *image)
{
    free(image->pages);
    *image = (struct image){ 0 };
}

static struct image_page *add_page(struct image *image)
{
    if (image->count == image->room) {
        image->room = image->room ? image->room * 2 : 1024;
        image->pages = realloc(image->pages, image->room * sizeof *image->pages);
        REQUIRE(image->pages);
    }
    return &image->pages[image->count++];
}

static size_t page_size(size_t size, size_t place)
{
    size_t rest = size - place * PAGE_BYTES;
    return rest < PAGE_BYTES ? rest : PAGE_BYTES;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

void image_take(struct image *image, uint32_t number, const void *memory, size_t size)
{
    size_t pages = (size + PAGE_BYTES - 1) / PAGE_BYTES;
    unsigned char *there = malloc(pages);
    REQUIRE(there);
    /* What was never touched need not be looked at. */
    bool known =
        (uintptr_t)memory % PAGE_BYTES == 0 && mincore((void *)(uintptr_t)memory, size, there) == 0;
    for (size_t i = 0; i < pages; i++) {
        const uint8_t *bytes = (const uint8_t *)memory + i * PAGE_BYTES;
        if ((known && !(there[i] & 1)) || is_zero(bytes, page_size(size, i)))
            continue;
        struct image_page *page = add_page(image);
        page->number = number;
        page->place = i;
        memcpy(page->bytes, bytes, page_size(size, i));
    }
    free(there);
}

void image_put(const struct image *image, uint32_t number, void *memory, size_t size, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct image_page *page = &image->pages[i];
        if (page->number == number)
            memcpy((uint8_t *)memory + page->place * PAGE_BYTES, page->bytes,
                   page_size(size, page->place));
    }
}
