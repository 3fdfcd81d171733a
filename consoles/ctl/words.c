/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/words.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool chinese;

/* docs/glossary.md */
static const struct {
    const char *word;
    const char *chinese;
} states[] = {
    { "waiting", "等待" },
    { "number", "号码" },
    { "name", "姓名" },
    { "address", "地址" },
    { "text", "内容" },
    { "position", "定位" },
    { "recording", "录音" },
    { "call_back", "回拨市民" },
    { "verify", "核实情况" },
    { "visit", "上门办理" },
    { "safety", "人身安全" },
    { "complaint", "投诉调查" },
    { "law", "依法调取" },
    { "contact", "首次联系" },
    { "arrive", "到场" },
    { "feedback", "首次反馈" },
    { "review", "审核" },
    { "demand", "督办答复" },
    { "wall", "自然时间" },
    { "working_hour", "工作小时" },
    { "working_day", "工作日" },
    { "centre", "中心" },
    { "department", "部门" },
    { "citizen", "市民" },
    { "dispute", "争议裁定" },
    { "suspended", "挂账" },
    { "other_line", "其他号线" },
    { "yellow", "黄色预警" },
    { "orange", "橙色预警" },
    { "urge_1", "催办一" },
    { "red", "超时" },
    { "urge_2", "催办二" },
    { "supervise_1", "督办一" },
    { "supervise_2", "督办二" },
    { "supervise_3", "督办三" },
    { "very_late", "严重超时" },
    { "alarm", "未签收告警" },
    { "next_unit", "改派下一单位" },
    { "commander", "报指挥长" },
    { "offered", "振铃" },
    { "connected", "通话" },
    { "ended", "已结束" },
    { "abandoned", "呼损" },
    { "signed_off", "未签入" },
    { "away", "示忙" },
    { "ready", "示闲" },
    { "talking", "通话" },
    { "ordered", "待发" },
    { "sent", "已发出" },
    { "delivered", "已送达" },
    { "failed", "未送达" },
    { "emergency_received", "紧急短信回执" },
    { "wrap_up", "整理" },
    { "registered", "已受理待派" },
    { "dispatched", "已派待签收" },
    { "handling", "办理中" },
    { "replied", "已反馈" },
    { "told", "已告知待评价" },
    { "revisit", "待回访" },
    { "redo", "重办" },
    { "closed", "已办结" },
    { "direct", "直接答复办结" },
    { "void", "作废" },
    { "withdrawn", "撤单" },
    { "draft", "登记中" },
    { "pending_info", "待补充" },
    { "pending_dispatch", "待派单" },
    { "dispute", "争议裁定" },
    { "suspended", "挂账" },
    { "pending_close", "待结案" },
    { "archived", "已归档" },
    { "not_accepted", "不予受理" },
    { "merged", "已并单" },
    { "transferred", "已转出" },
    { "on_scene", "到场" },
    { "controlled", "险情已控制" },
    { "contacted", "已联系市民" },
    { "inform", "知会" },
    { "supervise", "监督" },
    { "extension", "延期" },
    { "suspension", "挂账" },
    { "withdrawal", "撤单" },
    { "close", "结案" },
    { "unmerge", "撤销并单" },
    { "secrecy", "降低保密" },
    { "nuisance", "骚扰作废" },
    { "priority", "降低级别" },
    { "transfer", "转出" },
    { "granted", "同意" },
    { "refused", "不同意" },
    { "cancelled", "已撤回" },
    { "lapsed", "逾期未答" },
    { "overtaken", "已无必要" },
    { "info", "补充" },
    { "review", "审核" },
    { "petition", "审批" },
    { "archive", "归档" },
    { "sent", "已派" },
    { "signed", "已签收" },
    { "rolling", "出动" },
    { "arrived", "到场" },
    { "return_asked", "申请退单" },
    { "returned", "已退单" },
    { "recalled", "已撤回" },
    { "lead", "主办" },
    { "assist", "协办" },
    { "english", "英语" },
    { "cantonese", "粤语" },
    { "uyghur", "维吾尔语" },
    { "tibetan", "藏语" },
    { "mongolian", "蒙古语" },
    { "korean", "朝鲜语" },
    { "kazakh", "哈萨克语" },
    { "zhuang", "壮语" },
    { "yi", "彝语" },
    { "japanese", "日语" },
    { "russian", "俄语" },
    { "local", "本地方言" },
    { "warm", "协同转接" },
    { "blind", "直接转接" },
    { "declined", "拒接" },
    { "caller_gone", "来电人挂机" },
    { "taker_left", "话务员离开" },
    { "gateway_lost", "网关中断" },
    { "taken_elsewhere", "他人已接" },
    { "transfer_over", "转接结束" },
    { "not_reached", "未接通" },
    { "life", "生命" },
    { "emergency", "紧急" },
    { "urgent", "加急" },
    { "ordinary", "一般" },
    { "voice", "电话" },
    { "sms", "短信" },
    { "trunk", "话务网关" },
    { "console", "席位" },
    { "break", "小休" },
    { "meal", "用餐" },
    { "training", "培训" },
    { "record", "补录" },
    { "unanswered", "未应答" },
    { "phone_failed", "话机故障" },
    { "supervisor", "班长" },
    { "dispatch", "派单" },
    { "sign", "签收" },
    { "reply", "反馈" },
    { "tell", "告知" },
    { "survey", "评价" },
    { "rule_return", "退单裁定" },
    { "answer", "接听" },
    { "callback", "回拨" },
    { "available", "待命" },
    { "alerted", "已下令" },
    { "loaded", "病人上车" },
    { "left_scene", "送医途中" },
    { "at_hospital", "到院" },
    { "handed_over", "已交接" },
    { "deployed", "展开" },
    { "water_on", "出水" },
    { "under_control", "火势控制" },
    { "out", "熄灭" },
    { "left", "撤离归队" },
    { "out_of_service", "停用" },
    { "off_duty", "下班" },
    { "nearest_by_distance", "直线最近" },
    { "nearest_by_travel", "预计最先到达" },
    { "next_station", "就近站点" },
    { "own_district", "本辖区" },
    { "longest_idle", "空闲最久" },
    { "only_one", "唯一可用" },
    { "rest_overridden", "休整中破例出动" },
    { "none_of_kind", "没有该类力量" },
    { "all_busy", "均在执行任务" },
    { "out_of_radius", "超出范围" },
    { "place_unknown", "警情地点不明" },
    { "position_too_stale", "定位过期" },
    { "unstaffed", "人员不足" },
    { "resting", "休整中" },
    { "raised", "升级" },
    { "proposed", "建议" },
    { "unable", "无法执行" },
    { "breakdown", "车辆故障" },
    { "accident", "途中事故" },
    { "crew", "人员原因" },
    { "blocked", "道路受阻" },
    { "equipment", "装备故障" },
    { "other_emergency", "途遇其他警情" },
};

static bool begins_with_zh(const char *name)
{
    const char *value = getenv(name);
    return value && strncmp(value, "zh", 2) == 0;
}

void words_open(void)
{
    const char *all = getenv("LC_ALL");
    const char *messages = getenv("LC_MESSAGES");
    chinese = all && *all             ? begins_with_zh("LC_ALL")
              : messages && *messages ? begins_with_zh("LC_MESSAGES")
                                      : begins_with_zh("LANG");
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

bool words_are_chinese(void)
{
    return chinese;
}

const char *words(const char *english, const char *chinese_words)
{
    return chinese ? chinese_words : english;
}

const char *words_of_state(const char *word)
{
    for (size_t i = 0; chinese && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].word, word) == 0)
            return states[i].chinese;
    return word;
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("yihao: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

void complain_sentence(void *owner, const char *sentence)
{
    (void)owner;
    complain("%s", sentence);
}
