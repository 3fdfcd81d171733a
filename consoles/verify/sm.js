// SPDX-License-Identifier: GPL-3.0-or-later
// SM3 (GB/T 32905) and the verification of SM2 signatures (GB/T 32918.2 over the curve of GB/T 32918.5), which
// WebCrypto does not have. Nothing here is secret, so nothing has to take the same time. A classic script,
// as verify.js is.
'use strict';
globalThis.yihao_sm = (() => {
    // ---- SM3 ------------------------------------------------------------------------------------------
    const start = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
    const turned = (word, bits) => (word << bits) | (word >>> (32 - bits));
    const constants = Array.from({ length: 64 }, (_, j) => turned(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32));
    const w = new Int32Array(68);

    function compress(v, view, from) {
        for (let j = 0; j < 16; j++) w[j] = view.getInt32(from + 4 * j);
        for (let j = 16; j < 68; j++) {
            const x = w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15);
            w[j] = x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[j - 13], 7) ^ w[j - 6];
        }
        let [a, b, c, d, e, f, g, h] = v;
        for (let j = 0; j < 64; j++) {
            const ss1 = turned((turned(a, 12) + e + constants[j]) | 0, 7);
            const ss2 = ss1 ^ turned(a, 12);
            const tt1 = ((j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)) + d + ss2 + (w[j] ^ w[j + 4])) | 0;
            const tt2 = ((j < 16 ? e ^ f ^ g : (e & f) | (~e & g)) + h + ss1 + w[j]) | 0;
            d = c;
            c = turned(b, 9);
            b = a;
            a = tt1;
            h = g;
            g = turned(f, 19);
            f = e;
            e = tt2 ^ turned(tt2, 9) ^ turned(tt2, 17);
        }
        [a, b, c, d, e, f, g, h].forEach((word, i) => { v[i] ^= word; });
    }
    /** @param {Uint8Array} bytes @returns {Uint8Array} 32 bytes */
    function sm3(bytes) {
        const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
        const view = new DataView(padded.buffer);
        const v = Int32Array.from(start);
        padded.set(bytes);
        padded[bytes.length] = 0x80;
        view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
        for (let at = 0; at < padded.length; at += 64) compress(v, view, at);
        const digest = new Uint8Array(32);
        v.forEach((word, i) => new DataView(digest.buffer).setInt32(4 * i, word));
        return digest;
    }

    // ---- the curve y² = x³ + ax + b over p, points as [X, Y, Z] with x = X/Z², y = Y/Z³ --------------------
    const p = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
    const a = p - 3n;
    const b = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
    const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
    const base = [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
        0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n, 1n];
    const nowhere = [1n, 1n, 0n];
    const mod = (number, by = p) => ((number % by) + by) % by;

    function power(number, exponent) {
        let product = 1n;
        for (let square = mod(number); exponent > 0n; exponent >>= 1n, square = square * square % p)
            if (exponent & 1n) product = product * square % p;
        return product;
    }
    function twice([x, y, z]) {
        if (z === 0n) return nowhere;
        const yy = y * y % p;
        const s = 4n * x * yy % p;
        const zz = z * z % p;
        const m = mod(3n * (x - zz) * (x + zz)); // a is -3
        const x3 = mod(m * m - 2n * s);
        return [x3, mod(m * (s - x3) - 8n * yy * yy), 2n * y * z % p];
    }
    function sum(one, other) {
        const [x1, y1, z1] = one;
        const [x2, y2, z2] = other;
        if (z1 === 0n) return other;
        if (z2 === 0n) return one;
        const zz1 = z1 * z1 % p;
        const zz2 = z2 * z2 % p;
        const u1 = x1 * zz2 % p;
        const s1 = y1 * zz2 * z2 % p;
        const h = mod(x2 * zz1 - u1);
        const r = mod(y2 * zz1 * z1 - s1);
        if (h === 0n) return r === 0n ? twice(one) : nowhere;
        const hh = h * h % p;
        const hhh = hh * h % p;
        const x3 = mod(r * r - hhh - 2n * u1 * hh);
        return [x3, mod(r * (u1 * hh - x3) - s1 * hhh), z1 * z2 % p * h % p];
    }
    /** s·G + t·point */
    function both(s, t, point) {
        const beside = sum(base, point);
        let result = nowhere;
        for (let bit = 255n; bit >= 0n; bit--) {
            result = twice(result);
            const kind = (s >> bit & 1n) * 2n + (t >> bit & 1n);
            if (kind !== 0n) result = sum(result, kind === 3n ? beside : kind === 2n ? base : point);
        }
        return result;
    }

    // ---- SM2 ------------------------------------------------------------------------------------------
    const number_of = (bytes) => bytes.reduce((number, byte) => number << 8n | BigInt(byte), 0n);
    const bytes_of = (number) => Uint8Array.from(number.toString(16).padStart(64, '0').match(/../g), (two) => parseInt(two, 16));
    const user = Uint8Array.from('1234567812345678', (c) => c.charCodeAt(0));
    function join(...parts) {
        const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
        parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
        return whole;
    }
    /** The point of this x whose y is even; null: there is none. @param {Uint8Array} key */
    function point_of(key) {
        const x = number_of(key);
        if (x >= p) return null;
        const square = mod(x * x * x + a * x + b);
        const y = power(square, (p + 1n) / 4n);
        if (y * y % p !== square) return null;
        return [x, y & 1n ? p - y : y];
    }
    /** GB/T 32918.2 §7.1 under the point [x, y]. */
    function holds_at([x, y], signature, said) {
        const r = number_of(signature.subarray(0, 32));
        const s = number_of(signature.subarray(32));
        const t = mod(r + s, n);
        if (signature.length !== 64 || r < 1n || r >= n || s < 1n || s >= n || t === 0n) return false;
        const z = sm3(join(Uint8Array.of(0, 8 * user.length), user, ...[a, b, base[0], base[1], x, y].map(bytes_of)));
        const e = number_of(sm3(join(z, said)));
        const [big_x, , big_z] = both(s, t, [x, y, 1n]);
        if (big_z === 0n) return false;
        const inverse = power(big_z, p - 2n);
        return mod(e + big_x * inverse % p * inverse % p, n) === r;
    }
    /** @param {Uint8Array} key 32 bytes @param {Uint8Array} signature r ‖ s @param {Uint8Array} said */
    function sm2_holds(key, signature, said) {
        const point = key.length === 32 ? point_of(key) : null;
        return point !== null && holds_at(point, signature, said);
    }
    return { sm3, sm2_holds, holds_at };
})();
