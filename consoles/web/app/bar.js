// SPDX-License-Identifier: GPL-3.0-or-later
// The top bar, the honest staleness bar below it, and the help sheet.
import { html, signal, use_dialog } from './ui.js';
import { age_ms, dispatcher_up, freshness, line_state } from './socket.js';
import { bound, take_next_key, use_keys } from './keys.js';
import { any_moved, cap, is_movable, move_key, own_key, reset_keys } from './own-keys.js';
import { has_role, me, status } from './store.js';
import { language, name_of, t } from './words.js';
import { now, span, time_of_day } from './clock.js';
import { unsent } from './outbox.js';
import { lock } from './lock.js';
import { sound_on } from './sound.js';

export const help_shown = signal(false);
/** What this person must read (due.js), and what opens it. */
export const to_read = signal({ count: 0, late: false });
export const reading_wanted = signal(0);
/** Tests to take, and what opens them. */
export const to_take = signal(0);
export const exams_wanted = signal(0);
const kept = localStorage.getItem('yihao.theme');
export const themes = /** @type {const} */ (['dark', 'light', 'contrast']);
export const theme = signal(themes.find((one) => one === kept) ?? 'dark');
const next_theme = () => themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'dark';

export function apply_theme() {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem('yihao.theme', theme.value);
}

export const pages = /** @type {const} */ (['taker', 'department', 'supervisor', 'ruling', 'auditor', 'administrator', 'figures']);
/** @param {typeof pages[number]} page */
function may_open(page) {
    if (page === 'department') return has_role('department') || has_role('department_head');
    if (page === 'ruling') return !has_role('supervisor') && (has_role('reviewer') || has_role('director') || has_role('adjudicator'));
    if (page === 'administrator') return has_role('operator') || has_role('security');
    if (page === 'figures') return (/** @type {const} */ (['supervisor', 'director', 'auditor', 'operator'])).some(has_role);
    return has_role(page);
}

/** Which page opens first for a user of several roles: nobody is signed on as a taker unasked. */
const first = /** @type {const} */ (['supervisor', 'ruling', 'auditor', 'administrator', 'department', 'taker']);
export function first_page() {
    return first.find(may_open);
}
/** The pages this user may open. */
export function own_pages() {
    return pages.filter(may_open);
}

/** @param {{ page: string, children?: any, onSignOut: () => void }} props */
export function Bar({ page, children, onSignOut }) {
    const state = freshness.value;
    const own = own_pages();
    return html`<header class="bar">
        <h1><span class="brand" lang="zh-CN">一号</span>
            <span class="city">${language.value === 'zh' ? status.rows.value.city_zh : status.rows.value.city_en}</span>
            <span class="page-name">${t(`page.${page}`)}</span></h1>
        ${own.length > 1 ? html`<nav aria-label=${t('bar.pages')}>${own.map((one) => html`<a key=${one}
            href=${`#${one}`} aria-current=${one === page ? 'page' : undefined}>${t(`page.${one}`)}</a>`)}</nav>` : ''}
        <div class="bar-middle">${children}</div>
        ${unsent.value ? html`<span class="unsent" role="status">⚠ ${t('bar.unsent', { n: unsent.value })}</span>` : ''}
        ${to_read.value.count ? html`<button type="button" id="to-read" class=${to_read.value.late ? 'plain unsent' : 'plain'} title="Ctrl+F8" onClick=${() => { reading_wanted.value++; }}>
            ${t(to_read.value.late ? 'bar.to_read_late' : 'bar.to_read', { n: to_read.value.count })}</button>` : ''}
        ${to_take.value ? html`<button type="button" id="to-take" class="plain" title="Ctrl+F7" onClick=${() => { exams_wanted.value++; }}>${t('bar.to_take', { n: to_take.value })}</button>` : ''}
        <span class=${`link ${state}`}><span aria-hidden="true">${state === 'fresh' ? '⇅' : '⚠'}</span>
            ${t(`link.${state}`)}</span>
        <span class="user">${me.value?.user} ${name_of(me.value ?? undefined)}</span>
        <time class="digits clock">${time_of_day(now.value)}</time>
        <button type="button" class="plain" aria-pressed=${String(sound_on.value)} title=${t('bar.sound')}
            onClick=${() => { sound_on.value = !sound_on.value; }}>${t(sound_on.value ? 'bar.sound_on' : 'bar.sound_off')}</button>
        <button type="button" class="plain" onClick=${() => { theme.value = next_theme(); apply_theme(); }}>
            ${t(`bar.${next_theme()}`)}</button>
        <button type="button" class="plain" lang=${language.value === 'zh' ? 'en' : 'zh-CN'}
            onClick=${() => { language.value = language.value === 'zh' ? 'en' : 'zh'; }}>
            ${language.value === 'zh' ? 'English' : '中文'}</button>
        <button type="button" class="plain" onClick=${() => { help_shown.value = true; }}>${t('bar.help')} <kbd>F1</kbd></button>
        <button type="button" class="plain" title="Ctrl+F10" onClick=${lock}>${t('lock.now')}</button>
        <button type="button" class="plain" onClick=${onSignOut}>${t('bar.sign_out')}</button>
    </header>`;
}

export function Staleness() {
    const state = freshness.value;
    if (state === 'fresh') return '';
    const words = line_state.value === 'elsewhere' ? t('stale.elsewhere')
        : !dispatcher_up.value ? t('stale.dispatcher', { age: span(age_ms.value), time: time_of_day(now.value - age_ms.value) })
        : t('stale.server', { age: span(age_ms.value), time: time_of_day(now.value - age_ms.value) });
    return html`<div class=${`stale ${state}`} role="alert"><strong>⚠ ${words}</strong></div>`;
}

/** Which usual key waits for its new place, '': none; and what came of the last one. */
const moving = signal('');
const said_of = signal('');
/** @param {string} key */
function move(key) {
    moving.value = key;
    said_of.value = t('help.press', { key: cap(own_key(key)) });
    take_next_key((to) => {
        moving.value = '';
        const other = to ? move_key(key, to) : '';
        said_of.value = !to ? t('help.stays') : other === null ? t('help.not_that', { key: cap(to) })
            : other ? t('help.swapped', { key: cap(to), other: cap(own_key(other)) }) : t('help.moved', { key: cap(to) });
    });
}
function reset() {
    reset_keys();
    said_of.value = t('help.reset_done');
}

/** @param {{ usual: string, words: string }} props */
function HelpRow({ usual, words }) {
    const key = own_key(usual);
    return html`<tr><th scope="row">${key.split('+').map((part, i) => html`${i ? ' + ' : ''}<kbd>${cap(part)}</kbd>`)}
            ${key === usual ? '' : html`<span class="quiet small">${t('help.usual', { key: cap(usual) })}</span>`}</th>
        <td>${t(words)}</td><td>${is_movable(usual) ? html`<button type="button" class="plain small" aria-pressed=${String(moving.value === usual)}
            aria-label=${t('help.change_of', { key: cap(key), what: t(words) })} onClick=${() => move(usual)}>${t('help.change')}</button>` : ''}</td></tr>`;
}

export function Help() {
    use_keys([{ key: 'F1', words: 'key.help', act: () => { help_shown.value = !help_shown.value; } }]);
    const dialog = use_dialog(help_shown.value);
    return html`<dialog ref=${dialog} class="help" aria-labelledby="help-title"
        onCancel=${(/** @type {Event} */ e) => { if (moving.value) e.preventDefault(); }} onClose=${() => { help_shown.value = false; said_of.value = ''; }}>
        <h2 id="help-title">${t('help.title')}</h2>
        <table><thead><tr><th scope="col">${t('help.key')}</th><th scope="col">${t('help.does')}</th><th scope="col"><span class="sr">${t('help.change')}</span></th></tr></thead>
        <tbody>${bound().map(({ key, words }) => html`<${HelpRow} key=${key + words} usual=${key} words=${words} />`)}</tbody></table>
        <p class="quiet">${t('help.ime')}</p>
        <p role="status" class="help-said">${said_of.value}</p>
        ${any_moved() ? html`<button type="button" class="act" onClick=${reset}>${t('help.reset')}</button>` : ''}
        <button type="button" class="act" onClick=${() => { help_shown.value = false; }}>${t('help.close')} <kbd>Esc</kbd></button>
    </dialog>`;
}
