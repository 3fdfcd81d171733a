/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dossier: one case on paper: what it is, its trail event by event in the words the pages use, what was opened of
 * the citizen's when the reader had it opened, and by what all this can be checked: the chain's value of each
 * record, the case's digest (BLAKE2b-256 over those values, in order), the last checkpoint. */
#ifndef CONSOLES_PAPER_DOSSIER_H
#define CONSOLES_PAPER_DOSSIER_H

#include <stdbool.h>
#include <stdint.h>

#include <sodium.h>

#include "consoles/paper/paper.h"
#include "proto/message.h"

enum {
    DOSSIER_EVENTS_MAX = 5000,
    DOSSIER_DIGEST = 32
};

/* Who knows the words. say: NULL when there are none for it. name: "" when the number is nobody's. Both may
 * answer with one buffer each. */
struct dossier_words {
    void *owner;
    const char *(*say)(void *owner, const char *group, const char *word);
    const char *(*name)(void *owner, enum city_table table, uint32_t number);
    bool english;
    uint64_t offset_min; /* of the city's clocks */
};

struct dossier {
    const struct dossier_words *words;
    struct paper body;   /* the table of events */
    struct paper opened; /* the citizen's own words */
    struct personal own; /* the newest of the case itself, which needs no second telling */
    crypto_generichash_state hash;
    uint32_t events;
    uint64_t first, last;
};

/* Who prints it, and what for. */
struct dossier_wish {
    uint64_t at_ms;
    uint32_t user;
    enum read_reason reason;
    uint32_t fields;                     /* bits (1 << personal field) that stand open; 0: none */
    const struct checkpoint *checkpoint; /* NULL: not known here */
};

void dossier_begin(struct dossier *dossier, const struct dossier_words *words);
void dossier_done(struct dossier *dossier);

/* The next record of the case: its number, the chain's value at it, and what it says. */
void dossier_event(struct dossier *dossier, const struct stored_event *row,
                   const struct event *event, bool sealed);

/* What lay sealed: first (0) the newest of the case itself, then beside the event of this number; of that only what
 * differs stands on the paper. */
void dossier_opened(struct dossier *dossier, uint64_t seq, const struct personal *personal);

/* Puts all of it together; *paper is begun here, and the caller's to be done. */
void dossier_write(struct dossier *dossier, const struct incident_detail *detail,
                   const struct dossier_wish *wish, struct paper *paper);

/* "2026-11-22 20:41:07" of the city's clocks; "" for 0. */
void dossier_time(uint64_t at_ms, uint64_t offset_min, char words[32]);

#endif
