// SPDX-License-Identifier: GPL-3.0-or-later
//
// CPU of a trunk gateway per call: SIPp plays citizens and seats' phones against a home of its own;
// user and system time of the gateway come from /proc. Each call is INVITE, offer, bridge, recording
// and BYE, without sound (bench_media measures that).
//     node tests/bench/trunk_cpu.mjs [CALLS_PER_SECOND] [SECONDS]
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from '../e2e/lib/console.mjs';
import { Home, pause } from '../e2e/lib/home.mjs';
import { ports, Sipp } from '../e2e/lib/sipp.mjs';

const [rate = 10, seconds = 15] = process.argv.slice(2).map(Number);
const TAKERS = 20;
const TICKS_PER_SECOND = 100;
const calls = rate * seconds;

/** User and system time of a process, seconds. */
const cpu = (pid) => {
  const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(words[11]) + Number(words[12])) / TICKS_PER_SECOND;
};

const home = Home.make(24000 + (process.pid % 140) * 60);
let code = 1;
try {
  const users = path.join(home.folder, 'city', 'users.csv');
  const own = ports();
  writeFileSync(users, readFileSync(users, 'utf8').replace(/127\.0\.0\.1:\d+/g, `127.0.0.1:${own[1]}`));
  home.start('dispatcher', 'trunk-1', 'console');
  const phone = new Sipp('seat_phone.xml', [...own, '-d', '100', '-aa']);
  for (let seat = 1001; seat < 1001 + TAKERS; seat++) {
    const taker = await Person.signIn(home, String(seat));
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }
  const pid = home.pid('trunk-1');
  const idle = cpu(pid);
  await pause(2000);
  const before = cpu(pid);
  const citizens = new Sipp('citizen_call.xml', ['-s', '110', `127.0.0.1:${home.sipPort('trunk-1')}`,
    '-r', String(rate), '-m', String(calls), '-l', '400', '-d', '500', '-timeout', String(seconds + 20), ...ports()]);
  const ended = await citizens.ended;
  const used = cpu(pid) - before - ((before - idle) / 2) * seconds;
  console.log(`trunk calls=${calls} per_second=${rate} failed=${ended.code === 0 ? 0 : 'some'} ` +
    `cpu_s=${used.toFixed(2)} cpu_ms_per_call=${((used * 1000) / calls).toFixed(2)} ` +
    `calls_per_cpu_s=${(calls / used).toFixed(0)}`);
  code = ended.code === 0 ? 0 : 1;
  await phone.stop();
} catch (error) {
  console.log(`FAIL ${error.stack}`);
} finally {
  home.remove();
}
process.exit(code);
