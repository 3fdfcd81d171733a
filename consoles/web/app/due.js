// SPDX-License-Identifier: GPL-3.0-or-later
// What this person must read and which tests to take, kept current; the bar says how much.
import { LiveTable, ask_rows } from './store.js';
import { effect } from './ui.js';
import { now } from './clock.js';
import { to_read, to_take } from './bar.js';

/** @typedef {import('./schema.js').ReadingRow} ReadingRow */
/** @typedef {import('./schema.js').ExamStanding} ExamStanding */

/** @type {LiveTable<ReadingRow[]>} */
export const due = new LiveTable(() => ask_rows({ readings: {} }, 'readings', 'ReadingRow', 'list'),
    (kind) => kind.startsWith('reading_') || kind === 'article_moved', []);
/** @param {ReadingRow} row */
export const is_late = (row) => Number(row.due_ms) > 0 && Number(row.due_ms) < now.value;

effect(() => {
    to_read.value = { count: due.rows.value.length, late: due.rows.value.some(is_late) };
});

/** @type {LiveTable<ExamStanding[]>} */
export const exams = new LiveTable(() => ask_rows({ exams: {} }, 'exams', 'ExamStanding', 'exam'), (kind) => kind.startsWith('exam_'), []);
/** Attempts that are left; none once it is passed. @param {ExamStanding | undefined} one */
export const left_of = (one) => !one || Number(one.sitting.passed_ms) ? 0 : Math.max(0, one.exam.attempts - one.sitting.used);

effect(() => {
    to_take.value = exams.rows.value.filter((one) => Number(one.exam.from_ms) <= now.value && (Number(one.sitting.until_ms) > now.value || (left_of(one) > 0 && Number(one.exam.due_ms) > now.value))).length;
});
