// SPDX-License-Identifier: GPL-3.0-or-later
// A signer for tests (GB/T 32918.2 §6.1), in affine coordinates as the standard writes them: slow, and nobody's secret.
import { randomBytes } from 'node:crypto';
import { sm3 } from '../../consoles/web/app/sm.js';

const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const b = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const base = [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
    0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n];
const mod = (number, by) => ((number % by) + by) % by;
function inverse(number, by) {
    let [one, other, x, y] = [mod(number, by), by, 1n, 0n];
    while (one > 1n) {
        const times = other / one;
        [other, one] = [one, other - times * one];
        [y, x] = [x, y - times * x];
    }
    return mod(x, by);
}
function sum(one, other) {
    if (!one || !other) return one ?? other;
    if (one[0] === other[0] && one[1] !== other[1]) return null;
    const slope = one[0] === other[0] ? (3n * one[0] * one[0] - 3n) * inverse(2n * one[1], p) : (other[1] - one[1]) * inverse(other[0] - one[0], p);
    const x = mod(slope * slope - one[0] - other[0], p);
    return [x, mod(slope * (one[0] - x) - one[1], p)];
}
function times(number, point) {
    let result = null;
    for (; number > 0n; number >>= 1n, point = sum(point, point)) if (number & 1n) result = sum(result, point);
    return result;
}
const digits = (number) => number.toString(16).padStart(64, '0');
const random = () => mod(BigInt(`0x${randomBytes(32).toString('hex')}`), n - 2n) + 1n;

/** @returns a pair of keys, the public one in hex: the x of an even point. */
export function sm2_pair() {
    const number = random();
    const [x, y] = times(number, base);
    return { key: digits(x), secret: { number: y & 1n ? n - number : number, x, y: y & 1n ? p - y : y } };
}
/** @param {Buffer} said @returns {Buffer} r ‖ s */
export function sm2_sign(said, { number, x, y }) {
    const known = `0080${Buffer.from('1234567812345678').toString('hex')}${[p - 3n, b, ...base, x, y].map(digits).join('')}`;
    const e = BigInt(`0x${sm3(Buffer.concat([Buffer.from(sm3(Buffer.from(known, 'hex')), 'hex'), said]))}`);
    const k = random();
    const r = mod(e + times(k, base)[0], n);
    return Buffer.from(digits(r) + digits(mod(inverse(1n + number, n) * (k - r * number), n)), 'hex');
}
