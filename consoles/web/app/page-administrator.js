// SPDX-License-Identifier: GPL-3.0-or-later
// The page of who keeps the city's tables and of who rules on their changes: a table edited row by row,
// what differs, the check's sentences, a reason; amendments that wait; those of the past, to be undone.
import { computed, html, signal, useEffect } from './ui.js';
import { Act, plain } from './pick.js';
import { Bar } from './bar.js';
import { Erasures, erasures, rules } from './erasure.js';
import { Grid } from './grid.js';
import { List, next_zone } from './list.js';
import { user_name } from './marks.js';
import { amendments, add_row, busy, changes, differences, drop_edits, edits, file, follow, open_table, propose, reason, rule, sentences,
    show_amendment, shown, table, take_up, toggle_row, undo, withdraw, write_cell, write_reason } from './amendment.js';
import { has_role, me } from './store.js';
import { read_cells } from './cells.js';
import { columns } from './column-words.js';
import { day_and_time } from './clock.js';
import { on_event } from './socket.js';
import { language, said, t } from './words.js';
import { use_keys } from './keys.js';
import { words } from './schema.js';

/** @typedef {import('./schema.js').AmendmentRow} AmendmentRow */

/** The tables people change most stand first. */
/** What a column is called. @param {string} column as the file has it */
const column_name = (column) => columns[column]?.[language.value === 'zh' ? 0 : 1] ?? column;

const usual = ['users', 'departments', 'lines', 'categories', 'templates', 'days', 'trees', 'questions', 'answers', 'parameters', 'limits'];
const files = [...usual, ...words.city_file.filter((one) => one && one !== 'none' && !usual.includes(one))];
const ROWS_SHOWN = 200;

const sought = signal('');
const at_row = signal('');
const chosen = signal('');
const ruling = signal('');
const may_edit = () => has_role('operator');

/** @typedef {import('./grid.js').GridRow} GridRow */
/** New rows, then those of the table as they shall be. @type {{ readonly value: GridRow[] }} */
const rows = computed(() => {
    const one = table.value;
    if (!one) return [];
    const edited = edits.value[one.file] ?? {};
    /** @type {GridRow[]} */
    const all = Object.entries(edited).filter(([, edit]) => !edit.before).map(([key, edit]) => ({ key, cells: edit.after ?? {}, tone: 'added',
        changed: new Set(), fixed: false }));
    for (const row of one.rows) {
        const edit = edited[row.key];
        const after = edit?.after ?? row.cells;
        all.push({ key: row.key, cells: after, tone: edit?.after === null ? 'removed' : '', fixed: true,
            changed: new Set(edit?.after ? one.columns.filter((column) => (after[column] ?? '') !== (row.cells[column] ?? '')) : []) });
    }
    const wanted = plain(sought.value);
    return wanted ? all.filter((row) => row.tone || plain(Object.values(row.cells).join('\n')).includes(wanted)) : all;
});

function Tables() {
    const count = (/** @type {string} */ one) => Object.keys(edits.value[one] ?? {}).length;
    return html`<section class="zone tables" data-zone="tables" aria-labelledby="tables-title"><h2 id="tables-title">${t('admin.tables')}</h2>
        <${List} id="admin-tables" label=${t('admin.tables')} rows=${files} by=${(/** @type {string} */ one) => one} chosen=${file.value} autofocus
            onChoose=${(/** @type {string} */ one) => { sought.value = ''; at_row.value = ''; void open_table(one); }}
            onOpen=${() => document.getElementById('admin-grid')?.focus()} empty=""
            show=${(/** @type {string} */ one) => html`<div class="line-1">${said('city_file', one)} <span class="quiet">${one}</span>
                ${count(one) ? html`<span class="tag warn right">${count(one)}</span>` : ''}</div>`} /></section>`;
}

function Rows() {
    const one = table.value;
    const list = rows.value;
    const cut = list.length > ROWS_SHOWN;
    return html`<section class="zone rows" data-zone="rows" aria-labelledby="rows-title">
        <h2 id="rows-title">${said('city_file', file.value)} <span class="count">${list.length}</span>
            <span class="right acts"><label class="sr" for="admin-find">${t('admin.find')}</label>
            <input id="admin-find" class="find" type="search" autocomplete="off" placeholder=${`/ ${t('admin.find')}`} value=${sought.value}
                onInput=${(/** @type {any} */ e) => { sought.value = e.currentTarget.value; }} />
            ${may_edit() ? html`<${Act} keys="N" onClick=${fresh_row}>${t('admin.add')}<//>
                <${Act} keys="D" disabled=${!list.length} onClick=${out_row}>${t('admin.remove')}<//>` : ''}</span></h2>
        ${cut ? html`<p class="quiet">${t('admin.first', { n: ROWS_SHOWN, all: list.length })}</p>` : ''}
        ${one && one.file === file.value ? html`<${Grid} key=${one.file} id="admin-grid" label=${said('city_file', one.file)} columns=${one.columns} head=${column_name} keys=${one.keys}
            rows=${cut ? list.slice(0, ROWS_SHOWN) : list} editable=${may_edit()} at=${at_row.value} empty=${t('admin.no_rows')}
            onAt=${(/** @type {string} */ key) => { at_row.value = key; }} onWrite=${write_cell} />` : html`<p class="quiet none" aria-busy="true"></p>`}
    </section>`;
}

/** @param {{ of: string, name: string, before: string, after: string }} props one row's difference */
function Difference({ of, name, before, after }) {
    const how = !before ? 'added' : !after ? 'removed' : 'changed';
    return html`<li class=${`difference ${how}`}><div class="line-1"><span class=${`tag ${how === 'added' ? 'good' : how === 'removed' ? 'bad' : 'warn'}`}>${t(`admin.${how}`)}</span>
            ${said('city_file', of)} <b class="digits">${name}</b></div>
        <dl>${differences(before, after).map((one) => html`<div key=${one.column}><dt title=${one.column}>${column_name(one.column)}</dt>
            <dd>${one.before ? html`<del>${one.before}</del> ` : ''}${one.after ? html`<ins>${one.after}</ins>` : ''}</dd></div>`)}</dl></li>`;
}

function Sentences() {
    return sentences.value.length ? html`<div class="sentences" role="alert" tabindex="0"><p>${t('admin.check')}</p>
        <ul>${sentences.value.map((one) => html`<li key=${one}>${one}</li>`)}</ul></div>` : '';
}

/** What this person edits. */
function Edits() {
    const list = changes.value;
    return html`<h2 id="change-title">${t('admin.edits')} <span class="count">${list.length}</span></h2>
        ${may_edit() ? html`<div class="scroll" tabindex="0" role="region" aria-labelledby="change-title">
            ${list.length ? html`<ul>${list.map((one) => html`<${Difference} key=${one.file + one.key} of=${one.file} name=${one.before ? one.key : name_of_row(one)} before=${one.before} after=${one.after} />`)}</ul>`
                : html`<p class="quiet none">${t('admin.no_edits')}</p>`}</div>
        <${Sentences} />
        <div class="field"><label for="admin-reason">${t('admin.reason')}<span class="must" aria-hidden="true">*</span></label>
            <textarea id="admin-reason" rows="3" maxlength="300" value=${reason.value} onInput=${(/** @type {any} */ e) => write_reason(e.currentTarget.value)}></textarea></div>
        <p class="acts"><${Act} keys="Ctrl+Enter" tone="main" disabled=${busy.value || !list.length} onClick=${() => propose()}>${t('admin.propose')}<//>
            <button type="button" class="act" disabled=${!list.length} onClick=${drop_edits}>${t('admin.drop')}</button></p>`
        : html`<p class="quiet none">${t('admin.choose')}</p>`}`;
}

/** @param {{ row: AmendmentRow }} props */
function Persons({ row }) {
    return html`<dl class="facts"><div class="whole"><dt>${t('admin.reason')}</dt><dd>${row.words}</dd></div>
        <div class="half"><dt>${t('admin.author')}</dt><dd>${user_name(row.author)} <span class="quiet digits">${day_and_time(row.drafted_ms)}</span></dd></div>
        ${row.ruler ? html`<div class="half"><dt>${t('admin.ruler')}</dt><dd>${user_name(row.ruler)} <span class="quiet digits">${day_and_time(row.ended_ms)}</span> ${row.ruling}</dd></div>` : ''}
        ${row.undoes ? html`<div class="half"><dt>${t('admin.undoes')}</dt><dd class="digits">${row.undoes}</dd></div>` : ''}
        ${row.undone_by ? html`<div class="half"><dt>${t('admin.undone_by')}</dt><dd class="digits">${row.undone_by}</dd></div>` : ''}</dl>`;
}

const waits_for_me = () => has_role('security') && shown.value?.row.state === 'waiting' && shown.value.row.author !== me.value?.user;
const may_undo = () => may_edit() && shown.value?.row.state === 'applied' && !shown.value.row.undone_by;
const may_withdraw = () => (shown.value?.row.state === 'waiting' || shown.value?.row.state === 'draft') && shown.value.row.author === me.value?.user;

/** One amendment, whoever drafted it. */
function Amendment() {
    const one = shown.value;
    if (!one) return html`<${Edits} />`;
    return html`<h2 id="change-title">${t('admin.amendment', { n: one.row.amendment })} <span class="tag state">${said('amendment_state', one.row.state)}</span>
            ${one.row.grave ? html`<span class="tag warn">${t('admin.two')}</span>` : ''}
            <span class="right"><${Act} keys="Esc" onClick=${close}>${t('form.back')}<//></span></h2>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="change-title"><${Persons} row=${one.row} />
            <ul>${one.changes.map((change) => html`<${Difference} key=${change.row} of=${change.file} name=${name_of_row(change)} before=${change.before} after=${change.after} />`)}</ul></div>
        <${Sentences} />
        ${waits_for_me() ? html`<div class="field"><label for="admin-words">${t('admin.ruling')}</label>
            <textarea id="admin-words" rows="2" maxlength="300" value=${ruling.value} onInput=${(/** @type {any} */ e) => { ruling.value = e.currentTarget.value; }}></textarea></div>` : ''}
        <p class="acts">${waits_for_me() ? html`<${Act} keys="Y" tone="main" onClick=${() => give(true)}>${t('admin.approve')}<//>
                <${Act} keys="X" tone="danger" onClick=${() => give(false)}>${t('admin.reject')}<//>` : ''}
            ${may_undo() ? html`<${Act} keys="U" onClick=${undo}>${t('admin.undo')}<//>` : ''}
            ${may_withdraw() ? html`<${Act} keys="W" onClick=${withdraw}>${t('admin.withdraw')}<//>` : ''}</p>`;
}

/** A row by its first words. @param {{ before: string, after: string }} change */
function name_of_row(change) {
    return Object.values(read_cells(change.before || change.after)).slice(0, 2).join(' ');
}

function close() {
    shown.value = null;
    sentences.value = [];
    document.getElementById('admin-history')?.focus();
}

async function give(/** @type {boolean} */ agree) {
    if (!agree && !ruling.value.trim()) {
        document.getElementById('admin-words')?.focus();
        return;
    }
    if (await rule(agree, ruling.value.trim())) ruling.value = '';
}

function History() {
    const waiting = amendments.rows.value.filter((row) => row.state === 'waiting').length;
    return html`<section class="zone history" data-zone="history" aria-labelledby="history-title">
        <h2 id="history-title">${t('admin.history')} ${waiting ? html`<span class="tag warn">${t('admin.wait', { n: waiting })}</span>` : ''}</h2>
        <${List} id="admin-history" label=${t('admin.history')} rows=${amendments.rows.value} by=${(/** @type {AmendmentRow} */ row) => String(row.amendment)}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} empty=${t('admin.no_history')}
            onOpen=${(/** @type {AmendmentRow} */ row) => void show_amendment(row.amendment)}
            show=${(/** @type {AmendmentRow} */ row) => html`<div class="line-1"><b class="digits">${row.amendment}</b> ${row.words}</div>
                <div class="line-2"><span class=${`tag ${row.state === 'waiting' ? 'warn' : row.state === 'applied' ? 'good' : ''}`}>${said('amendment_state', row.state)}</span>
                    ${user_name(row.author)} <span class="right quiet digits">${day_and_time(row.ended_ms || row.drafted_ms)}</span></div>`} /></section>`;
}

function fresh_row() {
    at_row.value = add_row();
    document.getElementById('admin-grid')?.focus();
}
function out_row() {
    const row = rows.value.find((one) => one.key === at_row.value) ?? rows.value[0];
    if (row) toggle_row(row.key);
}

/** @param {{ onSignOut: () => Promise<void> }} props */
export function AdministratorPage({ onSignOut }) {
    useEffect(() => {
        take_up();
        void open_table(file.value);
        const stops = [amendments.start(), erasures.start(), rules.start(), on_event(({ event }) => { if (event.amendment_moved) follow(event.amendment_moved); })];
        return () => stops.forEach((stop) => stop());
    }, []);
    const in_rows = () => /** @type {HTMLElement | null} */ (document.querySelector('.administrator .rows'));
    use_keys([
        { key: 'Slash', words: 'admin.find', act: () => document.getElementById('admin-find')?.focus() },
        { key: 'KeyN', words: 'admin.add', within: in_rows, act: fresh_row, when: may_edit },
        { key: 'KeyD', words: 'admin.remove', within: in_rows, act: out_row, when: may_edit },
        { key: 'Ctrl+Enter', words: 'admin.propose', act: () => void propose(), when: () => may_edit() && !shown.value },
        { key: 'KeyY', words: 'admin.approve', act: () => void give(true), when: waits_for_me },
        { key: 'KeyX', words: 'admin.reject', act: () => void give(false), when: waits_for_me },
        { key: 'KeyU', words: 'admin.undo', act: () => void undo(), when: may_undo },
        { key: 'KeyW', words: 'admin.withdraw', act: () => void withdraw(), when: may_withdraw },
        { key: 'Escape', words: 'key.back', act: close, when: () => shown.value !== null },
        { key: 'F6', words: 'key.zone', act: () => next_zone(1) },
        { key: 'Shift+F6', words: 'key.zone_back', act: () => next_zone(-1) },
    ]);
    return html`<div class="page administrator"><${Bar} page="administrator" onSignOut=${onSignOut} />
        <main class="zones"><${Tables} /><${History} /><${Rows} />
            <section class="zone change" data-zone="change" aria-labelledby="change-title"><${Amendment} />${has_role('operator') && !shown.value ? html`<${Erasures} />` : ''}</section></main></div>`;
}
