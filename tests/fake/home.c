/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/home.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/require.h"
#include "proto/keys.h"

/* Below the range that the system gives out by itself. */
enum {
    PORT_FIRST = 24000,
    PORTS_EACH = 4,
    PORT_PLACES = 2000,
    REQUEST_S_MAX = 5 /* one who hangs, or has lost the question, is nobody */
};

static void run(const char *words, const char *folder, const char *rest)
{
    char command[512];
    (void)snprintf(command, sizeof command, "%s %s%s", words, folder, rest);
    REQUIRE(system(command) == 0); // NOLINT(cert-env33-c): a test's own fixed words
}

void home_write_settings(const struct home *home)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/settings.conf", home->folder);
    FILE *file = fopen(path, "we");
    REQUIRE(file != NULL);
    (void)fprintf(file,
                  "city = \"city\"\ndispatcher {\n    commands = \"tcp://127.0.0.1:%u\"\n"
                  "    events = \"tcp://127.0.0.1:%u\"\n    metrics_port = %u\n    map_gib = 1\n",
                  home->base, home->base + 1U, home->base + 2U);
    if (home->twin[0] && !home->annals[0]) { /* by the annals only programs know of it */
        unsigned twin = (unsigned)strtoul(strrchr(home->twin, ':') + 1, NULL, 10);
        (void)fprintf(file,
                      "    turns = \"tcp://127.0.0.1:%u\"\n"
                      "    twin_turns = \"tcp://127.0.0.1:%u\"\n    twin_commands = \"%s\"\n",
                      home->base + 3U, twin + 3U, home->twin);
    }
    if (home->arbiter[0] && home->to_arbiter)
        (void)fprintf(file, "    arbiter = \"tcp://127.0.0.1:%u\"\n", home->to_arbiter);
    else if (home->arbiter[0])
        (void)fprintf(file, "    arbiter = \"%s\"\n", home->arbiter);
    if (home->annals[0])
        (void)fprintf(file, "    annals = \"%s\"\n", home->annals);
    (void)fprintf(file, "}\n");
    (void)fclose(file);
}

static void write_arbiter_settings(const struct home *third)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/settings.conf", third->folder);
    FILE *file = fopen(path, "we");
    REQUIRE(file != NULL);
    (void)fprintf(file,
                  "dispatcher {\n    arbiter = \"%s\"\n    metrics_port = %u\n}\n"
                  "arbiter \"arbiter\" {\n    metrics_port = %u\n}\n",
                  third->arbiter, third->base + 3U, third->base + 2U);
    (void)fclose(file);
}

/* Everybody of users.csv gets the same cheap password. */
static void write_passwords(const struct home *home)
{
    char path[192], line[512], hash[crypto_pwhash_STRBYTES];
    (void)snprintf(path, sizeof path, "%s/keys/passwords", home->folder);
    FILE *out = fopen(path, "we");
    FILE *in = fopen("ops/city/users.csv", "re");
    REQUIRE(out && in && fgets(line, sizeof line, in));
    REQUIRE(crypto_pwhash_str(hash, HOME_PASSWORD, strlen(HOME_PASSWORD),
                              crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN) == 0);
    while (fgets(line, sizeof line, in)) {
        char *login = strchr(line, ',');
        if (!login)
            continue;
        login[1 + strcspn(login + 1, ",")] = 0;
        (void)fprintf(out, "%s:%s\n", login + 1, hash);
    }
    (void)fclose(in);
    (void)fclose(out);
}

static bool is_free(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool free = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    (void)close(fd);
    return free;
}

uint16_t home_ports(void)
{
    static unsigned place;
    if (place == 0)
        place = (unsigned)getpid();
    for (int tries = 0; tries < PORT_PLACES; tries++) {
        uint16_t base = (uint16_t)(PORT_FIRST + PORTS_EACH * (place++ % PORT_PLACES));
        int free = 0;
        while (free < PORTS_EACH && is_free((uint16_t)(base + free)))
            free++;
        if (free == PORTS_EACH)
            return base;
    }
    REQUIRE(!"no free ports");
    return 0;
}

void home_make(struct home *home, const char *const *programs)
{
    unsigned count = 0;
    *home = (struct home){ .base = home_ports() };
    uint16_t base = home->base;
    (void)snprintf(home->folder, sizeof home->folder, "/tmp/yihao-test-XXXXXX");
    REQUIRE(mkdtemp(home->folder) && sodium_init() >= 0);
    (void)snprintf(home->commands, sizeof home->commands, "tcp://127.0.0.1:%u", base);
    run("mkdir", home->folder, "/city");
    run("mkdir", home->folder, "/run");
    run("cp ops/city/*.csv", home->folder, "/city/");
    while (programs[count])
        count++;
    REQUIRE(keys_make(home->folder, suite_default(), programs, count) == 0);
    home_write_settings(home);
    write_passwords(home);
}

void home_name_twin(struct home *home, struct home *twin)
{
    *twin = (struct home){ .base = twin->base ? twin->base : home_ports(),
                           .to_arbiter = twin->to_arbiter,
                           .standby = true };
    (void)snprintf(twin->arbiter, sizeof twin->arbiter, "%s", home->arbiter);
    (void)snprintf(twin->commands, sizeof twin->commands, "tcp://127.0.0.1:%u", twin->base);
    (void)snprintf(twin->twin, sizeof twin->twin, "%s", home->commands);
    (void)snprintf(home->twin, sizeof home->twin, "%s", twin->commands);
    home_write_settings(home);
}

void home_make_twin(struct home *home, struct home *twin)
{
    char target[160];
    REQUIRE(home->dispatcher == 0);
    home_name_twin(home, twin);
    (void)snprintf(twin->folder, sizeof twin->folder, "/tmp/yihao-test-XXXXXX");
    REQUIRE(mkdtemp(twin->folder) != NULL);
    (void)snprintf(target, sizeof target, "/. %s/", twin->folder);
    run("cp -a", home->folder, target);
    run("rm -f", twin->folder, "/leads");
    run("mkdir -p", twin->folder, "/run");
    home_write_settings(twin);
}

void home_name_annals(struct home *home, const char *annals)
{
    int length = snprintf(home->annals, sizeof home->annals, "%s", annals);
    REQUIRE(length > 0 && (size_t)length < sizeof home->annals);
    home_write_settings(home);
}

void home_make_second(const struct home *home, struct home *second)
{
    char target[160];
    *second = *home;
    second->base = home_ports();
    second->dispatcher = 0;
    (void)snprintf(second->commands, sizeof second->commands, "tcp://127.0.0.1:%u", second->base);
    (void)snprintf(second->folder, sizeof second->folder, "/tmp/yihao-test-XXXXXX");
    REQUIRE(mkdtemp(second->folder) != NULL);
    (void)snprintf(target, sizeof target, "/. %s/", second->folder);
    run("cp -a", home->folder, target);
    run("rm -rf", second->folder, "/journal");
    home_write_settings(second);
}

void home_make_arbiter(struct home *home, struct home *third)
{
    char target[160];
    *third = (struct home){ .base = home_ports(), .arbitrates = true };
    (void)snprintf(third->arbiter, sizeof third->arbiter, "tcp://127.0.0.1:%u", third->base);
    (void)snprintf(home->arbiter, sizeof home->arbiter, "%s", third->arbiter);
    (void)snprintf(third->folder, sizeof third->folder, "/tmp/yihao-test-XXXXXX");
    REQUIRE(mkdtemp(third->folder) != NULL);
    (void)snprintf(target, sizeof target, "/keys %s/", third->folder);
    run("cp -a", home->folder, target);
    write_arbiter_settings(third);
    home_write_settings(home);
}

void home_remove(struct home *home)
{
    if (home->dispatcher)
        (void)home_stop(home, SIGKILL);
    run("rm -rf", home->folder, "");
}

/* One HTTP request to the dispatcher's metrics port. Returns the answer's size, 0: nothing there. */
static size_t request(const struct home *home, const char *path, char *answer, size_t room)
{
    char words[64];
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_port = htons((uint16_t)(home->base + 2));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = { .tv_sec = REQUEST_S_MAX };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t size = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        int length = snprintf(words, sizeof words, "GET %s HTTP/1.1\r\n\r\n", path);
        (void)send(fd, words, (size_t)length, MSG_NOSIGNAL);
        ssize_t got;
        while ((got = recv(fd, answer + size, room - 1 - size, 0)) > 0)
            size += (size_t)got;
    }
    answer[size] = 0;
    (void)close(fd);
    return size;
}

pid_t home_begin(const struct home *home, const char *program)
{
    char log[192];
    (void)snprintf(log, sizeof log, "%s/dispatcher.log", home->folder);
    pid_t begun = fork();
    REQUIRE(begun >= 0);
    if (begun == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        (void)dup2(fd, STDOUT_FILENO);
        (void)dup2(fd, STDERR_FILENO);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing running */
        (void)execl(program, program, "--home", home->folder, "--name",
                    home->arbitrates ? "arbiter" : "dispatcher",
                    home->standby ? "--standby" : (char *)NULL, (char *)NULL);
        _exit(127);
    }
    return begun;
}

uint64_t home_start(struct home *home, const char *program)
{
    char answer[512];
    uint64_t begun_ms = clock_mono_ms();
    REQUIRE(request(home, "/healthz", answer, sizeof answer) == 0); /* nobody else is there */
    home->dispatcher = home_begin(home, program);
    while (request(home, "/healthz", answer, sizeof answer) == 0) {
        REQUIRE(waitpid(home->dispatcher, NULL, WNOHANG) == 0);
        REQUIRE(clock_mono_ms() - begun_ms < 30000);
        (void)poll(NULL, 0, 2);
    }
    return clock_mono_ms() - begun_ms;
}

int home_stop(struct home *home, int signal)
{
    int status = 0;
    (void)kill(home->dispatcher, signal);
    REQUIRE(waitpid(home->dispatcher, &status, 0) == home->dispatcher);
    home->dispatcher = 0;
    return status;
}

uint64_t home_metric(const struct home *home, const char *line)
{
    static char answer[80000], wanted[128];
    (void)request(home, "/metrics", answer, sizeof answer);
    (void)snprintf(wanted, sizeof wanted, "\n%s ", line);
    const char *at = strstr(answer, wanted);
    return at ? strtoull(at + strlen(wanted), NULL, 10) : UINT64_MAX;
}

void home_link(const struct home *home, const char *name, struct link_settings *settings)
{
    struct curve_keys keys;
    *settings =
        (struct link_settings){ .name = name, .endpoint = home->commands, .twin = home->twin };
    REQUIRE(keys_read_curve(home->folder, name, &keys) == 0);
    memcpy(settings->public_key, keys.public_key, sizeof settings->public_key);
    memcpy(settings->secret_key, keys.secret_key, sizeof settings->secret_key);
    REQUIRE(keys_read_public(home->folder, "dispatcher", settings->server_public) == 0);
}
