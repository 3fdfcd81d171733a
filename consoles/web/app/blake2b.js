// SPDX-License-Identifier: GPL-3.0-or-later
// BLAKE2b-256 without a key (RFC 7693), as the trail and the recordings carry it. WebCrypto has none.
// 64-bit words stand as two 32-bit halves, the low one first.

const IV = new Uint32Array([0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
    0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19]);
const SIGMA = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0]];
const ROUNDS = 12;
const BLOCK = 128;
const DIGEST = 32;

const v = new Uint32Array(32);
const m = new Uint32Array(32);
const at = (/** @type {Uint32Array} */ words, /** @type {number} */ i) => words[i] ?? 0;

/** v[a] += words[b] @param {number} a @param {Uint32Array} words @param {number} b */
function add(a, words, b) {
    const low = at(v, a) + at(words, b);
    v[a + 1] = at(v, a + 1) + at(words, b + 1) + (low > 0xffffffff ? 1 : 0);
    v[a] = low;
}
/** v[a] = (v[a] ^ v[b]) turned right by `bits` @param {number} a @param {number} b @param {number} bits */
function turn(a, b, bits) {
    const low = at(v, a) ^ at(v, b);
    const high = at(v, a + 1) ^ at(v, b + 1);
    if (bits === 32) { v[a] = high; v[a + 1] = low; }
    else if (bits === 63) { v[a] = (low << 1) | (high >>> 31); v[a + 1] = (high << 1) | (low >>> 31); }
    else { v[a] = (low >>> bits) | (high << (32 - bits)); v[a + 1] = (high >>> bits) | (low << (32 - bits)); }
}
/** @param {number} a @param {number} b @param {number} c @param {number} d @param {number} x @param {number} y */
function mix(a, b, c, d, x, y) {
    add(a, v, b); add(a, m, x); turn(d, a, 32);
    add(c, v, d); turn(b, c, 24);
    add(a, v, b); add(a, m, y); turn(d, a, 16);
    add(c, v, d); turn(b, c, 63);
}
const columns = /** @type {[number, number, number, number][]} */ ([[0, 8, 16, 24], [2, 10, 18, 26], [4, 12, 20, 28], [6, 14, 22, 30],
    [0, 10, 20, 30], [2, 12, 22, 24], [4, 14, 16, 26], [6, 8, 18, 28]]);

/** @param {Uint32Array} h @param {DataView} view @param {number} from @param {number} counted bytes so far @param {boolean} last */
function compress(h, view, from, counted, last) {
    for (let i = 0; i < 32; i++) m[i] = view.getUint32(from + 4 * i, true);
    v.set(h);
    v.set(IV, 16);
    v[24] = at(v, 24) ^ (counted >>> 0);
    v[25] = at(v, 25) ^ Math.floor(counted / 0x100000000);
    if (last) { v[28] = ~at(v, 28); v[29] = ~at(v, 29); }
    for (let round = 0; round < ROUNDS; round++) {
        const order = SIGMA[round % 10] ?? [];
        columns.forEach(([a, b, c, d], i) => mix(a, b, c, d, 2 * (order[2 * i] ?? 0), 2 * (order[2 * i + 1] ?? 0)));
    }
    for (let i = 0; i < 16; i++) h[i] = at(h, i) ^ at(v, i) ^ at(v, i + 16);
}

/** @param {Uint8Array} bytes @returns {string} 64 hex digits */
export function blake2b(bytes) {
    const h = new Uint32Array(IV);
    h[0] = at(h, 0) ^ 0x01010000 ^ DIGEST;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = Math.max(0, Math.ceil(bytes.length / BLOCK) - 1);
    for (let i = 0; i < whole; i++) compress(h, view, i * BLOCK, (i + 1) * BLOCK, false);
    const rest = new Uint8Array(BLOCK);
    rest.set(bytes.subarray(whole * BLOCK));
    compress(h, new DataView(rest.buffer), 0, bytes.length, true);
    return [...new Uint8Array(h.buffer, 0, DIGEST)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
