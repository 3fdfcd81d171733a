/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * doctor: what is wrong with an installation, and what to do about it. One line a finding; a check
 * that finds nothing says so, too, because silence could also mean that it was not made. */
#ifndef CONSOLES_CTL_DOCTOR_H
#define CONSOLES_CTL_DOCTOR_H

#include <stdbool.h>

#include "proto/settings.h"

enum finding {
    FINDING_WELL,
    FINDING_LOOK, /* works, but somebody should look */
    FINDING_ILL,  /* people will suffer, or do already */
    FINDING_COUNT
};

struct examination {
    const char *home;
    const char *part; /* the check under way */
    bool json;
    bool readable; /* settings hold what was read */
    struct settings settings;
    unsigned found[FINDING_COUNT];
    const char *runbook; /* of the next finding that is not well; NULL: the check's own */
};

/* Prints one finding; cure may be NULL when there is nothing to do. What is not well names its page of
 * ops/runbooks. */
void examination_tell(struct examination *examination, enum finding finding, const char *cure,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

typedef void examination_check(struct examination *examination);

examination_check check_settings, check_tables, check_keys, check_passwords, check_certificates,
    check_sealer;                                                      /* doctor_home.c */
examination_check check_provider;                                      /* doctor_provider.c */
examination_check check_annals;                                        /* doctor_annals.c */
examination_check check_disk, check_backup, check_clock, check_limits; /* doctor_machine.c */
examination_check check_twin;                                          /* doctor_twin.c */
examination_check check_programs, check_callers, check_texts;          /* doctor_programs.c */

#endif
