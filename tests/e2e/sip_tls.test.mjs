// SPDX-License-Identifier: GPL-3.0-or-later
//
// yihao-trunk behind TLS and on IPv6, without a dispatcher: a citizen calls 110, hears 183 with a description as soon
// as the call is in the spool, and gives up.
//
//     YIHAO_BIN=build/dev/bin node --test tests/e2e/sip_tls.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { certify } from './lib/authority.mjs';
import { until } from './lib/home.mjs';
import { Line, request, sdp } from './lib/sip.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const bin = process.env.YIHAO_BIN ?? path.join(here, '../../build/dev/bin');
const base = Number(process.env.YIHAO_PORT ?? 23900);
const hosts = { 'trunk-1': '127.0.0.1', 'trunk-2': '::1' };
const children = [];
const home = mkdtempSync(path.join(tmpdir(), 'yihao-tls-'));

const keys = (file) => path.join(home, 'keys', file);
const openssl = (...words) => execFileSync('openssl', words, { cwd: path.join(home, 'keys'), stdio: 'ignore' });
const section = (name, at) => `
trunk "${name}" {
    sip_address = "${hosts[name]}"
    sip_port = ${at}
    tls_port = ${at + 1}
    tls_name = "sip.city.example"
    rtp_low = ${at + 2}
    rtp_high = ${at + 41}
    metrics_port = ${at + 42}
    sources = {"127.0.0.0/8", "::1"}
}`;

before(async () => {
  mkdirSync(path.join(home, 'city'));
  writeFileSync(path.join(home, 'settings.conf'), `dispatcher {
    commands = "tcp://127.0.0.1:${base}"
    events = "tcp://127.0.0.1:${base + 1}"
    metrics_port = ${base + 2}
}${section('trunk-1', base + 100)}${section('trunk-2', base + 200)}\n`);
  execFileSync(path.join(bin, 'yihao'), ['--home', home, 'keys', 'make']);
  certify(keys(''), ['DNS:sip.city.example']);
  for (const name of Object.keys(hosts)) {
    const child = spawn(path.join(bin, 'yihao-trunk'), ['--home', home, '--name', name], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.words = '';
    child.stderr.on('data', (piece) => (child.words += piece));
    children.push(child);
    await until(`${name} is ready`, () => child.words.includes(' ready '));
  }
});

after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true });
});

/** Calls 110 and gives up when the city has the call; returns the 183. */
async function call(line, host, transport, port) {
  const at = host.includes(':') ? `[${host}]` : host;
  const heads = (method) => [`Via: SIP/2.0/${transport} ${at}:${line.port};branch=z9hG4bKcall${transport}${host};rport`,
    'From: <sip:13900000001@citizen.example>;tag=1', `To: <sip:110@${at}>`, `Call-ID: ${transport}${host}`, `CSeq: 1 ${method}`, 'Max-Forwards: 70'];
  const offer = sdp(40000).replaceAll('IP4 127.0.0.1', host.includes(':') ? `IP6 ${host}` : `IP4 ${host}`);
  line.say(request('INVITE', `sip:110@${at}`, [...heads('INVITE'), `Contact: <sip:citizen@${at}:${line.port}>`], offer), port);
  const progress = await line.answer(183);
  line.say(request('CANCEL', `sip:110@${at}`, heads('CANCEL')), port);
  await line.answer(487);
  line.close();
  return progress;
}

for (const [index, [name, host]] of Object.entries(hosts).entries()) {
  const port = base + 100 + index * 100;
  const at = host.includes(':') ? `[${host}]` : host;
  const family = host.includes(':') ? `IP6 ${host}` : `IP4 ${host}`;

  test(`${name}: a citizen is heard over TLS at ${at}`, async () => {
    const line = await Line.open({ tcp: port + 1, host, tls: { ca: readFileSync(keys('sip-ca.pem')), servername: 'sip.city.example' } });
    const progress = await call(line, host, 'TLS', port + 1);
    assert.match(progress.header('contact'), new RegExp(`<sip:yihao@${at.replace(/[[\]]/g, '\\$&')}:${port + 1};transport=tls>`));
    assert.match(progress.body, new RegExp(`c=IN ${family}`));
  });

  test(`${name}: and over UDP and TCP`, async () => {
    const progress = await call(await Line.open({ host }), host, 'UDP', port);
    assert.match(progress.body, new RegExp(`c=IN ${family}`));
    await call(await Line.open({ tcp: port, host }), host, 'TCP', port);
  });
}

test('the doctor says that the certificate is well, and that it is not when the key is another one', () => {
  const doctor = () => {
    try {
      return execFileSync(path.join(bin, 'yihao'), ['--home', home, 'doctor'], { env: { ...process.env, LC_ALL: 'C.UTF-8' } }).toString();
    } catch (error) {
      return error.stdout.toString();
    }
  };
  assert.match(doctor(), /certificates.*trunk-1: sip\.city\.example/);
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'sip.key');
  assert.match(doctor(), /certificates.*the key is not the certificate's/);
});
