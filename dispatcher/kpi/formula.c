/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/kpi/formula.h"

#include <math.h>
#include <string.h>

#define K(count) KPI_COUNT_##count
#define PERMILLE 1000ULL

/* clang-format off */
const uint32_t formula_quantiles[FORMULA_QUANTILES] = { 500, 900, 990 };

static const struct formula table[] = {
    { "C1", "answered by a person", "人工接通率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED) }, { K(OFFERED) } },
    { "C2", "answered by a person, of all that came", "总接通率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED) }, { K(OFFERED), K(TURNED_AWAY) } },
    { "C3a", "service level a: in time, or gone in time, of all", "服务水平 a", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED_IN_TARGET), K(ABANDONED_IN_TARGET) }, { K(ANSWERED), K(ABANDONED) } },
    { "C3b", "service level b: in time, of the answered", "服务水平 b", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED_IN_TARGET) }, { K(ANSWERED) } },
    { "C3c", "service level c: in time, of all (110 119 120 122)", "服务水平 c（110、119、120、122）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED_IN_TARGET) }, { K(ANSWERED), K(ABANDONED) } },
    { "C3d", "service level d: in time, of those who waited (12345)", "服务水平 d（12345）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED_IN_TARGET) }, { K(ANSWERED), K(ABANDONED), -K(ABANDONED_IN_TARGET) } },
    { "C4", "abandoned, short ones left out", "放弃率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ABANDONED), -K(ABANDONED_SHORT) }, { K(OFFERED), -K(ABANDONED_SHORT) } },
    { "C5", "mean wait of the answered", "平均等待", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0,
      { K(WAIT_MS) }, { K(ANSWERED) } },
    { "C5m", "longest wait of the answered", "最长等待", KPI_SCOPE_LINE, FORMULA_LONGEST_MS, 0,
      { K(WAIT_LONGEST_MS) }, { K(ANSWERED) } },
    { "C5q", "wait of the answered, p50 p90 p99", "等待分位", KPI_SCOPE_LINE, FORMULA_QUANTILES_MS, HISTOGRAM_WAIT,
      { 0 }, { 0 } },
    { "C5x", "mean wait of those who gave up", "放弃前平均等待", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0,
      { K(ABANDONED_WAIT_MS) }, { K(ABANDONED) } },
    { "C6t", "mean talk, hold left out", "平均通话（不含保持）", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0,
      { K(TALK_MS), -K(HOLD_MS) }, { K(ANSWERED) } },
    { "C6m", "longest talk, hold included", "最长通话（含保持）", KPI_SCOPE_LINE, FORMULA_LONGEST_MS, 0,
      { K(TALK_LONGEST_MS) }, { K(ANSWERED) } },
    { "C6h", "mean hold", "平均保持", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0, { K(HOLD_MS) }, { K(ANSWERED) } },
    { "C6a", "mean wrap-up", "平均话后", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0, { K(WRAP_UP_MS) }, { K(ANSWERED) } },
    { "C7", "mean handling: talk, hold and wrap-up", "平均处理时长", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0,
      { K(TALK_MS), K(WRAP_UP_MS) }, { K(ANSWERED) } },
    { "C8", "occupancy: in conversation or wrap-up, of that and ready", "占用率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(TALKING_MS), K(WRAPPING_MS) }, { K(TALKING_MS), K(WRAPPING_MS), K(READY_MS) } },
    { "C8u", "utilisation: in conversation, wrap-up or ready, of signed on", "利用率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(TALKING_MS), K(WRAPPING_MS), K(READY_MS) },
      { K(TALKING_MS), K(WRAPPING_MS), K(READY_MS), K(AWAY_MS) } },
    { "C9", "invalid calls", "无效来电率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(INVALID) }, { K(ANSWERED) } },
    { "C10", "transfers taken", "一键转接成功率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(TRANSFERS_TAKEN) }, { K(TRANSFERS) } },
    { "C10q", "transfer asked to answered, p50 p90 p99", "转接应答时长分位", KPI_SCOPE_LINE, FORMULA_QUANTILES_MS,
      HISTOGRAM_TRANSFER, { 0 }, { 0 } },
    { "C10b", "transfers handed back", "转接退回率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(BOUNCED) }, { K(TRANSFERS_TAKEN) } },
    { "C11", "lost emergency callers called back in 60 s", "回拨率（60 秒内）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(CALLBACKS_IN_60S) }, { K(CALLBACKS) } },
    { "C12", "texts answered in 3 min", "短信 3 分钟响应率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(TEXTS_IN_180S) }, { K(TEXTS) } },
    { "C13", "call takers for each 100,000 inhabitants, when asked", "每 10 万人座席", KPI_SCOPE_CITY, FORMULA_PER_100K, 0,
      { K(TAKERS_NOW) }, { K(POPULATION_NOW) } },
    { "M1", "answered in time, of all (C3c)", "按时接警率（同 C3c）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ANSWERED_IN_TARGET) }, { K(ANSWERED), K(ABANDONED) } },
    { "M2", "mean answer to order", "接警至派警平均", KPI_SCOPE_LINE, FORMULA_MEAN_MS, 0,
      { K(ANSWER_TO_ORDER_MS) }, { K(ORDERED) } },
    { "M2q", "answer to order, p50 p90 p99", "接警至派警分位", KPI_SCOPE_LINE, FORMULA_QUANTILES_MS, HISTOGRAM_ORDER,
      { 0 }, { 0 } },
    { "M3", "orders signed in 30 s", "30 秒签收率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(SIGN_TO_30S) },
      { K(SIGN_TO_30S), K(SIGN_TO_60S), K(SIGN_TO_120S), K(SIGN_TO_180S), K(SIGN_LATER) } },
    { "M4", "departed in 5 min", "5 分钟出动率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(ROLL_TO_5M) },
      { K(ROLL_TO_5M), K(ROLL_TO_10M), K(ROLL_TO_15M), K(ROLL_TO_30M), K(ROLL_LATER) } },
    { "M4a", "departed in 3 min (120)", "3 分钟出动率（120）", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(ROLL_TO_3M) },
      { K(ROLL_TO_5M), K(ROLL_TO_10M), K(ROLL_TO_15M), K(ROLL_TO_30M), K(ROLL_LATER) } },
    { "M5", "arrived in 5 min", "5 分钟到场率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(ARRIVE_TO_5M) },
      { K(ARRIVE_TO_5M), K(ARRIVE_TO_10M), K(ARRIVE_LATER) } },
    { "M5b", "arrived in 10 min (suburbs)", "10 分钟到场率（郊区）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(ARRIVE_TO_5M), K(ARRIVE_TO_10M) }, { K(ARRIVE_TO_5M), K(ARRIVE_TO_10M), K(ARRIVE_LATER) } },
    { "M6", "fed back in 30 min", "30 分钟反馈率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(FEEDBACK_TO_30M) },
      { K(FEEDBACK_TO_30M), K(FEEDBACK_TO_60M), K(FEEDBACK_TO_120M), K(FEEDBACK_TO_240M), K(FEEDBACK_LATER) } },
    { "M7", "further departments ordered in 10 s of the first", "多部门同步派警率（10 秒内）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(SIBLINGS_IN_10S) }, { K(SIBLINGS) } },
    { "M8", "emergencies that follow another", "警情归并率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(EMERGENCIES_MERGED) }, { K(EMERGENCIES) } },
    { "M8g", "false alarms in good faith", "善意误报率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(FALSE_GOOD_FAITH) }, { K(EMERGENCIES) } },
    { "M8k", "false alarms knowingly", "恶意谎报率", KPI_SCOPE_LINE, FORMULA_SHARE, 0, { K(FALSE_KNOWING) }, { K(EMERGENCIES) } },
    { "M8d", "diverted to an ordinary line, of the answered", "分流率（转普通号线）", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(DIVERTED) }, { K(ANSWERED) } },
    { "M9", "registered in the period and open when asked", "未办结率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(EMERGENCIES), -K(EMERGENCIES_CLOSED) }, { K(EMERGENCIES) } },
    { "M10", "feedback given back", "反馈退回率", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(FEEDBACKS_REJECTED) }, { K(FEEDBACKS) } },
    { "M11", "emergencies registered, of the calls", "有效警情占比", KPI_SCOPE_LINE, FORMULA_SHARE, 0,
      { K(EMERGENCIES) }, { K(OFFERED) } },
    { "O1", "answered directly", "直接答复率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(DIRECT) }, { K(DIRECT), K(DISPATCHED) } },
    { "O1f", "answered directly, and not asked again in 7 days", "一次办结率（7 日内未再来）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(DIRECT), -K(DIRECT_AGAIN) }, { K(DIRECT), K(DISPATCHED) } },
    { "O2", "signed in time", "及时签收率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(TASKS_SIGNED_IN_TIME) }, { K(TASKS_SENT) } },
    { "O3", "first contact with the citizen in time", "先行联系率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(CONTACTED_IN_TIME) }, { K(CONTACTS_DUE) } },
    { "O4", "dispatched in time", "按时转派率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(DISPATCHED_IN_TIME) }, { K(DISPATCHED) } },
    { "O5", "replied in time, granted extensions included", "按时办结率（含延期）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(REPLIED_IN_TIME) }, { K(DUE) } },
    { "O5b", "replied in time, without extensions", "按时办结率（不含延期）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(REPLIED_IN_FIRST_TIME) }, { K(DUE) } },
    { "O6", "closed of accepted", "办结率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(TOTAL_CLOSED) }, { K(ACCEPTED) } },
    { "O7", "sent back", "退单率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(RETURNS_ACCEPTED) }, { K(TASKS_SENT) } },
    { "O7f", "send-backs refused", "退单失败率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(RETURNS_REFUSED) }, { K(RETURNS_ASKED) } },
    { "O7a", "mean time in the air before a return", "平均空转时长", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0,
      { K(AIR_MS) }, { K(RETURNS_ACCEPTED) } },
    { "O8", "extensions granted, of the dispatched", "延期率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(EXTENSIONS) }, { K(DISPATCHED) } },
    { "O8s", "suspended, of the dispatched", "挂账率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(SUSPENSIONS) }, { K(DISPATCHED) } },
    { "O8t", "suspended when asked, of the open", "挂账存量占比", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(SUSPENDED_NOW) }, { K(OPEN_NOW) } },
    { "O8r", "suspensions ended", "挂账销号率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SUSPENSIONS_ENDED) }, { K(SUSPENSIONS_ENDED), K(SUSPENDED_NOW) } },
    { "O9", "done again", "重办率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REDONE) }, { K(ORDERS_REPLIED) } },
    { "O9r", "mean rounds", "平均办理轮次", KPI_SCOPE_CITY, FORMULA_MEAN, 0, { K(ORDERS_REPLIED), K(ROUNDS) }, { K(ORDERS_REPLIED) } },
    { "O10", "repeated, linked to an earlier one", "重复诉求率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REPEATED) }, { K(ACCEPTED) } },
    { "O11", "replies that pass at once", "答复规范率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(REPLIED), -K(REPLIES_REJECTED) }, { K(REPLIED) } },
    { "O11p", "rejected: not to the point", "答非所问率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REJECTED_NOT_TO_POINT) }, { K(REPLIED) } },
    { "O11k", "rejected: the citizen was not contacted", "未联系市民率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REJECTED_NO_CONTACT) }, { K(REPLIED) } },
    { "O11b", "rejected: no basis in law", "缺法律依据率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REJECTED_NO_BASIS) }, { K(REPLIED) } },
    { "O11y", "rejected: copied", "照抄模板率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REJECTED_COPIED) }, { K(REPLIED) } },
    { "O11e", "rejected: no evidence", "缺佐证率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(REJECTED_NO_EVIDENCE) }, { K(REPLIED) } },
    { "O11o", "rejected: anything else", "其他不规范率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(REPLIES_REJECTED), -K(REJECTED_NOT_TO_POINT), -K(REJECTED_NO_CONTACT), -K(REJECTED_NO_BASIS),
        -K(REJECTED_COPIED), -K(REJECTED_NO_EVIDENCE) }, { K(REPLIED) } },
    { "O12", "late", "超时率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(DUE), -K(REPLIED_IN_TIME) }, { K(DUE) } },
    { "O12d", "mean lateness", "平均超时时长", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(LATE_MS) }, { K(LATE_REPLIES) } },
    { "O12q", "lateness, p50 p90 p99", "超时深度分位", KPI_SCOPE_CITY, FORMULA_QUANTILES_MS, HISTOGRAM_LATE, { 0 }, { 0 } },
    { "O12x", "late replies that took three times what was allowed", "超时三倍以上占比", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(LATE_OVER_3X) }, { K(LATE_REPLIES) } },
    { "O13", "supervised, of the dispatched", "督办率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(SUPERVISED) }, { K(DISPATCHED) } },
    { "O13t", "supervision orders answered in time", "督办按期率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SUPERVISIONS_IN_TIME) }, { K(SUPERVISIONS_DUE) } },
    { "O14", "dispatched to the right department at once", "派单准确率", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(DISPATCHED), -K(MISDIRECTED) }, { K(DISPATCHED) } },
    { "O15", "merged", "并单率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(MERGED) }, { K(ACCEPTED) } },
    { "O15b", "mean incidents answered by one that others follow", "平均受益件数", KPI_SCOPE_CITY, FORMULA_MEAN, 0,
      { K(PARENTS), K(MERGED) }, { K(PARENTS) } },
    { "O16", "mean first contact to closed", "平均办理时长", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0,
      { K(TOTAL_MS) }, { K(TOTAL_CLOSED) } },
    { "O16c", "of it with the centre", "其中：中心", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_CENTRE_MS) }, { K(TOTAL_CLOSED) } },
    { "O16u", "of it with departments, net", "其中：单位净时长", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_DEPARTMENT_MS) }, { K(TOTAL_CLOSED) } },
    { "O16a", "of it in the air: with departments that sent it back", "其中：空转", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_AIR_MS) }, { K(TOTAL_CLOSED) } },
    { "O16w", "of it waiting for the citizen", "其中：等市民", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_CITIZEN_MS) }, { K(TOTAL_CLOSED) } },
    { "O16d", "of it in dispute", "其中：争议裁定", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_DISPUTE_MS) }, { K(TOTAL_CLOSED) } },
    { "O16s", "of it suspended", "其中：挂账", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_SUSPENDED_MS) }, { K(TOTAL_CLOSED) } },
    { "O16l", "of it with another line", "其中：其他号线", KPI_SCOPE_CITY, FORMULA_MEAN_MS, 0, { K(OWNED_OTHER_LINE_MS) }, { K(TOTAL_CLOSED) } },
    { "T1", "citizen was contacted", "响应率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(CONTACTED_YES) },
      { K(CONTACTED_YES), K(CONTACTED_NO) } },
    { "T2", "solved, mostly counted", "解决率（含基本解决）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SOLVED_YES), K(SOLVED_MOSTLY) }, { K(SOLVED_YES), K(SOLVED_MOSTLY), K(SOLVED_NO) } },
    { "T2s", "solved, mostly not counted", "解决率（不含基本解决）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SOLVED_YES) }, { K(SOLVED_YES), K(SOLVED_MOSTLY), K(SOLVED_NO) } },
    { "T2a", "solved, mostly counted, as assessed", "解决率（计入考核）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SOLVED_YES), K(SOLVED_MOSTLY) }, { K(SOLVED_YES), K(SOLVED_MOSTLY), K(SOLVED_NO), -K(EXPLAINED_UNSOLVED) } },
    { "T3", "satisfied, fairly counted", "满意率（含基本满意）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SATISFIED_YES), K(SATISFIED_MOSTLY) }, { K(SATISFIED_YES), K(SATISFIED_MOSTLY), K(SATISFIED_NO) } },
    { "T3s", "satisfied, fairly not counted", "满意率（仅满意）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SATISFIED_YES) }, { K(SATISFIED_YES), K(SATISFIED_MOSTLY), K(SATISFIED_NO) } },
    { "T3a", "satisfied, fairly counted, as assessed", "满意率（计入考核）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(SATISFIED_YES), K(SATISFIED_MOSTLY) },
      { K(SATISFIED_YES), K(SATISFIED_MOSTLY), K(SATISFIED_NO), -K(EXPLAINED_UNSATISFIED) } },
    { "T4", "the three rates in one, by the city's weights", "三率综合（按本市权重）", KPI_SCOPE_CITY, FORMULA_RATES, 0, { 0 }, { 0 } },
    { "T5c", "asked for a verdict, of the closed", "回访覆盖率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(CLOSED_ASKED) },
      { K(CLOSED) } },
    { "T5", "reached for a verdict", "回访成功率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(SURVEYED) },
      { K(SURVEYED), K(UNRATED) } },
    { "T6", "verdicts taken out of the assessment", "剔除率", KPI_SCOPE_CITY, FORMULA_SHARE, 0, { K(EXPLAINED) }, { K(SURVEYED) } },
    { "T7", "bad ratings done again in 72 h", "差评整改率（72 小时内）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(BAD_REDONE) }, { K(BAD_RATINGS) } },
    { "T7w", "bad ratings done again in 3 working days", "差评整改率（3 个工作日内）", KPI_SCOPE_CITY, FORMULA_SHARE, 0,
      { K(BAD_REDONE_IN_3WD) }, { K(BAD_RATINGS) } },
};
/* clang-format on */

const struct formula *formulas(uint32_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

static uint64_t sum(const int terms[FORMULA_TERMS_MAX], const uint64_t *counts)
{
    uint64_t plus = 0, minus = 0;
    for (int i = 0; i < FORMULA_TERMS_MAX && terms[i]; i++)
        if (terms[i] > 0)
            plus += counts[terms[i]];
        else
            minus += counts[-terms[i]];
    return plus > minus ? plus - minus : 0;
}

bool kpi_is_longest(enum kpi_count count)
{
    return count == KPI_COUNT_WAIT_LONGEST_MS || count == KPI_COUNT_TALK_LONGEST_MS;
}

enum kpi_count kpi_count_of(enum parameter parameter)
{
    switch ((int)parameter) {
    case PARAMETER_POPULATION:
        return KPI_COUNT_POPULATION_NOW;
    case PARAMETER_WEIGHT_CONTACTED:
        return KPI_COUNT_WEIGHT_CONTACTED_NOW;
    case PARAMETER_WEIGHT_SOLVED:
        return KPI_COUNT_WEIGHT_SOLVED_NOW;
    case PARAMETER_WEIGHT_SATISFIED:
        return KPI_COUNT_WEIGHT_SATISFIED_NOW;
    default: /* rules, not figures */
        return KPI_COUNT_NONE;
    }
}

uint64_t kpi_join(enum kpi_count count, uint64_t there, uint64_t amount)
{
    if (!kpi_is_longest(count))
        return there + amount;
    return amount > there ? amount : there;
}

/* The rates that T4 is made of, each with its weight. */
static const struct {
    const char *id;
    enum kpi_count weight;
} rates[] = {
    { "T1", K(WEIGHT_CONTACTED_NOW) },
    { "T2", K(WEIGHT_SOLVED_NOW) },
    { "T3", K(WEIGHT_SATISFIED_NOW) },
};

static const struct formula *formula_of(const char *id)
{
    const struct formula *formula = table;
    while (strcmp(formula->id, id) != 0)
        formula++;
    return formula;
}

/* Weight × permille, and weight × 1000; all 0 where a rate that weighs has no verdict. */
static void weigh(const uint64_t *counts, uint64_t *over, uint64_t *under)
{
    *over = *under = 0;
    for (uint32_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        const struct formula *rate = formula_of(rates[i].id);
        uint64_t weight = counts[rates[i].weight], verdicts = sum(rate->under, counts);
        if (weight == 0)
            continue;
        if (verdicts == 0) {
            *over = *under = 0;
            return;
        }
        *over += weight * ((PERMILLE * sum(rate->over, counts) + verdicts / 2) / verdicts);
        *under += weight * PERMILLE;
    }
}

uint64_t formula_over(const struct formula *formula, const uint64_t *counts)
{
    uint64_t over, under;
    if (formula->unit == FORMULA_RATES) {
        weigh(counts, &over, &under);
        return over;
    }
    return sum(formula->over, counts);
}

uint64_t formula_under(const struct formula *formula, const uint64_t *counts)
{
    uint64_t over, under;
    if (formula->unit == FORMULA_RATES) {
        weigh(counts, &over, &under);
        return under;
    }
    return sum(formula->under, counts);
}

bool formula_interval(uint64_t over, uint64_t under, uint32_t *low, uint32_t *high)
{
    const double z = 1.959963984540054; /* 95 % */
    if (under == 0 || over > under)
        return false;
    double n = (double)under, p = (double)over / n, zz = z * z / n;
    double middle = (p + zz / 2) / (1 + zz);
    double half = z * sqrt(p * (1 - p) / n + zz / (4 * n)) / (1 + zz);
    *low = (uint32_t)lround(1000 * fmax(0, middle - half));
    *high = (uint32_t)lround(1000 * fmin(1, middle + half));
    return true;
}
