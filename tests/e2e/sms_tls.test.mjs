// SPDX-License-Identifier: GPL-3.0-or-later
//
// yihao-sms against a centre behind TLS: it binds when the certificate is for the name and of the
// authority it was told, and not at all else; and a centre that calls it (outbind, SGIP) in the same way. The centre in the clear is tests/fake/operator.mjs; a relay
// in this process puts the TLS before it.
//
//     YIHAO_BIN=build/dev/bin node --test tests/e2e/sms_tls.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { until } from './lib/home.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const bin = process.env.YIHAO_BIN ?? path.join(here, '../../build/dev/bin');
const base = Number(process.env.YIHAO_PORT ?? 23850);
const home = mkdtempSync(path.join(tmpdir(), 'yihao-tls-'));
const children = [];
let relay;

const openssl = (...words) => execFileSync('openssl', words, { cwd: home, stdio: 'ignore' });

const state = async () => (await fetch(`http://127.0.0.1:${base + 1}/state`)).json();

/** Starts a gateway with this centre; returns its process. */
function gateway(centre) {
  writeFileSync(path.join(home, 'settings.conf'), `
dispatcher {
    commands = "tcp://127.0.0.1:${base + 3}"
    events = "tcp://127.0.0.1:${base + 4}"
    metrics_port = ${base + 5}
    map_gib = 1
}
sms "sms-1" {
    metrics_port = ${base + 6}
    ${centre.replace(/\n    \}$/, `
        tls_ca = "${path.join(home, 'ca.pem')}"
    }`)}
}
`);
  const child = spawn(path.join(bin, 'yihao-sms'), ['--home', home, '--name', 'sms-1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.words = '';
  child.stderr.on('data', (piece) => (child.words += piece));
  children.push(child);
  return child;
}

/** A gateway that connects to the centre of this name. */
const connecting = (name) => gateway(`
    centre "mobile" {
        protocol = "cmpp3"
        port = ${base + 2}
        account = "yihao"
        password = "secret"
        tls = "yes"
        tls_name = "${name}"
    }`);

before(async () => {
  for (const folder of ['city', 'sms-1']) mkdirSync(path.join(home, folder));
  writeFileSync(path.join(home, 'sms-1/lines'), '12345 12345\n');
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2',
    '-subj', '/CN=test authority');
  for (const [file, name] of [['centre', 'sms.operator.example'], ['stranger', 'sms.stranger.example'], ['keys/sms', 'city.example']]) {
    mkdirSync(path.join(home, path.dirname(file)), { recursive: true });
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${file}.key`, '-out', 'csr', '-subj', '/CN=test');
    writeFileSync(path.join(home, 'names'), `subjectAltName=DNS:${name}\n`);
    openssl('x509', '-req', '-in', 'csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', `${file}.pem`);
  }
  copyFileSync(path.join(home, 'keys/sms.pem'), path.join(home, 'keys/sms.crt'));
  relay = tls.createServer({ key: readFileSync(path.join(home, 'centre.key')), cert: readFileSync(path.join(home, 'centre.pem')) }, (socket) => {
    const behind = net.connect(base, '127.0.0.1');
    socket.pipe(behind).pipe(socket);
    for (const one of [socket, behind]) one.on('error', () => (socket.destroy(), behind.destroy()));
  });
  relay.on('tlsClientError', () => {});
  relay.listen(base + 2, '127.0.0.1');
  connecting('x').kill();
  execFileSync(path.join(bin, 'yihao'), ['keys', 'make', '--home', home], { stdio: 'ignore' });
  children.push(spawn(process.execPath, [path.join(here, '../fake/operator.mjs'), '--protocol', 'cmpp3', '--port', String(base),
    '--control', String(base + 1), '--account', 'yihao', '--password', 'secret'], { stdio: 'ignore' }));
  await until('the centre listens', state);
});

after(() => {
  for (const child of children) child.kill('SIGKILL');
  relay.close();
  rmSync(home, { recursive: true, force: true });
});

test('a centre with the right certificate is bound to, and its texts come in', async () => {
  const child = connecting('sms.operator.example');
  await until('bound', async () => (await state()).sessions.length === 1);
  const answer = await fetch(`http://127.0.0.1:${base + 1}/deliver`, { method: 'POST', body: JSON.stringify({ from: '13800138000', to: '12345', text: '你好'.repeat(300), long: true }) });
  assert.ok((await answer.json()).answers.every(({ command_status: status }) => status === 0));
  child.kill('SIGTERM');
  await until('unbound', async () => (await state()).sessions.length === 0);
});

test('a centre under another name is not spoken with', async () => {
  const child = connecting('sms.other.example');
  await until('the gateway says why', async () => /cannot be trusted: hostname mismatch/i.test(child.words));
  assert.equal((await state()).sessions.length, 0);
  child.kill('SIGKILL');
});

test('a centre whose authorities cannot be read is down, and the gateway is not; once they can, it is bound', async () => {
  renameSync(path.join(home, 'ca.pem'), path.join(home, 'ca.away'));
  const child = connecting('sms.operator.example');
  const metrics = async () => (await fetch(`http://127.0.0.1:${base + 6}/metrics`)).text();
  await until('the gateway says why', async () => /mobile is not called: its authorities cannot be read/.test(child.words));
  assert.match(await metrics(), /yihao_sms_tls_usable\{centre="mobile"\} 0/);
  assert.equal((await state()).sessions.length, 0);
  renameSync(path.join(home, 'ca.away'), path.join(home, 'ca.pem'));
  await until('bound', async () => (await state()).sessions.length === 1);
  assert.match(await metrics(), /yihao_sms_tls_usable\{centre="mobile"\} 1/);
  child.kill('SIGTERM');
  await until('unbound', async () => (await state()).sessions.length === 0);
});

/* ---- centres that call us: SMPP's outbind, SGIP's SMG -------------------------------------------- */

const LISTEN = base + 7;

/** A gateway that waits for a centre of this protocol at this address. */
function waiting(protocol, address, ...more) {
  return gateway(`
    centre "caller" {
        protocol = "${protocol}"
        ${protocol === 'smpp' ? 'bind = "outbind"' : 'node = 3000012345 enterprise = "12345"'}
        port = ${base + 9}
        account = "yihao"
        password = "secret"
        listen_address = "${address}"
        listen_port = ${LISTEN}
        listen_account = "operator"
        listen_password = "called"
        ${more.join('\n        ')}
    }`);
}

const SECURED = ['listen_tls = "yes"', 'tls_name = "sms.operator.example"'];

/** A centre that calls by way of a relay of this process, which makes the connection. */
async function calling(protocol, connect) {
  const way = net.createServer((socket) => {
    const behind = connect();
    socket.pipe(behind).pipe(socket);
    for (const one of [socket, behind]) one.on('error', () => (socket.destroy(), behind.destroy()));
  });
  await new Promise((done) => way.listen(base + 8, '127.0.0.1', done));
  const centre = spawn(process.execPath, [path.join(here, '../fake/operator.mjs'), '--protocol', protocol, '--port', String(base + 9),
    '--control', String(base + 10), '--account', 'yihao', '--password', 'secret',
    '--call', String(base + 8), '--call-account', 'operator', '--call-password', 'called'], { stdio: 'ignore' });
  children.push(centre);
  const asked = async (method, what, body) =>
    (await fetch(`http://127.0.0.1:${base + 10}/${what}`, { method, body: body && JSON.stringify(body) })).json();
  return {
    called: () => until('the gateway took the call', async () => (await asked('GET', 'state')).sessions.length > 0),
    deliver: (text) => asked('POST', 'deliver', { from: '13800138000', to: '12345', text, long: true }),
    end: async () => {
      centre.kill('SIGKILL');
      await new Promise((done) => centre.once('exit', done));
      await new Promise((done) => way.close(done));
    },
  };
}

/** The text comes in through whoever calls so. */
async function comesIn(protocol, address, connect, ...more) {
  const child = waiting(protocol, address, ...more);
  const centre = await calling(protocol, connect);
  await centre.called();
  const { answers } = await centre.deliver('你好'.repeat(100));
  assert.ok(answers.every(({ command_status: status }) => status === 0), `${protocol} ${address}`);
  child.kill('SIGKILL');
  await centre.end();
}

const overTls = (words) => () => tls.connect({ host: '::1', port: LISTEN, ca: readFileSync(path.join(home, 'ca.pem')), servername: 'city.example', ...words });
const pair = (name) => ({ key: readFileSync(path.join(home, `${name}.key`)), cert: readFileSync(path.join(home, `${name}.pem`)) });

test('a centre that calls by outbind is answered, by IPv4 and IPv6', async () => {
  await comesIn('smpp', '127.0.0.1', () => net.connect(LISTEN, '127.0.0.1'));
  await comesIn('smpp', '::1', () => net.connect(LISTEN, '::1'));
});

test('a centre that calls over TLS proves its name: outbind and SGIP', async () => {
  await comesIn('smpp', '::1', overTls(pair('centre')), ...SECURED);
  await comesIn('sgip', '::', overTls(pair('centre')), ...SECURED);
});

test('who calls without a certificate, for another name, or in the clear is nobody', async () => {
  const child = waiting('smpp', '::1', ...SECURED);
  for (const [words, why] of [[{}, /did not return a certificate/i], [pair('stranger'), /for another name/]]) {
    await until('the gateway listens', () => new Promise((done, fail) => overTls(words)().on('secureConnect', () => done(true)).on('error', fail)), 5).catch(() => 0);
    await until(`the gateway says why: ${why}`, async () => why.test(child.words), 6);
  }
  const plain = net.connect(LISTEN, '::1');
  await new Promise((done) => plain.on('error', done).on('close', done).write(Buffer.from('00000010000000150000000000000001', 'hex')));
  const centre = await calling('smpp', overTls(pair('centre'))); // nobody of them took the one bind
  await centre.called();
  await centre.end();
  child.kill('SIGKILL');
});
