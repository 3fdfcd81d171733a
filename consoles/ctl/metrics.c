/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao metrics`: what each program of the home counts, fetched from its loopback port. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "consoles/ctl/request.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/settings.h"

enum {
    ANSWER_SECONDS = 2,
    ANSWER_BYTES = 256 * 1024
};

static char answer[ANSWER_BYTES + 1];

static int connected(uint16_t port)
{
    struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(port) };
    const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&there, sizeof there) == 0)
        return fd;
    int status = -errno;
    (void)close(fd);
    return status;
}

/* Fetches /metrics into answer. Returns its body, NULL after errno was set. */
static const char *fetch(uint16_t port)
{
    static const char question[] = "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
    int fd = connected(port);
    if (fd < 0) {
        errno = -fd;
        return NULL;
    }
    size_t size = 0;
    ssize_t got = send(fd, question, sizeof question - 1, MSG_NOSIGNAL);
    while (got > 0 && size < ANSWER_BYTES) {
        got = recv(fd, answer + size, ANSWER_BYTES - size, 0);
        size += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    answer[size] = '\0';
    char *body = strstr(answer, "\r\n\r\n");
    if (strncmp(answer, "HTTP/1.", 7) == 0 && strncmp(answer + 8, " 200", 4) == 0 && body)
        return body + 4;
    errno = EBADMSG;
    return NULL;
}

struct collection {
    const char *only;
    unsigned asked;
    unsigned silent;
};

static void collect(struct collection *collection, const char *program, uint16_t port)
{
    if (collection->only && strcmp(collection->only, program) != 0)
        return;
    collection->asked++;
    const char *body = fetch(port);
    (void)printf("# program %s port %u\n", program, port);
    if (body) {
        (void)fputs(body, stdout);
        return;
    }
    complain(words("%s does not answer on port %u: %s", "%s 在端口 %u 没有应答: %s"), program, port,
             strerror(errno));
    collection->silent++;
}

static void on_complaint(void *owner, const char *sentence)
{
    (void)owner;
    complain("%s", sentence);
}

int run_metrics(struct request *request)
{
    static struct settings settings;
    struct collection collection = { .only = request_argument(request, 0) };
    if (settings_read(&settings, request->home, on_complaint, NULL) < 0) {
        complain(
            words("there is no home at %s; say --home DIR", "%s 不是安装目录;请用 --home 指定"),
            request->home);
        return EXIT_FAILED;
    }
    collect(&collection, "dispatcher", settings.dispatcher.metrics_port);
    for (uint32_t i = 0; i < settings.trunk_count; i++)
        collect(&collection, settings.trunks[i].name, settings.trunks[i].metrics_port);
    for (uint32_t i = 0; i < settings.sms_count; i++)
        collect(&collection, settings.sms[i].name, settings.sms[i].metrics_port);
    for (uint32_t i = 0; i < settings.console_count; i++)
        collect(&collection, settings.consoles[i].name, settings.consoles[i].metrics_port);
    if (collection.asked == 0) {
        complain(words("there is no program %s in the settings", "配置中没有程序 %s"),
                 collection.only);
        return EXIT_NOT_FOUND;
    }
    return collection.silent > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}
