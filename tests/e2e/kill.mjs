// SPDX-License-Identifier: GPL-3.0-or-later
//
// kill -9 under load: a program dies at random moments while citizens call both gateways. Afterwards
// every call the city had accepted (180, 183) is a contact, none is two, every contact has an end, no call
// is lost with its gateway, and the journal verifies. While a program is dead, a citizen calls a gateway
// that lives and is accepted at once.
//     node tests/e2e/kill.mjs PROGRAM [ROUNDS] [CALLS_PER_SECOND] [LIBYIHAO_FAULT]        50 rounds, 20 a second
// With the library (tests/fault) it dies at a system call, before or behind it, wherever it is in its work.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from './lib/console.mjs';
import { Faults } from './lib/faults.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens } from './lib/sip.mjs';
import { ports, Sipp } from './lib/sipp.mjs';

const [victim = 'dispatcher', rounds = '50', rate = '20', library] = process.argv.slice(2);
const TAKERS = 32;
const READERS = 8;
const PATIENCE_S = 8;
const AT_ONCE_MS = 2000; /* the link's silence, the spool's fsync, and a machine that does other things */
const trunks = ['trunk-1', 'trunk-2'];
const lines = [110, 120];

const home = Home.make(ownPorts);
const running = [];
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

/** Citizens call one gateway all the time; whom they are not answered by counts as failed, that is all. */
function flow(trunk, which, count, seconds) {
  const numbers = Array.from({ length: count }, (_, i) => `13${which}${String(i).padStart(8, '0')}`);
  return new Sipp('citizen_counted.xml', ['-s', String(lines[which]), `127.0.0.1:${home.sipPort(trunk)}`,
    '-inf', 'numbers.csv', '-r', String(Number(rate) / 2), '-m', String(count), '-l', '400', '-d', '800',
    '-trace_logs', '-recv_timeout', '60000', '-timeout', `${seconds + 90}`, ...ports()],
  (folder) => writeFileSync(path.join(folder, 'numbers.csv'), `SEQUENTIAL\n${numbers.join('\n')}\n`));
}

async function shift() {
  const takers = [];
  for (let seat = 1001; seat < 1001 + TAKERS; seat++) takers.push(await Person.signIn(home, String(seat)));
  for (const taker of takers) {
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }
}

/** While the victim is dead: how long a new call at a living gateway takes to be accepted. */
async function probe(round) {
  const trunk = trunks.find((name) => name !== victim);
  const citizen = await Citizen.call(home.sipPort(trunk), 119, { number: `137${String(round).padStart(8, '0')}` });
  const { at } = await citizen.accepted(10);
  return { citizen, ms: at - citizen.begun };
}

const CALLS_AHEAD = 2000;

/** The victim runs with the library. */
function startStruck(page) {
  page.begin();
  home.shell(`YIHAO_FAULTS=${page.path} LD_PRELOAD=${library} start_program "$HOME_DIR" ${victim}; wait_healthy "$HOME_DIR" ${victim}`);
}

async function kill(page, round) {
  if (page) {
    const way = round % 2 ? 'kill_after' : 'kill';
    page.arm(way, page.count(way) + 1 + Math.floor(Math.random() * CALLS_AHEAD)); /* its end is some calls ahead */
    return;
  }
  await pause(300 + Math.random() * 1400);
  home.kill(victim);
}

async function killAndRestart(seen) {
  const page = library && new Faults(path.join(home.folder, 'faults'));
  if (page) {
    home.kill(victim);
    await until(`${victim} is dead`, () => home.pid(victim) === 0, 5);
    startStruck(page);
  }
  for (let round = 0; round < Number(rounds); round++) {
    await kill(page, round);
    await until(`${victim} is dead`, () => home.pid(victim) === 0, 5);
    const { citizen, ms } = await probe(round);
    seen.accepted.add(citizen.number);
    seen.probes.push(ms);
    const begun = Date.now();
    if (page) startStruck(page);
    else home.start(victim);
    seen.restarts.push(Date.now() - begun);
    citizen.cancel(); /* which is too late when a taker has answered meanwhile */
    await until('the probe has its last answer', () => citizen.answers.some(({ status }) => status >= 200), 10);
    if (citizen.answers.some(({ status }) => status === 200)) await citizen.bye().catch(() => 0);
    process.stdout.write(`\rkilled ${round + 1} of ${rounds}`);
  }
  process.stdout.write('\n');
  if (page) {
    page.disarm();
    page.close();
  }
}

/** { number: rows } of all contacts that ended. */
async function contactsByNumber(supervisor) {
  const contacts = await supervisor.asksAll('contacts', { ended: true });
  const by = new Map();
  let next = 0;
  await Promise.all(Array.from({ length: READERS }, async () => {
    while (next < contacts.length) {
      const row = contacts[next++];
      const { personal } = await supervisor.does('personal_read', { subject: row.contact, reason: 'supervision', fields: 2, purpose: 'verify' });
      if (!by.has(personal.number)) by.set(personal.number, []);
      by.get(personal.number).push(row);
    }
  }));
  return { contacts, by };
}

async function audit(seen) {
  const supervisor = await Person.signIn(home, '2001');
  await until('nobody waits any more', async () => (await supervisor.asksAll('contacts')).length === 0, 60).catch(() => 0);
  const live = await supervisor.asksAll('contacts');
  check(live.length === 0, `no contact is left without an end (${live.map((row) => `${row.contact} ${row.state}`)})`);

  const { contacts, by } = await contactsByNumber(supervisor);
  const cut = contacts.filter((row) => row.cause === 'gateway_lost');
  const lost = [...seen.accepted].filter((number) => !by.has(number));
  const doubled = [...by].filter(([, rows]) => rows.length > 1);
  check(seen.accepted.size > 0, `${seen.accepted.size} calls were accepted, ${contacts.length} contacts recorded, ${cut.length} cut off`);
  check(lost.length === 0, `no accepted call is lost (${lost.slice(0, 5)})`);
  check(doubled.length === 0, `no call is two contacts (${doubled.slice(0, 5).map(([number]) => number)})`);
  check(cut.length === 0, `no call was lost with its gateway (${cut.slice(0, 5).map((row) => row.contact)})`);
}

try {
  home.start();
  const phone = new Sipp('seat_phone.xml', ['-p', String(home.phonePort), '-d', '100', '-aa']);
  running.push(phone);
  await shift();
  const seconds = Number(rounds) * 2 + 4;
  const over = Date.now() + (seconds + PATIENCE_S) * 1000;
  const citizens = trunks.map((trunk, which) => flow(trunk, which, Math.ceil((Number(rate) * seconds) / 2), seconds));
  running.push(...citizens);

  const seen = { accepted: new Set(), probes: [], restarts: [] };
  await killAndRestart(seen);
  for (const citizen of citizens) { /* whom a dead gateway had accepted waits for ever */
    await Promise.race([citizen.ended, pause(Math.max(1000, over - Date.now()))]);
    for (const number of logged(citizen.folder, 'accepted')) seen.accepted.add(number);
    await citizen.stop();
  }
  const [slowest, restart] = [Math.max(...seen.probes), Math.max(...seen.restarts)];
  check(slowest < AT_ONCE_MS, `new calls were accepted within ${slowest} ms while ${victim} was dead; slowest restart ${restart} ms`);
  home.start();
  await audit(seen);
  const leaks = home.leaks(Object.values(home.passwords));
  check(leaks.length === 0, `no secret stands in a program's arguments, environment or log: ${leaks.join(', ')}`);

  home.stop();
  const verified = await home.yihao('trail', 'verify', path.join(home.folder, 'journal'));
  check(verified.code === 0, `the journal verifies: ${(verified.out + verified.err).trim().split('\n').pop()}`);
} catch (error) {
  console.log(`FAIL ${error.stack}`);
  failures++;
} finally {
  closeCitizens();
  for (const sipp of running) await sipp.stop();
  if (failures) for (const program of home.programs) console.log(`--- ${program}\n${home.log(program).slice(-1500)}`);
  home.remove();
}
process.exit(failures ? 1 : 0);
