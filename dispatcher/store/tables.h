/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tables: which tables a journal's store holds. A replica holds the first two. */
#ifndef DISPATCHER_STORE_TABLES_H
#define DISPATCHER_STORE_TABLES_H

enum table {
    TABLE_EVENTS,  /* be64 seq → link ‖ record: events.h */
    TABLE_VIEWS,   /* what people look up: dispatcher/views/ */
    TABLE_TREE,    /* checkpoints and inner nodes of the tree: dispatcher/journal/ */
    TABLE_VAULT,   /* be64 subject → its sealing key, wrapped */
    TABLE_LEDGER,  /* epoch, peers, orders, order of answers, which events hold sealed data */
    TABLE_ANSWERS, /* (sender, key) → outcome */
    TABLE_COUNT,
    TABLE_REPLICA_COUNT = TABLE_VIEWS + 1
};

#define TABLE_NAMES                                                                                \
    {                                                                                              \
        "events", "views", "tree", "vault", "ledger", "answers"                                    \
    }

#endif
