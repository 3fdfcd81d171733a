/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A security key in software: makes keys and touches as an authenticator and its browser do, for tests alone. */
#ifndef TESTS_UNIT_AUTHENTICATOR_KEY_H
#define TESTS_UNIT_AUTHENTICATOR_KEY_H

#include "proto/authenticator.h"

#define TEST_ORIGIN "https://desk.yihao.city"
#define TEST_PARTY  "yihao.city"

struct authenticator_device {
    struct authenticator_key public;
    void *secret; /* OpenSSL's */
    uint32_t counter;
    uint8_t flags;
    const char *origin;
};

/* Touched and verified, counting from 1, on TEST_ORIGIN. */
void device_open(struct authenticator_device *device, uint32_t algorithm);
void device_close(struct authenticator_device *device);

/* What its making says: authenticatorData with the key. Returns the size. */
size_t device_attest(const struct authenticator_device *device, const uint8_t *credential,
                     size_t credential_size, uint8_t *bytes);

/* Touches it for this statement. */
void device_touch(struct authenticator_device *device, const struct statement *statement,
                  struct touch *touch, uint8_t signature[64]);

/* The other s that holds for the same r. */
void device_turn_over(uint8_t signature[64]);

#endif
