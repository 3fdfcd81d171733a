/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/route.h"

#include <stddef.h>
#include <string.h>

#include "proto/access.h"

static const struct route routes[] = {
    { ENDPOINT_SIGN_IN, METHOD_POST, "/api/v1/sign-in", false, 0, true },
    { ENDPOINT_SIGN_OUT, METHOD_POST, "/api/v1/sign-out", true, ROLES_ALL, true },
    { ENDPOINT_PROVE, METHOD_POST, "/api/v1/prove", true, ROLES_ALL, true },
    { ENDPOINT_LOCK, METHOD_POST, "/api/v1/lock", true, ROLES_ALL, true },
    { ENDPOINT_ACTIVE, METHOD_POST, "/api/v1/active", true, ROLES_ALL, false },
    { ENDPOINT_ME, METHOD_GET, "/api/v1/me", true, ROLES_ALL, true },
    { ENDPOINT_QUERY, METHOD_POST, "/api/v1/query", true, ROLES_ALL, true },
    { ENDPOINT_COMMAND, METHOD_POST, "/api/v1/command", true, ROLES_ALL, true },
    { ENDPOINT_TRAIL, METHOD_GET, "/api/v1/trail/", true, ROLES_CENTRE | ROLES_DEPARTMENT, false },
    { ENDPOINT_RECORDING, METHOD_GET, "/api/v1/recordings/", true,
      ROLES_TAKER | ROLES_SUPERVISOR | ROLES_AUDITOR, false },
    { ENDPOINT_FIGURES, METHOD_POST, "/api/v1/figures", true, ROLES_CENTRE, false },
    { ENDPOINT_EXPORT, METHOD_POST, "/api/v1/export", true,
      ROLES_SUPERVISOR | ROLES_AUDITOR | ROLES_OPERATOR, false },
    { ENDPOINT_ATTACH, METHOD_POST, "/api/v1/attach/", true, ROLES_DEPARTMENT, false },
    { ENDPOINT_ATTACHMENT, METHOD_GET, "/api/v1/attachments/", true, ROLES_ALL, false },
    { ENDPOINT_HEALTH, METHOD_GET, "/api/v1/health", false, 0, true },
    { ENDPOINT_MAP, METHOD_GET, "/api/v1/map", true, ROLES_ALL, true },
    { ENDPOINT_AML, METHOD_POST, "/aml", false, 0, true },
    { ENDPOINT_LEAVE, METHOD_GET, "/oidc/start", false, 0, true },
    { ENDPOINT_BACK, METHOD_GET, "/oidc/back", false, 0, true },
};

static bool read_number(const char *digits, uint64_t *number)
{
    uint64_t sum = 0;
    if (*digits == 0)
        return false;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9' || sum > (UINT64_MAX - 9) / 10)
            return false;
        sum = sum * 10 + (uint64_t)(*digits - '0');
    }
    *number = sum;
    return true;
}

const struct route *route_at(size_t place)
{
    return place < sizeof routes / sizeof routes[0] ? &routes[place] : NULL;
}

const struct route *route_find(const char *path, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        size_t length = strlen(routes[i].path);
        if (routes[i].path[length - 1] != '/') {
            if (strcmp(routes[i].path, path) == 0)
                return &routes[i];
        } else if (strncmp(routes[i].path, path, length) == 0 &&
                   read_number(path + length, number)) {
            return &routes[i];
        }
    }
    return NULL;
}

void route_argument(const char *arguments, const char *name, char *value, size_t room)
{
    size_t length = strlen(name);
    value[0] = 0;
    for (const char *at = arguments; *at; at += strcspn(at, "&") + (strchr(at, '&') != 0)) {
        size_t size = strcspn(at, "&");
        if (size <= length || strncmp(at, name, length) != 0 || at[length] != '=')
            continue;
        if (size - length - 1 < room) {
            memcpy(value, at + length + 1, size - length - 1);
            value[size - length - 1] = 0;
        }
        return;
    }
}
