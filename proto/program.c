/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/program.h"

#include <stdint.h>
#include <string.h>

#define KIND(kind) (1U << GATEWAY_KIND_##kind)

enum {
    TRUNK = KIND(TRUNK),
    SMS = KIND(SMS),
    CONSOLE = KIND(CONSOLE),
    WITNESS = KIND(WITNESS),
    PERSON = KIND(PERSON),
    CALLED = TRUNK | SMS, /* has orders to carry out */
    READING = CONSOLE | PERSON,
    ALL = CALLED | READING | WITNESS
};

/* What is missing here no program sends the dispatcher. A hello comes before anybody is a program. */
static const uint8_t frames[FRAME_KIND_COUNT] = {
    [FRAME_HELLO] = ALL,
    [FRAME_PING] = ALL,
    [FRAME_SUBMIT] = ALL,
    [FRAME_ORDER_DONE] = CALLED,
    [FRAME_ASK] = READING | WITNESS,
    [FRAME_FETCH] = READING,
    [FRAME_SIGN_IN] = READING,
    [FRAME_SIGN_OUT] = READING,
    [FRAME_COSIGN] = WITNESS,
};

static const uint8_t commands[COMMAND_KIND_COUNT] = {
    [COMMAND_CONTACT_ARRIVE] = TRUNK | SMS,
    [COMMAND_CONTACT_END] = TRUNK,
    [COMMAND_CONTACT_KEEP] = TRUNK,
    [COMMAND_CONTACT_SURVIVE] = TRUNK,
    [COMMAND_GATEWAY_SETTLE] = TRUNK,
    [COMMAND_SOUND_REPORT] = TRUNK,
    [COMMAND_CALLS_TURN_AWAY] = TRUNK,
    [COMMAND_OFFER_RING] = TRUNK,
    [COMMAND_OFFER_ANSWER] = TRUNK,
    [COMMAND_OFFER_FAIL] = TRUNK,
    [COMMAND_RECORDING_STORE] = TRUNK,
    [COMMAND_PHONE_REGISTER] = TRUNK,
    [COMMAND_CONTACT_DIGITS] = TRUNK,
    [COMMAND_CONTACT_SILENT] = TRUNK,
    [COMMAND_CONTACT_TYPE] = TRUNK,
    [COMMAND_CONTACT_NEED] = TRUNK,
    [COMMAND_CONTACT_HOLD] = TRUNK,
    [COMMAND_CONTACT_RESUME] = TRUNK,
    [COMMAND_CONTACT_TRANSFER] = TRUNK,
    [COMMAND_TRANSFER_CANCEL] = TRUNK,
    [COMMAND_TRANSFER_FINISH] = TRUNK,
    [COMMAND_PARTY_JOIN] = TRUNK,
    [COMMAND_PARTY_LEAVE] = TRUNK,
    [COMMAND_TEXT_REPORT] = SMS,
    [COMMAND_TEXT_SEND] = SMS,
    [COMMAND_TEXT_RETURN] = SMS,
    [COMMAND_HISTORY_DOUBT] = WITNESS | CONSOLE,
    [COMMAND_CITIZEN_VISIT] = CONSOLE,
    [COMMAND_CALLER_LOCATE] = TRUNK | SMS | CONSOLE,
    [COMMAND_UNIT_PLACE] = CONSOLE,
};

static bool holds(unsigned kinds, enum gateway_kind kind)
{
    return kind > GATEWAY_KIND_NONE && kind < GATEWAY_KIND_COUNT && (kinds & 1U << kind);
}

bool program_may_send(enum gateway_kind kind, enum frame_kind frame)
{
    return (unsigned)frame < FRAME_KIND_COUNT && holds(frames[frame], kind);
}

bool program_sends(enum frame_kind frame)
{
    return (unsigned)frame < FRAME_KIND_COUNT && frames[frame] != 0;
}

bool program_may_command(enum gateway_kind kind, enum command_kind command)
{
    return (unsigned)command < COMMAND_KIND_COUNT && holds(commands[command], kind);
}

bool program_brings_persons(enum gateway_kind kind)
{
    return program_may_send(kind, FRAME_SIGN_IN);
}

const char *program_person(const char *name)
{
    static const char prefix[] = PROGRAM_PERSON_PREFIX;
    return strncmp(name, prefix, sizeof prefix - 1) == 0 ? name + sizeof prefix - 1 : NULL;
}
