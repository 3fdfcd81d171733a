/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/text_centre.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/require.h"

enum {
    PDU_BYTES = 512,
    DELIVER = 0x00000005,
    DELIVER_RESP = (int)0x80000005,
    ENQUIRE = 0x00000015,
    SUBMIT = 0x00000004,
    ANSWER = (int)0x80000000,
    IS_RECEIPT = 4, /* esm_class */
    UCS2 = 8
};

static void put32(uint8_t *at, uint32_t value)
{
    value = htonl(value);
    memcpy(at, &value, 4);
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return ntohl(value);
}

static void pdu_add(struct text_centre *centre, uint32_t command, uint32_t sequence,
                    const void *body, size_t size)
{
    uint8_t *at = centre->out + centre->out_count;
    REQUIRE(centre->out_count + 16 + size <= sizeof centre->out);
    put32(at, (uint32_t)(16 + size));
    put32(at + 4, command);
    put32(at + 8, 0);
    put32(at + 12, sequence);
    memcpy(at + 16, body, size);
    centre->out_count += 16 + size;
}

void text_centre_flush(struct text_centre *centre)
{
    size_t sent = 0;
    while (sent < centre->out_count) {
        ssize_t size = send(centre->fd, centre->out + sent, centre->out_count - sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0)
            break;
        sent += (size_t)size;
    }
    memmove(centre->out, centre->out + sent, centre->out_count - sent);
    centre->out_count -= sent;
}

/* service_type to data_coding and sm_default_msg_id of a deliver_sm. */
static size_t deliver_head(uint8_t *body, const char *from, const char *to, uint8_t esm_class,
                           uint8_t coding)
{
    size_t at = 0;
    body[at++] = 0;
    body[at++] = 1;
    body[at++] = 1;
    at += 1 + (size_t)snprintf((char *)body + at, 24, "%s", from);
    body[at++] = 0;
    body[at++] = 0;
    at += 1 + (size_t)snprintf((char *)body + at, 24, "%s", to);
    memset(body + at, 0, 9);
    body[at] = esm_class;
    body[at + 7] = coding;
    return at + 9;
}

void text_centre_deliver(struct text_centre *centre, const char *dest, uint64_t citizen,
                         uint64_t number)
{
    uint8_t body[PDU_BYTES];
    char words[41], from[24];
    (void)snprintf(from, sizeof from, "86138%08" PRIu64, citizen);
    size_t at = deliver_head(body, from, dest, 0, UCS2);
    (void)snprintf(words, sizeof words, "%-28s%012" PRIu64, "Water runs down the stairs", number);
    body[at++] = 80;
    for (int i = 0; i < 40; i++) {
        body[at++] = 0;
        body[at++] = (uint8_t)words[i];
    }
    pdu_add(centre, DELIVER, ++centre->sequence, body, at);
}

static void submit_answer(struct text_centre *centre, uint32_t sequence, const char *number)
{
    uint8_t body[PDU_BYTES];
    char id[12];
    int size = snprintf(id, sizeof id, "%08" PRIx64, ++centre->submitted);
    pdu_add(centre, SUBMIT | (uint32_t)ANSWER, sequence, id, (size_t)size + 1);
    if (!centre->receipts)
        return;
    size_t at = deliver_head(body, number, "12345", IS_RECEIPT, 0);
    size = snprintf((char *)body + at + 1, PDU_BYTES - at - 1,
                    "id:%s sub:001 dlvrd:001 submit date:2611220900 done date:2611220900 "
                    "stat:DELIVRD err:000 text:",
                    id);
    body[at] = (uint8_t)size;
    pdu_add(centre, DELIVER, ++centre->sequence, body, at + 1 + (size_t)size);
}

/* To whom a submit_sm goes. */
static const char *submit_number(const uint8_t *pdu)
{
    const char *at = (const char *)pdu + 16;
    at += strlen(at) + 1 + 2; /* service_type, ton, npi */
    at += strlen(at) + 1 + 2; /* source */
    return at;
}

static void submit_take(struct text_centre *centre, const uint8_t *pdu)
{
    uint32_t sequence = get32(pdu + 12);
    if (!centre->holds) {
        submit_answer(centre, sequence, submit_number(pdu));
        return;
    }
    REQUIRE(centre->held_count < sizeof centre->held / sizeof centre->held[0]);
    centre->held[centre->held_count].sequence = sequence;
    (void)snprintf(centre->held[centre->held_count++].number, 24, "%s", submit_number(pdu));
}

void text_centre_release(struct text_centre *centre)
{
    centre->holds = false;
    for (uint32_t i = 0; i < centre->held_count; i++)
        submit_answer(centre, centre->held[i].sequence, centre->held[i].number);
    centre->held_count = 0;
    text_centre_flush(centre);
}

static void pdu_take(struct text_centre *centre, const uint8_t *pdu)
{
    uint32_t command = get32(pdu + 4);
    uint32_t sequence = get32(pdu + 12);
    if (command == (uint32_t)DELIVER_RESP) {
        centre->answered++;
        centre->refused += get32(pdu + 8) != 0;
    } else if (command == SUBMIT) {
        submit_take(centre, pdu);
    } else if (command == ENQUIRE) {
        pdu_add(centre, command | (uint32_t)ANSWER, sequence, "", 0);
    } else if (!(command & (uint32_t)ANSWER)) { /* a bind of any kind */
        pdu_add(centre, command | (uint32_t)ANSWER, sequence, "bench", 6);
    }
}

void text_centre_turn(struct text_centre *centre)
{
    ssize_t size = recv(centre->fd, centre->in + centre->in_count,
                        sizeof centre->in - centre->in_count, MSG_DONTWAIT);
    size_t at = 0;
    REQUIRE(size != 0);
    centre->in_count += size > 0 ? (size_t)size : 0;
    while (centre->in_count - at >= 16 && get32(centre->in + at) <= centre->in_count - at) {
        pdu_take(centre, centre->in + at);
        at += get32(centre->in + at);
    }
    memmove(centre->in, centre->in + at, centre->in_count - at);
    centre->in_count -= at;
    text_centre_flush(centre);
}

void text_centre_open(struct text_centre *centre)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    REQUIRE(listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    centre->listener = fd;
    centre->port = ntohs(address.sin_port);
}

void text_centre_accept(struct text_centre *centre)
{
    centre->fd = accept4(centre->listener, NULL, NULL, SOCK_CLOEXEC);
    REQUIRE(centre->fd >= 0);
    /* As every centre has it: else a text waits for the answer to the one before. */
    REQUIRE(setsockopt(centre->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) == 0);
}

/* ---- the home --------------------------------------------------------------------------------- */

static FILE *file_in(const struct home *home, const char *name, const char *mode)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/%s", home->folder, name);
    FILE *file = fopen(path, mode);
    REQUIRE(file);
    return file;
}

/* Each has the password of everybody. */
static void takers_add(const struct home *home, unsigned takers)
{
    char line[512];
    FILE *passwords = file_in(home, "keys/passwords", "re");
    REQUIRE(fgets(line, sizeof line, passwords) && strchr(line, ':'));
    (void)fclose(passwords);
    passwords = file_in(home, "keys/passwords", "ae");
    FILE *users = file_in(home, "city/users.csv", "ae");
    for (unsigned user = TEXT_TAKERS_FIRST; user < TEXT_TAKERS_FIRST + takers; user++) {
        (void)fprintf(users, "%u,%u,王敏,Min Wang,taker,0,,no,110:1 12345:2,\n", user, user);
        (void)fprintf(passwords, "%u%s", user, strchr(line, ':'));
    }
    (void)fclose(users);
    (void)fclose(passwords);
}

void text_home(const struct home *home, const struct text_centre *centre, unsigned window,
               unsigned takers)
{
    FILE *file = file_in(home, "settings.conf", "ae");
    (void)fprintf(file,
                  "sms \"sms-1\" {\n    system_id = \"bench\"\n    centre_host = \"127.0.0.1\"\n"
                  "    centre_port = %u\n    window = %u\n    metrics_port = %u\n}\n",
                  centre->port, window, (unsigned)home->base + 9);
    (void)fclose(file);
    file = file_in(home, "city/parameters.csv", "we"); /* nothing but speed */
    (void)fputs("parameter,value\nwrap_up_ms,0\noffer_pause_ms,0\n", file);
    (void)fclose(file);
    takers_add(home, takers);
}

pid_t text_gateway_start(const struct home *home, const char *program)
{
    char log[192];
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid > 0)
        return pid;
    (void)snprintf(log, sizeof log, "%s/sms.log", home->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    (void)dup2(fd, STDERR_FILENO);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)execl(program, program, "--home", home->folder, "--name", "sms-1", (char *)NULL);
    _exit(127);
}

double text_cpu_s(pid_t process)
{
    char path[64], words[1024];
    unsigned long user = 0, kernel = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "re");
    REQUIRE(file && fgets(words, sizeof words, file));
    (void)fclose(file);
    const char *behind = strrchr(words, ')'); /* of the name; utime is the twelfth word behind it */
    REQUIRE(behind && sscanf(behind + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
                             &user, &kernel) == 2);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

double text_resident_mib(pid_t process)
{
    char path[64];
    unsigned long pages = 0, resident = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)process);
    FILE *file = fopen(path, "re");
    REQUIRE(file && fscanf(file, "%lu %lu", &pages, &resident) == 2);
    (void)fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}
