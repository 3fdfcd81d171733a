// SPDX-License-Identifier: GPL-3.0-or-later
// A table of words that is walked and edited by keyboard alone (ARIA grid): arrows move, Enter or F2
// edits, Enter takes the words and goes down, Tab goes on, Escape leaves them as they were.
import { html, useEffect, useRef, useState } from './ui.js';
import { is_composing } from './keys.js';
import { t } from './words.js';

/**
 * @typedef {{ key: string, cells: Record<string, string>, tone: string, changed: Set<string>, fixed: boolean }} GridRow
 *     tone: '', 'added', 'removed'; fixed: its key is not edited
 */

/**
 * @param {{ id: string, label: string, columns: string[], head: (column: string) => string, keys: number, rows: GridRow[], editable: boolean, empty: string,
 *           at: string, onAt: (key: string) => void, onWrite: (key: string, column: string, words: string) => void }} props
 *     head: what a column is called; at: the key of the row in hand
 */
export function Grid({ id, label, columns, head, keys, rows, editable, empty, at, onAt, onWrite }) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const input = useRef(/** @type {HTMLInputElement | null} */ (null));
    const [column, setColumn] = useState(0);
    const [words, setWords] = useState(/** @type {string | null} */ (null));
    const row = Math.max(0, rows.findIndex((one) => one.key === at));
    const here = rows[row];
    const name = columns[column] ?? '';
    const editing = words !== null;

    useEffect(() => {
        document.getElementById(`${id}-${row}-${column}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }, [row, column, rows.length]);
    useEffect(() => { if (editing) input.current?.select(); }, [editing]);

    /** @param {number} to_row @param {number} to_column */
    const move = (to_row, to_column) => {
        const next = rows[Math.min(rows.length - 1, Math.max(0, to_row))];
        if (next && next.key !== at) onAt(next.key);
        setColumn(Math.min(columns.length - 1, Math.max(0, to_column)));
    };
    const may_edit = () => editable && here && here.tone !== 'removed' && !(here.fixed && column < keys);
    const edit = () => { if (here && may_edit()) setWords(here.cells[name] ?? ''); };
    /** @param {boolean} take @param {number} down @param {number} right */
    const leave = (take, down, right) => {
        if (take && here && words !== null && words !== (here.cells[name] ?? '')) onWrite(here.key, name, words);
        setWords(null);
        box.current?.focus();
        move(row + down, column + right);
    };
    const walked = (/** @type {KeyboardEvent} */ event) => {
        if (editing || is_composing(event) || event.altKey) return;
        const far = event.ctrlKey;
        const steps = /** @type {Record<string, [number, number]>} */ ({ ArrowDown: [row + 1, column], ArrowUp: [row - 1, column],
            ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1], PageDown: [row + 15, column], PageUp: [row - 15, column],
            Home: [far ? 0 : row, 0], End: [far ? rows.length - 1 : row, columns.length - 1] });
        const to = steps[event.key];
        if (to) move(...to);
        else if ((event.key === 'Enter' || event.key === 'F2') && !far) edit();
        else if (event.key === 'Delete' && here && may_edit()) onWrite(here.key, name, '');
        else return;
        event.preventDefault();
    };
    const typed = (/** @type {KeyboardEvent} */ event) => {
        if (is_composing(event)) return;
        if (event.key === 'Enter' && !event.ctrlKey) leave(true, 1, 0);
        else if (event.key === 'Tab') leave(true, 0, event.shiftKey ? -1 : 1);
        else if (event.key === 'Escape') leave(false, 0, 0);
        else return;
        event.preventDefault();
        event.stopPropagation();
    };
    return html`<div class="grid-box">
        <table id=${id} ref=${box} class="grid" role="grid" tabindex="0" aria-label=${label} aria-rowcount=${rows.length + 1}
            aria-readonly=${String(!editable)} aria-activedescendant=${here ? `${id}-${row}-${column}` : undefined} onKeyDown=${walked}>
            <thead><tr role="row">${columns.map((one) => html`<th key=${one} role="columnheader" scope="col" title=${one}>${head(one)}</th>`)}</tr></thead>
            <tbody>${rows.map((one, i) => html`<tr key=${one.key} role="row" class=${`${one.tone} ${one.key === here?.key ? 'on' : ''}`}>
                ${columns.map((col, j) => {
                    const active = i === row && j === column;
                    return html`<td key=${col} id=${`${id}-${i}-${j}`} role="gridcell" aria-selected=${String(active)}
                        class=${`${one.changed.has(col) ? 'changed' : ''} ${active ? 'at' : ''}`} title=${one.cells[col] ?? ''}
                        onClick=${() => { move(i, j); box.current?.focus(); }} onDblClick=${edit}>
                        ${active && editing ? html`<input ref=${input} type="text" autocomplete="off" spellcheck=${false} maxlength="600" aria-label=${`${one.key} ${head(col)}`}
                            value=${words} onInput=${(/** @type {any} */ e) => setWords(e.currentTarget.value)} onKeyDown=${typed}
                            onBlur=${() => { if (words !== null) leave_quietly(); }} />` : one.cells[col] ?? ''}</td>`;
                })}</tr>`)}</tbody></table>
        ${rows.length ? '' : html`<p class="quiet none">${empty}</p>`}
    </div>
    <p class="grid-cell quiet" aria-hidden="true">${here ? html`<b>${here.key}</b> ${head(name)} <code>${name}</code>: ${here.cells[name] || t('admin.blank')}` : ''}</p>`;

    /** The focus went elsewhere: the words are taken, and the focus is left where it went. */
    function leave_quietly() {
        if (here && words !== null && words !== (here.cells[name] ?? '')) onWrite(here.key, name, words);
        setWords(null);
    }
}
