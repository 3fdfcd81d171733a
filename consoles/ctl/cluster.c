/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao cluster …`: two dispatchers, one of which leads (docs/cluster.md). All verbs speak of the home's own
 * dispatcher, on its machine. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/settings.h"

enum {
    TAKE_OVER_MS = 30000, /* the journal's whole replay in the worst case */
    HAND_OVER_MS = 10000,
    LOOK_MS = 20
};

static struct settings settings;

static bool exists(const char *home, const char *name)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", home, name);
    return access(path, F_OK) == 0;
}

/* Who leads is said by the annals, not by a standby and an arbiter (docs/cluster.md). */
static bool is_by_annals(void)
{
    return settings.dispatcher.annals[0] != '\0';
}

static bool leads(const char *body)
{
    return body && strstr(body, "\nyihao_journal_epoch ");
}

static bool follows(const char *body)
{
    return body && strstr(body, "\nyihao_standby_turn ");
}

static int read_settings(const char *home)
{
    if (settings_read(&settings, home, complain_sentence, NULL) < 0)
        return EXIT_FAILED;
    if (is_by_annals() || (settings.dispatcher.turns[0] && settings.dispatcher.twin_turns[0]))
        return EXIT_DONE;
    complain(words(
        "settings.conf names no twin (turns, twin_turns, twin_commands) and no annals",
        "settings.conf 未配置另一台调度程序(turns、twin_turns、twin_commands)或编年库(annals)"));
    return EXIT_NOT_FOUND;
}

/* Returns whether it answers, or there is none. */
static bool tell_arbiter(const char *body)
{
    bool answers = scrape_sum(body, "yihao_arbiter_answers") == 1;
    if (!settings.dispatcher.arbiter[0])
        return true;
    (void)printf("%s\n", answers ? words("the arbiter answers", "仲裁程序应答正常")
                                 : words("the arbiter does NOT answer: nobody would take over by "
                                         "itself now",
                                         "仲裁程序无应答: 此刻备机不会自动接管"));
    return answers;
}

/* Returns whether they answer, or there are none. */
static bool tell_annals(const char *body)
{
    bool answer = scrape_sum(body, "yihao_annals_answer") == 1;
    if (!is_by_annals())
        return true;
    (void)printf(words("the annals %s: epoch %" PRIu64 ", turn %" PRIu64 "\n",
                       "编年库%s: 第 %" PRIu64 " 期,第 %" PRIu64 " 轮\n"),
                 answer ? words("answer", "应答正常") : words("do NOT answer", "无应答"),
                 scrape_sum(body, "yihao_annals_epoch"), scrape_sum(body, "yihao_annals_turn"));
    return answer;
}

static int tell_standby(const char *body)
{
    uint64_t turn = scrape_sum(body, "yihao_standby_turn");
    uint64_t behind = scrape_sum(body, "yihao_standby_behind");
    bool following = scrape_sum(body, "yihao_standby_follows") == 1;
    bool live = scrape_sum(body, "yihao_standby_live") == 1;
    (void)printf(words("this is the standby: turn %" PRIu64 ", %" PRIu64 " behind, %s; %s\n",
                       "本机为备机: 第 %" PRIu64 " 轮,落后 %" PRIu64 " 轮,%s;%s\n"),
                 turn, behind,
                 following
                     ? words("following", "正在跟随")
                     : words("NOT following: is the leader there, was its backup restored here?",
                             "未在跟随: 主机是否在运行?是否已恢复其备份?"),
                 live ? words("its core is live", "内核实时同步")
                      : words("its core is NOT live: taking over would take longer, or is not "
                              "possible; look at its log",
                              "内核未实时同步: 接管将变慢或无法进行,请查看日志"));
    bool good = tell_annals(body);
    return tell_arbiter(body) && good && following && live ? EXIT_DONE : EXIT_FAILED;
}

static int tell_leader(const char *body)
{
    bool in_step = scrape_sum(body, "yihao_standby_in_step") == 1;
    (void)printf(words("this dispatcher leads: epoch %" PRIu64 ", event %" PRIu64 "\n",
                       "本机为主机: 第 %" PRIu64 " 期,事件 %" PRIu64 "\n"),
                 scrape_sum(body, "yihao_journal_epoch"), scrape_sum(body, "yihao_journal_seq"));
    if (is_by_annals())
        return tell_annals(body) ? EXIT_DONE : EXIT_FAILED;
    (void)printf(words("the standby %s\n", "备机%s\n"),
                 in_step ? words("is in step", "同步中")
                         : words("is NOT in step: what happens now is on this machine alone",
                                 "未同步: 当前数据仅存于本机"));
    return tell_arbiter(body) && in_step ? EXIT_DONE : EXIT_FAILED;
}

int run_cluster_status(struct request *request)
{
    int code = read_settings(request->home);
    if (code != EXIT_DONE)
        return code;
    const char *body = scrape(settings.dispatcher.metrics_port, "/metrics");
    if (!body) {
        complain(words("no dispatcher runs here (port %u)", "本机未运行调度程序(端口 %u)"),
                 settings.dispatcher.metrics_port);
        return EXIT_UNREACHABLE;
    }
    return follows(body) ? tell_standby(body) : tell_leader(body);
}

/* The dispatcher of this home looks for the file and removes it. */
static bool leave_word(const char *home, const char *word)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/run/%s", home, word);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        complain("%s: %s", path, strerror(errno));
    return fd >= 0 && close(fd) == 0;
}

int run_cluster_take_over(struct request *request)
{
    uint64_t begun_ms = clock_mono_ms();
    int code = read_settings(request->home);
    if (code != EXIT_DONE)
        return code;
    if (is_by_annals()) {
        complain(
            words("by the annals nobody has to say so: who follows leads two seconds after the "
                  "leader's last word",
                  "由编年库裁定,无需人工接管: 主机失联两秒后备机自动接管"));
        return EXIT_CONFLICT;
    }
    const char *body = scrape(settings.dispatcher.metrics_port, "/metrics");
    if (exists(request->home, "leads") || !follows(body)) {
        complain(words("no standby runs here", "本机未运行备机"));
        return EXIT_CONFLICT;
    }
    if (!request_option(request, "force") && scrape_sum(body, "yihao_standby_follows") == 1) {
        complain(
            words("the leader lives: stop it first (systemctl stop yihao-dispatcher there), or "
                  "say --force when it is cut off from everybody else",
                  "主机仍在运行: 请先停止主机;若其已与各方隔绝,可用 --force"));
        return EXIT_CONFLICT;
    }
    if (!leave_word(request->home, "take-over"))
        return EXIT_FAILED;
    while (clock_mono_ms() - begun_ms < TAKE_OVER_MS) {
        body = exists(request->home, "leads") ? scrape(settings.dispatcher.metrics_port, "/metrics")
                                              : NULL;
        if (leads(body)) {
            (void)printf(words("took over in %" PRIu64 " ms: ", "接管用时 %" PRIu64 " 毫秒: "),
                         clock_mono_ms() - begun_ms);
            (void)tell_leader(body);
            return EXIT_DONE;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    complain(words("it did not take over; look at its log", "未能接管;请查看日志"));
    return EXIT_FAILED;
}

int run_cluster_hand_over(struct request *request)
{
    uint64_t begun_ms = clock_mono_ms();
    int code = read_settings(request->home);
    if (code != EXIT_DONE)
        return code;
    const char *body = scrape(settings.dispatcher.metrics_port, "/metrics");
    bool ready = is_by_annals() || (body && scrape_sum(body, "yihao_standby_in_step") == 1);
    if (!leads(body) || !ready) {
        complain(leads(body)
                     ? words("the standby is not in step: it does not have all that was promised",
                             "备机未同步: 尚未持有全部数据,不能切换")
                     : words("no leader runs here", "本机未运行主机"));
        return EXIT_CONFLICT;
    }
    if (!leave_word(request->home, "hand-over"))
        return EXIT_FAILED;
    while (leads(body) && clock_mono_ms() - begun_ms < HAND_OVER_MS) {
        (void)poll(NULL, 0, LOOK_MS);
        body = scrape(settings.dispatcher.metrics_port, "/metrics");
    }
    if (leads(body)) {
        complain(words("it still leads; look at its log", "主机仍在运行;请查看日志"));
        return EXIT_FAILED;
    }
    if (is_by_annals()) {
        (void)puts(words("handed over: the twin leads; started again, this one follows",
                         "已切换: 由另一台接管;本机再次启动后即为备机"));
        return EXIT_DONE;
    }
    (void)puts(words(
        "handed over: this dispatcher has ended and the twin leads (yihao cluster status "
        "there); start this one with --standby",
        "已切换: 本机已退出,由另一台接管(请在该机执行 yihao cluster status);请以 --standby 启动本机"));
    return EXIT_DONE;
}
