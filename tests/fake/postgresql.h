/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * postgresql: a real PostgreSQL server of Debian's package in a folder of the test, heard on a socket there alone, and a
 * relay before it that loses what it is told to lose. */
#ifndef TESTS_FAKE_POSTGRESQL_H
#define TESTS_FAKE_POSTGRESQL_H

#include <stdbool.h>

#include "tests/unit/folder.h"

enum {
    POSTGRESQL_PLACE_BYTES = 512,
    POSTGRESQL_TCP_PORT = 32400 /* of loopback, with listen_addresses */
};

/* Makes and starts it, with the annals' schema in the database "annals" for the role "yihao". Ends the test when it
 * cannot: PostgreSQL is one of the packages that ops/install --test installs. */
void postgresql_start(void);
void postgresql_stop(void);

/* With one more setting, "name=value". */
void postgresql_restart(const char *setting);

/* Where a role finds a database. Borrowed until the next call. */
const char *postgresql_place(const char *role, const char *database);

/* The same for "yihao" and "annals", by way of the relay. */
const char *postgresql_place_by_relay(void);

/* As the server's owner in "annals". Returns the first value, borrowed until the next call. */
const char *postgresql_ask(const char *statement);

/* Every turn of the annals is there once, none is missing, and no epoch wrote behind a later one. */
bool postgresql_holds_one_history(void);

/* As the role "yihao". Returns the SQLSTATE of the refusal, "" when it was done. */
const char *postgresql_try(const char *statement);

/* As the owner in a thread of its own, every few milliseconds until it gives a row; _done waits for that. */
void postgresql_insist(const char *statement);
void postgresql_insist_done(void);

enum relay_loss {
    RELAY_LOSES_NOTHING,
    RELAY_LOSES_QUESTION, /* the next bytes of the client, and the connection */
    RELAY_LOSES_ANSWER,   /* the next bytes of the server, and the connection */
    RELAY_STANDS_STILL    /* everything, until told otherwise */
};
void relay_lose(enum relay_loss loss);

#endif
