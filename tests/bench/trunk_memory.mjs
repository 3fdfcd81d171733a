// SPDX-License-Identifier: GPL-3.0-or-later
//
// Memory of a trunk gateway, in a home of its own. First, calls that wait: so many callers hear 183 and hold on while nobody is
// signed on; resident memory of a batch over the batch before it. Then, growth: calls are answered, bridged, recorded and
// ended, and after each fifth of them resident memory and descriptors are read once the transactions are forgotten. Fails when
// a call failed, descriptors grew, or the last fifth took more than GROWTH_KIB of memory.
//     node tests/bench/trunk_memory.mjs [WAITING] [CALLS] [CALLS_PER_SECOND]
import { createSocket } from 'node:dgram';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from '../e2e/lib/console.mjs';
import { Home, pause, until } from '../e2e/lib/home.mjs';
import { ports, Sipp } from '../e2e/lib/sipp.mjs';

const [waiting = 200, calls = 10000, rate = 8] = process.argv.slice(2).map(Number);
const TAKERS = 20;
const FORGOTTEN_MS = 35000; // 64 × T1, and some
const GROWTH_KIB = 1024;
const portBase = Number(process.env.YIHAO_PORT ?? 24000 + (process.pid % 140) * 60);

const resident = (pid) => Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/** A citizen's telephone that calls and waits: `from` … `to`, each with a number of its own. */
class Waiters {
  constructor(port) {
    this.port = port;
    this.heard = new Set();
    this.socket = createSocket('udp4');
    this.socket.on('message', (bytes) => {
      const words = String(bytes);
      const id = /^Call-ID: (\d+)-idle/m.exec(words);
      if (id && /^SIP\/2\.0 18/.test(words)) this.heard.add(Number(id[1]));
    });
  }

  async open() {
    await new Promise((done) => this.socket.bind(0, '127.0.0.1', done));
  }

  say(method, call) {
    const own = this.socket.address().port;
    const number = `139${String(10000000 + call)}`;
    const body = method === 'INVITE' ? 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n' +
      `m=audio ${own} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n` : '';
    this.socket.send(`${method} sip:12345@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bKidle${call}\r\n` +
      `From: <sip:${number}@127.0.0.1:${own}>;tag=i${call}\r\nTo: <sip:12345@127.0.0.1>\r\nCall-ID: ${call}-idle\r\n` +
      `CSeq: 1 ${method}\r\nContact: <sip:${number}@127.0.0.1:${own}>\r\nMax-Forwards: 70\r\n` +
      `${body ? 'Content-Type: application/sdp\r\n' : ''}Content-Length: ${body.length}\r\n\r\n${body}`, this.port, '127.0.0.1');
  }

  async call(from, to) {
    for (let call = from; call < to; call++) {
      this.say('INVITE', call);
      await pause(20);
    }
    await until('all of them wait', () => this.heard.size >= to, 60);
    await pause(3000);
  }
}

async function measureWaiting(home) {
  const pid = home.pid('trunk-1');
  const waiters = new Waiters(home.sipPort('trunk-1'));
  await waiters.open();
  await waiters.call(0, waiting);
  const first = resident(pid);
  await waiters.call(waiting, 2 * waiting);
  console.log(`waiting calls=${2 * waiting} resident_kib=${resident(pid)} kib_per_waiting_call=${((resident(pid) - first) / waiting).toFixed(1)}`);
  for (let call = 0; call < 2 * waiting; call++) waiters.say('CANCEL', call);
  await pause(FORGOTTEN_MS);
  waiters.socket.close();
}

async function measureGrowth(home, own) {
  const pid = home.pid('trunk-1');
  const phone = new Sipp('seat_phone.xml', [...own, '-d', '100', '-aa']);
  for (let seat = 1001; seat < 1001 + TAKERS; seat++) {
    const taker = await Person.signIn(home, String(seat));
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }
  const seen = [];
  for (let fifth = 0; fifth < 5; fifth++) {
    const part = Math.ceil(calls / 5);
    const citizens = new Sipp('citizen_call.xml', ['-s', '110', `127.0.0.1:${home.sipPort('trunk-1')}`, '-r', String(rate),
      '-m', String(part), '-l', '400', '-d', '500', '-timeout', String(Math.ceil(part / rate) + 60), ...ports()]);
    const ended = await citizens.ended;
    if (ended.code !== 0) throw new Error(`calls failed: ${ended.words.slice(-400)}`);
    await pause(FORGOTTEN_MS);
    seen.push({ kib: resident(pid), files: descriptors(pid) });
    console.log(`growth calls=${(fifth + 1) * part} resident_kib=${seen[fifth].kib} descriptors=${seen[fifth].files}`);
  }
  await phone.stop();
  return seen[4].files <= seen[0].files && seen[4].kib - seen[3].kib <= GROWTH_KIB;
}

const home = Home.make(portBase);
let code = 1;
try {
  const users = path.join(home.folder, 'city', 'users.csv');
  const own = ports();
  writeFileSync(users, readFileSync(users, 'utf8').replace(/127\.0\.0\.1:\d+/g, `127.0.0.1:${own[1]}`));
  home.parameter('wrap_up_ms', '1s');
  home.start('dispatcher', 'trunk-1', 'console');
  if (waiting > 0) await measureWaiting(home);
  code = calls === 0 || (await measureGrowth(home, own)) ? 0 : 1;
} catch (error) {
  console.log(`FAIL ${error.stack}`);
} finally {
  home.remove();
}
process.exit(code);
