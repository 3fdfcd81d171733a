/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * verb: everything the command line can do, one row each. Help, bash completion and man page are
 * printed from this table; a command's arguments are checked by the field tables of proto/schema.h. */
#ifndef CONSOLES_CTL_VERB_H
#define CONSOLES_CTL_VERB_H

#include <stdbool.h>
#include <stddef.h>

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,
    EXIT_DENIED = 4,
    EXIT_UNREACHABLE = 5,
    EXIT_CONFLICT = 6,
    EXIT_TAMPERED = 10,
    EXIT_GAPS = 11
};

struct request;
typedef int verb_run(struct request *request);

struct verb {
    const char *name; /* one or two words */
    /* Names of what must follow, in order; the last one may stand in brackets: it may be missing. */
    const char *arguments;
    /* Names of options: "text=" takes a value, "lead=!" must be given, "anonymous" is a switch. */
    const char *options;
    const char *english;
    const char *chinese;
    verb_run *run;
    const char
        *command; /* the command's body whose fields the arguments and options are, or NULL */
};

extern const struct verb verbs[];
extern const size_t verb_count;

/* NULL when there is none of this name; second may be NULL. */
const struct verb *verb_find(const char *first, const char *second);

/* Is its answer one list, so that it can be had as CSV? */
bool verb_lists(const struct verb *verb);

/* Is there a verb of two words that begins with this one? */
bool verb_is_group(const char *first);

/* Takes the next name of a list as above apart. Returns where to go on, NULL at the end. */
enum {
    VERB_WORD_BYTES = 32
};
struct verb_word {
    char name[VERB_WORD_BYTES];
    bool takes_value;
    bool needed;   /* an option that must be given */
    bool optional; /* an argument that may be left out */
};
const char *verb_word(const char *list, struct verb_word *word);

/* The whole command line in short, or one verb with all it takes, or a group. */
void help_all(void);
void help_verb(const struct verb *verb);
void help_group(const char *first);

/* ops/completion/yihao.bash and ops/man/yihao.1. */
void help_bash(void);
void help_man(void);

#endif
