// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium's virtual security key, and what it signed, judged by node's own cryptography.
import { createHash, createPublicKey, verify } from 'node:crypto';

/** A security key at this window; algorithm: the only one it is asked for, 7 (ES256) or 8 (Ed25519). */
export async function with_authenticator(page, algorithm) {
    await page.addInitScript((alg) => {
        const make = CredentialsContainer.prototype.create;
        CredentialsContainer.prototype.create = function create(options) {
            options.publicKey.pubKeyCredParams = options.publicKey.pubKeyCredParams.filter((one) => one.alg === -alg);
            return make.call(this, options);
        };
    }, algorithm);
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'usb',
        hasResidentKey: false, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
    return {
        remove: async () => {
            await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
            // Nobody presses a browser's own dialog here: it is given up at once.
            await page.evaluate(() => { CredentialsContainer.prototype.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); });
        },
    };
}

const url64 = (digits) => Buffer.from(digits, 'hex').toString('base64url');
export const key_of = ({ algorithm, key, ordinate }) => createPublicKey({ format: 'jwk', key: algorithm === 7
    ? { kty: 'EC', crv: 'P-256', x: url64(key), y: url64(ordinate) } : { kty: 'OKP', crv: 'Ed25519', x: url64(key) } });

/** Was this key touched for this statement, on this page? */
export function touched(key, algorithm, touch, signature, statement, origin) {
    const client = Buffer.from(touch.client, 'hex');
    const data = Buffer.from(touch.authenticator, 'hex');
    const words = JSON.parse(client.toString());
    const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
    return words.type === 'webauthn.get' && words.challenge === sha256(statement).toString('base64url') && words.origin === origin &&
        data.subarray(0, 32).equals(sha256(new URL(origin).hostname)) && (data[32] & 1) === 1 &&
        verify(algorithm === 7 ? 'sha256' : null, Buffer.concat([data, sha256(client)]),
            algorithm === 7 ? { key, dsaEncoding: 'ieee-p1363' } : key, Buffer.from(signature, 'hex'));
}
