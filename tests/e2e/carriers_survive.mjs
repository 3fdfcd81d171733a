// SPDX-License-Identifier: GPL-3.0-or-later
//
// A gateway on IPv6 alone is killed while it carries calls that came over TLS, TCP and UDP, in the clear and with sound
// secured by keys of descriptions and of a handshake. The next process goes on with the same keys; what it has to say to
// a caller whose connection died with the former one goes over a new connection, never over another transport.
//     node tests/e2e/carriers_survive.mjs
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { certify } from './lib/authority.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, hangUpAll, Line, Phones, standAt } from './lib/sip.mjs';

const HERE = '::1';
const CITIZEN = 1000; /* Hz */
const TONES = { 1001: 400, 1002: 650, 1003: 1250 };
const SEATS = [1001, 1002, 1003];
const SAME = ['state', 'taker', 'arrived_ms'];

const home = Home.make(ownPorts);
const keys = path.join(home.folder, 'keys');
let takers;
let supervisor;
let phones;
let port;
let secure;

before(async () => {
  secure = certify(keys, ['DNS:sip.city.example', `IP:${HERE}`]);
  standAt(HERE, HERE);
  home.parameter('wrap_up_ms', '1s');
  home.parameter('offer_lease_ms', '30s');
  home.withoutReserve();
  home.rewrite('users.csv', (text) => text.replaceAll('@127.0.0.1', `@[${HERE}]`));
  port = home.sipPort('trunk-1');
  const file = path.join(home.folder, 'settings.conf');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^trunk "trunk-1" \{/m, (text) =>
    `${text}\n    sip_address = "${HERE}"\n    sources = {"${HERE}"}\n    tls_port = ${port + 1}\n    tls_name = "sip.city.example"`));
  home.start('dispatcher', 'trunk-1', 'console');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
  takers = await Person.signOn(home, SEATS);
});

after(() => {
  closeCitizens();
  phones?.close();
  if (process.env.YIHAO_LOG) process.stdout.write(home.log('trunk-1'));
  home.remove();
});

const contacts = () => supervisor.asksAll('contacts');
const hears = (sound, tone) => until(`${tone} Hz is heard`, () => sound.heard.length > 3000 && sound.share(tone) > 0.3, 10);

async function talk(seat, call) {
  await takers[seat].tries('taker_ready');
  await call.answered();
  const row = await until(`${seat} talks`, async () => (await contacts()).find(({ state, taker }) => state === 'connected' && taker === seat));
  call.sound.sing(call.theirs, CITIZEN);
  const phone = phones.of(seat);
  phone.sound.sing(phone.theirs, TONES[seat]);
  await hears(call.sound, TONES[seat]);
  await hears(phone.sound, CITIZEN);
  return { call, phone, contact: row.contact, seat };
}

async function killAndStart() {
  await pause(300); /* all that was said is known */
  home.kill('trunk-1');
  await home.startAside('trunk-1');
}

test('calls over TLS, TCP and UDP on IPv6, in the clear and secured, outlive their gateway', async () => {
  const tls = await talk(1001, await Citizen.call(port + 1, 110, { tls: secure, shield: 'sdes' }));
  const agreed = await talk(1002, await Citizen.call(port, 110, { shield: 'dtls', keys }));
  const held = await talk(1003, await Citizen.call(port, 12345, { tcp: true }));
  await takers[1003].does('contact_hold', { contact: held.contact });
  const waits = await Citizen.call(port + 1, 110, { tls: secure });
  await waits.accepted();
  const rows = (all) => all.map((row) => SAME.map((name) => row[name]));
  const before = await contacts();
  assert.equal(before.length, 4);

  const lost = [tls.call, held.call, waits].map(({ line }) => line);
  await killAndStart();
  for (const line of lost) assert.ok(line.closed, 'the connection died with the process');
  for (const { contact } of before) await supervisor.eventOf(contact, 'contact_kept');
  assert.deepEqual(rows(await contacts()), rows(before), 'nobody lost, nobody moved, every place kept');
  for (const { call, phone, seat } of [tls, agreed]) {
    call.sound.heard = [];
    phone.sound.heard = [];
    await hears(call.sound, TONES[seat]);
    await hears(phone.sound, CITIZEN);
  }
  assert.equal(phones.calls.length, 3, 'no telephone rang again');

  /* the taker ends it: the carrier is called anew over TLS, by its certificate's name */
  await takers[1001].does('contact_finish', { contact: tls.contact });
  await tls.call.dropped();
  assert.ok(tls.call.line !== lost[0] && tls.call.line.tcp.encrypted, 'over TLS');
  /* the INVITE of before is answered over a new connection, to where its Via says */
  await takers[1001].tries('wrap_up_finish');
  await waits.answered();
  assert.ok(waits.line !== lost[2] && waits.line.tcp.encrypted, 'over TLS');
  await talk(1001, waits);
  await waits.bye();
  /* the held one comes back, and its caller hangs up over a connection of its own */
  await takers[1003].does('contact_resume', { contact: held.contact });
  held.call.sound.heard = [];
  await hears(held.call.sound, TONES[1003]);
  held.call.line = await Line.open({ tcp: port });
  held.call.line.onMessage = (message) => held.call.hear(message);
  await held.call.bye();
  await agreed.call.bye();
  for (const { contact } of [held, agreed]) assert.equal((await supervisor.eventOf(contact, 'contact_ended')).body.cause, 'caller');
});

test('at the end nothing is left over', async () => {
  hangUpAll();
  await until('no call', async () => {
    const figures = await home.metrics('trunk-1');
    return figures.yihao_trunk_calls === 0 && figures.yihao_trunk_phones === 0 && figures.yihao_media_channels === 0;
  });
});
