// SPDX-License-Identifier: GPL-3.0-or-later
//
// A message centre of one operator for tests: CMPP 2.0 or 3.0, SGIP 1.2, SMGP 3.0 or SMPP 3.4, with
// the faults real ones have. Driven over HTTP on the loopback address as tests/e2e/smsc/centre.mjs is.
//
//     node operator.mjs --protocol cmpp3 [--port 7890] [--control 7891] [--account ID --password WORD]
//                       [--call PORT --call-account ID --call-password WORD]   SGIP, outbind: call the gateway
//
//     POST /deliver   {"from","to","text"|"hex","format":8,"long":true,"reverse":true}
//                     → {"answers":[{"command_status":0,"ms":12,"tries":1}, …]}
//     GET  /texts     what gateways submitted, parts put together    DELETE /texts
//     POST /receipts  {"state":"DELIVRD|UNDELIV|none","delay":200}
//     POST /answers   {"status":8,"count":10,"delay":0}  the next submits are answered so; "none": not at all
//     POST /faults    {"late":ms, "throttle":n, "repeat":true, "sequence":n}  answers come late; each n-th submit is
//                     refused for its speed; every delivery is sent twice; the next n submits are answered under a
//                     wrong sequence number
//     POST /drop      {"every":5000} cuts all connections now and every so many ms; 0 stops it
//     POST /raw       {"hex"} to every gateway      POST /bad {"kind":"length|huge|half|unknown|stray"}
//     GET  /state     {"sessions":[…],"binds","connects","submits","delivers","doubled"}
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { protocols, readPdu, writeFields, writePdu } from './operator_pdus.mjs';

const options = parseArgs({
  options: {
    protocol: { type: 'string', default: 'cmpp3' },
    port: { type: 'string', default: '7890' },
    control: { type: 'string', default: '7891' },
    account: { type: 'string', default: 'yihao' },
    password: { type: 'string', default: 'yihao' },
    call: { type: 'string' },
    'call-account': { type: 'string', default: 'operator' },
    'call-password': { type: 'string', default: 'secret' },
    log: { type: 'string' },
  },
}).values;
const protocol = options.protocol;
const isCmpp = protocol.startsWith('cmpp');
const THROTTLED = { cmpp2: 8, cmpp3: 8, sgip: 11, smgp: 1, smpp: 0x58 }[protocol];
const RESPONSE = 0x80000000;
const COMMANDS = Object.fromEntries(Object.entries(protocols[protocol].bodies).map(([command, [name]]) => [name, Number(command)]));

let nextLink = 1;

/** A line of the log: who said what, octets in hexadecimal. */
function log(link, way, pdu) {
  if (!options.log) return;
  const words = JSON.stringify(pdu, (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value));
  appendFileSync(options.log, `${new Date().toISOString()} link=${link.name} ${way} ${words ?? ''}\n`);
}

const links = new Set(); // bound connections, either way
const texts = [];
const known = new Set(); // reference marks of texts taken: a doubled one is counted
const counts = { connects: 0, binds: 0, submits: 0, delivers: 0, doubled: 0, attempts: [] };
let receipts = { state: 'DELIVRD', delay: 200 };
let answers = { status: 0, count: 0, delay: 0 };
let faults = {};
let nextSequence = 1;
let nextId = 1;
let dropTimer = null;

const md5 = (...parts) => createHash('md5').update(Buffer.concat(parts.map((part) => Buffer.from(part, 'latin1')))).digest();
const stamp = () => {
  const beijing = new Date(Date.now() + 8 * 3600_000).toISOString();
  return beijing.slice(5, 19).replace(/[-:T]/g, '');
};

/* ------------------------------------------------------------------------------------ binding */

/** The answer to a request to bind, and whether it is granted. */
function bindAnswer(link, pdu) {
  const good = pdu.account === options.account && (protocol === 'smpp' || protocol === 'sgip' ? pdu.password === options.password : proves(pdu));
  const status = good ? 0 : { cmpp2: 3, cmpp3: 3, sgip: 1, smgp: 21, smpp: 0x0e }[protocol];
  const written = protocol === 'cmpp2' ? [status] : [0, 0, 0, status];
  const proof = pdu.proof && md5(Buffer.from(written), pdu.proof, options.password);
  link.send({ ...pdu, command: pdu.command + RESPONSE, status, proof, account: 'operator' });
  return good;
}

function proves(pdu) {
  const zeros = Buffer.alloc(isCmpp ? 9 : 7);
  return md5(pdu.account, zeros, options.password, String(pdu.stamp).padStart(10, '0')).equals(pdu.proof);
}

/* -------------------------------------------------------------------------------- what comes in */

const waiting = new Map();

function lettersOf(format, octets) {
  if (format === 8) return Buffer.from(octets).swap16().toString('utf16le');
  return octets.toString('latin1');
}

/** Notes a text; a long one when its last part is here. */
function note(pdu, id) {
  const udhi = protocol === 'smpp' ? pdu.udhi & 0x40 : protocol === 'smgp' ? pdu.options[2]?.[0] : pdu.udhi;
  let { text } = pdu;
  let place = { reference: 0, total: 1, index: 1 };
  if (udhi) {
    place = { reference: text[3], total: text[4], index: text[5] };
    text = text.subarray(1 + text[0]);
  }
  const to = [pdu.to].flat()[0].replace(/^86(?=1\d{10}$)/, '');
  const key = `${pdu.from} ${to} ${place.reference} ${place.total}`;
  const parts = waiting.get(key) ?? new Map();
  waiting.set(key, parts);
  if (parts.has(place.index)) counts.doubled += 1;
  parts.set(place.index, { words: lettersOf(pdu.format, text), id });
  if (parts.size < place.total) return;
  waiting.delete(key);
  const words = [...parts.entries()].sort(([a], [b]) => a - b).map(([, part]) => part.words).join('');
  const mark = `${to} ${words}`;
  if (known.has(mark)) counts.doubled += 1;
  known.add(mark);
  texts.push({ from: pdu.from, to, text: words, parts: place.total, format: pdu.format, ids: [id] });
}

/** A new id as this protocol has them: what goes into the answer, and what into the report. */
function idFor(pdu) {
  const number = nextId++;
  if (isCmpp) {
    const now = stamp();
    const [month, day, hour, minute, second] = now.match(/../g).map(BigInt);
    const value = (((((((((month << 5n) | day) << 5n) | hour) << 6n) | minute) << 6n) | second) << 38n) | (1234n << 16n) | BigInt(number & 0xffff);
    const id = Buffer.alloc(8);
    id.writeBigUInt64BE(value);
    return id;
  }
  if (protocol === 'smgp') return Buffer.from(`010125${stamp().slice(0, 8)}${String(number).padStart(6, '0')}`, 'hex');
  if (protocol === 'sgip') {
    const id = Buffer.alloc(12);
    [pdu.node, pdu.stamp, pdu.sequence].forEach((one, i) => id.writeUInt32BE(one, 4 * i));
    return id;
  }
  return String(number);
}

const wantsReport = (pdu) => (protocol === 'sgip' ? pdu.report === 1 : pdu.report & 1);

function reportOf(pdu, id, plan) {
  const to = [pdu.to].flat()[0];
  const done = stamp().slice(0, 8);
  if (isCmpp) {
    const text = writeFields(protocols[protocol].report, { id, stat: plan.state, submitted: `26${done}`, done: `26${done}`, to, smsc: 7 });
    return { command: COMMANDS.deliver, id: Buffer.alloc(8, 1), to: pdu.from, from: to, report: 1, text };
  }
  if (protocol === 'sgip') return { command: COMMANDS.report, id, to, state: plan.state === 'DELIVRD' ? 0 : 2, error: plan.state === 'DELIVRD' ? 0 : 13 };
  const words = ` sub:001 dlvrd:001 Submit_Date:26${done} Done_Date:26${done} Stat:${plan.state} Err:000 Txt:`;
  if (protocol === 'smgp')
    return { command: COMMANDS.deliver, id: Buffer.alloc(10, 1), report: 1, from: to, to: pdu.from, received: `2026${stamp()}`,
      text: Buffer.concat([Buffer.from('id:'), id, Buffer.from(words)]) };
  return { command: COMMANDS.deliver, from: to, to: pdu.from, udhi: 4, text: Buffer.from(`id:${id}${words.replaceAll('_', ' ')}`) };
}

function onSubmit(link, pdu) {
  counts.submits += 1;
  const plan = answers.count > 0 ? { ...answers } : { status: 0, delay: 0 };
  if (answers.count > 0) answers.count -= 1;
  if (faults.throttle && counts.submits % faults.throttle === 0) plan.status = THROTTLED;
  if (plan.status === 'none') return;
  const id = plan.status === 0 ? idFor(pdu) : '';
  const sequence = faults.sequence > 0 ? pdu.sequence + 1000 : pdu.sequence;
  if (faults.sequence > 0) faults.sequence -= 1;
  if (plan.status === 0) note(pdu, id);
  setTimeout(() => link.send({ ...pdu, command: pdu.command + RESPONSE, sequence, status: plan.status, id, options: {} }),
    plan.delay + (faults.late ?? 0));
  const outcome = { ...receipts };
  if (plan.status === 0 && wantsReport(pdu) && outcome.state !== 'none')
    setTimeout(() => void deliverPart(reportOf(pdu, id, outcome)), outcome.delay + (faults.late ?? 0));
}

function onPdu(link, pdu) {
  if (pdu.command >= RESPONSE) return link.answered(pdu);
  if (['connect', 'bind', 'login'].includes(pdu.is)) {
    counts.binds += 1;
    if (bindAnswer(link, pdu)) link.bound(pdu);
    return undefined;
  }
  if (pdu.is === 'submit') return onSubmit(link, pdu);
  if (pdu.is === 'active') return link.send({ ...pdu, command: pdu.command + RESPONSE });
  if (['terminate', 'unbind', 'exit'].includes(pdu.is)) {
    link.send({ ...pdu, command: pdu.command + RESPONSE });
    return link.socket.end();
  }
  return undefined;
}

/* ------------------------------------------------------------------------------- connections */

class Link {
  constructor(socket, isCall) {
    this.socket = socket;
    this.isCall = isCall;
    this.name = nextLink++;
    this.open = new Map();
    this.bytes = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.take(bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      log(this, 'ended');
      links.delete(this);
      for (const done of this.open.values()) done(null);
      this.open.clear();
    });
  }

  take(bytes) {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    while (this.bytes.length >= 4 && this.bytes.length >= this.bytes.readUInt32BE(0)) {
      const length = this.bytes.readUInt32BE(0);
      const pdu = readPdu(protocol, this.bytes.subarray(0, length));
      this.bytes = this.bytes.subarray(length);
      log(this, 'got', pdu);
      onPdu(this, pdu);
    }
  }

  bound(pdu) {
    this.gateway = pdu.account;
    // SGIP: what the gateway opened is for submitting alone; SMPP's transmitter too.
    this.takes = protocol === 'sgip' ? this.isCall : protocol === 'smpp' ? pdu.command !== 2 : true;
    links.add(this);
  }

  send(pdu) {
    log(this, this.socket.writable ? 'said' : 'could not say', pdu);
    if (this.socket.writable) this.socket.write(writePdu(protocol, pdu));
  }

  /** Sends a request; resolves with its answer, or null when the connection ended before. */
  ask(pdu) {
    const sequence = nextSequence++;
    return new Promise((done) => {
      this.open.set(sequence, done);
      this.send({ node: 30, stamp: Number(stamp()), sequence, ...pdu });
      if (faults.repeat) this.send({ node: 30, stamp: Number(stamp()), sequence, ...pdu });
    });
  }

  answered(pdu) {
    const done = this.open.get(pdu.sequence);
    this.open.delete(pdu.sequence);
    done?.(pdu);
  }
}

/** SGIP's centre, and SMPP's outbind, connect to the gateway. */
async function call() {
  const socket = net.connect(Number(options.call), '127.0.0.1');
  const link = new Link(socket, true);
  socket.on('close', () => setTimeout(call, 300));
  socket.on('connect', async () => {
    const words = { account: options['call-account'], password: options['call-password'] };
    if (protocol === 'smpp') return link.send({ command: COMMANDS.outbind, sequence: nextSequence++, ...words });
    const answer = await link.ask({ command: COMMANDS.bind, type: 2, ...words });
    if (answer?.status === 0) link.bound({ account: 'called' });
    else socket.destroy();
  });
}

const server = net.createServer((socket) => {
  counts.connects += 1;
  counts.attempts.push(Date.now());
  new Link(socket, false);
});

/* ------------------------------------------------------------------------------------ control */

const ANSWER_MS = 30_000;
let turn = 0;

async function deliverPart(pdu) {
  const begun = Date.now();
  counts.delivers += 1;
  for (let tries = 1; Date.now() - begun < ANSWER_MS; ) {
    const ready = [...links].filter((link) => link.takes);
    const link = ready[turn++ % ready.length];
    const answer = link && (await link.ask(pdu));
    if (answer) return { command_status: answer.status, ms: Date.now() - begun, tries };
    if (link) tries += 1;
    await new Promise((done) => setTimeout(done, 100));
  }
  return { command_status: null, ms: Date.now() - begun };
}

let nextReference = 1;

function partsOf({ from, to, text, hex, format = 8, long, reverse }) {
  const octets = hex !== undefined ? Buffer.from(hex, 'hex') : format === 8 ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'latin1');
  const base = { command: COMMANDS.deliver, id: Buffer.alloc(isCmpp ? 8 : 10, 7), from, to, format, received: `2026${stamp()}` };
  if (!long && octets.length <= 140) return [{ ...base, text: octets }];
  const reference = nextReference++;
  const total = Math.ceil(octets.length / 134);
  const parts = Array.from({ length: total }, (_, i) => ({
    ...base,
    udhi: protocol === 'smpp' ? 0x40 : 1,
    options: protocol === 'smgp' ? { 2: Buffer.from([1]) } : {},
    text: Buffer.concat([Buffer.from([5, 0, 3, reference & 255, total, i + 1]), octets.subarray(i * 134, (i + 1) * 134)]),
  }));
  return reverse ? parts.reverse() : parts;
}

async function deliver(order) {
  return { answers: await Promise.all(partsOf(order).map(deliverPart)) };
}

function drop({ every }) {
  if (every !== undefined && dropTimer) clearInterval(dropTimer);
  if (every !== undefined) dropTimer = every > 0 ? setInterval(() => drop({}), every) : null;
  for (const link of links) link.socket.destroy();
  return {};
}

/** Octets no centre should send. */
function bad({ kind }) {
  const whole = writePdu(protocol, { ...partsOf({ from: '13800000000', to: '12110', text: 'x' })[0], sequence: 1, node: 1, stamp: 1 });
  const length = (value) => Buffer.concat([Buffer.from([(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]), whole.subarray(4)]);
  const octets = {
    length: () => length(5),
    huge: () => Buffer.concat([length(1024 * 1024), Buffer.alloc(1024 * 1024)]),
    half: () => whole.subarray(0, whole.length / 2),
    cut: () => length(whole.length - 20).subarray(0, whole.length - 20),
    unknown: () => Buffer.concat([whole.subarray(0, 4), Buffer.from([0x12, 0x34, 0x56, 0x78]), whole.subarray(8)]),
    stray: () => writePdu(protocol, { command: COMMANDS.submit_resp, sequence: 0x7ffffff0, status: 0, id: Buffer.alloc(isCmpp ? 8 : 10), node: 1, stamp: 1 }),
  }[kind]();
  for (const link of links) {
    link.socket.write(octets);
    if (kind === 'half') link.socket.end();
  }
  return { octets: octets.length };
}

const routes = {
  'POST /deliver': deliver,
  'GET /texts': () => texts,
  'DELETE /texts': () => (texts.splice(0), {}),
  'POST /receipts': (plan) => (receipts = { ...receipts, ...plan }),
  'POST /answers': (plan) => (answers = { status: 0, count: 1, delay: 0, ...plan }),
  'POST /faults': (plan) => (faults = plan),
  'POST /drop': drop,
  'POST /bad': bad,
  'POST /raw': ({ hex }) => (links.forEach((link) => link.socket.write(Buffer.from(hex, 'hex'))), {}),
  'GET /state': () => ({ sessions: [...links].map((link) => link.gateway), ...counts }),
};

http
  .createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const route = routes[`${request.method} ${request.url}`];
    try {
      const answer = route ? await route(body ? JSON.parse(body) : {}) : { error: 'no such route' };
      response.writeHead(route ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: error.message }));
    }
  })
  .listen(Number(options.control), '127.0.0.1');
server.listen(Number(options.port), '127.0.0.1');
if (options.call) void call();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
