/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The doctor on the annals: does each of the place's hosts speak, may our keys be used, does the dispatcher write. No
 * password is needed: a server says whether it would speak TLS before anybody says who he is. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consoles/ctl/doctor.h"
#include "consoles/ctl/places.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/words.h"
#include "gateways/link/tls.h"

enum {
    ANSWER_MS = 2000
};

/* ---- the hosts ----------------------------------------------------------------------------- */

static bool await(int fd, short events)
{
    struct pollfd item = { .fd = fd, .events = events };
    return poll(&item, 1, ANSWER_MS) > 0;
}

/* Returns a connection, or -1. */
static int reach(const struct place *place)
{
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int error = 0, fd = -1;
    socklen_t size = sizeof error;
    if (getaddrinfo(place->host, place->port, &wanted, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) < 0 &&
        (errno != EINPROGRESS || !await(fd, POLLOUT) ||
         getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0)) {
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

/* 'S': it would speak TLS, 'N': not, 'E': it does not know the question; '?': it takes the connection and says nothing;
 * '-': it takes none. */
static char ask(const struct place *place)
{
    static const unsigned char would_you[8] = { 0, 0, 0, 8, 4, 210, 22, 47 }; /* SSLRequest */
    char answer = '?';
    int fd = reach(place);
    if (fd < 0)
        return '-';
    if (send(fd, would_you, sizeof would_you, MSG_NOSIGNAL) != sizeof would_you ||
        !await(fd, POLLIN) || recv(fd, &answer, 1, 0) != 1)
        answer = '?';
    (void)close(fd);
    return answer;
}

/* Returns how many of them speak as they should. */
static int check_hosts(struct examination *examination, const struct place *places, int count)
{
    char answers[PLACES_MAX];
    int speak = 0;
    for (int i = 0; i < count; i++) {
        answers[i] = ask(&places[i]);
        speak += answers[i] == 'S';
    }
    for (int i = 0; i < count; i++) {
        if (answers[i] == 'S')
            continue;
        examination_tell(
            examination, speak ? FINDING_LOOK : FINDING_ILL,
            words("start it again; while fewer than two run nothing can be written",
                  "请重新启动;可用节点少于两个时无法写入"),
            answers[i] == '-'   ? words("%s port %s cannot be reached", "%s 端口 %s 无法连接")
            : answers[i] == '?' ? words("%s port %s takes connections and says nothing: it hangs",
                                        "%s 端口 %s 可连接但无应答:进程挂起")
                                : words("%s port %s speaks no TLS", "%s 端口 %s 未启用 TLS"),
            places[i].host, places[i].port);
    }
    return speak;
}

/* ---- our keys ------------------------------------------------------------------------------ */

static bool check_identity(struct examination *examination, const char *annals)
{
    char authorities[PLACE_VALUE_BYTES], certificate[PLACE_VALUE_BYTES], key[PLACE_VALUE_BYTES];
    int days;
    if (!place_value(annals, "sslcert", certificate) || !place_value(annals, "sslkey", key))
        return true; /* it shows a password instead */
    if (!place_value(annals, "sslrootcert", authorities))
        authorities[0] = '\0';
    struct tls_settings settings = { .ca = authorities, .certificate = certificate, .key = key };
    enum tls_finding finding = tls_examine(&settings, "", &days);
    struct stat found;
    if (finding == TLS_WELL && stat(key, &found) == 0 && found.st_mode & 077) {
        examination_tell(
            examination, FINDING_ILL, words("chmod 600 it", "chmod 600"),
            words("%s may be read by others: it will not be used", "%s 可被他人读取,将不被采用"),
            key);
        return false;
    }
    if (finding == TLS_WELL)
        return true;
    examination_tell(
        examination, finding < TLS_ENDS_SOON ? FINDING_ILL : FINDING_LOOK,
        words("docs/cluster.md, By a database instead", "见 docs/cluster.md「以数据库为准」"),
        "%s (%d): %s", certificate, days, tls_finding_words(finding, words_are_chinese()));
    return false;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* What the dispatcher itself says; one that does not run says nothing, which is another check's matter. */
static bool check_answer(struct examination *examination, int speak)
{
    const char *body = scrape(examination->settings.dispatcher.metrics_port, "/metrics");
    char labels[SCRAPE_LABELS_BYTES];
    uint64_t answers = 1;
    if (!body || !scrape_next(body, "yihao_annals_answer", labels, &answers) || answers == 1)
        return true;
    examination_tell(
        examination, FINDING_ILL,
        words("patronictl list: is there a leader, and a synchronous standby? Then the database's "
              "log",
              "运行 patronictl list 查看是否有主节点与同步备节点,再查数据库日志"),
        speak ? words("they speak, but take no turn: nobody writes, or no standby confirms; calls "
                      "go by plan",
                      "节点有应答但未写入:无主节点或备节点未确认;来电按预案处理")
              : words("the dispatcher can write no turn; calls go by plan",
                      "调度程序无法写入;来电按预案处理"));
    return false;
}

static void check_server(struct examination *examination, const char *annals)
{
    struct place places[PLACES_MAX];
    int count = places_of(annals, places);
    if (count < 0) { /* by a socket of this machine */
        if (check_answer(examination, 1))
            examination_tell(examination, FINDING_WELL, NULL,
                             words("the dispatcher says nothing against them", "无异常"));
        return;
    }
    int speak = check_hosts(examination, places, count);
    bool identity = check_identity(examination, annals);
    bool answer = check_answer(examination, speak);
    if (speak > 0 && identity && answer)
        examination_tell(examination, FINDING_WELL, NULL,
                         words("%d of %d hosts speak TLS", "%d / %d 个节点 TLS 应答正常"), speak,
                         count);
}

void check_annals(struct examination *examination)
{
    const char *annals = examination->settings.dispatcher.annals;
    struct stat found;
    if (!annals[0])
        examination_tell(examination, FINDING_WELL, NULL,
                         words("the turns are on this machine's journal alone, or its standby's",
                               "未启用编年库"));
    else if (strncmp(annals, "lmdb:", strlen("lmdb:")) != 0)
        check_server(examination, annals);
    else if (stat(annals + strlen("lmdb:"), &found) < 0 || !S_ISDIR(found.st_mode))
        examination_tell(examination, FINDING_ILL,
                         words("is its disk mounted? Never begin it anew by hand",
                               "磁盘是否已挂载?切勿手工重建"),
                         words("%s is not there", "%s 不存在"), annals + strlen("lmdb:"));
    else if (check_answer(examination, 1))
        examination_tell(examination, FINDING_WELL, NULL, "%s", annals);
}
