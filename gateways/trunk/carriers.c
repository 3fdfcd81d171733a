/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The exchange and its carriers: whose call it is, whether there is room, who is asked, who is drained. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

struct carrier *carriers_find(struct exchange *exchange, const struct wire_peer *source)
{
    for (uint32_t i = 0; i < exchange->carrier_count; i++) {
        struct carrier *carrier = &exchange->carriers[i];
        const char *name = carrier->settings.tls_name;
        if (sources_find(&carrier->sources, source->ip) &&
            (!name[0] || stack_proves(exchange->stack, source, name)))
            return carrier;
    }
    return NULL;
}

bool carriers_secure(const struct exchange *exchange, const char *ip)
{
    for (uint32_t i = 0; i < exchange->carrier_count; i++)
        if (strcmp(exchange->carriers[i].settings.address, ip) == 0)
            return exchange->carriers[i].secured;
    return exchange->phones_secured;
}

bool carriers_agree(const struct exchange *exchange, const char *ip)
{
    for (uint32_t i = 0; i < exchange->carrier_count; i++)
        if (strcmp(exchange->carriers[i].settings.address, ip) == 0)
            return exchange->carriers[i].dtls;
    return exchange->phones_dtls;
}

void carriers_take_up(struct exchange *exchange, struct call *call)
{
    for (uint32_t i = 0; i < exchange->carrier_count && !call->carrier; i++)
        if (strcmp(exchange->carriers[i].settings.name, call->trunk) == 0) {
            call->carrier = &exchange->carriers[i];
            call->carrier->calls++;
        }
}

const char *exchange_carrier_name(void *owner, const char *ip)
{
    const struct exchange *exchange = owner;
    for (uint32_t i = 0; i < exchange->carrier_count; i++) {
        const struct carrier_settings *settings = &exchange->carriers[i].settings;
        if (settings->tls_name[0] && strcmp(settings->address, ip) == 0)
            return settings->tls_name;
    }
    return NULL;
}

static void ask(struct exchange *exchange, struct carrier *carrier, uint64_t token)
{
    const struct carrier_settings *settings = &carrier->settings;
    char uri[128], own[96], tag[32], call_id[40];
    struct dialog dialog;
    uint64_t random[2], transaction;
    bool six = strchr(settings->address, ':') != NULL;
    bool own_six = strchr(exchange->address, ':') != NULL;
    randombytes_buf(random, sizeof random);
    (void)snprintf(uri, sizeof uri, six ? "sip:[%s]:%u;transport=%s" : "sip:%s:%u;transport=%s",
                   settings->address, (unsigned)settings->port, settings->transport);
    (void)snprintf(own, sizeof own, own_six ? "sip:yihao@[%s]" : "sip:yihao@%s", exchange->address);
    (void)snprintf(tag, sizeof tag, "o%016" PRIx64, random[0]);
    (void)snprintf(call_id, sizeof call_id, "%016" PRIx64 "@yihao", random[1]);
    dialog_to(&dialog, own, tag, uri, call_id);
    struct sip_request options = { .method = "OPTIONS", .dialog = &dialog, .cseq = 1 };
    carrier->asked = true;
    carrier->ask_ms = exchange->mono_ms + settings->ask_s * 1000ULL;
    if (stack_send(exchange->stack, &options, token, &transaction) < 0)
        carriers_hear(exchange, token, 0);
}

void carriers_hear(struct exchange *exchange, uint64_t token, int status)
{
    uint64_t place = (token & 0xffff) - CARRIERS_TOKEN;
    if (place >= exchange->carrier_count || (status > 0 && status < 200))
        return;
    struct carrier *carrier = &exchange->carriers[place];
    if (!carrier_hear(carrier, status))
        return;
    if (carrier->up)
        log_info("carrier answers again name=%s", carrier->settings.name);
    else
        log_error("carrier does not answer name=%s address=%s status=%d", carrier->settings.name,
                  carrier->settings.address, status);
}

/* `yihao trunk drain` writes the file; it is read again when it changed, so that a drain outlives a
 * restart. */
static void read_drained(struct exchange *exchange)
{
    char words[CARRIERS_DRAINED_BYTES];
    struct stat found;
    bool there = exchange->drained_path && stat(exchange->drained_path, &found) == 0;
    int64_t changed = there ? found.st_mtim.tv_sec * 1000000000LL + found.st_mtim.tv_nsec : 0;
    if (changed == exchange->drained_ns)
        return;
    exchange->drained_ns = changed;
    int fd = there ? open(exchange->drained_path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd >= 0 ? read(fd, words, sizeof words - 1) : 0;
    if (fd >= 0)
        (void)close(fd);
    words[got > 0 ? got : 0] = 0;
    carriers_take_drained(exchange->carriers, exchange->carrier_count, words);
    for (uint32_t i = 0; i < exchange->carrier_count; i++)
        log_info("carrier name=%s drained=%d", exchange->carriers[i].settings.name,
                 exchange->carriers[i].drained);
}

void carriers_tick(struct exchange *exchange)
{
    if (exchange->carrier_count > 0 && exchange->mono_ms >= exchange->drained_look_ms) {
        exchange->drained_look_ms = exchange->mono_ms + CARRIERS_LOOK_MS;
        read_drained(exchange);
    }
    for (uint32_t i = 0; i < exchange->carrier_count; i++) {
        struct carrier *carrier = &exchange->carriers[i];
        if (carrier->settings.address[0] && !carrier->asked && carrier->ask_ms <= exchange->mono_ms)
            ask(exchange, carrier, ++exchange->serial << 16 | (CARRIERS_TOKEN + i));
        carriers_enrol(exchange, i);
    }
}

const struct carrier *exchange_carrier(const struct exchange *exchange, uint32_t place)
{
    return place < exchange->carrier_count ? &exchange->carriers[place] : NULL;
}
