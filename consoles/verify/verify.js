// SPDX-License-Identifier: GPL-3.0-or-later
// A second verifier of exported trails, written from docs/trail-format.md alone: it shares no code with
// the C program, so that a mistake of one shows in the other. Needs a browser (or Node) with WebCrypto's
// Ed25519; BLAKE2b is its own, SM3 and SM2 are of sm.js, which stands in front of it. Classic scripts, so that
// verify.html works from a disk without a server.
'use strict';
globalThis.yihao_verify = (() => {
    // ---- BLAKE2b-256 (RFC 7693), 64-bit words as pairs of 32 ------------------------------------------
    const iv = Uint32Array.of(0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
        0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19);
    const sigma = ['0123456789abcdef', 'ea489fd61c02b753', 'b8c052fdae367194', '7931dcbe265a40f8', '905724afe1bc683d',
        '2c6a0b834d75fe19', 'c51fed4a0763928b', 'db7ec13950f4862a', '6fe9b308c2d714a5', 'a2847615fb9e3cd0',
        '0123456789abcdef', 'ea489fd61c02b753'].map((row) => [...row].map((digit) => parseInt(digit, 16)));
    const v = new Uint32Array(32);
    const m = new Uint32Array(32);

    function add(a, b) { // v[a] += v[b]
        const low = v[a] + v[b];
        v[a + 1] = v[a + 1] + v[b + 1] + (low > 0xffffffff ? 1 : 0);
        v[a] = low;
    }
    function add_word(a, low_word, high_word) {
        const low = v[a] + low_word;
        v[a + 1] = v[a + 1] + high_word + (low > 0xffffffff ? 1 : 0);
        v[a] = low;
    }
    function turn(a, b, bits) { // v[a] = (v[a] ^ v[b]) >>> bits, around
        const low = v[a] ^ v[b];
        const high = v[a + 1] ^ v[b + 1];
        if (bits === 32) {
            v[a] = high;
            v[a + 1] = low;
        } else if (bits === 63) {
            v[a] = (low << 1) | (high >>> 31);
            v[a + 1] = (high << 1) | (low >>> 31);
        } else {
            v[a] = (low >>> bits) | (high << (32 - bits));
            v[a + 1] = (high >>> bits) | (low << (32 - bits));
        }
    }
    function mix(a, b, c, d, x, y) {
        add(a, b);
        add_word(a, m[2 * x], m[2 * x + 1]);
        turn(d, a, 32);
        add(c, d);
        turn(b, c, 24);
        add(a, b);
        add_word(a, m[2 * y], m[2 * y + 1]);
        turn(d, a, 16);
        add(c, d);
        turn(b, c, 63);
    }
    function compress(h, block, done, last) {
        for (let i = 0; i < 32; i++)
            m[i] = block[4 * i] | (block[4 * i + 1] << 8) | (block[4 * i + 2] << 16) | (block[4 * i + 3] << 24);
        v.set(h);
        v.set(iv, 16);
        v[24] ^= done; // counts below 2^32 are enough for a record
        if (last) {
            v[28] = ~v[28];
            v[29] = ~v[29];
        }
        for (const s of sigma) {
            mix(0, 8, 16, 24, s[0], s[1]);
            mix(2, 10, 18, 26, s[2], s[3]);
            mix(4, 12, 20, 28, s[4], s[5]);
            mix(6, 14, 22, 30, s[6], s[7]);
            mix(0, 10, 20, 30, s[8], s[9]);
            mix(2, 12, 22, 24, s[10], s[11]);
            mix(4, 14, 16, 26, s[12], s[13]);
            mix(6, 8, 18, 28, s[14], s[15]);
        }
        for (let i = 0; i < 16; i++) h[i] ^= v[i] ^ v[i + 16];
    }
    /** @param {Uint8Array} bytes */
    function blake2b(bytes) {
        const h = Uint32Array.from(iv);
        h[0] ^= 0x01010000 ^ 32;
        const blocks = Math.max(1, Math.ceil(bytes.length / 128));
        for (let i = 0; i < blocks; i++) {
            const block = new Uint8Array(128);
            block.set(bytes.subarray(128 * i, 128 * i + 128));
            const last = i === blocks - 1;
            compress(h, block, last ? bytes.length : 128 * (i + 1), last);
        }
        const digest = new Uint8Array(32);
        for (let i = 0; i < 32; i++) digest[i] = h[i >> 2] >>> (8 * (i & 3));
        return digest;
    }

    // ---- bytes ----------------------------------------------------------------------------------------
    function join(...parts) {
        const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of parts) {
            whole.set(part, at);
            at += part.length;
        }
        return whole;
    }
    const ascii = (words) => Uint8Array.from(words, (c) => c.charCodeAt(0));
    function be64(number) {
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
        return bytes;
    }
    const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
    const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

    // ---- the suites: what a trail's hash and signature are, by the algorithm it names -------------------
    const suites = new Map([[1n, { digest: blake2b, signed: ed25519 }],
        [2n, { digest: globalThis.yihao_sm.sm3, signed: globalThis.yihao_sm.sm2_holds }]]);
    const hash = (suite, ...parts) => suite.digest(join(...parts));
    const leaf = (suite, link) => hash(suite, Uint8Array.of(0), link);
    const node = (suite, left, right) => hash(suite, Uint8Array.of(1), left, right);
    async function ed25519(key, signature, statement) {
        try {
            const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
            return await crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, statement);
        } catch {
            return false;
        }
    }

    // ---- the file, strictly ---------------------------------------------------------------------------
    class Wrong extends Error {
        constructor(record, line, reason) {
            super(reason);
            this.record = record;
            this.line = line;
        }
    }
    class Lines {
        constructor(bytes) {
            this.bytes = bytes;
            this.at = 0;
            this.number = 0;
        }
        /** The words behind `word` of the next line, or null (then nothing was taken). */
        take(word) {
            const end = this.bytes.indexOf(10, this.at);
            const line = end < 0 ? null : String.fromCharCode(...this.bytes.subarray(this.at, Math.min(end, this.at + 16384)));
            if (line === null || line.length > 16383 || line.includes('\0') || !line.startsWith(word)) return null;
            this.at = end + 1;
            this.number++;
            return line.slice(word.length);
        }
        /** The line's fields after `word`; kinds: n number, 32 or 64 bytes, '*' the rest as bytes. */
        fields(word, kinds) {
            const rest = this.take(word);
            if (rest === null) return null;
            const words = rest.split(' ');
            if (words.shift() !== '' || words.length !== kinds.length) return null;
            const values = words.map((value, i) => (kinds[i] === 'n' ? number_of(value) : bytes_of(value, kinds[i])));
            return values.includes(null) ? null : values;
        }
        get over() {
            return this.at === this.bytes.length;
        }
    }
    function number_of(word) {
        if (!/^(0|[1-9][0-9]*)$/.test(word)) return null;
        const number = BigInt(word);
        return number < 1n << 64n ? number : null;
    }
    function bytes_of(word, size) {
        if (!/^([0-9a-f]{2})+$/.test(word) || (size !== '*' && word.length !== 2 * size)) return null;
        return Uint8Array.from(word.match(/../g), (pair) => parseInt(pair, 16));
    }

    // ---- a record's head ------------------------------------------------------------------------------
    function head_of(record) {
        let at = 0;
        let end = record.length;
        const varint = () => {
            let number = 0n;
            for (let shift = 0n; at < end && shift < 64n; shift += 7n) {
                const byte = record[at++];
                if (shift === 63n && byte > 1) return null;
                number |= BigInt(byte & 0x7f) << shift;
                if (byte < 0x80) return byte !== 0 || shift === 0n ? number : null;
            }
            return null;
        };
        const tag = (value) => at < end && record[at] === value && ++at > 0;
        const length = tag(0x0a) ? varint() : null;
        if (length === null || length > BigInt(end - at)) return null;
        end = at + Number(length);
        const seq = tag(0x08) ? varint() : null;
        if (seq === null || seq === 0n) return null;
        const at_ms = tag(0x10) ? varint() : 0n;
        return at_ms === null ? null : { seq, at_ms };
    }

    // ---- what a person signed -------------------------------------------------------------------------
    /** The fields of a protobuf message, the last of each number: numbers, or bytes. Null: it is none. */
    function fields_of(bytes) {
        const fields = new Map();
        let at = 0;
        const varint = () => {
            let number = 0n;
            for (let shift = 0n; at < bytes.length && shift < 64n; shift += 7n) {
                const byte = bytes[at++];
                number |= BigInt(byte & 0x7f) << shift;
                if (byte < 0x80) return number;
            }
            return null;
        };
        while (at < bytes.length) {
            const tag = varint();
            const value = tag === null ? null : varint();
            if (value === null || (tag & 7n) === 1n || (tag & 7n) > 2n) return null;
            if ((tag & 7n) === 2n) {
                if (value > BigInt(bytes.length - at)) return null;
                fields.set(Number(tag >> 3n), bytes.subarray(at, at += Number(value)));
            } else fields.set(Number(tag >> 3n), value);
        }
        return fields;
    }
    /** Null: nobody signed it; else whether it holds, of an authenticator: on which pages it was touched. */
    async function acknowledged(record, city) {
        const event = fields_of(fields_of(record)?.get(1) ?? new Uint8Array());
        const moved = event?.get(81) && fields_of(event.get(81));
        const said = moved?.get(515) && fields_of(moved.get(515));
        if (!said) return null;
        const number = (from, at) => be64(from.get(at) ?? 0n);
        const digest = (at, size) => said.get(at) ?? new Uint8Array(size);
        const key = digest(3, 32);
        const statement = join(ascii('yihao acknowledgement 1'), number(said, 1), number(said, 2), number(event, 4), number(said, 4),
            number(event, 7), number(said, 5), number(moved, 1), number(moved, 4), number(moved, 7), number(moved, 5),
            number(said, 6), digest(7, 32), city, key);
        if ((said.get(4) ?? 0n) !== (event.get(6) ?? 0n)) return false;
        const algorithm = said.get(1) ?? 0n;
        const ordinate = digest(230, 32);
        if (algorithm === 1n) return !said.has(231) && ordinate.every((byte) => byte === 0) && ed25519(key, digest(8, 64), statement);
        return yihao_touch.holds(algorithm, key, ordinate, digest(8, 64), join(statement, ordinate), fields_of(said.get(231) ?? new Uint8Array()), ed25519);
    }

    // ---- RFC 9162 §2.1.3.2 ----------------------------------------------------------------------------
    function proves(suite, index, size, link, path, root) {
        if (index >= size) return false;
        let last = size - 1n;
        let value = leaf(suite, link);
        for (const other of path) {
            if (last === 0n) return false;
            if (index & 1n || index === last) {
                value = node(suite, other, value);
                while (!(index & 1n) && index !== 0n) {
                    index >>= 1n;
                    last >>= 1n;
                }
            } else value = node(suite, value, other);
            index >>= 1n;
            last >>= 1n;
        }
        return last === 0n && same(value, root);
    }

    // ---- the line of keys -----------------------------------------------------------------------------
    /** One line of keys is of one suite: the first statement names it. */
    function suite_take(line, algorithm, wrong) {
        if (!suites.has(algorithm)) throw wrong(0n, 'made with algorithms that this program does not know');
        if (line.suite && line.suite !== suites.get(algorithm)) throw wrong(0n, 'made with two sets of algorithms');
        line.suite = suites.get(algorithm);
    }
    /** Follows the succession lines that stand here; what they cover is pushed to `covers`. */
    async function follow(lines, wrong, line, covers) {
        for (;;) {
            const before = lines.at;
            const fields = lines.fields('succession', ['n', 'n', 'n', 'n', 'n', 32, 32, 32, 64]);
            if (!fields && lines.at !== before) throw wrong(0n, "a succession's line is not as it is written");
            if (!fields) return;
            const [algorithm, number, by_spare, at_ms, size, root, key, spare, signature] = fields;
            const statement = join(ascii('yihao succession 1'), be64(algorithm), be64(number), be64(by_spare), be64(at_ms), be64(size), root, key, spare);
            const signer = by_spare === 1n ? line.spare : line.key;
            suite_take(line, algorithm, wrong);
            if (by_spare > 1n || !signer || number !== line.number + 1n || number > 40000n ||
                size < line.size || at_ms < line.at_ms || !(await line.suite.signed(signer, signature, statement)))
                throw wrong(0n, 'a succession of the key does not follow');
            Object.assign(line, { number, key, spare, size, at_ms });
            covers.push({ size, root });
        }
    }

    // ---- the trail ------------------------------------------------------------------------------------
    async function front(lines, wrong, trusted) {
        const format = lines.take('yihao trail ');
        const first_key = format === '1' || format === '2' ? lines.fields('key', [32])?.[0] : null;
        if (!first_key) throw wrong(0n, 'the file does not begin as a trail does');
        if (trusted && hex(first_key) !== trusted) throw wrong(0n, 'signed by another key than the trusted one');
        const line = { suite: null, number: 0n, key: first_key, spare: null, size: 0n, at_ms: 0n };
        const covers = [];
        if (format === '2') await follow(lines, wrong, line, covers);
        const checkpoint = lines.fields('checkpoint', ['n', 'n', 'n', 'n', 32, 32, 64]);
        if (!checkpoint) throw wrong(0n, 'the checkpoint is not as it is written');
        const [algorithm, epoch, size, at_ms, link, root, signature] = checkpoint;
        const key = line.key;
        const statement = join(ascii('yihao checkpoint 1'), be64(algorithm), be64(epoch), be64(size), be64(at_ms), link, root);
        suite_take(line, algorithm, wrong);
        const { suite } = line;
        if (size < line.size || at_ms < line.at_ms || !(await suite.signed(key, signature, statement)))
            throw wrong(0n, "the checkpoint's signature is wrong, or not of its key's time");
        Object.assign(line, { size, at_ms });
        const witnesses = [];
        for (;;) {
            const before = lines.at;
            const witness = lines.fields('witness', [32, 'n', 64]);
            if (!witness && lines.at !== before) throw wrong(0n, "a witness's line is not as it is written");
            if (!witness) break;
            if (witnesses.length === 4 || witnesses.includes(hex(witness[0])) ||
                !(await suite.signed(witness[0], witness[2], join(ascii('yihao witness 1'), be64(witness[1]), key, statement))))
                throw wrong(0n, "a witness's signature is wrong");
            witnesses.push(hex(witness[0]));
        }
        if (format === '2') {
            await follow(lines, wrong, line, []);
            if (line.number === 0n) throw wrong(0n, 'the file does not begin as a trail does');
        }
        return { suite, algorithm, first_key, last_key: line.key, successions: line.number, covers, epoch, size, at_ms, root, witnesses };
    }

    async function runs_of(lines, wrong, trail) {
        const manifest = lines.fields('manifest', ['n', 'n', 'n', 'n', 64]);
        if (!manifest || manifest[3] === 0n || manifest[3] > 10000000n) throw wrong(0n, 'the manifest is not as it is written');
        const [incident, first, last, count, signature] = manifest;
        const over = (seq) => trail.covers.find((cover) => cover.size >= seq) ?? null; // a run does not reach over a key's end
        const runs = [];
        const seqs = [];
        for (let left = count, behind = 0n; left > 0n;) {
            const run = lines.fields('run', ['n', 'n']);
            if (!run || run[0] <= behind || run[1] < run[0] || run[1] - run[0] >= left || run[1] > trail.size ||
                (behind > 0n && run[0] === behind + 1n && over(run[0]) === over(behind)) || over(run[0]) !== over(run[1]))
                throw wrong(0n, 'the list of records is not in order');
            for (let seq = run[0]; seq <= run[1]; seq++) seqs.push(be64(seq));
            left -= run[1] - run[0] + 1n;
            behind = run[1];
            runs.push({ first: run[0], last: run[1], cover: over(run[1]) });
        }
        const statement = join(ascii('yihao manifest 1'), be64(incident), be64(first), be64(last), be64(trail.size), be64(count), hash(trail.suite, ...seqs));
        if (!(await trail.suite.signed(trail.last_key, signature, statement))) throw wrong(0n, 'the signature under the list of records is wrong');
        return { incident, runs };
    }

    function path_of(lines, wrong, run, word) {
        const rest = lines.take(word);
        const path = rest === ' -' ? new Uint8Array() : rest?.startsWith(' ') ? bytes_of(rest.slice(1), '*') : null;
        if (!path || path.length % 32 !== 0 || path.length > 40 * 32) throw wrong(run.last, 'its path is not as it is written');
        return Array.from({ length: path.length / 32 }, (_, i) => path.subarray(32 * i, 32 * i + 32));
    }

    function ends_of(lines, wrong, runs) {
        for (const run of runs) {
            run.before = lines.fields('before', [32])?.[0];
            if (!run.before) throw wrong(run.first, 'the link before it is missing');
            run.path = path_of(lines, wrong, run, 'path');
            if (run.cover) run.under = path_of(lines, wrong, run, 'under');
        }
    }

    async function read_run(lines, wrong, trail, run) {
        let link = run.before;
        let at_ms = 0n;
        for (let seq = run.first; seq <= run.last; seq++) {
            const record = lines.fields('record', ['n', 32, '*']);
            if (!record || record[0] !== seq) throw wrong(seq, 'the record is missing or out of place');
            const head = head_of(record[2]);
            if (!head || head.seq !== seq || head.at_ms < at_ms) throw wrong(seq, 'the record is of another place or time');
            at_ms = head.at_ms;
            link = hash(trail.suite, link, be64(seq), be64(at_ms), record[2]);
            if (!same(link, record[1])) throw wrong(seq, 'the record does not hash to its link');
            const holds = await acknowledged(record[2], trail.first_key);
            if (holds === false) throw wrong(seq, "its acknowledgement is not what a person's key signed");
            trail.acknowledgements += Number(Boolean(holds));
            if (typeof holds === 'string') trail.origins.add(holds);
            if (trail.origins.size > 4) throw wrong(seq, "its acknowledgement is not what a person's key signed");
        }
        if (!proves(trail.suite, run.last - 1n, trail.size, link, run.path, trail.root)) throw wrong(run.last, 'the record is not in the signed journal');
        if (run.cover && !proves(trail.suite, run.last - 1n, run.cover.size, link, run.under, run.cover.root))
            throw wrong(run.last, 'the record is not the one that a former key signed');
    }

    /**
     * @param {Uint8Array} bytes of the file
     * @param {string} [trusted] the city's key in hex digits
     */
    async function verify(bytes, trusted) {
        const lines = new Lines(bytes);
        const wrong = (record, reason) => new Wrong(record, lines.number, reason);
        try {
            const trail = { ...await front(lines, wrong, trusted), acknowledgements: 0, origins: new Set() };
            const { incident, runs } = await runs_of(lines, wrong, trail);
            ends_of(lines, wrong, runs);
            for (const run of runs) await read_run(lines, wrong, trail, run);
            if (lines.take('end') !== '' || !lines.over) throw wrong(runs[runs.length - 1].last, 'something stands where the end should');
            const records = runs.reduce((sum, run) => sum + run.last - run.first + 1n, 0n);
            return { ok: true, records, incident, first: runs[0].first, last: runs[runs.length - 1].last, size: trail.size,
                at_ms: trail.at_ms, algorithm: trail.algorithm, key: hex(trail.first_key), successions: trail.successions, acknowledgements: trail.acknowledgements, origins: [...trail.origins], witnesses: trail.witnesses };
        } catch (error) {
            if (!(error instanceof Wrong)) throw error;
            return { ok: false, record: error.record, reason: error.message };
        }
    }
    return { verify, blake2b, hex };
})();
