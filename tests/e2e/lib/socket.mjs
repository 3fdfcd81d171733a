// SPDX-License-Identifier: GPL-3.0-or-later
//
// A WebSocket client (RFC 6455) over a plain TCP socket: no package needed, and able to do what a
// browser never would: foreign origins, broken frames, not reading.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

export class Socket {
  frames = [];
  /** The server's close code, 0 while open, 1006 when the connection just ended. */
  closed = 0;
  /** @type {number} the answer's HTTP status; 101 when it is open */
  status = 0;
  #waiting = [];
  #buffer = Buffer.alloc(0);

  /** Resolves when the server answered the upgrade (see status). */
  static open(port, { cookie, origin = `http://127.0.0.1:${port}`, path = '/ws', protocol = 'yihao.v1+json' } = {}) {
    const socket = new Socket();
    const tcp = (socket.tcp = connect(port, '127.0.0.1'));
    const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket',
      'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`];
    if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    if (origin) lines.push(`Origin: ${origin}`);
    if (cookie) lines.push(`Cookie: other=1; ${cookie}`);
    tcp.write(lines.join('\r\n') + '\r\n\r\n');
    tcp.on('data', (bytes) => socket.#take(bytes));
    tcp.on('error', () => {});
    tcp.on('close', () => {
      socket.closed ||= 1006;
      socket.#wake();
    });
    return socket.until(() => socket.status || socket.closed).then(() => socket);
  }

  #wake() {
    this.#waiting = this.#waiting.filter(({ is, resolve }) => !is() || resolve());
  }

  #take(bytes) {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    if (!this.status) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.status = Number(this.#buffer.toString('latin1', 9, 12));
      this.#buffer = this.#buffer.subarray(end + 4);
    }
    while (this.status === 101 && this.#takeFrame());
    this.#wake();
  }

  #takeFrame() {
    const at = this.#buffer;
    if (at.length < 2) return false;
    let size = at[1] & 127, head = 2;
    if (size === 126 && at.length >= 4) [size, head] = [at.readUInt16BE(2), 4];
    else if (size === 127 && at.length >= 10) [size, head] = [Number(at.readBigUInt64BE(2)), 10];
    else if (size > 125) return false;
    if (at.length < head + size) return false;
    const body = at.subarray(head, head + size);
    this.#buffer = at.subarray(head + size);
    const kind = at[0] & 15;
    if (kind === 1) this.frames.push(JSON.parse(body.toString()));
    if (kind === 8) this.closed = size >= 2 ? body.readUInt16BE(0) : 1005;
    if (kind === 9) this.sendRaw(10, body);
    return true;
  }

  /** One frame, or a piece of one (final = false). */
  sendRaw(kind, body, final = true) {
    const mask = randomBytes(4);
    const head = Buffer.alloc(body.length > 65535 ? 10 : body.length > 125 ? 4 : 2);
    head[0] = (final ? 128 : 0) | kind;
    head[1] = 128 | (body.length > 65535 ? 127 : body.length > 125 ? 126 : body.length);
    if (head.length === 4) head.writeUInt16BE(body.length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
    const masked = Buffer.from(body.map((byte, i) => byte ^ mask[i % 4]));
    this.tcp.write(Buffer.concat([head, mask, masked]));
  }

  say(object) {
    this.sendRaw(1, Buffer.from(typeof object === 'string' ? object : JSON.stringify(object)));
  }

  /** Waits until a condition holds; 10 s at most. */
  until(is) {
    if (is()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited in vain: ${is}`)), 10000);
      this.#waiting.push({ is, resolve: () => { clearTimeout(timer); resolve(); } });
    });
  }

  /** The first frame with this member, when it has come; it and all before it are taken out. */
  async next(member) {
    await this.until(() => this.closed || this.frames.some((frame) => member in frame));
    const index = this.frames.findIndex((frame) => member in frame);
    if (index < 0) throw new Error(`closed ${this.closed} before ${member}`);
    return this.frames.splice(0, index + 1)[index];
  }

  /** Says hello and returns the welcome. */
  async hello(fields = {}) {
    this.say({ hello: fields });
    return (await this.next('welcome')).welcome;
  }

  drop() {
    this.tcp.destroy();
  }
}
