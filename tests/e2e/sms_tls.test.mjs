// SPDX-License-Identifier: GPL-3.0-or-later
//
// yihao-sms against a centre behind TLS: it binds when the certificate is for the name and of the
// authority it was told, and not at all else. The centre in the clear is tests/fake/operator.mjs; a relay
// in this process puts the TLS before it.
//
//     YIHAO_BIN=build/dev/bin node --test tests/e2e/sms_tls.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Starts a gateway that expects this name; returns its process. */
function gateway(name) {
  writeFileSync(path.join(home, 'settings.conf'), `
dispatcher {
    commands = "tcp://127.0.0.1:${base + 3}"
    events = "tcp://127.0.0.1:${base + 4}"
    metrics_port = ${base + 5}
    map_gib = 1
}
sms "sms-1" {
    metrics_port = ${base + 6}
    centre "mobile" {
        protocol = "cmpp3"
        port = ${base + 2}
        account = "yihao"
        password = "secret"
        tls = "yes"
        tls_name = "${name}"
        tls_ca = "${path.join(home, 'ca.pem')}"
    }
}
`);
  const child = spawn(path.join(bin, 'yihao-sms'), ['--home', home, '--name', 'sms-1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.words = '';
  child.stderr.on('data', (piece) => (child.words += piece));
  children.push(child);
  return child;
}

before(async () => {
  for (const folder of ['city', 'sms-1']) mkdirSync(path.join(home, folder));
  writeFileSync(path.join(home, 'sms-1/lines'), '12345 12345\n');
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2',
    '-subj', '/CN=test authority');
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'centre.key', '-out', 'centre.csr', '-subj', '/CN=centre');
  writeFileSync(path.join(home, 'names'), 'subjectAltName=DNS:sms.operator.example\n');
  openssl('x509', '-req', '-in', 'centre.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'centre.pem');
  relay = tls.createServer({ key: readFileSync(path.join(home, 'centre.key')), cert: readFileSync(path.join(home, 'centre.pem')) }, (socket) => {
    const behind = net.connect(base, '127.0.0.1');
    socket.pipe(behind).pipe(socket);
    for (const one of [socket, behind]) one.on('error', () => (socket.destroy(), behind.destroy()));
  });
  relay.on('tlsClientError', () => {});
  relay.listen(base + 2, '127.0.0.1');
  gateway('x').kill();
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
  const child = gateway('sms.operator.example');
  await until('bound', async () => (await state()).sessions.length === 1);
  const answer = await fetch(`http://127.0.0.1:${base + 1}/deliver`, { method: 'POST', body: JSON.stringify({ from: '13800138000', to: '12345', text: '你好'.repeat(300), long: true }) });
  assert.ok((await answer.json()).answers.every(({ command_status: status }) => status === 0));
  child.kill('SIGTERM');
  await until('unbound', async () => (await state()).sessions.length === 0);
});

test('a centre under another name is not spoken with', async () => {
  const child = gateway('sms.other.example');
  await until('the gateway says why', async () => /cannot be trusted: hostname mismatch/i.test(child.words));
  assert.equal((await state()).sessions.length, 0);
  child.kill('SIGKILL');
});
