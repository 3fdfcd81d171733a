/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each refusal: what it means to the person at the terminal, and the exit code for scripts. */
#include "base/require.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/words.h"

struct told {
    int code;
    const char *english;
    const char *chinese;
};

static const struct told told[] = {
    [REFUSAL_MALFORMED] = { EXIT_USAGE, "a value is out of its bounds", "数值超出范围" },
    [REFUSAL_NOT_SIGNED_IN] = { EXIT_DENIED, "not signed in; use --as LOGIN", "未登录;请用 --as" },
    [REFUSAL_NOT_ALLOWED] = { EXIT_DENIED, "this user may not do that; use --as of another role",
                              "该用户没有此权限;请换用其他角色" },
    [REFUSAL_NO_SUCH_LINE] = { EXIT_NOT_FOUND, "there is no such line", "没有这条号线" },
    [REFUSAL_NO_SUCH_CONTACT] = { EXIT_NOT_FOUND, "there is no such contact", "没有这个来电" },
    [REFUSAL_NO_SUCH_OFFER] = { EXIT_NOT_FOUND, "nothing is offered to this seat",
                                "该坐席没有振铃来电" },
    [REFUSAL_NO_SUCH_INCIDENT] = { EXIT_NOT_FOUND, "there is no such incident", "没有这个工单" },
    [REFUSAL_NO_SUCH_TASK] = { EXIT_NOT_FOUND, "there is no such task", "没有这个任务" },
    [REFUSAL_NO_SUCH_DEPARTMENT] = { EXIT_NOT_FOUND, "there is no such department",
                                     "没有这个部门" },
    [REFUSAL_NO_SUCH_CATEGORY] = { EXIT_NOT_FOUND, "there is no such category", "没有这个分类" },
    [REFUSAL_NO_SUCH_USER] = { EXIT_NOT_FOUND, "there is no such user", "没有这个用户" },
    [REFUSAL_NO_SUCH_CALLBACK] = { EXIT_NOT_FOUND, "there is no such callback", "没有这个回拨" },
    [REFUSAL_NO_SUCH_GATEWAY] = { EXIT_NOT_FOUND, "there is no such gateway", "没有这个网关" },
    [REFUSAL_NO_SUCH_TEXT] = { EXIT_NOT_FOUND, "there is no such text", "没有这条短信" },
    [REFUSAL_WRONG_STATE] = { EXIT_CONFLICT, "not possible in its present state; look at it first",
                              "当前状态不允许;请先查看" },
    [REFUSAL_NOT_YOURS] = { EXIT_DENIED, "it belongs to somebody else", "不属于该用户" },
    [REFUSAL_LIMIT] = { EXIT_DENIED, "a limit of the dispatcher is reached; see yihao metrics",
                        "已达系统上限;请看 yihao metrics" },
    [REFUSAL_KEY_REUSED] = { EXIT_CONFLICT, "the key was used for something else",
                             "幂等键已被其他内容使用" },
    [REFUSAL_TAKER_BUSY] = { EXIT_CONFLICT, "that taker is not free", "该坐席不空闲" },
    [REFUSAL_TRANSFER_RUNS] = { EXIT_CONFLICT, "it is being transferred already", "正在转接中" },
    [REFUSAL_NO_TRANSFER] = { EXIT_CONFLICT, "no transfer is running", "没有正在进行的转接" },
    [REFUSAL_WARM_ONLY] = { EXIT_DENIED, "an emergency is handed over with a word, never blindly",
                            "紧急来电只能带话转接" },
    [REFUSAL_BOUNCED] = { EXIT_DENIED, "it came back once: the supervisors of both lines decide",
                          "已退回过一次,请双方班长处理" },
    [REFUSAL_ALREADY] = { EXIT_CONFLICT, "it is so already", "已经是该状态" },
    [REFUSAL_REASON_MISSING] = { EXIT_USAGE, "a reason is missing", "缺少理由" },
    [REFUSAL_LEAD_MISSING] = { EXIT_USAGE, "a lead department is missing", "缺少主办部门" },
    [REFUSAL_LEAD_ASSISTS] = { EXIT_USAGE, "the lead cannot assist itself", "主办不能同时协办" },
    [REFUSAL_NOT_RETURNABLE] = { EXIT_CONFLICT, "the centre ruled: it cannot be sent back again",
                                 "中心已裁定,不能再退单" },
    [REFUSAL_ASSIST_OPEN] = { EXIT_CONFLICT, "an assisting task is still open",
                              "协办任务尚未完成" },
    [REFUSAL_BAD_PASSWORD] = { EXIT_DENIED, "login or password is wrong", "用户名或密码错误" },
    [REFUSAL_TOO_MANY_TRIES] = { EXIT_DENIED, "too many wrong passwords; wait a minute",
                                 "密码错误次数过多;请稍候" },
    [REFUSAL_UNKNOWN_KIND] = { EXIT_FAILED, "the dispatcher is of another version",
                               "调度服务版本不同" },
    [REFUSAL_BUSY] = { EXIT_DENIED, "too much is on its way; again later", "请求过多;请稍后再试" },
    [REFUSAL_NO_SUCH_EVENT] = { EXIT_NOT_FOUND, "there is no such event yet", "没有这个事件" },
    [REFUSAL_NOTHING_OFFERED] = { EXIT_CONFLICT, "no key was asked for", "没有等待按键的播报" },
    [REFUSAL_NOT_DIALLABLE] = { EXIT_CONFLICT, "there is no number that could be dialled",
                                "没有可回拨的号码" },
    [REFUSAL_QUIET] = { EXIT_DENIED, "a ringing telephone could endanger the citizen",
                        "响铃可能危及来电人" },
    [REFUSAL_EMERGENCY_LINE] = { EXIT_DENIED, "never on an emergency line", "紧急号线不适用" },
    [REFUSAL_TOO_SOON] = { EXIT_DENIED, "too soon after the last test call", "距上次拨测过近" },
    [REFUSAL_SAME_PERSON] = { EXIT_DENIED, "it takes a second person", "须由另一人确认" },
    [REFUSAL_NO_SUCH_MARK] = { EXIT_NOT_FOUND, "there is no such mark", "没有这个标记" },
    [REFUSAL_NO_SUCH_CLUSTER] = { EXIT_NOT_FOUND, "there is no such cluster", "没有这个聚集" },
    [REFUSAL_CHECK_MISSING] = { EXIT_CONFLICT, "the checklist is not done; see silence check",
                                "核查清单未完成" },
    [REFUSAL_NO_SUCH_UNIT] = { EXIT_NOT_FOUND, "there is no such unit", "没有这个力量" },
    [REFUSAL_UNIT_BUSY] = { EXIT_CONFLICT, "it works on another incident; --stack, or take another",
                            "正在执行其他任务;请用 --stack 或另选力量" },
    [REFUSAL_STACK_FULL] = { EXIT_CONFLICT, "four incidents wait for it already; take another",
                             "已有四单排队;请另选力量" },
    [REFUSAL_NO_PLAN] = { EXIT_NOT_FOUND, "no run card fits, or it has no such level",
                          "没有适用的预案或没有该等级" },
    [REFUSAL_NOT_DISPATCHED] = { EXIT_CONFLICT, "no department has the incident; dispatch it first",
                                 "工单尚未派出;请先派单" },
    [REFUSAL_LEVEL_LOWER] = { EXIT_CONFLICT, "an alarm level is never lowered",
                              "警情等级只升不降" },
    [REFUSAL_NO_SCENE] = { EXIT_CONFLICT, "nothing was sent to that incident",
                           "该工单没有出动力量" },
    [REFUSAL_SAME_INCIDENT] = { EXIT_USAGE, "these are the same incident", "两个编号是同一工单" },
    [REFUSAL_PARENT_CLOSED] = { EXIT_CONFLICT, "the parent was told or closed already",
                                "主单已告知或已办结" },
    [REFUSAL_MERGE_CYCLE] = { EXIT_CONFLICT, "the parent follows the child already",
                              "主单已并入该子单" },
    [REFUSAL_UNLIKE] = { EXIT_CONFLICT, "they have too little in common; a supervisor may judge",
                         "两单差异过大;可由班长判定" },
    [REFUSAL_HUMAN_DECIDES] = { EXIT_DENIED, "for an emergency a person decides",
                                "警情须由人工判定" },
    [REFUSAL_NOT_MERGED] = { EXIT_CONFLICT, "it follows no other incident", "该工单未并单" },
    [REFUSAL_NOT_LINKED] = { EXIT_CONFLICT, "they are not linked so", "没有这个关联" },
    [REFUSAL_NOT_ATTACHED] = { EXIT_CONFLICT, "the contact belongs to another incident",
                               "该来电属于其他工单" },
    [REFUSAL_NO_SUCH_TREE] = { EXIT_NOT_FOUND, "there is no such tree of questions",
                               "没有这组引导问题" },
    [REFUSAL_NO_SUCH_QUESTION] = { EXIT_CONFLICT, "another question is being asked",
                                   "当前不是这个问题" },
    [REFUSAL_NO_SUCH_ANSWER] = { EXIT_USAGE, "the question has no such answer",
                                 "该问题没有这个选项" },
    [REFUSAL_NO_GUIDE] = { EXIT_CONFLICT, "no questions are being asked on this contact",
                           "该来电没有进行中的引导提问" },
    [REFUSAL_TREE_UNSOUND] = { EXIT_USAGE, "the tree of questions does not hold together",
                               "引导问题不完整" },
};

int session_refused(enum refusal refusal)
{
    if (refusal == REFUSAL_NONE)
        return EXIT_DONE;
    if ((size_t)refusal >= sizeof told / sizeof told[0] || !told[refusal].english) {
        complain("%s", refusal_name(refusal));
        return EXIT_DENIED;
    }
    complain("%s: %s", refusal_name(refusal),
             words_are_chinese() ? told[refusal].chinese : told[refusal].english);
    return told[refusal].code;
}
