/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * settings_text: the words of settings.conf as libconfuse is given them. */
#ifndef PROTO_SETTINGS_TEXT_H
#define PROTO_SETTINGS_TEXT_H

enum {
    SETTINGS_FILE_MAX_BYTES = 65536
};

/* The file behind one blank, which keeps words[-1] inside. Returns 0, -EFBIG or -EBADMSG for what cannot
 * be settings, or another negative errno. */
int settings_text_read(const char *path, char words[SETTINGS_FILE_MAX_BYTES]);

/* libconfuse 3.3 counts a # comment as three lines; complaints would name the wrong one. */
void settings_text_blank(char *words);

#endif
