// SPDX-License-Identifier: GPL-3.0-or-later
//
// A SIP end for tests, small enough to be made to misbehave: a citizen's telephone (Citizen), the
// seats' phones (Phones), and bare datagrams (Line). Over UDP, INVITE, BYE and 200 come again until
// they are answered.
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import { until } from './home.mjs';
import { agree, Keys } from './shield.mjs';
import { decode, frame, share } from './tone.mjs';

/** Where the test's own ends are, and the gateway: on one machine unless standAt() says otherwise. */
const at = { here: '127.0.0.1', gateway: '127.0.0.1' };
export const standAt = (here, gateway) => Object.assign(at, { here, gateway });

/** An address as URIs write it, and as descriptions do. */
const inUri = (address) => (address.includes(':') ? `[${address}]` : address);
const inSdp = (address) => `IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`;
const datagrams = (address) => (address.includes(':') ? 'udp6' : 'udp4');

const word = () => randomBytes(6).toString('hex');

/** Sends now, and each half second until it is done; 5 s at most. */
function persist(send, done) {
  send();
  let tries = 10;
  const timer = setInterval(() => (done() || tries-- === 0 ? clearInterval(timer) : send()), 500);
}

/** One message as { start, status, method, headers: [[name, value]], body, at }. */
export function parse(bytes) {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  const rows = text.slice(0, end).split('\r\n');
  const start = rows.shift();
  const headers = rows.map((row) => [row.slice(0, row.indexOf(':')).trim().toLowerCase(), row.slice(row.indexOf(':') + 1).trim()]);
  const answer = start.startsWith('SIP/2.0 ');
  const header = (name) => headers.find(([one]) => one === name)?.[1] ?? '';
  return {
    start, headers, header, body: text.slice(end + 4), at: Date.now(), text,
    status: answer ? Number(start.slice(8, 11)) : 0,
    method: answer ? header('cseq').split(' ')[1] : start.split(' ')[0],
  };
}

const tagOf = (value) => /;tag=([^;>\s]+)/.exec(value)?.[1] ?? '';
const mediaPortOf = (body) => Number(/^m=audio (\d+)/m.exec(body)?.[1] ?? 0);

/** A way for messages: a UDP socket, or a TCP or TLS connection to one port. */
export class Line {
  heard = [];
  onMessage = () => {};

  /** tls: what tls.connect() wants beside host and port. */
  static async open({ tcp = 0, port = 0, host = at.here, tls: secure } = {}) {
    const line = new Line();
    line.host = host;
    open.add(line);
    if (tcp) {
      const to = host === at.here ? at.gateway : host;
      line.carry(secure ? tls.connect({ port: tcp, host: to, ...secure }) : net.connect(tcp, to));
      await new Promise((done, fail) => { line.tcp.once(secure ? 'secureConnect' : 'connect', done); line.tcp.once('error', fail); });
      line.port = line.tcp.localPort;
    } else {
      line.udp = dgram.createSocket({ type: datagrams(host), recvBufferSize: 1 << 20 });
      line.udp.on('message', (bytes, peer) => line.take(bytes, peer));
      line.udp.on('error', () => {});
      await new Promise((done) => line.udp.bind(port, host, done));
      line.port = line.udp.address().port;
    }
    return line;
  }

  /** A connection that the other end made. */
  static over(socket) {
    const line = new Line();
    line.host = at.here;
    open.add(line);
    line.carry(socket);
    line.port = socket.localPort;
    return line;
  }

  carry(socket) {
    this.tcp = socket;
    socket.on('error', () => {});
    let rest = Buffer.alloc(0);
    socket.on('data', (piece) => {
      rest = Buffer.concat([rest, piece]);
      for (let end; (end = rest.indexOf('\r\n\r\n')) >= 0;) {
        const length = Number(/^content-length: *(\d+)/im.exec(rest.toString('latin1', 0, end))?.[1] ?? 0);
        if (rest.length < end + 4 + length) return;
        this.take(rest.subarray(0, end + 4 + length), {});
        rest = rest.subarray(end + 4 + length);
      }
    });
    socket.on('close', () => { this.closed = true; });
  }

  take(bytes, peer) {
    const message = parse(bytes);
    message.peer = peer;
    this.heard.push(message);
    this.onMessage(message);
  }

  say(text, port) {
    const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
    if (this.tcp) this.tcp.write(bytes);
    else this.udp.send(bytes, port, this.host === at.here ? at.gateway : this.host);
  }

  /** The first answer with this status; waits for it. */
  answer(status, seconds = 10) {
    return until(`answer ${status}`, () => this.heard.find((message) => message.status === status), seconds);
  }

  close() {
    this.tcp?.destroy();
    if (open.delete(this)) this.udp?.close();
  }
}

const open = new Set();

/** A request's text from its parts. */
export function request(method, uri, headers, body = '') {
  const rows = [`${method} ${uri} SIP/2.0`, ...headers.filter(Boolean)];
  if (body) rows.push('Content-Type: application/sdp');
  return `${rows.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function answerTo(message, status, words, { tag = '', contact = '', body = '' } = {}) {
  const rows = [`SIP/2.0 ${status} ${words}`];
  for (const [name, value] of message.headers)
    if (['via', 'from', 'call-id', 'cseq'].includes(name)) rows.push(`${name}: ${value}`);
    else if (name === 'to') rows.push(`to: ${value}${tag && !tagOf(value) ? `;tag=${tag}` : ''}`);
  if (contact) rows.push(`Contact: ${contact}`);
  if (body) rows.push('Content-Type: application/sdp');
  return `${rows.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function sdp(port, { codecs = '8 101', way = '', secured = [] } = {}) {
  const maps = { 0: 'PCMU/8000', 8: 'PCMA/8000', 18: 'G729/8000', 101: 'telephone-event/8000' };
  return ['v=0', `o=- 1 1 ${inSdp(at.here)}`, 's=-', `c=${inSdp(at.here)}`, 't=0 0',
    `m=audio ${port} ${secured[0] ?? 'RTP/AVP'} ${codecs}`, ...secured.slice(1), ...codecs.split(' ').map((one) => `a=rtpmap:${one} ${maps[one]}`), ...(way ? [`a=${way}`] : []), ''].join('\r\n');
}

/** RTP of one end: counts what comes, says a steady octet or sings a tone each 20 ms, and keeps half a second of what it
 *  hears. */
export class Sound {
  packets = 0;
  last = null;
  events = 0;
  heard = [];
  at = 0;
  gap_ms = 0; /* the longest pause between two packets, and when it was over */
  gap_end = 0;

  static async open() {
    const sound = new Sound();
    sound.socket = dgram.createSocket(datagrams(at.here));
    sound.socket.on('message', (packet) => {
      if (sound.handshake && packet[0] >= 20 && packet[0] <= 63) return void sound.handshake(packet);
      const bytes = sound.keys ? sound.keys.open(packet) : packet;
      if (!bytes) return;
      const now = Date.now();
      if (sound.at && now - sound.at > sound.gap_ms) [sound.gap_ms, sound.gap_end] = [now - sound.at, now];
      sound.at = now;
      sound.packets++;
      sound.last = bytes;
      if (bytes.length === 172) sound.heard = [...sound.heard.slice(-3840), ...Array.from(bytes.subarray(12), decode)];
    });
    sound.socket.on('error', () => {});
    await new Promise((done) => sound.socket.bind(0, at.here, done));
    sound.port = sound.socket.address().port;
    sound.sequence = 1;
    sound.stamp = 160;
    return sound;
  }

  packet(type, payload, marker = false) {
    const head = Buffer.from([0x80, type | (marker ? 0x80 : 0), 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    head.writeUInt16BE(this.sequence++ & 0xffff, 2);
    head.writeUInt32BE(this.stamp >>> 0, 4);
    return Buffer.concat([head, payload]);
  }

  say(port, octet, type = 8) {
    this.send(port, () => Buffer.alloc(160, octet), type);
  }

  /** A tone, in A-law. */
  sing(port, hertz) {
    this.send(port, () => frame(hertz, this.stamp), 8);
  }

  /** The share of this tone in what was heard in the last half second. */
  share(hertz) {
    return share(this.heard, hertz);
  }

  /** Keeps the pace of 50 a second, however late the timer is. */
  send(port, sound, type) {
    this.hush();
    let due = Date.now();
    this.timer = setInterval(() => {
      for (; due <= Date.now(); due += 20) {
        const packet = this.packet(type, sound());
        this.socket.send(this.keys ? this.keys.close(packet) : packet, port, at.gateway);
        this.stamp += 160;
      }
    }, 20);
  }

  /** One telephone-event (RFC 4733): begin, and its end thrice. */
  digit(port, key) {
    for (const [end, length] of [[0, 160], [0x80, 800], [0x80, 800], [0x80, 800]])
      this.socket.send(this.packet(101, Buffer.from([key, end | 10, length >> 8, length & 255]), !end), port, at.gateway);
    this.stamp += 800;
  }

  hush() {
    clearInterval(this.timer);
  }

  close() {
    this.hush();
    this.socket.close();
  }
}

/** A citizen's call. Answers BYE and OPTIONS by itself; acknowledges final answers. */
export class Citizen {
  gone = false;
  routes = []; /* from Record-Route, the nearest first */

  /**
   * @param {number} port of the gateway
   * @param {number|string} called
   * @param {{number?: string, tcp?: boolean, codecs?: string, silent?: boolean, cookie?: boolean, once?: boolean,
   *   tls?: object, shield?: string, keys?: string}} how
   *   once: the INVITE comes again only by again(); tls: what a TLS server wants, beside the name the gateway has: the
   *   caller is a carrier then, who can be called back; shield: 'sdes' or 'dtls', which asks for `keys`, a folder with one;
   *   silent: an INVITE without a description; cookie: false makes the branch one of RFC 2543
   */
  static async call(port, called, how = {}) {
    const citizen = new Citizen();
    citizen.port = port;
    citizen.how = how;
    citizen.number = how.number ?? `139${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
    citizen.sound = await Sound.open();
    citizen.transport = how.tls ? 'TLS' : how.tcp ? 'TCP' : 'UDP';
    citizen.line = await Line.open({ tcp: how.tcp || how.tls ? port : 0, tls: how.tls });
    citizen.line.onMessage = (message) => citizen.hear(message);
    if (how.tls) await citizen.openDoor();
    const secured = how.shield === 'sdes' ? Keys.offered(citizen.sound) : how.shield === 'dtls' ? await agree(citizen, at.gateway) : [];
    citizen.uri = `sip:${called}@${inUri(at.gateway)}:${port}`;
    citizen.id = `${word()}@citizen`;
    citizen.tag = word();
    citizen.branch = how.cookie === false ? word() : `z9hG4bK${word()}`;
    citizen.cseq = 1;
    citizen.invite = request('INVITE', citizen.uri, [...citizen.heads('INVITE', citizen.branch), `Contact: <${citizen.contact}>`],
      how.silent ? '' : sdp(citizen.sound.port, { ...how, secured }));
    citizen.begun = Date.now();
    citizens.add(citizen);
    if (how.once || how.tcp || how.tls) citizen.send(citizen.invite);
    else persist(() => citizen.send(citizen.invite), () => citizen.answers.length > 0);
    return citizen;
  }

  /** The connections it had, the last one in use. */
  lines = [];
  get line() { return this.lines.at(-1); }
  set line(line) { this.lines.push(line); }

  /** Where the other end calls when the connection is gone. */
  async openDoor() {
    this.door = tls.createServer(this.how.tls, (socket) => {
      this.line = Line.over(socket);
      this.line.onMessage = (message) => this.hear(message);
    });
    await new Promise((done) => this.door.listen(0, at.here, done));
  }

  get port_heard() {
    return this.door?.address().port ?? this.line.port;
  }

  get contact() {
    return `sip:${this.number}@${inUri(at.here)}:${this.port_heard}${this.transport === 'UDP' ? '' : `;transport=${this.transport.toLowerCase()}`}`;
  }

  heads(method, branch, number = this.cseq) {
    return [`Via: SIP/2.0/${this.transport} ${inUri(at.here)}:${this.port_heard};branch=${branch};rport`,
      `From: <sip:${this.number}@${inUri(at.here)}>;tag=${this.tag}`,
      `To: <${this.uri}>${this.peerTag && method !== 'CANCEL' ? `;tag=${this.peerTag}` : ''}`,
      `Call-ID: ${this.id}`, `CSeq: ${number} ${method}`, 'Max-Forwards: 70',
      ...(method === 'CANCEL' ? [] : this.routes.map((route) => `Route: ${route}`))];
  }

  send(text) {
    if (open.has(this.line)) this.line.say(text, this.port);
  }

  hear(message) {
    if (message.status) {
      const tag = tagOf(message.header('to'));
      if (message.method === 'INVITE' && tag && message.status < 300) this.peerTag = tag;
      if (message.method === 'INVITE' && message.status >= 200 && !this.mute) this.acknowledge(message);
      if (message.body) this.theirs = mediaPortOf(message.body);
      if (message.body && this.sound.keys) this.sound.keys.answered(message.body);
      return;
    }
    if (message.method === 'ACK') return;
    if (message.method === 'BYE') this.gone = true;
    this.send(answerTo(message, 200, 'OK'));
  }

  acknowledge(message) {
    const good = message.status < 300;
    if (good && !this.target) this.routes = message.headers.filter(([name]) => name === 'record-route').flatMap(([, value]) => value.split(/\s*,\s*/)).toReversed();
    const to = /<([^>]+)>/.exec(message.header('contact'))?.[1] ?? this.uri;
    this.target = to;
    const number = Number(message.header('cseq').split(' ')[0]);
    const heads = this.heads('ACK', good ? `z9hG4bK${word()}` : this.branch, number)
      .map((row) => (row.startsWith('To:') ? `To: ${message.header('to')}` : row));
    const late = this.how.silent && good && number === 1;
    this.send(request('ACK', good ? to : this.uri, heads, late ? sdp(this.sound.port) : ''));
  }

  /** The first answer to INVITE with this status. */
  heard(status, seconds = 20) {
    return until(`${this.number} hears ${status}`, () => this.answers.find((message) => message.status === status), seconds);
  }

  get answers() {
    return this.lines.flatMap(({ heard }) => heard).filter((message) => message.status && message.method === 'INVITE');
  }

  /** 180 or 183: the city has the call for certain. */
  accepted(seconds = 20) {
    return until(`${this.number} is accepted`, () => this.answers.find(({ status }) => status === 180 || status === 183), seconds);
  }

  answered(seconds = 20) {
    return this.heard(200, seconds);
  }

  cancel() {
    this.send(request('CANCEL', this.uri, this.heads('CANCEL', this.branch)));
  }

  again() {
    this.send(this.invite);
  }

  /** A further INVITE in the dialog; resolves with its final answer. */
  async reinvite(way) {
    this.cseq++;
    const number = this.cseq;
    this.send(request('INVITE', this.target, [...this.heads('INVITE', `z9hG4bK${word()}`), `Contact: <${this.contact}>`],
      sdp(this.sound.port, { ...this.how, way })));
    return until('the further INVITE is answered', () =>
      this.answers.find((message) => message.status >= 200 && message.header('cseq') === `${number} INVITE`), 10);
  }

  bye() {
    this.cseq++;
    this.gone = true;
    const bye = request('BYE', this.target ?? this.uri, this.heads('BYE', `z9hG4bK${word()}`));
    const answer = () => this.line.heard.find((message) => message.status === 200 && message.method === 'BYE');
    persist(() => this.send(bye), answer);
    return until(`${this.number} hangs up`, answer, 10);
  }

  dropped(seconds = 20) {
    return until(`${this.number} is hung up`, () => this.gone, seconds);
  }

  close() {
    for (const line of this.lines) line.close();
    this.door?.close();
    this.handshake?.kill();
    this.sound.close();
    citizens.delete(this);
  }
}

const citizens = new Set();

/** Whoever still talks or waits hangs up. */
export function hangUpAll() {
  for (const citizen of citizens) {
    if (citizen.gone) continue;
    citizen.gone = true;
    if (citizen.target) citizen.bye().catch(() => 0);
    else citizen.cancel();
  }
}

/** Closes every citizen's sockets, and lines that a test left open. */
export function closeCitizens() {
  for (const citizen of citizens) citizen.close();
  for (const line of open) line.close();
}

/**
 * All seats' phones at one port. `manners` says how a seat's phone takes a call: 'answer' (default),
 * 'busy', 'ring' (rings until it is cancelled), 'dead' (says nothing). A call that asks to be answered
 * by itself is answered, unless the phone is dead or busy.
 */
export class Phones {
  manners = {};
  fallback = 'answer';
  calls = [];
  delay = 0;

  static async open(port, fallback = 'answer') {
    const phones = new Phones();
    phones.fallback = fallback;
    phones.line = await Line.open({ port });
    phones.line.onMessage = (message) => phones.hear(message);
    return phones;
  }

  contact(seat) {
    return `<sip:${seat}@${inUri(at.here)}:${this.line.port}>`;
  }

  async hear(message) {
    const say = (text) => this.line.say(text, message.peer.port);
    const id = message.header('call-id');
    const call = this.calls.findLast((one) => one.id === id);
    if (message.status || call?.dead) return;
    if (message.method === 'INVITE') {
      if (call?.invite.header('cseq') === message.header('cseq')) return void (call.reply && say(call.reply));
      await this.ring(message, say);
      return;
    }
    if (message.method === 'ACK') {
      if (call) call.acknowledged = true;
      return;
    }
    if (!call) return say(answerTo(message, 481, 'No Such Call'));
    say(answerTo(message, 200, 'OK', { tag: call.tag }));
    if (message.method === 'BYE' && !call.over) {
      call.over = true;
      call.sound.close();
    }
    if (message.method === 'CANCEL' && !call.answered) {
      call.over = call.cancelled = true;
      call.reply = answerTo(call.invite, 487, 'Request Terminated', { tag: call.tag });
      say(call.reply);
    }
  }

  async ring(invite, say) {
    const seat = /sip:(\d+)@/.exec(invite.start)?.[1];
    const manner = this.manners[seat] ?? this.fallback;
    const call = { seat, id: invite.header('call-id'), invite, tag: word(), peer: invite.peer.port, at: invite.at,
      byItself: /answer-after=0/.test(invite.header('call-info')), theirs: mediaPortOf(invite.body) };
    if (manner === 'dead') return;
    this.calls.push(call);
    const reply = (status, words, more) => say(call.reply = answerTo(invite, status, words, { tag: call.tag, contact: this.contact(seat), ...more }));
    if (manner === 'busy') return void reply(486, 'Busy Here');
    reply(180, 'Ringing');
    if (manner === 'ring' && !call.byItself) return;
    call.sound = await Sound.open();
    if (this.delay) await new Promise((done) => setTimeout(done, this.delay));
    if (call.over) return;
    call.answered = true;
    persist(() => reply(200, 'OK', { body: sdp(call.sound.port) }), () => call.acknowledged || call.over);
  }

  /** The call that this seat's phone has now. */
  of(seat) {
    return this.calls.findLast((call) => call.seat === String(seat) && call.answered && !call.over);
  }

  /** A further INVITE of this seat's phone inside its call; way: sendonly, inactive, or nothing. */
  reinvite(seat, way) {
    const call = this.of(seat);
    const number = (call.cseq = (call.cseq ?? 20) + 1);
    const target = /<([^>]+)>/.exec(call.invite.header('contact'))[1];
    const heads = (method) => [`Via: SIP/2.0/UDP ${inUri(at.here)}:${this.line.port};branch=z9hG4bK${word()};rport`,
      `From: ${call.invite.header('to')};tag=${call.tag}`, `To: ${call.invite.header('from')}`, `Call-ID: ${call.id}`,
      `CSeq: ${number} ${method}`, 'Max-Forwards: 70'];
    this.line.say(request('INVITE', target, [...heads('INVITE'), `Contact: ${this.contact(seat)}`], sdp(call.sound.port, { way })), call.peer);
    return until(`the phone of ${seat} is answered`, () => {
      const answer = this.line.heard.find((one) => one.status === 200 && one.header('call-id') === call.id && one.header('cseq') === `${number} INVITE`);
      if (answer) this.line.say(request('ACK', target, heads('ACK')), call.peer);
      return answer;
    }, 10);
  }

  /** This seat's phone asks to hand its caller over; resolves with the answer, its notices come to `notices`. */
  refer(seat, to) {
    const call = this.of(seat);
    const number = (call.cseq = (call.cseq ?? 20) + 1);
    const target = /<([^>]+)>/.exec(call.invite.header('contact'))[1];
    this.line.say(request('REFER', target, [`Via: SIP/2.0/UDP ${inUri(at.here)}:${this.line.port};branch=z9hG4bK${word()};rport`,
      `From: ${call.invite.header('to')};tag=${call.tag}`, `To: ${call.invite.header('from')}`, `Call-ID: ${call.id}`,
      `CSeq: ${number} REFER`, 'Max-Forwards: 70', `Contact: ${this.contact(seat)}`, `Refer-To: <sip:${to}@${inUri(at.gateway)}>`,
      `Referred-By: <sip:${seat}@city.example>`]), call.peer);
    return until(`the REFER of ${seat} is answered`, () =>
      this.line.heard.find((one) => one.status && one.header('call-id') === call.id && one.header('cseq') === `${number} REFER`), 10);
  }

  /** The statuses that this REFER's answerer was told of, in order, and how the subscription stands. */
  notices(answer) {
    const told = this.line.heard.filter((one) => one.method === 'NOTIFY' && !one.status && one.header('call-id') === answer.header('call-id'));
    const one = told.filter((notice, i) => told.findIndex((other) => other.header('cseq') === notice.header('cseq')) === i);
    return one.map((notice) => `${notice.body.split(' ')[1]} ${notice.header('subscription-state').split(';')[0]}`);
  }

  /** This seat's phone loses its power: no sound, no word, no answer. */
  die(seat) {
    const call = this.of(seat);
    call.over = call.dead = true;
    call.sound.close();
    this.manners[seat] = 'dead';
  }

  /** This seat's phone hangs up. */
  hangUp(seat) {
    const call = this.of(seat);
    call.over = true;
    call.sound.close();
    const target = /<([^>]+)>/.exec(call.invite.header('contact'))[1];
    this.line.say(request('BYE', target, [`Via: SIP/2.0/UDP ${inUri(at.here)}:${this.line.port};branch=z9hG4bK${word()};rport`,
      `From: ${call.invite.header('to')};tag=${call.tag}`, `To: ${call.invite.header('from')}`, `Call-ID: ${call.id}`,
      'CSeq: 7 BYE', 'Max-Forwards: 70']), call.peer);
  }

  close() {
    for (const call of this.calls) if (!call.over) call.sound?.close();
    this.line.close();
  }
}
