// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whole calls through one trunk gateway that has one core alone: queue, answer by a seat's telephone, release. The dispatcher
// and who plays citizens and telephones (bench_calls) share the other cores. Each line says what was asked of it; of the
// gateway also what each kind of its threads ran, in seconds of the core for each second.
//     node tests/bench/trunk_calls.mjs [TAKERS] [rate R SECONDS HOLD_MS | backlog N SECONDS HOLD_MS]…
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Person } from '../e2e/lib/console.mjs';
import { Home, ownPorts, pause, root } from '../e2e/lib/home.mjs';

const [takers = 40, ...words] = process.argv.slice(2).map((word) => (/^\d+$/.test(word) ? Number(word) : word));
const loads = [];
for (let i = 0; i < words.length; i += 4) loads.push(words.slice(i, i + 4).map(String));
if (!loads.length) loads.push(['backlog', String(takers * 3), '10', '0']);
const bench = path.join(process.env.YIHAO_BIN ?? path.join(root, 'build/release/bin'), '../bench/bench_calls');
if (!existsSync(bench)) {
  console.error(`${bench} is not there: cmake --build --preset dev --target bench_calls, and YIHAO_BIN=build/dev/bin in full`);
  process.exit(2);
}
const others = os.cpus().length > 1 ? `1-${os.cpus().length - 1}` : '0';

const pin = (pid, cores) => spawnSync('taskset', ['-a', '-c', '-p', cores, String(pid)]);

/** What each kind of a process's threads has run, in seconds. */
function ran(pid) {
  const kinds = {};
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const at = `/proc/${pid}/task/${task}`;
    const name = readFileSync(`${at}/comm`, 'utf8').trim().replace(/[-/ ]?\d+$/, '') + (task === String(pid) ? ' (first)' : '');
    kinds[name] = (kinds[name] ?? 0) + Number(readFileSync(`${at}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  }
  return kinds;
}

const home = Home.make(ownPorts);
let code = 0;
try {
  home.parameter('wrap_up_ms', '0s');
  home.start('dispatcher', 'trunk-1', 'console');
  for (let seat = 1001; seat < 1001 + takers; seat++) {
    const taker = await Person.signIn(home, String(seat));
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }
  const gateway = home.pid('trunk-1');
  pin(gateway, '0');
  pin(home.pid('dispatcher'), others);
  for (const [way, amount, seconds, hold = '0'] of loads) {
    const before = ran(gateway);
    const dispatcher = ran(home.pid('dispatcher'));
    const began = Date.now();
    const ended = spawnSync('taskset', ['-c', others, bench, String(home.sipPort('trunk-1')), String(home.phonePort), way, amount, seconds, hold], { encoding: 'utf8' });
    const took = (Date.now() - began) / 1000;
    const share = (now, then) => Object.entries(now).map(([kind, s]) => [kind, (s - (then[kind] ?? 0)) / took])
      .filter(([, s]) => s > 0.005).map(([kind, s]) => `${kind.replaceAll(' ', '')}=${s.toFixed(2)}`).join(' ');
    console.log(`takers=${takers} ${way}=${amount} hold_ms=${hold} ${ended.stdout.trim()}\n  gateway ${share(ran(gateway), before)} dispatcher ${share(ran(home.pid('dispatcher')), dispatcher)}`);
    if (ended.status !== 0) {
      code = 1;
      console.log(ended.stderr.trim());
    }
    await pause(2000);
  }
} catch (error) {
  console.log(`FAIL ${error.stack}`);
  code = 1;
} finally {
  home.remove();
}
process.exit(code);
