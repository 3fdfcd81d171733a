/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/dictionary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Both point into a page; words with their backslashes. */
struct entry {
    const char *key;
    size_t key_size;
    const char *words;
    size_t words_size;
};

struct dictionary {
    struct entry entries[DICTIONARY_LANGUAGES][DICTIONARY_WORDS_MAX];
    uint32_t count[DICTIONARY_LANGUAGES];
};

static int by_key(const void *one, const void *two)
{
    const struct entry *a = one, *b = two;
    size_t size = a->key_size < b->key_size ? a->key_size : b->key_size;
    int order = memcmp(a->key, b->key, size);
    return order ? order : (a->key_size > b->key_size) - (a->key_size < b->key_size);
}

/* The end of what stands between quotes, NULL: it does not end on this line. */
static const char *closing_quote(const char *at, const char *end)
{
    while (at < end && *at != '\'')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at : NULL;
}

/* Reads "    'key': 'words',"; false: the line is another one. */
static bool entry_read(const char *line, const char *end, struct entry *entry)
{
    static const char head[] = "    '", middle[] = "': '";
    if ((size_t)(end - line) < sizeof head || memcmp(line, head, sizeof head - 1) != 0)
        return false;
    entry->key = line + sizeof head - 1;
    const char *key_end = closing_quote(entry->key, end);
    if (!key_end || (size_t)(end - key_end) < sizeof middle ||
        memcmp(key_end, middle, sizeof middle - 1) != 0)
        return false;
    entry->key_size = (size_t)(key_end - entry->key);
    entry->words = key_end + sizeof middle - 1;
    const char *words_end = closing_quote(entry->words, end);
    entry->words_size = words_end ? (size_t)(words_end - entry->words) : 0;
    return words_end != NULL;
}

static void page_take(struct dictionary *dictionary, enum dictionary_language language,
                      const struct page *page)
{
    const char *end = page->bytes + page->size;
    for (const char *line = page->bytes; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = next ? next : end;
        uint32_t *count = &dictionary->count[language];
        if (*count < DICTIONARY_WORDS_MAX &&
            entry_read(line, line_end, &dictionary->entries[language][*count]))
            ++*count;
        line = line_end + 1;
    }
}

int dictionary_open(struct dictionary **dictionary, const struct pages *pages)
{
    static const char *const languages[DICTIONARY_LANGUAGES] = { "zh", "en" };
    static const char *const parts[] = { "", "-events", "-panels", "-states", "-office" };
    struct dictionary *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    for (unsigned i = 0; i < DICTIONARY_LANGUAGES; i++) {
        for (unsigned j = 0; j < sizeof parts / sizeof parts[0]; j++) {
            char path[64];
            (void)snprintf(path, sizeof path, "/app/words-%s%s.js", languages[i], parts[j]);
            const struct page *page = pages_find(pages, path);
            if (page)
                page_take(fresh, (enum dictionary_language)i, page);
        }
        qsort(fresh->entries[i], fresh->count[i], sizeof fresh->entries[i][0], by_key);
    }
    *dictionary = fresh;
    return 0;
}

void dictionary_close(struct dictionary *dictionary)
{
    free(dictionary);
}

uint32_t dictionary_count(const struct dictionary *dictionary, enum dictionary_language language)
{
    return dictionary->count[language];
}

const char *dictionary_say(const struct dictionary *dictionary, enum dictionary_language language,
                           const char *group, const char *word, char words[DICTIONARY_TEXT_BYTES])
{
    char key[96];
    int size = snprintf(key, sizeof key, "%s.%s", group, word);
    struct entry wanted = { .key = key, .key_size = size > 0 ? (size_t)size : 0 };
    const struct entry *found = (size_t)size < sizeof key
                                    ? bsearch(&wanted, dictionary->entries[language],
                                              dictionary->count[language], sizeof wanted, by_key)
                                    : NULL;
    if (!found)
        return word;
    struct text text = text_into(words, DICTIONARY_TEXT_BYTES);
    for (size_t i = 0; i < found->words_size; i++) {
        i += found->words[i] == '\\' && i + 1 < found->words_size;
        text_add_bytes(&text, found->words + i, 1);
    }
    return words;
}
