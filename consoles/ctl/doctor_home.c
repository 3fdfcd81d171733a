/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The doctor on a home: settings, tables, keys, passwords. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "consoles/ctl/doctor.h"
#include "consoles/ctl/words.h"
#include "dispatcher/city/city.h"
#include "gateways/link/tls.h"
#include "proto/keys.h"

enum {
    PATH_BYTES = SETTINGS_PATH_BYTES + 64,
    DAY_S = 24 * 60 * 60,
    KEY_DAYS_MAX = 365
};

static void on_complaint(void *owner, const char *sentence)
{
    examination_tell(owner, FINDING_ILL, NULL, "%s", sentence);
}

void check_settings(struct examination *examination)
{
    int status =
        settings_read(&examination->settings, examination->home, on_complaint, examination);
    examination->readable = status == 0;
    if (status == -ENOENT)
        examination_tell(examination, FINDING_ILL,
                         words("say --home DIR, or make a home with ops/start",
                               "用 --home 指定,或用 ops/start 建立"),
                         words("there is no settings.conf in %s", "%s 中没有 settings.conf"),
                         examination->home);
    else if (status == 0)
        examination_tell(examination, FINDING_WELL, NULL, "%s/settings.conf", examination->home);
}

void check_tables(struct examination *examination)
{
    struct city *city = NULL;
    int status = city_open(&city, examination->settings.city, on_complaint, examination);
    if (status == 0)
        examination_tell(examination, FINDING_WELL, NULL, words("%u rows", "%u 行"),
                         city_count(city));
    else
        examination_tell(
            examination, FINDING_ILL,
            words("mend the rows named above; yihao conf check tells when they are right",
                  "改正上述各行,再用 yihao conf check 复查"),
            words("the tables in %s cannot be used", "%s 中的表格不可用"),
            examination->settings.city);
    city_close(city);
}

/* ---- keys ------------------------------------------------------------------------------------- */

/* Is the file there, and nobody else's to read? */
static bool key_is_kept(struct examination *examination, const char *name, const char *ending)
{
    char path[PATH_BYTES];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/keys/%s%s", examination->home, name, ending);
    if (stat(path, &found) < 0) {
        examination_tell(examination, FINDING_ILL,
                         words("yihao keys make, on the machine where the dispatcher runs",
                               "在调度程序所在机器上运行 yihao keys make"),
                         "%s: %s", path, strerror(errno));
        return false;
    }
    if (found.st_mode & 077) {
        examination_tell(examination, FINDING_ILL, words("chmod 600 it", "chmod 600"),
                         words("%s may be read by others", "%s 可被他人读取"), path);
        return false;
    }
    return true;
}

/* A key that nobody renewed for a year is one that nobody would miss. */
static void tell_old_key(void *owner, const char *program, const char *public_key,
                         uint64_t until_ms)
{
    struct examination *examination = owner;
    char path[PATH_BYTES];
    struct stat found;
    (void)public_key;
    (void)snprintf(path, sizeof path, "%s/keys/%s.public", examination->home, program);
    if (until_ms || stat(path, &found) < 0)
        return;
    long long days = ((long long)time(NULL) - found.st_mtim.tv_sec) / DAY_S;
    if (days > KEY_DAYS_MAX)
        examination_tell(
            examination, FINDING_LOOK,
            words("yihao keys renew it: nothing stops", "yihao keys renew 更换,不停机"),
            words("the bus key of %s is %lld days old", "%s 的总线密钥已用 %lld 天"), program,
            days);
}

void check_keys(struct examination *examination)
{
    const struct settings *settings = &examination->settings;
    static const char *const own[] = { "dispatcher.secret", "vault.key", "blind.key" };
    bool kept = true;
    if (!settings_sealer(settings))
        kept = key_is_kept(examination, "sign.secret", "");
    for (unsigned i = 0; i < sizeof own / sizeof own[0]; i++)
        kept &= key_is_kept(examination, own[i], "");
    for (uint32_t i = 0; i < settings->trunk_count; i++)
        kept &= key_is_kept(examination, settings->trunks[i].name, ".secret");
    for (uint32_t i = 0; i < settings->sms_count; i++)
        kept &= key_is_kept(examination, settings->sms[i].name, ".secret");
    for (uint32_t i = 0; i < settings->console_count; i++)
        kept &= key_is_kept(examination, settings->consoles[i].name, ".secret");
    (void)keys_list(examination->home, tell_old_key, examination);
    if (kept)
        examination_tell(examination, FINDING_WELL, NULL,
                         words("all are there and nobody else's to read", "齐全,他人不可读"));
}

/* ---- who signs the trail ---------------------------------------------------------------------- */

static bool is_in_home(const struct examination *examination, const char *folder, const char *name)
{
    char path[PATH_BYTES];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/%s/%s", examination->home, folder, name);
    return stat(path, &found) == 0;
}

void check_sealer(struct examination *examination)
{
    const struct sealing_settings *sealer = settings_sealer(&examination->settings);
    char socket[SETTINGS_SOCKET_BYTES];
    struct stat found;
    if (!sealer) {
        examination_tell(examination, FINDING_LOOK,
                         words("docs/operating.md, The sealer", "见 docs/operating.md 签章一节"),
                         words("the dispatcher signs for itself, with one key for ever",
                               "调度程序自行签名,密钥不更替"));
        return;
    }
    if (settings_sealer_socket(&examination->settings, socket) < 0 || stat(socket, &found) < 0 ||
        !S_ISSOCK(found.st_mode))
        examination_tell(
            examination, FINDING_ILL,
            words("start yihao-sealer; calls go on meanwhile", "启动 yihao-sealer;来电不受影响"),
            words("%s is not there: the trail is not signed", "%s 不存在:留痕未签名"), socket);
    else if (is_in_home(examination, sealer->name, "spare.secret"))
        examination_tell(
            examination, FINDING_LOOK,
            words("carry it to a safe place elsewhere and remove it", "移存至异地安全处后删除"),
            words("%s/spare.secret still lies on this machine", "%s/spare.secret 仍在本机"),
            sealer->name);
    else
        examination_tell(
            examination, FINDING_WELL, NULL,
            words("it listens, another key follows every %u hours", "运行中,每 %u 小时更替密钥"),
            sealer->period_h);
}

void check_passwords(struct examination *examination)
{
    char path[PATH_BYTES];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/keys/passwords", examination->home);
    if (stat(path, &found) < 0 || found.st_size == 0) {
        examination_tell(
            examination, FINDING_ILL,
            words("yihao user passwords --generate", "yihao user passwords --generate"),
            words("nobody has a password: nobody can sign in", "无人有密码,无法登录"));
        return;
    }
    (void)snprintf(path, sizeof path, "%s/keys/sign-in", examination->home);
    if (stat(path, &found) == 0)
        examination_tell(examination, FINDING_LOOK,
                         words("hand the passwords out, have them changed, delete the file",
                               "分发并更改密码后删除该文件"),
                         words("%s holds first passwords in clear", "%s 含明文初始密码"), path);
    else
        examination_tell(examination, FINDING_WELL, NULL,
                         words("set, none in clear", "已设置,无明文"));
}

/* ---- certificates ----------------------------------------------------------------------------- */

struct identity {
    const char *program;
    const char *file; /* in keys/, without .crt and .key */
    const char *name; /* that the certificate must carry; "": any */
    const char *authorities;
};

static void check_certificate(struct examination *examination, const struct identity *identity)
{
    char certificate[PATH_BYTES], key[PATH_BYTES];
    int days;
    (void)snprintf(certificate, sizeof certificate, "%s/keys/%s.crt", examination->home,
                   identity->file);
    (void)snprintf(key, sizeof key, "%s/keys/%s.key", examination->home, identity->file);
    struct tls_settings settings = { .ca = identity->authorities,
                                     .certificate = certificate,
                                     .key = key };
    enum tls_finding finding = tls_examine(&settings, identity->name, &days);
    if (finding == TLS_WELL)
        examination_tell(examination, FINDING_WELL, NULL, words("%s: %s, %d days", "%s:%s,%d 天"),
                         identity->program, identity->name, days);
    else
        examination_tell(examination, finding < TLS_ENDS_SOON ? FINDING_ILL : FINDING_LOOK,
                         words("docs/operating.md, Telephones and trunks over TLS",
                               "见 docs/operating.md 的 TLS 一节"),
                         "%s: %s (%s, %d): %s", identity->program, certificate, identity->name,
                         days, tls_finding_words(finding, words_are_chinese()));
}

static void check_trunk(struct examination *examination, const struct trunk_settings *trunk)
{
    char authorities[PATH_BYTES];
    struct stat found;
    (void)snprintf(authorities, sizeof authorities, "%s/keys/sip-ca.pem", examination->home);
    struct identity identity = { trunk->name, "sip",
                                 trunk->tls_name[0] ? trunk->tls_name : trunk->sip_address,
                                 stat(authorities, &found) == 0 ? authorities : "" };
    check_certificate(examination, &identity);
}

/* Centres that call over TLS. Returns how many there are. */
static unsigned check_sms(struct examination *examination, const struct sms_settings *sms)
{
    unsigned looked_at = 0;
    for (uint32_t i = 0; i < sms->centre_count; i++) {
        const struct centre_settings *centre = &sms->centres[i];
        struct identity identity = { sms->name, "sms", "", centre->tls_ca };
        if (centre->listen_port == 0 || strcmp(centre->listen_tls, "yes") != 0)
            continue;
        check_certificate(examination, &identity);
        looked_at++;
    }
    return looked_at;
}

void check_certificates(struct examination *examination)
{
    unsigned looked_at = 0;
    for (uint32_t i = 0; i < examination->settings.trunk_count; i++) {
        const struct trunk_settings *trunk = &examination->settings.trunks[i];
        if (trunk->tls_port == 0)
            continue;
        check_trunk(examination, trunk);
        looked_at++;
    }
    for (uint32_t i = 0; i < examination->settings.sms_count; i++)
        looked_at += check_sms(examination, &examination->settings.sms[i]);
    if (looked_at == 0)
        examination_tell(examination, FINDING_WELL, NULL,
                         words("no gateway speaks TLS", "没有网关使用 TLS"));
}
