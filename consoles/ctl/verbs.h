/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the rows of the verb table run. Each returns an exit code and has told the reason of a bad one. */
#ifndef CONSOLES_CTL_VERBS_H
#define CONSOLES_CTL_VERBS_H

#include "consoles/ctl/verb.h"
#include "proto/message.h"

verb_run run_help, run_command, run_subscription;                        /* help.c, act.c */
verb_run run_status, run_queue, run_takers, run_incidents, run_incident; /* show.c */
verb_run run_totp;                                                       /* totp.c */
verb_run run_who_saw;                                                    /* viewing.c */
verb_run run_explain;                                                    /* explain.c */
verb_run run_tasks, run_callbacks, run_marks, run_storm, run_petitions, run_precedents;
verb_run run_dispositions, run_handovers, run_erasures, run_glasses, run_grants, run_preservations,
    run_erasure_subjects, run_signets;
verb_run run_retention, run_retention_try; /* show.c, retention.c */
verb_run run_seat_ready, run_seat_sign_on, run_seat_accept, run_seat_finish;    /* act.c */
verb_run run_trail_show, run_events;                                            /* trail.c */
verb_run run_attachment_add, run_attachment_save;                               /* attachment.c */
verb_run run_export_check;                                                      /* export.c */
verb_run run_search;                                                            /* search.c */
verb_run run_trail_export, run_trail_verify;                                    /* proof.c */
verb_run run_conf_check, run_keys_make, run_password, run_passwords, run_phone; /* home.c */
verb_run run_kpi, run_kpi_recount;                                              /* kpi.c */
verb_run run_units, run_coverage, run_plans, run_plan_propose, run_plan_raise;  /* unit.c */
verb_run run_likely, run_guide, run_guide_check, run_guide_show;                /* guide.c */
verb_run run_text_show, run_text_preview, run_texts_owed, run_contact;          /* text.c */
verb_run run_recording_save;                                                    /* recording.c */
verb_run run_capacity_takers, run_capacity_trunks;                              /* capacity.c */
verb_run run_trunk_show, run_trunk_drain, run_trunk_resume;                     /* trunk.c */
verb_run run_doctor;                                                            /* doctor.c */
verb_run run_templates, run_template_check, run_template_preview;               /* template.c */
verb_run run_notices, run_notice_add;                                           /* notice.c */
verb_run run_cluster_hand_over, run_cluster_status, run_cluster_take_over;      /* cluster.c */
verb_run run_knowledge_search, run_knowledge_list, run_knowledge_show;          /* knowledge.c */
verb_run run_knowledge_draft, run_knowledge_import, run_knowledge_pass;
verb_run run_exam_due, run_exam_list, run_exam_marks, run_exam_paper, run_exam_results; /* exam.c */
verb_run run_reading_due, run_reading_list, run_reading_progress; /* reading.c */
verb_run run_city_diff, run_city_check, run_city_propose, run_city_rule, run_city_undo;
verb_run run_city_history, run_city_show;          /* city.c */
verb_run run_backup, run_restore, run_keys_backup; /* backup.c */
verb_run run_rehearse;                             /* rehearse.c */
verb_run run_metrics;                              /* metrics.c */
verb_run run_keys_list, run_keys_renew, run_keys_announce, run_keys_retire,
    run_keys_person;                        /* keys.c */
verb_run run_signet_make, run_signet_enrol; /* signet.c */

/* The option "reason": why somebody reads what citizens said (text.c). */
int reason_read(const struct request *request, enum read_reason *reason);

/* The places that telephones told, below an empty line; nothing when there is none (text.c). */
void fixes_print(const struct fixes *fixes);

#endif
