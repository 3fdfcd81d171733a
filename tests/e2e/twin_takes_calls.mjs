// SPDX-License-Identifier: GPL-3.0-or-later
//
// One gateway on two machines, each in a network namespace of its own, and the dispatcher, the citizens and the
// telephones on a third. The machine that carries the calls dies, its address is moved as VRRP does it, and the twin goes
// on with who talks, waits, is held, and rings, on the same ports, within two seconds; and back again.
//     node tests/e2e/twin_takes_calls.mjs       as root: it makes networks of its own
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { certify } from './lib/authority.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, root, until } from './lib/home.mjs';
import { Citizen, closeCitizens, hangUpAll, Line, Phones, standAt } from './lib/sip.mjs';

if (!process.env.YIHAO_OWN_NETWORK) {
  const can = spawnSync('unshare', ['-n', 'sh', '-c', 'ip link add yihao0 type bridge && ip link add yihao1 type veth peer name yihao2'], { stdio: 'ignore' });
  if (can.status !== 0) {
    console.log('left out: networks of its own cannot be made here (no root, no unshare or ip, or no bridge in the kernel)');
    process.exit(0);
  }
  process.exit(spawnSync('unshare', ['-n', process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, YIHAO_OWN_NETWORK: 'yes' } }).status ?? 1);
}

const HERE = '10.77.0.1';
const SERVICE = '10.77.0.100';
const ROUTER_MAC = '00:00:5e:00:01:64'; /* RFC 5798 §7.3: of virtual router 100 */
const CITIZEN = 1000; /* Hz */
const TONES = { 1001: 400, 1002: 650, 1003: 1250, 1004: 1550 };
const SEATS = [1001, 1002, 1003, 1004];
const SILENCE_MS = 2000; /* nobody hears nothing for longer */

const ip = (...words) => execFileSync('ip', words);

/** A machine: a network namespace that lives as long as a process in it, and a home of the gateway there. */
class Machine {
  constructor(name, last) {
    this.name = name;
    this.address = `10.77.0.${last}`;
    this.holder = spawn('unshare', ['-n', 'sleep', '1000'], { stdio: 'ignore' });
    this.other = undefined;
  }

  in(...words) {
    return execFileSync('nsenter', ['-t', String(this.holder.pid), '-n', ...words]);
  }

  async plug() {
    await until('a network namespace', () => readNet(this.holder.pid) !== readNet('self'));
    for (const nic of ['own', 'service']) {
      ip('link', 'add', `${this.name}-${nic}`, 'type', 'veth', 'peer', 'name', nic, 'netns', String(this.holder.pid));
      ip('link', 'set', `${this.name}-${nic}`, 'master', 'city', 'up');
    }
    this.in('ip', 'link', 'set', 'lo', 'up');
    this.in('ip', 'link', 'set', 'own', 'up');
    this.in('ip', 'addr', 'add', `${this.address}/24`, 'dev', 'own');
    this.in('ip', 'link', 'set', 'service', 'address', ROUTER_MAC);
    this.in('sh', '-c', 'cd /proc/sys/net/ipv4/conf && echo 1 > service/arp_notify && echo 1 > all/arp_ignore && echo 2 > all/arp_announce && echo 0 > all/rp_filter');
  }

  give() {
    this.in('ip', 'addr', 'add', `${SERVICE}/24`, 'dev', 'service', 'noprefixroute');
    this.in('ip', 'link', 'set', 'service', 'up');
    this.in('ip', 'route', 'replace', '10.77.0.1/32', 'dev', 'service', 'src', SERVICE);
  }

  take() {
    this.in('ip', 'link', 'set', 'service', 'down');
    this.in('ip', 'addr', 'flush', 'dev', 'service');
  }

  /** The same gateway's home: its keys, its settings with the twin's address in them. */
  settle(home, twin) {
    this.folder = `${home.folder}-${this.name}`;
    cpSync(home.folder, this.folder, { recursive: true, filter: (file) => !/\/(log|run)\//.test(file) });
    const file = path.join(this.folder, 'settings.conf');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^trunk "trunk-1" \{/m, `trunk "trunk-1" {
    mirror = "tcp://${this.address}:7131"
    twin = "tcp://${twin.address}:7131"`));
  }

  start() {
    const log = openSync(path.join(this.folder, 'log', 'trunk-1.log'), 'a');
    this.child = spawn('nsenter', ['-t', String(this.holder.pid), '-n', path.join(process.env.YIHAO_BIN ?? path.join(root, 'build/release/bin'), 'yihao-trunk'),
      '--home', this.folder, '--name', 'trunk-1'], { stdio: ['ignore', log, log] });
  }

  async kill() {
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await gone;
  }

  get log() {
    return readFileSync(path.join(this.folder, 'log', 'trunk-1.log'), 'utf8');
  }

  says(words, times = 1) {
    return until(`${this.name} says ${words}`, () => this.log.split(words).length > times, 20);
  }

  remove() {
    this.child?.kill('SIGKILL');
    this.holder.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const readNet = (pid) => {
  try {
    return execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' });
  } catch {
    return readNet('self');
  }
};

const home = Home.make(ownPorts);
const left = new Machine('left', 11);
const right = new Machine('right', 12);
let takers;
let supervisor;
let phones;
let port;
let secure;

before(async () => {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'city', 'type', 'bridge');
  ip('link', 'set', 'city', 'up');
  ip('addr', 'add', `${HERE}/24`, 'dev', 'city');
  await left.plug();
  await right.plug();
  left.give();
  standAt(HERE, SERVICE);
  secure = certify(path.join(home.folder, 'keys'), ['DNS:sip.city.example', `IP:${HERE}`]);
  home.parameter('wrap_up_ms', '1s');
  home.parameter('unanswered_away', '5');
  home.parameter('offer_lease_ms', '30s');
  home.withoutReserve();
  home.rewrite('users.csv', (text) => text.replaceAll('@127.0.0.1', `@${HERE}`));
  const file = path.join(home.folder, 'settings.conf');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^dispatcher \{[^]*?^\}/m, (text) => text.replaceAll('127.0.0.1', HERE))
    .replace(/^trunk "trunk-1" \{/m, `trunk "trunk-1" {\n    tls_port = ${home.sipPort('trunk-1') + 1}\n    tls_name = "sip.city.example"\n    sip_address = "${SERVICE}"\n    sources = {"10.77.0.0/24"}`));
  left.settle(home, right);
  right.settle(home, left);
  home.start('dispatcher', 'console');
  port = home.sipPort('trunk-1');
  right.start();
  await right.says('stand by');
  left.start();
  await left.says(' ready ');
  await left.says('the twin follows');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
  takers = await Person.signOn(home, SEATS);
});

after(() => {
  closeCitizens();
  phones?.close();
  if (process.env.YIHAO_LOG) process.stdout.write(`${left.log}\n--- right\n${right.log}`);
  left.remove();
  right.remove();
  home.remove();
});

const contacts = () => supervisor.asksAll('contacts');
const eventOf = (contact, kind) => supervisor.eventOf(contact, kind);

async function talk(seat, line, how) {
  const call = await Citizen.call(how?.tls ? port + 1 : port, line, how);
  await takers[seat].does('taker_ready');
  await call.answered();
  const row = await until(`${seat} talks`, async () => (await contacts()).find(({ state, taker }) => state === 'connected' && taker === seat));
  call.sound.sing(call.theirs, CITIZEN);
  const phone = phones.of(seat);
  phone.sound.sing(phone.theirs, TONES[seat]);
  return { call, phone, contact: row.contact };
}

const hears = (sound, tone) => until(`${tone} Hz is heard`, () => sound.heard.length > 3000 && sound.share(tone) > 0.3, 10);

/** The machine dies, and VRRP moves its address. Returns how long each heard nothing, in ms. */
async function moveFrom(one, to, sounds) {
  for (const sound of Object.values(sounds)) sound.gap_ms = 0;
  const packets = Object.fromEntries(Object.entries(sounds).map(([name, sound]) => [name, sound.packets]));
  await one.kill();
  one.take();
  to.give();
  for (const [name, sound] of Object.entries(sounds)) {
    sound.heard = [];
    await until(`${name} hears something again`, () => sound.gap_ms > 0 && sound.heard.length > 1600 && sound.packets > packets[name] + 10);
  }
  return Object.fromEntries(Object.entries(sounds).map(([name, { gap_ms }]) => [name, gap_ms]));
}

test('the machine dies, and everybody goes on by the twin', async (t) => {
  const talks = await talk(1001, 110, { tls: secure, shield: 'sdes' });
  const held = await talk(1002, 12345, { tcp: true });
  await takers[1002].does('contact_hold', { contact: held.contact });
  const three = await talk(1003, 110, { shield: 'dtls', keys: home.folder });
  await takers[1004].tries('taker_away', { reason: 'break' });
  await takers[1003].does('party_invite', { contact: three.contact, user: 1004 });
  const guest = await until('the guest talks', () => phones.of(1004));
  guest.sound.sing(guest.theirs, TONES[1004]);
  const waits = await Citizen.call(port + 1, 110, { tls: secure });
  await waits.accepted();
  const second = await Citizen.call(port, 12345);
  await second.accepted();
  const before = await contacts();
  assert.equal(before.length, 5);
  await hears(talks.call.sound, TONES[1001]);
  await hears(talks.phone.sound, CITIZEN);
  await hears(three.call.sound, TONES[1004]);
  await until('who waits and who is held hear something', () => waits.sound.packets > 5 && second.sound.packets > 5 && held.call.sound.packets > 5);
  await pause(300);

  const sounds = { talks: talks.call.sound, taker: talks.phone.sound, held: held.call.sound, three: three.call.sound,
    guest: guest.sound, waits: waits.sound, second: second.sound };
  const gaps = await moveFrom(left, right, sounds);
  t.diagnostic(`silent for ms, the moving of the address included: ${Object.entries(gaps).map((one) => one.join(' ')).join(', ')}`);
  for (const [name, gap] of Object.entries(gaps)) assert.ok(gap < SILENCE_MS, `${name} heard nothing for ${gap} ms`);
  await hears(talks.call.sound, TONES[1001]);
  await hears(talks.phone.sound, CITIZEN);
  await hears(three.call.sound, TONES[1004]);
  await hears(guest.sound, CITIZEN);

  for (const { contact } of before) await eventOf(contact, 'contact_kept');
  const now = await contacts();
  assert.deepEqual(now.map(({ contact, state, arrived_ms }) => [contact, state, arrived_ms]), before.map(({ contact, state, arrived_ms }) => [contact, state, arrived_ms]),
    'nobody lost, nobody moved, every place kept');
  assert.equal(phones.calls.length, 4, 'no telephone rang again');

  await takers[1002].does('contact_resume', { contact: held.contact });
  await hears(held.call.sound, TONES[1002]);
  held.call.line = await Line.open({ tcp: port });
  held.call.line.onMessage = (message) => held.call.hear(message);
  await held.call.bye();
  await takers[1001].does('contact_finish', { contact: talks.contact });
  await talks.call.dropped();
  assert.ok(talks.call.lines.length === 2 && talks.call.line.tcp.encrypted, 'the carrier is called anew, over TLS');
  phones.hangUp(1003);
  await three.call.dropped();
  await takers[1001].tries('wrap_up_finish');
  await until('the emergency is answered first, by the INVITE of before', () => waits.answers.some(({ status }) => status === 200), 20);
  await until('then the other', () => second.answers.some(({ status }) => status === 200), 20);
  const [first, then] = [waits, second].map(({ answers }) => answers.find(({ status }) => status === 200).at);
  assert.ok(first <= then, 'in the order of the queue');
  await waits.bye();
  await second.bye();
  await until('nobody calls', async () => (await contacts()).length === 0);
  const { body } = await eventOf(talks.contact, 'recording_stored');
  assert.match(body.file, /-\d+\.tape$/, 'the second part has a name of its own');

  left.start();
  await left.says('stand by', 1);
  await right.says('the twin follows');
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  const rings = await Citizen.call(port, 110);
  await rings.accepted();
  phones.delay = 2500;
  await takers[1002].tries('wrap_up_finish');
  await takers[1002].does('taker_ready');
  await until('it rings', () => phones.calls.findLast(({ seat, over }) => seat === '1002' && !over));
  const rang = phones.calls.length;
  await pause(200);
  await right.kill();
  right.take();
  left.give();
  await rings.answered();
  phones.delay = 0;
  assert.equal(phones.calls.length, rang, 'one ring, not two');
  phones.of(1002).sound.sing(phones.of(1002).theirs, TONES[1002]);
  rings.sound.sing(rings.theirs, CITIZEN);
  await hears(rings.sound, TONES[1002]);
  await until('the first part of the recording is in the trail, too', async () =>
    (await supervisor.trailOf(talks.contact)).filter(({ kind }) => kind === 'recording_stored').length === 2);
  await rings.bye();
});

test('who lost the address says nothing more, and follows', async () => {
  hangUpAll();
  right.start();
  await right.says('stand by', 2);
  await left.says('the twin follows', 2);
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  await takers[1001].tries('wrap_up_finish');
  const { call, phone, contact } = await talk(1001, 12345);
  await pause(300);
  const ended = new Promise((done) => left.child.once('exit', done));
  left.take(); /* it lives, and its network is gone */
  right.give();
  assert.equal(await ended, 0);
  await eventOf(contact, 'contact_kept');
  call.sound.heard = [];
  await hears(call.sound, TONES[1001]);
  assert.ok(!call.gone && !phone.over, 'nobody was hung up');
  await call.bye();
  assert.equal((await eventOf(contact, 'contact_ended')).body.cause, 'caller');
});
