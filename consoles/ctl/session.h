/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * session: a signed-in user at the dispatcher, for one command line. All functions return an exit
 * code and have told the reason of a bad one on stderr. */
#ifndef CONSOLES_CTL_SESSION_H
#define CONSOLES_CTL_SESSION_H

#include "consoles/ctl/request.h"
#include "gateways/link/link.h"
#include "proto/message.h"

enum {
    SESSION_WAIT_MS = 5000
};

struct session;

/* Connects and signs in as request->as, or as `login` when nobody was named. after: with follow, the
 * last event already known. close with session_close(), which accepts NULL. */
int session_open(struct session **session, const struct request *request, const char *login);
void session_close(struct session *session);

/* The same as the named user, else as a supervisor. */
int session_look(struct session **session, const struct request *request);

const struct user_row *session_user(const struct session *session);

/* Asks; *answer is borrowed until the next question. A refusal is told and becomes its exit code. */
int session_ask(struct session *session, const struct query *query, const struct answer **answer);

/* The same, but leaves a refusal in the answer to the caller. */
int session_ask_quietly(struct session *session, const struct query *query,
                        const struct answer **answer);

/* The id of an incident named by id or order number. */
int session_find_incident(struct session *session, const struct incident_query *named,
                          uint64_t *incident);

/* The same, as somebody wrote it; an id is asked of nobody. */
int session_read_incident(struct session *session, const char *written, uint64_t *incident);

/* Lets time pass while the link stays alive. */
void session_wait(struct session *session, uint64_t ms);

/* Submits and waits for the durable outcome, refused or not. personal may be NULL. Here and in the
 * questions above: what wants the session to prove itself once more asks at the terminal and goes on. */
int session_submit(struct session *session, const struct command *command,
                   const struct personal *personal, struct outcome *outcome);

/* Tells a refusal; returns its exit code, EXIT_DONE for none. */
int session_refused(enum refusal refusal);

/* A link that follows events from `after` on; each is given to `each`, NULL when all known ones came.
 * Goes on until `each` returns false. Needs no session. */
typedef bool session_event(void *owner, const struct stored_event *row, uint64_t last);
int session_follow(const struct request *request, uint64_t after, session_event *each, void *owner);

/* The login of a user's number in the city's tables, or of the first user with this role who stands in
 * sign-in; login is empty when there is none. */
void login_of_user(const char *home, uint32_t user, char login[33]);
void login_of_role(const char *home, enum role role, char login[33]);

/* EXIT_DONE when the tables have this login, else an exit code after a complaint. */
int user_exists(const char *home, const char *login);

/* That the home's settings name; the default where they cannot be read. */
const struct suite *home_suite(const char *home);

#endif
