// SPDX-License-Identifier: GPL-3.0-or-later
// A person's security key, or the one built into their computer, as a signet (Web Authentication Level 2). What it
// signs is the hash of our statement, inside of what the browser and the authenticator add; all of it goes along
// byte for byte, and is judged by the dispatcher and by every auditor: docs/trail-format.md.
import { bytes_of, hex } from './bytes.js';

/** COSE's numbers, and ours: the same without their sign. */
const ES256 = -7;
const EDDSA = -8;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const WAIT_MS = 60000;

/** @typedef {{ algorithm: number, key: string, ordinate?: string, credential: string, attested: string }} Made */
/** @typedef {{ credential: string, signature: string, touch: { client: string, authenticator: string } }} Touched */

export const possible = () => typeof PublicKeyCredential === 'function' && window.isSecureContext;

const verification = (/** @type {boolean} */ verified) => /** @type {'required' | 'discouraged'} */ (verified ? 'required' : 'discouraged');

/**
 * A new key in an authenticator. Throws what the browser throws: nobody touched it, or it cannot.
 * @param {{ party: string, verified: boolean, user: number, name: string, taken: string[] }} wish taken: credentials it must not have yet
 * @returns {Promise<Made>}
 */
export async function make({ party, verified, user, name, taken }) {
    const handle = new Uint8Array(8);
    new DataView(handle.buffer).setBigUint64(0, BigInt(user));
    const made = /** @type {PublicKeyCredential} */ (await navigator.credentials.create({ publicKey: {
        rp: { id: party, name: 'Yihao 一号' }, user: { id: handle, name, displayName: name }, timeout: WAIT_MS, attestation: 'none',
        challenge: crypto.getRandomValues(new Uint8Array(32)), // the proof that follows is what is judged
        pubKeyCredParams: [EDDSA, ES256].map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: taken.map((id) => ({ type: 'public-key', id: bytes_of(id) })),
        authenticatorSelection: { residentKey: 'discouraged', userVerification: verification(verified) } } }));
    const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
    const spki = new Uint8Array(response.getPublicKey() ?? new ArrayBuffer(0)); // the key stands last (RFC 5480 §2.2, RFC 8410 §4)
    const algorithm = -response.getPublicKeyAlgorithm();
    const half = (/** @type {number} */ from) => hex(spki.slice(from, from + 32 || undefined));
    return { algorithm, ...(algorithm === -ES256 ? { key: half(-64), ordinate: half(-32) } : { key: half(-32) }),
        credential: hex(new Uint8Array(made.rawId)), attested: hex(new Uint8Array(response.getAuthenticatorData())) };
}

/** r and s out of ASN.1, s the lower of the two that hold. @param {Uint8Array} der @returns {Uint8Array} */
export function pair_of(der) {
    const numbers = [];
    for (let at = 2; numbers.length < 2; at += 2 + der[at + 1]) {
        if (der[0] !== 0x30 || der[at] !== 2) throw new TypeError('no pair of numbers');
        numbers.push(BigInt(`0x${hex(der.slice(at + 2, at + 2 + der[at + 1]))}`));
    }
    const [r, s] = numbers;
    const lower = s > P256_ORDER / 2n ? P256_ORDER - s : s;
    return bytes_of([r, lower].map((number) => number.toString(16).padStart(64, '0')).join(''));
}

/** @param {{ party: string, verified: boolean, credentials: string[], challenge: Uint8Array<ArrayBuffer> }} wish */
async function ask({ party, verified, credentials, challenge }) {
    return /** @type {PublicKeyCredential} */ (await navigator.credentials.get({ publicKey: { rpId: party, challenge, timeout: WAIT_MS,
        userVerification: verification(verified), allowCredentials: credentials.map((id) => ({ type: 'public-key', id: bytes_of(id) })) } }));
}

/** Which of these is at hand: asked for by a touch of its own. @param {{ party: string, verified: boolean }} wish @param {string[]} credentials */
export async function which(wish, credentials) {
    if (credentials.length === 1) return credentials[0];
    return hex(new Uint8Array((await ask({ ...wish, credentials, challenge: crypto.getRandomValues(new Uint8Array(32)) })).rawId));
}

/**
 * Its person touches it: the statement is signed.
 * @param {{ party: string, verified: boolean, credential: string, algorithm: number, statement: Uint8Array<ArrayBuffer> }} wish
 * @returns {Promise<Touched>}
 */
export async function touched({ party, verified, credential, algorithm, statement }) {
    const challenge = new Uint8Array(await crypto.subtle.digest('SHA-256', statement));
    const said = await ask({ party, verified, credentials: [credential], challenge });
    const response = /** @type {AuthenticatorAssertionResponse} */ (said.response);
    const signature = new Uint8Array(response.signature);
    return { credential: hex(new Uint8Array(said.rawId)), signature: hex(algorithm === -ES256 ? pair_of(signature) : signature),
        touch: { client: hex(new Uint8Array(response.clientDataJSON)), authenticator: hex(new Uint8Array(response.authenticatorData)) } };
}
