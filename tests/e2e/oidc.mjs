// SPDX-License-Identifier: GPL-3.0-or-later
//
// A real sign-in provider (oidc-provider, OpenID Connect certified) over TLS, and a real dispatcher and console
// behind it: who comes by it gets in, once, as users.csv says; who plays tricks does not; while it is away the
// named roles sign in by their own password, and calls go on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { Home, ownPorts, until } from './lib/home.mjs';

const people = { 1001: [], 1003: [], 1002: ['yihao-supervisor'], 2002: ['yihao-supervisor'], 2003: [], 4001: ['yihao-auditor'], stranger: [] };
const folder = mkdtempSync(path.join(tmpdir(), 'yihao-oidc-'));
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key', '-out', 'cert',
  '-days', '2', '-subj', '/CN=sso', '-addext', 'subjectAltName=DNS:localhost'], { cwd: folder, stdio: 'ignore' });

/* ---- the provider: a server that can be changed, hang and leave */
const tls = { key: readFileSync(path.join(folder, 'key')), cert: readFileSync(path.join(folder, 'cert')) };
let answer = (_, reply) => reply.destroy();
const server = createServer(tls, (request, reply) => answer(request, reply));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `https://localhost:${server.address().port}`;
const home = Home.make(ownPorts);
const back = `${home.consoleUrl}/oidc/back`;

async function provide(kid) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { privateKey: other } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'yihao', client_secret: 'of the city', redirect_uris: [back], id_token_signed_response_alg: 'ES256', application_type: 'native' }],
    jwks: { keys: [{ ...await exportJWK(privateKey), kid, use: 'sig', alg: 'ES256' }, { ...await exportJWK(other), kid: `${kid}-rsa`, use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a test'] },
    claims: { openid: ['sub', 'auth_time'], profile: ['preferred_username', 'groups'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, groups: people[id] ?? [] }) }),
  });
  provider.proxy = true;
  answer = provider.callback();
}

/* ---- a browser */
const browser = () => {
  const jars = new Map();
  const cookies = (url) => [...(jars.get(new URL(url).host) ?? new Map())].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (url, options = {}) => {
    const { request } = await import(url.startsWith('https') ? 'node:https' : 'node:http');
    return new Promise((done, fail) => {
      const asked = request(url, { ca: tls.cert, method: options.method ?? 'GET', lookup: (_, how, take) => (how.all ? take(null, [{ address: '127.0.0.1', family: 4 }]) : take(null, '127.0.0.1', 4)),
        headers: { cookie: cookies(url), ...(options.body ? { 'content-type': options.type ?? 'application/json', 'content-length': Buffer.byteLength(options.body) } : {}) } }, (reply) => {
        const jar = jars.get(new URL(url).host) ?? new Map();
        jars.set(new URL(url).host, jar);
        for (const cookie of reply.headers['set-cookie'] ?? []) {
          const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
          jar.set(name, value);
        }
        let text = '';
        reply.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => done({ status: reply.statusCode, headers: reply.headers, text }));
      });
      asked.on('error', fail).end(options.body);
    });
  };
  const forget = (url) => jars.delete(new URL(url).host);
  return { ask, forget, post: async (where, body) => {
    const { status, text } = await ask(`${home.consoleUrl}/api/v1/${where}`, { method: 'POST', body: JSON.stringify(body) });
    return { status, ...JSON.parse(text || '{}') };
  } };
};

/** To the provider and through its pages; resolves to what it sends back: { state, grant, issuer }. */
async function travel(one, login, change = (way) => way) {
  let headers, status; /* one address leaves so many times a minute: who came too often waits */
  await until('one may leave again', async () => {
    ({ headers, status } = await one.ask(`${home.consoleUrl}/oidc/start`));
    return status !== 429;
  }, 30);
  assert.equal(status, 303);
  for (let url = new URL(change(headers.location)); ; ) {
    if (url.href.startsWith(back))
      return { state: url.searchParams.get('state'), grant: url.searchParams.get('code'), issuer: url.searchParams.get('iss') };
    let reply = await one.ask(url.href);
    if (reply.status === 200) { /* its own page: sign in, then consent */
      const prompt = /name="prompt" value="(\w+)"/.exec(reply.text)[1];
      const action = new URL(/action="([^"]+)"/.exec(reply.text)[1], url);
      const body = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login, password: 'any' } : {}) }).toString();
      reply = await one.ask(action.href, { method: 'POST', body, type: 'application/x-www-form-urlencoded' });
    }
    assert.ok(reply.headers.location, `${reply.status} ${url.pathname} ${reply.text.slice(0, 300)}`);
    url = new URL(reply.headers.location, url);
  }
}
const enter = async (login) => {
  const one = browser();
  return { one, ...await one.post('sign-in', await travel(one, login)) };
};

try {
  await provide('first');
  copyFileSync(path.join(folder, 'cert'), path.join(home.folder, 'keys/oidc.pem'));
  appendFileSync(path.join(home.folder, 'keys/oidc'), 'of the city\n');
  appendFileSync(path.join(home.folder, 'settings.conf'), `oidc {\n    issuer = "${issuer}"\n    authorize = "${issuer}/auth"\n    back = "${back}"\n` +
    '    confirm = "supervisor"\n    spare = "taker"\n    wait_ms = 500\n    skew_s = 0\n}\n');
  home.start('dispatcher', 'console');

  /* ---- who the provider names gets in, as users.csv says */
  const taker = await enter('1001');
  assert.deepEqual([taker.status, taker.user?.login], [200, '1001'], JSON.stringify(taker.refusal));
  assert.equal((await taker.one.ask(`${home.consoleUrl}/api/v1/me`)).status, 200);
  assert.equal((await enter('2002')).status, 200);
  assert.equal((await enter('1002')).user.roles, taker.user.roles, 'a group gives no role');
  assert.equal((await enter('2003')).refusal, 'role_unconfirmed');
  assert.equal((await enter('stranger')).refusal, 'provider_refused');

  /* ---- tricks */
  const thief = browser();
  const honest = browser();
  const brought = await travel(honest, '1001');
  await travel(thief, '1002');
  assert.equal((await thief.post('sign-in', brought)).refusal, 'provider_refused', 'a state of another browser');
  assert.equal((await browser().post('sign-in', brought)).refusal, 'provider_refused', 'no cookie');
  assert.equal((await honest.post('sign-in', { ...brought, state: `A${brought.state.slice(1)}`.replace(/^AA/, 'AB') })).refusal, 'provider_refused', 'another state');
  const stolen = await travel(thief, '1002');
  assert.equal((await thief.post('sign-in', { ...stolen, grant: brought.grant })).refusal, 'provider_refused', 'a code of another verifier');
  const mixed = browser();
  assert.equal((await mixed.post('sign-in', { ...await travel(mixed, '1001'), issuer: 'https://sso.other' })).refusal, 'provider_refused', 'mix-up');
  const unnamed = browser();
  const { issuer: _, ...without } = await travel(unnamed, '1001');
  assert.equal((await unnamed.post('sign-in', without)).refusal, 'provider_refused', 'a provider that names itself left it out');
  const twice = browser();
  const once = await travel(twice, '1003');
  assert.equal((await twice.post('sign-in', once)).status, 200);
  assert.equal((await twice.post('sign-in', once)).refusal, 'provider_refused', 'a code is good once');
  assert.equal((await twice.post('sign-in', { login: '1003', password: home.passwords['1003'] })).refusal, 'provider_wanted');
  assert.equal((await twice.ask(`${home.consoleUrl}/oidc/start?back=https://evil.example&next=//evil.example`)).headers.location.split('?')[0], `${issuer}/auth`);

  /* ---- a session that is open at the provider lets nobody in: what was asked for is shown anew, whatever the page says */
  const seat = await enter('1003');
  const second = Math.floor(Date.now() / 1000);
  await until('a second is over', () => Math.floor(Date.now() / 1000) > second);
  const quietly = await travel(seat.one, '', (way) => way.replace('&prompt=login&max_age=0', '&max_age=3600'));
  assert.equal((await seat.one.post('sign-in', quietly)).refusal, 'provider_refused', 'a session there is no proof');

  /* ---- step-up: once more at the provider, and no other person */
  taker.one.forget(issuer);
  assert.equal((await taker.one.post('prove', await travel(taker.one, '1002'))).refusal, 'provider_refused', 'somebody else');
  taker.one.forget(issuer);
  assert.equal((await taker.one.post('prove', await travel(taker.one, '1001'))).status, 200);

  /* ---- the one-time code stays ours */
  const made = await home.yihao('user', 'totp', '1001');
  const recovery = made.out.trim().split('\n').at(-1).trim();
  const coded = browser();
  const half = await travel(coded, '1001');
  assert.equal((await coded.post('sign-in', half)).refusal, 'code_wanted');
  assert.equal((await coded.post('sign-in', { ...half, code: '000000' })).refusal, 'code_wanted');
  assert.equal(made.code, 0, made.err);
  assert.equal((await coded.post('sign-in', { ...half, code: recovery })).status, 200);

  /* ---- the doctor looks at it, and nothing secret stands where others read */
  assert.match((await home.yihao('doctor')).out, /^well +provider/m);
  assert.deepEqual(home.leaks([once.grant, brought.grant, recovery]), []);

  /* ---- it turns its keys: the next token is by one that nobody here has seen */
  await provide('second');
  await until('the new keys are fetched', async () => (await enter('1002')).status === 200, 15);

  /* ---- it hangs, then leaves: the named roles by their own password, everybody else is told */
  const late = browser();
  const kept = await travel(late, '1002');
  answer = () => {};
  const began = Date.now();
  assert.equal((await late.post('sign-in', kept)).refusal, 'directory_away');
  assert.ok(Date.now() - began < 5000);
  assert.equal((await browser().post('sign-in', { login: '1002', password: home.passwords['1002'] })).status, 200);
  assert.equal((await browser().post('sign-in', { login: '2002', password: home.passwords['2002'] })).refusal, 'directory_away');
  assert.equal((await browser().post('sign-in', { login: 'nobody', password: 'x' })).refusal, 'directory_away');
  assert.match((await home.yihao('doctor')).out, /^WRONG +provider/m);
  console.log('oidc: all held');
} finally {
  server.closeAllConnections();
  server.close();
  home.remove();
  rmSync(folder, { recursive: true });
}
process.exit(); /* the provider keeps clocks of its own */
