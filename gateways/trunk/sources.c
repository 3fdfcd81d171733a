/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/sources.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool read_address(const char *ip, bool *ipv6, uint8_t address[16])
{
    memset(address, 0, 16);
    *ipv6 = strchr(ip, ':') != NULL;
    return inet_pton(*ipv6 ? AF_INET6 : AF_INET, ip, address) == 1;
}

bool sources_add(struct sources *sources, const char *words)
{
    struct source_net net = { 0 };
    char ip[50];
    if (sources->count == SETTINGS_SOURCES_MAX || !text_copy(ip, sizeof ip, words))
        return false;
    char *slash = strchr(ip, '/');
    if (slash)
        *slash++ = 0;
    if (!read_address(ip, &net.ipv6, net.address))
        return false;
    unsigned long most = net.ipv6 ? 128 : 32, bits = most;
    if (slash) {
        char *end;
        bits = strtoul(slash, &end, 10);
        if (end == slash || *end || bits > most)
            return false;
    }
    net.bits = (uint8_t)bits;
    (void)text_copy(net.words, sizeof net.words, words);
    sources->nets[sources->count++] = net;
    return true;
}

static bool holds(const struct source_net *net, const uint8_t address[16])
{
    unsigned whole = net->bits / 8, rest = net->bits % 8;
    if (memcmp(net->address, address, whole) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xff00U >> rest);
    return rest == 0 || ((net->address[whole] ^ address[whole]) & mask) == 0;
}

const char *sources_find(const struct sources *sources, const char *ip)
{
    uint8_t address[16];
    bool ipv6;
    if (!read_address(ip, &ipv6, address))
        return NULL;
    for (uint32_t i = 0; i < sources->count; i++)
        if (sources->nets[i].ipv6 == ipv6 && holds(&sources->nets[i], address))
            return sources->nets[i].words;
    return NULL;
}
