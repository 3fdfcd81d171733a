/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"

struct text text_into(char *buffer, size_t size)
{
    REQUIRE(size > 0);
    buffer[0] = 0;
    return (struct text){ .bytes = buffer, .size = size };
}

/* The longest start of bytes, at most `room` long, that does not end inside a UTF-8 sequence. */
static size_t whole_characters(const char *bytes, size_t room)
{
    while (room > 0 && ((uint8_t)bytes[room] & 0xC0U) == 0x80U)
        room--;
    return room;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    size_t room = text->size - 1 - text->length;
    if (text->cut)
        return;
    if (length > room) {
        length = whole_characters(bytes, room);
        text->cut = true;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

void text_add(struct text *text, const char *words)
{
    text_add_bytes(text, words, strlen(words));
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

void text_print(struct text *text, const char *format, ...)
{
    char piece[512];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(piece, sizeof piece, format, list);
    va_end(list);
    REQUIRE(length >= 0);
    text_add(text, piece);
    if ((size_t)length >= sizeof piece)
        text->cut = true;
}

bool text_copy(char *field, size_t size, const char *words)
{
    struct text text = text_into(field, size);
    text_add(&text, words);
    return !text.cut;
}
