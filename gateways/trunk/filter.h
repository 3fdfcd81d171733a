/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * filter: what may reach the SIP parser at all. libosip2's time grows with the square of some
 * messages' size (one datagram of 64 KiB costs 0.4 s), it reads a Content-Length of 4294967299 as 3,
 * and its body parser leaks. So every message is bounded here first, framed by our own reading of
 * Content-Length, and only its head goes on. What is refused is counted by cause.
 *
 * Pure. RFC 3261 §7, §18.3; RFC 5626 §4.4.1 (CRLF keep-alive). */
#ifndef GATEWAYS_TRUNK_FILTER_H
#define GATEWAYS_TRUNK_FILTER_H

#include <stddef.h>

enum {
    FILTER_DATAGRAM_BYTES = 8192,
    FILTER_FRAME_BYTES = 16384, /* over TCP, head and body */
    FILTER_LINES_MAX = 64,
    FILTER_LINE_BYTES = 1024,
    FILTER_START_BYTES = 512,
    FILTER_VIAS_MAX = 16,
    FILTER_PARAMETERS_MAX = 24, /* semicolons in one line */
    FILTER_COMMAS_MAX = 32,     /* in one line */
    FILTER_BODY_BYTES = 65535   /* the largest Content-Length that is read as a number */
};

enum filter_cause {
    FILTER_PASS,
    FILTER_KEEP_ALIVE, /* CRLF only; RFC 5626 wants a CRLF back over TCP */
    FILTER_MORE,       /* TCP: the message is not complete yet */
    FILTER_TOO_LONG,
    FILTER_START_LINE,
    FILTER_CONTROL_BYTE,
    FILTER_LONG_LINE,
    FILTER_MANY_LINES,
    FILTER_BAD_LINE, /* no header name, or no colon */
    FILTER_MANY_VIAS,
    FILTER_MANY_PARAMETERS,
    FILTER_MANY_COMMAS,
    FILTER_REPEATED, /* a header that must stand once stands twice */
    FILTER_MISSING,  /* Via, From, To, Call-ID or CSeq */
    FILTER_BAD_LENGTH,
    FILTER_CUT, /* UDP: the body is shorter than Content-Length, or the head has no end */
    FILTER_CAUSE_COUNT
};

struct filtered {
    size_t skip; /* empty lines before the message */
    size_t head; /* bytes from skip: start line, headers, empty line */
    size_t body; /* bytes behind the head */
};

/* One UDP datagram. FILTER_PASS fills *filtered. */
enum filter_cause filter_datagram(const char *bytes, size_t length, struct filtered *filtered);

/* The beginning of a TCP stream. With FILTER_PASS the message takes skip + head + body bytes; with
 * FILTER_KEEP_ALIVE `skip` bytes; after any other cause but FILTER_MORE the stream has lost its
 * frames and must be closed. */
enum filter_cause filter_stream(const char *bytes, size_t length, struct filtered *filtered);

/* Copies a head that passed, without its Content-Length and Content-Encoding lines, so that the
 * parser sees no body at all. Returns the length, or 0 when `size` is too small. */
size_t filter_copy_head(const char *head, size_t length, char *copy, size_t size);

/* "long line" … for logs and metrics. */
const char *filter_cause_name(enum filter_cause cause);

#endif
