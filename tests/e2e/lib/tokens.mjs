// SPDX-License-Identifier: GPL-3.0-or-later
//
// ID tokens right and wrong, signed by another implementation (jose, which comes with oidc-provider), for the
// unit test assertion and the fuzz target. Writes one line each, FAULT NAME TOKEN, behind the key set:
//     node tests/e2e/lib/tokens.mjs > tests/golden/tokens.txt
import { createHmac } from 'node:crypto';
import { CompactSign, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

const NOW = 1795000000;
const good = { iss: 'https://sso.city', aud: 'yihao', sub: 'x', preferred_username: '1001', nonce: 'n-1',
  iat: NOW, exp: NOW + 300, auth_time: NOW, groups: ['yihao-supervisor', 'yihao-taker', 'other'] };
const pairs = {};
for (const [name, algorithm, more] of [['rsa', 'RS256', {}], ['ec', 'ES256', {}], ['ed', 'EdDSA', { crv: 'Ed25519' }], ['stranger', 'RS256', {}], ['old', 'ES256', {}]])
  pairs[name] = await generateKeyPair(algorithm, { extractable: true, ...more });
const keys = [];
for (const [name, alg] of [['rsa', 'RS256'], ['ec', 'ES256'], ['ed', 'EdDSA']])
  keys.push({ ...await exportJWK(pairs[name].publicKey), kid: name, alg, use: 'sig' });
keys.push({ kty: 'oct', k: 'c2VjcmV0', kid: 'symmetric' }, { ...keys[0], kid: 'sealing', use: 'enc' });
console.log(JSON.stringify({ keys }));

const sign = (claims, { alg = 'RS256', kid = 'rsa', key = 'rsa', header = {} } = {}) =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader({ alg, kid, ...header }).sign(pairs[key].privateKey);
const rows = [];
const add = async (fault, name, token) => rows.push(`${fault} ${name} ${await token}`);
const changed = (claims) => sign({ ...good, ...claims });
const encode = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

await add('holds', 'rs256', sign(good));
await add('holds', 'es256', sign(good, { alg: 'ES256', kid: 'ec', key: 'ec' }));
await add('holds', 'eddsa', sign(good, { alg: 'EdDSA', kid: 'ed', key: 'ed' }));
await add('holds', 'several_audiences_ours', changed({ aud: ['other', 'yihao'], azp: 'yihao' }));
await add('holds', 'within_the_skew', changed({ exp: NOW - 30, iat: NOW + 30, nbf: NOW + 30 }));
const unnamed = sign(good, { header: { kid: undefined } });
await add('holds', 'unnamed_key_the_only_one', unnamed);

await add('algorithm', 'none', new UnsecuredJWT(good).encode());
await add('algorithm', 'none_in_capitals', `${encode({ alg: 'NONE' })}.${encode(good)}.`);
const hmac = async (key) => {
  const body = `${encode({ alg: 'HS256', kid: 'rsa' })}.${encode(good)}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
};
await add('algorithm', 'hs256_with_the_public_key', hmac(await exportSPKI(pairs.rsa.publicKey)));
await add('algorithm', 'hs256_with_the_modulus', hmac(Buffer.from(keys[0].n, 'base64url')));
await add('algorithm', 'hs256_with_the_secret', hmac('secret'));
await add('key', 'ps256_named_as_another_kind', sign(good, { alg: 'ES256', kid: 'rsa', key: 'ec' }));
await add('key', 'rotated_away', sign(good, { alg: 'ES256', kid: 'old', key: 'old' }));
await add('key', 'a_key_for_sealing', sign(good, { kid: 'sealing' }));
await add('critical', 'what_we_do_not_understand', `${encode({ alg: 'RS256', kid: 'rsa', crit: ['b64'], b64: false })}.${encode(good)}.AAAA`);
await add('signature', 'a_stranger_under_our_name', sign(good, { key: 'stranger' }));
const whole = await sign(good);
await add('signature', 'other_claims_under_the_signature', `${whole.split('.')[0]}.${encode({ ...good, preferred_username: '2002' })}.${whole.split('.')[2]}`);
await add('signature', 'no_signature', `${whole.split('.').slice(0, 2).join('.')}.`);
await add('signature', 'a_key_that_came_along', sign(good, { key: 'stranger', header: { jwk: await exportJWK(pairs.stranger.publicKey) } }));
await add('issuer', 'another_provider', changed({ iss: 'https://sso.other' }));
await add('issuer', 'nearly_the_provider', changed({ iss: 'https://sso.city/' }));
await add('audience', 'another_client', changed({ aud: 'other' }));
await add('audience', 'another_party', changed({ azp: 'other' }));
await add('audience', 'several_without_a_party', changed({ aud: ['yihao', 'other'] }));
await add('audience', 'none', changed({ aud: undefined }));
await add('expired', 'long_ago', changed({ exp: NOW - 61 }));
await add('expired', 'never_said', changed({ exp: undefined }));
await add('expired', 'a_word', changed({ exp: 'tomorrow' }));
await add('early', 'issued_tomorrow', changed({ iat: NOW + 86400 }));
await add('early', 'not_before_tomorrow', changed({ nbf: NOW + 86400 }));
await add('early', 'never_issued', changed({ iat: undefined }));
await add('nonce', 'of_another_sign_in', changed({ nonce: 'n-2' }));
await add('nonce', 'none', changed({ nonce: undefined }));
await add('stale', 'who_was_there_before', changed({ auth_time: NOW - 3600 }));
await add('stale', 'never_said_when', changed({ auth_time: undefined }));
await add('login', 'none', changed({ preferred_username: undefined }));
await add('login', 'a_number', changed({ preferred_username: 1001 }));
await add('login', 'two_words', changed({ preferred_username: '1001 2002' }));
await add('login', 'a_line', changed({ preferred_username: '1001\n2002' }));
await add('login', 'too_long', changed({ preferred_username: '1'.repeat(33) }));
await add('no_token', 'two_parts', 'YQ.YQ');
await add('no_token', 'four_parts', `${whole}.YQ`);
await add('no_token', 'padding', whole.replace('.', '=.'));
await add('no_token', 'a_member_twice', `${Buffer.from('{"alg":"RS256","alg":"RS256","kid":"rsa"}').toString('base64url')}.${whole.split('.').slice(1).join('.')}`);
console.log(rows.join('\n'));
