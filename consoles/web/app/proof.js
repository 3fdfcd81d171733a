// SPDX-License-Identifier: GPL-3.0-or-later
// What docs/trail-format.md says of trees, signatures and the line of keys, reckoned in the browser.
import { blake2b } from './blake2b.js';

/** @param {string} hex */
export const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
/** @param {number | string | bigint} number eight bytes, the most significant first */
export function be64(number) {
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

/**
 * By what a trail is hashed and signed: the city chose it when its trail began.
 * @typedef {object} Suite
 * @property {number} id the statements' algorithm
 * @property {(bytes: Uint8Array) => string} digest 64 hex digits
 * @property {(key: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, said: Uint8Array<ArrayBuffer>) => boolean | Promise<boolean>} holds
 */
/** @type {Suite} */
const first_suite = { id: 1, digest: blake2b, holds: async (key, signature, said) => {
    const signer = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return crypto.subtle.verify({ name: 'Ed25519' }, signer, signature, said);
} };
/** SM3 and SM2 are fetched where a city has them. @type {Suite | null} */
let second_suite = null;

/** @param {unknown} algorithm @returns {Promise<Suite | null>} null: one that these pages do not know */
export async function suite_of(algorithm) {
    if (algorithm === first_suite.id) return first_suite;
    if (algorithm !== 2) return null;
    if (!second_suite) {
        const { sm3, sm2_holds } = await import('./sm.js');
        second_suite = { id: 2, digest: sm3, holds: sm2_holds };
    }
    return second_suite;
}
export const hash = (/** @type {Suite} */ suite, /** @type {Uint8Array[]} */ ...parts) => suite.digest(joined(...parts));

/** The root to which a leaf's path leads (RFC 9162 §2.1.3.2), '': the path does not fit.
 * @param {Suite} suite @param {number} leaf from 0 @param {number} size @param {string} link @param {string} path */
export function root_of(suite, leaf, size, link, path) {
    let node = hash(suite, Uint8Array.of(0), bytes(link));
    let at = leaf;
    let last = size - 1;
    for (const beside of path.match(/.{64}/g) ?? []) {
        if (last === 0) return '';
        if (at % 2 === 1 || at === last) {
            node = hash(suite, Uint8Array.of(1), bytes(beside), bytes(node));
            while (at % 2 === 0 && at !== 0) { at = Math.floor(at / 2); last = Math.floor(last / 2); }
        } else {
            node = hash(suite, Uint8Array.of(1), bytes(node), bytes(beside));
        }
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 ? node : '';
}

/** @param {unknown} algorithm @param {string} key @param {string} signature @param {Uint8Array<ArrayBuffer>} said */
async function signs(algorithm, key, signature, said) {
    const suite = await suite_of(algorithm);
    return suite !== null && suite.holds(bytes(key), bytes(signature), said);
}

/** @param {any} checkpoint */
export async function is_signed({ algorithm, epoch, seq, at_ms, link, root, key, signature }) {
    const said = joined(new TextEncoder().encode('yihao checkpoint 1'), be64(algorithm), be64(epoch), be64(seq), be64(at_ms), bytes(link), bytes(root));
    return signs(algorithm, key, signature, said);
}

/** @param {any} row a succession @param {{ key: string, spare: string }} line */
export function succeeds({ algorithm, number, by_spare, at_ms, size, root, key, spare, signature }, line) {
    const said = joined(new TextEncoder().encode('yihao succession 1'), be64(algorithm), be64(number), be64(by_spare ? 1 : 0), be64(at_ms),
        be64(size), bytes(root), bytes(key), bytes(spare));
    return signs(algorithm, by_spare ? line.spare : line.key, signature, said);
}

/** Whether the tree of `second` records begins with that of `first` (RFC 9162 §2.1.4.2).
 * @param {Suite} suite @param {number} first @param {string} first_root @param {number} second @param {string} second_root @param {string} path */
export function goes_on(suite, first, first_root, second, second_root, path) {
    const steps = path.match(/.{64}/g) ?? [];
    if (first <= 0 || first > second || path.length % 64 !== 0) return false;
    if (first === second) return steps.length === 0 && first_root === second_root;
    let at = BigInt(first - 1);
    let last = BigInt(second - 1);
    const whole = (BigInt(first) & at) === 0n; // a complete first tree is the start itself
    let old = whole ? first_root : steps.shift() ?? '';
    let now = old;
    if (!old || steps.length === 0 && whole) return false;
    for (; at & 1n; at >>= 1n) last >>= 1n;
    for (const beside of steps) {
        if (last === 0n) return false;
        if (at & 1n || at === last) {
            old = hash(suite, Uint8Array.of(1), bytes(beside), bytes(old));
            now = hash(suite, Uint8Array.of(1), bytes(beside), bytes(now));
            for (; !(at & 1n) && at !== 0n; at >>= 1n) last >>= 1n;
        } else {
            now = hash(suite, Uint8Array.of(1), bytes(now), bytes(beside));
        }
        at >>= 1n;
        last >>= 1n;
    }
    return last === 0n && old === first_root && now === second_root;
}
