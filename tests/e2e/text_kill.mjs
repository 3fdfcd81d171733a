// SPDX-License-Identifier: GPL-3.0-or-later
//
// kill -9 of either message gateway and of the dispatcher, at random, while the city texts citizens. A
// killed gateway stays away for up to 12 s, so that its twin takes over what it had not begun to send.
// Afterwards every citizen has got the text once: none is lost, none is doubled.
//     node tests/e2e/text_kill.mjs [ROUNDS] [TEXTS_PER_SECOND]           30 rounds, 20 a second
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';

const [rounds = '30', rate = '20'] = process.argv.slice(2).map(String);
const VICTIMS = ['sms-1', 'sms-2', 'dispatcher'];
const AWAY_MS = 12_000;
const home = Home.make(ownPorts);
const centrePort = ownPorts + 50;
home.parameter('gateway_lost_ms', '3s');
const centre = new Centre(centrePort, centrePort + 1);
await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
home.start('dispatcher', 'console', 'sms-1', 'sms-2');
await centre.bound(2);
await centre.ask('POST', 'receipts', { delay: 100 });
await centre.ask('POST', 'answers', { status: 0, count: 1_000_000, delay: 30 }); // a window is always open
const supervisor = await Person.signIn(home, '2001');

const ordered = [];
let stopped = false;
let failures = 0;
const check = (good, words) => {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${words}`);
  if (!good) failures++;
};

/** Requests taken down without a call: each number gets one text, "your request is recorded". */
async function flow(which) {
  for (let i = 0; !stopped; i++) {
    const number = `13${which}${String(i).padStart(8, '0')}`;
    const begun = Date.now();
    const key = `kill-${which}-${i}`;
    for (;;) { // the same key until it is known to be in the journal
      const { body } = await supervisor.post('command', { key, incident_register: { category: 230300, line: 12345 }, personal: { number } })
        .catch(() => ({ body: {} }));
      if (body.ok) break;
      if (body.refusal && body.refusal !== 'busy') throw new Error(`${number}: ${body.refusal}`);
      await pause(200);
    }
    ordered.push(number);
    await pause(Math.max(0, 4000 / Number(rate) - (Date.now() - begun)));
  }
}

const flows = [0, 1, 2, 3].map(flow);
for (let round = 0; round < Number(rounds); round++) {
  await pause(300 + Math.random() * 1500);
  const victim = VICTIMS[Math.floor(Math.random() * VICTIMS.length)];
  home.kill(victim);
  await until(`${victim} is dead`, () => home.pid(victim) === 0, 5);
  if (victim !== 'dispatcher' && round % 3 === 0) await pause(Math.random() * AWAY_MS);
  home.start(victim);
  process.stdout.write(`\rkilled ${round + 1} of ${rounds}, texts ordered ${ordered.length}`);
}
process.stdout.write('\n');
stopped = true;
await Promise.all(flows);

const got = async () => {
  const counts = new Map();
  for (const { to } of await centre.texts()) counts.set(to.slice(-11), (counts.get(to.slice(-11)) ?? 0) + 1);
  return counts;
};
await until('every citizen has the text', async () => {
  const counts = await got();
  return ordered.every((number) => counts.has(number));
}, 90).catch(() => 0);
await pause(5000); // what would come twice, comes now
const counts = await got();
const lost = ordered.filter((number) => !counts.has(number));
const doubled = [...counts].filter(([, count]) => count > 1);
const figures = await Promise.all(['sms-1', 'sms-2'].map((name) => home.metrics(name)));
const sum = (name) => figures.reduce((all, one) => all + (one[name] ?? 0), 0);
check(ordered.length > 0 && lost.length === 0, `${ordered.length} texts ordered, ${lost.length} lost ${lost.slice(0, 5)}`);
check(doubled.length === 0, `${doubled.length} doubled ${doubled.slice(0, 5)}`);
console.log(`since the last starts: possibly doubled ${sum('yihao_sms_out_possible_duplicates_total')}, cleared up by receipts ` +
  `${sum('yihao_sms_out_cleared_up_total')}, left to the twin ${sum('yihao_sms_out_dropped_total')}`);
centre.stop();
home.remove();
process.exit(failures ? 1 : 0);
