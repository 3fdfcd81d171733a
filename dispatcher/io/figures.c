/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "dispatcher/io/dispatcher.h"

static void write_objections(const struct dispatcher *dispatcher, struct text *text)
{
    static const char *const labels[CAUSE_COUNT] = {
        [CAUSE_UNREADABLE] = "cause=\"unreadable\"",
        [CAUSE_NO_HELLO] = "cause=\"no_hello\"",
        [CAUSE_WRONG_NAME] = "cause=\"wrong_name\"",
        [CAUSE_NOT_FOR_US] = "cause=\"not_for_us\"",
        [CAUSE_GAP] = "cause=\"gap\"",
        [CAUSE_REPEATED] = "cause=\"repeated\"",
        [CAUSE_PEERS_FULL] = "cause=\"peers_full\"",
        [CAUSE_NOT_ITS_OWN] = "cause=\"not_its_own\"",
    };
    for (int i = 0; i < CAUSE_COUNT; i++)
        metrics_counter(text, "yihao_frames_objected_total",
                        i == 0 ? "Frames that were not taken, by cause." : NULL, labels[i],
                        dispatcher->figures.objections[i]);
}

static void write_bus(const struct dispatcher *dispatcher, struct text *text)
{
    struct bus_counts counts;
    bus_count(dispatcher->bus, &counts);
    metrics_counter(text, "yihao_bus_frames_received_total", "Frames of known programs.", NULL,
                    counts.received);
    metrics_counter(text, "yihao_bus_frames_sent_total", "Frames sent to programs.", NULL,
                    counts.sent);
    metrics_counter(text, "yihao_bus_published_total", "Frames published.", NULL, counts.published);
    metrics_counter(text, "yihao_bus_lost_total", "Frames that could not be sent.",
                    "cause=\"unreachable\"", counts.unreachable);
    metrics_counter(text, "yihao_bus_lost_total", NULL, "cause=\"full\"", counts.full);
    metrics_counter(text, "yihao_bus_refused_total", "What the bus refused.",
                    "cause=\"unknown_key\"", counts.keys_refused);
    metrics_counter(text, "yihao_bus_refused_total", NULL, "cause=\"own_route\"", counts.own_route);
    metrics_counter(text, "yihao_bus_refused_total", NULL, "cause=\"misshapen\"", counts.misshapen);
    metrics_gauge(text, "yihao_programs", "Programs on the bus.", NULL, dispatcher->peers.count);
}

static void write_core(const struct dispatcher *dispatcher, struct text *text)
{
    struct core_counts counts;
    core_count(dispatcher->core, &counts);
    metrics_gauge(text, "yihao_contacts", "Contacts that have not ended, by state.",
                  "state=\"waiting\"", counts.waiting);
    metrics_gauge(text, "yihao_contacts", NULL, "state=\"offered\"", counts.offered);
    metrics_gauge(text, "yihao_contacts", NULL, "state=\"connected\"", counts.connected);
    metrics_gauge(text, "yihao_takers", "Call takers.", "state=\"signed_on\"", counts.signed_on);
    metrics_gauge(text, "yihao_takers", NULL, "state=\"ready\"", counts.ready);
    metrics_gauge(text, "yihao_reserve", "Idle takers kept for emergencies.", NULL, counts.reserve);
    metrics_gauge(text, "yihao_emergency_ready", "Ready takers of emergency lines.", NULL,
                  counts.emergency_ready);
    metrics_gauge(text, "yihao_emergency_waiting", "Emergency callers nobody speaks with yet.",
                  NULL, counts.emergency_waiting);
    metrics_gauge(text, "yihao_emergency_waiting_ms", "How long the first of them has waited.",
                  NULL,
                  counts.emergency_since_ms && dispatcher->now_ms > counts.emergency_since_ms
                      ? dispatcher->now_ms - counts.emergency_since_ms
                      : 0);
    metrics_counter(text, "yihao_queue_stalled_total",
                    "Contacts that waited beside an idle able taker; the queue was mended.", NULL,
                    dispatcher->figures.stalls);
    metrics_gauge(text, "yihao_incidents_open", "Incidents not closed.", NULL,
                  counts.open_incidents);
    metrics_gauge(text, "yihao_tasks_open", "Tasks not ended.", NULL, counts.open_tasks);
    metrics_gauge(text, "yihao_callbacks", "Callbacks that wait.", NULL, counts.callbacks);
    for (int i = 1; i < REFUSAL_COUNT; i++) {
        char label[64];
        (void)snprintf(label, sizeof label, "refusal=\"%s\"", refusal_name((enum refusal)i));
        metrics_counter(text, "yihao_commands_refused_total",
                        i == 1 ? "Commands the core refused." : NULL, label, counts.refused[i]);
    }
}

static void write_turns(const struct dispatcher *dispatcher, struct text *text)
{
    struct turns_figures figures;
    if (!dispatcher->turns)
        return;
    turns_measure(dispatcher->turns, &figures);
    metrics_gauge(text, "yihao_standby_in_step",
                  "1 while nothing is spoken before the standby has it.", NULL, figures.in_step);
    metrics_gauge(text, "yihao_standby_lag", "Turns the standby has not yet.", NULL,
                  figures.present ? figures.last - figures.done : figures.last);
    metrics_counter(text, "yihao_standby_lost_total", "How often it fell out of step.", NULL,
                    figures.alone);
    if (figures.judged)
        metrics_gauge(text, "yihao_arbiter_answers", "1 while the arbiter answers this dispatcher.",
                      NULL, figures.arbiter_answers);
}

static void write_annals(const struct dispatcher *dispatcher, struct text *text)
{
    struct annalist_figures figures;
    if (!dispatcher->annalist)
        return;
    annalist_measure(dispatcher->annalist, &figures);
    metrics_gauge(text, "yihao_annals_answer", "1 while the annals answer this dispatcher.", NULL,
                  figures.answers);
    metrics_gauge(text, "yihao_annals_turn", "The last turn that is in the annals.", NULL,
                  figures.turn);
    metrics_gauge(text, "yihao_annals_epoch", "The epoch under which it is written.", NULL,
                  figures.epoch);
    metrics_counter(text, "yihao_annals_doubts_total",
                    "How often nobody knew at first whether a turn was there.", NULL,
                    figures.doubts);
}

static void write_sealing(const struct dispatcher *dispatcher, struct text *text)
{
    struct sealing_figures figures;
    if (!dispatcher->sealing)
        return;
    sealing_measure(dispatcher->sealing, dispatcher->journal, dispatcher->now_ms, &figures);
    metrics_gauge(text, "yihao_sealer_up", "1 while the sealer answers.", NULL, figures.up);
    metrics_gauge(text, "yihao_sealer_doubts", "1: it refuses to sign; look at once.", NULL,
                  figures.doubt != DOUBT_REASON_NONE);
    metrics_gauge(text, "yihao_unsealed_seconds",
                  "How long the oldest event waits for its signature.", NULL,
                  figures.unsealed_ms / 1000);
    metrics_gauge(text, "yihao_key_number", "Successions of the key that signs the trail.", NULL,
                  figures.number);
    metrics_counter(text, "yihao_checkpoints_total", "Checkpoints signed by the sealer.", NULL,
                    figures.checkpoints);
}

/* What an alert needs to know of the machine, also where no other exporter runs. */
static void write_machine(const struct dispatcher *dispatcher, struct text *text)
{
    char path[SETTINGS_PATH_BYTES + 32];
    const char *home = dispatcher->settings->home;
    struct statvfs disk = { .f_frsize = 0 };
    struct stat stamp;
    (void)statvfs(home, &disk);
    metrics_gauge(text, "yihao_disk_free_bytes", "Room on the home's volume.", NULL,
                  (uint64_t)disk.f_bavail * disk.f_frsize);
    metrics_gauge(text, "yihao_disk_bytes", "Size of the home's volume.", NULL,
                  (uint64_t)disk.f_blocks * disk.f_frsize);
    (void)snprintf(path, sizeof path, "%s/run/backup", home);
    metrics_gauge(text, "yihao_backup_at_ms", "When the newest backup was complete, UTC; 0: never.",
                  NULL, stat(path, &stamp) == 0 ? (uint64_t)stamp.st_mtime * 1000 : 0);
}

void figures_write(void *owner, struct text *text)
{
    const struct dispatcher *dispatcher = owner;
    const struct figures *figures = &dispatcher->figures;
    metrics_gauge(text, "yihao_up_since_ms", "When this process started, UTC.", NULL,
                  dispatcher->started_ms);
    metrics_gauge(text, "yihao_leads", "1 while this dispatcher leads, 0 while it follows.", NULL,
                  1);
    metrics_gauge(text, "yihao_journal_seq", "The last event.", NULL,
                  journal_seq(dispatcher->journal));
    metrics_gauge(text, "yihao_journal_epoch", "How often the journal was opened.", NULL,
                  journal_epoch(dispatcher->journal));
    metrics_counter(text, "yihao_journal_damage_total",
                    "Reads of the journal's database that a damaged disk spoilt.", NULL,
                    journal_damage(dispatcher->journal));
    metrics_gauge(text, "yihao_snapshot_seq", "The event of the newest snapshot; 0: none.", NULL,
                  dispatcher->mind.kept.seq);
    metrics_gauge(text, "yihao_replayed_events", "Events this process replayed at its start.", NULL,
                  dispatcher->mind.replayed);
    metrics_counter(text, "yihao_turns_total", "Turns of the loop.", NULL, figures->turns);
    metrics_counter(text, "yihao_commits_total", "Durable commits.", NULL, figures->commits);
    metrics_counter(text, "yihao_commit_us_total", "Time in commits, microseconds.", NULL,
                    figures->commit_us_sum);
    metrics_gauge(text, "yihao_commit_us_max", "The longest commit, microseconds.", NULL,
                  figures->commit_us_max);
    metrics_counter(text, "yihao_incidents_returned_total",
                    "Closed incidents brought back into memory.", NULL, figures->returned);
    metrics_gauge(text, "yihao_incident_return_us_max", "The longest of them, microseconds.", NULL,
                  figures->returned_us_max);
    metrics_counter(text, "yihao_commands_total", "Commands decided.", NULL, figures->commands);
    metrics_counter(text, "yihao_events_total", "Events journaled.", NULL, figures->events);
    metrics_counter(text, "yihao_outcomes_total", "Outcomes answered.", NULL, figures->outcomes);
    metrics_counter(text, "yihao_orders_total", "Orders to gateways.", NULL, figures->orders);
    metrics_counter(text, "yihao_orders_repeated_total", "Orders sent again.", NULL,
                    figures->orders_repeated);
    metrics_counter(text, "yihao_queries_total", "Questions answered.", NULL, figures->asks);
    metrics_counter(text, "yihao_fetches_total", "Batches of history sent.", NULL,
                    figures->fetches);
    metrics_counter(text, "yihao_answers_lost_total", "Frames beyond a turn's room.", NULL,
                    figures->lost_answers);
    metrics_counter(text, "yihao_sign_ins_total", "Sign-ins.", "result=\"opened\"",
                    figures->sign_ins);
    metrics_counter(text, "yihao_sign_ins_total", NULL, "result=\"refused\"",
                    figures->sign_ins_refused);
    metrics_counter(text, "yihao_clock_held_total", "Readings of a clock that had gone back.", NULL,
                    dispatcher->wall.held);
    write_objections(dispatcher, text);
    write_bus(dispatcher, text);
    write_core(dispatcher, text);
    write_turns(dispatcher, text);
    write_annals(dispatcher, text);
    write_sealing(dispatcher, text);
    write_machine(dispatcher, text);
}
