/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "consoles/ctl/request.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    PART_COLUMNS = 13
};

static const struct check {
    const char *name;
    const char *english;
    const char *chinese;
    examination_check *run;
    bool wants_settings;
    const char *runbook;
} checks[] = {
    { "settings", "settings", "配置", check_settings, false, "configuration" },
    { "tables", "tables", "表格", check_tables, true, "configuration" },
    { "keys", "keys", "密钥", check_keys, true, "keys" },
    { "passwords", "passwords", "密码", check_passwords, true, "keys" },
    { "certificates", "certificates", "证书", check_certificates, true, "keys" },
    { "provider", "provider", "身份认证", check_provider, true, "provider-away" },
    { "sealer", "sealer", "签章", check_sealer, true, "unsealed" },
    { "annals", "annals", "编年库", check_annals, true, "annals" },
    { "disk", "disk", "磁盘", check_disk, true, "disk-full" },
    { "backup", "backup", "备份", check_backup, true, "backup-old" },
    { "clock", "clock", "时钟", check_clock, false, "clock" },
    { "limits", "limits", "系统限额", check_limits, false, "configuration" },
    { "programs", "programs", "程序", check_programs, true, "program-down" },
    { "twin", "twin", "双机", check_twin, true, "standby" },
    { "callers", "callers", "来电", check_callers, true, "no-taker" },
    { "texts", "texts", "短信", check_texts, true, "centre-down" },
};

void examination_tell(struct examination *examination, enum finding finding, const char *cure,
                      const char *format, ...)
{
    static const char *const keys[] = { "well", "look", "ill" };
    const char *const heads[] = { words("well ", "正常"), words("LOOK ", "注意"),
                                  words("WRONG", "故障") };
    const struct check *check = checks;
    while (check->name != examination->part)
        check++;
    const char *runbook = examination->runbook ? examination->runbook : check->runbook;
    examination->runbook = NULL;
    examination->found[finding]++;
    if (examination->json) {
        (void)printf("{\"part\":\"%s\",\"finding\":\"%s\",\"runbook\":\"%s\"}\n", check->name,
                     keys[finding], finding == FINDING_WELL ? "" : runbook);
        return;
    }
    const char *part = words(check->english, check->chinese);
    (void)printf("%s  %s%*s", heads[finding], part, (int)(PART_COLUMNS - width_of(part)), "");
    va_list list;
    va_start(list, format);
    (void)vprintf(format, list);
    va_end(list);
    (void)putchar('\n');
    if (cure)
        (void)printf("       %*s→ %s\n", PART_COLUMNS, "", cure);
    if (finding != FINDING_WELL)
        (void)printf(words("       %*s  runbook: %s.md\n", "       %*s  手册: %s.md\n"),
                     PART_COLUMNS, "", runbook);
}

int run_doctor(struct request *request)
{
    static struct examination examination;
    examination = (struct examination){ .home = request->home, .json = request->json };
    for (unsigned i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        examination.part = checks[i].name;
        if (!checks[i].wants_settings || examination.readable)
            checks[i].run(&examination);
    }
    if (!request->json)
        (void)printf(words("\n%u checks well, %u to look at, %u wrong\n",
                           "\n%u 项正常,%u 项注意,%u 项故障\n"),
                     examination.found[FINDING_WELL], examination.found[FINDING_LOOK],
                     examination.found[FINDING_ILL]);
    return examination.found[FINDING_ILL] ? EXIT_FAILED : EXIT_DONE;
}
