// SPDX-License-Identifier: GPL-3.0-or-later
// SM3 (GB/T 32905) and the verification of SM2 signatures (GB/T 32918.2, the curve of GB/T 32918.5), with which a
// city's trail may be made (docs/trail-format.md). WebCrypto has neither. Only what is public is reckoned with here.

// ---- SM3 ------------------------------------------------------------------------------------------------

const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
/** @param {number} word @param {number} bits */
const turned = (word, bits) => (word << bits) | (word >>> (32 - bits));
const w = new Int32Array(68);

/** @param {Int32Array} v @param {DataView} view @param {number} from */
function compress(v, view, from) {
    for (let j = 0; j < 16; j++) w[j] = view.getInt32(from + 4 * j);
    for (let j = 16; j < 68; j++) {
        const x = w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15);
        w[j] = x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[j - 13], 7) ^ w[j - 6];
    }
    let [a, b, c, d, e, f, g, h] = v;
    for (let j = 0; j < 64; j++) {
        const early = j < 16;
        const first = turned((turned(a, 12) + e + turned(early ? 0x79cc4519 : 0x7a879d8a, j % 32)) | 0, 7);
        const one = ((early ? a ^ b ^ c : (a & b) | (a & c) | (b & c)) + d + (first ^ turned(a, 12)) + (w[j] ^ w[j + 4])) | 0;
        const two = ((early ? e ^ f ^ g : (e & f) | (~e & g)) + h + first + w[j]) | 0;
        [d, c, b, a] = [c, turned(b, 9), a, one];
        [h, g, f, e] = [g, turned(f, 19), e, two ^ turned(two, 9) ^ turned(two, 17)];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { v[i] ^= word; });
}

/** @param {Uint8Array} bytes @returns {string} 64 hex digits */
export function sm3(bytes) {
    const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
    const view = new DataView(padded.buffer);
    const v = Int32Array.from(START);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    for (let at = 0; at < padded.length; at += 64) compress(v, view, at);
    return [...v].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

// ---- the curve y² = x³ - 3x + b over P ------------------------------------------------------------------

/** X, Y, Z with x = X / Z², y = Y / Z³; Z 0: the point nowhere. @typedef {[bigint, bigint, bigint]} Point */
const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
/** @type {Point} */
const BASE = [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
    0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n, 1n];
/** @type {Point} */
const NOWHERE = [1n, 1n, 0n];
/** @param {bigint} number */
const mod = (number, by = P) => ((number % by) + by) % by;

/** @param {bigint} number @param {bigint} exponent */
function power(number, exponent) {
    let product = 1n;
    for (let square = mod(number); exponent > 0n; exponent >>= 1n, square = square * square % P)
        if (exponent & 1n) product = product * square % P;
    return product;
}
/** @param {Point} point @returns {Point} */
function twice([x, y, z]) {
    if (z === 0n) return NOWHERE;
    const yy = y * y % P;
    const zz = z * z % P;
    const s = 4n * x * yy % P;
    const m = mod(3n * (x - zz) * (x + zz));
    const xx = mod(m * m - 2n * s);
    return [xx, mod(m * (s - xx) - 8n * yy * yy), 2n * y * z % P];
}
/** @param {Point} one @param {Point} other @returns {Point} */
function sum(one, other) {
    const [x1, y1, z1] = one;
    const [x2, y2, z2] = other;
    if (z1 === 0n) return other;
    if (z2 === 0n) return one;
    const zz1 = z1 * z1 % P;
    const zz2 = z2 * z2 % P;
    const u = x1 * zz2 % P;
    const s = y1 * zz2 % P * z2 % P;
    const h = mod(x2 * zz1 - u);
    const r = mod(y2 * zz1 % P * z1 - s);
    if (h === 0n) return r === 0n ? twice(one) : NOWHERE;
    const hh = h * h % P;
    const x = mod(r * r - hh * h - 2n * u * hh);
    return [x, mod(r * (u * hh - x) - s * hh % P * h), z1 * z2 % P * h % P];
}
/** s·G + t·point @param {bigint} s @param {bigint} t @param {Point} point */
function both(s, t, point) {
    const beside = sum(BASE, point);
    let result = NOWHERE;
    for (let bit = 255n; bit >= 0n; bit--) {
        result = twice(result);
        const first = s >> bit & 1n;
        const second = t >> bit & 1n;
        if (first | second) result = sum(result, first & second ? beside : first ? BASE : point);
    }
    return result;
}

// ---- SM2 ------------------------------------------------------------------------------------------------

/** @param {Uint8Array} bytes */
const number_of = (bytes) => BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') || '0'}`);
/** @param {string} digits */
const bytes_of = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));
/** @param {bigint} number */
const digits_of = (number) => number.toString(16).padStart(64, '0');
const USER = '1234567812345678';
/** ENTL ‖ ID ‖ a ‖ b ‖ G, the same for everybody */
const KNOWN = `${(8 * USER.length).toString(16).padStart(4, '0')}${[...USER].map((c) => c.charCodeAt(0).toString(16)).join('')}${
    [P - 3n, B, BASE[0], BASE[1]].map(digits_of).join('')}`;

/** The key is the x of a point whose y is even. @param {Uint8Array} key @param {Uint8Array} signature r ‖ s @param {Uint8Array} said */
export function sm2_holds(key, signature, said) {
    const x = number_of(key);
    const square = mod(x * x * x - 3n * x + B);
    const root = power(square, (P + 1n) / 4n);
    const r = number_of(signature.subarray(0, 32));
    const s = number_of(signature.subarray(32));
    const t = mod(r + s, ORDER);
    if (key.length !== 32 || signature.length !== 64 || x >= P || root * root % P !== square ||
        r < 1n || r >= ORDER || s < 1n || s >= ORDER || t === 0n) return false;
    const y = root & 1n ? P - root : root;
    const z = bytes_of(sm3(bytes_of(KNOWN + digits_of(x) + digits_of(y))));
    const whole = new Uint8Array(z.length + said.length);
    whole.set(z);
    whole.set(said, z.length);
    const [big_x, , big_z] = both(s, t, [x, y, 1n]);
    if (big_z === 0n) return false;
    const inverse = power(big_z, P - 2n);
    return mod(BigInt(`0x${sm3(whole)}`) + big_x * inverse % P * inverse % P, ORDER) === r;
}
