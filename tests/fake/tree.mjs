// SPDX-License-Identifier: GPL-3.0-or-later
// The chain, the tree and the signature of docs/trail-format.md over a small city's events.
import { generateKeyPairSync, sign } from 'node:crypto';
import { blake2b } from '../../consoles/web/app/blake2b.js';

const hash = (...parts) => Buffer.from(blake2b(Buffer.concat(parts)), 'hex');
const be64 = (number) => { const out = Buffer.alloc(8); out.writeBigUInt64BE(BigInt(number)); return out; };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);

/** One key for ever. */
export const successions = { first_key: key.toString('hex'), rows: [] };
export const first_link = hash(Buffer.from('yihao trail 1')).toString('hex');
export const next_link = (before, seq, at_ms, record) => hash(Buffer.from(before, 'hex'), be64(seq), be64(at_ms), record).toString('hex');

const leaf = (link) => hash(Buffer.of(0), Buffer.from(link, 'hex'));
const half = (count) => 2 ** Math.ceil(Math.log2(count) - 1);
function root(links) {
    if (links.length === 1) return leaf(links[0]);
    const k = half(links.length);
    return hash(Buffer.of(1), root(links.slice(0, k)), root(links.slice(k)));
}
function path(links, at) {
    if (links.length === 1) return [];
    const k = half(links.length);
    return at < k ? [...path(links.slice(0, k), at), root(links.slice(k))] : [...path(links.slice(k), at - k), root(links.slice(0, k))];
}

export function checkpoint(epoch, events) {
    const links = events.map((row) => row.link);
    const { seq, at_ms, link } = events.at(-1);
    const top = root(links);
    const signature = sign(null, Buffer.concat([Buffer.from('yihao checkpoint 1'), be64(1), be64(epoch), be64(seq), be64(at_ms), Buffer.from(link, 'hex'), top]), privateKey);
    return { algorithm: 1, epoch, seq: String(seq), at_ms: String(at_ms), link, root: top.toString('hex'), key: key.toString('hex'), signature: signature.toString('hex') };
}
export function proof(events, size, seq) {
    const links = events.slice(0, size).map((row) => row.link);
    return { seq: String(seq), before: seq > 1 ? links[seq - 2] : first_link, path: Buffer.concat(path(links, seq - 1)).toString('hex') };
}
