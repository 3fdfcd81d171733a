/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/metrics.h"
#include "consoles/server/console.h"

static void write_refused(const struct console *console, const struct http_counts *http,
                          struct text *text)
{
    metrics_counter(text, "yihao_console_refused_total", "What was refused, by cause.",
                    "cause=\"command\"", console->counts.refused);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"sign_in\"",
                    console->counts.sign_ins_refused);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"http_status\"",
                    http->refused);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"foreign_origin\"",
                    http->foreign_origin);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"too_big\"", http->too_big);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"malformed_frame\"",
                    console->counts.malformed);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"slow_reader\"",
                    console->counts.slow);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"citizen_code\"",
                    console->citizens->counts.wrong);
    metrics_counter(text, "yihao_console_refused_total", NULL, "cause=\"citizen_too_often\"",
                    console->citizens->counts.throttled);
}

void figures_write(const struct console *console, struct text *text)
{
    struct http_counts http;
    struct standing standing;
    http_count(console->http, &http);
    console_stand(console, &standing);
    metrics_gauge(text, "yihao_console_up", "1 while the dispatcher answers.", NULL, standing.up);
    metrics_gauge(text, "yihao_console_silence_ms", "Since the dispatcher was last heard.", NULL,
                  standing.age_ms);
    struct history_standing history;
    history_stand(console->history, &history);
    metrics_gauge(text, "yihao_console_history_watched",
                  "1 while this server keeps the last checkpoint it believed.", NULL,
                  history.watched);
    metrics_gauge(text, "yihao_console_history_doubts", "1: history was rewritten; look at once.",
                  NULL, history.doubted > 0);
    metrics_gauge(text, "yihao_console_history_seq", "Last event of the last checkpoint believed.",
                  NULL, history.believed);
    metrics_counter(text, "yihao_console_history_unanswered_total",
                    "Checkpoints or proofs that the dispatcher did not give.", NULL,
                    history.unanswered);
    metrics_gauge(text, "yihao_console_seq", "The last event the replica holds.", NULL,
                  replica_seq(console->replica));
    metrics_gauge(text, "yihao_console_sockets", "Open WebSockets.", NULL, http.sockets);
    metrics_gauge(text, "yihao_console_sessions", "People signed in.", NULL,
                  sessions_count(console->sessions));
    metrics_gauge(text, "yihao_console_waiting", "Askers without an outcome.", NULL,
                  console->waiting.count);
    metrics_counter(text, "yihao_console_requests_total", "HTTP requests.", NULL, http.requests);
    metrics_counter(text, "yihao_console_sockets_total", "WebSockets ever opened.", NULL,
                    http.sockets_opened);
    metrics_counter(text, "yihao_console_frames_total", "WebSocket frames.", "direction=\"sent\"",
                    http.frames_sent);
    metrics_counter(text, "yihao_console_frames_total", NULL, "direction=\"taken\"",
                    http.frames_taken);
    metrics_counter(text, "yihao_console_commands_total", "Commands passed to the dispatcher.",
                    NULL, console->counts.commands);
    metrics_counter(text, "yihao_console_queries_total", "Queries answered.", NULL,
                    console->counts.queries);
    metrics_counter(text, "yihao_console_sign_ins_total", "Passwords tried.", NULL,
                    console->counts.sign_ins);
    metrics_counter(text, "yihao_console_aml_total", "Telephones' places by HTTPS.",
                    "result=\"taken\"", console->counts.aml);
    metrics_counter(text, "yihao_console_aml_total", NULL, "result=\"refused\"",
                    console->counts.aml_refused);
    const struct citizen_counts *citizens = &console->citizens->counts;
    metrics_counter(text, "yihao_console_citizen_pages_total", "Pages shown to citizens.", NULL,
                    citizens->pages);
    metrics_counter(text, "yihao_console_citizen_sign_ins_total", "Citizens with number and code.",
                    NULL, citizens->sign_ins);
    metrics_counter(text, "yihao_console_citizen_acts_total", "What citizens did there.", NULL,
                    citizens->acts);
    write_refused(console, &http, text);
}
