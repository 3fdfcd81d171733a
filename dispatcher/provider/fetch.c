/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/provider/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct room {
    char *bytes;
    size_t size, length;
};

int fetch_begin(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -ENOMEM;
}

static size_t take(char *bytes, size_t one, size_t count, void *owner)
{
    struct room *room = owner;
    size_t size = one * count;
    if (size >= room->size - room->length)
        return 0; /* libcurl ends with CURLE_WRITE_ERROR */
    memcpy(room->bytes + room->length, bytes, size);
    room->length += size;
    return size;
}

static int errno_of(CURLcode code)
{
    switch ((int)code) { /* not our enumeration */
    case CURLE_OK:
        return 0;
    case CURLE_WRITE_ERROR:
        return -EFBIG;
    case CURLE_OPERATION_TIMEDOUT:
        return -ETIMEDOUT;
    case CURLE_OUT_OF_MEMORY:
        return -ENOMEM;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return -EPROTO;
    default:
        return -EHOSTUNREACH;
    }
}

static CURLcode set_up(CURL *curl, const struct fetch_terms *terms, struct room *room)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, terms->url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)terms->wait_ms);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, room);
    if (code == CURLE_OK && terms->authorities)
        code = curl_easy_setopt(curl, CURLOPT_CAINFO, terms->authorities);
    if (code == CURLE_OK && terms->form)
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, terms->form);
    if (code == CURLE_OK && terms->user) {
        code = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        if (code == CURLE_OK)
            code = curl_easy_setopt(curl, CURLOPT_USERNAME, terms->user);
        if (code == CURLE_OK)
            code = curl_easy_setopt(curl, CURLOPT_PASSWORD, terms->secret);
    }
    return code;
}

int fetch_run(const struct fetch_terms *terms, char *bytes, size_t room)
{
    struct room answer = { .bytes = bytes, .size = room };
    long status = 0;
    CURL *curl = curl_easy_init();
    if (!curl)
        return -ENOMEM;
    CURLcode code = set_up(curl, terms, &answer);
    if (code == CURLE_OK)
        code = curl_easy_perform(curl);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    bytes[answer.length] = '\0';
    return code == CURLE_OK ? (int)status : errno_of(code);
}
