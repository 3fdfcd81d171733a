// SPDX-License-Identifier: GPL-3.0-or-later
// A list as a file: the server writes the table, the trail keeps its digest and who took it, and only then
// it comes here to be saved. Its name ends with the event's number: yihao export check FILE.
import { notify } from './notice.js';
import { prove } from './prove.js';
import { save_file } from './file.js';
import { language, t } from './words.js';

/** @param {object} query of proto/query.proto: incidents, incident, contacts or kpi */
async function ask(query) {
    const reply = await fetch('/api/v1/export', { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query, language: language.peek() }) }).catch(() => null);
    return reply ? await reply.json().catch(() => ({ refusal: 'busy' })) : { refusal: 'no_server' };
}

/** @param {string} name of the file, without its number @param {object} query */
export async function take_table(name, query) {
    let answer = await ask(query);
    if (answer.refusal === 'proof_wanted' && await prove()) answer = await ask(query);
    if (answer.refusal) return notify('bad', t(`refusal.${answer.refusal}`));
    save_file(`${name}-${answer.event_seq}.csv`, answer.csv, 'text/csv');
    return notify(answer.more ? 'bad' : 'good', t(answer.more ? 'export.cut' : 'export.done', { n: answer.rows, seq: answer.event_seq }));
}
