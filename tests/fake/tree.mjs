// SPDX-License-Identifier: GPL-3.0-or-later
// The chain, the tree and the signature of docs/trail-format.md over a small city's events, by the suite that
// YIHAO_SUITE names.
import { generateKeyPairSync, sign as sign_by } from 'node:crypto';
import { blake2b } from '../../consoles/web/app/blake2b.js';
import { sm3 } from '../../consoles/web/app/sm.js';
import { sm2_pair, sm2_sign } from './sm2.mjs';

const is_sm = process.env.YIHAO_SUITE === 'sm3-sm2';
export const algorithm = is_sm ? 2 : 1;
const digest = is_sm ? sm3 : blake2b;
const sign = (said, secret) => (is_sm ? sm2_sign(said, secret) : sign_by(null, said, secret));
const hash = (...parts) => Buffer.from(digest(Buffer.concat(parts)), 'hex');
const be64 = (number) => { const out = Buffer.alloc(8); out.writeBigUInt64BE(BigInt(number)); return out; };
/** @returns a pair of keys, the public one in hex. */
export function key_pair() {
    if (is_sm) return sm2_pair();
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    return { key: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'), secret: privateKey };
}
const first = key_pair();

/** One key for ever. */
export const successions = { first_key: first.key, rows: [] };
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

const top_of = (events) => root(events.map((row) => row.link));
export function checkpoint(epoch, events, { key, secret } = first) {
    const top = top_of(events);
    const { seq, at_ms, link } = events.at(-1);
    const signature = sign(Buffer.concat([Buffer.from('yihao checkpoint 1'), be64(algorithm), be64(epoch), be64(seq), be64(at_ms), Buffer.from(link, 'hex'), top]), secret);
    return { algorithm, epoch, seq: String(seq), at_ms: String(at_ms), link, root: top.toString('hex'), key, signature: signature.toString('hex') };
}
/** The first key gives way to the next one behind these events. */
export function succession(number, events, next) {
    const top = top_of(events);
    const { seq, at_ms } = events.at(-1);
    const spare = '00'.repeat(32);
    const signature = sign(Buffer.concat([Buffer.from('yihao succession 1'), be64(algorithm), be64(number), be64(0), be64(at_ms), be64(seq), top,
        Buffer.from(next.key, 'hex'), Buffer.from(spare, 'hex')]), first.secret);
    return { algorithm, number, at_ms: String(at_ms), size: String(seq), root: top.toString('hex'), key: next.key, spare, signature: signature.toString('hex') };
}
function goes_on(links, size, whole) {
    if (size === links.length) return whole ? [] : [root(links)];
    const k = half(links.length);
    return size <= k ? [...goes_on(links.slice(0, k), size, whole), root(links.slice(k))] : [...goes_on(links.slice(k), size - k, false), root(links.slice(0, k))];
}
export function consistency(events, before, after) {
    const links = events.slice(0, after).map((row) => row.link);
    return { first: String(before), second: String(after), path: Buffer.concat(goes_on(links, before, true)).toString('hex') };
}
export function proof(events, size, seq) {
    const links = events.slice(0, size).map((row) => row.link);
    return { seq: String(seq), before: seq > 1 ? links[seq - 2] : first_link, path: Buffer.concat(path(links, seq - 1)).toString('hex') };
}
