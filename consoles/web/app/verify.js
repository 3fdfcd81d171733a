// SPDX-License-Identifier: GPL-3.0-or-later
// Checks an incident's trail in the browser (docs/trail-format.md): each record's bytes give its chain
// value, each chain value leads to the root that the dispatcher signed. Says at which record it breaks.
import { blake2b } from './blake2b.js';
import { query } from './socket.js';

const PROOFS_EACH = 32;

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
/** @param {number | string | bigint} number eight bytes, the most significant first */
function be64(number) {
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigUint64(0, BigInt(number));
    return out;
}
/** @param {...Uint8Array} parts */
function joined(...parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => { out.set(part, at); return at + part.length; }, 0);
    return out;
}
const hash = (/** @type {Uint8Array[]} */ ...parts) => blake2b(joined(...parts));

/** The root to which a leaf's path leads (RFC 9162 §2.1.3.2), '': the path does not fit.
 * @param {number} leaf from 0 @param {number} size @param {string} link @param {string} path */
export function root_of(leaf, size, link, path) {
    let node = hash(Uint8Array.of(0), bytes(link));
    let at = leaf;
    let last = size - 1;
    for (const beside of path.match(/.{64}/g) ?? []) {
        if (last === 0) return '';
        if (at % 2 === 1 || at === last) {
            node = hash(Uint8Array.of(1), bytes(beside), bytes(node));
            while (at % 2 === 0 && at !== 0) { at = Math.floor(at / 2); last = Math.floor(last / 2); }
        } else {
            node = hash(Uint8Array.of(1), bytes(node), bytes(beside));
        }
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 ? node : '';
}

/** @param {string} key @param {string} signature @param {Uint8Array<ArrayBuffer>} said */
async function signs(key, signature, said) {
    const signer = await crypto.subtle.importKey('raw', bytes(key), { name: 'Ed25519' }, false, ['verify']);
    return crypto.subtle.verify({ name: 'Ed25519' }, signer, bytes(signature), said);
}

/** @param {any} checkpoint */
async function is_signed({ algorithm, epoch, seq, at_ms, link, root, key, signature }) {
    const said = joined(new TextEncoder().encode('yihao checkpoint 1'), be64(algorithm), be64(epoch), be64(seq), be64(at_ms), bytes(link), bytes(root));
    return algorithm === 1 && signs(key, signature, said);
}

/** @param {any} row a succession @param {{ key: string, spare: string }} line */
function succeeds({ algorithm, number, by_spare, at_ms, size, root, key, spare, signature }, line) {
    const said = joined(new TextEncoder().encode('yihao succession 1'), be64(algorithm), be64(number), be64(by_spare ? 1 : 0), be64(at_ms),
        be64(size), bytes(root), bytes(key), bytes(spare));
    return algorithm === 1 && signs(by_spare ? line.spare : line.key, signature, said);
}

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
            if (Number(row.number) !== line.number + 1 || late || !await succeeds(row, line)) return '';
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
    if (!key || !await is_signed(checkpoint)) return { state: 'bad', ...found };
    const size = Number(checkpoint.seq);
    const covered = rows.filter((row) => row.seq <= size);
    found.later = rows.length - covered.length;
    for (let i = 0; i < covered.length; i += PROOFS_EACH) {
        const some = covered.slice(i, i + PROOFS_EACH);
        const proofs = (await query({ proof: { size: checkpoint.seq, seqs: some.map((row) => String(row.seq)) } }))?.proofs?.rows;
        if (!proofs) return { state: 'unread', ...found };
        for (const row of some) {
            const proof = proofs.find((/** @type {any} */ one) => Number(one.seq) === row.seq);
            const holds = proof && hash(bytes(proof.before), be64(row.seq), be64(row.at_ms), bytes(row.record)) === row.link
                && root_of(row.seq - 1, size, row.link, proof.path ?? '') === checkpoint.root;
            if (!holds) return { state: 'bad', ...found, broken: row.seq };
            found.checked++;
        }
    }
    return { state: 'good', ...found };
}
