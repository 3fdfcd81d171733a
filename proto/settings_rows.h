/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * settings_rows: the tables of settings: what each section of settings.conf may say, where it goes in
 * struct settings, and what the operator is told. Private to settings.c; libconfuse's side of it, with the
 * defaults, is there. */
#ifndef PROTO_SETTINGS_ROWS_H
#define PROTO_SETTINGS_ROWS_H

#include <stddef.h>

enum setting_kind {
    SETTING_NUMBER,
    SETTING_PORT,
    SETTING_WORDS,
    SETTING_CHOICE,
    SETTING_ADDRESS,
    SETTING_NETWORKS,
    SETTING_NUMBERS, /* SIP addresses, laid out as the networks */
    SETTING_PREFIXES
};

/* One setting of a section: where it goes, what it may be, and what the operator is told. */
struct settings_row {
    const char *name; /* NULL behind the last one */
    enum setting_kind kind;
    size_t offset;
    size_t size; /* of a text field */
    long low, high;
    const char *cure;
    const char *choices; /* of SETTING_CHOICE, each behind a blank and with one behind it */
};

enum {
    SETTINGS_SECTIONS = 9
};

/* A kind of section: its rows, where its programs lie in struct settings, and how many there are. */
struct settings_section {
    const char *name;
    const struct settings_row *rows;
    size_t offset, stride, name_offset, count_offset;
};

extern const struct settings_section settings_sections[SETTINGS_SECTIONS];

/* The rows of a section, those inside another ("centre", "carrier") too; NULL: there is none. */
const struct settings_row *settings_rows_of(const char *section);
const struct settings_row *settings_row_of(const char *section, const char *name);

#endif
