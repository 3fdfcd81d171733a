// SPDX-License-Identifier: GPL-3.0-or-later
// What an administrator changes in the city's tables: rows edited at this seat, proposed as one
// amendment; amendments that wait for the second person; those of the past. Edits are kept at the seat.
import { computed, signal } from './ui.js';
import { LiveTable, ask_rows, me } from './store.js';
import { complete } from './row.js';
import { query } from './socket.js';
import { read_cells, write_cells } from './cells.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { t } from './words.js';

/**
 * @typedef {import('./cells.js').Cells} Cells
 * @typedef {{ file: string, columns: string[], keys: number, rows: { key: string, record: string, cells: Cells }[] }} Table
 * @typedef {{ before: string, after: Cells | null }} Edit before '': a new row; after null: taken out
 * @typedef {{ file: string, key: string, before: string, after: string }} Change both sides of a row
 * @typedef {import('./schema.js').AmendmentRow} AmendmentRow
 */

const TABLE_PAGES = 500;
const REASON_BYTES = 300;

export const file = signal('users');
/** @type {import('../vendor/signals.js').Signal<Table | null>} */
export const table = signal(/** @type {any} */ (null));
/** By file and key. @type {import('../vendor/signals.js').Signal<Record<string, Record<string, Edit>>>} */
export const edits = signal(/** @type {any} */ ({}));
export const reason = signal('');
/** The amendment that the edits take back, 0: none. */
const undoes = signal(0);
/** What the check said of the last proposal. @type {import('../vendor/signals.js').Signal<string[]>} */
export const sentences = signal(/** @type {any[]} */ ([]));
export const busy = signal(false);
/** Proposed here: its end is told. */
let mine = 0;
/** Columns of the tables that were seen, and how many of them are the key. @type {Record<string, { columns: string[], keys: number }>} */
const heads = {};

export const amendments = new LiveTable(() => ask_rows({ amendments: {} }, 'amendments', 'AmendmentRow', 'amendment', 8),
    (kind) => kind === 'amendment_drafted' || kind === 'amendment_moved', /** @type {AmendmentRow[]} */ ([]));

/* ---- tables ------------------------------------------------------------------------------------ */

/** @param {string[]} columns @param {number} keys @param {Cells} cells */
function key_of(columns, keys, cells) {
    return columns.slice(0, keys).map((column) => cells[column] ?? '').join('/');
}

/** The whole table as it lies on the dispatcher's disk; null: not answered. @param {string} name @returns {Promise<Table | null>} */
async function read_table(name) {
    /** @type {Table} */
    const read = { file: name, columns: [], keys: 0, rows: [] };
    let after = '0';
    for (let page = 0; page < TABLE_PAGES; page++) {
        const answer = await query({ table_page: { file: name, after } });
        if (!answer || answer.refusal) return null;
        const part = complete('TablePage', answer.table_page);
        read.columns = part.columns;
        read.keys = part.keys;
        for (const { cells: record } of part.rows) {
            const cells = read_cells(record);
            read.rows.push({ key: key_of(part.columns, part.keys, cells), record, cells });
        }
        if (!answer.more) break;
        after = answer.next;
    }
    heads[name] = { columns: read.columns, keys: read.keys };
    return read;
}

export async function open_table(/** @type {string} */ name) {
    file.value = name;
    const read = await read_table(name);
    if (file.value !== name) return;
    if (!read) notify('bad', t('refusal.busy'));
    table.value = read;
}

/* ---- edits ------------------------------------------------------------------------------------- */

const place = () => `yihao.amendment.${me.peek()?.user}`;

function keep() {
    localStorage.setItem(place(), JSON.stringify({ edits: edits.value, reason: reason.value, undoes: undoes.value }));
}

/** Takes up what an earlier page of this person left. */
export function take_up() {
    const left = JSON.parse(localStorage.getItem(place()) ?? '{}');
    edits.value = left.edits ?? {};
    reason.value = left.reason ?? '';
    undoes.value = left.undoes ?? 0;
}

export function write_reason(/** @type {string} */ words) {
    reason.value = words;
    keep();
}

/** @param {string} of @param {string} key @param {Edit | null} edit null: as it was */
function put_edit(of, key, edit) {
    const { [key]: _, ...others } = edits.value[of] ?? {};
    edits.value = { ...edits.value, [of]: edit ? { ...others, [key]: edit } : others };
    keep();
}

/** @param {string} key @returns {Cells | null} as the row shall be */
export function cells_of(key) {
    const edit = edits.value[file.value]?.[key];
    return edit ? edit.after : table.value?.rows.find((row) => row.key === key)?.cells ?? {};
}

/** @param {string} key @param {string} column @param {string} words */
export function write_cell(key, column, words) {
    const row = table.value?.rows.find((one) => one.key === key);
    const after = { ...(cells_of(key) ?? row?.cells ?? {}), [column]: words.trim() };
    const same = row && table.value?.columns.every((one) => (after[one] ?? '') === (row.cells[one] ?? ''));
    put_edit(file.value, key, same ? null : { before: row?.record ?? '', after });
}

/** Takes a row out; a second time puts it back. @param {string} key */
export function toggle_row(key) {
    const edit = edits.value[file.value]?.[key];
    const row = table.value?.rows.find((one) => one.key === key);
    put_edit(file.value, key, edit?.after === null || !row ? null : { before: row.record, after: null });
}

/** A new row. @returns {string} its place among the edits */
export function add_row() {
    let number = 1;
    while (edits.value[file.value]?.[`+${number}`]) number++;
    put_edit(file.value, `+${number}`, { before: '', after: {} });
    return `+${number}`;
}

export function drop_edits() {
    edits.value = {};
    undoes.value = 0;
    sentences.value = [];
    write_reason('');
}

/** Everything edited, table by table. */
export const changes = computed(() => Object.entries(edits.value).flatMap(([of, rows]) => Object.entries(rows).map(([key, edit]) => (
    { file: of, key, before: edit.before, after: edit.after ? write_cells(heads[of]?.columns ?? Object.keys(edit.after), edit.after) : '' }))));

/** The cells that differ between two sides. @param {string} before @param {string} after */
export function differences(before, after) {
    const old = read_cells(before);
    const fresh = read_cells(after);
    return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((column) => old[column] !== fresh[column])
        .map((column) => ({ column, before: old[column] ?? '', after: fresh[column] ?? '' }));
}

/* ---- proposing --------------------------------------------------------------------------------- */

/** @param {number} amendment @param {Change[]} rows */
async function write_rows(amendment, rows) {
    for (const [i, change] of rows.entries())
        for (const after of [false, true]) {
            const cells = after ? change.after : change.before;
            if (!cells) continue;
            const outcome = await send({ amendment_write: { amendment, row: i + 1, file: change.file, after, cells } });
            if (!told(outcome)) return false;
        }
    return true;
}

/** The check that a load would make. @param {number} amendment */
async function is_sound(amendment) {
    const answer = await query({ amendment_check: { amendment } });
    const check = complete('AmendmentCheck', answer?.amendment_check);
    sentences.value = check.sentences;
    if (!answer || answer.refusal) notify('bad', t('refusal.busy'));
    return Boolean(answer && !answer.refusal && check.sound);
}

/** Drafts, writes, checks and submits; what does not hold together is withdrawn and stays at the seat. */
export async function propose() {
    const words = reason.value.trim();
    const rows = changes.value.filter((change) => change.before || change.after);
    if (busy.value || !rows.length) return;
    if (!words || new TextEncoder().encode(words).length > REASON_BYTES) {
        document.getElementById('admin-reason')?.focus();
        notify('bad', t('admin.reason_wanted'));
        return;
    }
    busy.value = true;
    sentences.value = [];
    const drafted = await send({ amendment_draft: { words, undoes: undoes.value } });
    const amendment = Number(/** @type {any} */ (drafted).amendment ?? 0);
    mine = amendment;
    let done = told(drafted) && await write_rows(amendment, rows) && await is_sound(amendment);
    done = done && told(await send({ amendment_submit: { amendment } }));
    if (!done && amendment) await send({ amendment_withdraw: { amendment } });
    busy.value = false;
    if (done) drop_edits();
}

/* ---- amendments -------------------------------------------------------------------------------- */

/** The amendment that is looked at, with all its rows. @type {import('../vendor/signals.js').Signal<{ row: AmendmentRow, changes: any[] } | null>} */
export const shown = signal(/** @type {any} */ (null));

/** @param {number} amendment */
export async function show_amendment(amendment) {
    /** @type {any[]} */
    const rows = [];
    let row = null;
    for (let after = '0', more = true; more;) {
        const answer = await query({ amendment: { amendment, after } });
        if (!answer || answer.refusal) return;
        const detail = complete('AmendmentDetail', answer.amendment_detail);
        row = detail.row;
        rows.push(...detail.changes.filter((/** @type {any} */ one) => one.before || one.after));
        more = answer.more === true;
        after = answer.next ?? '0';
    }
    shown.value = { row, changes: rows };
}

/** An amendment moved on, by whomever. @param {{ amendment: number, to: string }} moved */
export function follow({ amendment, to }) {
    if (amendment === mine && to !== 'withdrawn') notify('good', t(`admin.${to}`, { n: amendment }));
    if (amendment === shown.value?.row.amendment) void show_amendment(amendment);
    if (to === 'applied') void open_table(file.value);
}

/** @param {boolean} agree @param {string} words */
export async function rule(agree, words) {
    const amendment = shown.value?.row.amendment ?? 0;
    sentences.value = [];
    const outcome = await send({ amendment_rule: { amendment, agree, words } });
    if (outcome.refusal === 'amendment_unsound') await is_sound(amendment);
    if (!told(outcome)) return false;
    notify('good', t(agree ? 'admin.applied' : 'admin.rejected', { n: amendment }));
    return true;
}

export async function withdraw() {
    const amendment = shown.value?.row.amendment ?? 0;
    told(await send({ amendment_withdraw: { amendment } }));
}

/** Makes edits of every row as it was before: they are looked at, given a reason and proposed like any others. */
export async function undo() {
    const one = shown.value;
    if (!one || changes.value.length) {
        notify('bad', t('admin.edits_first'));
        return;
    }
    for (const change of one.changes) {
        const { columns, keys } = heads[change.file] ?? await read_table(change.file) ?? { columns: [], keys: 0 };
        put_edit(change.file, change.after ? key_of(columns, keys, read_cells(change.after)) : `+${change.row}`,
            { before: change.after, after: change.before ? read_cells(change.before) : null });
    }
    undoes.value = one.row.amendment;
    write_reason(t('admin.undo_reason', { n: one.row.amendment }));
    shown.value = null;
    await open_table(one.changes[0]?.file ?? file.value);
    requestAnimationFrame(() => document.getElementById('admin-reason')?.focus());
}
