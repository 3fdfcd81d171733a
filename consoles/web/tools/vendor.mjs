// SPDX-License-Identifier: GPL-3.0-or-later
// Copies the page's libraries out of node_modules into vendor/, with bare import names made
// relative (a strict CSP allows no inline import map), and writes vendor/HASHES.
//   node tools/vendor.mjs           after `npm ci`: renew the copies
//   node tools/vendor.mjs --check   compare the copies with HASHES (a test; needs no node_modules)
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const files = [
    ['preact', 'dist/preact.mjs', 'preact.js'],
    ['preact', 'hooks/dist/hooks.mjs', 'hooks.js'],
    ['htm', 'dist/htm.mjs', 'htm.js'],
    ['@preact/signals-core', 'dist/signals-core.mjs', 'signals-core.js'],
    ['@preact/signals', 'dist/signals.mjs', 'signals.js'],
    ['leaflet', 'dist/leaflet.js', 'leaflet.js'],
    ['leaflet', 'dist/leaflet.css', 'leaflet.css'],
    ['uplot', 'dist/uPlot.esm.js', 'uplot.js'],
    ['uplot', 'dist/uPlot.min.css', 'uplot.css'],
];
const relative = {
    'preact': './preact.js',
    'preact/hooks': './hooks.js',
    '@preact/signals-core': './signals-core.js',
};

function sha256(bytes) {
    return createHash('sha256').update(bytes).digest('hex');
}

function renew() {
    const lines = [];
    for (const [name, from, to] of files) {
        const folder = join(web, 'node_modules', name);
        const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const text = readFileSync(join(folder, from), 'utf8')
            .replace(/from"([^"]+)"/g, (whole, bare) => `from"${relative[bare] ?? bare}"`)
            .replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n');
        writeFileSync(join(web, 'vendor', to), text);
        lines.push(`${sha256(text)}  ${to}  ${name}@${version}  ${license}`);
    }
    writeFileSync(join(web, 'vendor', 'HASHES'), lines.join('\n') + '\n');
}

function check() {
    let bad = 0;
    for (const line of readFileSync(join(web, 'vendor', 'HASHES'), 'utf8').trim().split('\n')) {
        const [hash, file] = line.split('  ');
        if (sha256(readFileSync(join(web, 'vendor', file))) !== hash) {
            console.error(`vendor/${file} differs from vendor/HASHES`);
            bad++;
        }
    }
    process.exit(bad ? 1 : 0);
}

if (process.argv.includes('--check')) check();
else renew();
