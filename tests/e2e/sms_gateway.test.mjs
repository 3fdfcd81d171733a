// SPDX-License-Identifier: GPL-3.0-or-later
//
// yihao-sms against a message centre of another make, over real sockets, while no dispatcher
// answers: every text is taken in by the spool, whatever the centre does to the connection.
//
//     cd tests/e2e && npm ci && node --test sms_gateway.test.mjs
//
// YIHAO_BIN names the folder of the programs (build/dev/bin).
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './lib/home.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const bin = process.env.YIHAO_BIN ?? path.join(here, '../../build/dev/bin');
const base = Number(process.env.YIHAO_PORT ?? 23750);
const control = `http://127.0.0.1:${base + 1}`;
const home = mkdtempSync(path.join(tmpdir(), 'yihao-sms-'));
const children = new Map();

function start(name, program, ...words) {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', process.env.VERBOSE ? 'inherit' : 'ignore'] });
  children.set(name, child);
  return child;
}

const startGateway = () => start('gateway', path.join(bin, 'yihao-sms'), '--home', home, '--name', 'sms-1');

async function ask(method, route, body) {
  const answer = await fetch(control + route, { method, body: body && JSON.stringify(body) });
  return answer.json();
}

const bound = () => until('the gateway is bound', async () => (await ask('GET', '/state')).sessions.length === 1);

async function figure(name) {
  const page = await (await fetch(`http://127.0.0.1:${base + 2}/metrics`)).text();
  return Number(page.match(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)`, 'm'))?.[1]);
}

async function accepted(order) {
  const { answers } = await ask('POST', '/deliver', { from: '13800138000', to: '12110', ...order });
  for (const answer of answers) assert.equal(answer.command_status, 0, JSON.stringify(order));
  return answers;
}

before(async () => {
  mkdirSync(path.join(home, 'city'));
  mkdirSync(path.join(home, 'sms-1'));
  writeFileSync(
    path.join(home, 'settings.conf'),
    `city = "city"
dispatcher {
    commands = "tcp://127.0.0.1:${base + 3}"
    events = "tcp://127.0.0.1:${base + 4}"
    metrics_port = ${base + 5}
    map_gib = 1
}
sms "sms-1" {
    centre_host = "127.0.0.1"
    centre_port = ${base}
    metrics_port = ${base + 2}
}
`);
  writeFileSync(path.join(home, 'sms-1/lines'), '12110 110\n12345 12345\n');
  execFileSync(path.join(bin, 'yihao'), ['keys', 'make', '--home', home], { stdio: 'ignore' });
  start('centre', process.execPath, path.join(here, 'smsc/centre.mjs'), '--port', String(base), '--control', String(base + 1));
  await until('the centre listens', () => ask('GET', '/state'));
  startGateway();
  await bound();
});

after(() => {
  for (const child of children.values()) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

test('texts in every alphabet are taken in', async () => {
  await accepted({ text: 'Help at gate 5 {east} €' });
  await accepted({ text: '救命，有人落水👮' });
  await accepted({ text: 'café', coding: 'latin1' });
  await accepted({ hex: '00ff10', data_coding: 4 });
});

test('long texts are taken in by every means and in any order', async () => {
  const long = '中山路与解放路交叉口路灯全部熄灭，行人过街危险，请尽快派人维修。'.repeat(6);
  for (const means of ['udh8', 'udh16', 'sar', 'payload'])
    for (const reverse of [false, true]) await accepted({ text: means + reverse + long, long: means, reverse });
  assert.equal(await figure('yihao_sms_in_incomplete_total'), 0);
});

test('a number without a line is refused', async () => {
  const { answers } = await ask('POST', '/deliver', { from: '1', to: '99999', text: 'x' });
  assert.equal(answers[0].command_status, 0x0b);
});

test('a dropped connection comes back within two seconds', async () => {
  for (let i = 0; i < 3; i++) {
    const { binds } = await ask('GET', '/state');
    await ask('POST', '/drop', {});
    await until('bound again', async () => (await ask('GET', '/state')).binds > binds, 3);
    await bound();
    await accepted({ text: `after drop ${i}` });
  }
});

test('half a PDU, then the end of the connection, harms nobody', async () => {
  await ask('POST', '/raw', { hex: '000000400000000500000000' });
  await ask('POST', '/drop', {});
  await bound();
  await accepted({ text: 'after half' });
});

test('garbage lengths end the connection, unknown commands do not', async () => {
  const { binds } = await ask('GET', '/state');
  await ask('POST', '/raw', { hex: '00000010000077770000000000000001' });
  await accepted({ text: 'after unknown' });
  assert.equal((await ask('GET', '/state')).binds, binds);
  await ask('POST', '/raw', { hex: 'ffffffff0000000500000000' });
  await until('bound again', async () => (await ask('GET', '/state')).binds > binds);
  await bound();
  await accepted({ text: 'after garbage' });
  assert.equal(await figure('yihao_sms_bad_pdus_total{centre="centre",cause="garbage"}'), 1);
});

test('killed and started again it goes on', async () => {
  const spool = statSync(path.join(home, 'sms-1/spool')).size;
  children.get('gateway').kill('SIGKILL');
  await until('the centre noticed', async () => (await ask('GET', '/state')).sessions.length === 0);
  startGateway();
  await bound();
  await accepted({ text: 'after kill' });
  assert.ok(statSync(path.join(home, 'sms-1/spool')).size > spool);
});

test('stopped it unbinds and ends', async () => {
  const gateway = children.get('gateway');
  gateway.kill('SIGTERM');
  await until('ended', async () => gateway.exitCode !== null, 5);
  assert.equal(gateway.exitCode, 0);
});
