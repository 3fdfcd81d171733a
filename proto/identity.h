/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * identity: which of a citizen's fields a reader is given at once, which only by name and for a purpose, and
 * which never. ONE table of reader × line × field, lowered by how much of the citizen must stay hidden; the
 * core judges every personal_read by it, docs/access.md is printed from it. Pure.
 *
 * A read that names no field is given what lies open; what could be revealed comes masked. */
#ifndef PROTO_IDENTITY_H
#define PROTO_IDENTITY_H

#include "proto/message.h"

/* As whom somebody reads: what the reason stands for once it was found true. */
enum reader {
    READER_NONE,
    READER_ANSWERING,   /* has the contact in hand, or wraps it up */
    READER_WRITER,      /* had it, wrote it down, tells the result, asks the citizen */
    READER_CALLING,     /* calls the citizen back, who is waiting for it */
    READER_HANDLING,    /* of a department that works on it */
    READER_INFORMED,    /* of a department that takes note or watches */
    READER_SUPERVISING, /* a supervisor */
    READER_AUDITING,    /* an auditor */
    READER_RELIEVING,   /* a note of a colleague who left */
    READER_GRANTED,     /* named by a supervisor's grant, for a while */
    READER_COUNT
};

enum exposure {
    EXPOSURE_SEALED,
    EXPOSURE_REVEALED, /* by name, with a purpose; until then masked */
    EXPOSURE_OPEN
};

/* How much of the citizen must stay hidden. */
enum shelter {
    SHELTER_NONE,
    SHELTER_CONTACT,   /* no department calls: SECRECY_CONTACT_HIDDEN */
    SHELTER_IDENTITY,  /* SECRECY_IDENTITY_HIDDEN and above */
    SHELTER_ANONYMOUS, /* the citizen gave no name and wants none found out */
    SHELTER_COUNT
};

struct standing {
    enum reader reader;
    enum shelter shelter;
    bool emergency; /* the line or incident, or a grant's purpose, is one of life and safety */
};

enum shelter identity_shelter(enum secrecy secrecy, bool anonymous);

enum exposure identity_exposure(const struct standing *standing, enum personal_field field);

/* What a read of these fields (bits 1 << personal_field, 0: whatever lies open) is given, and what comes
 * masked. NOT_ALLOWED: one of them is sealed; REASON_MISSING: a revealed one wants a purpose. */
enum refusal identity_judge(const struct standing *standing, uint32_t asked,
                            enum read_purpose purpose, uint32_t *given, uint32_t *masked);

/* Takes out of `personal` what was neither given nor masked, and masks: 138****0001, 张**. */
void identity_show(struct personal *personal, uint32_t given, uint32_t masked);

#endif
