// SPDX-License-Identifier: GPL-3.0-or-later
//
// Twenty message gateways with four connections each, and their one centre: it drops all of them at once,
// again and again; then it is gone for half a minute and comes back. They return without a storm, and every
// text that citizens send meanwhile is taken. No dispatcher runs: the spools take the texts.
//     node tests/e2e/reconnect.mjs [GATEWAYS]
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Centre } from './lib/centre.mjs';
import { ownPorts, pause, root, until } from './lib/home.mjs';

const bin = process.env.YIHAO_BIN ?? path.join(root, 'build/release/bin');
const gateways = Number(process.argv[2] ?? 20);
const BINDS = 4;
const TEXTS = 200;
const GONE_MS = 30_000;
const port = ownPorts + 50;
const folder = mkdtempSync(path.join(tmpdir(), 'yihao-reconnect-'));
const children = [];
process.on('exit', () => {
  children.forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
});
let failures = 0;
const check = (good, words) => {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${words}`);
  if (!good) failures++;
};

const startCentre = () => new Centre(port, port + 1, ['../fake/operator.mjs', '--protocol', 'cmpp3', '--account', 'yihao', '--password', 'secret']);

function startGateway(place) {
  const home = path.join(folder, `home-${place}`);
  mkdirSync(path.join(home, 'city'), { recursive: true });
  mkdirSync(path.join(home, 'sms-1'));
  writeFileSync(path.join(home, 'settings.conf'), `city = "city"
dispatcher {
    commands = "tcp://127.0.0.1:${port + 2}"
    events = "tcp://127.0.0.1:${port + 3}"
    metrics_port = ${port + 4}
}
sms "sms-1" {
    metrics_port = ${port + 10 + place}
    centre "centre" {
        protocol = "cmpp3"
        port = ${port}
        account = "yihao"
        password = "secret"
        binds = ${BINDS}
    }
}
`);
  writeFileSync(path.join(home, 'sms-1/lines'), '12110 110\n');
  execFileSync(path.join(bin, 'yihao'), ['keys', 'make', '--home', home], { stdio: 'ignore' });
  children.push(spawn(path.join(bin, 'yihao-sms'), ['--home', home, '--name', 'sms-1'], { stdio: 'ignore' }));
}

/** The most connections that began within one second. */
function most(attempts) {
  let best = 0;
  for (let first = 0, last = 0; last < attempts.length; last++) {
    while (attempts[last] - attempts[first] >= 1000) first++;
    best = Math.max(best, last - first + 1);
  }
  return best;
}

let centre = startCentre();
const state = () => centre.ask('GET', 'state').catch(() => ({ sessions: [], attempts: [] }));
const allStand = (seconds) => until('all connections stand', async () => (await state()).sessions.length === gateways * BINDS, seconds);

await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
for (let i = 0; i < gateways; i++) startGateway(i);
await allStand(60);
check(true, `${gateways * BINDS} connections of ${gateways} gateways stand`);

await centre.ask('POST', 'drop', { every: 5000 });
const answers = await Promise.all(Array.from({ length: TEXTS }, async (_, i) => {
  await pause(Math.random() * 20_000);
  return (await centre.deliver(`138${String(i).padStart(8, '0')}`, '12110', `救命 ${i}`)).answers[0].command_status;
}));
await centre.ask('POST', 'drop', { every: 0 });
check(answers.every((status) => status === 0), `${answers.filter((status) => status === 0).length} of ${TEXTS} texts taken while all lines drop every 5 s`);
let begun = Date.now();
await allStand(90);
check(true, `all back ${((Date.now() - begun) / 1000).toFixed(1)} s after the last drop`);

centre.stop();
await pause(GONE_MS);
begun = Date.now();
centre = startCentre();
await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
await allStand(150);
const { attempts } = await state();
const storm = most(attempts);
check(true, `all back ${((Date.now() - begun) / 1000).toFixed(1)} s after the centre was gone for ${GONE_MS / 1000} s`);
check(storm <= gateways * BINDS / 2, `at most ${storm} of ${gateways * BINDS} connections began within one second`);
centre.stop();
process.exit(failures ? 1 : 0);
