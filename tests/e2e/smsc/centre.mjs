// SPDX-License-Identifier: GPL-3.0-or-later
//
// A message centre (SMSC) for tests and the demonstration: SMPP 3.4 by the public library `smpp`,
// driven over HTTP on the loopback address.
//
//     npm ci && node smsc/centre.mjs [--port 2775] [--control 2776] [--system-id ID --password WORD]
//
// Every text a gateway submits is one JSON line on stdout and in GET /texts; long texts are put
// together as a telephone would. Control (JSON in, JSON out):
//
//     POST /deliver   {"from":"13800138000","to":"12110","text":"…","coding":"auto|gsm7|ucs2|latin1|octets",
//                      "hex":"…" instead of text, "long":"udh8|udh16|sar|payload","reverse":true,
//                      "gateway":"sms-1" optional}
//                     → {"answers":[{"command_status":0,"ms":12,"tries":1}, …]} once every part was
//                     answered; null when none came for 30 s. A part whose connection ends before
//                     the answer is sent again on the next one.
//     GET  /texts     all texts submitted so far   DELETE /texts  forgets them   GET /texts?to=NUMBER  one number's
//     POST /receipts  {"state":"DELIVRD|UNDELIV|EXPIRED|REJECTD|none","delay":200,"err":"000"}
//                     what becomes of texts submitted from now on
//     POST /answers   {"status":88,"count":10,"delay":0}  the next `count` submits are answered so;
//                     "status":"none" leaves them without an answer
//     POST /refuse    {"numbers":["13800138000"],"status":11} numbers that a submit_multi is not taken for
//     POST /drop      {"every":5000} cuts all connections now (and every so many ms; 0 stops it)
//     POST /raw       {"hex":"…"} sends octets as they are to every gateway
//     GET  /state     {"sessions":[…],"binds":n,"submits":n,"delivers":n}
import http from 'node:http';
import { parseArgs } from 'node:util';
import smpp from 'smpp';

const options = parseArgs({
  options: {
    port: { type: 'string', default: '2775' },
    control: { type: 'string', default: '2776' },
    host: { type: 'string', default: '127.0.0.1' },
    'system-id': { type: 'string' },
    password: { type: 'string' },
  },
}).values;

const ANSWER_MS = 30_000;
const sessions = new Set();
const texts = [];
const counts = { binds: 0, submits: 0, multis: 0, replaces: 0, delivers: 0 };
let nextMessage = 1;
let nextReference = 1;
let turn = 0;
let receipts = { state: 'DELIVRD', delay: 200, err: '000' };
let answers = { status: 0, count: 0, delay: 0 };
let refused = { numbers: [], status: 11 };
let dropTimer = null;

/* ------------------------------------------------------------------------------------- letters */

const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = { '\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f, '[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65 };

/** The octets of one character in GSM-7, or null. */
function septetsOf(character) {
  if (character in EXTENSION) return [0x1b, EXTENSION[character]];
  const at = GSM7.indexOf(character);
  return at < 0 || character === '\x1b' ? null : [at];
}

function ucs2(text) {
  const bytes = Buffer.from(text, 'utf16le');
  return bytes.swap16();
}

/** Octets and data_coding of a text, and the pieces it must not be cut in. */
function encode(text, coding) {
  const characters = [...text];
  if (coding === 'auto') coding = characters.every(septetsOf) ? 'gsm7' : 'ucs2';
  if (coding === 'latin1') return { data_coding: 3, pieces: characters.map((c) => Buffer.from(c, 'latin1')) };
  if (coding === 'gsm7') return { data_coding: 0, pieces: characters.map((c) => Buffer.from(septetsOf(c) ?? [0x3f])) };
  return { data_coding: 8, pieces: characters.map(ucs2) };
}

/** Cuts pieces into runs of at most `room` octets. */
function cut(pieces, room) {
  const runs = [[]];
  let used = 0;
  for (const piece of pieces) {
    if (used + piece.length > room) {
      runs.push([]);
      used = 0;
    }
    runs.at(-1).push(piece);
    used += piece.length;
  }
  return runs.map((run) => Buffer.concat(run));
}

/* ------------------------------------------------------------------------------------- gateways */

/** Long texts under way, by sender, receiver and reference. */
const waiting = new Map();

/** Which part of which text: the library hands the header's elements as [id, length, value …]. */
function placeOf(udh) {
  for (const element of udh ?? []) {
    if (element[0] === 0x00) return { reference: element[2], total: element[3], index: element[4] };
    if (element[0] === 0x08)
      return { reference: (element[2] << 8) | element[3], total: element[4], index: element[5] };
  }
  return { reference: 0, total: 1, index: 1 };
}

function remember(text) {
  texts.push(text);
  console.log(JSON.stringify(text));
}

/** Notes a submit_sm; a long text when its last part is here. The library decodes the letters. */
function noteSubmit(pdu, messageId) {
  const { message, udh } = pdu.message_payload ?? pdu.short_message;
  const place = placeOf(udh);
  const key = `${pdu.source_addr} ${pdu.destination_addr} ${place.reference} ${place.total}`;
  const parts = waiting.get(key) ?? new Map();
  waiting.set(key, parts);
  parts.set(place.index, { words: String(message), messageId });
  if (parts.size < place.total) return;
  waiting.delete(key);
  const ordered = [...parts.entries()].sort(([a], [b]) => a - b).map(([, part]) => part);
  remember({
    at: new Date().toISOString(),
    from: pdu.source_addr,
    to: (pdu.dest_addr_ton === 1 ? '+' : '') + pdu.destination_addr,
    text: ordered.map((part) => part.words).join(''),
    parts: place.total,
    ids: ordered.map((part) => part.messageId),
    data_coding: pdu.data_coding,
    reference: pdu.user_message_reference,
  });
}

function receiptStamp() {
  return new Date().toISOString().replace(/[-:T]/g, '').slice(2, 12);
}

/** To the gateway that sent the text, on the connection it has by then. */
function sendReceipt(gateway, pdu, messageId, plan) {
  const session = [...sessions].find((one) => one.gateway === gateway);
  if (!session) {
    setTimeout(() => sendReceipt(gateway, pdu, messageId, plan), 500);
    return;
  }
  const good = plan.state === 'DELIVRD';
  for (const text of texts) if (good && text.ids.includes(messageId)) text.delivered = true;
  const words =
    `id:${messageId} sub:001 dlvrd:${good ? '001' : '000'} submit date:${receiptStamp()} ` +
    `done date:${receiptStamp()} stat:${plan.state} err:${plan.err} text:`;
  const again = () => setTimeout(() => sendReceipt(gateway, pdu, messageId, plan), 500);
  session.once('close', again); // it did not say that it has it
  session.deliver_sm({
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 0x04,
    short_message: { message: Buffer.from(words, 'latin1') },
    ...(pdu.user_message_reference !== undefined && { user_message_reference: pdu.user_message_reference }),
  }, () => session.off('close', again));
}

function onSubmit(session, pdu) {
  const plan = answers.count > 0 ? { ...answers } : { status: 0, delay: 0 };
  if (answers.count > 0) answers.count -= 1;
  counts.submits += 1;
  if (plan.status === 'none') return;
  const messageId = plan.status === 0 ? String(nextMessage++) : '';
  if (plan.status === 0) noteSubmit(pdu, messageId);
  setTimeout(() => {
    session.send(pdu.response({ command_status: plan.status, message_id: messageId }));
  }, plan.delay);
  const receipt = { ...receipts };
  if (plan.status === 0 && pdu.registered_delivery & 1 && receipt.state !== 'none')
    setTimeout(() => sendReceipt(session.gateway, pdu, messageId, receipt), plan.delay + receipt.delay);
}

/** Other words under the same id, as long as no telephone has it; the letters stay those of the first words. */
function onReplace(session, pdu) {
  const text = texts.find((one) => one.ids.includes(pdu.message_id));
  const can = text && !text.delivered && text.parts === 1;
  counts.replaces += 1;
  if (can) {
    const message = pdu.short_message?.message ?? pdu.short_message; // the library leaves it as octets
    const octets = Buffer.isBuffer(message) ? message : Buffer.from(message, 'latin1');
    text.text = text.data_coding === 8 ? Buffer.from(octets).swap16().toString('utf16le') : octets.toString('latin1');
    text.replaced = (text.replaced ?? 0) + 1;
  }
  session.send(pdu.response({ command_status: can ? 0 : smpp.ESME_RREPLACEFAIL ?? 0x13 }));
}

/** One PDU for many numbers: one id for all that are taken, a receipt for each. */
function onMulti(session, pdu) {
  counts.multis += 1;
  const messageId = String(nextMessage++);
  const receipt = { ...receipts };
  const unsuccess = pdu.dest_address.filter((one) => refused.numbers.includes(one.destination_addr))
    .map((one) => ({ ...one, error_status_code: refused.status }));
  for (const dest of pdu.dest_address) {
    if (unsuccess.some((one) => one.destination_addr === dest.destination_addr)) continue;
    const one = { ...pdu, ...dest };
    noteSubmit(one, messageId);
    if (pdu.registered_delivery & 1 && receipt.state !== 'none')
      setTimeout(() => sendReceipt(session.gateway, one, messageId, receipt), answers.delay + receipt.delay);
  }
  setTimeout(() => session.send(pdu.response({ command_status: 0, message_id: messageId, unsuccess_sme: unsuccess })), answers.delay);
}

function mayBind(pdu) {
  if (options['system-id'] && pdu.system_id !== options['system-id']) return smpp.ESME_RINVSYSID;
  if (options.password && pdu.password !== options.password) return smpp.ESME_RINVPASWD;
  return smpp.ESME_ROK;
}

const centre = smpp.createServer({ enable_proxy_protocol_detection: false }, (session) => {
  session.on('bind_transceiver', (pdu) => {
    const status = mayBind(pdu);
    counts.binds += 1;
    session.send(pdu.response({ command_status: status, system_id: 'centre' }));
    if (status !== smpp.ESME_ROK) return;
    session.gateway = pdu.system_id;
    sessions.add(session);
  });
  session.setMaxListeners(0);
  session.on('submit_sm', (pdu) => onSubmit(session, pdu));
  session.on('submit_multi', (pdu) => onMulti(session, pdu));
  session.on('replace_sm', (pdu) => onReplace(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('close', () => sessions.delete(session));
  session.on('error', () => sessions.delete(session));
});
/* -------------------------------------------------------------------------------------- control */

function sessionFor(gateway) {
  const all = [...sessions].filter((session) => !gateway || session.gateway === gateway);
  return all.length === 0 ? null : all[turn++ % all.length];
}

/** Sends one part; as real centres do, again on another connection when this one ends unanswered. */
function deliverPart(gateway, part) {
  const begun = Date.now();
  let tries = 0;
  counts.delivers += 1;
  return new Promise((done) => {
    const end = (command_status) => done({ command_status, ms: Date.now() - begun, tries });
    const attempt = () => {
      const session = sessionFor(gateway);
      if (Date.now() - begun > ANSWER_MS) return end(null);
      if (!session) return void setTimeout(attempt, 100);
      tries += 1;
      const again = () => setTimeout(attempt, 100);
      session.once('close', again);
      session.deliver_sm({ ...part }, (answer) => {
        session.off('close', again);
        end(answer.command_status);
      });
    };
    attempt();
  });
}

/** The deliver_sm of a text, one for each part. */
function partsOf(order) {
  const base = { source_addr: order.from, destination_addr: order.to, source_addr_npi: 1, dest_addr_npi: 1 };
  if (order.hex !== undefined)
    return [{ ...base, data_coding: order.data_coding ?? 4, short_message: { message: Buffer.from(order.hex, 'hex') } }];
  const { data_coding, pieces } = encode(order.text, order.coding ?? 'auto');
  const whole = Buffer.concat(pieces);
  const limit = data_coding === 0 ? 160 : 140;
  if (whole.length <= limit) return [{ ...base, data_coding, short_message: { message: whole } }];
  if (order.long === 'payload') return [{ ...base, data_coding, short_message: { message: Buffer.alloc(0) }, message_payload: { message: whole } }];

  const runs = cut(pieces, data_coding === 0 ? 153 : data_coding === 8 ? 134 : 134);
  const reference = nextReference++;
  return runs.map((run, i) => {
    if (order.long === 'sar')
      return { ...base, data_coding, short_message: { message: run }, sar_msg_ref_num: reference, sar_total_segments: runs.length, sar_segment_seqnum: i + 1 };
    const udh =
      order.long === 'udh16'
        ? [6, 8, 4, (reference >> 8) & 255, reference & 255, runs.length, i + 1]
        : [5, 0, 3, reference & 255, runs.length, i + 1];
    return { ...base, data_coding, esm_class: 0x40, short_message: { message: Buffer.concat([Buffer.from(udh), run]) } };
  });
}

async function deliver(order) {
  const parts = partsOf(order);
  const gateway = order.gateway ?? (parts.length > 1 ? sessionFor()?.gateway : undefined); // all parts of a text go one way
  if (order.reverse) parts.reverse();
  return { answers: await Promise.all(parts.map((part) => deliverPart(gateway, part))) };
}

function drop({ every }) {
  if (dropTimer) clearInterval(dropTimer);
  dropTimer = every > 0 ? setInterval(() => drop({}), every) : every === 0 ? null : dropTimer;
  for (const session of sessions) session.destroy();
  return {};
}

const routes = {
  'POST /deliver': deliver,
  'GET /texts': () => texts,
  'DELETE /texts': () => (texts.splice(0), {}),
  'POST /receipts': (plan) => (receipts = { ...receipts, ...plan }),
  'POST /answers': (plan) => (answers = { status: 0, count: 1, delay: 0, ...plan }),
  'POST /refuse': (plan) => (refused = { ...refused, ...plan }),
  'POST /drop': drop,
  'POST /raw': ({ hex }) => (sessions.forEach((session) => session.socket.write(Buffer.from(hex, 'hex'))), {}),
  'GET /state': () => ({ sessions: [...sessions].map((session) => session.gateway), ...counts }),
};

const control = http.createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const [what, to] = request.url.split('?to=');
  const route = to ? () => texts.filter((text) => text.to === to) : routes[`${request.method} ${what}`];
  try {
    const answer = route ? await route(body ? JSON.parse(body) : {}) : { error: 'no such route' };
    response.writeHead(route ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(409, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: error.message }));
  }
});

centre.listen(Number(options.port), options.host);
control.keepAliveTimeout = 600_000; // who asks now and then must not meet the end of its connection
control.listen(Number(options.control), options.host);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
