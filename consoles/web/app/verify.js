// SPDX-License-Identifier: GPL-3.0-or-later
// Checks an incident's trail in the browser (docs/trail-format.md): each record's bytes give its chain
// value, each chain value leads to the root that the dispatcher signed. Says at which record it breaks.
import { be64, bytes, hash, is_signed, root_of, succeeds, suite_of } from './proof.js';
import { query } from './socket.js';

const PROOFS_EACH = 32;

/** The city's first key, from which the line of keys leads to the checkpoint's; '': it does not. null: it did not come.
 * @param {any} checkpoint @returns {Promise<string | null>} */
async function first_key_of(checkpoint) {
    const line = { number: 0, key: '', spare: '' };
    let first = '';
    for (;;) {
        const answer = (await query({ successions: { after: String(line.number) } }))?.successions;
        if (!answer) return null;
        if (!first) first = line.key = answer.first_key;
        const rows = answer.rows ?? [];
        if (line.key === checkpoint.key || rows.length === 0) return line.key === checkpoint.key ? first : '';
        for (const row of rows) {
            const late = BigInt(row.size ?? 0) > BigInt(checkpoint.seq) || BigInt(row.at_ms ?? 0) > BigInt(checkpoint.at_ms);
            if (Number(row.number) !== line.number + 1 || row.algorithm !== checkpoint.algorithm || late || !await succeeds(row, line)) return '';
            Object.assign(line, { number: line.number + 1, key: row.key, spare: row.spare });
            if (line.key === checkpoint.key) return first;
        }
    }
}

/** @typedef {{ seq: number, at_ms: number, link: string, record: string }} Row */

/** @param {string} incident @returns {Promise<Row[] | null>} */
async function fetch_records(incident) {
    /** @type {Row[]} */
    const rows = [];
    for (let more = true; more;) {
        const reply = await fetch(`/api/v1/trail/${incident}?records=1&after=${rows[rows.length - 1]?.seq ?? 0}`).catch(() => null);
        if (!reply?.ok) return null;
        const part = await reply.json();
        rows.push(...part.rows);
        more = part.more && part.rows.length > 0;
    }
    return rows;
}

/**
 * @typedef {object} Finding
 * @property {'good' | 'bad' | 'unread' | 'insecure'} state
 * @property {number} checked records that hold
 * @property {number} later records newer than the checkpoint
 * @property {number} broken the first record that does not hold, 0: the signature itself
 * @property {string} key with which the line of keys begins, to compare with the copy kept outside
 */

/** @param {string} incident @returns {Promise<Finding>} */
export async function verify_trail(incident) {
    const none = { checked: 0, later: 0, broken: 0, key: '' };
    if (!crypto.subtle) return { state: 'insecure', ...none }; // a browser reckons signatures over HTTPS only
    const rows = await fetch_records(incident);
    const checkpoint = (await query({ checkpoint: {} }))?.checkpoint;
    if (!rows || !checkpoint) return { state: 'unread', ...none };
    const key = await first_key_of(checkpoint);
    if (key === null) return { state: 'unread', ...none };
    const found = { ...none, key };
    const suite = await suite_of(checkpoint.algorithm);
    if (!key || !suite || !await is_signed(checkpoint)) return { state: 'bad', ...found };
    const size = Number(checkpoint.seq);
    const covered = rows.filter((row) => row.seq <= size);
    found.later = rows.length - covered.length;
    for (let i = 0; i < covered.length; i += PROOFS_EACH) {
        const some = covered.slice(i, i + PROOFS_EACH);
        const proofs = (await query({ proof: { size: checkpoint.seq, seqs: some.map((row) => String(row.seq)) } }))?.proofs?.rows;
        if (!proofs) return { state: 'unread', ...found };
        for (const row of some) {
            const proof = proofs.find((/** @type {any} */ one) => Number(one.seq) === row.seq);
            const holds = proof && hash(suite, bytes(proof.before), be64(row.seq), be64(row.at_ms), bytes(row.record)) === row.link
                && root_of(suite, row.seq - 1, size, row.link, proof.path ?? '') === checkpoint.root;
            if (!holds) return { state: 'bad', ...found, broken: row.seq };
            found.checked++;
        }
    }
    return { state: 'good', ...found };
}
