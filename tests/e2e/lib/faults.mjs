// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page that a program under test shares with us when it runs with libyihao_fault.so (tests/fault/fault.h): which of
// its calls is struck, and how.
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const KINDS = { memory: 0, write: 1, call: 2 };
const PAGE = { octets: 96, count: 0, at: 24, span: 48, how: 56, struck: 64, name: 72, nameOctets: 16 };

/** What becomes of the call, by the drills' names: the kind of calls that count, and struct fault_page's `how`. */
export const WAYS = {
  memory: { kind: 'memory', how: 12 }, EIO: { kind: 'write', how: 5 }, ENOSPC: { kind: 'write', how: 28 },
  EINTR: { kind: 'write', how: 4 }, short: { kind: 'write', how: -1 },
  kill: { kind: 'call', how: -2 }, kill_after: { kind: 'call', how: -3 },
};

export class Faults {
  /** @param {string} path of the page, made anew */
  constructor(path) {
    this.path = path;
    this.fd = openSync(path, 'w+');
    ftruncateSync(this.fd, PAGE.octets);
  }

  #read(at, octets) {
    const got = Buffer.alloc(octets);
    readSync(this.fd, got, 0, octets, at);
    return got;
  }

  #word(at) {
    return Number(this.#read(at, 8).readBigUInt64LE());
  }

  #set(at, value, octets = 8) {
    const bytes = Buffer.alloc(octets);
    if (octets === 4) bytes.writeInt32LE(value);
    else bytes.writeBigUInt64LE(BigInt(value));
    writeSync(this.fd, bytes, 0, octets, at);
  }

  count(way) {
    return this.#word(PAGE.count + 8 * KINDS[WAYS[way].kind]);
  }

  /** Counts begin anew, with the program. */
  begin() {
    this.disarm();
    for (const kind of Object.values(KINDS)) this.#set(PAGE.count + 8 * kind, 0);
  }

  /** The n-th call since begin() is struck so, and `span` - 1 behind it. */
  arm(way, n, span = 1) {
    this.#set(PAGE.struck, 0);
    this.#set(PAGE.span, span);
    this.#set(PAGE.how, WAYS[way].how, 4);
    this.#set(PAGE.at + 8 * KINDS[WAYS[way].kind], n);
  }

  disarm() {
    for (const kind of Object.values(KINDS)) this.#set(PAGE.at + 8 * kind, 0);
  }

  get struck() {
    return this.#word(PAGE.struck);
  }

  /** The call struck last. */
  get name() {
    const name = this.#read(PAGE.name, PAGE.nameOctets);
    return name.toString('latin1', 0, Math.max(0, name.indexOf(0)));
  }

  close() {
    closeSync(this.fd);
  }
}
