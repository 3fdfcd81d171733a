// SPDX-License-Identifier: GPL-3.0-or-later
//
// The PDUs of CMPP 2.0 and 3.0, SGIP 1.2, SMGP 3.0 and (as far as a centre needs them) SMPP 3.4, laid
// down from the specifications' tables alone, for a centre to test against. It shares nothing with
// gateways/sms: a mistake there is not made here too.
//
// A body is a list of fields: [name, kind, width]. Kinds: n big-endian number, s text padded with NUL,
// r raw octets, c text up to its NUL, l octets behind a length of `width` octets, d list of receivers
// of `width` octets behind a count, t optional parameters up to the end.

const cmpp = (wide) => {
  const terminal = wide ? 32 : 21;
  const result = wide ? 4 : 1;
  const tail = wide ? [['link', 's', 20]] : [['reserve', 's', 8]];
  const type = (name) => (wide ? [[name, 'n', 1]] : []);
  return {
    header: [['command', 'n', 4], ['sequence', 'n', 4]],
    bodies: {
      0x1: ['connect', [['account', 's', 6], ['proof', 'r', 16], ['version', 'n', 1], ['stamp', 'n', 4]]],
      0x80000001: ['connect_resp', [['status', 'n', result], ['proof', 'r', 16], ['version', 'n', 1]]],
      0x2: ['terminate', []],
      0x80000002: ['terminate_resp', []],
      0x4: ['submit', [['id', 'r', 8], ['total', 'n', 1], ['index', 'n', 1], ['report', 'n', 1], ['level', 'n', 1], ['service', 's', 10],
        ['feeUser', 'n', 1], ['feeTerminal', 's', terminal], ...type('feeType3'), ['pid', 'n', 1], ['udhi', 'n', 1], ['format', 'n', 1],
        ['enterprise', 's', 6], ['feeType', 's', 2], ['feeCode', 's', 6], ['valid', 's', 17], ['at', 's', 17], ['from', 's', 21],
        ['to', 'd', terminal], ...type('toType'), ['text', 'l', 1], ...tail]],
      0x80000004: ['submit_resp', [['id', 'r', 8], ['status', 'n', result]]],
      0x5: ['deliver', [['id', 'r', 8], ['to', 's', 21], ['service', 's', 10], ['pid', 'n', 1], ['udhi', 'n', 1], ['format', 'n', 1],
        ['from', 's', terminal], ...type('fromType'), ['report', 'n', 1], ['text', 'l', 1], ...tail]],
      0x80000005: ['deliver_resp', [['id', 'r', 8], ['status', 'n', result]]],
      0x7: ['cancel', [['id', 'r', 8]]],
      0x80000007: ['cancel_resp', [['status', 'n', result]]],
      0x8: ['active', []],
      0x80000008: ['active_resp', [['reserved', 'n', 1]]],
    },
    report: [['id', 'r', 8], ['stat', 's', 7], ['submitted', 's', 10], ['done', 's', 10], ['to', 's', terminal], ['smsc', 'n', 4]],
  };
};

const sgip = {
  header: [['command', 'n', 4], ['node', 'n', 4], ['stamp', 'n', 4], ['sequence', 'n', 4]],
  bodies: {
    0x1: ['bind', [['type', 'n', 1], ['account', 's', 16], ['password', 's', 16], ['reserve', 's', 8]]],
    0x80000001: ['bind_resp', [['status', 'n', 1], ['reserve', 's', 8]]],
    0x2: ['unbind', []],
    0x80000002: ['unbind_resp', []],
    0x3: ['submit', [['from', 's', 21], ['charge', 's', 21], ['to', 'd', 21], ['enterprise', 's', 5], ['service', 's', 10], ['feeType', 'n', 1],
      ['fee', 's', 6], ['given', 's', 6], ['agent', 'n', 1], ['morelate', 'n', 1], ['priority', 'n', 1], ['expire', 's', 16],
      ['schedule', 's', 16], ['report', 'n', 1], ['pid', 'n', 1], ['udhi', 'n', 1], ['format', 'n', 1], ['type', 'n', 1],
      ['text', 'l', 4], ['reserve', 's', 8]]],
    0x80000003: ['submit_resp', [['status', 'n', 1], ['reserve', 's', 8]]],
    0x4: ['deliver', [['from', 's', 21], ['to', 's', 21], ['pid', 'n', 1], ['udhi', 'n', 1], ['format', 'n', 1], ['text', 'l', 4], ['reserve', 's', 8]]],
    0x80000004: ['deliver_resp', [['status', 'n', 1], ['reserve', 's', 8]]],
    0x5: ['report', [['id', 'r', 12], ['type', 'n', 1], ['to', 's', 21], ['state', 'n', 1], ['error', 'n', 1], ['reserve', 's', 8]]],
    0x80000005: ['report_resp', [['status', 'n', 1], ['reserve', 's', 8]]],
  },
};

const smgp = {
  header: [['command', 'n', 4], ['sequence', 'n', 4]],
  bodies: {
    0x1: ['login', [['account', 's', 8], ['proof', 'r', 16], ['mode', 'n', 1], ['stamp', 'n', 4], ['version', 'n', 1]]],
    0x80000001: ['login_resp', [['status', 'n', 4], ['proof', 'r', 16], ['version', 'n', 1]]],
    0x2: ['submit', [['type', 'n', 1], ['report', 'n', 1], ['priority', 'n', 1], ['service', 's', 10], ['feeType', 's', 2], ['feeCode', 's', 6],
      ['fixed', 's', 6], ['format', 'n', 1], ['valid', 's', 17], ['at', 's', 17], ['from', 's', 21], ['charge', 's', 21], ['to', 'd', 21],
      ['text', 'l', 1], ['reserve', 's', 8], ['options', 't']]],
    0x80000002: ['submit_resp', [['id', 'r', 10], ['status', 'n', 4]]],
    0x3: ['deliver', [['id', 'r', 10], ['report', 'n', 1], ['format', 'n', 1], ['received', 's', 14], ['from', 's', 21], ['to', 's', 21],
      ['text', 'l', 1], ['reserve', 's', 8], ['options', 't']]],
    0x80000003: ['deliver_resp', [['id', 'r', 10], ['status', 'n', 4]]],
    0x4: ['active', []],
    0x80000004: ['active_resp', []],
    0x6: ['exit', []],
    0x80000006: ['exit_resp', []],
  },
};

const bind = [['account', 'c'], ['password', 'c'], ['type', 'c'], ['version', 'n', 1], ['ton', 'n', 1], ['npi', 'n', 1], ['range', 'c']];
const sm = [['service', 'c'], ['fromTon', 'n', 1], ['fromNpi', 'n', 1], ['from', 'c'], ['toTon', 'n', 1], ['toNpi', 'n', 1], ['to', 'c'],
  ['udhi', 'n', 1], ['pid', 'n', 1], ['priority', 'n', 1], ['schedule', 'c'], ['valid', 'c'], ['report', 'n', 1], ['replace', 'n', 1],
  ['format', 'n', 1], ['default', 'n', 1], ['text', 'l', 1], ['options', 't']];
const smpp = {
  header: [['command', 'n', 4], ['status', 'n', 4], ['sequence', 'n', 4]],
  bodies: {
    0x80000000: ['nack', []],
    0x1: ['bind', bind],
    0x80000001: ['bind_resp', [['account', 'c']]],
    0x2: ['bind', bind],
    0x80000002: ['bind_resp', [['account', 'c']]],
    0x9: ['bind', bind],
    0x80000009: ['bind_resp', [['account', 'c']]],
    0xb: ['outbind', [['account', 'c'], ['password', 'c']]],
    0x3: ['query', [['id', 'c'], ['ton', 'n', 1], ['npi', 'n', 1], ['from', 'c']]],
    0x80000003: ['query_resp', [['id', 'c'], ['final', 'c'], ['state', 'n', 1], ['error', 'n', 1]]],
    0x4: ['submit', sm],
    0x80000004: ['submit_resp', [['id', 'c']]],
    0x5: ['deliver', sm],
    0x80000005: ['deliver_resp', [['id', 'c']]],
    0x6: ['unbind', []],
    0x80000006: ['unbind_resp', []],
    0x15: ['active', []],
    0x80000015: ['active_resp', []],
  },
};

export const protocols = { cmpp2: cmpp(false), cmpp3: cmpp(true), sgip, smgp, smpp };

function number(value, width) {
  const bytes = Buffer.alloc(width);
  for (let i = width - 1, rest = BigInt(value); i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}

function padded(value, width) {
  const bytes = Buffer.alloc(width);
  Buffer.from(value ?? '', Buffer.isBuffer(value) ? undefined : 'latin1').copy(bytes);
  return bytes;
}

const writers = {
  n: (value, width) => number(value ?? 0, width),
  s: padded,
  r: padded,
  c: (value) => Buffer.from(`${value ?? ''}\0`, 'latin1'),
  l: (value, width) => Buffer.concat([number((value ?? '').length, width), Buffer.from(value ?? '')]),
  d: (value, width) => Buffer.concat([number(value.length, 1), ...value.map((one) => padded(one, width))]),
  t: (value) => Buffer.concat(Object.entries(value ?? {}).map(([tag, octets]) => Buffer.concat([number(tag, 2), number(octets.length, 2), octets]))),
};

export const writeFields = (fields, values) => Buffer.concat(fields.map(([name, kind, width]) => writers[kind](values[name], width)));

const upToNul = (bytes) => bytes.toString('latin1').replace(/\0.*$/s, '');

const readers = {
  n: (bytes, at, width) => [Number(BigInt(`0x${bytes.subarray(at, at + width).toString('hex') || '0'}`)), at + width],
  s: (bytes, at, width) => [upToNul(bytes.subarray(at, at + width)), at + width],
  r: (bytes, at, width) => [bytes.subarray(at, at + width), at + width],
  c: (bytes, at) => [upToNul(bytes.subarray(at)), bytes.indexOf(0, at) + 1],
  l: (bytes, at, width) => {
    const count = bytes.readUIntBE(at, width);
    return [bytes.subarray(at + width, at + width + count), at + width + count];
  },
  d: (bytes, at, width) => {
    const many = Array.from({ length: bytes[at] }, (_, i) => upToNul(bytes.subarray(at + 1 + i * width, at + 1 + (i + 1) * width)));
    return [many, at + 1 + many.length * width];
  },
  t: (bytes, at) => {
    const options = {};
    while (at + 4 <= bytes.length) {
      const count = bytes.readUInt16BE(at + 2);
      options[bytes.readUInt16BE(at)] = bytes.subarray(at + 4, at + 4 + count);
      at += 4 + count;
    }
    return [options, at];
  },
};

/** One PDU as octets. */
export function writePdu(protocol, pdu) {
  const { header, bodies } = protocols[protocol];
  const bytes = Buffer.concat([writeFields(header, pdu), writeFields(bodies[pdu.command][1], pdu)]);
  return Buffer.concat([number(bytes.length + 4, 4), bytes]);
}

/** One whole PDU; its `is` is the name of its body. Throws on octets left over or missing. */
export function readPdu(protocol, bytes) {
  const { header, bodies } = protocols[protocol];
  const pdu = {};
  let at = 4;
  for (const [name, kind, width] of header) [pdu[name], at] = readers[kind](bytes, at, width);
  const [is, fields] = bodies[pdu.command] ?? ['unknown', []];
  pdu.is = is;
  if (at === bytes.length && pdu.command >= 0x80000000) return pdu; // an answer of a header alone
  for (const [name, kind, width] of fields) [pdu[name], at] = readers[kind](bytes, at, width);
  if (is !== 'unknown' && at !== bytes.length) throw new Error(`${is}: ${bytes.length} octets, ${at} read`);
  return pdu;
}
