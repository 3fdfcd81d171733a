// SPDX-License-Identifier: GPL-3.0-or-later
//
// A carrier's proxy (Kamailio) stands before two gateways: it forks each call to both over TLS, and stays in the way of
// what follows (Record-Route). Who answers first has the caller, the other gateway is told; what goes on in the call
// goes through the proxy, from both sides. Neither gateway has a dispatcher: their lines' plans ring.
//     YIHAO_BIN=build/dev/bin node tests/e2e/proxied.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './lib/home.mjs';
import { answerTo, Citizen, closeCitizens, Phones, sdp, Sound } from './lib/sip.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const bin = process.env.YIHAO_BIN ?? path.join(here, '../../build/dev/bin');
const base = Number(process.env.YIHAO_PORT ?? 3800);
const proxy = base + 10; /* UDP; the next one is TLS */
const phonePort = base + 12;
const gateways = { 'trunk-1': base + 100, 'trunk-2': base + 200 };
const seats = { 'trunk-1': 1001, 'trunk-2': 1002 };
const children = [];
const home = mkdtempSync(path.join(tmpdir(), 'yihao-proxied-'));
const keys = (file) => path.join(home, 'keys', file);
let phones;

const section = (name) => `
trunk "${name}" {
    sip_address = "127.0.0.1"
    sip_port = ${gateways[name]}
    tls_port = ${gateways[name] + 1}
    rtp_low = ${gateways[name] + 2}
    rtp_high = ${gateways[name] + 41}
    metrics_port = ${gateways[name] + 42}
    sources = {"192.0.2.1"}
    carrier "proxied" {
        sources = {"127.0.0.1"}
        address = "127.0.0.1"
        port = ${proxy + 1}
        transport = "tls"
        tls_name = "proxy.carrier.example"
    }
}`;

const routing = () => `#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=2
auto_aliases=no
enable_tls=yes
listen=udp:127.0.0.1:${proxy}
listen=tls:127.0.0.1:${proxy + 1}
loadmodule "corex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "maxfwd.so"
loadmodule "tls.so"
modparam("tls", "config", "${path.join(home, 'tls.cfg')}")
request_route {
    if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
    if (is_method("OPTIONS") && uri == myself) { sl_send_reply("200", "OK"); exit; }
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) {
        if (loose_route()) { t_relay(); exit; }
        if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
        sl_send_reply("404", "Not Here");
        exit;
    }
    if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
    t_check_trans();
    record_route();
    $ru = "sip:" + $rU + "@127.0.0.1:${gateways['trunk-1'] + 1};transport=tls";
    append_branch("sip:" + $rU + "@127.0.0.1:${gateways['trunk-2'] + 1};transport=tls");
    t_relay();
}
`;

const secured = (what) => `[${what}:default]
method = TLSv1.2+
private_key = ${keys('proxy.key')}
certificate = ${keys('proxy.crt')}
ca_list = ${keys('sip-ca.pem')}
verify_certificate = yes
require_certificate = yes
`;

const openssl = (...words) => execFileSync('openssl', words, { cwd: path.join(home, 'keys'), stdio: 'ignore' });

function certify(file, name) {
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', '/CN=one');
  writeFileSync(keys('names'), `subjectAltName=DNS:${name}\n`);
  openssl('x509', '-req', '-in', `${file}.csr`, '-CA', 'sip-ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '90', '-extfile', 'names', '-out', `${file}.crt`);
}

async function start(program, words, ready) {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  child.words = '';
  child.stderr.on('data', (piece) => (child.words += piece));
  children.push(child);
  if (ready) await until(`${program} is ready`, () => child.words.includes(ready));
  return child;
}

before(async () => {
  mkdirSync(path.join(home, 'city'));
  writeFileSync(path.join(home, 'settings.conf'), `dispatcher {
    commands = "tcp://127.0.0.1:${base}"
    events = "tcp://127.0.0.1:${base + 1}"
    metrics_port = ${base + 2}
}${section('trunk-1')}${section('trunk-2')}\n`);
  execFileSync(path.join(bin, 'yihao'), ['--home', home, 'keys', 'make']);
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'sip-ca.pem', '-days', '2', '-subj', '/CN=test authority');
  certify('sip', 'sip.city.example');
  certify('proxy', 'proxy.carrier.example');
  writeFileSync(path.join(home, 'proxy.cfg'), routing());
  writeFileSync(path.join(home, 'tls.cfg'), secured('server') + secured('client'));
  phones = await Phones.open(phonePort);
  await start('kamailio', ['-DD', '-E', '-f', path.join(home, 'proxy.cfg'), '-w', home, '-Y', home, '-m', '32', '-M', '4']);
  await Promise.all(Object.keys(gateways).map((name) => {
    mkdirSync(path.join(home, name), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(home, name, 'lines'), `110 emergency none | ${seats[name]}\nphone ${seats[name]} sip:${seats[name]}@127.0.0.1:${phonePort}\n`);
    return start(path.join(bin, 'yihao-trunk'), ['--home', home, '--name', name], "by their lines' plans"); /* 2 s without a dispatcher */
  }));
});

after(() => {
  closeCitizens();
  phones?.close();
  for (const child of children) {
    if (process.env.YIHAO_LOG) process.stdout.write(child.words);
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch { /* it is over */ }
  }
  rmSync(home, { recursive: true, force: true });
});

/** The citizen hears this answer with its way back through the proxy. */
const isRouted = (message) => assert.deepEqual(message.headers.filter(([name, value]) => name === 'record-route' && /;lr/.test(value)).length, 2);

const ringsAt = (seat) => until(`the telephone of ${seat} rings`, () => phones.calls.findLast((call) => call.seat === String(seat) && !call.over));

test('both gateways ring, the first that answers has the caller, and the other is told', async () => {
  phones.manners[1002] = 'ring';
  phones.delay = 300;
  const call = await Citizen.call(proxy, 110);
  const other = await ringsAt(1002);
  isRouted(await call.answered());
  const seat = await until('it talks', () => phones.of(1001)?.acknowledged && phones.of(1001));
  await until('the other is cancelled', () => other.cancelled);
  const changed = await call.reinvite('sendonly');
  assert.equal(changed.status, 200, 'a further INVITE goes the way of the first');
  assert.match(changed.body, /a=recvonly/);
  await call.bye();
  await until('the telephone is hung up', () => seat.over);
});

test('who is at the telephone hangs up first: the BYE goes out through the proxy', async () => {
  phones.manners = { 1001: 'ring', 1002: 'answer' };
  const call = await Citizen.call(proxy, 110);
  const other = await ringsAt(1001);
  await call.answered();
  await until('it talks', () => phones.of(1002)?.acknowledged);
  await until('the other is cancelled', () => other.cancelled);
  phones.hangUp(1002);
  await call.dropped();
});

test('the caller gives up while both ring: both are told', async () => {
  phones.manners = { 1001: 'ring', 1002: 'ring' };
  const call = await Citizen.call(proxy, 110);
  const [first, second] = await Promise.all([ringsAt(1001), ringsAt(1002)]);
  call.cancel();
  await call.heard(487);
  await until('both are cancelled', () => first.cancelled && second.cancelled);
});

/** The telephone that rings is picked up now. */
async function pickUp(ringing) {
  ringing.sound = await Sound.open();
  ringing.answered = true;
  phones.line.say(answerTo(ringing.invite, 200, 'OK', { tag: ringing.tag, contact: phones.contact(ringing.seat), body: sdp(ringing.sound.port) }), ringing.peer);
}

test('both are picked up at the same moment: no gateway keeps a call that nobody has', async (t) => {
  phones.manners = { 1001: 'ring', 1002: 'ring' };
  const call = await Citizen.call(proxy, 110);
  const rung = await Promise.all([ringsAt(1001), ringsAt(1002)]);
  await Promise.all(rung.map(pickUp));
  await call.answered();
  const tags = () => new Set(call.answers.filter(({ status }) => status === 200).map((answer) => answer.header('to')));
  await until('the slower one is told, or answers too', () => rung.some(({ over }) => over) || tags().size === 2);
  t.diagnostic(`${tags().size} gateways answered`);
  await call.bye();
  for (const { seat, over } of rung) if (!over) phones.hangUp(seat);
  const count = (words, what) => words.split(what).length - 1;
  for (const child of children.slice(1))
    await until('every call is over', () => count(child.words, ' end call=') === 4 && count(child.words, ' arrive call=') === 4);
});
