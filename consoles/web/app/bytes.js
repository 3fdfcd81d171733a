// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes as they are written to the dispatcher, and joined to what is signed.

export const ascii = (/** @type {string} */ letters) => new TextEncoder().encode(letters);
export const hex = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
export const bytes_of = (/** @type {string} */ digits) => Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));
/** @param {(Uint8Array | number | string)[]} parts numbers become eight bytes, the most significant first */
export function joined(parts) {
    return Uint8Array.from(parts.flatMap((part) => {
        if (part instanceof Uint8Array) return [...part];
        const eight = new Uint8Array(8);
        new DataView(eight.buffer).setBigUint64(0, BigInt(part));
        return [...eight];
    }));
}
