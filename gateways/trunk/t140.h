/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * t140: real-time text (ITU-T T.140) in packets (RFC 4103): what is typed goes out within 300 ms, each piece twice more in the
 * packets behind it (RFC 2198), so that two lost in a row cost nothing. What is lost for good is read as U+FFFD.
 *
 * Pure; bounded: what finds no room is left out and counted. */
#ifndef GATEWAYS_TRUNK_T140_H
#define GATEWAYS_TRUNK_T140_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    T140_HEARD_BYTES = 3200, /* of one packet: three pieces of 1023 octets, with their end */
    T140_PACKET_BYTES = 256,
    T140_WAITING_BYTES = 3072,
    T140_PIECE_CHARACTERS = 9, /* 30 a second: what everybody takes (RFC 4103 §6) */
    T140_PIECE_BYTES = 4 * T140_PIECE_CHARACTERS + 1,
    T140_STEP_MS = 300,
    T140_GENERATIONS = 2
};

struct t140_piece {
    uint32_t stamp;
    uint8_t size;
    uint8_t bytes[T140_PIECE_BYTES];
};

struct t140 {
    uint8_t payload, red; /* their payload types; red 0: they do not know it */
    /* what comes */
    bool begun;
    uint32_t source;
    uint16_t newest;
    uint32_t lost; /* gaps that nothing filled */
    /* what goes */
    uint32_t own_source, stamp_base;
    uint16_t sequence;
    char waiting[T140_WAITING_BYTES];
    uint16_t size;
    struct t140_piece sent[T140_GENERATIONS]; /* the last one first */
    uint64_t said_ms;
    bool said, idle; /* idle: the next one is the first after a pause */
};

/* An RTP packet of theirs. Writes the text, valid UTF-8 with an end: letters, '\n' and '\b' (the last character is taken
 * back); no other control character. Returns its octets. */
size_t t140_hear(struct t140 *t140, const uint8_t *packet, size_t size,
                 char text[T140_HEARD_BYTES]);

/* To be said after what waits; valid UTF-8. Returns the octets that found no room. */
size_t t140_add(struct t140 *t140, const char *words);

/* The next packet when it is time (any clock in ms that does not go back); 0: none. */
size_t t140_say(struct t140 *t140, uint64_t now_ms, uint8_t packet[T140_PACKET_BYTES]);

#endif
