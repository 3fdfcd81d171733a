/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/call_data.h"

#include <errno.h>
#include <expat.h>
#include <string.h>
#include <strings.h>

enum {
    DEPTH_MAX = 32,
    NAME_BYTES = 64,
    WORDS_BYTES = 512,
    BLOCK_BYTES_MAX = 65536
};

struct reading {
    XML_Parser parser;
    struct text *text;
    unsigned depth;
    bool leaf; /* nothing ended since the last element began */
    char words[WORDS_BYTES];
    struct text inside;
};

bool call_data_is(const char *type)
{
    static const char start[] = "application/EmergencyCallData.";
    return strncasecmp(type, start, sizeof start - 1) == 0;
}

static void on_start(void *owner, const char *name, const char **attributes)
{
    struct reading *reading = owner;
    (void)name, (void)attributes;
    if (++reading->depth > DEPTH_MAX)
        (void)XML_StopParser(reading->parser, XML_FALSE);
    reading->leaf = true;
    reading->inside = text_into(reading->words, sizeof reading->words);
}

static void on_words(void *owner, const char *bytes, int length)
{
    struct reading *reading = owner;
    text_add_bytes(&reading->inside, bytes, (size_t)length);
}

/* One line: blanks and line ends become one blank. */
static void add_line(struct text *text, const char *name, const char *words)
{
    bool blank = false;
    text_print(text, "%.*s: ", NAME_BYTES, name);
    for (words += strspn(words, " \t\r\n"); *words; words++) {
        if (strchr(" \t\r\n", *words)) {
            blank = true;
            continue;
        }
        if (blank)
            text_add_char(text, ' ');
        blank = false;
        text_add_bytes(text, words, 1);
    }
    text_add_char(text, '\n');
}

static void on_end(void *owner, const char *name)
{
    struct reading *reading = owner;
    const char *mark = strrchr(name, '|');
    const char *words = reading->words;
    if (reading->leaf && words[strspn(words, " \t\r\n")] != 0)
        add_line(reading->text, mark ? mark + 1 : name, words);
    reading->leaf = false;
    reading->depth--;
    reading->inside = text_into(reading->words, sizeof reading->words);
}

static void on_doctype(void *owner, const char *name, const char *system, const char *public,
                       int inside)
{
    struct reading *reading = owner;
    (void)name, (void)system, (void)public, (void)inside;
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

int call_data_add(struct text *text, const char *xml, size_t length)
{
    struct reading reading = { .text = text };
    struct text before = *text;
    reading.inside = text_into(reading.words, sizeof reading.words);
    reading.parser = length <= BLOCK_BYTES_MAX ? XML_ParserCreateNS(NULL, '|') : NULL;
    if (!reading.parser)
        return -EBADMSG;
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading.parser, on_words);
    XML_SetStartDoctypeDeclHandler(reading.parser, on_doctype);
    bool whole = XML_Parse(reading.parser, xml, (int)length, 1) == XML_STATUS_OK;
    XML_ParserFree(reading.parser);
    if (whole)
        return 0;
    *text = before;
    text->bytes[text->length] = 0;
    return -EBADMSG;
}
