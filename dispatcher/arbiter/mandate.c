/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/arbiter/mandate.h"

#include <endian.h>
#include <string.h>

enum {
    MAGIC_PLEA = 0x41504c59,  /* "YLPA" */
    MAGIC_RULING = 0x4c525959 /* "YYRL" */
};

/* Who asks, as the mandate stands. */
enum relation {
    NOBODY_LEADS,
    HOLDER_ASKS,
    OTHER_ASKS,      /* and the holder is bound to its standby */
    OTHER_ASKS_ALONE /* and the holder goes on alone */
};

enum step {
    REFUSE = 0,
    LOOK,    /* granted, nothing changes */
    BEGIN,   /* the first leader of all */
    LET_GO,  /* the holder goes on alone */
    BIND,    /* the holder is bound to its standby again */
    HAND_ON, /* another leads from now on */
};

/* A standby never begins a city: who never led has nothing that anybody was told. */
static const uint8_t steps[PLEA_KINDS][4] = {
    [PLEA_ASK] = { LOOK, LOOK, LOOK, LOOK },
    [PLEA_ALONE] = { BEGIN, LET_GO, REFUSE, REFUSE },
    [PLEA_TOGETHER] = { BEGIN, BIND, REFUSE, REFUSE },
    [PLEA_LEAD] = { REFUSE, LOOK, HAND_ON, REFUSE },
    [PLEA_FORCE] = { HAND_ON, LOOK, HAND_ON, HAND_ON },
};

static enum relation relation_of(const struct mandate *mandate, const char *name)
{
    if (mandate->term == 0)
        return NOBODY_LEADS;
    if (strcmp(mandate->holder, name) == 0)
        return HOLDER_ASKS;
    return mandate->alone ? OTHER_ASKS_ALONE : OTHER_ASKS;
}

static bool is_newer(const struct mandate *mandate, const struct plea *plea)
{
    return plea->epoch > mandate->epoch ||
           (plea->epoch == mandate->epoch && plea->number > mandate->number);
}

static bool is_said_again(const struct mandate *mandate, const struct plea *plea)
{
    return plea->epoch == mandate->epoch && plea->number == mandate->number &&
           mandate->alone == (plea->kind == PLEA_ALONE);
}

static void seat(struct mandate *mandate, const struct plea *plea)
{
    mandate->term++;
    memcpy(mandate->holder, plea->name, sizeof mandate->holder);
    mandate->alone = plea->kind != PLEA_TOGETHER; /* nobody follows who only begins to lead */
    mandate->epoch = plea->epoch;
    mandate->number = plea->number;
}

/* The holder says how it stands to its standby. */
static enum verdict_of_plea take_word(struct mandate *mandate, const struct plea *plea,
                                      bool *changed)
{
    if (is_said_again(mandate, plea))
        return RULING_GRANTED;
    if (!is_newer(mandate, plea))
        return RULING_OLD;
    mandate->alone = plea->kind == PLEA_ALONE;
    mandate->epoch = plea->epoch;
    mandate->number = plea->number;
    *changed = true;
    return RULING_GRANTED;
}

bool mandate_judge(struct mandate *mandate, const struct plea *plea, struct ruling *ruling)
{
    bool changed = false;
    enum step step = (enum step)steps[plea->kind][relation_of(mandate, plea->name)];
    if (step == HAND_ON && plea->kind == PLEA_LEAD && plea->term != mandate->term)
        step = REFUSE; /* asked of a leader that is none any more */
    *ruling = (struct ruling){ .plea = *plea, .verdict = RULING_GRANTED };
    switch (step) {
    case REFUSE:
        ruling->verdict = RULING_REFUSED;
        break;
    case LOOK:
        break;
    case LET_GO:
    case BIND:
        ruling->verdict = take_word(mandate, plea, &changed);
        break;
    case HAND_ON:
    case BEGIN:
        seat(mandate, plea);
        if (step ==
            HAND_ON) /* its journal's epoch is not raised yet: any word of its own is newer */
            mandate->epoch = mandate->number = 0;
        changed = true;
        break;
    }
    ruling->plea.term = mandate->term;
    memcpy(ruling->plea.name, mandate->holder, sizeof ruling->plea.name);
    ruling->alone = mandate->alone;
    return changed;
}

/* ---- on the wire --------------------------------------------------------------------------- */

static void put_word(uint8_t *at, uint32_t word)
{
    uint32_t little = htole32(word);
    memcpy(at, &little, sizeof little);
}

static void put_long(uint8_t *at, uint64_t number)
{
    uint64_t little = htole64(number);
    memcpy(at, &little, sizeof little);
}

static uint32_t word_at(const uint8_t *at)
{
    uint32_t little;
    memcpy(&little, at, sizeof little);
    return le32toh(little);
}

static uint64_t long_at(const uint8_t *at)
{
    uint64_t little;
    memcpy(&little, at, sizeof little);
    return le64toh(little);
}

static void write_as(uint8_t *bytes, uint32_t magic, const struct plea *plea)
{
    put_word(bytes, magic);
    put_word(bytes + 4, (uint32_t)plea->kind);
    put_long(bytes + 8, plea->term);
    put_long(bytes + 16, plea->epoch);
    put_long(bytes + 24, plea->number);
    memcpy(bytes + 32, plea->name, MANDATE_NAME_BYTES);
}

static bool read_as(const uint8_t *bytes, uint32_t magic, struct plea *plea)
{
    uint32_t kind = word_at(bytes + 4);
    if (word_at(bytes) != magic || kind == 0 || kind >= PLEA_KINDS ||
        !memchr(bytes + 32, 0, MANDATE_NAME_BYTES))
        return false;
    *plea = (struct plea){ .kind = (enum plea_kind)kind,
                           .term = long_at(bytes + 8),
                           .epoch = long_at(bytes + 16),
                           .number = long_at(bytes + 24) };
    memcpy(plea->name, bytes + 32, MANDATE_NAME_BYTES);
    return true;
}

void plea_write(uint8_t bytes[PLEA_BYTES], const struct plea *plea)
{
    write_as(bytes, MAGIC_PLEA, plea);
}

bool plea_read(const uint8_t *bytes, size_t size, struct plea *plea)
{
    return size == PLEA_BYTES && read_as(bytes, MAGIC_PLEA, plea) && plea->name[0] != 0;
}

void ruling_write(uint8_t bytes[RULING_BYTES], const struct ruling *ruling)
{
    write_as(bytes, MAGIC_RULING, &ruling->plea);
    put_word(bytes + PLEA_BYTES, (uint32_t)ruling->verdict);
    put_word(bytes + PLEA_BYTES + 4, ruling->alone ? 1 : 0);
}

bool ruling_read(const uint8_t *bytes, size_t size, struct ruling *ruling)
{
    if (size != RULING_BYTES || !read_as(bytes, MAGIC_RULING, &ruling->plea))
        return false;
    uint32_t verdict = word_at(bytes + PLEA_BYTES), alone = word_at(bytes + PLEA_BYTES + 4);
    ruling->verdict = (enum verdict_of_plea)verdict;
    ruling->alone = alone == 1;
    return verdict > 0 && verdict < RULING_KINDS && alone <= 1;
}
