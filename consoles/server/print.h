/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print: a case's trail, or a list, as PDF. As an export (consoles/server/export.h): made here, of what the asker may
 * see, and given away only when the trail says who took it, what for, and the file's BLAKE2b-256. The pages are made
 * by a program of their own (consoles/paper/print.h) while the loop goes on.
 *
 * POST /api/v1/export {"paper":{"incident":"…","reason":"audit"},"language":"zh"} or {"query":{…},"reason":…,
 * "form":"pdf"}. "open":true puts in what the citizen said: each thing by a personal_read of its own, which is
 * an event first; telephone and name come masked unless a "purpose" is given, too.
 * Answered {"event_seq","digest","rows","more","pdf"}, the last in base64. */
#ifndef CONSOLES_SERVER_PRINT_H
#define CONSOLES_SERVER_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "consoles/paper/dossier.h"
#include "consoles/paper/paper.h"
#include "consoles/server/dictionary.h"
#include "proto/json.h"

enum {
    PRINTS_MAX = 4,      /* at once: each is a process */
    PRINT_READS_MAX = 64 /* things opened for one paper */
};

struct console;
struct exchange;
struct session;
struct waiter;

enum print_step {
    PRINT_STEP_NONE,    /* free */
    PRINT_STEP_OPENING, /* the dispatcher opens one thing after the other */
    PRINT_STEP_PRESSING,
    PRINT_STEP_TELLING /* the trail is told */
};

struct print_read {
    uint64_t subject;
    uint64_t seq;
};

struct print {
    struct console *console;
    const struct exchange *exchange; /* NULL: the asker left */
    enum print_step step;
    uv_work_t work;
    struct paper paper;
    uint8_t *pdf;
    size_t pdf_size;
    int status;
    uint8_t digest[32];
    bool more; /* there was more than the paper holds */
    uint32_t rows;
    enum read_reason reason;
    enum read_purpose purpose;
    uint64_t incident; /* 0: a list */
    uint32_t fields;   /* that were opened */
    enum dictionary_language language;
    char said[DICTIONARY_TEXT_BYTES];
    struct dossier_words words;
    struct dossier dossier;
    struct incident_detail *detail;
    uint32_t user;
    uint32_t reads_count, reads_done;
    struct print_read reads[PRINT_READS_MAX];
};

struct prints {
    struct print all[PRINTS_MAX];
};

/* {"paper":{…}}: a case. */
void print_case(struct console *console, const struct session *session, struct exchange *exchange,
                const json_t *body);

/* A list that stands on this paper, which is taken over in any case. */
void print_list(struct console *console, struct exchange *exchange, struct paper *paper,
                const json_t *body, bool more);

/* WAIT_PRINT: something was opened, or the trail was told. */
void print_outcome(struct console *console, const struct waiter *waiter,
                   const struct outcome *outcome);

/* The asker of this exchange left. */
void prints_forget(struct prints *prints, const struct exchange *exchange);

void prints_close(struct prints *prints);

#endif
