/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "consoles/ctl/doctor.h"
#include "consoles/ctl/words.h"
#include "dispatcher/provider/directory.h"
#include "dispatcher/provider/oidc.h"

static void check_directory(struct examination *examination)
{
    const struct directory_settings *settings = &examination->settings.directory;
    struct directory *directory = NULL;
    int status = directory_open(&directory, examination->home, settings);
    if (status == 0)
        status = directory_look(directory);
    if (status == -EACCES)
        examination_tell(examination, FINDING_ILL,
                         words("the password of `bind` is the one line of keys/directory",
                               "keys/directory 须为 bind 的密码"),
                         words("%s does not let %s in", "%s 拒绝 %s"), settings->uri,
                         settings->bind);
    else if (status < 0)
        examination_tell(examination, FINDING_ILL,
                         words("who is in `spare` signs in by the own password",
                               "spare 所列角色可用本地密码登录"),
                         words("%s does not answer under its name", "%s 无应答或证书名称不符"),
                         settings->uri);
    else
        examination_tell(examination, FINDING_WELL, NULL, words("%s answers", "%s 应答正常"),
                         settings->uri);
    directory_close(directory);
}

static void check_oidc(struct examination *examination)
{
    const struct oidc_settings *settings = &examination->settings.oidc;
    char authorize[sizeof settings->authorize] = "";
    struct oidc *oidc = NULL;
    int status = oidc_open(&oidc, examination->home, settings);
    if (status == 0)
        status = oidc_look(oidc, authorize, sizeof authorize);
    if (status == -EXDEV)
        examination_tell(examination, FINDING_ILL,
                         words("write into settings.conf: authorize = what it says",
                               "在 settings.conf 中按其所述填写 authorize"),
                         words("%s says authorize = \"%s\"", "%s 的 authorize 为 \"%s\""),
                         settings->issuer, authorize);
    else if (status < 0)
        examination_tell(examination, FINDING_ILL,
                         words("who is in `spare` signs in by the own password",
                               "spare 所列角色可用本地密码登录"),
                         words("%s cannot be asked: %s", "%s 无法访问:%s"), settings->issuer,
                         strerror(-status));
    else
        examination_tell(examination, FINDING_WELL, NULL,
                         words("%s answers, its keys can be read", "%s 应答正常,密钥可读"),
                         settings->issuer);
    oidc_close(oidc);
}

void check_provider(struct examination *examination)
{
    const struct settings *settings = &examination->settings;
    if (settings->directory.uri[0])
        check_directory(examination);
    if (settings->oidc.issuer[0])
        check_oidc(examination);
    if (settings->directory.uri[0] && settings->oidc.issuer[0])
        examination_tell(
            examination, FINDING_ILL, words("keep one of them", "只保留其一"),
            words("directory and oidc both say who people are", "directory 与 oidc 同时启用"));
    if (!settings->directory.uri[0] && !settings->oidc.issuer[0])
        examination_tell(examination, FINDING_WELL, NULL,
                         words("people sign in by passwords of our own", "使用本地密码登录"));
}
