// SPDX-License-Identifier: GPL-3.0-or-later
//
// The n-th allocation, write, sync, open or send of a real message gateway or console server fails, is cut short or is its
// last (tests/fault), at its start and at work. Each time it goes on, or ends with a word; afterwards whatever anybody was
// told is done is there, once.
//     node tests/e2e/strikes.mjs sms-1|console memory|EIO|ENOSPC|EINTR|short|kill ROUNDS LIBYIHAO_FAULT [SEED]
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Faults, WAYS } from './lib/faults.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';

const [victim, way, rounds, library, seed = String(Date.now() % 100000)] = process.argv.slice(2);
const KIND = { 'sms-1': 'yihao-sms', console: 'yihao-console' }[victim];
if (!KIND || !WAYS[way] || !library) {
  console.error('strikes.mjs sms-1|console memory|EIO|ENOSPC|EINTR|short|kill ROUNDS LIBYIHAO_FAULT [SEED]');
  process.exit(2);
}
const UP_S = 30;
const LONG = 1000; /* every fourth fault stays for so many calls */
const SPREAD = 300; /* how far ahead of a working program the fault lies, calls */
const STRUCK_MS = 1500; /* so long it may take until it is struck */
const AFTER_MS = 200;
const WORK = 6; /* so much is done before it is struck at work */
const FRESH = 8; /* so many strikes, then it begins unharmed: does the disk agree? */
const DEPARTMENT = 6; /* cg's */

const home = Home.make(ownPorts);
const centrePort = ownPorts + 50;
const faults = new Faults(path.join(home.folder, 'faults'));
const seen = { starts: 0, works: 0, struck: 0, went_on: 0, ended: 0, wordless: 0, crashed: 0, stuck: 0 };
let failures = 0;
const check = (good, words) => {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${words}`);
  if (!good) failures++;
};

/* The same draws for the same seed (mulberry32). */
let state = Number(seed);
function below(count) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
}

/* ---- the program -------------------------------------------------------------------------------- */

let child = null; /* with .ended: { code, signal } once it ended */

function begin() {
  faults.begin();
  const log = openSync(path.join(home.folder, 'log', `${victim}.log`), 'a');
  const one = spawn(home.program(KIND), ['--home', home.folder, '--name', victim],
    { env: { ...process.env, LD_PRELOAD: library, YIHAO_FAULTS: faults.path }, stdio: ['ignore', log, log] });
  closeSync(log);
  one.logFrom = home.log(victim).length;
  one.on('exit', (code, signal) => (one.ended = { code, signal }));
  writeFileSync(path.join(home.folder, 'run', `${victim}.pid`), String(one.pid));
  child = one;
}

const answers = () => fetch(`http://127.0.0.1:${metricsPort}/healthz`, { signal: AbortSignal.timeout(2000) })
  .then((answer) => answer.status > 0).catch(() => false);

/** It ended: was that an end with a word? */
function judge(where, at) {
  const { code, signal } = child.ended;
  seen.ended++;
  if (way === 'kill' && signal === 'SIGKILL') return;
  const word = home.log(victim).slice(child.logFrom).trim().split('\n').pop();
  const crashed = signal ? signal !== 'SIGABRT' : code === 0;
  seen.crashed += crashed;
  seen.wordless += !word;
  console.log(`${crashed || !word ? 'BAD ' : ''}${way} at ${where} of call ${at} (${faults.name}): ${signal ?? code}: ${word}`);
}

async function end(signal) {
  if (!child || child.ended) return;
  child.kill(signal);
  await until(`${victim} ended`, () => child.ended, 20);
}

/** Until it answers; false: it ended, which was judged, or hangs. */
async function isUp(where, at) {
  for (const end_ms = Date.now() + UP_S * 1000; ; await pause(20)) {
    if (child.ended) {
      judge(where, at);
      return false;
    }
    if (await answers()) return true;
    if (Date.now() < end_ms) continue;
    seen.stuck++;
    console.log(`BAD ${way} at ${where}: stuck after call ${at} (${faults.name})`);
    await end('SIGKILL');
    return false;
  }
}

async function start() {
  begin();
  if (!(await isUp('an unharmed start', 0))) throw new Error(`${victim} does not start: ${home.log(victim).slice(-800)}`);
}

const anyWay = (round) => (way === 'kill' && round % 2 ? 'kill_after' : way);
const span = () => (below(4) === 0 ? LONG : 1);

/** Returns whether it goes on. */
async function strikeStart(round, calls) {
  await end('SIGKILL');
  begin(); /* armed before it has a page of its own: its first calls are its loader's */
  const at = 1 + below(calls);
  faults.arm(anyWay(round), at, span());
  seen.starts++;
  const up = await isUp('the start', at);
  seen.struck += faults.struck > 0;
  seen.went_on += up && faults.struck > 0;
  faults.disarm();
  if (!up) await start();
}

async function strikeWork(round) {
  const at = faults.count(way) + 1 + below(SPREAD);
  faults.arm(anyWay(round), at, span());
  seen.works++;
  for (const end_ms = Date.now() + STRUCK_MS; !child.ended && faults.struck === 0 && Date.now() < end_ms; ) await pause(10);
  await pause(AFTER_MS);
  const struck = faults.struck > 0;
  faults.disarm();
  seen.struck += struck;
  const up = await isUp('work', at);
  seen.went_on += up && struck;
  if (up && round % FRESH === FRESH - 1) await end('SIGKILL');
  if (!up || child.ended) await start();
}

/* ---- what they are asked, and what must be so afterwards ------------------------------------------ */

let stopped = false;

/** A server that begins anew knows nobody's cookie. */
async function signInAgain(who) {
  const again = await Person.signIn(home, who.login).catch(() => null);
  if (again) who.cookie = again.cookie;
}

/** Does it until it is known to be done: { body } that is ok. */
async function insist(who, ask) {
  for (;;) {
    const { status, body } = await ask().catch(() => ({ body: {} }));
    if (body.ok) return body;
    if (status === 401) await signInAgain(who);
    else if (body.refusal && !['busy', 'later', 'no_memory', 'no_dispatcher'].includes(body.refusal)) return body;
    await pause(100);
  }
}

/** Requests taken down without a call: each number one incident, and by the gateway one text. */
async function register(who, which, ordered) {
  for (let i = 0; !stopped; i++) {
    const number = `13${which}${String(i).padStart(8, '0')}`;
    const body = await insist(who, () => who.post('command', { key: `strike-${which}-${i}`, incident_register: { category: 230300, line: 12345 }, personal: { number } }));
    check_quietly(body.ok && body.incident, `${number}: ${JSON.stringify(body)}`);
    ordered.push({ number, incident: String(body.incident) });
    await pause(60);
  }
}

const wrong = [];
const check_quietly = (good, words) => good || wrong.push(words);

/** Citizens' texts: those whose parts were answered with 0 are acknowledged. */
async function text(centre, which, sent) {
  for (let i = 0; !stopped; i++) {
    const number = `15${which}${String(i).padStart(8, '0')}`;
    const { answers } = await centre.deliver(number, '12345', `路灯不亮 ${which}-${i}`).catch(() => ({ answers: [null] }));
    sent.push({ number, acknowledged: answers.length > 0 && answers.every((one) => one?.command_status === 0) });
    await pause(30);
  }
}

const picture = (n) => Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(60000, `picture ${n} `)]);

/** The task of this department's, as soon as it is told of it. */
const taskOf = (who, incident) => until('its task', async () => {
  const rows = await who.asks('tasks', { department: DEPARTMENT, open: true }).catch(() => signInAgain(who));
  return stopped ? 'none' : rows?.find((row) => row.incident === incident)?.task;
}, 20).catch(() => 'none');

/** Pictures, one at each task. */
async function attach(who, supervisor, ordered, stored) {
  for (let n = 0; !stopped; n++) {
    const from = await until('an incident', () => stopped || ordered[n]);
    if (stopped) return;
    await insist(supervisor, () => supervisor.post('command', { key: `lead-${n}`, incident_dispatch: { incident: from.incident, lead: DEPARTMENT } }));
    const task = await taskOf(who, from.incident);
    const answer = await fetch(`${home.consoleUrl}/api/v1/attach/${task}`, { method: 'POST', headers: { cookie: who.cookie }, body: picture(n), signal: AbortSignal.timeout(10000) })
      .then((got) => got.json()).catch(() => ({}));
    if (answer.ok) stored.push({ event: answer.event_seq, picture: picture(n) });
    await pause(100);
  }
}

async function auditIncidents(supervisor, ordered) {
  const rows = await supervisor.asksAll('incidents', {});
  const there = new Set(rows.map((row) => String(row.incident)));
  const lost = ordered.filter(({ incident }) => !there.has(incident));
  const numbers = new Set(ordered.map(({ incident }) => incident));
  check(ordered.length > 0 && lost.length === 0 && wrong.length === 0,
    `${ordered.length} requests acknowledged, ${lost.length} lost, wrong answers: ${wrong.slice(0, 3)}`);
  check(numbers.size === ordered.length, `${ordered.length - numbers.size} of them doubled`);
}

async function auditTexts(supervisor, centre, ordered, sent) {
  const count = (rows, of) => rows.reduce((all, one) => all.set(of(one), (all.get(of(one)) ?? 0) + 1), new Map());
  const got = async () => count(await centre.texts(), ({ to }) => to.slice(-11));
  await until('every citizen has the text', async () => {
    const texts = await got();
    return ordered.every(({ number }) => texts.has(number));
  }, 60).catch(() => 0);
  await pause(3000); // what would come twice, comes now
  const texts = await got();
  const lost = ordered.filter(({ number }) => !texts.has(number));
  const doubled = ordered.filter(({ number }) => texts.get(number) > 1);
  check(ordered.length > 0 && lost.length === 0, `${ordered.length} texts to citizens, ${lost.length} lost ${lost.slice(0, 3).map(({ number }) => number)}`);
  check(doubled.length === 0, `${doubled.length} doubled ${doubled.slice(0, 3).map(({ number }) => number)}`);
  const contacts = (await Promise.all([true, false].map((ended) => supervisor.asksAll('contacts', { ended })))).flat();
  const opened = [];
  for (const row of new Map(contacts.filter(({ channel }) => channel === 'sms').map((row) => [row.contact, row])).values())
    opened.push((await supervisor.does('personal_read', { subject: row.contact, reason: 'supervision', fields: 2, purpose: 'verify' })).personal.number);
  const by = count(opened, (number) => number);
  const missing = sent.filter(({ number, acknowledged }) => acknowledged && !by.has(number));
  const twice = sent.filter(({ number }) => by.get(number) > 1);
  const acknowledged = sent.filter((one) => one.acknowledged);
  check(acknowledged.length > 0 && missing.length === 0,
    `${acknowledged.length} of ${sent.length} texts of citizens acknowledged, ${missing.length} lost ${missing.slice(0, 3).map(({ number }) => number)}`);
  check(twice.length === 0, `${twice.length} of them are two contacts ${twice.slice(0, 3).map(({ number }) => number)}`);
}

async function auditPictures(who, stored) {
  let lost = 0;
  for (const { event, picture } of stored) {
    const got = await fetch(`${home.consoleUrl}/api/v1/attachments/${event}?reason=handling`, { headers: { cookie: who.cookie } });
    lost += got.status !== 200 || !Buffer.from(await got.arrayBuffer()).equals(picture);
  }
  check(lost === 0, `${stored.length} pictures acknowledged, ${lost} lost`);
}

/* ---- the drill ------------------------------------------------------------------------------------ */

const metricsPort = home.metricsPort(victim);
const isGateway = victim !== 'console';
let centre = null;
try {
  home.parameter('gateway_lost_ms', '3s');
  if (isGateway) {
    centre = new Centre(centrePort, centrePort + 1);
    await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
    await centre.ask('POST', 'receipts', { delay: 100 });
  }
  home.start('dispatcher', ...(isGateway ? ['console'] : []));
  await start();
  await centre?.bound(1);
  const supervisor = await Person.signIn(home, '2001');
  const department = await Person.signIn(home, 'cg');
  const calls = faults.count(way);
  const ordered = [], sent = [], stored = [];
  const flows = [0, 1].map((which) => register(isGateway ? supervisor : Object.assign(new Person(home, '2001'), { cookie: supervisor.cookie }), which, ordered));
  if (isGateway) flows.push(...[0, 1].map((which) => text(centre, which, sent)));
  else flows.push(attach(department, supervisor, ordered, stored));
  const isDone = () => ordered.length + sent.length + stored.length;
  for (let round = 0; round < Number(rounds); round++) {
    if (round % 2 === 0) await strikeStart(round, calls);
    else {
      const done = isDone() + WORK;
      await until('something is done between two strikes', () => isDone() >= done || child.ended, 20).catch(() => 0);
      await strikeWork(round);
    }
  }
  stopped = true;
  await end('SIGKILL');
  await start();
  await Promise.all(flows);
  const auditor = await Person.signIn(home, '2001');
  await auditIncidents(auditor, ordered);
  if (isGateway) await auditTexts(auditor, centre, ordered, sent);
  else await auditPictures(await Person.signIn(home, 'cg'), stored);
  console.log(`${victim} ${way}: ${Object.entries(seen).map(([name, count]) => `${name}=${count}`).join(' ')} seed=${seed}`);
  check(seen.wordless + seen.crashed + seen.stuck === 0, 'it went on, or ended with a word');
  await end('SIGTERM');
  home.stop();
  const verified = await home.yihao('trail', 'verify', path.join(home.folder, 'journal'));
  check(verified.code === 0, `the journal verifies: ${(verified.out + verified.err).trim().split('\n').pop()}`);
} catch (error) {
  console.log(`FAIL ${error.stack} ${error.cause ?? ''}`);
  failures++;
} finally {
  centre?.stop();
  await end('SIGKILL').catch(() => 0);
  if (process.env.KEEP) console.log(home.folder);
  else home.remove();
}
process.exit(failures ? 1 : 0);
