/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/shield.h"

#include <errno.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"

enum {
    PACKET_BYTES = 1500,
    SSRC_AT = 8
};

struct shield {
    srtp_t session;
    srtp_policy_t policy;
    uint8_t key[CRYPTO_KEY_BYTES];
    uint32_t turns;
    unsigned tries; /* left to find the count of a resumed stream; 0: it is not looked for */
    bool resumed;   /* its reports would begin their count again: none goes out */
};

static int library_status = -1;

static void open_library(void)
{
    library_status = srtp_init() == srtp_err_status_ok ? 0 : -EIO;
}

static void set_suite(srtp_policy_t *policy, enum crypto_suite suite)
{
    static void (*const setters[CRYPTO_SUITE_COUNT])(srtp_crypto_policy_t *) = {
        [CRYPTO_AES_128_80] = srtp_crypto_policy_set_rtp_default,
        [CRYPTO_AES_128_32] = srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
        [CRYPTO_AES_256_80] = srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
        [CRYPTO_AES_256_32] = srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
        [CRYPTO_GCM_128] = srtp_crypto_policy_set_aes_gcm_128_16_auth,
        [CRYPTO_GCM_256] = srtp_crypto_policy_set_aes_gcm_256_16_auth,
    };
    setters[suite](&policy->rtp);
    setters[suite](&policy->rtcp);
    /* RFC 4568 §6.2.2, RFC 6188 §4: the short tag is for sound alone, reports keep ten octets. */
    if (suite == CRYPTO_AES_128_32)
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
    if (suite == CRYPTO_AES_256_32)
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
}

static int open_shield(struct shield **shield, const struct crypto *crypto, srtp_ssrc_type_t type,
                       uint32_t ssrc)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t size = 0;
    (void)pthread_once(&once, open_library);
    if (library_status < 0)
        return library_status;
    struct shield *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    if (crypto->suite <= CRYPTO_NONE || crypto->suite >= CRYPTO_SUITE_COUNT ||
        sodium_base642bin(fresh->key, sizeof fresh->key, crypto->key, strlen(crypto->key), NULL,
                          &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        size != crypto_key_bytes((enum crypto_suite)crypto->suite)) {
        free(fresh);
        return -EBADMSG;
    }
    set_suite(&fresh->policy, (enum crypto_suite)crypto->suite);
    fresh->policy.ssrc = (srtp_ssrc_t){ .type = type, .value = ssrc };
    fresh->policy.key = fresh->key;
    fresh->policy.allow_repeat_tx = 0;
    if (srtp_create(&fresh->session, &fresh->policy) != srtp_err_status_ok) {
        shield_close(fresh);
        return -EINVAL;
    }
    *shield = fresh;
    return 0;
}

int shield_open_out(struct shield **shield, const struct crypto *crypto, uint32_t ssrc,
                    int64_t turns)
{
    int status = open_shield(shield, crypto, ssrc_specific, ssrc);
    if (status < 0 || turns == SHIELD_FRESH)
        return status;
    (*shield)->resumed = true;
    if (turns == 0 ||
        srtp_set_stream_roc((*shield)->session, ssrc, (uint32_t)turns) == srtp_err_status_ok)
        return 0;
    shield_close(*shield);
    *shield = NULL;
    return -EINVAL;
}

int shield_open_in(struct shield **shield, const struct crypto *crypto, int64_t turns)
{
    int status = open_shield(shield, crypto, ssrc_any_inbound, 0);
    if (status == 0 && turns != SHIELD_FRESH) {
        (*shield)->turns = turns < SHIELD_TURNS_MAX ? (uint32_t)turns : SHIELD_TURNS_MAX;
        (*shield)->tries = SHIELD_TRIES;
    }
    return status;
}

void shield_close(struct shield *shield)
{
    if (!shield)
        return;
    if (shield->session)
        (void)srtp_dealloc(shield->session);
    sodium_memzero(shield->key, sizeof shield->key);
    free(shield);
}

bool shield_out(struct shield *shield, uint8_t *packet, size_t *size)
{
    int length = (int)*size;
    if (srtp_protect(shield->session, packet, &length) != srtp_err_status_ok)
        return false;
    *size = (size_t)length;
    return true;
}

bool shield_out_report(struct shield *shield, uint8_t *packet, size_t *size)
{
    int length = (int)*size;
    if (shield->resumed ||
        srtp_protect_rtcp(shield->session, packet, &length) != srtp_err_status_ok)
        return false;
    *size = (size_t)length;
    return true;
}

static bool unprotect(struct shield *shield, uint8_t *packet, size_t *size)
{
    int length = (int)*size;
    if (srtp_unprotect(shield->session, packet, &length) != srtp_err_status_ok)
        return false;
    *size = (size_t)length;
    return true;
}

/* The counts from the greatest down: a stream that was there before was there for long. */
static bool find_turns(struct shield *shield, uint8_t *packet, size_t *size)
{
    uint8_t whole[PACKET_BYTES];
    size_t whole_size = *size;
    uint32_t ssrc;
    if (whole_size > sizeof whole || whole_size < SSRC_AT + sizeof ssrc)
        return false;
    memcpy(whole, packet, whole_size);
    memcpy(&ssrc, packet + SSRC_AT, sizeof ssrc);
    srtp_policy_t policy = shield->policy;
    policy.ssrc = (srtp_ssrc_t){ .type = ssrc_specific, .value = __builtin_bswap32(ssrc) };
    shield->tries--;
    for (uint32_t turns = shield->turns; turns > 0; turns--) {
        if (srtp_add_stream(shield->session, &policy) == srtp_err_status_ok &&
            srtp_set_stream_roc(shield->session, policy.ssrc.value, turns) == srtp_err_status_ok &&
            unprotect(shield, packet, size)) {
            shield->tries = 0;
            return true;
        }
        (void)srtp_remove_stream(shield->session, ssrc);
        memcpy(packet, whole, whole_size);
        *size = whole_size;
    }
    return false;
}

bool shield_in(struct shield *shield, uint8_t *packet, size_t *size)
{
    uint8_t whole[PACKET_BYTES];
    if (shield->tries == 0 || *size > sizeof whole)
        return unprotect(shield, packet, size);
    size_t whole_size = *size;
    memcpy(whole, packet, whole_size);
    if (unprotect(shield, packet, size)) {
        shield->tries = 0; /* it has not gone round */
        return true;
    }
    memcpy(packet, whole, whole_size);
    *size = whole_size;
    return find_turns(shield, packet, size);
}

bool shield_in_report(struct shield *shield, uint8_t *packet, size_t *size)
{
    int length = (int)*size;
    if (srtp_unprotect_rtcp(shield->session, packet, &length) != srtp_err_status_ok)
        return false;
    *size = (size_t)length;
    return true;
}
