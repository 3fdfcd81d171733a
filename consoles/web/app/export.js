// SPDX-License-Identifier: GPL-3.0-or-later
// A list as a file: the server writes the table, the trail keeps its digest and who took it, and only then
// it comes here to be saved. Its name ends with the event's number: yihao export check FILE.
import { notify } from './notice.js';
import { prove } from './prove.js';
import { save_file } from './file.js';
import { language, t } from './words.js';

/** @param {object} what of docs/console-api.md: a query or a paper */
async function ask(what) {
    const reply = await fetch('/api/v1/export', { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...what, language: language.peek() }) }).catch(() => null);
    return reply ? await reply.json().catch(() => ({ refusal: 'busy' })) : { refusal: 'no_server' };
}

/** @param {string} name of the file, without its number @param {object} what */
async function take(name, what) {
    let answer = await ask(what);
    if (answer.refusal === 'proof_wanted' && await prove()) answer = await ask(what);
    if (answer.refusal) return notify('bad', t(`refusal.${answer.refusal}`));
    if (answer.pdf) save_file(`${name}-${answer.event_seq}.pdf`, Uint8Array.from(atob(answer.pdf), (one) => one.charCodeAt(0)), 'application/pdf');
    else save_file(`${name}-${answer.event_seq}.csv`, answer.csv, 'text/csv');
    return notify(answer.more ? 'bad' : 'good', t(answer.more ? 'export.cut' : 'export.done', { n: answer.rows, seq: answer.event_seq }));
}

/** @param {string} name of the file @param {object} query of proto/query.proto: incidents, incident, contacts, kpi or reading_progress */
export function take_table(name, query) {
    return take(name, { query });
}

/** @typedef {{ query: object } | { cases: string[] }} Listed what a list was asked for, or the cases that stand in it */

/** A list that was found. @param {string} name of the file @param {Listed} found */
export function take_list(name, found) {
    return take(name, found);
}

/** The same list on paper. @param {string} name @param {Listed} found @param {string} reason */
export function print_list(name, found, reason) {
    return take(name, { ...found, form: 'pdf', reason });
}

/** One case on paper. @param {string} name @param {{ incident: string, reason: string, open?: boolean, purpose?: string }} paper */
export function print_case(name, paper) {
    return take(name, { paper });
}
