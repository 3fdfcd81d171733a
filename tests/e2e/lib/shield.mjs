// SPDX-License-Identifier: GPL-3.0-or-later
//
// SRTP of one end (RFC 3711, AES-128 in counter mode, SHA-1 of 80 bits), with keys from descriptions (RFC 4568) or from a
// handshake of DTLS that the command openssl does (RFC 5764).
import { spawn, execFileSync } from 'node:child_process';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import path from 'node:path';

const TAG = 10;

const counter = (key, start, bytes) => createCipheriv('aes-128-ctr', key, start).update(bytes);

/** One way: its session keys (§4.3) and the turns of its sequence number. */
class Way {
  constructor(master) {
    const derive = (label, size) => {
      const start = Buffer.concat([master.subarray(16, 30), Buffer.alloc(2)]);
      start[7] ^= label;
      return counter(master.subarray(0, 16), start, Buffer.alloc(size));
    };
    [this.key, this.sign, this.salt] = [derive(0, 16), derive(1, 20), derive(2, 14)];
    this.turns = 0;
  }

  index(sequence) {
    if (this.last !== undefined && this.last - sequence > 0x8000) this.turns++;
    this.last = sequence;
    return this.turns;
  }

  crypt(packet, turns) {
    const start = Buffer.concat([this.salt, Buffer.alloc(2)]);
    const mix = Buffer.alloc(16);
    packet.copy(mix, 4, 8, 12);
    mix.writeUInt32BE(turns, 8);
    packet.copy(mix, 12, 2, 4);
    for (let i = 0; i < 16; i++) start[i] ^= mix[i];
    return Buffer.concat([packet.subarray(0, 12), counter(this.key, start, packet.subarray(12))]);
  }

  tag(packet, turns) {
    const rest = Buffer.alloc(4);
    rest.writeUInt32BE(turns);
    return createHmac('sha1', this.sign).update(packet).update(rest).digest().subarray(0, TAG);
  }
}

/** Both ways of one sound. */
export class Keys {
  /** Offers keys in the description; returns its lines. */
  static offered(sound) {
    const keys = new Keys();
    const own = randomBytes(30);
    keys.out = new Way(own);
    sound.keys = keys;
    return ['RTP/SAVP', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${own.toString('base64')}`];
  }

  answered(body) {
    const inline = /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:([^|\s]+)/m.exec(body)?.[1];
    if (!inline || inline === this.inline) return;
    this.inline = inline;
    this.in = new Way(Buffer.from(inline, 'base64'));
  }

  /** A packet as it goes out. */
  close(packet) {
    if (!this.out) return packet.subarray(0, 0);
    const turns = this.out.index(packet.readUInt16BE(2));
    const hidden = this.out.crypt(packet, turns);
    return Buffer.concat([hidden, this.out.tag(hidden, turns)]);
  }

  /** What came, in the clear; undefined: it is nobody's we know. */
  open(packet) {
    if (!this.in || packet.length < 12 + TAG) return undefined;
    const hidden = packet.subarray(0, -TAG);
    const turns = this.in.index(hidden.readUInt16BE(2));
    return this.in.tag(hidden, turns).equals(packet.subarray(-TAG)) ? this.in.crypt(hidden, turns) : undefined;
  }
}

/** Offers to begin a handshake by the sound's port; returns the description's lines. Its keys come when it is over. */
export async function agree(citizen, gateway) {
  const [key, certificate] = ['dtls.key', 'dtls.crt'].map((file) => path.join(citizen.how.keys, file));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate,
    '-days', '2', '-subj', '/CN=caller'], { stdio: 'ignore' });
  const print = execFileSync('openssl', ['x509', '-in', certificate, '-noout', '-fingerprint', '-sha256'], { encoding: 'utf8' }).trim().split('=')[1];
  const { sound } = citizen;
  const between = dgram.createSocket('udp4');
  await new Promise((done) => between.bind(0, '127.0.0.1', done));
  sound.keys = new Keys();
  sound.keys.answered = () => {
    if (citizen.handshake) return;
    const child = citizen.handshake = spawn('openssl', ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${between.address().port}`, '-cert', certificate, '-key', key,
      '-use_srtp', 'SRTP_AES128_CM_SHA1_80', '-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '60'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let words = '';
    child.stdout.on('data', (piece) => {
      words += piece;
      const made = /Keying material: ([0-9A-F]{120})/.exec(words)?.[1];
      if (!made || sound.keys.in) return;
      const bytes = Buffer.from(made, 'hex'); /* both keys, then both salts, the client's first */
      const way = (first) => new Way(Buffer.concat([bytes.subarray(16 * first, 16 * first + 16), bytes.subarray(32 + 14 * first, 46 + 14 * first)]));
      [sound.keys.out, sound.keys.in] = [way(0), way(1)];
    });
    child.on('close', () => between.close());
  };
  let peer = 0;
  between.on('message', (bytes, { port }) => {
    peer = port;
    sound.socket.send(bytes, citizen.theirs, gateway);
  });
  sound.handshake = (bytes) => between.send(bytes, peer, '127.0.0.1');
  return ['UDP/TLS/RTP/SAVP', `a=fingerprint:sha-256 ${print}`, 'a=setup:active', 'a=rtcp-mux'];
}
