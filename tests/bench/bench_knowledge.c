/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a search takes in a knowledge base of so many articles: bench_knowledge ARTICLES [FOLDER].
 *
 * The articles are made from the sentences of the sample city's own (FOLDER, ops/city/knowledge): each is one title, 8
 * other sentences and 60 characters drawn at random, so that common words are as common as they are. Questions: titles
 * with one character changed for another (a slip), a sentence of the text, pinyin. Time is CPU time of this thread. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/text.h"
#include "base/utf8.h"
#include "dispatcher/views/concordance.h"
#include "tests/bench/cpu.h"

enum {
    SENTENCES_MAX = 2000,
    SENTENCE_BYTES = 400,
    SENTENCES_OF_ARTICLE = 8,
    RANDOM_CHARACTERS = 60,
    QUESTIONS = 2000
};

static char sentences[SENTENCES_MAX][SENTENCE_BYTES];
static uint32_t sentence_count;
static struct prng dice;

static double cpu_ms(void)
{
    return (double)thread_cpu_ns() / 1e6;
}

static void read_sentences(const char *folder)
{
    char path[1024], line[4096];
    DIR *files = opendir(folder);
    for (struct dirent *entry; files && (entry = readdir(files));) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        while (file && fgets(line, sizeof line, file) && sentence_count < SENTENCES_MAX) {
            line[strcspn(line, "\n")] = 0;
            if (strlen(line) > 12 && !strstr(line, ": "))
                (void)text_copy(sentences[sentence_count++], SENTENCE_BYTES, line);
        }
        if (file)
            (void)fclose(file);
    }
    if (files)
        (void)closedir(files);
}

static const char *any_sentence(void)
{
    return sentences[prng_below(&dice, sentence_count)];
}

static void add_random(struct text *text, unsigned count)
{
    char bytes[4];
    for (unsigned i = 0; i < count; i++)
        text_add_bytes(text, bytes, utf8_encode(0x4e00 + (uint32_t)prng_below(&dice, 3000), bytes));
}

static void make_title(struct text *title, uint32_t article)
{
    const char *sentence = any_sentence();
    size_t length = strlen(sentence) < 30 ? strlen(sentence) : 30;
    text_add_bytes(title, sentence, length - length % 3);
    add_random(title, 4);
    text_print(title, "%u", article);
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, two = *(const double *)b;
    return (one > two) - (one < two);
}

static void make_question(char *words, size_t size, uint32_t kind)
{
    struct text text = text_into(words, size);
    const char *sentence = any_sentence();
    if (kind == 0) {
        text_add_bytes(&text, sentence, strlen(sentence) < 24 ? strlen(sentence) : 24);
        add_random(&text, 1);
    } else if (kind == 1) {
        text_add(&text, sentence);
    } else {
        static const char *const sounds[] = { "ranqixielou", "tingshuile", "dianti", "ludeng",
                                              "rqxl" };
        text_add(&text, sounds[prng_below(&dice, 5)]);
    }
}

int main(int count, char **arguments)
{
    uint32_t articles = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 100000;
    static double times[QUESTIONS];
    static struct hit hits[CONCORDANCE_HITS_MAX];
    struct concordance *concordance = concordance_open();
    read_sentences(count > 2 ? arguments[2] : "ops/city/knowledge");
    prng_seed(&dice, 1);
    if (!concordance || sentence_count == 0) {
        (void)fputs("no sentences: say where the sample articles are\n", stderr);
        return EXIT_FAILURE;
    }
    double begun = cpu_ms();
    for (uint32_t i = 1; i <= articles; i++) {
        static char titles[256], random[512];
        struct text title = text_into(titles, sizeof titles),
                    noise = text_into(random, sizeof random);
        struct passage passages[SENTENCES_OF_ARTICLE + 2] = { { titles, WEIGHT_TITLE },
                                                              { random, WEIGHT_TEXT } };
        make_title(&title, i);
        add_random(&noise, RANDOM_CHARACTERS);
        for (unsigned j = 0; j < SENTENCES_OF_ARTICLE; j++)
            passages[j + 2] = (struct passage){ any_sentence(), WEIGHT_TEXT };
        if (concordance_put(concordance, i, 100000 + i % 300, passages, SENTENCES_OF_ARTICLE + 2) <
            0)
            return EXIT_FAILURE;
    }
    (void)printf("%u articles put in: %.0f us each, %.1f MB\n", articles,
                 (cpu_ms() - begun) * 1000 / articles,
                 (double)concordance_bytes(concordance) / 1e6);
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        char words[SENTENCE_BYTES];
        make_question(words, sizeof words, i % 3);
        double from = cpu_ms();
        (void)concordance_find(concordance, words, i % 2 ? 100000 + i % 300 : 0, hits);
        times[i] = cpu_ms() - from;
    }
    qsort(times, QUESTIONS, sizeof times[0], compare);
    (void)printf("search: p50 %.2f ms, p99 %.2f ms, most %.2f ms\n", times[QUESTIONS / 2],
                 times[QUESTIONS * 99 / 100], times[QUESTIONS - 1]);
    concordance_close(concordance);
    return EXIT_SUCCESS;
}
