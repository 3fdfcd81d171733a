/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The doctor on two dispatchers: would the other one take over now, and at once? From the figures that this home's dispatcher
 * serves, whichever of the two it is. */
#include <string.h>

#include "consoles/ctl/doctor.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/words.h"

/* Of whom a figure is asked, and what it means when it is not 1. */
static const struct want {
    bool of_follower;
    const char *name;
    enum finding finding;
    const char *english, *chinese;
    const char *english_cure, *chinese_cure;
    const char *runbook;
} wants[] = {
    { true, "yihao_standby_follows", FINDING_ILL, "this standby follows nobody", "备机未在跟随主机",
      "is the leader there, was its backup restored here? See the log",
      "主机是否在运行?是否已恢复其备份?见日志", "standby" },
    { true, "yihao_standby_live", FINDING_ILL, "the core of this standby is not live",
      "备机内核未实时同步", "it catches up, or the leader is a newer program: see the log",
      "正在追赶,或主机版本较新:见日志", "standby" },
    { false, "yihao_standby_in_step", FINDING_ILL, "the standby is not in step", "备机未同步",
      "start it; its log says what it lacks", "启动备机;其日志说明缺少什么", "standby" },
    { false, "yihao_annals_answer", FINDING_ILL, "the annals do not answer", "编年库无应答",
      "is the database there, and a standby of it?", "数据库及其备库是否可用?", "annals" },
    { true, "yihao_annals_answer", FINDING_ILL, "the annals do not answer", "编年库无应答",
      "is the database there, and a standby of it?", "数据库及其备库是否可用?", "annals" },
    { false, "yihao_arbiter_answers", FINDING_ILL, "the arbiter does not answer", "仲裁程序无应答",
      "start it: nobody would take over by itself now", "启动它:此刻备机不会自动接管", "standby" },
    { true, "yihao_arbiter_answers", FINDING_ILL, "the arbiter does not answer", "仲裁程序无应答",
      "start it: nobody would take over by itself now", "启动它:此刻备机不会自动接管", "standby" },
};

void check_twin(struct examination *examination)
{
    const struct dispatcher_settings *settings = &examination->settings.dispatcher;
    if (!settings->annals[0] && !settings->twin_turns[0]) {
        examination_tell(examination, FINDING_WELL, NULL,
                         words("there is one dispatcher alone", "仅一台调度程序"));
        return;
    }
    const char *body = scrape(settings->metrics_port, "/metrics");
    if (!body)
        return; /* the programs' check says so */
    bool follower = strstr(body, "\nyihao_standby_turn ") != NULL;
    unsigned told = 0;
    for (unsigned i = 0; i < sizeof wants / sizeof wants[0]; i++) {
        const struct want *want = &wants[i];
        char labels[SCRAPE_LABELS_BYTES];
        uint64_t value;
        if (want->of_follower != follower || !scrape_next(body, want->name, labels, &value) ||
            value == 1)
            continue;
        examination->runbook = want->runbook;
        examination_tell(examination, want->finding, words(want->english_cure, want->chinese_cure),
                         "%s", words(want->english, want->chinese));
        told++;
    }
    if (told == 0)
        examination_tell(
            examination, FINDING_WELL, NULL, "%s",
            follower ? words("this one follows, and could lead at once", "本机为备机,可随时接管")
                     : words("this one leads", "本机为主机"));
}
