/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/rows.h"

uint64_t stir(uint64_t number, uint64_t value)
{
    number = (number ^ value) * 0x9e3779b97f4a7c15;
    return number ^ number >> 29;
}

uint64_t stir_text(uint64_t number, const char *text)
{
    for (; *text; text++)
        number = (number ^ (uint8_t)*text) * 0x100000001b3; /* FNV-1a */
    return stir(number, 0);
}

uint64_t stir_bytes(uint64_t number, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        number = (number ^ bytes[i]) * 0x100000001b3;
    return stir(number, size);
}

uint64_t line_fingerprint(const struct line_row *row)
{
    uint64_t number = stir(1, row->line);
    number = stir_text(number, row->name_zh);
    number = stir_text(number, row->name_en);
    number = stir(number, row->emergency);
    number = stir(number, row->band);
    number = stir(number, row->answer_target_ms);
    number = stir_text(number, row->short_number);
    return stir(number, row->retired);
}

uint64_t department_fingerprint(const struct department_row *row)
{
    uint64_t number = stir(2, row->department);
    number = stir_text(number, row->code);
    number = stir_text(number, row->name_zh);
    number = stir_text(number, row->name_en);
    number = stir(number, row->force);
    return stir(number, row->retired);
}

uint64_t user_fingerprint(const struct user_row *row)
{
    uint64_t number = stir(3, row->user);
    number = stir_text(number, row->login);
    number = stir_text(number, row->name_zh);
    number = stir_text(number, row->name_en);
    number = stir(number, row->roles);
    number = stir(number, row->department);
    number = stir_text(number, row->phone);
    number = stir(number, row->auto_answer);
    number = stir(number, row->retired);
    for (uint32_t i = 0; i < row->skills_count; i++)
        number = stir(stir(number, row->skills[i].line), row->skills[i].level);
    return stir(number, row->skills_count);
}

uint64_t category_fingerprint(const struct category_row *row)
{
    uint64_t number = stir(4, row->category);
    number = stir_text(number, row->name_zh);
    number = stir_text(number, row->name_en);
    number = stir_text(number, row->initials);
    number = stir(number, row->line);
    number = stir(number, row->priority);
    number = stir(number, row->sla);
    number = stir_text(number, row->lead);
    for (uint32_t i = 0; i < row->assists_count; i++)
        number = stir_text(number, row->assists[i]);
    number = stir(number, row->assists_count);
    return stir(number, row->retired);
}

uint64_t gateway_fingerprint(const struct gateway_row *row)
{
    uint64_t number = stir(5, row->gateway);
    number = stir_text(number, row->name);
    number = stir(number, row->kind);
    return stir(number, row->retired);
}

uint64_t limit_fingerprint(const struct limit_row *row)
{
    uint64_t number = stir(6, row->sla);
    number = stir(number, row->dispatch_ms);
    number = stir(number, row->sign_ms);
    number = stir(number, row->reply_ms);
    number = stir(number, row->tell_ms);
    return stir(number, row->working_time);
}

uint64_t day_fingerprint(const struct day_row *row)
{
    uint64_t number = stir(7, row->day);
    number = stir(number, row->working);
    number = stir(number, row->provisional);
    return stir_text(number, row->name_zh);
}

uint64_t template_fingerprint(const struct template_row *row)
{
    uint64_t number = stir(8, row->template);
    number = stir_text(number, row->text_zh);
    return stir_text(number, row->text_en);
}

uint64_t district_fingerprint(const struct district_row *row)
{
    uint64_t number = stir(9, row->district);
    number = stir_text(number, row->name_zh);
    number = stir_text(number, row->name_en);
    number = stir_text(number, row->initials);
    return stir(number, row->retired);
}

uint64_t unit_fingerprint(const struct unit_row *row)
{
    uint64_t number = stir(10, row->unit);
    number = stir(number, row->department);
    number = stir_text(number, row->name_zh);
    number = stir_text(number, row->name_en);
    number = stir_text(number, row->kind);
    number = stir(number, row->district);
    return stir(number, row->retired);
}
