/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * article: what the knowledge base says about one matter, in editions. An edition is drafted by one person and
 * reviewed and published by others; a new one replaces the published one only when it is published itself. The
 * words lie in the events; here is only what two persons and an order of steps need
 * (docs/decisions/0015-knowledge.md). */
#ifndef DISPATCHER_CORE_ARTICLE_H
#define DISPATCHER_CORE_ARTICLE_H

#include "dispatcher/core/decision.h"

/* The table: NONE means refused. Golden: tests/golden/core_tables.txt. */
enum article_state article_next(enum article_state from, enum article_step step);

/* NULL: there is none of that number. */
struct article *core_article(const struct core *core, uint32_t number);

enum refusal decide_article_draft(struct decision *decision);
enum refusal decide_article_write(struct decision *decision);
enum refusal decide_article_review(struct decision *decision);
enum refusal decide_article_publish(struct decision *decision);
enum refusal decide_article_archive(struct decision *decision);
enum refusal decide_article_correct(struct decision *decision);
enum refusal decide_article_rate(struct decision *decision);

void apply_article_drafted(struct core *core, const struct event *event);
void apply_article_written(struct core *core, const struct event *event);
void apply_article_moved(struct core *core, const struct event *event);
void apply_article_corrected(struct core *core, const struct event *event);
void apply_article_rated(struct core *core, const struct event *event);

#endif
