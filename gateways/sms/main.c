/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-sms --home DIR --name NAME [--check]: texts between message centres and the dispatcher. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/arguments.h"
#include "base/log.h"
#include "base/text.h"
#include "gateways/sms/loop.h"
#include "gateways/sms/show.h"
#include "proto/keys.h"

static char folder[SETTINGS_PATH_BYTES + 64];
static char spool_path[SETTINGS_PATH_BYTES + 96];

static const char usage[] =
    "yihao-sms --home DIR --name NAME [--check | --original CALL]\n"
    "  --home DIR   the installation's folder (settings.conf, keys/ …)\n"
    "  --name NAME  the sms section of settings.conf and the name on the bus\n"
    "  --original CALL  print the PDUs of this call or text, as the trail numbers it\n"
    "  --check      check settings, centres and keys, then end\n";

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    (void)fprintf(stderr, "%s\n", sentence);
}

static int keys_fill(struct link_settings *link, const char *home, const char *name)
{
    struct curve_keys keys;
    int status = keys_read_curve(home, name, &keys);

    if (status == 0)
        status = keys_read_public(home, "dispatcher", link->server_public);
    if (status != 0) {
        log_error("keys of %s below %s/keys cannot be read: %s", name, home, strerror(-status));
        return status;
    }
    link->home = home;
    (void)text_copy(link->public_key, sizeof link->public_key, keys.public_key);
    (void)text_copy(link->secret_key, sizeof link->secret_key, keys.secret_key);
    return 0;
}

/* Without the key no PDU is kept, and citizens' words come in all the same. */
static const uint8_t *originals_key(const char *home)
{
    static uint8_t key[ORIGINALS_KEY_BYTES];
    int status = keys_make_bytes(home, "originals.key");

    if (status == 0)
        status = keys_read_bytes(home, "originals.key", key, sizeof key);
    if (status == 0)
        return key;
    log_error("%s/keys/originals.key: %s; PDUs are not kept", home, strerror(-status));
    return NULL;
}

static int folder_make(const char *home, const char *name)
{
    struct text text = text_into(folder, sizeof folder);
    struct text spool = text_into(spool_path, sizeof spool_path);

    text_print(&text, "%s/%s", home, name);
    text_print(&spool, "%s/spool", folder);
    if (text.cut || spool.cut)
        return -ENAMETOOLONG;
    return mkdir(folder, 0750) == 0 || errno == EEXIST ? 0 : -errno;
}

static bool is_one_account(const struct centre_settings *one, const struct centre_settings *other)
{
    return strcmp(one->host, other->host) == 0 && one->port == other->port &&
           strcmp(one->account, other->account) == 0;
}

/* Receipts come to whichever of the gateways an account is bound by. */
static bool shares_account(const struct settings *settings, const struct sms_settings *sms)
{
    for (uint32_t i = 0; i < settings->sms_count; i++) {
        const struct sms_settings *other = &settings->sms[i];

        if (strcmp(other->name, sms->name) == 0)
            continue;
        for (uint32_t a = 0; a < sms->centre_count; a++) {
            for (uint32_t b = 0; b < other->centre_count; b++) {
                if (!is_one_account(&sms->centres[a], &other->centres[b]))
                    continue;
                log_warn("centre %s: %s has the same account, and takes receipts of this "
                         "gateway's texts; give each gateway its own",
                         sms->centres[a].name, other->name);
                return true;
            }
        }
    }
    return false;
}

static int run(const struct settings *settings, const char *home, const char *name)
{
    static struct loop_settings loop;
    const struct sms_settings *sms = settings_sms(settings, name);

    if (!sms) {
        log_error("%s/settings.conf has no section sms \"%s\"", home, name);
        return -ENOENT;
    }
    loop.home = home;
    loop.sms = *sms;
    loop.exchange.sms = &loop.sms;
    loop.exchange.shares_account = shares_account(settings, sms);
    if (getrandom(&loop.exchange.seed, sizeof loop.exchange.seed, 0) < 0)
        return -errno;
    int status = folder_make(home, name);
    if (status != 0) {
        log_error("%s/%s cannot be made: %s", home, name, strerror(-status));
        return status;
    }
    loop.exchange.name = sms->name;
    loop.exchange.folder = folder;
    loop.exchange.originals_key = originals_key(home);
    loop.link.name = sms->name;
    loop.link.endpoint = settings->dispatcher.commands;
    loop.link.twin = settings->dispatcher.twin_commands;
    loop.link.spool_path = spool_path;
    status = keys_fill(&loop.link, home, name);
    if (status != 0)
        return status;
    for (uint32_t i = 0; i < sms->centre_count; i++)
        log_info("starting centre=%s protocol=%s at=%s:%u binds=%" PRIu32 " window=%" PRIu32,
                 sms->centres[i].name, sms->centres[i].protocol, sms->centres[i].host,
                 (unsigned)sms->centres[i].port, sms->centres[i].binds, sms->centres[i].window);
    return loop_run(&loop);
}

int main(int argc, char **argv)
{
    static struct settings settings;
    struct arguments arguments;
    int code;
    if (!arguments_read(&arguments, argc, argv, "original", usage, &code))
        return code;
    const char *home = arguments.home, *name = arguments.name;
    if (arguments.own)
        return show_originals(home, name, arguments.own);
    log_open(name, LOG_INFO);
    if (settings_read(&settings, home, complain, NULL) != 0) {
        log_error("%s/settings.conf cannot be used", home);
        return 1;
    }
    if (arguments.check)
        return settings_sms(&settings, name) ? 0 : 1;
    return run(&settings, home, name) == 0 ? 0 : 1;
}
