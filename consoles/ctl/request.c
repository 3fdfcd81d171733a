/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/words.h"

struct reading {
    struct request *request;
    int count;
    const char *const *words;
    int at;
};

/* "--name=value" or "--name value": the value, or NULL when the word is another option. */
static const char *value_of(struct reading *reading, const char *name, bool *missing)
{
    const char *word = reading->words[reading->at];
    REQUIRE(word != NULL);
    size_t length = strlen(name);
    if (strncmp(word, name, length) != 0)
        return NULL;
    if (word[length] == '=')
        return word + length + 1;
    if (word[length] != '\0')
        return NULL;
    if (reading->at + 1 == reading->count) {
        *missing = true;
        return NULL;
    }
    return reading->words[++reading->at];
}

/* The options every verb has. Returns EXIT_DONE when the word was one, -1 when it was not. */
static int read_global(struct reading *reading)
{
    struct request *request = reading->request;
    const char *word = reading->words[reading->at];
    const char *value;
    bool missing = false;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        request->help = true;
        return EXIT_DONE;
    }
    if ((value = value_of(reading, "--home", &missing))) {
        request->home = value;
        return EXIT_DONE;
    }
    if ((value = value_of(reading, "--as", &missing))) {
        request->as = value;
        return EXIT_DONE;
    }
    if ((value = value_of(reading, "--output", &missing)) ||
        (value = value_of(reading, "-o", &missing))) {
        request->json = strcmp(value, "json") == 0;
        request->csv = strcmp(value, "csv") == 0;
        if (request->json || request->csv || strcmp(value, "table") == 0)
            return EXIT_DONE;
        complain(words("output is table, json or csv, not %s",
                       "输出格式只能是 table、json 或 csv,不是 %s"),
                 value);
        return EXIT_USAGE;
    }
    if (!missing)
        return -1;
    complain(words("%s wants a value behind it", "%s 后面要有值"), word);
    return EXIT_USAGE;
}

/* --name of the verb's own; "-" and "_" are the same in it. */
static int read_own(struct reading *reading)
{
    struct request *request = reading->request;
    const char *word = reading->words[reading->at];
    char name[VERB_WORD_BYTES];
    struct verb_word wanted;

    if (strcmp(word, "-f") == 0)
        word = "--follow";
    size_t length = strcspn(word + 2, "=");
    (void)text_copy(name, sizeof name, word + 2);
    if (length < sizeof name)
        name[length] = '\0';
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : *at;
    for (const char *list = request->verb->options; (list = verb_word(list, &wanted));) {
        if (strcmp(wanted.name, name) != 0)
            continue;
        const char *value = word[2 + length] == '=' ? word + 3 + length : NULL;
        if (!value && wanted.takes_value && reading->at + 1 < reading->count)
            value = reading->words[++reading->at];
        if (!value && wanted.takes_value) {
            complain(words("%s wants a value behind it", "%s 后面要有值"), word);
            return EXIT_USAGE;
        }
        if (request->option_count == REQUEST_OPTIONS_MAX) {
            complain(words("too many options", "选项太多"));
            return EXIT_USAGE;
        }
        request->options[request->option_count++] =
            (struct request_option){ .word = wanted, .value = value ? value : "yes" };
        return EXIT_DONE;
    }
    complain(
        words("%s: there is no option %s; see yihao help %s", "%s 没有选项 %s;请看 yihao help %s"),
        request->verb->name, word, request->verb->name);
    return EXIT_USAGE;
}

/* The first one or two plain words name the verb; global options may stand before and between. */
static int find_verb(struct reading *reading, int places[2])
{
    const char *names[2] = { NULL, NULL };
    unsigned found = 0;
    places[0] = places[1] = -1;
    for (; reading->at < reading->count && found < 2; reading->at++) {
        const char *word = reading->words[reading->at];
        if (word[0] != '-') {
            places[found] = reading->at;
            names[found++] = word;
            continue;
        }
        int status = read_global(reading);
        if (status == EXIT_USAGE)
            return status;
        if (status < 0)
            break; /* the verb's own: its name is complete */
    }
    if (found == 0)
        return EXIT_DONE;
    reading->request->verb = verb_find(names[0], names[1]);
    if (!reading->request->verb)
        reading->request->verb = verb_find(names[0], NULL);
    if (reading->request->verb && !strchr(reading->request->verb->name, ' '))
        places[1] = -1;
    if (reading->request->verb)
        return EXIT_DONE;
    if (verb_is_group(names[0])) {
        help_group(names[0]);
        return reading->request->help ? EXIT_DONE : EXIT_USAGE;
    }
    complain(words("there is no verb \"%s\"; see yihao help", "没有“%s”这个命令;请看 yihao help"),
             names[0]);
    return EXIT_USAGE;
}

static int check_arguments(const struct request *request)
{
    struct verb_word word;
    unsigned index = 0;
    for (const char *list = request->verb->arguments; (list = verb_word(list, &word)); index++)
        if (!word.optional && index >= request->argument_count) {
            complain(words("%s: %s is missing; see yihao help %s", "%s 缺少 %s;请看 yihao help %s"),
                     request->verb->name, word.name, request->verb->name);
            return EXIT_USAGE;
        }
    if (request->argument_count > index) {
        complain(
            words("%s: \"%s\" is too much; see yihao help %s", "%s 多了“%s”;请看 yihao help %s"),
            request->verb->name, request->arguments[index], request->verb->name);
        return EXIT_USAGE;
    }
    for (const char *list = request->verb->options; (list = verb_word(list, &word));)
        if (word.needed && !request_option(request, word.name)) {
            complain(
                words("%s: --%s is missing; see yihao help %s", "%s 缺少 --%s;请看 yihao help %s"),
                request->verb->name, word.name, request->verb->name);
            return EXIT_USAGE;
        }
    return EXIT_DONE;
}

static int read_rest(struct reading *reading, const int places[2])
{
    struct request *request = reading->request;
    for (reading->at = 0; reading->at < reading->count; reading->at++) {
        const char *word = reading->words[reading->at];
        int status = -1;
        if (reading->at == places[0] || reading->at == places[1])
            continue;
        if (word[0] == '-' && word[1] != '\0') {
            status = read_global(reading);
            if (status < 0)
                status = read_own(reading);
            if (status != EXIT_DONE)
                return status;
        } else if (request->argument_count == REQUEST_ARGUMENTS_MAX) {
            complain(words("too many words", "参数太多"));
            return EXIT_USAGE;
        } else {
            request->arguments[request->argument_count++] = word;
        }
    }
    return EXIT_DONE;
}

int request_read(struct request *request, int count, const char *const *line)
{
    struct reading reading = { .request = request, .count = count, .words = line };
    int places[2];
    const char *home = getenv("YIHAO_HOME");
    *request = (struct request){ .home = home && *home ? home : "home" };
    int status = find_verb(&reading, places);
    if (status != EXIT_DONE || !request->verb)
        return status;
    status = read_rest(&reading, places);
    if (status == EXIT_DONE && request->csv && !verb_lists(request->verb)) {
        complain(words("%s answers with more than one list: -o json",
                       "%s 的结果不是单一列表:请用 -o json"),
                 request->verb->name);
        return EXIT_USAGE;
    }
    if (request->csv)
        sheets_become_csv();
    return status == EXIT_DONE && !request->help ? check_arguments(request) : status;
}

const char *request_option(const struct request *request, const char *name)
{
    for (unsigned i = 0; i < request->option_count; i++)
        if (strcmp(request->options[i].word.name, name) == 0)
            return request->options[i].value;
    return NULL;
}

const char *request_argument(const struct request *request, unsigned index)
{
    return index < request->argument_count ? request->arguments[index] : NULL;
}
