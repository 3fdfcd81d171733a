/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao queue explain CONTACT`: why it stands where it stands, for a person. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/password.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

struct said {
    const char *english;
    const char *chinese;
};

static const struct said reasons[WAIT_REASON_COUNT] = {
    [WAIT_REASON_NONE] = { "it does not wait", "不在排队" },
    [WAIT_REASON_NO_TAKER] = { "no able taker is signed on", "没有签入的合格坐席" },
    [WAIT_REASON_ALL_BUSY] = { "all able takers are busy", "合格坐席全忙" },
    [WAIT_REASON_RESERVE] = { "the idle ones are kept for emergencies", "空闲坐席为紧急来电预留" },
    [WAIT_REASON_RING] = { "the idle ones are outside its ring", "空闲坐席不在当前技能圈" },
    [WAIT_REASON_LANGUAGE] = { "nobody idle speaks its language", "没有空闲坐席会该语言" },
    [WAIT_REASON_GATEWAY] = { "its gateway is silent", "所在网关无响应" },
    [WAIT_REASON_OFFERED] = { "a taker is being asked", "正在派接" },
    [WAIT_REASON_RESTING] = { "the idle ones were asked a moment ago", "空闲坐席刚被派接过" },
};
static const struct said rules[AHEAD_RULE_COUNT] = {
    [AHEAD_RULE_NONE] = { "", "" },
    [AHEAD_RULE_BAND] = { "a more urgent band", "级别更高" },
    [AHEAD_RULE_DEADLINE] = { "an earlier deadline", "时限更早" },
    [AHEAD_RULE_WEIGHT] = { "more weight x waiting", "权重乘等待时间更大" },
    [AHEAD_RULE_ARRIVAL] = { "arrived earlier", "到达更早" },
};

static const char *say(const struct said *said)
{
    return words_are_chinese() ? said->chinese : said->english;
}

static void print_rules(const struct explanation *it)
{
    char span[TIME_BYTES];
    if (it->language)
        (void)printf(words("language %s, %s\n", "语言 %s,%s\n"),
                     words_of_state(language_name(it->language)),
                     it->any_language ? words("preferred", "优先") : words("demanded", "必须"));
    if (it->level)
        (void)printf(words("ring: takers up to level %u\n", "技能圈:级别 %u 以内的坐席\n"),
                     it->level);
    if (it->widen_ms > it->now_ms) {
        span_write(span, it->widen_ms - it->now_ms);
        (void)printf(words("more takers are asked in %s\n", "%s 后扩大派接范围\n"), span);
    }
    if (it->weight)
        (void)printf(words("weight of its line %u\n", "号线权重 %u\n"), it->weight);
    if (it->transfer)
        (void)printf(words("being handed over (%s) to line %u taker %u\n",
                           "正在转接(%s)至号线 %u 坐席 %u\n"),
                     words_of_state(transfer_kind_name(it->transfer)), it->transfer_line,
                     it->transfer_taker);
}

static void print_takers(const struct explanation *it)
{
    const struct able_takers *able = &it->able;
    (void)printf(words("able takers signed on %u: ready %u, asked %u, talking %u, wrap-up %u, away "
                       "%u\n",
                       "合格坐席签入 %u:示闲 %u,振铃 %u,通话 %u,整理 %u,示忙 %u\n"),
                 able->signed_on, able->ready, able->offered, able->talking, able->wrap_up,
                 able->away);
    (void)printf(words("of the ready: kept by the reserve %u, outside the ring %u, other language "
                       "%u, asked a moment ago %u\n",
                       "示闲中:预留 %u,技能圈外 %u,语言不符 %u,刚被派接 %u\n"),
                 able->held, able->outside_ring, able->other_language, able->resting);
    (void)printf(words("reserve %u, ready takers of emergency lines %u\n",
                       "紧急预留 %u,紧急号线示闲坐席 %u\n"),
                 it->reserve, it->emergency_ready);
}

static void print_offers(const struct explanation *it)
{
    for (uint32_t i = 0; i < it->offers_count; i++)
        (void)printf(words("now asked: taker %u%s\n", "正在派接坐席 %u%s\n"), it->offers[i].taker,
                     it->offers[i].rang ? words(", rings", ",已振铃") : "");
    for (uint32_t i = 0; i < it->ended_count; i++)
        (void)printf(words("offers that ended %s: %u\n", "结束的派接 %s:%u 次\n"),
                     words_of_state(offer_end_name(it->ended[i].cause)), it->ended[i].count);
}

static void print_ahead(const struct explanation *it)
{
    for (uint32_t i = 0; i < it->ahead_count; i++)
        (void)printf(words("before it: contact %" PRIu64 " line %u %s: %s\n",
                           "在其之前:来电 %" PRIu64 " 号线 %u %s:%s\n"),
                     it->ahead[i].contact, it->ahead[i].line,
                     words_of_state(band_name(it->ahead[i].band)), say(&rules[it->ahead[i].rule]));
}

static void print_explanation(const struct explanation *it)
{
    char arrived[TIME_BYTES], due[TIME_BYTES];
    time_write(arrived, it->arrived_ms);
    time_write(due, it->due_ms);
    (void)printf(
        words("contact %" PRIu64 ", line %u, %s, %s\n", "来电 %" PRIu64 ",号线 %u,%s,%s\n"),
        it->contact, it->line, words_of_state(band_name(it->band)),
        words_of_state(contact_state_name(it->state)));
    (void)printf(words("arrived %s, due %s\n", "到达 %s,应答时限 %s\n"), arrived, due);
    if (it->place)
        (void)printf(words("place %u of %u\n", "排第 %u 位,共 %u\n"), it->place, it->waiting);
    (void)printf(words("why it waits: %s\n", "原因:%s\n"), say(&reasons[it->reason]));
    print_rules(it);
    print_takers(it);
    print_offers(it);
    print_ahead(it);
}

int run_explain(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_EXPLAIN };
    char login[33] = "";
    if (!number_read(request->arguments[0], &query.explain.contact)) {
        complain(words("\"%s\" is no contact's number", "“%s”不是来电编号"), request->arguments[0]);
        return EXIT_USAGE;
    }
    if (!request->as)
        login_of_role(request->home, ROLE_SUPERVISOR, login);
    int code = session_open(&session, request, login);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_EXPLANATION, &answer->explanation);
    else if (code == EXIT_DONE)
        print_explanation(&answer->explanation);
    session_close(session);
    return code;
}
