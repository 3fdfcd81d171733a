// SPDX-License-Identifier: GPL-3.0-or-later
//
// kill -9 under load: a program dies at random moments while citizens call both gateways. Afterwards
// every call the city had accepted is a contact, none is two, none is without an owner, and the trail
// verifies.
//     node tests/e2e/kill.mjs PROGRAM [ROUNDS] [CALLS_PER_SECOND]
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from './lib/console.mjs';
import { Home, pause, until } from './lib/home.mjs';
import { ports, Sipp } from './lib/sipp.mjs';

const [victim = 'dispatcher', rounds = '50', rate = '20'] = process.argv.slice(2);
const TAKERS = 40;
const lines = [110, 119, 120, 122];
const base = 24000 + (process.pid % 500) * 60;

const home = Home.make(base);
let failures = 0;
const check = (good, words) => {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${words}`);
  if (!good) failures++;
};

/** The numbers that SIPp logged with a word, e.g. "accepted". */
const logged = (folder, word) =>
  readdirSync(folder).filter((name) => name.endsWith('_logs.log'))
    .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n'))
    .filter((row) => row.startsWith(`${word} `)).map((row) => row.split(' ')[1]);

try {
  home.start();
  const phone = new Sipp('seat_phone.xml', ['-p', '15080', '-d', '100', '-aa']);
  const takers = [];
  for (let seat = 1001; seat < 1001 + TAKERS; seat++) takers.push(await Person.signIn(home, String(seat)));
  for (const taker of takers) {
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }

  const seconds = Number(rounds) * 2 + 4;
  const perGateway = Math.ceil((Number(rate) * seconds) / 2);
  const citizens = ['trunk-1', 'trunk-2'].map((trunk, which) => {
    const numbers = Array.from({ length: perGateway }, (_, i) => `13${which}${String(i).padStart(8, '0')}`);
    const line = lines[which * 2];
    const citizen = new Sipp('citizen_counted.xml', ['-s', String(line), `127.0.0.1:${home.sipPort(trunk)}`,
      '-inf', 'numbers.csv', '-r', String(Number(rate) / 2), '-m', String(perGateway), '-l', '400', '-d', '800',
      '-trace_logs', '-recv_timeout', '60000', '-timeout', `${seconds + 90}`, ...ports()],
    (folder) => writeFileSync(path.join(folder, 'numbers.csv'), `SEQUENTIAL\n${numbers.join('\n')}\n`));
    return citizen;
  });

  let slowest = 0;
  for (let round = 0; round < Number(rounds); round++) {
    await pause(300 + Math.random() * 1400);
    home.kill(victim);
    await until(`${victim} is dead`, () => home.pid(victim) === 0, 5);
    const begun = Date.now();
    home.start(victim);
    slowest = Math.max(slowest, Date.now() - begun);
    process.stdout.write(`\rkilled ${round + 1} of ${rounds}`);
  }
  console.log(`\nslowest restart until healthy: ${slowest} ms`);

  const accepted = new Set();
  for (const citizen of citizens) {
    await Promise.race([citizen.ended, pause(90000)]);
    for (const number of logged(citizen.folder, 'accepted')) accepted.add(number);
    await citizen.stop();
  }
  home.start();

  const supervisor = await Person.signIn(home, '2001');
  const live = await until('nobody waits any more', async () => {
    const rows = await supervisor.asksAll('contacts', {});
    return rows.length === 0 ? [] : null;
  }, 60).catch(() => supervisor.asks('contacts'));
  check(live.length === 0, `no contact is left without an end (${live.length} are)`);

  const contacts = await supervisor.asksAll('contacts', { ended: true });
  const times = new Map();
  for (const row of contacts) {
    const { personal } = await supervisor.does('personal_read', { subject: row.contact, reason: 'supervision' });
    times.set(personal.number, (times.get(personal.number) ?? 0) + 1);
  }
  const lost = [...accepted].filter((number) => !times.has(number));
  const doubled = [...times].filter(([, count]) => count > 1);
  check(accepted.size > 0, `${accepted.size} calls were accepted, ${contacts.length} contacts recorded`);
  check(lost.length === 0, `no accepted call is lost (${lost.slice(0, 5)})`);
  check(doubled.length === 0, `no call is two contacts (${doubled.slice(0, 5)})`);

  const cut = contacts.filter((row) => row.cause === 'gateway_lost');
  const callbacks = await supervisor.asksAll('callbacks', {});
  if (victim.startsWith('trunk'))
    check(cut.length === 0 || callbacks.length > 0, `${cut.length} cut emergency calls, ${callbacks.length} callbacks wait`);

  const verified = await home.yihao({ as: '3001' }, 'trail', 'verify', '--all');
  check(verified.code === 0, `the trail verifies: ${(verified.out + verified.err).trim().split('\n').pop()}`);
  await phone.stop();
} catch (error) {
  console.log(`FAIL ${error.stack}`);
  failures++;
} finally {
  if (failures) for (const program of home.programs) console.log(`--- ${program}\n${home.log(program).slice(-1500)}`);
  home.remove();
}
process.exit(failures ? 1 : 0);
