/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * list: an intrusive ring in insertion order. Each element embeds a link and names itself its owner.
 * An element leaves in O(1); a link that is in no list has next == NULL. */
#ifndef DISPATCHER_CORE_LIST_H
#define DISPATCHER_CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next;
    struct link *prev;
    void *owner;
};

struct list {
    struct link ring;
};

static inline void list_init(struct list *list)
{
    list->ring.next = list->ring.prev = &list->ring;
}

static inline bool link_held(const struct link *link)
{
    return link->next != NULL;
}

static inline void list_append(struct list *list, struct link *link, void *owner)
{
    link->owner = owner;
    link->next = &list->ring;
    link->prev = list->ring.prev;
    link->prev->next = link->next->prev = link;
}

static inline void link_leave(struct link *link)
{
    if (!link->next)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

/* The oldest and the newest element's owner, NULL when empty. */
static inline void *list_first(const struct list *list)
{
    return list->ring.next == &list->ring ? NULL : list->ring.next->owner;
}

static inline void *list_last(const struct list *list)
{
    return list->ring.prev == &list->ring ? NULL : list->ring.prev->owner;
}

/* The element behind this one, NULL at the end. */
static inline void *list_next(const struct list *list, const struct link *link)
{
    return link->next == &list->ring ? NULL : link->next->owner;
}

#endif
