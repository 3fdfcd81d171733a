// SPDX-License-Identifier: GPL-3.0-or-later
// Whether what the dispatcher shows goes on from what was believed before: signed by the city's line of keys, and
// with a consistency proof (docs/trail-format.md). Remembers nothing by itself: history.js does.
import { goes_on, is_signed, succeeds, suite_of } from './proof.js';

/**
 * @typedef {{ number: number, key: string, spare: string, since_size: number, since_ms: number }} Line the key that signs now
 * @typedef {{ seq: number, root: string, link: string, at_ms: number, algorithm?: number }} Seen one of an older page is of algorithm 1
 * @typedef {{ first_key: string, line: Line, last: Seen, doubt: null | { reason: string, seq: number, shown: Seen } }} Memory
 * @typedef {(question: any) => Promise<any>} Ask
 */

/** @param {Memory} memory @param {string} reason @param {Seen} shown @returns {Memory} */
const doubting = (memory, reason, shown) => ({ ...memory, doubt: { reason, seq: memory.last.seq, shown } });

/** Goes on along the city's keys until the checkpoint's; null: not answered, '': they do not lead there.
 * @param {Memory} memory @param {any} checkpoint @param {Ask} ask @returns {Promise<Line | null | ''>} */
async function follow(memory, checkpoint, ask) {
    let line = memory.line;
    let seen = { size: Math.max(line.since_size, memory.last.seq), at_ms: Math.max(line.since_ms, memory.last.at_ms) };
    while (line.key !== checkpoint.key) {
        const answer = (await ask({ successions: { after: String(line.number) } }))?.successions;
        if (!answer) return null;
        if (!answer.rows?.length) return '';
        for (const row of answer.rows) {
            const size = Number(row.size ?? 0);
            const at_ms = Number(row.at_ms ?? 0);
            if (Number(row.number) !== line.number + 1 || row.algorithm !== checkpoint.algorithm || size < seen.size || at_ms < seen.at_ms || (row.by_spare && line.number === 0)
                || !await succeeds(row, line)) return '';
            line = { number: line.number + 1, key: row.key, spare: row.spare, since_size: size, since_ms: at_ms };
            seen = { size, at_ms };
            if (line.key === checkpoint.key) return line;
        }
    }
    return line;
}

/** The first look: the city's first key, which a person can compare, and the line behind it.
 * @param {Ask} ask @returns {Promise<Memory | null>} */
async function begin(ask) {
    const key = (await ask({ successions: { after: '0' } }))?.successions?.first_key;
    return key ? { first_key: key, line: { number: 0, key, spare: '', since_size: 0, since_ms: 0 },
        last: { seq: 0, root: '', link: '', at_ms: 0 }, doubt: null } : null;
}

/** One look: what is remembered afterwards; null: the dispatcher did not answer.
 * @param {Memory | null} known @param {Ask} ask @returns {Promise<Memory | null>} */
export async function look(known, ask) {
    if (known?.doubt) return known;
    const checkpoint = (await ask({ checkpoint: {} }))?.checkpoint;
    const memory = known ?? await begin(ask);
    if (!checkpoint || !memory) return null;
    /** @type {Seen} */
    const shown = { seq: Number(checkpoint.seq), root: checkpoint.root, link: checkpoint.link, at_ms: Number(checkpoint.at_ms), algorithm: checkpoint.algorithm };
    const { last } = memory;
    const line = await follow(memory, checkpoint, ask);
    if (line === null) return null;
    if (line === '' || shown.seq < line.since_size || shown.at_ms < line.since_ms || !await is_signed(checkpoint)
        || (last.seq > 0 && (last.algorithm ?? 1) !== shown.algorithm)) return doubting(memory, 'forged', shown);
    const suite = await suite_of(shown.algorithm);
    const next = { ...memory, line, last: shown };
    if (last.seq === 0) return next;
    if (shown.seq < last.seq) return doubting(memory, 'shrunk', shown);
    if (shown.seq === last.seq) return shown.root === last.root && shown.link === last.link ? next : doubting(memory, 'rewritten', shown);
    const proof = (await ask({ consistency: { first: String(last.seq), second: String(shown.seq) } }))?.consistency;
    if (!proof) return null;
    return suite && goes_on(suite, last.seq, last.root, shown.seq, shown.root, proof.path ?? '') ? next : doubting(memory, 'rewritten', shown);
}
