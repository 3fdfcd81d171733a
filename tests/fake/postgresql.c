/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/postgresql.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/require.h"

#define BIN  "/usr/lib/postgresql/15/bin"
#define PORT "32400"

enum {
    PATH_BYTES = FOLDER_BYTES + 64,
    COMMAND_BYTES = 2048,
    STARTS_TRIES = 3000,
    RELAY_BYTES = 65536
};

static struct {
    char folder[FOLDER_BYTES];
    char place[POSTGRESQL_PLACE_BYTES];
    char value[256];
    PGconn *owner;
    pid_t process;
    pthread_t insisting;
    char insisted[512];
} server;

static struct {
    pthread_t thread;
    int listener, quit[2];
    atomic_int loss;
} relay;

/* ---- the server ---------------------------------------------------------------------------- */

/* PostgreSQL refuses to run as root. */
static const char *as_owner(void)
{
    return geteuid() == 0 ? "runuser -u postgres -- " : "";
}

static void run(const char *command)
{
    int status = system(command); /* NOLINT(cert-env33-c): the test's own words */
    if (status != 0)
        (void)fprintf(stderr, "status %d of: %s\n", status, command);
    REQUIRE(status == 0);
}

static PGconn *reach(const char *role, const char *database)
{
    PGconn *connection = PQconnectdb(postgresql_place(role, database));
    if (PQstatus(connection) != CONNECTION_OK)
        (void)fprintf(stderr, "%s", PQerrorMessage(connection));
    REQUIRE(PQstatus(connection) == CONNECTION_OK);
    return connection;
}

const char *postgresql_place(const char *role, const char *database)
{
    (void)snprintf(server.place, sizeof server.place, "postgresql://%s@/%s?host=%s&port=" PORT,
                   role, database, server.folder);
    return server.place;
}

const char *postgresql_place_by_relay(void)
{
    (void)snprintf(server.place, sizeof server.place,
                   "postgresql://yihao@/annals?host=%s/relay&port=" PORT, server.folder);
    return server.place;
}

const char *postgresql_ask(const char *statement)
{
    PGresult *result = PQexec(server.owner, statement);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        (void)fprintf(stderr, "%s: %s", statement, PQerrorMessage(server.owner));
    REQUIRE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK);
    (void)snprintf(server.value, sizeof server.value, "%s",
                   PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return server.value;
}

bool postgresql_holds_one_history(void)
{
    bool good =
        strcmp(postgresql_ask(
                   "select count(*) from (select turn, epoch, lag(turn) over turns as former, "
                   "lag(epoch) over turns as former_epoch from annals_turn where piece = 0 "
                   "window turns as (order by turn, at_ms)) as one "
                   "where turn <> former + 1 or epoch < former_epoch"),
               "0") == 0;
    (void)printf("turns in the annals: %s\n",
                 good ? "each once, under epochs that rise" : "NOT ONE HISTORY");
    return good;
}

const char *postgresql_try(const char *statement)
{
    PGconn *connection = reach("yihao", "annals");
    PGresult *result = PQexec(connection, statement);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    (void)snprintf(server.value, sizeof server.value, "%s", state ? state : "");
    PQclear(result);
    PQfinish(connection);
    return server.value;
}

static void *insist(void *none)
{
    PGconn *connection = reach("owner", "annals");
    for (bool found = false; !found;) {
        PGresult *result = PQexec(connection, server.insisted);
        found = PQntuples(result) > 0;
        PQclear(result);
        if (!found)
            (void)poll(NULL, 0, 5);
    }
    PQfinish(connection);
    return none;
}

void postgresql_insist(const char *statement)
{
    (void)snprintf(server.insisted, sizeof server.insisted, "%s", statement);
    REQUIRE(pthread_create(&server.insisting, NULL, insist, NULL) == 0);
}

void postgresql_insist_done(void)
{
    REQUIRE(pthread_join(server.insisting, NULL) == 0);
}

/* ---- the relay ----------------------------------------------------------------------------- */

static struct sockaddr_un address_of(const char *below)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s%s/.s.PGSQL." PORT,
                          server.folder, below);
    REQUIRE(length > 0 && (size_t)length < sizeof address.sun_path);
    return address;
}

static bool pass(int from, int to, enum relay_loss lost)
{
    static char bytes[RELAY_BYTES];
    while (atomic_load(&relay.loss) == RELAY_STANDS_STILL) {
        struct pollfd quit = { .fd = relay.quit[0], .events = POLLIN };
        if (poll(&quit, 1, 5) != 0)
            return false;
    }
    ssize_t size = recv(from, bytes, sizeof bytes, 0);
    if (size <= 0)
        return false;
    int due = (int)lost;
    if (atomic_compare_exchange_strong(&relay.loss, &due, RELAY_LOSES_NOTHING))
        return false;
    for (ssize_t sent = 0; sent < size;) {
        ssize_t part = send(to, bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL);
        if (part <= 0)
            return false;
        sent += part;
    }
    return true;
}

/* One connection at a time. False: the test ends. */
static bool serve(int client)
{
    struct sockaddr_un address = address_of("");
    int database = socket(AF_UNIX, SOCK_STREAM, 0);
    bool good = connect(database, (struct sockaddr *)&address, sizeof address) == 0, quit = false;
    while (good) {
        struct pollfd items[3] = { { .fd = client, .events = POLLIN },
                                   { .fd = database, .events = POLLIN },
                                   { .fd = relay.quit[0], .events = POLLIN } };
        (void)poll(items, 3, -1);
        quit = items[2].revents != 0;
        good = !quit && (items[0].revents == 0 || pass(client, database, RELAY_LOSES_QUESTION)) &&
               (items[1].revents == 0 || pass(database, client, RELAY_LOSES_ANSWER));
    }
    (void)close(database);
    (void)close(client);
    return !quit;
}

static void *relay_run(void *none)
{
    for (bool on = true; on;) {
        struct pollfd items[2] = { { .fd = relay.listener, .events = POLLIN },
                                   { .fd = relay.quit[0], .events = POLLIN } };
        (void)poll(items, 2, -1);
        on = items[1].revents == 0;
        int client = on ? accept(relay.listener, NULL, NULL) : -1;
        if (client >= 0)
            on = serve(client);
    }
    return none;
}

void relay_lose(enum relay_loss loss)
{
    atomic_store(&relay.loss, (int)loss);
}

static void relay_start(void)
{
    char folder[PATH_BYTES];
    (void)snprintf(folder, sizeof folder, "%s/relay", server.folder);
    REQUIRE(mkdir(folder, 0755) == 0);
    struct sockaddr_un address = address_of("/relay");
    relay.listener = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(bind(relay.listener, (struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(listen(relay.listener, 8) == 0 && pipe(relay.quit) == 0);
    REQUIRE(pthread_create(&relay.thread, NULL, relay_run, NULL) == 0);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* In the foreground, as a child that does not outlive this test. */
static void launch(const char *setting)
{
    char data[PATH_BYTES], sockets[PATH_BYTES], log[PATH_BYTES];
    (void)snprintf(data, sizeof data, "%s/data", server.folder);
    (void)snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", server.folder);
    (void)snprintf(log, sizeof log, "%s.log", server.folder);
    server.process = fork();
    REQUIRE(server.process >= 0);
    if (server.process == 0) {
        const struct passwd *user = getpwnam("postgres");
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        (void)dup2(fd, STDOUT_FILENO);
        (void)dup2(fd, STDERR_FILENO);
        bool good = chdir("/") == 0;
        if (geteuid() == 0)
            good = good && user && initgroups("postgres", user->pw_gid) == 0 &&
                   setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
        (void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
        if (good)
            (void)execl(BIN "/postgres", "postgres", "-D", data, "-c", "port=" PORT, "-c",
                        "listen_addresses=", "-c", sockets, "-c", "fsync=off", "-c",
                        "shared_buffers=16MB", "-c", "max_connections=20", "-c", setting,
                        (char *)NULL);
        _exit(127);
    }
    for (int tries = 0; PQping(postgresql_place("owner", "postgres")) != PQPING_OK; tries++) {
        REQUIRE(tries < STARTS_TRIES && waitpid(server.process, NULL, WNOHANG) == 0);
        (void)poll(NULL, 0, 10);
    }
}

static void land(int signal)
{
    PQfinish(server.owner);
    REQUIRE(kill(server.process, signal) == 0);
    REQUIRE(waitpid(server.process, NULL, 0) == server.process);
}

void postgresql_restart(const char *setting)
{
    land(SIGINT);
    launch(setting);
    server.owner = reach("owner", "annals");
}

void postgresql_start(void)
{
    char command[COMMAND_BYTES];
    folder_make(server.folder);
    if (geteuid() == 0) {
        const struct passwd *user = getpwnam("postgres");
        REQUIRE(user && chown(server.folder, user->pw_uid, user->pw_gid) == 0);
    }
    REQUIRE(chmod(server.folder, 0755) == 0);
    (void)snprintf(command, sizeof command,
                   "cd / && %s" BIN "/initdb -D %s/data -U owner -A trust -N --no-instructions "
                   "-E UTF8 --locale=C > %s.log 2>&1",
                   as_owner(), server.folder, server.folder);
    run(command);
    launch("work_mem=4MB");
    server.owner = reach("owner", "postgres");
    (void)postgresql_ask("create role yihao login");
    (void)postgresql_ask("create database annals");
    PQfinish(server.owner);
    (void)snprintf(
        command, sizeof command,
        "{ psql -q -v ON_ERROR_STOP=1 -v role=yihao -f ops/postgresql/annals.sql '%s' && "
        "ops/postgresql/months 2 | psql -q -v ON_ERROR_STOP=1 '%s'; } >> %s.log 2>&1",
        postgresql_place("owner", "annals"), server.place, server.folder);
    run(command);
    server.owner = reach("owner", "annals");
    relay_start();
}

void postgresql_stop(void)
{
    char command[COMMAND_BYTES];
    REQUIRE(write(relay.quit[1], "q", 1) == 1);
    REQUIRE(pthread_join(relay.thread, NULL) == 0);
    (void)close(relay.listener);
    (void)close(relay.quit[0]);
    (void)close(relay.quit[1]);
    land(SIGQUIT);
    (void)snprintf(command, sizeof command, "%s.log", server.folder);
    (void)unlink(command);
    folder_remove(server.folder);
}
