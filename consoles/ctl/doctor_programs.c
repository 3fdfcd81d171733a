/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The doctor on what runs: do the programs do their work, is anybody there to answer, do texts go
 * out. All from the figures they serve; no password is needed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "consoles/ctl/doctor.h"
#include "consoles/ctl/programs.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/words.h"

static bool is_healthy(struct examination *examination, const char *program, uint16_t port)
{
    char cure[160];
    if (scrape(port, "/healthz"))
        return true;
    if (strcmp(program, "dispatcher") == 0)
        examination->runbook = "dispatcher-down";
    (void)snprintf(
        cure, sizeof cure,
        words("look at %s/log/%s.log, then ops/start", "查看 %s/log/%s.log,再运行 ops/start"),
        examination->home, program);
    examination_tell(
        examination, FINDING_ILL, cure,
        errno == ECONNREFUSED ? words("%s does not run (port %u)", "%s 未运行(端口 %u)")
        : errno == EBADMSG
            ? words("%s runs, but cannot do its work (port %u)", "%s 在运行但不能工作(端口 %u)")
            : words("%s does not answer (port %u)", "%s 无应答(端口 %u)"),
        program, port);
    return false;
}

/* A gateway without the dispatcher keeps what comes in a spool: nothing is lost, and nobody hears. */
static bool is_linked(struct examination *examination, const char *program, uint16_t port)
{
    const char *body = scrape(port, "/metrics");
    char labels[SCRAPE_LABELS_BYTES];
    uint64_t up = 1;
    if (!body || !scrape_next(body, "yihao_link_up", labels, &up) || up)
        return true;
    examination->runbook = "link-down";
    examination_tell(
        examination, FINDING_ILL,
        words("does the dispatcher run, and does keys/ hold the same keys on both machines?",
              "调度程序是否运行?两台机器的 keys/ 是否一致?"),
        words("%s hears no dispatcher; %" PRIu64 " commands wait",
              "%s 与调度程序失去联系,%" PRIu64 " 条命令在等待"),
        program, scrape_sum(body, "yihao_link_waiting"));
    return false;
}

/* A synthetic call that fails is a citizen's that would. */
static bool hears_itself(struct examination *examination, const char *program, uint16_t port)
{
    const char *body = scrape(port, "/metrics");
    char labels[SCRAPE_LABELS_BYTES];
    uint64_t up;
    bool well = true;
    for (const char *at = body;
         at && (at = scrape_next(at, "yihao_trunk_synthetic_up", labels, &up));) {
        if (up)
            continue;
        well = false;
        examination->runbook = "synthetic";
        examination_tell(
            examination, FINDING_ILL,
            words(
                "call it by hand from a telephone of that trunk; look at the log for \"synthetic call fails\"",
                "用该中继的话机手动拨打;在日志中查找 synthetic call fails"),
            words("%s: synthetic calls fail, %s", "%s 拨测呼叫失败,%s"), program, labels);
    }
    return well;
}

struct round {
    struct examination *examination;
    unsigned count;
    bool well;
};

static void check_program(void *owner, const struct program *program)
{
    struct round *round = owner;
    round->count++;
    bool tells = strcmp(program->kind, "console") == 0; /* its pages say when they hear nobody */
    round->well &= is_healthy(round->examination, program->name, program->port) &&
                   (tells || is_linked(round->examination, program->name, program->port)) &&
                   hears_itself(round->examination, program->name, program->port);
}

void check_programs(struct examination *examination)
{
    struct round round = { examination, 0, true };
    programs_of(&examination->settings, check_program, &round);
    if (round.well)
        examination_tell(examination, FINDING_WELL, NULL,
                         words("%u run and do their work", "%u 个均正常运行"), round.count);
}

/* What must not happen, and what to look at when it did since the program started. */
static const struct mishap {
    const char *name;
    const char *english;
    const char *chinese;
    const char *english_cure;
    const char *chinese_cure;
    const char *runbook;
} mishaps[] = {
    { "yihao_queue_stalled_total", "a caller waited beside an idle able taker",
      "有空闲坐席时来电仍在等待",
      "the queue mended itself; send the trail of that time to the makers",
      "系统已自行修复;请将该时段轨迹提交开发者", "queue-stalled" },
    { "yihao_trunk_recordings_failed_total", "a recording failed", "录音失败",
      "look at the disk, and at the log for the reason", "检查磁盘与日志", "recording" },
    { "yihao_trunk_emergency_refusals_total", "an emergency arrival was refused and reported again",
      "紧急来电被拒后重报", "look for the refusal in the dispatcher's log",
      "在调度日志中查找拒绝原因", "emergency-refused" },
    { "yihao_trunk_reports_lost_total", "a report was lost", "报告丢失",
      "the spool was full: how long was the dispatcher away?", "缓存已满:调度程序离线多久?",
      "link-down" },
    { "yihao_clock_held_total", "the clock went back", "时钟回退",
      "let chrony slew the clock, never step it", "让 chrony 平滑校时,不要跳变", "clock" },
};

static unsigned tell_mishaps(struct examination *examination, const char *program, uint16_t port)
{
    unsigned told = 0;
    const char *body = scrape(port, "/metrics");
    for (unsigned i = 0; body && i < sizeof mishaps / sizeof mishaps[0]; i++) {
        const struct mishap *mishap = &mishaps[i];
        uint64_t times = scrape_sum(body, mishap->name);
        if (times == 0)
            continue;
        examination->runbook = mishap->runbook;
        examination_tell(
            examination, FINDING_LOOK, words(mishap->english_cure, mishap->chinese_cure),
            words("%s, %" PRIu64 " times since its start: %s", "%s 启动以来 %" PRIu64 " 次:%s"),
            program, times, words(mishap->english, mishap->chinese));
        told++;
    }
    return told;
}

static uint64_t labelled(const char *body, const char *name, const char *wanted)
{
    char labels[SCRAPE_LABELS_BYTES];
    uint64_t value;
    while ((body = scrape_next(body, name, labels, &value)))
        if (strcmp(labels, wanted) == 0)
            return value;
    return 0;
}

void check_callers(struct examination *examination)
{
    const struct settings *settings = &examination->settings;
    unsigned told = tell_mishaps(examination, "dispatcher", settings->dispatcher.metrics_port);
    for (uint32_t i = 0; i < settings->trunk_count; i++)
        told +=
            tell_mishaps(examination, settings->trunks[i].name, settings->trunks[i].metrics_port);
    const char *body = scrape(settings->dispatcher.metrics_port, "/metrics");
    if (!body || strstr(body, "\nyihao_standby_turn "))
        return; /* whoever follows answers nobody */
    uint64_t signed_on = labelled(body, "yihao_takers", "state=\"signed_on\"");
    uint64_t waiting = labelled(body, "yihao_contacts", "state=\"waiting\"");
    if (signed_on == 0)
        examination_tell(examination, FINDING_ILL,
                         words("a call taker signs in at a console and presses Ready",
                               "话务员登录座席并置为就绪"),
                         words("no call taker is signed on: %" PRIu64 " callers wait",
                               "无话务员签入: %" PRIu64 " 个来电在等待"),
                         waiting);
    else if (told == 0)
        examination_tell(examination, FINDING_WELL, NULL,
                         words("%" PRIu64 " takers signed on, %" PRIu64 " callers wait",
                               "%" PRIu64 " 名话务员签入,%" PRIu64 " 个来电等待"),
                         signed_on, waiting);
}

void check_texts(struct examination *examination)
{
    const struct settings *settings = &examination->settings;
    unsigned told = 0, bound = 0;
    for (uint32_t i = 0; i < settings->sms_count; i++) {
        const struct sms_settings *gateway = &settings->sms[i];
        const char *body = scrape(gateway->metrics_port, "/metrics");
        char labels[SCRAPE_LABELS_BYTES];
        uint64_t up;
        uint64_t held = body ? scrape_sum(body, "yihao_sms_out_held") : 0;
        for (const char *at = body; at && (at = scrape_next(at, "yihao_sms_bind_up", labels, &up));)
            if (up) {
                bound++;
            } else {
                examination_tell(
                    examination, FINDING_ILL,
                    words("is the centre reachable, are account and password right? See the log",
                          "短信中心可达否?账号密码是否正确?见日志"),
                    words("%s is not bound (%s); %" PRIu64 " texts wait",
                          "%s 未绑定(%s),%" PRIu64 " 条短信待发"),
                    gateway->name, labels, held);
                told++;
            }
    }
    if (told == 0 && bound > 0)
        examination_tell(examination, FINDING_WELL, NULL,
                         words("all message centres that answer are bound", "短信中心均已绑定"));
}
