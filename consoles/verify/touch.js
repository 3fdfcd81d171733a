// SPDX-License-Identifier: GPL-3.0-or-later
// What a person's security key signed (Web Authentication), judged a second time: docs/trail-format.md, written from
// that page and not from proto/authenticator.c.
'use strict';
const yihao_touch = globalThis.yihao_touch = (() => {
    const P256_HALF = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
    const text = (bytes) => String.fromCharCode(...bytes);
    const base64url = (bytes) => btoa(text(bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);
    const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

    /** The origin when this is what a browser wrote for this challenge (WebAuthn 5.8.1.2), or null. */
    function origin_of(client, challenge) {
        const words = text(client);
        const front = `{"type":"webauthn.get","challenge":"${base64url(challenge)}","origin":"`;
        const rest = words.startsWith(front) ? /^([a-z0-9:/.\[\]-]*)","crossOrigin":false(}|,[^]*})$/.exec(words.slice(front.length)) : null;
        return rest && rest[1].length < 128 ? rest[1] : null;
    }

    /** Is the origin's host the party whose hash this is, or below it? */
    async function is_of_party(origin, hash) {
        const host = /^(?:https:\/\/([^:]+)|http:\/\/(localhost)(?=:|$))/.exec(origin);
        for (let name = host?.[1] ?? host?.[2]; name; name = name.includes('.') ? name.slice(name.indexOf('.') + 1) : '')
            if (same(await sha256(new TextEncoder().encode(name)), hash)) return true;
        return false;
    }

    /** Extensions: one CBOR map and nothing behind it. The end of the item at `at`, or -1. */
    function skip(bytes, at, depth) {
        if (at >= bytes.length) return -1;
        const major = bytes[at] >> 5;
        let argument = bytes[at++] & 31;
        if (argument > 27 || major === 6) return -1;
        if (argument > 23) {
            const length = 1 << (argument - 24);
            if (length > bytes.length - at) return -1;
            let number = 0n;
            for (let i = 0; i < length; i++) number = number << 8n | BigInt(bytes[at++]);
            if (length === 1 ? number < 24n : number >> BigInt(length * 4) === 0n) return -1;
            argument = number > 65536n ? 65537 : Number(number);
        }
        if (major === 7) return argument >= 20 && argument <= 22 ? at : -1;
        if (major < 2) return at;
        if (argument > bytes.length - at) return -1;
        if (major < 4) return at + argument;
        if (depth === 4) return -1;
        for (let left = major === 5 ? 2 * argument : argument; left > 0; left--) {
            at = skip(bytes, at, depth + 1);
            if (at < 0) return -1;
        }
        return at;
    }
    const is_whole = (data) => data.length >= 37 && (data[32] & 0x41) === 1 &&
        (data[32] & 0x80 ? data.length > 37 && data[37] >> 5 === 5 && skip(data, 37, 0) === data.length : data.length === 37);

    async function signed_es256(key, ordinate, signature, bytes) {
        if (BigInt(`0x${[...signature.slice(32)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`) > P256_HALF) return false;
        try {
            const imported = await crypto.subtle.importKey('raw', join([4], key, ordinate), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
            return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, signature, bytes);
        } catch {
            return false;
        }
    }

    /** False, or the origin of the page on which the key was touched for this statement. signed: of Ed25519. */
    async function holds(algorithm, key, ordinate, signature, statement, touch, signed) {
        const client = touch?.get(1);
        const data = touch?.get(2);
        if (!(client instanceof Uint8Array) || !(data instanceof Uint8Array) || !is_whole(data)) return false;
        const origin = origin_of(client, await sha256(statement));
        if (origin === null || !(await is_of_party(origin, data.slice(0, 32)))) return false;
        const bytes = join(data, await sha256(client));
        const good = algorithm === 7n ? await signed_es256(key, ordinate, signature, bytes)
            : algorithm === 8n && ordinate.every((byte) => byte === 0) && await signed(key, signature, bytes);
        return good && origin;
    }
    return { holds };
})();
