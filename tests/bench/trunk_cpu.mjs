// SPDX-License-Identifier: GPL-3.0-or-later
//
// CPU of a trunk gateway per call: SIPp plays citizens and seats' phones against a home of its own;
// what it runs comes from /proc, of the gateway's first thread, which does the signalling. Each call is INVITE,
// offer, bridge, recording and BYE; the sound is in the other threads (bench_media measures it). Where Kamailio is installed (apt-get install kamailio), it
// relays the same calls to the same phones afterwards, as a stateful proxy with dialogs.
//     node tests/bench/trunk_cpu.mjs [CALLS_PER_SECOND] [SECONDS]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Person } from '../e2e/lib/console.mjs';
import { Home, pause, root } from '../e2e/lib/home.mjs';
import { ports, Sipp } from '../e2e/lib/sipp.mjs';

const [rate = 10, seconds = 15] = process.argv.slice(2).map(Number);
const TAKERS = 20;
const calls = rate * seconds;
const portBase = Number(process.env.YIHAO_PORT ?? 24000 + (process.pid % 140) * 60);

/** What the first threads of these processes have run, in seconds (ticks of 10 ms would hide what is short). */
const cpu = (pids) => pids.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);

/** What these processes need for the calls, without what they need idle. Says it as a line of this name; returns ms a call. */
async function measure(name, pids, port) {
  const idle = cpu(pids);
  await pause(2000);
  const before = cpu(pids);
  const citizens = new Sipp('citizen_call.xml', ['-s', '110', `127.0.0.1:${port}`,
    '-r', String(rate), '-m', String(calls), '-l', '400', '-d', '500', '-timeout', String(seconds + 20), ...ports()]);
  const ended = await citizens.ended;
  const used = cpu(pids) - before - ((before - idle) / 2) * seconds;
  console.log(`${name} calls=${calls} per_second=${rate} failed=${ended.code === 0 ? 0 : 'some'} ` +
    `cpu_s=${used.toFixed(2)} cpu_ms_per_call=${((used * 1000) / calls).toFixed(2)} ` +
    `calls_per_cpu_s=${(calls / used).toFixed(0)}`);
  if (ended.code !== 0) throw new Error(`${name}: calls failed: ${ended.words.slice(-400)}`);
  return (used * 1000) / calls;
}

/** All processes of the group that this one leads. */
const family = (pid) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((one) => {
  try {
    return Number(readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1].split(' ')[2]) === pid;
  } catch {
    return false;
  }
});

async function measureKamailio(phonePort) {
  const folder = mkdtempSync(path.join(tmpdir(), 'yihao-rival-'));
  const port = portBase + 50;
  const settings = path.join(folder, 'kamailio.cfg');
  const words = readFileSync(path.join(root, 'tests/bench/rival/kamailio.cfg'), 'utf8');
  writeFileSync(settings, words.replace(/127\.0\.0\.1:PORT/, `127.0.0.1:${port}`).replace(/:PHONES"/, `:${phonePort}"`));
  const child = spawn('kamailio', ['-f', settings, '-DD', '-E', '-Y', folder, '-P', path.join(folder, 'pid')], { stdio: 'ignore', detached: true });
  try {
    await pause(2000);
    return await measure('kamailio', family(child.pid), port);
  } finally {
    process.kill(-child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const home = Home.make(portBase);
let code = 1;
try {
  const users = path.join(home.folder, 'city', 'users.csv');
  const own = ports();
  writeFileSync(users, readFileSync(users, 'utf8').replace(/127\.0\.0\.1:\d+/g, `127.0.0.1:${own[1]}`));
  home.parameter('wrap_up_ms', '1s');
  home.start('dispatcher', 'trunk-1', 'console');
  const phone = new Sipp('seat_phone.xml', [...own, '-d', '100', '-aa']);
  for (let seat = 1001; seat < 1001 + TAKERS; seat++) {
    const taker = await Person.signIn(home, String(seat));
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }
  const ours = await measure('trunk', [home.pid('trunk-1')], home.sipPort('trunk-1'));
  if (spawnSync('kamailio', ['-v']).status === 0) {
    const theirs = await measureKamailio(own[1]);
    console.log(`trunk_to_kamailio ratio=${(ours / theirs).toFixed(2)}`);
  }
  code = 0;
  await phone.stop();
} catch (error) {
  console.log(`FAIL ${error.stack}`);
} finally {
  home.remove();
}
process.exit(code);
