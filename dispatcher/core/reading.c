/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/reading.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/article.h"
#include "proto/access.h"

static bool holds(const struct core *core, uint32_t list)
{
    return list > 0 && list <= core->reading_lists.count && !core->reading_lists.ended[list - 1];
}

static enum refusal check_articles(const struct core *core, const struct reading_assign *asked)
{
    if (asked->articles_count == 0)
        return REFUSAL_INCOMPLETE;
    for (uint32_t i = 0; i < asked->articles_count; i++) {
        const struct article *article = core_article(core, asked->articles[i]);
        if (!article || !article->published)
            return REFUSAL_NO_SUCH_ARTICLE;
        for (uint32_t before = 0; before < i; before++)
            if (asked->articles[before] == asked->articles[i])
                return REFUSAL_MALFORMED;
    }
    return REFUSAL_NONE;
}

/* Only people who can say that they read it are asked to. */
static bool may_confirm(enum role role)
{
    return role == ROLE_NONE || (access_command_roles(COMMAND_READING_CONFIRM) & 1U << role);
}

static enum refusal check_list(const struct decision *decision, const struct reading_assign *asked)
{
    const struct core *core = decision->core;
    if (!asked->name_zh[0])
        return REFUSAL_INCOMPLETE;
    if (!may_confirm(asked->role) || asked->again_days > READING_AGAIN_DAYS_MAX ||
        asked->due_ms <= decision->at_ms)
        return REFUSAL_MALFORMED;
    if (asked->department && !core_department(core, asked->department))
        return REFUSAL_NO_SUCH_DEPARTMENT;
    if (asked->line && !core_line(core, asked->line))
        return REFUSAL_NO_SUCH_LINE;
    return check_articles(core, asked);
}

enum refusal decide_reading_assign(struct decision *decision)
{
    const struct reading_assign *asked = &decision->command->reading_assign;
    const struct reading_register *lists = &decision->core->reading_lists;
    if (asked->list && !holds(decision->core, asked->list))
        return REFUSAL_NO_SUCH_READING_LIST;
    enum refusal refusal = check_list(decision, asked);
    if (refusal)
        return refusal;
    if (!asked->list &&
        (lists->count == READING_LISTS_MAX || lists->holding == READING_LISTS_HOLDING_MAX))
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_READING_ASSIGNED);
    struct reading_assigned *assigned = &event->reading_assigned;
    assigned->list = asked->list ? asked->list : lists->count + 1;
    memcpy(assigned->name_zh, asked->name_zh, sizeof assigned->name_zh);
    memcpy(assigned->name_en, asked->name_en, sizeof assigned->name_en);
    assigned->role = asked->role;
    assigned->department = asked->department;
    assigned->line = asked->line;
    assigned->due_ms = asked->due_ms;
    assigned->again_days = asked->again_days ? asked->again_days : READING_AGAIN_DAYS;
    assigned->articles_count = asked->articles_count;
    memcpy(assigned->articles, asked->articles, sizeof assigned->articles);
    decision->verdict->reading_list = assigned->list;
    return REFUSAL_NONE;
}

enum refusal decide_reading_end(struct decision *decision)
{
    const struct reading_end *asked = &decision->command->reading_end;
    if (!holds(decision->core, asked->list))
        return REFUSAL_NO_SUCH_READING_LIST;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct event *event = decision_event(decision, EVENT_READING_ENDED);
    event->reading_ended.list = asked->list;
    memcpy(event->reading_ended.words, asked->words, sizeof asked->words);
    decision->verdict->reading_list = asked->list;
    return REFUSAL_NONE;
}

enum refusal decide_reading_confirm(struct decision *decision)
{
    const struct reading_confirm *asked = &decision->command->reading_confirm;
    const struct article *article = core_article(decision->core, asked->article);
    if (!decision->user)
        return REFUSAL_NO_SUCH_USER;
    if (!article)
        return REFUSAL_NO_SUCH_ARTICLE;
    if (!article->published || article->published != asked->edition)
        return REFUSAL_WRONG_STATE; /* it says something else by now */
    struct event *event = decision_event(decision, EVENT_READING_CONFIRMED);
    event->reading_confirmed.article = asked->article;
    event->reading_confirmed.edition = asked->edition;
    decision->verdict->article = asked->article;
    return REFUSAL_NONE;
}

void apply_reading_assigned(struct core *core, const struct event *event)
{
    struct reading_register *lists = &core->reading_lists;
    uint32_t list = event->reading_assigned.list;
    REQUIRE(list > 0 && list <= lists->count + 1 && list <= READING_LISTS_MAX);
    if (list <= lists->count)
        return;
    lists->count++;
    lists->holding++;
}

void apply_reading_ended(struct core *core, const struct event *event)
{
    uint32_t list = event->reading_ended.list;
    REQUIRE(holds(core, list));
    core->reading_lists.ended[list - 1] = true;
    core->reading_lists.holding--;
}
