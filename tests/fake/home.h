/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * home: a throw-away installation for tests with real processes: keys, settings with ports of its
 * own, the sample city, one password for everybody, and its dispatcher. */
#ifndef TESTS_FAKE_HOME_H
#define TESTS_FAKE_HOME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateways/link/link.h"

#define HOME_PASSWORD "right"

struct home {
    char folder[128];
    char commands[64];   /* the bus */
    char twin[64];       /* the other dispatcher's bus; empty: there is one alone */
    char arbiter[64];    /* who says which of them leads; empty: nobody does */
    char annals[320];    /* where its turns are kept, too; empty: nowhere */
    uint16_t to_arbiter; /* where a way of its own (tests/fake/cable.h) begins; 0: there is none */
    bool standby;
    bool arbitrates;  /* this one is the third machine: its program is yihao-arbiter */
    uint16_t base;    /* commands, +1 events, +2 metrics */
    pid_t dispatcher; /* 0: not running */
};

/* The first of four TCP ports on loopback that nobody uses now; another answer at each call. */
uint16_t home_ports(void);

/* Makes it below /tmp; programs: the names that get keys, NULL at the end. */
void home_make(struct home *home, const char *const *programs);
void home_remove(struct home *home);

/* From its next start on the home's dispatcher keeps its turns there. */
void home_name_annals(struct home *home, const char *annals);

/* Makes the home of a second dispatcher of these annals: settings, city and keys, and no journal. */
void home_make_second(const struct home *home, struct home *second);

/* The home's dispatcher will have this twin: from its next start on a copy of it may follow. */
void home_name_twin(struct home *home, struct home *twin);

/* Makes the standby's home: a copy of this one, whose dispatcher is stopped; each names the other as its
 * twin. Its keys must have "standby". */
void home_make_twin(struct home *home, struct home *twin);

/* Writes the dispatcher's settings as they follow from this; read at its next start. */
void home_write_settings(const struct home *home);

/* Makes the third machine's: it has the city's keys, "arbiter" among them, and no city. From its next start on the
 * home's dispatcher obeys it, and so do twins that are made later. */
void home_make_arbiter(struct home *home, struct home *third);

/* Starts it, and waits for nothing. Returns its process. */
pid_t home_begin(const struct home *home, const char *program);

/* Starts `program` (path of yihao-dispatcher, or of yihao-arbiter) and waits until it answers /healthz. Returns how long
 * that took, milliseconds. */
uint64_t home_start(struct home *home, const char *program);

/* Sends the signal and waits for the end. Returns the wait status. */
int home_stop(struct home *home, int signal);

/* A value of the dispatcher's /metrics line that starts with `line`; UINT64_MAX: there is none. */
uint64_t home_metric(const struct home *home, const char *line);

/* Settings for a link of this name; keys are read from the home. */
void home_link(const struct home *home, const char *name, struct link_settings *settings);

#endif
