/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/ledger.h"

#include <stdlib.h>
#include <string.h>

void *ledger_grow(void *list, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room ? *room * 2 : 256;
    list = realloc(list, *room * size);
    PROMISE("I18", list, "memory");
    return list;
}

static uint64_t mix(enum ledger_kind kind, uint64_t number, uint64_t owner)
{
    uint64_t x = number * 0x9e3779b97f4a7c15ULL ^ (owner << 8 | kind) * 0xc2b2ae3d27d4eb4fULL;
    return (x ^ x >> 29) * 0xbf58476d1ce4e5b9ULL >> 20;
}

static void put(struct seen_place *places, uint32_t room, uint64_t key, uint64_t owner,
                uint32_t place)
{
    uint32_t at = (uint32_t)(mix((enum ledger_kind)(owner & 0xff), key, owner >> 8) % room);
    while (places[at].place && (places[at].key != key || places[at].owner != owner))
        at = (at + 1) % room;
    places[at] = (struct seen_place){ key, owner, place + 1 };
}

void ledger_put(struct auditor *auditor, enum ledger_kind kind, uint64_t number, uint64_t owner,
                uint32_t place)
{
    if (2 * auditor->place_count >= auditor->place_room) {
        uint32_t room = auditor->place_room ? auditor->place_room * 2 : 4096;
        struct seen_place *places = calloc(room, sizeof *places);
        PROMISE("I18", places, "memory");
        for (uint32_t i = 0; i < auditor->place_room; i++)
            if (auditor->places[i].place)
                put(places, room, auditor->places[i].key, auditor->places[i].owner,
                    auditor->places[i].place - 1);
        free(auditor->places);
        auditor->places = places;
        auditor->place_room = room;
    }
    auditor->place_count++;
    put(auditor->places, auditor->place_room, number, owner << 8 | kind, place);
}

uint32_t ledger_find(const struct auditor *auditor, enum ledger_kind kind, uint64_t number,
                     uint64_t owner)
{
    if (auditor->place_room == 0)
        return 0;
    uint32_t at = (uint32_t)(mix(kind, number, owner) % auditor->place_room);
    for (; auditor->places[at].place; at = (at + 1) % auditor->place_room)
        if (auditor->places[at].key == number && auditor->places[at].owner == (owner << 8 | kind))
            return auditor->places[at].place;
    return 0;
}

#define FIND(name, type, kind, list)                                                               \
    struct type *name(const struct auditor *auditor, uint64_t id)                                  \
    {                                                                                              \
        uint32_t place = ledger_find(auditor, kind, id, 0);                                        \
        return place ? &auditor->list[place - 1] : NULL;                                           \
    }
FIND(ledger_contact, seen_contact, LEDGER_CONTACT, contacts)
FIND(ledger_incident, seen_incident, LEDGER_INCIDENT, incidents)
FIND(ledger_task, seen_task, LEDGER_TASK, tasks)
FIND(ledger_callback, seen_callback, LEDGER_CALLBACK, callbacks)
FIND(ledger_text, seen_text, LEDGER_TEXT, texts)

const struct seen_contact *auditor_contact(const struct auditor *auditor, uint64_t id)
{
    return ledger_contact(auditor, id);
}

const struct seen_incident *auditor_incident(const struct auditor *auditor, uint64_t id)
{
    return ledger_incident(auditor, id);
}

const struct seen_task *auditor_task(const struct auditor *auditor, uint64_t id)
{
    return ledger_task(auditor, id);
}
