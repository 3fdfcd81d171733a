/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/scrape.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/text.h"

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

const char *scrape(uint16_t port, const char *path)
{
    char question[64];
    int length =
        snprintf(question, sizeof question, "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", path);
    int fd = connected(port);
    if (fd < 0) {
        errno = -fd;
        return NULL;
    }
    size_t size = 0;
    ssize_t got = send(fd, question, (size_t)length, MSG_NOSIGNAL);
    while (got > 0 && size < ANSWER_BYTES) {
        got = recv(fd, answer + size, ANSWER_BYTES - size, 0);
        size += got > 0 ? (size_t)got : 0;
    }
    int status = got < 0 ? errno : EBADMSG;
    (void)close(fd);
    answer[size] = '\0';
    char *body = strstr(answer, "\r\n\r\n");
    if (strncmp(answer, "HTTP/1.", 7) == 0 && strncmp(answer + 8, " 200", 4) == 0 && body)
        return body + 4;
    errno = status;
    return NULL;
}

const char *scrape_next(const char *body, const char *name, char labels[SCRAPE_LABELS_BYTES],
                        uint64_t *value)
{
    size_t length = strlen(name);
    for (const char *line = body; *line; line += *line == '\n') {
        const char *end = line + strcspn(line, "\n"), *behind = line + length;
        if (strncmp(line, name, length) == 0 && (*behind == ' ' || *behind == '{')) {
            struct text text = text_into(labels, SCRAPE_LABELS_BYTES);
            if (*behind == '{') {
                text_add_bytes(&text, behind + 1, strcspn(behind + 1, "}\n"));
                behind += strcspn(behind, "}\n") + 1;
            }
            *value = strtoull(behind, NULL, 10);
            return end;
        }
        line = end;
    }
    return NULL;
}

uint64_t scrape_sum(const char *body, const char *name)
{
    char labels[SCRAPE_LABELS_BYTES];
    uint64_t sum = 0, value;
    while ((body = scrape_next(body, name, labels, &value)))
        sum += value;
    return sum;
}
