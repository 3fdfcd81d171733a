// SPDX-License-Identifier: GPL-3.0-or-later
// What this person must read, kept current; the bar says how much.
import { LiveTable, ask_rows } from './store.js';
import { effect } from './ui.js';
import { now } from './clock.js';
import { to_read } from './bar.js';

/** @typedef {import('./schema.js').ReadingRow} ReadingRow */

/** @type {LiveTable<ReadingRow[]>} */
export const due = new LiveTable(() => ask_rows({ readings: {} }, 'readings', 'ReadingRow', 'list'),
    (kind) => kind.startsWith('reading_') || kind === 'article_moved', []);
/** @param {ReadingRow} row */
export const is_late = (row) => Number(row.due_ms) > 0 && Number(row.due_ms) < now.value;

effect(() => {
    to_read.value = { count: due.rows.value.length, late: due.rows.value.some(is_late) };
});
