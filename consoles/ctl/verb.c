/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/verb.h"

#include <string.h>

#include "base/text.h"
#include "consoles/ctl/verbs.h"

/* clang-format off */
const struct verb verbs[] = {
    {"status", "", "", "the whole city at a glance", "全局一览", run_status, NULL},
    {"queue", "", "ended disposition=", "waiting contacts in queue order, then conversations; or those that are over", "排队与通话中的来电,或已结束的来电", run_queue, NULL},
    {"queue explain", "contact", "", "why a contact stands where it stands", "排队原因", run_explain, NULL},
    {"takers", "", "", "call takers and what they do", "话务员状态", run_takers, NULL},

    {"seat ready", "seat", "", "sign the seat on if needed and make it ready", "签入并示闲", run_seat_ready, NULL},
    {"seat away", "taker [reason]", "", "take no further contacts", "示忙", run_command, "taker_away"},
    {"seat sign-on", "seat", "", "sign the seat on", "签入", run_seat_sign_on, NULL},
    {"seat sign-off", "taker", "", "sign the seat off", "签出", run_command, "taker_sign_off"},
    {"seat accept", "seat", "", "answer what is offered to the seat", "应答", run_seat_accept, NULL},
    {"seat finish", "seat", "", "end the conversation, or the wrap-up after it", "结束通话或整理", run_seat_finish, NULL},

    {"incident list", "", "open state= department= line= day= from= until= category= district= taker= caller= east= north= before=", "incidents, newest first; days as yyyymmdd, a caller of person find, a place in cells", "工单列表", run_incidents, NULL},
    {"incident show", "incident", "", "one incident with its tasks", "工单详情", run_incident, NULL},
    {"incident register", "category", "contact= line= priority= district= secrecy= text_unsafe anonymous east_cell= north_cell= number= name= address= text=", "open an incident", "登记工单", run_command, "incident_register"},
    {"incident dispatch", "incident", "lead=! assists=", "send it to departments", "派单", run_command, "incident_dispatch"},
    {"incident tell", "incident means", "excuse= text=", "record that the citizen was told the result", "告知市民", run_command, "incident_tell"},
    {"incident survey", "incident", "contacted=! solved=! satisfied=!", "record the citizen's answers to the survey", "记录评价", run_command, "survey_answer"},
    {"incident attach", "incident contact", "", "the contact is about this incident", "关联来电", run_command, "incident_attach"},
    {"incident reopen", "incident", "new_fact text=", "bring a closed incident back", "重开工单", run_command, "incident_reopen"},
    {"incident note", "incident", "text=!", "add words to the incident", "工单备注", run_command, "incident_note"},
    {"incident answer", "incident", "text=", "close it with a direct answer", "直接答复办结", run_command, "incident_answer_directly"},
    {"incident void", "incident reason", "text=", "close it as not a request", "作废工单", run_command, "incident_void"},

    {"incident draft", "", "draft= contact= line= category= priority= district= secrecy= text_unsafe anonymous number= name= address= text=", "begin to write it down, or save what is known by now", "登记草稿", run_command, "incident_draft"},
    {"incident review", "incident pass", "defect= text=", "pass a record before its dispatch, or a reply before the citizen is told", "预审或审核答复", run_command, "incident_review"},
    {"incident ask-info", "incident missing", "text=!", "the citizen must add facts: the sum of 2 name, 4 time, 8 place, 16 cause, 32 course, 64 contact, 128 proof", "请市民补充", run_command, "incident_ask_info"},
    {"incident give-info", "incident", "text=!", "the citizen added the facts", "市民已补充", run_command, "incident_give_info"},
    {"incident object", "incident", "text=!", "not accepted, void or withdrawn, and that was wrong", "异议", run_command, "incident_object"},
    {"incident dispute", "incident", "parties= meeting_ms= text=", "whose duty it is, is in dispute", "提交争议", run_command, "incident_dispute"},
    {"incident rule", "incident lead", "assists= precedent text=!", "rule a dispute: the lead cannot send it back", "争议裁定", run_command, "incident_rule_dispute"},
    {"incident resume", "incident", "text=", "end a suspension before its review date", "解除挂账", run_command, "incident_resume"},
    {"incident explain", "incident", "contacted=! solved=! satisfied=! close=! text=!", "close against the citizen's word, if a second person agrees", "解释后申请结案", run_command, "incident_explain"},
    {"incident control", "incident", "text=", "the danger is over", "险情已控制", run_command, "incident_control"},
    {"incident prioritize", "incident priority", "text=", "make it more urgent; less only where it is no emergency", "调整级别", run_command, "incident_prioritize"},
    {"incident conceal", "incident secrecy", "text=", "make it more secret; lowering is a petition", "提高保密", run_command, "incident_conceal"},
    {"incident urge", "incident", "citizen text=", "urge the department; no clock moves", "催办", run_command, "incident_urge"},
    {"incident supervise", "incident level", "text=", "supervise it at level 1 to 3; 0 or lower wants words", "督办", run_command, "incident_supervise"},
    {"incident bounce", "incident", "text=", "another line or city sends it back", "对方退回", run_command, "incident_bounce"},

    {"secret grant", "number user until_ms purpose", "", "a person may see a secret or anonymous incident until then (4h): by a supervisor, never to oneself", "授权查看保密工单", run_command, "incident_grant"},
    {"secret revoke", "number user", "", "take a grant back", "收回授权", run_command, "incident_revoke"},
    {"secret end", "grant", "", "take a grant of the list back, without knowing the case", "按清单收回授权", run_command, "incident_revoke"},
    {"secret list", "", "", "who may see a secret case by a grant, now, until when and by whom; not which case", "有效授权清单", run_grants, NULL},

    {"petition list", "", "incident=", "petitions that wait for a word, or all of an incident", "申请列表", run_petitions, NULL},
    {"petition ask", "incident kind", "task= until_ms= told extension= suspension= not_accepted= means= excuse= nuisance= secrecy= priority= line= text=", "ask for an extension, suspension, withdrawal, transfer and the like; a time may be said as 12d", "提出申请", run_command, "petition_ask"},
    {"petition rule", "petition agree", "text=", "agree to a petition or not: yes or no", "审批申请", run_command, "petition_rule"},
    {"petition cancel", "petition", "text=", "take one's own petition back", "撤回申请", run_command, "petition_cancel"},
    {"precedent list", "", "", "rulings that decide like cases", "裁定先例", run_precedents, NULL},

    {"incident likely", "", "contact= line= category= east_cell= north_cell= district=", "incidents a caller may be speaking of, the likeliest first", "疑似重复的工单", run_likely, NULL},
    {"incident merge", "child parent basis", "text=", "the child follows the parent; every citizen hears of it", "并单", run_command, "incident_merge"},
    {"incident unmerge", "incident reason", "text=", "they are two after all; its own clock comes back", "撤销并单", run_command, "incident_unmerge"},
    {"incident link", "incident other relation", "text=", "say how it belongs to another one", "关联工单", run_command, "incident_link"},
    {"incident unlink", "incident other relation", "text=", "it does not belong to it", "取消关联", run_command, "incident_unlink"},
    {"incident split", "incident contact", "category= text=", "what the contact told is a matter of its own", "拆单", run_command, "incident_split"},
    {"incident upgrade", "incident line category", "priority= text=", "it is an emergency: open one on that line", "升级为警情", run_command, "incident_upgrade"},
    {"incident downgrade", "incident line category", "text=", "the scene turned civil: a work order goes on", "转为工单", run_command, "incident_downgrade"},

    {"guide", "[tree]", "english", "the trees of questions of the city's tables; one, walked through", "引导问题", run_guide, NULL},
    {"guide check", "", "", "check the trees of questions", "检查引导问题", run_guide_check, NULL},
    {"guide begin", "contact tree", "", "begin the questions of a tree on a contact", "开始引导提问", run_command, "guide_begin"},
    {"guide answer", "contact question", "answer= value= address= name= text=", "answer the question that is being asked", "记录回答", run_command, "guide_answer"},
    {"guide undo", "contact", "", "take the last answer back", "撤回上一答", run_command, "guide_undo"},
    {"guide show", "contact", "", "where the questions on a contact stand", "提问进度", run_guide_show, NULL},

    {"task list", "", "open department= before=", "tasks of departments, newest first", "任务列表", run_tasks, NULL},
    {"task sign", "task", "signet=", "accept the task; signet: the file of the key that signs it", "签收", run_command, "task_sign"},
    {"task progress", "task step", "text=", "the citizen was spoken with (contact), on the way (roll), on the scene (arrive)", "联系市民、出动或到场", run_command, "task_progress"},
    {"task send-back", "task reason", "suggest= text= signet=", "ask to give the task back", "申请退单", run_command, "task_send_back"},
    {"task rule", "task accept", "text=", "rule on a send-back: yes or no", "退单裁定", run_command, "task_rule_return"},
    {"task reply", "task", "solved= text=! signet=", "report the result", "反馈结果", run_command, "task_reply"},
    {"task answer", "task", "reason= text=!", "answer an urge or a supervision order; reason: why it is late", "答复催办督办、说明超时原因", run_command, "demand_answer"},
    {"task reject", "task", "defect= text=", "the reply is not fit to be told", "驳回反馈", run_command, "task_reject_reply"},

    {"task add", "incident department", "kind= due_ms= text=", "call one more department, due not later than the lead", "加派", run_command, "task_add"},
    {"task recall", "task", "text=", "take back the centre's own wrong dispatch", "撤回派单", run_command, "task_recall"},
    {"task forward", "task handler", "text=", "who works on it inside the department", "转办", run_command, "task_forward"},

    {"unit list", "", "department= state= district= incident=", "units, what they do and where they are", "力量状态", run_units, NULL},
    {"unit set", "unit step", "reason=", "what the unit does now: sign, roll, arrive …", "力量状态上报", run_command, "unit_report"},
    {"unit place", "unit east_cell north_cell", "measured_ms=", "where the unit is, in cells of 250 m", "力量定位", run_command, "unit_place"},
    {"unit alert", "incident unit", "stack", "send this very unit; --stack: after its present incident", "指定力量出动", run_command, "unit_alert"},
    {"unit check-in", "unit", "", "its crew is well", "报平安", run_command, "unit_check_in"},
    {"unit staff", "unit crew", "", "how many people are aboard", "上车人数", run_command, "unit_staff"},
    {"plan propose", "incident [level]", "", "what the run card would send, and why", "调派方案建议", run_plan_propose, NULL},
    {"plan raise", "incident [level]", "", "alert what this alarm level asks for itself", "升级警情等级", run_plan_raise, NULL},
    {"plan show", "incident", "", "the plans drawn up for an incident, newest first", "调派方案记录", run_plans, NULL},
    {"incident flag", "incident flags", "", "facts that choose its run card", "警情要素", run_command, "incident_flag"},
    {"coverage", "", "low", "wanted and available units by kind and district", "布防", run_coverage, NULL},

    {"contact transfer", "contact", "taker= line= kind= department=", "hand it to another taker, line or desk, or by the caller's carrier to a department outside; it is yours until taken", "转接", run_command, "contact_transfer"},
    {"contact hand-over", "contact", "", "leave it to whoever answered the transfer", "交接完成", run_command, "transfer_finish"},
    {"contact keep", "contact", "", "take a transfer back", "取消转接", run_command, "transfer_cancel"},
    {"contact hold", "contact", "", "the citizen hears an announcement until you come back", "保持", run_command, "contact_hold"},
    {"contact resume", "contact", "", "speak with the citizen again", "恢复通话", run_command, "contact_resume"},
    {"contact mute", "contact", "", "the citizen no longer hears you, whoever else takes part does", "静音（来电人听不到话务员）", run_command, "contact_mute"},
    {"contact unmute", "contact", "", "the citizen hears you again", "取消静音", run_command, "contact_unmute"},
    {"contact park", "contact", "", "let the citizen wait for a while: you are free for another; they come back to you, or to whoever takes them", "驻留（话务员可先接其他来电，到时自动回振）", run_command, "contact_park"},
    {"contact unpark", "contact", "", "have a parked citizen rung to you, whoever parked them", "取回驻留的来电", run_command, "contact_unpark"},
    {"contact press", "contact keys", "user= department=", "press telephone keys (0-9 * #) towards the citizen, or a guest who takes part", "按键（转分机、语音菜单）", run_command, "contact_press"},
    {"contact join", "contact", "user= department= role=", "call somebody in: a taker, a department; a supervisor themselves as listener, coach or barge", "三方通话、监听、耳语、强插", run_command, "party_invite"},
    {"contact change", "contact role", "", "a supervisor who takes part: listener, coach or barge from now on", "切换监听方式", run_command, "party_change"},
    {"contact drop", "contact", "user= department=", "take somebody out; neither given: yourself", "退出或移出通话", run_command, "party_drop"},
    {"contact take-over", "contact", "", "the supervisor who takes part has it from now on", "接管通话", run_command, "party_take_over"},
    {"contact need", "contact language", "", "which language it needs", "所需语言", run_command, "contact_need"},
    {"contact reline", "contact line", "", "the contact belongs to another line", "转号线", run_command, "contact_reline"},
    {"contact dispose", "contact disposition", "", "what became of a contact that is over: a number of disposition list", "登记来电结果", run_command, "contact_dispose"},
    {"disposition list", "", "", "what may be said of a contact that is over", "来电结果代码", run_dispositions, NULL},

    {"handover list", "", "", "notes for whoever takes over, as long as nobody has taken them", "交接事项", run_handovers, NULL},
    {"handover leave", "", "taker= line= incident= text=!", "leave a note: to a colleague, to those who answer a line, else to the supervisors", "留交接事项", run_command, "handover_leave"},
    {"handover take", "handover", "", "it was read and is one's own now (its words: person read NOTE handover)", "接收交接事项", run_command, "handover_take"},
    {"person find", "reason", "number=", "whose a telephone number is: the caller by which incidents are listed (audit or supervision; an event)", "按号码查来电人(留痕)", run_command, "personal_read"},
    {"who-saw", "number", "", "who read what is known of this number's citizen, when, what and why; an event", "谁看过该号码的信息", run_who_saw, NULL},
    {"person read", "subject reason", "seq=", "open the sealed data of a contact or incident, masked where it must be revealed first; an event", "读取个人信息(留痕)", run_command, "personal_read"},
    {"person reveal", "subject reason purpose", "fields= seq=", "what came masked, for a purpose; the number alone when no fields are said; an event", "揭示脱敏信息(留痕)", run_command, "personal_read"},

    {"callback list", "", "", "citizens to be called back", "待回拨", run_callbacks, NULL},
    {"callback try", "callback result", "", "record a try to call back: reached, busy or no_answer", "记录回拨结果", run_command, "callback_try"},
    {"callback finish", "callback end", "", "record how the call back ended", "结束回拨", run_command, "callback_finish"},

    {"contact show", "contact", "", "one contact: its row, who else it is, and where its telephone says it is", "来电详情", run_contact, NULL},
    {"text write", "contact", "text=!", "write to the citizen you are in contact with", "给市民发短信", run_command, "contact_write"},
    {"text show", "contact", "reason=", "a conversation: who wrote when and what became of it; with a reason, the words too", "短信往来", run_text_show, NULL},
    {"attachment add", "task file", "", "add a picture or document (JPEG, PNG, WebP, PDF) to a department's task", "添加附件", run_attachment_add, NULL},
    {"attachment save", "event file", "reason=!", "an attachment as a file, opened with the key that the dispatcher grants; an event", "保存附件(留痕)", run_attachment_save, NULL},
    {"recording save", "contact file", "reason=! tape=", "a contact's recording as a WAV, opened with the key that the dispatcher grants; --tape: a copy that lies elsewhere", "导出录音为 WAV", run_recording_save, NULL},
    {"contact offer-callback", "contact", "", "have the waiting citizen asked whether to be called back", "询问是否预约回拨", run_command, "callback_offer"},
    {"contact call-back", "contact", "", "end the waiting citizen's leg, keep the place, call when it is their turn", "预约回拨并保留排队位置", run_command, "callback_queue"},
    {"contact tried", "contact result", "", "record a try to call a contact without a leg", "记录预约回拨结果", run_command, "callback_try"},
    {"contact silent", "contact", "", "the caller is not heard: begin the procedure", "无声来电处置", run_command, "contact_silent"},
    {"contact speaks", "contact", "", "the caller is heard after all", "来电人已出声", run_command, "contact_speak"},
    {"silence check", "contact item", "found", "one item of the checklist: recall, place or history", "静默核查", run_command, "silence_check"},
    {"silence rule", "contact ruling", "", "a supervisor's word: send, watch or accident", "静默裁定", run_command, "silence_rule"},

    {"mark list", "", "", "marks on numbers, and those asked for", "号码标记", run_marks, NULL},
    {"mark ask", "contact kind", "days= language=", "mark the contact's number: nuisance (7, 30, 90 days), hearing, language", "提出号码标记", run_command, "mark_ask"},
    {"mark confirm", "mark", "", "the second person's word", "确认号码标记", run_command, "mark_confirm"},
    {"mark end", "mark reason", "", "refuse a mark, or take it off: refused, appeal, mistake, new_owner", "解除号码标记", run_command, "mark_end"},

    {"erasure list", "", "open", "what is to be erased and what was: who asked, approved, ran it, and why", "删除申请与记录", run_erasures, NULL},
    {"erasure ask", "basis", "incident= number= words=!", "ask that a person (--number) or a case (--incident) is erased: request, order, unlawful, expired", "申请删除个人信息或工单", run_command, "erasure_ask"},
    {"erasure rule", "erasure agree", "words=", "an auditor's word: yes or no", "审批删除申请", run_command, "erasure_rule"},
    {"erasure run", "erasure", "", "an operator has what was approved erased", "执行删除", run_command, "erasure_run"},
    {"erasure subjects", "", "", "the numbers of all subjects that were erased, one a line, for restore --erased", "已删除对象清单(供恢复时重新删除)", run_erasure_subjects, NULL},
    {"break-glass list", "", "open", "narrow rights that two persons opened: who asked, who agreed, until when, what was done, what the auditor found", "应急授权清单", run_glasses, NULL},
    {"break-glass ask", "right", "words=!", "ask for one: storm, shift, warning, orders, export; another person agrees", "申请应急授权", run_command, "glass_ask"},
    {"break-glass agree", "glass agree", "words=", "the second person's word: yes or no", "同意或驳回应急授权", run_command, "glass_agree"},
    {"break-glass end", "glass", "", "end it before its time", "终止应急授权", run_command, "glass_end"},
    {"break-glass review", "glass sound", "words=!", "an auditor's finding: was it needed, yes or no, and why", "审计应急授权", run_command, "glass_review"},
    {"retention list", "", "", "how long contacts and cases are kept, by which rules, on what basis in law", "留存规则", run_retention, NULL},
    {"retention try", "", "", "what would be erased by these rules now, how old, and what stays by whose order; erases nothing", "留存试算(不删除)", run_retention_try, NULL},
    {"retention run", "", "", "an operator has them erased now, not only at night", "立即执行到期删除", run_command, "retention_run"},
    {"preserve list", "", "", "orders that something must not be erased", "保全清单", run_preservations, NULL},
    {"preserve set", "", "incident= number= words=!", "nothing of a person or case is erased until this is lifted", "设置保全", run_command, "preservation_set"},
    {"preserve lift", "preservation", "words=!", "lift an order to preserve", "解除保全", run_command, "preservation_lift"},

    {"storm show", "", "", "the storm that is, and clusters of calls", "应急话务与聚集来电", run_storm, NULL},
    {"storm enter", "", "", "ordinary lines to callback, takers called back, short wrap-up", "启动应急话务模式", run_command, "storm_enter"},
    {"storm leave", "", "", "back to the ordinary", "解除应急话务模式", run_command, "storm_leave"},
    {"cluster announce", "cluster on", "", "tell who waits that it is known: yes or no", "播报聚集事件", run_command, "cluster_announce"},

    {"text preview", "incident", "text=!", "what the citizen would be sent for a department's reply", "预览答复短信", run_text_preview, NULL},
    {"text owed", "", "", "what citizens must be told by telephone, because it could not be written", "待电话告知", run_texts_owed, NULL},
    {"text told", "incident text", "", "the citizen was told it by telephone", "已电话告知", run_command, "text_phone"},
    {"notice list", "", "", "notices to many citizens and how far each is", "群发通知列表", run_notices, NULL},
    {"notice show", "notice", "", "one of them", "群发通知进度", run_notices, NULL},
    {"notice create", "", "text=! rate= reason= line=", "write one; with a reason it goes out at night, too", "拟定群发通知", run_command, "notice_create"},
    {"notice add", "notice", "file= district= category= line= day=", "recipients: numbers of a file, one a line, or who told of open incidents", "加入收件人", run_notice_add, NULL},
    {"notice start", "notice", "", "send it: a second person's word", "确认并开始发送", run_command, "notice_start"},
    {"notice pause", "notice", "", "send no more until it goes on", "暂停发送", run_command, "notice_pause"},
    {"notice go-on", "notice", "", "go on where it paused", "继续发送", run_command, "notice_go_on"},
    {"notice correct", "notice", "text=! reason=", "other words, and why: it pauses until a second person lets it go on", "更正内容并写明原因，由第二人确认后继续", run_command, "notice_correct"},
    {"notice again", "notice", "", "text whoever has other words than the last: once", "向收到旧文者补发一次", run_command, "notice_again"},
    {"notice stop", "notice", "", "send no more, for good", "停止发送", run_command, "notice_stop"},
    {"knowledge search", "words", "category=", "articles that fit, the best first; Chinese, pinyin or English", "检索知识库", run_knowledge_search, NULL},
    {"knowledge list", "", "state= category=", "articles by number", "知识列表", run_knowledge_list, NULL},
    {"knowledge show", "article [edition]", "", "one article: what is published, or an edition", "知识详情", run_knowledge_show, NULL},
    {"knowledge draft", "file", "article=", "draft an article, or a new edition of one, from a file", "由文件起草知识", run_knowledge_draft, NULL},
    {"knowledge import", "folder", "", "draft every .txt file of a folder", "批量起草", run_knowledge_import, NULL},
    {"knowledge review", "article", "agree words=", "say whether the draft is right: another person than its author", "审核知识", run_command, "article_review"},
    {"knowledge publish", "article", "again", "let people use what was reviewed; --again: who must read it must read this edition, too", "发布知识", run_command, "article_publish"},
    {"knowledge review-all", "", "", "pass every draft of others", "审核全部草稿", run_knowledge_pass, NULL},
    {"knowledge publish-all", "", "", "publish all that is reviewed", "发布全部已审核", run_knowledge_pass, NULL},
    {"knowledge archive", "article", "draft words=!", "withdraw what is published, or drop the draft", "归档知识", run_command, "article_archive"},
    {"knowledge correct", "article edition", "words=!", "say what is wrong or missing in an article", "知识纠错", run_command, "article_correct"},
    {"knowledge rate", "article edition", "useful=! correct=! clear=! current=!", "four marks of 1 to 5", "评价知识", run_command, "article_rate"},

    {"reading due", "", "user=", "what oneself must read, or another: titles and by when", "待读知识", run_reading_due, NULL},
    {"reading confirm", "article edition", "", "say that one has read what is published", "确认已读", run_command, "reading_confirm"},
    {"reading list", "", "", "the reading lists, those that ended too", "阅读清单", run_reading_list, NULL},
    {"reading assign", "name_zh", "list= name_en= role= department= line= due_ms=! again_days= articles=!", "articles (3,7,12) that a role must read in time (30d); --list: another one from now on", "布置阅读清单", run_command, "reading_assign"},
    {"reading end", "list", "words=!", "nobody must read it any longer", "结束阅读清单", run_command, "reading_end"},
    {"reading progress", "list", "", "who has read how much of a list, and what not; overdue first", "阅读进度", run_reading_progress, NULL},

    {"exam due", "", "user=", "tests one takes, or another: by when, attempts left, how one stands", "待考考核", run_exam_due, NULL},
    {"exam begin", "exam", "", "begin an attempt: its clock runs, a call does not stop it", "开始考核", run_command, "exam_begin"},
    {"exam paper", "exam", "user=", "the questions of one's attempt; of those who write them, all of a test", "考核试题", run_exam_paper, NULL},
    {"exam answer", "exam question", "chosen=!", "the options chosen (2, or 1,3); an answer stands", "作答（不可更改）", run_command, "exam_answer"},
    {"exam hand-in", "exam", "", "close one's attempt", "交卷", run_command, "exam_hand_in"},
    {"exam marks", "exam", "user=", "what one chose, and once it is closed what is right and where it is said", "作答与正确答案", run_exam_marks, NULL},
    {"exam list", "", "", "all tests, drafts and those that ended too", "考核清单", run_exam_list, NULL},
    {"exam draft", "title_zh", "exam= title_en= role= department= line= pass= attempts= minutes= from_ms= due_ms=!", "a new test, or with --exam another edition of one: --pass percent, --attempts, --minutes", "拟定考核", run_command, "exam_draft"},
    {"exam write", "exam question kind", "text= options= right= article=", "one question of a draft: single, multiple or true_false; options one a line; without --text it is taken out", "编写试题", run_command, "exam_write"},
    {"exam open", "exam", "", "let it be taken", "开放考核", run_command, "exam_open"},
    {"exam end", "exam", "words=!", "withdraw it; attempts under way go on to their end", "撤销考核", run_command, "exam_end"},
    {"exam strike", "exam user", "words=!", "the last attempt of somebody does not count: they were called away", "作废一次考核", run_command, "exam_strike"},
    {"exam results", "exam", "department=", "how everybody stands whom it concerns", "考核成绩", run_exam_results, NULL},
    {"number subscribe", "number", "", "the number wants surveys and notices again", "恢复短信订阅", run_subscription, "subscription_set"},
    {"number unsubscribe", "number", "", "the number wants no surveys and notices", "退订短信", run_subscription, "subscription_set"},

    {"revisit finish", "incident", "reached contacted= solved= satisfied= text=", "record what the citizen said", "回访结果", run_command, "revisit_finish"},

    {"trail show", "incident", "", "all events of an incident", "工单轨迹", run_trail_show, NULL},
    {"trail export", "[incident]", "first= last= to= pdf open purpose=", "write a trail that anybody can verify; --pdf: a case on paper, --open with what the citizen said, --purpose with telephone and name", "导出轨迹", run_trail_export, NULL},
    {"search", "", "text=! line= department=", "cases in which a citizen said this: two characters or more, as written or as it sounds (audit or supervision; an event)", "按内容查工单(留痕)", run_search, NULL},
    {"export check", "file [event]", "", "is this table (NAME-EVENT.csv) the one that left by that event of the trail?", "核对导出的表格", run_export_check, NULL},
    {"trail verify", "file", "key=", "verify an exported trail, or a journal's folder, offline", "离线验证轨迹", run_trail_verify, NULL},
    {"events", "", "follow after= since= until=", "the city's events, from a number or a time on (2026-11-22, \"2026-11-22 08:00\", 90m, 12h, 7d ago); -f goes on with new ones", "事件流", run_events, NULL},

    {"kpi", "", "from= to= line= department=", "figures of days, as defined in docs/kpi.md", "指标统计", run_kpi, NULL},
    {"kpi recount", "[file]", "from= to=", "count them again from all events, of the city or of an exported trail, and compare", "重算并核对指标", run_kpi_recount, NULL},

    {"capacity takers", "calls talk", "patience= within= share= shrink=", "how many takers answer so many calls an hour, of so many seconds each, in time", "坐席数量测算", run_capacity_takers, NULL},
    {"capacity trunks", "calls talk", "wait=", "how many trunks carry them, so that hardly anybody is refused", "中继数量测算", run_capacity_trunks, NULL},

    {"trunk show", "gateway", "", "does a dispatcher lead the gateway, or its lines' plans; its carriers: do they answer, how many calls, who is drained", "网关与运营商中继", run_trunk_show, NULL},
    {"trunk drain", "gateway [carrier]", "", "maintenance: ordinary calls go to the twin gateway; without a name of all its carriers", "中继维护", run_trunk_drain, NULL},
    {"trunk resume", "gateway [carrier]", "", "the maintenance is over", "中继恢复", run_trunk_resume, NULL},
    {"doctor", "", "", "what is wrong with this installation, and what to do", "诊断安装", run_doctor, NULL},
    {"template list", "", "", "the words of texts to citizens: length and parts in each language", "短信模板及长度", run_templates, NULL},
    {"template check", "", "", "do all templates hold: length, places, both languages", "检查短信模板", run_template_check, NULL},
    {"template preview", "template", "english text=", "one template with sample data", "预览短信模板", run_template_preview, NULL},
    {"city diff", "path", "", "which rows edited copies of tables would change: a folder, or one of them, e.g. users.csv", "表格变更比对", run_city_diff, NULL},
    {"city check", "path", "", "would the city hold together with them, and does it take a second person", "检查表格变更", run_city_check, NULL},
    {"city propose", "path", "why=!", "have the changes checked and propose them; in force at once where one person is enough", "提交表格变更", run_city_propose, NULL},
    {"city approve", "amendment", "why=", "the second person's word: it comes into force", "批准变更并生效", run_city_rule, NULL},
    {"city reject", "amendment", "why=!", "the second person's word: it does not", "否决变更", run_city_rule, NULL},
    {"city withdraw", "amendment", "words=", "take one's own amendment back before it is ruled", "撤回变更", run_command, "amendment_withdraw"},
    {"city undo", "amendment", "why=!", "propose every row of it back as it was", "撤销已生效的变更", run_city_undo, NULL},
    {"city history", "", "state=", "amendments of the tables: who, when, why, newest first", "表格变更历史", run_city_history, NULL},
    {"city show", "amendment", "", "one amendment with every cell that it changes", "变更详情", run_city_show, NULL},
    {"conf check", "", "", "check settings and tables of a home", "检查配置", run_conf_check, NULL},
    {"signet make", "file", "", "make a key of one's own for signing what a department acknowledges", "生成个人签名密钥", run_signet_make, NULL},
    {"signet enrol", "file", "label=", "bring one's own key; a head's waits for a second person", "登记个人签名密钥", run_signet_enrol, NULL},
    {"signet list", "", "user=", "persons' keys: whose, since when, revoked why", "个人签名密钥列表", run_signets, NULL},
    {"signet rule", "signet agree", "", "a second person's word on a key that waits: yes or no", "审批签名密钥", run_command, "signet_rule"},
    {"signet revoke", "signet reason", "", "end a key for good: replaced, lost, stolen, left", "吊销签名密钥", run_command, "signet_revoke"},
    {"keys make", "", "", "make the keys that a home lacks", "生成密钥", run_keys_make, NULL},
    {"keys list", "", "", "the keys that are admitted to the bus, and how old they are", "总线密钥列表", run_keys_list, NULL},
    {"keys renew", "program", "keep=", "another key for a program, a person.LOGIN or the dispatcher, without a stop; keep: minutes for which the former one stays good, 10 unless said", "更换密钥(不停机)", run_keys_renew, NULL},
    {"keys announce", "", "", "make the dispatcher's next key, for programs elsewhere to know it beforehand", "预告调度服务的新密钥", run_keys_announce, NULL},
    {"keys retire", "program", "", "no key of this name is admitted any more, at once", "停用密钥", run_keys_retire, NULL},
    {"keys person", "login", "", "a key for a person's own yihao: it signs in that login alone", "生成个人客户端密钥", run_keys_person, NULL},
    {"keys backup", "file", "", "make the keys of backups: the public one stays, FILE receives the one that opens them", "生成备份密钥", run_keys_backup, NULL},
    {"backup", "file", "files= rate=", "the home, journal and keys in one sealed file, while everything runs; files: a folder that also keeps recordings and attachments, each once; rate: MB a second at most (110)", "备份", run_backup, NULL},
    {"restore", "file", "to=! key=! until= erased= files=", "a new home of a backup, verified; files: the folder of its recordings and attachments; until: as it was at that time; erased: a list of yihao erasure subjects, whose keys are destroyed in it", "从备份恢复", run_restore, NULL},
    {"cluster hand-over", "", "", "this dispatcher, which leads, hands the lead to its standby and ends", "主备切换", run_cluster_hand_over, NULL},
    {"cluster status", "", "", "does this dispatcher lead or follow, and is the standby in step", "双机状态", run_cluster_status, NULL},
    {"cluster take-over", "", "force", "the standby of this home leads from now on; the former leader must be off", "备机接管", run_cluster_take_over, NULL},
    {"rehearse", "program", "yes force", "kill a program of this machine on purpose, and measure what follows", "故障演练", run_rehearse, NULL},
    {"user password", "login", "", "set a user's password", "设置密码", run_password, NULL},
    {"user passwords", "", "generate", "make a password for every user who has none", "批量生成密码", run_passwords, NULL},
    {"user sign-out", "user", "", "end all sessions of a user, everywhere, at once: one's own, or anybody's by security", "强制下线", run_command, "session_close"},
    {"user totp", "login", "none", "a one-time code for signing in: QR code and recovery codes, shown once; --none takes it away", "设置动态口令", run_totp, NULL},
    {"user phone", "login", "generate", "set the secret with which the phone of a user's seat registers", "设置话机注册密码", run_phone, NULL},
    {"metrics", "[program]", "", "what the programs count, in Prometheus' format", "运行指标", run_metrics, NULL},
    {"help", "[verb] [word]", "bash zsh man", "these words, or one verb's", "帮助", run_help, NULL},
};
/* clang-format on */

/* Their answer is one list. */
static verb_run *const listing[] = {
    run_queue,         run_takers,       run_incidents,        run_petitions,    run_tasks,
    run_units,         run_coverage,     run_precedents,       run_marks,        run_callbacks,
    run_notices,       run_kpi,          run_texts_owed,       run_dispositions, run_handovers,
    run_retention,     run_erasures,     run_preservations,    run_city_diff,    run_city_history,
    run_retention_try, run_city_show,    run_signets,          run_glasses,      run_grants,
    run_reading_due,   run_reading_list, run_reading_progress, run_exam_due,     run_exam_list,
    run_exam_paper,    run_exam_results, run_exam_marks,       run_search
};

bool verb_lists(const struct verb *verb)
{
    for (size_t i = 0; i < sizeof listing / sizeof listing[0]; i++)
        if (listing[i] == verb->run)
            return true;
    return false;
}

const size_t verb_count = sizeof verbs / sizeof verbs[0];

const struct verb *verb_find(const char *first, const char *second)
{
    size_t length = strlen(first);
    for (size_t i = 0; i < verb_count; i++) {
        const char *name = verbs[i].name;
        if (strncmp(name, first, length) != 0)
            continue;
        if (second ? name[length] == ' ' && strcmp(name + length + 1, second) == 0
                   : name[length] == '\0')
            return &verbs[i];
    }
    return NULL;
}

bool verb_is_group(const char *first)
{
    size_t length = strlen(first);
    for (size_t i = 0; i < verb_count; i++)
        if (strncmp(verbs[i].name, first, length) == 0 && verbs[i].name[length] == ' ')
            return true;
    return false;
}

const char *verb_word(const char *list, struct verb_word *word)
{
    list += strspn(list, " ");
    size_t length = strcspn(list, " ");
    if (length == 0)
        return NULL;
    bool bracket = *list == '[';
    const char *name = list + bracket;
    size_t size = strcspn(name, " =!]");
    struct text text = text_into(word->name, sizeof word->name);
    text_add_bytes(&text, name, size);
    word->takes_value = memchr(list, '=', length) != NULL;
    word->optional = bracket;
    word->needed = memchr(list, '!', length) != NULL;
    return list + length;
}
