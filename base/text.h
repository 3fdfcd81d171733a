/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * text: a bounded writer into the caller's buffer. The buffer is always NUL-terminated; what does
 * not fit is cut at a character's border (never inside a UTF-8 sequence) and `cut` tells it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes;
    size_t size;   /* of the buffer, with the terminator */
    size_t length; /* without the terminator */
    bool cut;
};

/* size ≥ 1. The buffer is borrowed for the writer's life. */
struct text text_into(char *buffer, size_t size);

void text_add(struct text *text, const char *words);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies words into a field of `size` bytes. Returns false when it had to be cut. */
bool text_copy(char *field, size_t size, const char *words);

#endif
